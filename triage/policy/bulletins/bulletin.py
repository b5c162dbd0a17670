"""From a pack's plan of a bulletin and a backlog to the bulletin: pure, and the same whatever order the orders come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from triage.domain.errors import BadInput
from triage.policy.bulletins.backlog import Backlog
from triage.policy.bulletins.figures import Lines, behind_page, figures_page, ranking_page
from triage.policy.bulletins.lines import Bulletin, Page
from triage.policy.bulletins.pages import list_page, seasons_page, volume_page
from triage.policy.bulletins.schema import (
    AnyPage,
    BehindPage,
    BulletinPart,
    FiguresPage,
    ListPage,
    RankingPage,
    VolumePage,
)
from triage.policy.bulletins.spans import ended
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.past import PastOrder
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Entry
from triage.policy.scoring.work import Assessment


def bulletin(
    pack: Pack,
    name: str,
    orders: Iterable[PastOrder],
    as_of: datetime,
    hours: WorkingTime,
    entries: Iterable[Entry] = (),
) -> Bulletin:
    """The bulletin of the last whole period that has ended by `as_of`: of a Wednesday, the week from Monday to Sunday
    before; of a day in March, the month of February; likewise yesterday, the half of a month, the quarter, the year.

    What an order is like is judged at `as_of`, as everywhere; which orders belong to the period the period says. To
    draw a bulletin up again, give the `as_of` it was drawn up at. `entries` are those that scores take.

    >>> from triage.bootstrap import build
    >>> from triage.policy.events import parse_events
    >>> from triage.policy.judging.facts import Case
    >>> from triage.policy.calendar.workdays import parse_time
    >>> town = build().town("nanmatou")
    >>> events = parse_events([{"at": "2026-03-02T09:30", "kind": "dispatched", "unit": "urban-squad"}])
    >>> case = Case(parse_time("2026-03-02T09:00"), {"repeat_count": 6}, events)
    >>> week = bulletin(town.pack, "weekly", [PastOrder("1", case)], parse_time("2026-03-09T09:00"), town.hours)
    >>> str(week.period)
    '2026年3月2日至3月8日'
    >>> [(line.name, line.order_ids) for line in week.page("重复5次以上未解决、回访不满意工单").lines]
    [('南码头路街道综合行政执法队', ('1',))]
    """
    stated = _stated(pack, name)
    backlog = Backlog(Assessment(pack, ended(stated.every, as_of), as_of, hours), orders, entries)
    return Bulletin(
        policy=pack.id,
        version=pack.version,
        id=stated.id,
        title=stated.title,
        clause=stated.clause,
        notify=stated.notify,
        period=backlog.under.period,
        as_of=as_of,
        pages=tuple(_page(page, stated, backlog) for page in stated.pages),
    )


def _stated(pack: Pack, name: str) -> BulletinPart:
    for stated in pack.bulletins:
        if stated.id == name:
            return stated
    known = ", ".join(stated.id for stated in pack.bulletins) or "none"
    raise BadInput(f"no bulletin {name[:80]!r} in pack {pack.id}; known are {known}")


def _page(page: AnyPage, stated: BulletinPart, backlog: Backlog) -> Page:
    """A page with its lines; each is told whom the page is told, and whom it names itself."""
    notify = page.notify or stated.notify
    lines, notes = _lines(page, backlog)
    told = tuple(replace(line, notify=tuple(dict.fromkeys((*notify, *line.notify)))) for line in lines)
    return Page(page.clause, page.title, notify, told, notes)


def _lines(page: AnyPage, backlog: Backlog) -> Lines:
    if isinstance(page, ListPage):
        return list_page(page, backlog)
    if isinstance(page, VolumePage):
        return volume_page(page, backlog)
    if isinstance(page, FiguresPage):
        return figures_page(page, backlog)
    if isinstance(page, RankingPage):
        return ranking_page(page, backlog)
    if isinstance(page, BehindPage):
        return behind_page(page, backlog)
    return seasons_page(page, backlog)
