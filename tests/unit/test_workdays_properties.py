"""What holds for every count of working days and office hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import chinese_calendar  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.moments import SHANGHAI
from triage.policy.calendar.statecalendar import StateCalendar
from triage.policy.calendar.workdays import OfficeHours, WorkingTime, parse_time

WORKING = WorkingTime(StateCalendar.published(), OfficeHours(time(9), time(17)))

known = st.datetimes(datetime(2004, 1, 1), datetime(2026, 10, 31)).map(lambda moment: moment.replace(tzinfo=SHANGHAI))
any_time = st.datetimes(datetime(1992, 1, 2), datetime(2199, 1, 1)).map(lambda moment: moment.replace(tzinfo=SHANGHAI))
workdays = st.integers(1, 30)
minutes = st.integers(1, 40 * 60)


@given(any_time, workdays)
def test_a_due_time_is_always_the_close_of_a_working_day(start: datetime, days: int) -> None:
    due = WORKING.add_workdays(start, days).at
    assert due.timetz() == time(17, tzinfo=SHANGHAI)
    assert WORKING.calendar.is_workday(due.date())
    assert due.date() > start.date()


@given(known, workdays)
def test_as_many_working_days_pass_as_were_asked_for(start: datetime, days: int) -> None:
    due = WORKING.add_workdays(start, days).at.date()
    passed = [start.date() + timedelta(days=n) for n in range(1, (due - start.date()).days + 1)]
    worked = [day for day in passed if chinese_calendar.is_workday(day) or day == date(2005, 12, 31)]
    assert len(worked) == days


@given(any_time, workdays)
def test_a_working_day_more_is_later(start: datetime, days: int) -> None:
    assert WORKING.add_workdays(start, days).at < WORKING.add_workdays(start, days + 1).at


@given(any_time, st.timedeltas(timedelta(0), timedelta(days=30)), workdays)
def test_a_later_start_is_never_due_earlier(start: datetime, later: timedelta, days: int) -> None:
    assert WORKING.add_workdays(start, days).at <= WORKING.add_workdays(start + later, days).at


@given(any_time, workdays)
def test_a_count_is_provisional_exactly_when_it_looked_at_an_unknown_year(start: datetime, days: int) -> None:
    due = WORKING.add_workdays(start, days)
    first = start.date() + timedelta(days=1)
    looked_at = range(first.year, due.at.year + 1)
    assert due.provisional == any(not WORKING.calendar.knows(year) for year in looked_at)
    assert due.provisional == due.because.endswith("按周一至周五暂算")


@given(any_time, workdays)
def test_the_sentence_is_one_and_names_start_and_end(start: datetime, days: int) -> None:
    due = WORKING.add_workdays(start, days, what="接单")
    assert due.because.startswith(f"自{start:%Y-%m-%d %H:%M}接单起算{days}个工作日（接单当日不计），")
    assert f"至{due.at:%Y-%m-%d %H:%M}止" in due.because
    assert "。" not in due.because


@given(any_time, workdays)
def test_the_day_before_a_due_day_is_the_count_of_one_day_less(start: datetime, days: int) -> None:
    due = WORKING.add_workdays(start, days + 1).at
    assert WORKING.workday_before(due).at == WORKING.add_workdays(start, days).at


@given(any_time)
def test_a_day_ends_by_its_own_close_or_that_of_the_next_working_day(moment: datetime) -> None:
    day = moment.date()
    if WORKING.calendar.is_workday(day):
        assert WORKING.end_of_day(day).at == datetime.combine(day, time(17), SHANGHAI)
    else:
        assert WORKING.end_of_day(day).at == WORKING.add_workdays(moment, 1).at


@given(any_time, minutes)
def test_office_hours_added_and_taken_away_lead_back(start: datetime, count: int) -> None:
    opened = WORKING.add_office_hours(start, 0).at
    added = WORKING.add_office_hours(opened, count / 60).at
    back = WORKING.subtract_office_hours(added, count / 60).at
    # A close and the next opening are the same point of office time.
    assert WORKING.add_office_hours(back, 1 / 60).at == WORKING.add_office_hours(opened, 1 / 60).at


@given(any_time, minutes)
def test_office_hours_end_while_the_office_is_open_or_as_it_closes(start: datetime, count: int) -> None:
    end = WORKING.add_office_hours(start, count / 60).at
    assert WORKING.is_office_time(end) or end.time() == time(17)
    assert WORKING.calendar.is_workday(end.date())


@given(known, st.integers(1, 600))
def test_office_minutes_counted_one_by_one_agree(start: datetime, count: int) -> None:
    minute = start.replace(second=0, microsecond=0)
    end, left = minute, count
    while left:
        left -= WORKING.is_office_time(end)
        end += timedelta(minutes=1)
    assert WORKING.add_office_hours(minute, count / 60).at == end


@given(any_time)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == moment
    assert parse_time(moment.replace(tzinfo=None).isoformat()) == moment


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        assert parse_time(text).tzinfo is SHANGHAI
    except ValueError as refused:
        assert str(refused).startswith("time ")
