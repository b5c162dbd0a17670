"""The month: every call written down, every order sent on its way, all of it in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from random import Random
from typing import Any

from triage.demo.calls import Call, calls
from triage.demo.courses import COURSES
from triage.demo.docket import Docket, Office
from triage.demo.happenings import Happening, NewOrder, OrderEvents
from triage.demo.rhythm import Rhythm
from triage.demo.writing import Clerk
from triage.domain.vocabulary import RequestType
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.pack.pack import Pack

_HANDLED = (RequestType.COMPLAINT, RequestType.HELP)
"""Others are asked or proposed: they are answered and nothing is in dispute."""
_BURSTS = ("water-supply", "power-supply", "manhole-cover", "waterlogging")
_URGENT = 0.6
_SHOWN_BEFORE = 14
"""Until this day every way is shown once: early enough to end within the month."""


def month(pack: Pack, seed: int, start: date, *, hours: WorkingTime, size: float = 1.0) -> Iterator[Happening]:
    """Thirty days from midnight of `start`, in the order of time; the same arguments give the same bytes.

    `hours` are the pack's working time; size 1.0 is the published month of 2,681 orders. What would happen after the
    last day is left out, so that orders stay open at the end. BadInput where the size has no room for all that is
    shown.
    """
    rng = Random(seed)
    rhythm = Rhythm(start, hours, rng)
    planned = calls(pack, rhythm, rng, size)
    courses = _courses(planned, pack, start, hours, rng)
    clerk, office = Clerk(rng), Office(pack, hours)
    happenings: list[Happening] = []
    for number, (call, course) in enumerate(zip(planned, courses, strict=True), start=1):
        order = _order(call, course, f"{pack.id}-{seed}-{call.at:%Y%m%d}-{number:05}", clerk, pack)
        happenings += [order, *_handled(order, office, rng)]
    return iter(sorted((one for one in happenings if one.at < rhythm.end), key=_place))


def _place(happening: Happening) -> tuple[datetime, str]:
    return happening.at, happening.order_id


def _order(call: Call, course: str, order_id: str, clerk: Clerk, pack: Pack) -> NewOrder:
    body: dict[str, Any] = {"policy": pack.id, "order": clerk.order(call, order_id)}
    facts = _facts(call, course)
    if facts:
        body["facts"] = facts
    return NewOrder(call.at, order_id, body, call.concern.saying.category, call.concern.id, call.by_app, course)


def _facts(call: Call, course: str) -> dict[str, Any]:
    """What the district states besides."""
    site = {"needs_site_visit": True} if call.concern.saying.site else {}
    return {**site, **COURSES[course].facts}


def _handled(order: NewOrder, office: Office, rng: Random) -> Iterator[OrderEvents]:
    docket = Docket(office, rng, order)
    COURSES[order.course].steps(docket)
    for at, events in groupby(docket.raw, key=lambda event: str(event["at"])):
        yield OrderEvents(datetime.fromisoformat(at), order.order_id, tuple(events))


def _courses(planned: Sequence[Call], pack: Pack, start: date, hours: WorkingTime, rng: Random) -> list[str]:
    """The way of each order: as the story has it, else by chance; every way that chance may take is shown."""
    drawn = {name: course.weight for name, course in COURSES.items() if course.weight}
    to_show = list(drawn)[::-1]
    found = []
    for call in planned:
        if call.course is not None:
            found.append(call.course)
        elif call.request_type not in _HANDLED:
            found.append("plain")
        elif _bursts(call, hours) and rng.random() < _URGENT:
            found.append("urgent")
        elif to_show and not call.nth and _may_show(call, pack, start):
            found.append(to_show.pop())
        else:
            found.append(rng.choices(list(drawn), list(drawn.values()))[0])
    return found


def _bursts(call: Call, hours: WorkingTime) -> bool:
    """Whether it cannot wait for the office to open."""
    return call.concern.saying.category in _BURSTS and not hours.is_office_time(call.at)


def _may_show(call: Call, pack: Pack, start: date) -> bool:
    """Early, and with one unit in charge, which may then say that another is."""
    early = (call.at.date() - start).days < _SHOWN_BEFORE
    return early and len(pack.duties[call.concern.saying.category].lead) == 1
