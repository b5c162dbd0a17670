"""Promises that were tightened: put down in the ledger, and kept to by every process that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.classify.head import LinearHead
from triage.classify.model import Model
from triage.domain.errors import Conflict, Problem
from triage.domain.people import Actor
from triage.records.activity import entries_of_kind
from triage.records.entries import EVERY_POLICY, PROMISE_TIGHTENED, Entry, Kept
from triage.records.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Tightening:
    """A tightened promise: answers of `label` (None: of any) go out alone from `auto_above` on; None: never."""

    name: str
    version: str
    task: str
    label: str | None
    auto_above: float | None
    measured: Mapping[str, Any]
    at: datetime | None = None


def tightened(model: Model, found: Iterable[Tightening]) -> Model:
    """The model as it may answer after these; those of other models change nothing, and none loosens anything."""
    own = [one for one in found if (one.name, one.version) == (model.name, model.version)]
    heads = dict(model.heads)
    for one in own:
        if one.task in heads:
            heads[one.task] = _tightened_head(heads[one.task], one)
    return replace(model, heads=heads) if own else model


def kept_tightenings(connection: Connection) -> list[Tightening]:
    """All tightenings that were put down, in the order of the ledger."""
    return [_told(kept) for kept in entries_of_kind(connection, EVERY_POLICY, PROMISE_TIGHTENED)]


def put_down(found: Sequence[Tightening], ledger: Ledger, by: Actor, *, seen: int) -> list[Tightening]:
    """Put tightenings down, all or none; every process that follows the ledger keeps to them.

    `seen` is how many tightenings there were when these were worked out: Conflict where there are more by now.
    """
    if not found:
        return []
    with ledger.turn() as turn:
        before = kept_tightenings(turn.connection)
        if len(before) != seen:
            raise Conflict("promise", [Problem((), "was tightened by somebody else meanwhile; look again")])
        kept = []
        for one in found:
            fields = {name: value for name, value in asdict(one).items() if name != "at"}
            kept.append(turn.add(Entry(EVERY_POLICY, PROMISE_TIGHTENED, turn.now, fields, by.id)))
            target = f"{one.name} {one.version} {one.label or '*'}"
            turn.audit(by.id, by.role, "tighten promise", target)
    return [_told(one) for one in kept]


def _told(kept: Kept) -> Tightening:
    return Tightening(**kept.entry.fields, at=kept.entry.at)


def _tightened_head(head: LinearHead, one: Tightening) -> LinearHead:
    """The same head, weights and all, with another promise."""
    promise = head.promise_
    labels = tuple(
        replace(own, auto_above=_stricter(own.auto_above, one.auto_above)) if one.label in (None, own.label) else own
        for own in promise.labels
    )
    every = _stricter(promise.auto_above, one.auto_above) if one.label is None else promise.auto_above
    narrowed = object.__new__(type(head))
    narrowed.__dict__.update(head.__dict__)  # not `copy`, which leaves out what is worked out slowly
    narrowed.promise_ = replace(promise, auto_above=every, labels=labels)
    return narrowed


def _stricter(own: float | None, other: float | None) -> float | None:
    """The higher threshold; None is never alone, and stays that."""
    return None if own is None or other is None else max(own, other)
