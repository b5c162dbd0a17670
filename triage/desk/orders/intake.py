"""Receive an order: decide it, link it, keep it; the same order again is answered with what is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.desk.orders.linking import Linking
from triage.desk.orders.projection import standing_of
from triage.desk.orders.wording import without_personal
from triage.desk.requests import DecisionRequest
from triage.desk.suggest import Considered, Suggestion, suggestion
from triage.domain.decisions import Decision
from triage.domain.errors import BadInput, Conflict, Problem
from triage.domain.moments import in_shanghai
from triage.domain.orders import Order
from triage.domain.people import Actor
from triage.records.columns import canonical
from triage.records.entries import RECEIVED, Entry
from triage.records.ledger import Turn
from triage.records.orders import OrderRow, add_order, get_order, move_issue
from triage.similar.grouping.grouping import Placed
from triage.similar.memory import Categories, ReadOrder, Recalled

_DECISION = TypeAdapter(Decision)


@dataclass(frozen=True)
class Receipt:
    """An order that is kept, with its decision as JSON; `is_new` is false where it was kept before."""

    order: OrderRow
    told: bytes
    is_new: bool

    @property
    def decision(self) -> dict[str, Any]:
        """The decision as plain data."""
        return json.loads(self.told)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Draft:
    """All that is known of an order before its turn to be put down: most of the time goes here, and nobody waits for
    it. `written` is what was read, as JSON; `title`, `text` and `bodies` are redacted."""

    request: DecisionRequest
    digest: str
    considered: Considered
    read: ReadOrder
    written: bytes
    title: str
    text: str
    bodies: tuple[str, ...]


def receive(request: DecisionRequest, books: Books, by: Actor) -> Receipt:
    """Keep an order and answer its decision; the same id again changes nothing and is answered as it is kept.

    BadInput where the order has no id, UnknownPolicy where no pack has the policy, Conflict where the id is kept with
    another body. What is acknowledged is on disk.
    """
    _refuse_no_id(request)
    linking = books.linking(request.policy)
    draft = _draft(request, books, linking)
    with books.ledger.turn() as turn:
        kept = _kept(turn.connection, request, draft.digest, books)
        return kept or _put_down(draft, books, linking, turn, by)


def digest_of(request: DecisionRequest, books: Books) -> str:
    """By what an order's body is known again."""
    return books.vault.digest(canonical(request.model_dump(mode="json")).encode("utf-8", "surrogatepass"))


def _draft(request: DecisionRequest, books: Books, linking: Linking) -> _Draft:
    considered, said = books.consider(request), request.order
    read = linking.read(considered.order, categories=considered.likely, bodies=considered.bodies)
    caller = None if said.caller is None else said.caller.model_dump()
    return _Draft(
        request=request,
        digest=digest_of(request, books),
        considered=considered,
        read=read,
        written=linking.written(read),
        title=without_personal(said.title, caller),
        text=without_personal(said.text, caller),
        bodies=tuple(map(without_personal, considered.bodies)),
    )


def _put_down(draft: _Draft, books: Books, linking: Linking, turn: Turn, by: Actor) -> Receipt:
    linking.follow(turn.connection, head=turn.head)
    turn.undo(linking.forget)
    request, recall = draft.request, _Placing(linking, draft.read)
    found = suggestion(draft.considered, as_of=request.at, stated=request.stated, recall=recall)
    order = _row(draft, found, recall.placed)
    decision = _DECISION.dump_json(found.decision)
    said = request.order.model_dump_json().encode()
    original = b'{"order":%b,"decision":%b,"read":%b}' % (said, decision, draft.written)
    sealed = books.originals.seal(
        turn.connection, original, order_id=order.id, caller=order.caller, at=request.order.received_at
    )
    entry = Entry(
        policy=order.policy,
        kind=RECEIVED,
        at=order.received_at,
        fields=_fields(order, draft, found.decision, recall.placed),
        recorder=by.id,
        order_id=order.id,
        seal=sealed.hash,
    )
    kept = turn.add(entry)
    books.originals.keep(turn.connection, kept.seq, sealed)
    order = replace(order, seq=kept.seq)
    town = draft.considered.town
    order = add_order(turn.connection, order, standing_of(order, found.case, town.pack, town.hours))
    for stays, goes in recall.placed.merged:
        move_issue(turn.connection, stays, goes)
    linking.reached(kept.seq)
    return Receipt(order, decision, is_new=True)


class _Placing:
    """Recalls by taking in the order, which was read before, and keeps where it was put."""

    placed: Placed

    def __init__(self, linking: Linking, read: ReadOrder) -> None:
        self._linking = linking
        self._read = read

    def __call__(self, order: Order, as_of: datetime, *, categories: Categories, bodies: Sequence[str]) -> Recalled:
        recalled, self.placed = self._linking.remember(self._read, as_of)
        return recalled


def _row(draft: _Draft, found: Suggestion, placed: Placed) -> OrderRow:
    decision, order, understood = found.decision, draft.request.order, draft.considered.reading.understood
    return OrderRow(
        id=str(order.id),
        seq=0,
        policy=draft.request.policy,
        received_at=in_shanghai(order.received_at),
        digest=draft.digest,
        title=draft.title,
        text=draft.text,
        request_type=decision.request_type.value,
        urgency=decision.urgency.value,
        category=decision.category[0].id if decision.category and understood else None,
        caller=decision.caller.token,
        issue=placed.merged[-1][0] if placed.merged else placed.joined,
        derived=found.case.derived,
        stated=found.case.stated,
    )


def _fields(order: OrderRow, draft: _Draft, decision: Decision, placed: Placed) -> dict[str, Any]:
    """What the ledger says of a new order: enough to draw up everything else again, and nothing personal."""
    return {
        "digest": order.digest,
        "title": order.title,
        "text": order.text,
        "request_type": order.request_type,
        "urgency": order.urgency,
        "category": order.category,
        "derived": _plain(order.derived),
        "stated": _plain(order.stated),
        "likely": [[name, round(float(chance), 4)] for name, chance in draft.considered.likely],
        "answered": _answered(draft.considered, decision),
        "bodies": list(draft.bodies),
        "joined": placed.joined,
        "merged": [list(pair) for pair in placed.merged],
    }


def _answered(considered: Considered, decision: Decision) -> dict[str, Any]:
    """Whose answer it was, how certain, and whether it went out alone: by this the promise is held against outcomes."""
    return {
        "name": decision.model.name,
        "version": decision.model.version,
        "certainty": considered.reading.certainty,
        "auto": decision.dispatch.auto,
    }


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(canonical(dict(facts)))  # type: ignore[no-any-return]


def _kept(connection: Connection, request: DecisionRequest, digest: str, books: Books) -> Receipt | None:
    order = get_order(connection, str(request.order.id))
    if order is None:
        return None
    if order.digest != digest:
        raise Conflict("order", [Problem(("order", "id"), "is kept with another body; an order is not rewritten")])
    original = books.originals.open(connection, [order.seq]).get(order.seq, {})
    return Receipt(order, json.dumps(original.get("decision") or {}, ensure_ascii=False).encode(), is_new=False)


def _refuse_no_id(request: DecisionRequest) -> None:
    order_id = request.order.id
    if not order_id:
        raise BadInput("request", [Problem(("order", "id"), "is needed to keep an order")])
    if not order_id.isprintable() or "/" in order_id or order_id != order_id.strip():
        fault = "must be printable, without / and without blanks around it"
        raise BadInput("request", [Problem(("order", "id"), fault)])
