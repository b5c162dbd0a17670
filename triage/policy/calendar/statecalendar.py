"""The state calendar: which days China works, by the State Council's yearly notices, and why a day is off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from triage.policy.calendar.notices import ONE_DAY, YearNotice

WEEKEND = "周末"

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}
# The holidays that 《全国年节及纪念日放假办法》 fixes to a date; the lunar ones wait for the yearly notice.
_FIXED = {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}
# 国办发明电〔2005〕35号 makes this Saturday a working day; chinesecalendar 1.11 leaves it off.
_MISSING_MAKE_UPS = frozenset({date(2005, 12, 31)})
# A year of orders needs some hundreds of these sentences; the bound is for whoever sends dates at random.
_MOST_ACCOUNTS = 5000


@dataclass(frozen=True, eq=False)
class StateCalendar:
    """The working days of the years whose notices are known, and an honest guess for all others.

    `sources` maps each known year to where its days come from. In any other year the days are taken as Monday to
    Friday without the holidays of fixed date; whoever counts on them asks `unknown` and says so.

    >>> calendar = StateCalendar.published()
    >>> calendar.why_off(date(2026, 10, 3)), calendar.is_workday(date(2026, 10, 10))
    ('国庆节', True)
    """

    sources: Mapping[int, str]
    holidays: Mapping[date, str]
    make_ups: frozenset[date]
    # Both only remember what the fields above say, since every obligation of a day asks the same again.
    _off_by_year: dict[int, dict[date, str]] = field(default_factory=dict, init=False, repr=False)
    _accounts: dict[tuple[date, date], tuple[str, ...]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def published(cls) -> StateCalendar:
        """The notices that the library chinesecalendar carries: 2004 to 2026 in its release 1.11."""
        # Imported here: its tables cost 15 ms that a command which counts no days need not pay.
        from chinese_calendar.constants import holidays, workdays

        years = range(min(holidays).year, max(holidays).year + 1)
        return cls(
            sources=dict.fromkeys(years, "chinesecalendar"),
            holidays={day: _NAMES.get(name, name) for day, name in holidays.items()},
            make_ups=frozenset(workdays) | _MISSING_MAKE_UPS,
        )

    def with_file(self, path: Path | str) -> StateCalendar:
        """This calendar with the years of an offline YAML file added or replaced.

        A file says, per year, what the State Council's notice says; `source` may be left out::

            2027:
              source: 国办发明电〔2026〕…号
              holidays: {元旦: [2027-01-01, 2027-01-03], …}   # name: [first, last], both included
              workdays: [2027-02-06, …]                       # weekend days worked

        Every fault of the file is reported at once, as `BadInput` with a `Problem` for each.
        """
        from triage.policy.calendar.calendarfile import read_notices

        calendar = self
        for notice in read_notices(Path(path)):
            calendar = calendar.with_notice(notice)
        return calendar

    def with_notice(self, notice: YearNotice) -> StateCalendar:
        """This calendar with one year added or replaced.

        A notice may also speak of the December before its year; those days alone are amended there.
        """
        holidays = {day: name for day, name in self.holidays.items() if day.year != notice.year}
        make_ups = {day for day in self.make_ups if day.year != notice.year}
        return StateCalendar(
            sources={**self.sources, notice.year: notice.source},
            holidays={day: name for day, name in holidays.items() if day not in notice.workdays}
            | dict(notice.holidays),
            make_ups=frozenset(make_ups - notice.holidays.keys()) | notice.workdays,
        )

    def knows(self, year: int) -> bool:
        """Whether the notice for this year is known, so that its working days are not a guess."""
        return year in self.sources

    def is_workday(self, day: date) -> bool:
        """Whether the state works on this day; a guess where `knows(day.year)` is false."""
        return day not in self._off(day)

    def is_make_up(self, day: date) -> bool:
        """Whether this is a weekend day worked in exchange for a holiday (调休上班)."""
        return day in self.make_ups

    def why_off(self, day: date) -> str | None:
        """The holiday's name or 周末, None for a day that is worked.

        >>> calendar = StateCalendar.published()
        >>> [calendar.why_off(date(2026, 2, day)) for day in (13, 14, 15, 22, 24)]
        [None, None, '春节', '春节', None]
        """
        return self._off(day).get(day)

    def account(self, days: Sequence[date]) -> tuple[str, ...]:
        """Which of these consecutive days are off and which weekend days are worked, in a phrase each.

        >>> StateCalendar.published().account([date(2026, 10, 6) + n * ONE_DAY for n in range(6)])
        ('10月6日至7日国庆节、10月11日周末放假不计', '10月10日（周六）调休上班计入')
        """
        stretch = days[0], days[-1]
        phrases = self._accounts.get(stretch)
        if phrases is None:
            if len(self._accounts) >= _MOST_ACCOUNTS:
                self._accounts.clear()
            phrases = self._accounts[stretch] = tuple(self._account(days))
        return phrases

    def unknown(self, days: Sequence[date]) -> str | None:
        """The sentence's last part where some of these consecutive days lie in a year without a known notice.

        >>> StateCalendar.published().unknown([date(2026, 12, 31), date(2027, 1, 1)])
        '2027年国务院放假安排尚未公布，按周一至周五暂算'
        """
        first, last = days[0].year, days[-1].year
        if first == last and first in self.sources:
            return None
        years = [year for year in range(first, last + 1) if year not in self.sources]
        if not years:
            return None
        state = "未收录" if years[-1] < max(self.sources, default=0) else "尚未公布"
        return "、".join(f"{year}年" for year in years) + f"国务院放假安排{state}，按周一至周五暂算"

    def _account(self, days: Sequence[date]) -> Iterator[str]:
        spells = [(name, list(spell)) for name, spell in groupby(days, key=self.why_off)]
        off = [_spell_text(spell[0], spell[-1]) + name for name, spell in spells if name]
        worked = [day for name, spell in spells if not name for day in spell if day in self.make_ups]
        if off:
            yield "、".join(off) + "放假不计"
        if worked:
            yield "、".join(_make_up_text(day) for day in worked) + "调休上班计入"

    def _off(self, day: date) -> dict[date, str]:
        """The days off of this day's year, each with its reason; worked out once a year."""
        if isinstance(day, datetime):
            # A datetime passes for a date but equals none, so every moment would look like a working day.
            raise TypeError(f"the calendar asks for a date, not for the moment {day!r}")
        off = self._off_by_year.get(day.year)
        if off is None:
            off = self._off_by_year[day.year] = self._days_off(day.year)
        return off

    def _days_off(self, year: int) -> dict[date, str]:
        fixed = {} if self.knows(year) else {date(year, month, day): name for (month, day), name in _FIXED.items()}
        first = date(year, 1, 1)
        days = [first + n * ONE_DAY for n in range((date(year, 12, 31) - first).days + 1)]
        names = {day: WEEKEND for day in days if day.weekday() >= 5} | fixed
        names |= {day: name for day, name in self.holidays.items() if day.year == year}
        return {day: names[day] for day in days if day in names and day not in self.make_ups}


def _spell_text(first: date, last: date) -> str:
    text = f"{first.month}月{first.day}日"
    if last == first:
        return text
    return f"{text}至{last.day}日" if last.month == first.month else f"{text}至{last.month}月{last.day}日"


def _make_up_text(day: date) -> str:
    return f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"
