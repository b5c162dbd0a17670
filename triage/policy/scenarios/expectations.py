"""What a scenario may expect: a word that does not exist would otherwise be absent, and so always as expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from triage.domain.decisions import Alert, Awaited, Dispatch, Obligation
from triage.domain.errors import BadInput, Problem
from triage.domain.vocabulary import AlertKind, ObligationId
from triage.policy.calendar.workdays import BadTime, parse_time

PARTS = (
    "dispatch",
    "obligations",
    "no_obligations",
    "alerts",
    "no_alerts",
    "awaits",
    "may_close",
    "why_not",
    "refused",
)


def check_expected(expect: Mapping[str, Any], events: int = 0) -> None:
    """BadInput with every key, id or kind that cannot be, and what was allowed.

    >>> check_expected({"no_obligations": ["finsh"], "no_alerts": ["red"]})
    Traceback (most recent call last):
    ...
    triage.domain.errors.BadInput: expect: expect.no_obligations: 'finsh' is not one of centre_contact, sign, \
first_contact, site_visit, return_window, extension_window, finish, urgent_feedback, rework_finish, call_back, \
bulletin_answer
    """
    problems = list(_unknown(expect, PARTS, "expect"))
    problems += _fields(expect.get("dispatch", {}), Dispatch, "dispatch")
    problems += _obligations(expect.get("obligations", {}))
    problems += _words(expect.get("no_obligations", []), ObligationId, "no_obligations")
    problems += _alerts(expect.get("alerts", []))
    problems += _absent(expect.get("no_alerts", []))
    problems += _listed(expect.get("awaits", []), Awaited, "awaits")
    if not isinstance(expect.get("may_close", True), bool):
        problems.append(Problem(("expect", "may_close"), f"must be true or false, not {expect['may_close']!r}"))
    problems += _clauses(expect.get("why_not", []))
    problems += _refused(expect.get("refused", []), events)
    if problems:
        raise BadInput("expect", problems)


def _obligations(wanted: Any) -> Iterator[Problem]:
    if not isinstance(wanted, Mapping):
        yield Problem(("expect", "obligations"), f"must be a mapping of id to fields, not {wanted!r}")
        return
    yield from _unknown(wanted, ObligationId, "expect", "obligations")
    for name, values in wanted.items():
        yield from _fields(values or {}, Obligation, "obligations", name)
        if isinstance(values, Mapping) and values.get("due_at") is not None:
            try:
                parse_time(values["due_at"])
            except BadTime as error:
                yield Problem(("expect", "obligations", name, "due_at"), error.message)


def _alerts(wanted: Any) -> Iterator[Problem]:
    if not isinstance(wanted, list):
        yield Problem(("expect", "alerts"), f"must be a list of alerts, not {wanted!r}")
        return
    for index, alert in enumerate(wanted):
        yield from _fields(alert, Alert, "alerts", index)
        if isinstance(alert, Mapping):
            yield from _words([alert["kind"]] if "kind" in alert else [], AlertKind, "alerts", index, "kind")
            if not isinstance(alert.get("notify", []), list):
                yield Problem(
                    ("expect", "alerts", index, "notify"), f"must be a list of roles, not {alert['notify']!r}"
                )


def _absent(wanted: Any) -> Iterator[Problem]:
    """A kind, or fields of an alert that must not be there."""
    if not isinstance(wanted, list):
        yield Problem(("expect", "no_alerts"), f"must be a list, not {wanted!r}")
        return
    yield from _words([one for one in wanted if not isinstance(one, Mapping)], AlertKind, "no_alerts")
    for index, one in enumerate(wanted):
        if isinstance(one, Mapping):
            yield from _fields(one, Alert, "no_alerts", index)


def _listed(wanted: Any, kind: type, name: str) -> Iterator[Problem]:
    if not isinstance(wanted, list):
        yield Problem(("expect", name), f"must be a list, not {wanted!r}")
        return
    for index, item in enumerate(wanted):
        yield from _fields(item, kind, name, index)


def _clauses(wanted: Any) -> Iterator[Problem]:
    if not isinstance(wanted, list) or not all(isinstance(clause, str) for clause in wanted):
        yield Problem(("expect", "why_not"), f"must be a list of clauses, not {wanted!r}")


def _refused(wanted: Any, events: int) -> Iterator[Problem]:
    if not isinstance(wanted, list):
        yield Problem(("expect", "refused"), f"must be a list of refusals, not {wanted!r}")
        return
    for index, item in enumerate(wanted):
        if not isinstance(item, Mapping):
            yield Problem(("expect", "refused", index), f"must be a mapping with event and clause, not {item!r}")
            continue
        yield from _unknown(item, ("event", "clause", "because"), "expect", "refused", index)
        place = item.get("event")
        if type(place) is not int or not 0 <= place < events:
            allowed = f"0 to {events - 1}" if events else "none, since the scenario has no events"
            loc = ("expect", "refused", index, "event")
            yield Problem(loc, f"must be the position of an event, counted from 0 ({allowed}), not {place!r}")


def _fields(wanted: Any, kind: type, *loc: str | int) -> Iterator[Problem]:
    if isinstance(wanted, Mapping):
        yield from _unknown(wanted, [field.name for field in fields(kind)], "expect", *loc)
    else:
        yield Problem(("expect", *loc), f"must be a mapping of fields, not {wanted!r}")


def _words(wanted: Any, known: Iterable[str], *loc: str | int) -> Iterator[Problem]:
    allowed = tuple(known)
    if not isinstance(wanted, list):
        yield Problem(("expect", *loc), f"must be a list, not {wanted!r}")
        return
    for word in wanted:
        if word not in allowed:
            yield Problem(("expect", *loc), f"{word!r} is not one of {', '.join(allowed)}")


def _unknown(wanted: Iterable[Any], known: Iterable[str], *loc: str | int) -> Iterator[Problem]:
    allowed = tuple(known)
    for name in wanted:
        if name not in allowed:
            yield Problem((*loc, str(name)), f"unknown key; known are {', '.join(allowed)}")
