"""The people of the demo: two handlers a unit, its head, the leaders, and who is on duty; all of them invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from triage.demo.sayings import words
from triage.domain.moments import SHANGHAI
from triage.domain.vocabulary import Role
from triage.policy.pack.pack import Pack

_DESK = 4
"""Dispatchers, who take turns at night and on days off."""
_CHANGE = time(9)
"""When one at the desk goes home and the next takes over."""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def people(pack: Pack, seed: int) -> list[dict[str, Any]]:
    """Persons as `PUT /v1/people` takes them; the same pack and seed give the same.

    The telephones are those of an exchange that does not exist.
    """
    rng = Random(f"{pack.id}-people-{seed}")
    posts: list[dict[str, Any]] = []
    for unit in pack.units:
        posts += [{"role": Role.UNIT, "unit": unit, "rank": rank} for rank in "AB"]
        posts.append({"role": Role.UNIT_HEAD, "unit": unit})
    posts += [
        {"role": leader.role, "leader": name} for name, leader in pack.leaders.items() if _holds_a_post(leader.role)
    ]
    posts += [{"role": Role.DISPATCHER} for _ in range(_DESK)]
    return [_person(number, post, rng) for number, post in enumerate(posts, start=1)]


def duty(
    pack: Pack, known: list[dict[str, Any]], start: date, until: date
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each week from the one before `start` to the one of `until`, with its shifts as `PUT /v1/duty` takes them.

    Who is at the desk on the first morning came the day before. Leaders take turns by the week, the desk by the day.
    """
    leaders = [one["id"] for one in known if one["posts"][0]["role"] == Role.DEPUTY_LEADER]
    desk = [one["id"] for one in known if one["posts"][0]["role"] == Role.DISPATCHER]
    monday = start - timedelta(days=start.weekday()) - _WEEK
    while monday <= until:
        number = monday.toordinal() // 7
        shifts = [
            _shift(Role.CENTRE, desk[(number + day) % len(desk)], monday + day * _DAY, _CHANGE, _DAY)
            for day in range(7)
        ]
        if leaders:
            shifts.append(_shift(Role.DUTY_LEADER, leaders[number % len(leaders)], monday, time(0), _WEEK))
        year, week, _ = monday.isocalendar()
        yield f"{year}-W{week:02}", shifts
        monday += _WEEK


def _holds_a_post(role: str) -> bool:
    """A duty leader stands in the roster, and a meeting is nobody."""
    return role not in (Role.DUTY_LEADER, Role.MEETING)


def _person(number: int, post: dict[str, Any], rng: Random) -> dict[str, Any]:
    known = words()
    name = rng.choice(known["surnames"]) + rng.choice(known["given"])
    return {
        "id": f"demo-{number:02}",
        "name": name,
        "telephones": [f"021 0000 {rng.randrange(10_000):04}"],
        "posts": [post],
    }


def _shift(role: Role, person: str, day: date, begins: time, lasts: timedelta) -> dict[str, Any]:
    since = datetime.combine(day, begins, SHANGHAI)
    return {"role": role, "person": person, "since": since, "until": since + lasts}
