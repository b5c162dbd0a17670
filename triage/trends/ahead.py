"""未诉先办: what to look at before the calls come, and whether the town's own counts bear it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from triage.domain.errors import BadInput, Problem
from triage.trends.seasons import SeasonalMatter, matters_of
from triage.trends.series import DailyCounts, Key

YEAR = 365
MORE = 1.1
"""From a tenth more than the mean of the year on, last year bears a matter out."""

SMALL = 10
"""Below so many orders a year nothing can be said of a season."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Orders of a matter's categories in the same days a year ago, and how many the mean of that year would give."""

    count: int
    usual: float


@dataclass(frozen=True, slots=True)
class Preparation:
    """A seasonal matter of the coming weeks; `measured` is None where it is general knowledge and nothing more."""

    matter: SeasonalMatter
    measured: Measured | None
    because: str


def preparations(counts: DailyCounts, start: date, days: int = 28) -> tuple[Preparation, ...]:
    """What to look at before the `days` from `start` on, those that last year bears out first.

    A year of counts before `start` is needed to measure anything. Raises BadInput where `days` is not from 1 to 92.

    >>> from triage.trends.series import daily_counts
    >>> found = preparations(daily_counts([], date(2026, 5, 31)), date(2026, 6, 1))
    >>> found[0].matter.name, found[0].because
    ('汛期积水与房屋渗漏', '属一般经验：本地计数不满一年，尚不能印证')
    """
    if not 1 <= days <= 92:
        raise BadInput("preparations", [Problem(("days",), f"{days} must be from 1 to 92")])
    last = start + timedelta(days=days - 1)
    found = [_preparation(counts, matter, start, days) for matter in matters_of(start, last)]
    return tuple(sorted(found, key=lambda one: -_ratio(one.measured)))


def _preparation(counts: DailyCounts, matter: SeasonalMatter, start: date, days: int) -> Preparation:
    measured = _measured(counts, matter, start, days)
    return Preparation(matter, measured, _because(measured, days))


def _measured(counts: DailyCounts, matter: SeasonalMatter, start: date, days: int) -> Measured | None:
    """The year before `start` begins with the very days that are asked about."""
    year_ago = start - timedelta(days=YEAR)
    if counts.since > year_ago or counts.until < start - timedelta(days=1):
        return None
    rows = [key for key in counts.cells if key.category in matter.categories]
    same = _counted(counts, rows, year_ago, year_ago + timedelta(days=days - 1))
    whole = _counted(counts, rows, year_ago, start - timedelta(days=1))
    return Measured(same, whole * days / YEAR)


def _counted(counts: DailyCounts, rows: list[Key], first: date, last: date) -> int:
    return sum(counts.count(key, first, last) for key in rows)


def _ratio(measured: Measured | None) -> float:
    return measured.count / measured.usual if measured and measured.usual else 0.0


def _because(measured: Measured | None, days: int) -> str:
    if measured is None:
        return "属一般经验：本地计数不满一年，尚不能印证"
    if measured.usual * YEAR / days < SMALL:
        return f"属一般经验：本地近一年这类工单不足{SMALL}件，看不出季节"
    figures = f"本地去年同期{days}天{measured.count}件，全年平均同样天数{measured.usual:.0f}件"
    ratio = _ratio(measured)
    return f"{figures}，为{ratio:.1f}倍" if ratio >= MORE else f"{figures}，本地数据尚未显示高发"
