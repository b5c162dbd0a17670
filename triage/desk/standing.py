"""Where an order stands: everything the rules say of it at one time, from what happened to it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triage.desk.inputs import bytes_of, decoded, each_row
from triage.desk.past_orders import read_past_order
from triage.domain.decisions import Alert, Awaited, Dispatch, Obligation, PolicyRef, Reason, TraceStep
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.admission import not_allowed, refused_events
from triage.policy.judging.course import Turn, course
from triage.policy.judging.judge import judge
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.scenarios.cases import ReadCase


@dataclass(frozen=True)
class Standing:
    """One order at `as_of`.

    `awaits`: whose answer it waits for; `not_allowed`: kinds of event that would be refused now, with the clauses;
    `refused`: which of its events, by position from 0, would have been refused; `course`: its alerts over time.
    """

    order_id: str
    policy: PolicyRef
    as_of: datetime
    dispatch: Dispatch
    awaits: tuple[Awaited, ...]
    obligations: tuple[Obligation, ...]
    alerts: tuple[Alert, ...]
    may_close: bool
    why_not: tuple[Reason, ...]
    not_allowed: Mapping[str, tuple[Reason, ...]]
    refused: Mapping[int, tuple[Reason, ...]]
    course: tuple[Turn, ...]
    trace: tuple[TraceStep, ...]


def standing(order_id: str, read: ReadCase, pack: Pack, hours: WorkingTime) -> Standing:
    """Judge one order; pure."""
    case, as_of = read.under(pack), read.as_of
    found = judge(pack, case, as_of, hours)
    return Standing(
        order_id=order_id,
        policy=PolicyRef(pack.id, pack.version),
        as_of=as_of,
        dispatch=found.dispatch,
        awaits=found.awaits,
        obligations=found.obligations,
        alerts=found.alerts,
        may_close=found.may_close,
        why_not=found.why_not,
        not_allowed={str(kind): reasons for kind, reasons in not_allowed(pack, case, as_of, hours).items()},
        refused=refused_events(pack, case, as_of, hours),
        course=course(pack, case, as_of, hours),
        trace=found.trace,
    )


def standings(
    file: Path, policy: str, as_of: str | None, shelf: PackShelf, hours: Callable[[Pack], WorkingTime]
) -> Iterator[Standing]:
    """Of every order of a file (.json holds one, .jsonl one a line), by the pack in force when it was received.

    BadInput names every row that cannot be used, before anything is judged.
    """
    name, content = str(file), decoded(str(file), bytes_of(file))
    lines = content.split("\n") if file.suffix == ".jsonl" else [content]
    read = each_row(name, lines, lambda number, row: read_past_order(row, number, policy, as_of), "has no order in it")
    for order_id, one in read:
        pack = shelf.get_or_raise(policy, one.case.received_at or one.as_of)
        yield standing(order_id, one, pack, hours(pack))
