"""A town that does not ship works from its folder alone: packs, versions, scenarios, commands, and no Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from triage.bootstrap import Service, build
from triage.cli import app
from triage.desk.requests import DecisionRequest
from triage.domain.decisions import Decision
from triage.policy.calendar.workdays import parse_time
from triage.policy.pack.load import PackShelf
from triage.policy.scenarios.run import read_scenarios, scenario_files
from triage.settings import Settings

TOWNS = Path(__file__).parent / "towns"
FIRST, SECOND = TOWNS / "liuhe.yaml", TOWNS / "liuhe@2027.yaml"

Triage = Callable[..., Result]


@pytest.fixture(scope="module")
def town() -> Service:
    return build(Settings(model=None, packs=TOWNS, calendar=None, parameters={}))


@pytest.fixture
def triage(monkeypatch: pytest.MonkeyPatch) -> Triage:
    """The command line in a shell where TRIAGE_PACKS names the town's folder."""
    monkeypatch.setenv("TRIAGE_PACKS", str(TOWNS))

    def run(*words: object, **settings: str) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], env=settings)

    return run


def test_a_town_is_a_folder_of_yaml() -> None:
    assert {path.suffix for path in TOWNS.rglob("*") if path.is_file()} == {".yaml"}


def test_a_shelf_that_is_handed_the_folder_has_a_sixth_pack(town: Service) -> None:
    shelf = PackShelf(town.taxonomy.ids, (TOWNS,))
    assert shelf.ids() == ["liuhe", "moushi", "nanmatou", "tangqiao", "yanji", "youyilu"]
    assert [(pack.version, pack.valid_from) for pack in shelf.versions("liuhe")] == [
        ("2026", date(2026, 1, 1)),
        ("2027", date(2027, 1, 1)),
    ]


@pytest.mark.parametrize(
    ("received_at", "version"),
    [
        ("2025-06-02T09:00", "2026"),  # before there was any: the first
        ("2026-12-31T23:59", "2026"),
        ("2026-12-31T15:59Z", "2026"),  # still the old year in Shanghai
        ("2026-12-31T16:00Z", "2027"),
        ("2027-01-01T00:00", "2027"),
        ("2030-01-01T00:00", "2027"),
    ],
)
def test_the_version_in_force_is_that_of_the_day_in_shanghai(town: Service, received_at: str, version: str) -> None:
    assert town.shelf.get_or_raise("liuhe", parse_time(received_at)).version == version


def test_without_a_time_the_newest_version_is_meant(town: Service) -> None:
    assert town.shelf.get_or_raise("liuhe").version == "2027"


# Deciding.
def decided(town: Service, received_at: str, as_of: str, **facts: object) -> Decision:
    request = {
        "policy": "liuhe",
        "as_of": as_of,
        "order": {"received_at": received_at, "text": "采莲街的路灯坏了好几盏，晚上漆黑一片"},
        "facts": facts,
    }
    return town.decide(DecisionRequest.model_validate(request))


def test_an_order_of_2026_is_judged_by_the_first_version_and_says_so(town: Service) -> None:
    decision = decided(town, "2026-03-02T09:00", "2026-03-02T10:00", issue_today=3)
    assert (decision.policy.id, decision.policy.version) == ("liuhe", "2026")
    assert "yellow" in [alert.kind for alert in decision.alerts]
    assert {owed.id: owed.due_at for owed in decision.if_dispatched}["finish"] is None


def test_one_of_2027_by_the_second(town: Service) -> None:
    decision = decided(town, "2027-03-01T09:00", "2027-03-01T10:00", issue_today=3)
    assert (decision.policy.id, decision.policy.version) == ("liuhe", "2027")
    assert "yellow" not in [alert.kind for alert in decision.alerts]
    assert {owed.id: owed.due_at for owed in decision.if_dispatched}["finish"] is not None


