"""Working days, office hours and the times people write."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest

from triage.domain.errors import BadInput, TriageError
from triage.domain.moments import SHANGHAI
from triage.policy.calendar.statecalendar import StateCalendar
from triage.policy.calendar.workdays import BadTime, OfficeHours, WorkingTime, parse_time

NINE_TO_FIVE = OfficeHours(time(9), time(17))


@pytest.fixture(scope="module")
def working() -> WorkingTime:
    return WorkingTime(StateCalendar.published(), NINE_TO_FIVE)


def at(text: str) -> datetime:
    return parse_time(text)


# ---- counting working days


def test_the_day_of_the_event_is_not_counted(working: WorkingTime) -> None:
    assert working.add_workdays(at("2026-03-02T09:00"), 1).at == at("2026-03-03T17:00")


@pytest.mark.parametrize("hour", ["00:00", "08:59", "12:00", "17:00", "23:59"])
def test_the_hour_of_the_event_does_not_move_the_due_day(working: WorkingTime, hour: str) -> None:
    assert working.add_workdays(at(f"2026-03-02T{hour}"), 5).at == at("2026-03-09T17:00")


def test_a_make_up_saturday_counts_as_a_working_day(working: WorkingTime) -> None:
    assert working.add_workdays(at("2026-10-09T10:00"), 1).at == at("2026-10-10T17:00")
    assert working.add_workdays(at("2026-10-09T10:00"), 2).at == at("2026-10-12T17:00")


def test_an_event_on_a_holiday_runs_from_the_first_working_day_after_it(working: WorkingTime) -> None:
    assert working.add_workdays(at("2026-10-03T10:00"), 1).at == at("2026-10-08T17:00")


def test_due_times_carry_the_offset_whatever_zone_they_were_counted_from(working: WorkingTime) -> None:
    in_utc = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # the 3rd, 00:30, in Shanghai
    assert working.add_workdays(in_utc, 1).at.isoformat() == "2026-03-04T17:00:00+08:00"
    assert working.add_workdays(datetime(2026, 3, 3, 0, 30), 1).at.isoformat() == "2026-03-04T17:00:00+08:00"


@pytest.mark.parametrize("days", [0, -1, 1001])
def test_a_count_of_days_out_of_bounds_is_refused(working: WorkingTime, days: int) -> None:
    with pytest.raises(BadInput, match="working days must be 1 to 1000"):
        working.add_workdays(at("2026-03-02T09:00"), days)


def test_the_sentence_names_the_event_the_days_off_and_the_make_up_days(working: WorkingTime) -> None:
    assert working.add_workdays(at("2026-09-17T16:00"), 7, what="派单").because == (
        "自2026-09-17 16:00派单起算7个工作日（派单当日不计），9月19日周末、9月25日至27日中秋节放假不计，"
        "9月20日（周日）调休上班计入，至2026-09-28 17:00止"
    )


def test_the_sentence_says_nothing_of_days_off_where_there_are_none(working: WorkingTime) -> None:
    assert working.add_workdays(at("2026-03-02T09:00"), 1, what="接单").because == (
        "自2026-03-02 09:00接单起算1个工作日（接单当日不计），至2026-03-03 17:00止"
    )


def test_a_stretch_across_two_months_names_both(working: WorkingTime) -> None:
    assert "2月28日至3月1日周末" not in working.add_workdays(at("2026-02-27T09:00"), 2).because  # the 28th is worked
    assert "1月31日至2月1日周末放假不计" in working.add_workdays(at("2026-01-30T09:00"), 2).because


# ---- years whose notice is not known


def test_a_count_into_an_unpublished_year_is_provisional_and_says_so(working: WorkingTime) -> None:
    due = working.add_workdays(at("2026-12-30T10:00"), 3)
    assert due.at == at("2027-01-05T17:00")
    assert due.provisional
    assert due.because.endswith("，2027年国务院放假安排尚未公布，按周一至周五暂算")


def test_the_guess_leaves_out_the_holidays_of_fixed_date_only(working: WorkingTime) -> None:
    off = [date(2027, month, day) for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))]
    assert all(working.calendar.why_off(day) in ("元旦", "劳动节", "国庆节") for day in off)
    assert working.calendar.is_workday(date(2027, 5, 3))
    assert working.calendar.is_workday(date(2027, 2, 8))  # surely the Spring Festival, yet not announced


def test_a_count_that_ends_before_the_unpublished_year_is_firm(working: WorkingTime) -> None:
    due = working.add_workdays(at("2026-12-30T10:00"), 1)
    assert (due.at, due.provisional) == (at("2026-12-31T17:00"), False)


def test_years_before_the_first_known_notice_are_provisional_too(working: WorkingTime) -> None:
    due = working.add_workdays(at("2003-03-03T10:00"), 1)
    assert due.provisional
    assert due.because.endswith("2003年国务院放假安排未收录，按周一至周五暂算")


def test_the_working_day_before_a_guessed_due_day_is_a_guess_too(working: WorkingTime) -> None:
    before = working.workday_before(at("2027-01-04T17:00"))
    assert (before.at, before.provisional) == (at("2026-12-31T17:00"), True)


def test_a_calendar_that_arrives_makes_the_count_firm(working: WorkingTime, tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(
        "2027: {holidays: {元旦: [2027-01-01, 2027-01-04], 劳动节: [2027-05-01, 2027-05-05], "
        "国庆节: [2027-10-01, 2027-10-07]}, workdays: [2027-01-09]}",
        encoding="utf-8",
    )
    arrived = WorkingTime(working.calendar.with_file(path), NINE_TO_FIVE).add_workdays(at("2026-12-31T10:00"), 1)
    assert (arrived.at, arrived.provisional) == (at("2027-01-05T17:00"), False)


# ---- hours


def test_hours_run_day_and_night_on_the_wall_clock(working: WorkingTime) -> None:
    due = working.add_hours(at("2026-10-01T22:30"), 4, what="派单")
    assert due.at == at("2026-10-02T02:30")
    assert due.because == "自2026-10-01 22:30派单起算4小时（昼夜连续计算），至2026-10-02 02:30止"


def test_hours_are_firm_even_where_the_year_is_not_published(working: WorkingTime) -> None:
    assert not working.add_hours(at("2027-02-06T10:00"), 1).provisional


def test_office_hours_end_at_the_close_of_a_full_day(working: WorkingTime) -> None:
    assert working.add_office_hours(at("2026-03-02T09:00"), 8).at == at("2026-03-02T17:00")
    assert working.subtract_office_hours(at("2026-03-02T17:00"), 8).at == at("2026-03-02T09:00")


def test_office_hours_pass_over_nights_and_days_off(working: WorkingTime) -> None:
    due = working.add_office_hours(at("2026-09-30T16:00"), 2)
    assert due.at == at("2026-10-08T10:00")
    assert due.because == (
        "自2026-09-30 16:00收到起算2个办公小时（工作日09:00至17:00），10月1日至7日国庆节放假不计，至2026-10-08 10:00止"
    )


def test_office_hours_count_from_the_next_opening_when_the_office_is_closed(working: WorkingTime) -> None:
    assert working.add_office_hours(at("2026-03-06T20:00"), 1).at == at("2026-03-09T10:00")
    assert working.add_office_hours(at("2026-03-06T06:00"), 1).at == at("2026-03-06T10:00")
    assert working.subtract_office_hours(at("2026-03-08T12:00"), 1).at == at("2026-03-06T16:00")


def test_a_lead_of_four_office_hours_before_close_is_at_one_oclock(working: WorkingTime) -> None:
    assert working.subtract_office_hours(at("2026-03-09T17:00"), 4).at == at("2026-03-09T13:00")


def test_a_lead_of_no_hours_is_the_due_time_itself(working: WorkingTime) -> None:
    assert working.subtract_office_hours(at("2026-03-09T17:00"), 0).at == at("2026-03-09T17:00")


@pytest.mark.parametrize("hours", [-1, 8785, float("nan"), float("inf")])
def test_hours_out_of_bounds_are_refused(working: WorkingTime, hours: float) -> None:
    for count in (working.add_hours, working.add_office_hours, working.subtract_office_hours):
        with pytest.raises(BadInput, match="hours must be 0 to 8784"):
            count(at("2026-03-02T09:00"), hours)


# ---- days and office time


def test_the_working_day_before_a_monday_is_friday(working: WorkingTime) -> None:
    before = working.workday_before(at("2026-03-09T17:00"))
    assert before.at == at("2026-03-06T17:00")
    assert before.because == (
        "自2026-03-09 17:00到期倒数1个工作日（到期当日不计），3月7日至8日周末放假不计，至2026-03-06 17:00止"
    )


def test_a_day_ends_at_its_close_and_a_day_off_at_that_of_the_next_working_day(working: WorkingTime) -> None:
    assert working.end_of_day(date(2026, 9, 30)).at == at("2026-09-30T17:00")
    moved = working.end_of_day(date(2026, 10, 1))
    assert moved.at == at("2026-10-08T17:00")
    assert moved.because == "以2026-10-01下班时为限，10月1日至7日国庆节放假不计，至2026-10-08 17:00止"


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-03-02T08:59:59", False),
        ("2026-03-02T09:00", True),
        ("2026-03-02T16:59:59", True),
        ("2026-03-02T17:00", False),
        ("2026-03-07T10:00", False),
        ("2026-10-10T10:00", True),
        ("2026-10-02T10:00", False),
        ("2026-03-02T01:00:00Z", True),
    ],
)
def test_the_office_is_open_from_its_start_up_to_its_end_on_working_days(
    working: WorkingTime, moment: str, open_: bool
) -> None:
    assert working.is_office_time(at(moment)) is open_


def test_a_moment_handed_in_for_a_day_is_refused(working: WorkingTime) -> None:
    with pytest.raises(TypeError, match="asks for a date"):
        working.end_of_day(datetime(2026, 10, 1, 9, tzinfo=SHANGHAI))


def test_office_hours_must_start_before_they_end() -> None:
    with pytest.raises(BadInput, match="must start before they end"):
        OfficeHours(time(17), time(9))
    with pytest.raises(BadInput, match="without an offset"):
        OfficeHours(time(9, tzinfo=UTC), time(17, tzinfo=UTC))


def test_working_time_travels_to_another_process(working: WorkingTime) -> None:
    twin = pickle.loads(pickle.dumps(working))
    assert twin.add_workdays(at("2026-09-30T16:00"), 5) == working.add_workdays(at("2026-09-30T16:00"), 5)


# ---- times as people write them


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T09:30",
        "2026-03-02 09:30",
        "2026-03-02T09:30:00",
        "2026-03-02T09:30:00.000",
        "20260302T0930",
        "2026-W10-1T09:30",
        "2026-03-02T09:30+08:00",
        "2026-03-02T01:30Z",
        "2026-03-01T20:30-05:00",
    ],
)
def test_the_same_moment_is_read_from_any_iso_8601_text(text: str) -> None:
    assert parse_time(text).isoformat() == "2026-03-02T09:30:00+08:00"


def test_a_datetime_is_taken_as_it_is_and_answered_in_shanghai() -> None:
    assert parse_time(datetime(2026, 3, 2, 9, 30)).isoformat() == "2026-03-02T09:30:00+08:00"
    assert parse_time(datetime(2026, 3, 2, 1, 30, tzinfo=UTC)).isoformat() == "2026-03-02T09:30:00+08:00"
    assert str(parse_time("2026-03-02T09:30").tzinfo) == "Asia/Shanghai"


@pytest.mark.parametrize("text", ["2026-03-02", "20260302", "2026-W10-1", "2026-W10", "2026W101"])
def test_a_date_alone_is_refused_for_want_of_a_time(text: str) -> None:
    with pytest.raises(BadTime, match="is a date alone: the time of day is missing"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-02-30T09:30", "day is out of range for month"),
        ("2026-13-01T09:30", "month must be in 1..12"),
        ("2026-03-02T25:00", "hour must be in 0..23"),
        ("2026-03-02T09:30+25:00", "offset must be"),
        ("2026-03-02T", "is not ISO 8601"),
        ("2026-03-02x09:30", "is not ISO 8601"),
        ("2026/3/2 9:30", "is not ISO 8601"),
        ("昨天上午", "is not ISO 8601"),
        ("", "is not ISO 8601"),
        ("２０２６-03-02T09:30", "is not ISO 8601"),
        ("9" * 100_000, "is not ISO 8601"),
        ("1900-01-00T00:00", "cannot be"),
        ("1970-01-01T00:00", "must lie in the years 1992 to 2199"),
        ("9999-12-31T23:59:59-12:00", "must lie in the years 1992 to 2199"),
        ("0001-01-01T00:00+12:00", "must lie in the years 1992 to 2199"),
    ],
)
def test_an_impossible_time_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(BadTime, match=why) as refused:
        parse_time(text)
    assert isinstance(refused.value, ValueError) and isinstance(refused.value, TriageError)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [None, 20260302, date(2026, 3, 2)])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(BadTime, match="must be a text such as"):
        parse_time(value)  # type: ignore[arg-type]


def test_a_moment_near_the_end_of_time_is_refused_not_overflowed() -> None:
    with pytest.raises(BadTime, match="must lie in the years"):
        parse_time(datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))))
