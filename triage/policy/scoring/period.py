"""The periods that scores are worked out and bulletins drawn up for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from triage.domain.errors import BadInput
from triage.domain.moments import SHANGHAI
from triage.policy.calendar.notices import YEARS

PeriodKind = Literal["month", "quarter", "year"]
SpanKind = Literal["day", "week", "half_month", "month", "quarter", "year"]
PERIOD_WORDS: dict[SpanKind, str] = {
    "day": "每日",
    "week": "每周",
    "half_month": "半月",
    "month": "月度",
    "quarter": "季度",
    "year": "年度",
}
_MONTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "year": 12}
_WRITTEN = re.compile(r"(?P<year>\d{4})(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month, quarter or year in Shanghai (for bulletins also a day, a week, half a month), from `start` up
    to but not including `end`.

    >>> Period.parse("2026-03").holds(datetime(2026, 3, 31, 23, 59, tzinfo=SHANGHAI))
    True
    >>> str(Period.parse("2026-Q1")), Period.parse("2026").kind
    ('2026年第1季度', 'year')
    """

    kind: SpanKind
    start: datetime
    end: datetime

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2026-03`, `2026-Q1` or `2026`; anything else is BadInput."""
        written = _WRITTEN.fullmatch(text)
        if written is None or int(written["year"]) not in YEARS:
            raise BadInput(f"period {text[:80]!r} is not a month, quarter or year such as 2026-03, 2026-Q1 or 2026")
        year, month, quarter = (int(written[name] or 0) for name in ("year", "month", "quarter"))
        kind: PeriodKind = "month" if month else "quarter" if quarter else "year"
        first = month or 3 * quarter - 2 if month or quarter else 1
        after = first - 1 + _MONTHS[kind]
        end = datetime(year + after // 12, after % 12 + 1, 1, tzinfo=SHANGHAI)
        return cls(kind, datetime(year, first, 1, tzinfo=SHANGHAI), end)

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in the period."""
        return self.start <= at < self.end

    def __str__(self) -> str:
        year, month, last = f"{self.start:%Y}年", f"{self.start.month}月", self.end - timedelta(days=1)
        return {
            "day": f"{year}{month}{self.start.day}日",
            "week": f"{year}{month}{self.start.day}日至{last.month}月{last.day}日",
            "half_month": f"{year}{month}{'上' if self.start.day == 1 else '下'}半月",
            "month": f"{year}{month}",
            "quarter": f"{year}第{last.month // 3}季度",
            "year": f"{year}度",
        }[self.kind]
