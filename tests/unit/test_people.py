"""Whom a role means at a moment, and what is wrong with a duty roster."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.people.duty import double_booked, gaps, misplaced, week_span
from triage.desk.people.resolving import who
from triage.desk.town import Town
from triage.domain.errors import BadInput
from triage.domain.moments import SHANGHAI
from triage.domain.vocabulary import Role
from triage.policy.calendar.statecalendar import StateCalendar
from triage.policy.calendar.workdays import OfficeHours, WorkingTime
from triage.records.people import Absence, Person, Post, Roster, Shift

UNIT = "management-office"
LINE = "deputy-management"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY, SUNDAY_NIGHT = at("2026-03-02T10:00"), at("2026-03-08T23:00")


@pytest.fixture(scope="module")
def town(service):
    hours = WorkingTime(StateCalendar.published(), OfficeHours(time(9), time(17)))
    return Town(service.shelf.get_or_raise("nanmatou"), hours)


def person(key, *posts):
    return key, Person(key, posts)


def roster(*, absences=(), shifts=()):
    people = [
        person("han", Post("unit", UNIT)),
        person("jin", Post("unit", UNIT, rank="B")),
        person("head", Post("unit_head", UNIT)),
        person("line", Post("deputy_leader", leader=LINE)),
        person("line-b", Post("deputy_leader", leader=LINE, rank="B")),
        person("first", Post("main_leader", leader="director")),
        person("over", Post("centre_leader", leader="deputy-centre")),
        person("desk", Post("dispatcher"), Post("centre")),
        person("night"),
        person("week"),
    ]
    return Roster(dict(people), tuple(absences), tuple(shifts))


def away(person, since="2026-03-02T00:00", until="2026-03-20T00:00", stand_in=None):
    return Absence(f"{person}-away", person, at(since), at(until), stand_in)


def shift(role, person, since="2026-03-02T00:00", until="2026-03-09T00:00", unit=None):
    return Shift(role, person, at(since), at(until), unit)


def found(town, role, when=MONDAY, unit=UNIT, **known):
    answer = who(roster(**known), Role(role), when, town, unit)
    return (None if answer.person is None else answer.person.id), answer


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("unit", "han"),
        ("unit_head", "head"),
        ("deputy_leader", "line"),
        ("main_leader", "first"),
        ("centre_leader", "over"),
        ("meeting", "first"),
        ("dispatcher", "desk"),
        ("centre", "desk"),
    ],
)
def test_in_office_hours_a_role_is_the_a_handler_of_its_post(town, role, expected):
    who_it_is, answer = found(town, role)
    assert (who_it_is, answer.via, answer.on_duty) == (expected, "post", True)
    assert "办公时间" in answer.why and answer.why.endswith("。")


def test_when_a_is_away_b_stands_in(town):
    who_it_is, answer = found(town, "unit", absences=[away("han")])
    assert (who_it_is, answer.via) == ("jin", "stand_in")
    assert "A角请假至03-20 00:00，由B角接替" in answer.why


def test_the_person_that_the_absence_names_goes_before_b(town):
    assert found(town, "deputy_leader", absences=[away("line", stand_in="over")])[0] == "over"


def test_who_was_named_may_be_away_too_and_names_another(town):
    absences = [away("line", stand_in="over"), away("over", stand_in="first")]
    assert found(town, "deputy_leader", absences=absences)[0] == "first"


def test_stand_ins_in_a_circle_lead_to_b_and_not_round_and_round(town):
    absences = [away("line", stand_in="over"), away("over", stand_in="line")]
    assert found(town, "deputy_leader", absences=absences)[0] == "line-b"


def test_back_from_an_absence_a_is_asked_again_to_the_minute(town):
    absences = [away("han", until="2026-03-02T10:00")]
    assert found(town, "unit", MONDAY, absences=absences)[0] == "han"
    assert found(town, "unit", at("2026-03-02T09:59"), absences=absences)[0] == "jin"


def test_nobody_is_invented_where_all_are_away(town):
    who_it_is, answer = found(town, "unit", absences=[away("han"), away("jin")])
    assert (who_it_is, answer.via) == (None, "nobody")
    assert "没有可接替的人，请补登" in answer.why


def test_on_a_sunday_night_the_units_own_duty_is_rung(town):
    shifts = [shift("unit", "night", unit=UNIT), shift("centre", "desk")]
    who_it_is, answer = found(town, "unit", SUNDAY_NIGHT, shifts=shifts)
    assert (who_it_is, answer.via) == ("night", "duty")
    assert "非办公时间" in answer.why and "本单位值班人员" in answer.why


def test_a_unit_without_a_duty_of_its_own_is_answered_for_by_the_desks(town):
    who_it_is, answer = found(town, "unit_head", SUNDAY_NIGHT, shifts=[shift("centre", "week")])
    assert (who_it_is, answer.via) == ("week", "duty")


def test_at_night_the_duty_leader_answers_for_the_leader_of_the_line_but_not_for_the_main_leader(town):
    shifts = [shift("duty_leader", "week")]
    assert found(town, "deputy_leader", SUNDAY_NIGHT, shifts=shifts)[0] == "week"
    assert found(town, "main_leader", SUNDAY_NIGHT, shifts=shifts)[0] == "first"


def test_where_nobody_is_on_duty_the_handler_is_rung_and_the_gap_is_told(town):
    who_it_is, answer = found(town, "unit", SUNDAY_NIGHT)
    assert (who_it_is, answer.on_duty) == ("han", False)
    assert "值班表未安排可到岗的人员，请补排" in answer.why


def test_a_duty_leader_is_only_ever_who_the_roster_names(town):
    who_it_is, answer = found(town, "duty_leader", MONDAY)
    assert (who_it_is, answer.on_duty) == (None, False)
    assert found(town, "duty_leader", MONDAY, shifts=[shift("duty_leader", "week")])[0] == "week"


def test_who_is_on_duty_and_away_is_stood_in_for_or_passed_over(town):
    shifts = [shift("centre", "desk")]
    assert found(town, "centre", SUNDAY_NIGHT, shifts=shifts, absences=[away("desk", stand_in="week")])[0] == "week"
    who_it_is, answer = found(town, "centre", SUNDAY_NIGHT, shifts=shifts, absences=[away("desk")])
    assert (who_it_is, answer.on_duty) == (None, False)


def test_a_make_up_saturday_is_office_time_and_a_holiday_is_not(town):
    shifts = [shift("centre", "week", "2026-09-30T00:00", "2026-10-08T00:00")]
    assert found(town, "centre", at("2026-10-10T10:00"), shifts=shifts)[0] == "desk"
    assert found(town, "centre", at("2026-10-01T10:00"), shifts=shifts)[0] == "week"


def test_a_year_without_a_calendar_is_said_to_be_a_guess(town):
    assert "尚未公布" in found(town, "unit", at("2028-03-01T10:00"))[1].why


@pytest.mark.parametrize(("role", "unit"), [("unit", None), ("deputy_leader", None), ("unit", "no-such")])
def test_a_role_that_means_nobody_says_why(town, role, unit):
    who_it_is, answer = found(town, role, unit=unit)
    assert who_it_is is None
    assert "未说明是哪个单位" in answer.why or "没有编号为no-such的单位" in answer.why


def test_somebody_who_left_or_has_not_come_yet_is_not_asked(town):
    known = roster()
    people = {**known.people, "han": replace(known.people["han"], until=MONDAY)}
    answer = who(replace(known, people=people), Role.UNIT, MONDAY, town, UNIT)
    assert answer.person.id == "jin"


@given(role=st.sampled_from(Role), hour=st.integers(0, 24 * 60), unit=st.sampled_from([None, UNIT, "grid-centre"]))
def test_every_role_at_every_hour_gets_a_sentence_and_nobody_who_is_away(town, role, hour, unit):
    when = datetime.fromtimestamp(MONDAY.timestamp() + hour * 3600, SHANGHAI)
    gone = ("han", "line", "desk")
    known = roster(absences=[away(one, until="2026-12-31T00:00") for one in gone], shifts=[shift("centre", "night")])
    answer = who(known, role, when, town, unit)
    assert answer.why.endswith("。")
    assert answer.person is None or answer.person.id not in gone
    assert (answer.person is None) == (answer.via == "nobody")


# --- the duty roster ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("week", ["2026-10", "2026-W54", "2026-W00", "w", "", "9999-W10", "2026-W10 "])
def test_a_week_is_an_iso_week(week):
    with pytest.raises(BadInput, match="ISO week"):
        week_span(week)


def test_shifts_of_one_duty_that_overlap_are_told_and_those_of_two_duties_are_not():
    shifts = [shift("centre", "a"), shift("centre", "b"), shift("duty_leader", "c"), shift("unit", "d", unit=UNIT)]
    assert [problem.loc for problem in misplaced(shifts, "2026-W10", [])] == [("shifts", 1)]
    before = shift("centre", "z", "2026-03-01T20:00", "2026-03-02T08:00")
    assert "another week" in next(misplaced(shifts[:1], "2026-W10", [before])).msg


def test_a_shift_belongs_to_the_week_in_which_it_begins():
    night = shift("centre", "a", "2026-03-08T20:00", "2026-03-09T08:00")
    assert not list(misplaced([night], "2026-W10", []))
    assert [problem.loc for problem in misplaced([night], "2026-W11", [])] == [("shifts", 0, "since")]


def test_the_times_with_nobody_on_duty_are_told(town):
    nights = [shift("centre", "night", f"2026-03-0{day}T17:00", f"2026-03-0{day + 1}T09:00") for day in range(2, 7)]
    known = roster(shifts=[*nights, shift("duty_leader", "week")])
    found = gaps(known, "2026-W10", town.hours)
    assert [(gap.since, gap.until) for gap in found] == [
        (at("2026-03-02T00:00"), at("2026-03-02T09:00")),
        (at("2026-03-07T09:00"), at("2026-03-09T00:00")),
    ]
    assert "无城运中心值班人员" in found[0].because
    assert [gap.role for gap in gaps(roster(), "2026-W10", town.hours)][-1] == Role.DUTY_LEADER


def test_shifts_of_people_who_are_away_are_told():
    shifts = [shift("centre", "desk")]
    (told,) = double_booked(roster(absences=[away("desk")]), shifts)
    assert "请假" in told and "未指定代班人" in told
