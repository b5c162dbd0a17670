"""What a dispatcher chose instead of what was suggested, and why: kept for the file, and for learning from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from triage.desk.orders.books import Books
from triage.desk.orders.views import visible_or_raise
from triage.desk.orders.wording import storable, without_personal
from triage.domain.errors import BadInput, Conflict, Problem, hint
from triage.domain.people import Actor
from triage.domain.vocabulary import DispatchMode, RequestType, Role, Urgency
from triage.policy.pack.pack import Pack
from triage.records.categories import put_category
from triage.records.entries import FEEDBACK, Entry, Kept, received_fields
from triage.records.ledger import Turn, entries_of
from triage.records.orders import OrderRow

_CLOSED = {"request_type": RequestType, "urgency": Urgency, "mode": DispatchMode, "decider": Role}


@dataclass(frozen=True)
class Feedback:
    """A dispatcher's word on a suggestion: only what differs is said, or that it was `accepted` as it was."""

    category: str | None = None
    units: tuple[str, ...] | None = None
    request_type: str | None = None
    urgency: str | None = None
    mode: str | None = None
    decider: str | None = None
    issue: str | None = None
    accepted: bool = False
    why: str = ""

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen instead."""
        said = {name: value for name, value in asdict(self).items() if name not in ("accepted", "why")}
        return {name: list(value) if name == "units" else value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class KeptFeedback:
    """Feedback as it is kept, and the order's version after it; `is_new` is false where it was kept before."""

    order_id: str
    id: str
    at: datetime
    recorder: str
    fields: Mapping[str, Any]
    version: int
    is_new: bool


def give_feedback(
    order_id: str, said: Feedback, feedback_id: str | None, books: Books, by: Actor, categories: Collection[str]
) -> KeptFeedback:
    """Keep a dispatcher's word; the same id again changes nothing. What was suggested stays as it was, and the order's
    category, as lists and bulletins show it, is the chosen one from now on.

    NotFound where the actor may not see the order, BadInput with every fault, Conflict where the id is kept with
    something else.
    """
    feedback_id = None if feedback_id is None else storable(feedback_id)
    with books.ledger.turn() as turn:
        order = visible_or_raise(turn.connection, storable(order_id), by)
        entries = entries_of(turn.connection, order.id)
        original = books.originals.open(turn.connection, [order.seq]).get(order.seq, {})
        caller = (original.get("order") or {}).get("caller")
        fields = _fields(said, entries, caller)
        known = next((kept for kept in entries if kept.entry.event_id == feedback_id is not None), None)
        if known is not None:
            return _known(known, fields, order)
        _refuse_faults(said, books.town(order.policy, order.received_at).pack, categories, books, turn)
        feedback_id = feedback_id or f"{order.seq}-{len(entries) + 1}"
        kept = _put_down(order, said, fields, feedback_id, books, turn, by)
        if said.category is not None:
            put_category(turn.connection, order.id, said.category)
            order = replace(order, category=said.category)
        order = books.restate(turn.connection, order)
        turn.audit(by.id, by.role, "give feedback", order.id)
    return _kept(kept, order, is_new=True)


def _fields(said: Feedback, entries: Collection[Kept], caller: Mapping[str, str] | None) -> dict[str, Any]:
    """What was chosen, beside what had been suggested when the order came."""
    received = received_fields(entries)
    suggested = {name: received[name] for name in ("category", "request_type", "urgency")}
    return {**said.chosen, "accepted": said.accepted, "why": without_personal(said.why, caller), "suggested": suggested}


def _put_down(
    order: OrderRow,
    said: Feedback,
    fields: Mapping[str, Any],
    feedback_id: str,
    books: Books,
    turn: Turn,
    by: Actor,
) -> Kept:
    told = {"why": said.why}
    sealed = books.originals.seal_more(turn.connection, told, order.id) if fields["why"] != said.why else None
    entry = Entry(
        policy=order.policy,
        kind=FEEDBACK,
        at=turn.now,
        fields=fields,
        recorder=by.id,
        order_id=order.id,
        event_id=feedback_id,
        seal=None if sealed is None else sealed.hash,
    )
    kept = turn.add(entry)
    if sealed is not None:
        books.originals.keep(turn.connection, kept.seq, sealed)
    return kept


def _known(known: Kept, fields: Mapping[str, Any], order: OrderRow) -> KeptFeedback:
    if known.entry.kind != FEEDBACK or dict(known.entry.fields) != dict(fields):
        raise Conflict("feedback", [Problem(("id",), "is kept with something else; what was said is not rewritten")])
    return _kept(known, order, is_new=False)


def _kept(kept: Kept, order: OrderRow, *, is_new: bool) -> KeptFeedback:
    entry = kept.entry
    return KeptFeedback(order.id, str(entry.event_id), entry.at, entry.recorder, entry.fields, order.version, is_new)


def _refuse_faults(said: Feedback, pack: Pack, categories: Collection[str], books: Books, turn: Turn) -> None:
    problems = [*_faults(said, pack, categories), *_issue_faults(said, pack.id, books, turn)]
    if problems:
        raise BadInput("feedback", problems)


def _faults(said: Feedback, pack: Pack, categories: Collection[str]) -> Iterator[Problem]:
    if said.accepted == bool(said.chosen):
        yield Problem((), "says either that the suggestion was accepted, or what was chosen instead")
    if said.category is not None and said.category not in categories:
        yield Problem(("category",), f"no category {said.category[:80]!r}; {hint(said.category, sorted(categories))}")
    for index, unit in enumerate(said.units or ()):
        if unit not in pack.units:
            yield Problem(("units", index), f"no unit {unit[:80]!r} in pack {pack.id}")
    if said.units is not None and not 0 < len(set(said.units)) == len(said.units):
        yield Problem(("units",), "must name one unit or more, the leading one first, each once")
    for name, known in _CLOSED.items():
        value = getattr(said, name)
        if value is not None and value not in list(known):
            yield Problem((name,), f"{value[:80]!r} is not one of {', '.join(known)}")


def _issue_faults(said: Feedback, policy: str, books: Books, turn: Turn) -> Iterator[Problem]:
    if said.issue is None:
        return
    linking = books.linking(policy)
    linking.follow(turn.connection)
    if linking.issue_id(said.issue) is None:
        yield Problem(("issue",), f"no issue {said.issue[:80]!r}")
