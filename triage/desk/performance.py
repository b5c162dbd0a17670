"""Scores of a period out of the ledger, each figure with the orders behind it; and what people enter by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from triage.desk.access.rights import OF_ONE_UNIT
from triage.desk.orders.books import Books
from triage.desk.orders.projection import case_of
from triage.desk.orders.wording import storable, without_personal
from triage.desk.town import Town
from triage.domain.errors import BadInput, Conflict, Forbidden, NotFound, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import EventKind, Role
from triage.policy.judging.past import PastOrder
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Entry, Scoreboard
from triage.policy.scoring.entries import check_entries
from triage.policy.scoring.period import Period
from triage.policy.scoring.scores import score
from triage.records import entries as ledger_entries
from triage.records.activity import entries_of_kind, orders_with_entries, rows_of
from triage.records.ledger import entries_of_all
from triage.records.orders import get_order

ENTER = frozenset({Role.CENTRE, Role.CENTRE_LEADER, Role.DISTRICT})
"""Who enters praise, deductions and excuses: the sources leave them to the centre and the district (经城运中心核定)."""

_HOLIDAYS = timedelta(days=16)
"""The longest row of days off that a count of working days may meet, twice over."""


@dataclass(frozen=True)
class KeptEntry:
    """What a person entered, with the id it is kept under; `is_new` is false where it was kept before."""

    id: str
    entry: Entry
    is_new: bool


def performance(policy: str, period: str, books: Books, by: Actor, as_of: datetime) -> Scoreboard:
    """The scoreboard of a month, quarter or year, by the pack in force when it began.

    A unit sees its own row, with its rank and without the others' orders. NotFound where the pack scores nothing,
    BadInput where the period is none.
    """
    wanted = Period.parse(period)
    town = _scored_town(policy, wanted.start, books)
    with books.ledger.database.reading() as connection:
        orders = past_orders(connection, town.pack, wanted, as_of)
        entered = [kept.entry for kept in _entered(connection, policy)]
    fitting, left_out = _fitting(town.pack, entered)
    board = score(town.pack, orders, wanted, as_of, town.hours, fitting)
    return _own_row(replace(board, notes=(*board.notes, *left_out)), by)


def past_orders(connection: Connection, pack: Pack, period: Period, as_of: datetime) -> list[PastOrder]:
    """Every order that may count in a period, with all its events.

    An order counts by when it came, when something was asked, said or done, and when something owed was due. What falls
    due in the period was set off within the longest limit of the pack before it, or an extension says until when. So
    these are the orders to which anything happened from that long before the period to its end.
    """
    since, until = period.start - _longest_limit(pack), min(period.end, as_of)
    found = orders_with_entries(connection, pack.id, since, until)
    granted = entries_of_kind(connection, pack.id, EventKind.EXTENSION_GRANTED, before=since)
    found |= {str(kept.entry.order_id) for kept in granted if _reaches(kept.entry.fields, period)}
    entries = entries_of_all(connection, found)
    rows = rows_of(connection, found)
    return [PastOrder(name, case_of(order, entries[name]), order.category) for name, order in rows.items()]


def enter(entry: Entry, policy: str, entry_id: str | None, books: Books, by: Actor) -> KeptEntry:
    """Keep what a person enters; the same id again changes nothing.

    Forbidden where the actor is not of those who enter, NotFound where the pack scores nothing, BadInput with every
    fault, Conflict where the id is kept with something else.
    """
    if by.role not in ENTER:
        raise Forbidden("not yours to do", [Problem(("role",), f"one of {', '.join(sorted(ENTER))} enters this")])
    if not by.is_of(policy):
        raise Forbidden("not yours to do", [Problem(("policy",), "is not the policy of this key")])
    pack = _scored_town(policy, entry.at, books).pack
    assert pack.scoring is not None
    entry_id = entry_id and storable(entry_id)
    entry = replace(entry, order_id=entry.order_id and storable(entry.order_id))
    check_entries(pack, pack.scoring, [entry])
    with books.ledger.turn() as turn:
        caller = _caller_of_known(turn.connection, entry, policy, books)
        entry = replace(entry, note=without_personal(entry.note, caller))
        known = next((one for one in _entered(turn.connection, policy) if one.id == entry_id), None)
        if known is not None and known.entry != entry:
            raise Conflict("entry", [Problem(("id",), "is kept with something else; an entry is not rewritten")])
        if known is not None:
            return known
        told = ledger_entries.Entry(
            policy=policy,
            kind=ledger_entries.SCORED,
            at=entry.at,
            fields=_fields(entry),
            recorder=by.id,
            event_id=entry_id,
        )
        kept = turn.add(told)
        turn.audit(by.id, by.role, "enter for scores", f"{entry.unit} {entry.item}")
    return KeptEntry(entry_id or _own_id(kept.seq), entry, is_new=True)


def _entered(connection: Connection, policy: str) -> Iterator[KeptEntry]:
    for kept in entries_of_kind(connection, policy, ledger_entries.SCORED):
        fields = kept.entry.fields
        points = fields.get("points")
        entry = Entry(
            unit=fields["unit"],
            item=fields["item"],
            at=kept.entry.at,
            order_id=fields.get("order"),
            note=fields["note"],
            points=None if points is None else Decimal(points),
        )
        yield KeptEntry(kept.entry.event_id or _own_id(kept.seq), entry, is_new=False)


def _fields(entry: Entry) -> dict[str, Any]:
    """`order` and not the ledger's own column: it is about scores, and no order's version changes by it."""
    points = None if entry.points is None else f"{entry.points.normalize():f}"
    return {"unit": entry.unit, "item": entry.item, "order": entry.order_id, "note": entry.note, "points": points}


def _fitting(pack: Pack, entered: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    """The entries that the pack knows, and a sentence on each that it does not, as after a change of the pack."""
    assert pack.scoring is not None
    fitting: list[Entry] = []
    left_out: list[str] = []
    for entry in entered:
        try:
            fitting += check_entries(pack, pack.scoring, [entry])
        except BadInput:
            left_out.append(f"{entry.at:%Y-%m-%d}登记的{entry.unit} {entry.item}不合本期规则，未计入")
    return fitting, left_out


def _own_row(board: Scoreboard, by: Actor) -> Scoreboard:
    if by.role not in OF_ONE_UNIT:
        return board
    units = tuple(unit for unit in board.units if unit.unit == by.unit)
    return replace(board, units=units, last=tuple(unit for unit in board.last if unit == by.unit), notes=())


def _longest_limit(pack: Pack) -> timedelta:
    """No clock of the pack, and no response by a parameter, runs for longer than this."""
    limits = [limit for clock in pack.clocks for limit in clock.within]
    days = [limit.workdays or _number(pack, limit.workdays_parameter) for limit in limits]
    hours = [limit.hours or 0.0 for limit in limits]
    hours += [_number(pack, name) for name, parameter in pack.parameters.items() if "小时" in parameter.unit]
    return timedelta(days=2 * max(days, default=0.0)) + timedelta(hours=max(hours, default=0.0)) + _HOLIDAYS


def _number(pack: Pack, parameter: str | None) -> float:
    value = None if parameter is None else pack.parameters[parameter].value
    return float(value) if isinstance(value, (int, float)) else 0.0


def _reaches(fields: Mapping[str, Any], period: Period) -> bool:
    """Whether an extension may run into a period; the day before counts too, whatever the offset it is written in."""
    return str(fields.get("until") or "")[:10] >= f"{period.start - timedelta(days=1):%Y-%m-%d}"


def _scored_town(policy: str, at: datetime, books: Books) -> Town:
    town = books.town(policy, at)
    if town.pack.scoring is None:
        raise NotFound("performance", [Problem(("policy",), f"pack {policy} has no scoring")])
    return town


def _caller_of_known(connection: Connection, entry: Entry, policy: str, books: Books) -> Mapping[str, str] | None:
    """Who called about the entry's order, so that the note does not name them; BadInput where there is none."""
    if entry.order_id is None:
        return None
    order = get_order(connection, entry.order_id)
    if order is None or order.policy != policy:
        raise BadInput("entry", [Problem(("order_id",), f"no order {entry.order_id[:80]!r}")])
    original = books.originals.open(connection, [order.seq]).get(order.seq, {})
    return (original.get("order") or {}).get("caller")


def _own_id(seq: int) -> str:
    return f"score-{seq}"
