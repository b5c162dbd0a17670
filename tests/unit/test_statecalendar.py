"""The state calendar against a second source, and the file that brings a new year."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]
import holidays
import pytest

from triage.domain.errors import BadInput
from triage.policy.calendar.statecalendar import StateCalendar

YEARS = range(2004, 2027)

# Where chinesecalendar and holidays differ, the notice decides. Each entry: worked or not, and the notice.
DIFFERENCES = {
    # 国办发明电〔2005〕35号: 将12月31日（星期六）…公休日调至…，12月31日（星期六）上班。
    # chinesecalendar leaves the day off, holidays has it right, and so has our calendar.
    date(2005, 12, 31): True,
}


def every_day() -> list[date]:
    first, last = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def published() -> StateCalendar:
    return StateCalendar.published()


@pytest.fixture(scope="module")
def second_source() -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=YEARS)


def test_the_two_sources_differ_on_the_listed_days_only(second_source: holidays.HolidayBase) -> None:
    differing = {day for day in every_day() if chinese_calendar.is_workday(day) != second_source.is_working_day(day)}
    assert differing == DIFFERENCES.keys()


def test_every_published_day_agrees_with_the_second_source_or_with_the_notice(
    published: StateCalendar, second_source: holidays.HolidayBase
) -> None:
    for day in every_day():
        assert published.is_workday(day) == DIFFERENCES.get(day, second_source.is_working_day(day)), day


def test_make_up_days_are_the_weekend_days_worked(
    published: StateCalendar, second_source: holidays.HolidayBase
) -> None:
    ours = {day for day in every_day() if published.is_make_up(day)}
    assert ours == {day for day in second_source.weekend_workdays if day.year in YEARS}
    assert ours == {day for day in every_day() if published.is_workday(day) and day.weekday() >= 5}


def test_every_holiday_has_a_chinese_name(published: StateCalendar) -> None:
    assert set(published.holidays.values()) == {
        "元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节", "抗战胜利70周年纪念日",
    }  # fmt: skip


def test_the_published_years_are_known_and_the_next_is_not(published: StateCalendar) -> None:
    assert [year for year in range(2000, 2031) if published.knows(year)] == list(YEARS)


def test_a_day_off_says_why_and_a_day_worked_does_not(published: StateCalendar) -> None:
    assert published.why_off(date(2026, 10, 1)) == "国庆节"
    assert published.why_off(date(2026, 10, 11)) == "周末"
    assert published.why_off(date(2026, 10, 10)) is None
    assert published.why_off(date(2015, 9, 3)) == "抗战胜利70周年纪念日"


def test_several_unknown_years_are_all_named(published: StateCalendar) -> None:
    days = [date(2026, 12, 1) + timedelta(days=n) for n in range(500)]
    assert published.unknown(days) == "2027年、2028年国务院放假安排尚未公布，按周一至周五暂算"


def test_memory_stays_bounded_however_many_stretches_are_asked_for(published: StateCalendar) -> None:
    for n in range(6000):
        day = date(2004, 1, 1) + timedelta(days=n)
        published.account([day, day + timedelta(days=1)])
    assert len(published._accounts) <= 5000


# ---- the offline file

A_WHOLE_YEAR = """
2027:
  source: 国办发明电〔2026〕7号
  holidays:
    元旦: ["2027-01-01", "2027-01-03"]
    春节: [2027-02-05, 2027-02-11]
    劳动节: [2027-05-01, 2027-05-05]
    国庆节: [2027-10-01, 2027-10-07]
  workdays: ["2027-02-13", 2027-10-09]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        StateCalendar.published().with_file(written(folder, text))
    return [str(problem) for problem in refused.value.problems]


def test_a_file_adds_a_year(published: StateCalendar, tmp_path: Path) -> None:
    calendar = published.with_file(written(tmp_path, A_WHOLE_YEAR))
    assert calendar.knows(2027) and not published.knows(2027)
    assert calendar.sources[2027] == "国办发明电〔2026〕7号"
    assert calendar.why_off(date(2027, 2, 8)) == "春节"
    assert calendar.is_make_up(date(2027, 2, 13)) and calendar.is_workday(date(2027, 2, 13))
    assert calendar.is_workday(date(2027, 5, 6))
    assert calendar.why_off(date(2026, 10, 1)) == "国庆节"
    assert published.is_workday(date(2027, 2, 8))