def test_an_order_keeps_the_version_under_which_it_came_in(town: Service) -> None:
    assert decided(town, "2026-12-31T16:00", "2027-01-04T10:00").policy.version == "2026"


def test_its_own_units_and_places_are_found(town: Service) -> None:
    decision = decided(town, "2026-03-02T09:00", "2026-03-02T10:00")
    assert [unit.name for unit in decision.units if unit.role == "lead"] == ["城建办"]
    assert (decision.territory.value, decision.territory.place) == ("inside", "采莲街")


# Commands.
def test_both_versions_pass_the_check(triage: Triage) -> None:
    answer = triage("policy", "check", "liuhe", FIRST, SECOND)
    assert answer.exit_code == 0
    assert [line.rsplit(" ", 1)[1] for line in answer.stdout.splitlines()] == ["2027", "2026", "2027"]


def test_without_names_the_check_takes_the_sixth_town_in(triage: Triage) -> None:
    answer = triage("policy", "check")
    assert answer.exit_code == 0
    assert "liuhe: ok" in answer.stdout and "nanmatou: ok" in answer.stdout


def test_its_scenarios_hold(triage: Triage) -> None:
    stated = [scenario for file in scenario_files([TOWNS / "scenarios"]) for scenario in read_scenarios(file)]
    answer = triage("policy", "test", TOWNS / "scenarios")
    assert (answer.exit_code, answer.stdout) == (0, f"{len(stated)} passed, 0 failed\n")
    assert {scenario.policy for scenario in stated} == {"liuhe"}


def test_a_number_given_from_outside_makes_its_days_computable(triage: Triage) -> None:
    """The scenario that expects the number to be missing then differs, and no other."""
    given = {"liuhe": {"finish_days": 5}}
    answer = triage("policy", "test", TOWNS / "scenarios", TRIAGE_PARAMETERS=json.dumps(given))
    assert answer.exit_code == 1
    assert "FAILED" in answer.stdout and "in 2026 the days to finish are not written" in answer.stdout


@pytest.mark.parametrize("version", [FIRST, SECOND])
def test_each_version_is_explained_with_its_own_numbers(triage: Triage, version: Path) -> None:
    answer = triage("policy", "explain", version)
    assert answer.exit_code == 0
    assert "柳禾街道（liuhe，版本 " in answer.stdout
    assert ("达到3" in answer.stdout) == (version is FIRST)
    assert ("达到4" in answer.stdout) == (version is SECOND)
    assert ("市热线办关于先行联系的通知" in answer.stdout) == (version is FIRST)


def test_past_orders_are_replayed_with_the_version_to_come(triage: Triage, tmp_path: Path) -> None:
    past = tmp_path / "past.jsonl"
    rows = [
        {
            "id": f"o-{count}",
            "order": {"received_at": "2026-03-02T09:00", "units": ["works"]},
            "facts": {"issue_today": count},
        }
        for count in (2, 3, 4, 6, 8)
    ]
    past.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    answer = triage("policy", "replay", "--policy", "liuhe", "--pack", SECOND, "--data", past, "--workers", 1)
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert (report["before"], report["after"]) == (["2026", "2027"], {"id": "liuhe", "version": "2027"})
    assert (report["orders"], report["changed"]) == (5, 2)
    assert {one["what"]: [example["id"] for example in one["examples"]] for one in report["changes"]} == {
        "alerts + yellow liuhe:6": ["o-6"],
        "alerts - red liuhe:6": ["o-6"],
        "alerts - yellow liuhe:6": ["o-3"],
    }


def test_deciding_on_the_command_line_names_the_version(triage: Triage, tmp_path: Path) -> None:
    order = tmp_path / "order.json"
    order.write_text('{"received_at": "2026-03-02T09:00", "text": "荷风苑门口夜里有人摆摊"}', encoding="utf-8")
    answer = triage("decide", "--policy", "liuhe", "--file", order)
    assert json.loads(answer.stdout_bytes)["policy"] == {"id": "liuhe", "version": "2026"}
