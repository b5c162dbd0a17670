"""The packs that ship, what a town gives, versions, and the page that describes packs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.policy.small_town import GOOD, RULED, real_categories, spoilt
from triage.bootstrap import Service, build
from triage.domain.errors import BadInput, PackFault, UnknownPolicy
from triage.domain.vocabulary import AlertKind, ObligationId, ObligationState
from triage.policy.calendar.workdays import parse_time
from triage.policy.judging.judge import Judgement
from triage.policy.pack.explain import explain
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import Clock, DispatchRule, Limit, Tries
from triage.policy.pack.schema import (
    ClausePart,
    Duty,
    Gazetteer,
    Leader,
    OfficeHoursPart,
    PackFile,
    Parameter,
    Source,
    TerritoryPart,
    Unit,
)
from triage.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")


# What ships.
@pytest.mark.parametrize("policy", POLICIES)
def test_a_pack_that_ships_loads(shelf: PackShelf, policy: str) -> None:
    pack = shelf.get_or_raise(policy)
    assert pack.id == policy
    assert pack.units and pack.duties and pack.clauses


def test_exactly_five_packs_ship(shelf: PackShelf) -> None:
    assert shelf.ids() == list(POLICIES)


def test_a_pack_is_loaded_once(shelf: PackShelf) -> None:
    assert shelf.get_or_raise("yanji") is shelf.get_or_raise("yanji")


def test_an_unknown_policy_names_the_known_ones(shelf: PackShelf) -> None:
    with pytest.raises(UnknownPolicy, match="unknown policy 'nowhere'; known are moushi, nanmatou, tangqiao"):
        shelf.get_or_raise("nowhere")


@pytest.mark.parametrize("policy", [policy for policy in POLICIES if policy != "moushi"])
def test_every_pack_adopts_the_transfer_of_emergencies(shelf: PackShelf, policy: str) -> None:
    pack = shelf.get_or_raise(policy)
    assert pack.dispatch[0].clause == "moushi:2.1"
    assert pack.clauses["moushi:2.1"].text == shelf.get_or_raise("moushi").clauses["moushi:2.1"].text


@pytest.mark.parametrize("policy", POLICIES)
def test_explain_prints_every_clause_every_unit_and_every_clock(service: Service, policy: str) -> None:
    pack = service.shelf.get_or_raise(policy)
    names = {one.id: one.name for one in service.taxonomy.categories.values()}
    text = explain(pack, names)
    assert [clause.id for clause in pack.clauses.values() if f"- {clause.id}〔" not in text] == []
    assert [clause.id for clause in pack.clauses.values() if clause.text not in text] == []
    assert [unit.name for unit in pack.units.values() if f"- {unit.name}（" not in text] == []
    assert [rule.because for rule in pack.dispatch if rule.because not in text] == []
    assert [clock.clause for clock in pack.clocks if f"〔{clock.clause}〕" not in text] == []
    assert [name for name in pack.parameters if f"- {name}：" not in text] == []
    assert [names[category] for category in pack.duties if names[category] not in text] == []


# Leaders and lines.
def test_units_share_a_leader_only_where_the_pack_says_so(shelf: PackShelf) -> None:
    pack = shelf.get_or_raise("nanmatou")
    assert pack.share_leader(("urban-squad", "housing-office"))
    assert not pack.share_leader(("urban-squad", "market-office"))


def test_one_unit_has_one_leader_and_no_unit_has_none(shelf: PackShelf) -> None:
    pack = shelf.get_or_raise("nanmatou")
    assert pack.share_leader(("urban-squad",))
    assert not pack.share_leader(())


def test_units_that_the_pack_does_not_know_share_no_leader(shelf: PackShelf) -> None:
    pack = shelf.get_or_raise("nanmatou")
    assert not pack.share_leader(("u1", "u2"))
    assert not pack.share_leader(("u1", "urban-squad"))


# What a town gives.
def with_given(value: object) -> Pack:
    parameters: dict[str, dict[str, Any]] = {"tangqiao": {"finish_workdays": value}}
    return build(Settings(model=None, packs=None, calendar=None, parameters=parameters)).shelf.get_or_raise("tangqiao")


def test_a_given_number_makes_tangqiaos_finish_computable(judged: Callable[..., Judgement]) -> None:
    dispatched = [{"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "urban-squad"}]
    found = judged(with_given(5), "2026-03-09T17:01", dispatched)
    finish = next(one for one in found.obligations if one.id is ObligationId.FINISH)
    assert finish.due_at == parse_time("2026-03-09T17:00")
    assert finish.state is ObligationState.MISSED
    assert AlertKind.MISSING_PARAMETER not in [alert.kind for alert in found.alerts]
    assert found.facts["overdue"] is True


def test_without_the_number_the_missing_parameter_is_told(judged: Callable[..., Judgement]) -> None:
    dispatched = [{"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "urban-squad"}]
    found = judged(with_given(None), "2026-03-09T17:01", dispatched)
    assert [(alert.kind, "finish_workdays" in alert.because) for alert in found.alerts] == [
        (AlertKind.MISSING_PARAMETER, True)
    ]


def test_a_parameter_that_the_pack_does_not_have_is_refused() -> None:
    settings = Settings(model=None, packs=None, calendar=None, parameters={"tangqiao": {"finish_wrkdays": 5}})
    with pytest.raises(BadInput, match=r"tangqiao\.finish_wrkdays: no such parameter; known are finish_workdays"):
        build(settings).shelf.get_or_raise("tangqiao")


@pytest.mark.parametrize("value", ["5", "five", True, 0, -1, 2.5, 1001])
def test_a_given_number_of_working_days_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(BadInput, match=r"tangqiao\.finish_workdays: must be 1 to 1000 working days, or null, not"):
        with_given(value)


# A sixth town.
def test_a_further_folder_brings_a_sixth_town(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    town = PackShelf(real_categories(), (path.parent,)).get_or_raise("town")
    assert [rule.clause for rule in town.dispatch] == ["moushi:2.1", "town:1", "town:1"]
    assert town.duties["road-damage"].lead == ("office",)


def test_checking_one_file_finds_the_packs_it_adopts_from(write: Callable[..., Path]) -> None:
    assert PackShelf(real_categories()).find_or_raise(str(write(GOOD))).clauses.keys() == {
        "town:1",
        "town:2",
        "moushi:2.1",
    }


# Versions.
def versions_of(write: Callable[..., Path], *changes: tuple[str, str]) -> list[str]:
    path = write(GOOD.replace('version: "1"', 'version: "1"\nvalid_from: "2026-01-01"'))
    write(spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"')), "town@2")
    for number, change in enumerate(changes, start=3):
        write(spoilt(('version: "1"', f'version: "{change[0]}"\nvalid_from: "{change[1]}"')), f"town@{number}")
    shelf = PackShelf(real_categories(), (path.parent,))
    with pytest.raises(PackFault) as told:
        shelf.versions("town")
    return [str(fault) for fault in told.value.problems]


def test_two_versions_of_one_day_are_refused(write: Callable[..., Path]) -> None:
    assert versions_of(write, ("3", "2027-01-01")) == [
        "town@3.yaml:4: valid_from: is that of town@2.yaml too; each version of a pack needs its own valid_from"
    ]


def test_two_versions_of_one_name_are_refused_wherever_they_stand(write: Callable[..., Path]) -> None:
    assert versions_of(write, ("1", "2028-01-01")) == [
        "town@3.yaml:3: version: is that of town.yaml too; each version of a pack needs its own version"
    ]


def test_a_faulty_version_is_told_with_its_own_file(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    later = spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"'), ("lead: office", "lead: offce"))
    write(later, "town@2")
    with pytest.raises(PackFault, match=r"town@2.yaml:\d+: duties.road-damage.lead: no unit 'offce'"):
        PackShelf(real_categories(), (path.parent,)).get_or_raise("town")


def test_a_number_may_be_given_that_only_one_version_asks_for(write: Callable[..., Path]) -> None:
    path = write(RULED.replace('version: "1"', 'version: "1"\nvalid_from: "2026-01-01"'))
    later = write(spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"')), "town@2")
    shelf = PackShelf(real_categories(), (path.parent,), given={"town": {"calls": 7}})
    assert [pack.parameters.get("calls") and pack.parameters["calls"].value for pack in shelf.versions("town")] == [
        7,
        None,
    ]
    assert shelf.find_or_raise(str(later)).version == "2"


def test_a_number_that_no_version_asks_for_is_refused_with_those_of_all(write: Callable[..., Path]) -> None:
    path = write(RULED.replace('version: "1"', 'version: "1"\nvalid_from: "2026-01-01"'))
    write(spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"')), "town@2")
    shelf = PackShelf(real_categories(), (path.parent,), given={"town": {"cals": 7}})
    with pytest.raises(PackFault, match="town.cals: no such parameter; known are finish_days, calls, lead_hours"):
        shelf.get_or_raise("town")


# The page that describes packs.
def test_the_pack_of_the_documentation_loads(write: Callable[..., Path]) -> None:
    page = (DOCS / "packs.md").read_text(encoding="utf-8")
    (example,) = (part.split("```", 1)[0] for part in page.split("```yaml\n")[1:])
    assert PackShelf(real_categories()).find_or_raise(str(write(example, "my-town"))).name == "某镇"


def test_the_documentation_names_every_key_of_a_pack() -> None:
    page = (DOCS / "packs.md").read_text(encoding="utf-8")
    parts = (PackFile, Source, OfficeHoursPart, Parameter, Leader, Unit, Duty, TerritoryPart, Gazetteer, ClausePart)
    keys = {name for part in (*parts, DispatchRule, Clock, Limit, Tries) for name in part.model_fields}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", page)] == []