def test_a_file_replaces_a_year_whole(published: StateCalendar, tmp_path: Path) -> None:
    text = """
2026:
  holidays: {元旦: [2026-01-01, 2026-01-01], 劳动节: [2026-05-01, 2026-05-01], 国庆节: [2026-10-01, 2026-10-03]}
"""
    calendar = published.with_file(written(tmp_path, text))
    assert calendar.is_workday(date(2026, 10, 7))
    assert not calendar.is_workday(date(2026, 10, 10))
    assert calendar.why_off(date(2025, 10, 7)) == "国庆节"


def test_a_notice_may_rearrange_the_december_before_its_year(published: StateCalendar, tmp_path: Path) -> None:
    # 2018 with 2019's notice left out, then brought by the file as it was announced.
    text = """
2018: {holidays: {元旦: [2018-01-01, 2018-01-01], 劳动节: [2018-05-01, 2018-05-01], 国庆节: [2018-10-01, 2018-10-07]}}
2019:
  holidays: {元旦: [2018-12-30, 2019-01-01], 劳动节: [2019-05-01, 2019-05-01], 国庆节: [2019-10-01, 2019-10-07]}
  workdays: [2018-12-29]
"""
    calendar = published.with_file(written(tmp_path, text))
    for day in (29, 30, 31):
        assert calendar.is_workday(date(2018, 12, day)) == published.is_workday(date(2018, 12, day))
    assert calendar.why_off(date(2018, 12, 31)) == "元旦"


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    text = """
2027:
  sauce: 国办发明电
  source: 7
  holidays:
    元旦: [2027-01-01, 2027-02-30]
    春节: [2027-02-11, 2027-02-05]
    清明节: 2027-04-05
    劳动节: [2027-05-01, 2027-06-05]
    劳动节: [2027-05-01, 2027-05-05]
    端午节: [2028-06-09, 2028-06-09]
    国庆节: [2027-10-01, 2027-10-07]
  workdays: [2027-10-02, 2027-02-12, 20270213, 2027年2月14日]
二〇二八: {}
2029: 没有
2030: {}
2031: {holidays: {元旦: [2031-01-01, 2031-02-01]}, workdays: 2031-01-04}
"""
    found = faults(tmp_path, text)
    assert found == [
        "line 10: 劳动节 stands twice",
        "2027.sauce: unknown key; allowed are source, holidays, workdays",
        "2027.holidays.元旦.1: '2027-02-30' is not a date such as 2027-10-01",
        "2027.holidays.春节: the last day 2027-02-05 is before the first day 2027-02-11",
        "2027.holidays.清明节: '2027-04-05' must be [first day, last day]",
        "2027.holidays.端午节.0: 2028-06-09 is outside 2027 and the December before",
        "2027.holidays.端午节.1: 2028-06-09 is outside 2027 and the December before",
        "2027.holidays: 2027-01-01 is off by law but not listed",
        "2027.workdays.1: 2027-02-12 is no Saturday or Sunday",
        "2027.workdays.2: 20270213 is not a date such as 2027-10-01",
        "2027.workdays.3: '2027年2月14日' is not a date such as 2027-10-01",
        "2027.workdays: 2027-10-02 is also the holiday 国庆节",
        "2027.source: 7 must be a text such as 国办发明电〔2026〕7号",
        "二〇二八: is not a year from 1992 to 2199, written without quotes",
        "2029: '没有' must be a mapping with source, holidays, workdays",
        "2030.holidays: must map each holiday's name to [first day, last day]",
        "2031.holidays.元旦: 2031-01-01 to 2031-02-01 is longer than 15 days; is the month mistyped?",
        "2031.holidays: 2031-05-01 is off by law but not listed",
        "2031.holidays: 2031-10-01 is off by law but not listed",
        "2031.workdays: '2031-01-04' must be a list of days",
    ]


@pytest.mark.parametrize("text", ["", "- 2027", "2027: {holidays: [", "? [2027]\n: {}\n"])
def test_a_file_that_is_no_calendar_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match="calendar file .*calendar.yaml"):
        StateCalendar.published().with_file(written(tmp_path, text))


def test_the_example_in_the_docs_is_a_file_that_loads(published: StateCalendar, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    calendar = published.with_file(written(tmp_path, example))
    assert calendar.why_off(date(2027, 2, 11)) == "春节"
    assert calendar.is_make_up(date(2027, 10, 9))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere.yaml cannot be read"):
        StateCalendar.published().with_file(tmp_path / "nowhere.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_bytes(A_WHOLE_YEAR.encode("gb18030"))
    with pytest.raises(BadInput, match="cannot be read"):
        StateCalendar.published().with_file(path)
