"""Pages of orders: those picked, what came in against an earlier period, what a season brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from triage.domain.moments import SHANGHAI
from triage.policy.bulletins.backlog import Backlog, Filed
from triage.policy.bulletins.figures import Lines, name_of, not_limited
from triage.policy.bulletins.lines import Line
from triage.policy.bulletins.schema import ListPage, SeasonsPage, VolumePage
from triage.policy.bulletins.spans import a_year_earlier, previous
from triage.policy.pack.pack import Pack
from triage.policy.pack.shapes import ALWAYS
from triage.policy.scoring.parts import parameter_value

ACROSS = "跨条线"
_KEYS: dict[str, Callable[[Filed], str]] = {
    "unit": lambda filed: filed.lead,
    "category": lambda filed: filed.category,
    "order": lambda filed: filed.id,
}


def list_page(page: ListPage, backlog: Backlog) -> Lines:
    """A line a group of orders, the largest first; what is across lines stands by itself and is told further roles."""
    groups: defaultdict[tuple[str, str], list[Filed]] = defaultdict(list)
    for filed in backlog.standing(page.pick):
        across = page.across_lines and filed.units and not backlog.pack.share_leader(filed.units)
        groups[ACROSS if across else "", _KEYS[page.by](filed)].append(filed)
    lines = [
        Line(
            clause=page.clause,
            key=key,
            name=_name(page.by, key, backlog.pack),
            notify=page.across_lines if group else (),
            order_ids=_ids(orders),
            group=group,
            units=_leads(orders),
        )
        for (group, key), orders in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.count, line.key, line.group))), ()


def volume_page(page: VolumePage, backlog: Backlog) -> Lines:
    """The largest first; a group is left out where it did not grow, or is smaller than the number the town gave."""
    period = backlog.under.period
    earlier = previous(period) if page.against == "before" else a_year_earlier(period)
    now, before = (_grouped(page.by, backlog.received(one, page.pick)) for one in (period, earlier))
    name = page.at_least_parameter
    least = None if name is None else parameter_value(backlog.pack, name)
    lines = []
    for key, orders in now.items():
        line = Line(
            clause=page.clause,
            key=key,
            name=_name(page.by, key, backlog.pack),
            notify=(),
            order_ids=_ids(orders),
            before_ids=_ids(before.get(key, ())),
            units=_leads(orders),
        )
        if (least is None or line.count >= least) and not (page.growing and line.count <= (line.before or 0)):
            lines.append(line)
    notes = (not_limited(backlog.pack, name),) if name is not None and least is None else ()
    return tuple(sorted(lines, key=lambda line: (-line.count, line.key))), notes


def seasons_page(page: SeasonsPage, backlog: Backlog) -> Lines:
    """The categories of every season that the month of `as_of` belongs to: a forecast is read before, not after."""
    under = backlog.under
    now, before = (
        _grouped("category", backlog.received(period, ALWAYS))
        for period in (under.period, a_year_earlier(under.period))
    )
    month = under.as_of.astimezone(SHANGHAI).month
    lines = tuple(
        Line(
            clause=page.clause,
            key=category,
            name=category,
            notify=(),
            order_ids=_ids(now.get(category, ())),
            group=season.name,
            before_ids=_ids(before.get(category, ())),
            units=_leads(now.get(category, ())),
        )
        for season in page.seasons
        if month in season.months
        for category in season.categories
    )
    return lines, tuple(f"{one.name}的月份尚未给定，不预判" for one in page.seasons if not one.months)


def _grouped(by: str, orders: Iterable[Filed]) -> dict[str, list[Filed]]:
    groups: defaultdict[str, list[Filed]] = defaultdict(list)
    for filed in orders:
        groups[_KEYS[by](filed)].append(filed)
    return dict(groups)


def _name(by: str, key: str, pack: Pack) -> str:
    if by == "unit":
        return name_of(key, pack)
    return key or "未分类"


def _ids(orders: Iterable[Filed]) -> tuple[str, ...]:
    return tuple(sorted(filed.id for filed in orders))


def _leads(orders: Iterable[Filed]) -> tuple[str, ...]:
    return tuple(sorted({filed.lead for filed in orders} - {""}))
