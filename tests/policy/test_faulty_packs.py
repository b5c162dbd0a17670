"""Faulty packs: every fault is told at once, with file, line and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.policy.small_town import GOOD, faults_of, line_of, real_categories, spoilt
from triage.domain.errors import BadInput, PackFault
from triage.policy.pack.load import PackShelf

# Faults that one mapping shows: key, what is put in its place, what is told.
SHAPE_FAULTS = [
    ("kind: sub_district", "kind: sub_district\ncolour: red", "colour: red", "no such key; known are adopts, alerts"),
    ("kind: sub_district", "kind: village", "kind: village", "'sub_district' or 'county_city'"),
    ("name: 某镇\n", "", "", "name: Field required"),
    ("leader: deputy}", "leader: [deputy]}", "leader: [deputy]", "units.0.leader: Input should be a valid string"),
    ('start: "09:00"', 'start: "18:00"', "office_hours", "must be before end"),
    ("mode: designated", "mode: designate", "mode: designate,", "dispatch.0.mode: Input should be 'statutory'"),
    ("decider: main_leader", "decider: mayor", "decider: mayor", "dispatch.0.decider: Input should be 'dispatcher'"),
    ("starts: {kind: dispatched}", "starts: {kind: sent}", "kind: sent", "Input should be 'received'"),
    ("id: finish\n", "id: finsh\n", "id: finsh", "clocks.0.id: Input should be 'centre_contact'"),
    ("within: {workdays_parameter: finish_days}", "within: {}", "within: {}", "give exactly one of hours"),
    ("workdays_parameter: finish_days}", "workdays: 2, hours: 3}", "workdays: 2", "give exactly one of hours"),
    ("{workdays_parameter: finish_days}", "{when: overdue, workdays: 2}", "- id: finish", "must have no when"),
    ("{workdays_parameter: finish_days}", "{workdays: 0}", "workdays: 0", "greater than or equal to 1"),
    ('when: urgency == "urgent"', "when: 5", "when: 5", "a condition is a CEL text, not 5"),
    ('urgency == "urgent"', "repeat_count", "when: repeat_count", "must be true or false, but 'repeat_count' is a"),
    ('urgency == "urgent"', 'urgency == "urgnt"', "urgnt", "urgency is never 'urgnt'; it is one of urgent, semi_ur"),
    ('urgency == "urgent"', 'repeat_count == "two"', "two", "no matching overload"),
    ('urgency == "urgent"', "overdue &&", "overdue &&", "Syntax error"),
]


@pytest.mark.parametrize(("old", "new", "at", "told"), SHAPE_FAULTS)
def test_a_fault_of_shape_is_told_with_its_line(
    write: Callable[..., Path], old: str, new: str, at: str, told: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    faults = faults_of(write(text))
    assert len(faults) == 1, faults
    line = line_of(text, at) if at else 1
    assert faults[0].startswith(f"town.yaml:{line}: ")
    assert told in faults[0]


def test_a_misspelt_fact_is_pointed_at_with_a_caret(write: Callable[..., Path]) -> None:
    text = GOOD.replace('urgency == "urgent"', 'repeat_count > 1 && urgncy == "urgent"')
    (fault,) = faults_of(write(text))
    first, *_, source, caret = fault.splitlines()
    assert first.startswith(f"town.yaml:{line_of(text, 'urgncy')}: dispatch.0.when: ")
    assert "undeclared reference to 'urgncy'" in fault
    assert caret.rstrip().endswith("^")
    assert source[caret.index("^")] == "u" and source[caret.index("^") :].startswith("urgncy")


# Faults that only the whole pack shows.
WHOLE_FAULTS = [
    ("lead: office", "lead: offce", "lead: offce", "duties.road-damage.lead: no unit 'offce' in this pack"),
    ("assist: [squad]", "assist: [sqad]", "assist", "duties.road-damage.assist: no unit 'sqad' in this pack"),
    ("assist: [squad]", "assist: [office]", "assist", "'office' already leads here"),
    ("road-damage:", "road-damge:", "road-damge", "no category 'road-damge' in the taxonomy"),
    ("城建办, leader: deputy}", "城建办, leader: nobody}", "nobody", "no leader 'nobody'; known are deputy, deputy-ce"),
    ("{id: office, name", "{id: squad, name", "城建办", "'squad' is used twice"),
    ("role: centre_leader", "role: deputy_leader", "leaders:", "exactly one leader has the role centre_leader, not 0"),
    ("clause: town:2", "clause: town:3", "clause: town:3", "clocks.0.clause: clause 'town:3' is neither stated"),
    ('"town:1", when', '"moushi:2.2.1", when', "moushi:2.2.1", "clause 'moushi:2.2.1' is neither stated under clauses"),
    ("workdays_parameter: finish_days", "workdays_parameter: days", "parameter: days", "no parameter 'days' in this"),
    ("value: 5", "value: five", "value: five", "parameters.finish_days.value: must be 1 to 1000 working days, or null"),
    ("value: 5", "value: 0", "value: 0", "parameters.finish_days.value: must be 1 to 1000 working days, or null"),
    (
        "{workdays_parameter: finish_days}",
        "{workday_before: sign}",
        "before: sign",
        "workday_before sign must stand after",
    ),
    (
        '{clause: "town:1", mode',
        '{clause: "town:1", when: overdue, mode',
        "dispatch:",
        "the last rule must have no when",
    ),
    ("id: town", "id: city", "id: city", "id: 'city' must be the file's name, 'town'"),
]


@pytest.mark.parametrize(("old", "new", "at", "told"), WHOLE_FAULTS)
def test_a_fault_of_the_whole_is_told_with_its_line(
    write: Callable[..., Path], old: str, new: str, at: str, told: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    faults = [fault for fault in faults_of(write(text)) if told in fault]
    assert len(faults) == 1
    assert faults[0].startswith(f"town.yaml:{line_of(text, at)}: ")


def test_all_faults_of_shape_come_at_once(write: Callable[..., Path]) -> None:
    text = spoilt(
        ("kind: sub_district", "kind: village"),
        ("leader: deputy}", "leader: 7}"),
        ('urgency == "urgent"', 'urgency == "urgnt"'),
        ("actor: unit", "actor: nobody"),
    )
    lines = [fault.split(": ")[0] for fault in faults_of(write(text))]
    places = ["kind: village", "leader: 7", "urgnt", "actor: nobody"]
    assert lines == [f"town.yaml:{line_of(text, at)}" for at in places]


def test_all_faults_of_the_whole_come_at_once(write: Callable[..., Path]) -> None:
    text = spoilt(
        ("id: town", "id: city"),
        ("lead: office", "lead: offce"),
        ("城建办, leader: deputy}", "城建办, leader: nobody}"),
        ("workdays_parameter: finish_days", "workdays_parameter: days"),
        ('{clause: "town:1", mode', '{clause: "city:1", when: overdue, mode'),
    )
    found = "\n".join(faults_of(write(text)))
    for told in ("'city' must be the file's name", "no unit 'offce'", "no leader 'nobody'", "no parameter 'days'"):
        assert told in found
    assert "the last rule must have no when" in found


# Adoptions.
def test_adopting_what_does_not_exist_is_told_with_its_line_all_at_once(write: Callable[..., Path]) -> None:
    text = spoilt(('adopts: ["moushi:2.1"]', "adopts:\n  - moushi:2.1\n  - moushi:9.9\n  - nowhere:1\n  - town:1"))
    assert faults_of(write(text)) == [
        "town.yaml:8: adopts.1: moushi:9.9 cannot be adopted: moushi has no such clause of its own",
        "town.yaml:9: adopts.2: nowhere:1 cannot be adopted: no pack 'nowhere'",
        "town.yaml:10: adopts.3: town:1 is this pack's own clause and cannot be adopted",
    ]


def test_what_a_pack_adopted_itself_cannot_be_adopted_from_it(write: Callable[..., Path]) -> None:
    text = spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["yanji:2.1"]'))
    assert faults_of(write(text)) == [
        "town.yaml:6: adopts.0: yanji:2.1 cannot be adopted: yanji has no such clause of its own"
    ]


def test_two_packs_that_adopt_from_each_other_are_a_circle_and_refused(write: Callable[..., Path]) -> None:
    write(spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["village:2"]')))
    path = write(
        spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["town:2"]'))
        .replace("town:1", "village:1")
        .replace("clause: town:2", "clause: village:2")
        .replace("id: town", "id: village"),
        "village",
    )
    shelf = PackShelf(real_categories(), (path.parent,))
    with pytest.raises(PackFault) as told:
        shelf.get_or_raise("town")
    assert [str(fault) for fault in told.value.problems] == [
        "town.yaml:6: adopts.0: village:2 cannot be adopted: town adopts from village adopts from town, a circle; "
        "drop one of these"
    ]


# Files that are no pack at all.
def test_a_repeated_key_is_told_with_the_line_of_the_second(write: Callable[..., Path]) -> None:
    text = GOOD + "name: 某乡\n"
    assert faults_of(write(text)) == [f"town.yaml:{len(text.splitlines())}: key 'name' is repeated"]


def test_a_repeated_duty_is_told_too(write: Callable[..., Path]) -> None:
    text = spoilt(("clauses:\n", "  road-damage: {lead: squad, entry: 道路}\nclauses:\n"))
    assert faults_of(write(text)) == [f"town.yaml:{line_of(text, 'lead: squad')}: key 'road-damage' is repeated"]


def test_broken_yaml_is_told_with_its_line(write: Callable[..., Path]) -> None:
    (fault,) = faults_of(write(GOOD.replace("units:\n", "units: [\n")))
    assert fault.startswith("town.yaml:") and "not valid YAML" in fault


def test_bytes_that_are_no_utf_8_are_told(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_bytes(GOOD.encode("gb18030"))
    (fault,) = faults_of(path)
    assert fault.startswith("town.yaml: cannot be read as UTF-8 text")


@pytest.mark.parametrize("text", ["", "- a list\n", "5\n"])
def test_a_file_that_is_no_mapping_is_told(write: Callable[..., Path], text: str) -> None:
    (fault,) = faults_of(write(text))
    assert fault.startswith("town.yaml:1: ")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="town.yaml: no such file"):
        PackShelf(real_categories()).find_or_raise(str(tmp_path / "town.yaml"))


def test_parameters_for_a_pack_that_does_not_exist_are_refused() -> None:
    with pytest.raises(PackFault, match="tangqio: no such pack; known are moushi"):
        PackShelf(real_categories(), given={"tangqio": {"finish_workdays": 5}})
