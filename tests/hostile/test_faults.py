"""What a kill leaves of an import, and a model that is not what its manifest says, as whoever runs it meets them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.hostile.amount import SOAK
from tests.hostile.served import command, environment
from triage.bootstrap import default_model
from triage.records.database import Database
from triage.records.tables import ENTRIES, ORDERS

HEAD = "工单编号,来电时间,诉求内容,联系电话,承办单位,派单时间,办结时间,满意度,备注"
ROWS, KILLS = 320, 8 if SOAK else 1


def _triage(*words: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        command(*words), env=environment(**settings), capture_output=True, text=True, timeout=300, check=False
    )


def _lines() -> Iterator[str]:
    """A backlog with every seventh row wrong."""
    yield HEAD
    for number in range(ROWS):
        day, phone = f"2026-03-{2 + number % 20:02d}", f"1390000{number % 300:04d}"
        unit = "没有这个单位" if number % 7 == 0 else "南码头市场监督管理所"
        yield f"B{number},{day} 09:05,第{number}件：餐馆油烟很大,{phone},{unit},{day} 10:00,{day} 16:00,满意,"


@pytest.fixture(scope="module")
def backlog(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("backlog") / "backlog.csv"
    path.write_text("\n".join(_lines()))
    return path


def _kept(database: Path) -> tuple[int, set[tuple[str, str]], list[tuple[str | None, str]]]:
    """How far the ledger goes, its orders with where they stand, and what was put down of each."""
    opened = Database(f"sqlite:///{database}")
    with opened.reading() as connection:
        orders = {(row.id, row.status) for row in connection.execute(select(ORDERS.c.id, ORDERS.c.status))}
        entries = [(row.order_id, row.kind) for row in connection.execute(select(ENTRIES.c.order_id, ENTRIES.c.kind))]
    opened.close()
    return len(entries), orders, sorted(entries, key=str)


def _imported(backlog: Path, database: Path) -> dict[str, int]:
    done = _triage("import", backlog, "--policy", "nanmatou", "--database", f"sqlite:///{database}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return {name: told[name] for name in ("read", "accepted", "rejected", "new", "changed")}


def _killed(backlog: Path, database: Path) -> None:
    """An import that ends for good once a part of the rows is in and the next one is on its way."""
    words = command("import", backlog, "--policy", "nanmatou", "--database", f"sqlite:///{database}")
    with subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr is not None and b"accepted" in process.stderr.readline()
        process.send_signal(signal.SIGKILL)


def test_an_import_that_is_killed_and_run_again_ends_like_one_that_was_not(backlog, tmp_path):
    clean, broken = tmp_path / "clean.db", tmp_path / "broken.db"
    told = _imported(backlog, clean)
    rejected = len(range(0, ROWS, 7))
    kept = ROWS - rejected
    assert told == {"read": ROWS, "accepted": kept, "rejected": rejected, "new": kept, "changed": 0}
    for _ in range(KILLS):
        _killed(backlog, broken)
    done, _, _ = _kept(broken)
    assert 0 < done < _kept(clean)[0], "it was killed in the middle, or this says nothing"
    again = _imported(backlog, broken)
    assert {**again, "new": told["new"], "changed": 0} == told
    assert _kept(broken) == _kept(clean)
    assert _imported(backlog, broken) == {**told, "new": 0}
    verified = _triage("audit", "verify", "--database", f"sqlite:///{broken}")
    assert json.loads(verified.stdout)["whole"] is True


@pytest.mark.parametrize("name", ["category.joblib", "features.joblib", "urgency.joblib"])
def test_a_service_with_a_poisoned_model_does_not_start_and_names_the_file(tmp_path, name):
    folder = tmp_path / "model"
    shutil.copytree(default_model(), folder)
    poisoned = bytearray((folder / name).read_bytes())
    poisoned[len(poisoned) // 2] ^= 1
    (folder / name).write_bytes(poisoned)
    database = f"sqlite:///{tmp_path}/ledger.db"
    done = _triage("serve", "--port", 0, "--database", database, TRIAGE_MODEL=str(folder))
    assert (done.returncode, done.stdout) == (2, ""), "it never says that it is ready"
    assert name in done.stderr and "Traceback" not in done.stderr
