"""The ledger from the command line, as a person uses it."""

from __future__ import annotations

import csv
import json
import sqlite3

import pytest

from tests.integration.conftest import environment, triage  # noqa: F401  (fixtures)
from tests.ledger.conftest import SECRET

HEADER = ["工单编号", "来电时间", "标题", "诉求内容", "来电人", "联系电话", "处置单位", "派单时间"]


@pytest.fixture
def backlog(tmp_path):
    path = tmp_path / "backlog.csv"
    rows = [
        ["g1", "2026-03-02 09:05", "路灯不亮", "蓝村路口路灯不亮三天了", "周小蕾", "13900001111", "", ""],
        ["g2", "2026/3/2 9:40", "油烟扰民", "楼下饭店油烟直排", "", "", "塘桥街道综合行政执法队", "2026/3/2 10:00"],
        ["g3", "2026年13月2日", "占道", "马路边摆摊占道", "", "", "", ""],
    ]
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


@pytest.fixture
def ledger(triage, tmp_path):  # noqa: F811
    """Runs a command on one ledger."""
    address = f"sqlite:///{tmp_path}/ledger.db"

    def run(*words):
        return triage(*words, "--database", address, TRIAGE_SECRET=SECRET)

    return run


def test_a_backlog_is_imported_once_and_what_cannot_be_used_comes_back(ledger, backlog):
    first = json.loads(ledger("import", backlog, "--policy", "tangqiao").out)
    again = json.loads(ledger("import", backlog, "--policy", "tangqiao").out)
    assert {name: first[name] for name in ("read", "accepted", "rejected", "new")} == {
        "read": 3,
        "accepted": 2,
        "rejected": 1,
        "new": 2,
    }
    assert (again["accepted"], again["new"], again["changed"]) == (2, 0, 0)
    rejected = (backlog.parent / "backlog.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert "g3" in rejected
    assert json.loads(ledger("audit", "verify").out)["whole"]


def test_a_broken_chain_is_named_and_ends_with_1(ledger, backlog, tmp_path):
    ledger("import", backlog, "--policy", "tangqiao")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("UPDATE entries SET recorder = 'x' WHERE seq = 2")
    connection.close()
    answer = ledger("audit", "verify")
    assert answer.code == 1
    assert "entry 2" in json.loads(answer.out)["broken"]


def test_a_demo_month_is_kept_backed_up_and_restored(ledger, triage, tmp_path):  # noqa: F811
    done = json.loads(ledger("demo", "--size", "0.08", "--start", "2026-03-02").out)
    assert done["orders"] > 150
    assert done["people"] > 20
    file = tmp_path / "month.jsonl.gz"
    kept = json.loads(ledger("backup", file).out)
    other = ("--database", f"sqlite:///{tmp_path}/other.db")
    back = json.loads(triage("restore", file, *other, TRIAGE_SECRET=SECRET).out)
    assert back["rows"] == kept["rows"]
    assert back["broken"] is None


def test_without_a_secret_no_order_is_kept(triage, backlog, tmp_path):  # noqa: F811
    answer = triage("import", backlog, "--policy", "tangqiao", "--database", f"sqlite:///{tmp_path}/x.db")
    assert answer.code == 2
    assert "TRIAGE_SECRET" in answer.err
    assert not (tmp_path / "x.db").exists()
