"""Where an order stands, by `triage policy judge`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from triage.bootstrap import packs_and_hours
from triage.cli import app
from triage.desk.standing import Standing, standings
from triage.domain.errors import BadInput

ORDER: dict[str, Any] = {
    "id": "a-1",
    "order": {
        "received_at": "2026-09-30T09:00",
        "units": ["urban-squad"],
        "text": "门口有摊贩",
        "caller": {"name": "李某"},
    },
    "events": [
        {"at": "2026-09-30T09:20", "kind": "contact_attempt", "by": "centre", "reached": True},
        {"at": "2026-09-30T09:30", "kind": "dispatched", "unit": "urban-squad"},
        {"at": "2026-09-30T10:00", "kind": "accepted", "unit": "urban-squad"},
        {"at": "2026-09-30T11:00", "kind": "return_requested", "unit": "urban-squad", "reason": "不属本单位"},
    ],
    "as_of": "2026-10-09T10:00",
}


def write(path: Path, *orders: object) -> Path:
    path.write_text("\n".join(json.dumps(order, ensure_ascii=False) for order in orders), encoding="utf-8")
    return path


def standing(path: Path, policy: str = "nanmatou", as_of: str | None = None) -> list[Standing]:
    return list(standings(path, policy, as_of, *packs_and_hours()))


def test_an_order_says_who_decides_next_and_why_it_may_not_be_closed(tmp_path: Path) -> None:
    (one,) = standing(write(tmp_path / "order.json", ORDER))
    assert [(waited.what, waited.by) for waited in one.awaits] == [("return", ("centre", "centre_leader"))]
    assert not one.may_close
    assert "nanmatou:rules/8.7" in {reason.clause for reason in one.why_not}
    assert {reason.clause for reason in one.not_allowed["return_requested"]} == {"nanmatou:rules/8.3"}
    assert "return_approved" not in one.not_allowed
    assert list(one.refused) == [3]
    assert [(turn.what, turn.alert.clause) for turn in one.course][-1] == ("raised", "nanmatou:rules/8.9.3.5")


def test_another_time_may_be_asked(tmp_path: Path) -> None:
    (one,) = standing(write(tmp_path / "order.json", ORDER), as_of="2026-09-30T10:30")
    assert one.awaits == ()
    assert "return_requested" in one.not_allowed  # no first contact yet


def test_every_row_that_cannot_be_used_is_told_before_anything_is_judged(tmp_path: Path) -> None:
    path = write(tmp_path / "orders.jsonl", ORDER, {"orders": {}}, {**ORDER, "facts": {"isue_today": 1}}, [1])
    with pytest.raises(BadInput) as told:
        standing(path)
    assert [str(fault).split(":")[0] for fault in told.value.problems] == ["row 2", "row 3.facts.isue_today", "row 4"]


def test_the_command_prints_an_order_a_line_and_nothing_personal(tmp_path: Path) -> None:
    path = write(tmp_path / "orders.jsonl", ORDER, {**ORDER, "id": "a-2"})
    done = CliRunner().invoke(app, ["policy", "judge", str(path), "--policy", "nanmatou"])
    assert done.exit_code == 0
    assert [json.loads(line)["order_id"] for line in done.stdout.splitlines()] == ["a-1", "a-2"]
    assert "李某" not in done.stdout and "摊贩" not in done.stdout


def test_a_file_without_an_order_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text("\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["policy", "judge", str(path), "--policy", "nanmatou"])
    assert done.exit_code == 2
