"""One caller's matters by pseudonym, and taking a caller out of what is kept."""

from __future__ import annotations

import base64
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.desk.orders.wording import storable, without_personal
from triage.domain.errors import Conflict, NotFound, Problem
from triage.domain.people import Actor
from triage.records.database import LedgerFault
from triage.records.entries import CALLER_ERASED, Entry
from triage.records.erasure import orders_of_caller, put_pseudonym
from triage.records.ledger import Turn
from triage.records.orders import OrderRow, Wanted, get_order, list_orders
from triage.similar.callers.repeats import Call, repeat_count
from triage.similar.callers.tokens import CallerToken, Strength

MOST_ORDERS = 2_000
Random = Callable[[int], bytes]
_ERASED = "x-"
_BYTES = 15
_STRENGTHS: Mapping[str, Strength] = {"c": "phone", "m": "masked_phone", "n": "name_and_place"}


@dataclass(frozen=True)
class CallersOrder:
    """One order of a caller; `call` says which call about its matter it was."""

    id: str
    received_at: datetime
    title: str
    request_type: str
    category: str | None
    status: str
    unit: str | None
    satisfaction: str | None
    call: int


@dataclass(frozen=True)
class CallersMatter:
    """One issue as far as this caller called about it: the calls, earliest first, and how the last one stands."""

    issue: str | None
    policy: str
    calls: int
    because: str
    status: str
    satisfaction: str | None
    orders: Sequence[CallersOrder]


@dataclass(frozen=True)
class CallerView:
    """One caller by pseudonym: no name, no number. The matter called about last is first; `more` where a caller has
    more orders than are shown."""

    token: str
    strength: str | None
    orders: int
    first_at: datetime
    last_at: datetime
    statuses: Mapping[str, int]
    satisfactions: Mapping[str, int]
    matters: Sequence[CallersMatter]
    more: bool


@dataclass(frozen=True)
class Erased:
    """What an erasure came to: how many orders lost their caller, how many keys were destroyed."""

    orders: int
    keys: int


def show_caller(token: str, books: Books, by: Actor) -> CallerView:
    """A caller's matters; put into the audit log by the caller's latest order, since a pseudonym must be forgettable.

    NotFound where no order that this actor may see has the pseudonym.
    """
    wanted = Wanted(as_of=books.now(), policy=by.policy, caller=storable(token), limit=MOST_ORDERS + 1)
    with books.ledger.database.reading() as connection:
        found = list_orders(connection, wanted)
    if not found:
        raise _no_such_caller()
    orders = sorted(found[:MOST_ORDERS], key=_when)
    with books.ledger.turn() as turn:
        turn.audit(by.id, by.role, "read caller", f"of order {orders[-1].id}")
    matters: defaultdict[tuple[str, str], list[OrderRow]] = defaultdict(list)
    for order in orders:
        matters[order.policy, order.issue or order.id].append(order)
    caller = _caller(token)
    return CallerView(
        token=token,
        strength=None if caller is None else caller.strength,
        orders=len(orders),
        first_at=orders[0].received_at,
        last_at=orders[-1].received_at,
        statuses=dict(sorted(Counter(order.status for order in orders).items())),
        satisfactions=dict(sorted(Counter(order.satisfaction for order in orders if order.satisfaction).items())),
        matters=[_matter(ones, caller) for ones in sorted(matters.values(), key=lambda ones: _when(ones[-1]))[::-1]],
        more=len(found) > MOST_ORDERS,
    )


def erase_caller(token: str, why: str, books: Books, by: Actor, random: Random = secrets.token_bytes) -> Erased:
    """Make what a caller said unreadable for good, and the orders a stranger's: another pseudonym, by chance.

    The orders stay together under it, so that counts of callers stay true. Redacted text and figures stay, the chain
    stays whole; the pseudonym itself is put down nowhere. NotFound where there is no such caller for this actor;
    Conflict where orders of another policy were sealed with the same keys: then somebody without a policy must do it.
    """
    token = storable(token)
    with books.ledger.turn() as turn:
        orders = orders_of_caller(turn.connection, token)
        policies = sorted({policy for _, policy in orders})
        if not any(by.is_of(policy) for policy in policies):
            raise _no_such_caller()
        if not all(by.is_of(policy) for policy in policies):
            fault = (
                "has orders of another policy too; a caller is erased as a whole, by somebody who is of all policies"
            )
            raise Conflict("caller", [Problem(("token",), fault)])
        why = without_personal(why, _who(turn.connection, books, orders[-1][0]))
        keys = books.originals.destroy(turn.connection, turn.now, caller=token)
        put_pseudonym(turn.connection, [order_id for order_id, _ in orders], stranger(random))
        put_down_erased(turn, orders, why, by.id)
        turn.audit(by.id, by.role, "erase caller", f"of order {orders[-1][0]} and {len(orders) - 1} more")
    for policy in policies:
        _forget(books, policy)
    return Erased(len(orders), keys)


def put_down_erased(turn: Turn, orders: Sequence[tuple[str, str]], why: str, recorder: str) -> None:
    """Put down, a policy at a time, which orders lost their caller; never who it was."""
    of_policy: defaultdict[str, list[str]] = defaultdict(list)
    for order_id, policy in orders:
        of_policy[policy].append(order_id)
    for policy, order_ids in sorted(of_policy.items()):
        fields = {"orders": order_ids, "why": why}
        turn.add(Entry(policy=policy, kind=CALLER_ERASED, at=turn.now, fields=fields, recorder=recorder))


def stranger(random: Random) -> str:
    """A pseudonym that nobody can be found behind.

    >>> stranger(bytes)
    'x-aaaaaaaaaaaaaaaaaaaaaaaa'
    """
    return _ERASED + base64.b32encode(random(_BYTES)).decode().lower()


def _who(connection: Connection, books: Books, order_id: str) -> Mapping[str, str] | None:
    """The caller as an order names them: what must not stay in the reason either."""
    order = get_order(connection, order_id)
    original = {} if order is None else books.originals.open(connection, [order.seq]).get(order.seq, {})
    return (original.get("order") or {}).get("caller")


def _forget(books: Books, policy: str) -> None:
    """Let this process's memory know at once; where it cannot, it learns it as others do: from the ledger, when it
    next follows it."""
    with suppress(LedgerFault), books.ledger.database.reading() as connection:
        books.linking(policy).follow(connection)


def _matter(orders: Sequence[OrderRow], caller: CallerToken | None) -> CallersMatter:
    calls = [Call(one.id, caller, one.issue or one.id, one.received_at) for one in orders]
    last = orders[-1]
    found = repeat_count(calls[-1], calls[:-1], last.received_at)
    return CallersMatter(
        issue=last.issue,
        policy=last.policy,
        calls=len(orders),
        because=found.because if caller is not None else "来电人信息已清除",
        status=last.status,
        satisfaction=last.satisfaction,
        orders=[_order(one, place) for place, one in enumerate(orders, start=1)],
    )


def _order(order: OrderRow, call: int) -> CallersOrder:
    names = [name for name in CallersOrder.__dataclass_fields__ if name != "call"]
    return CallersOrder(**{name: getattr(order, name) for name in names}, call=call)


def _caller(token: str) -> CallerToken | None:
    """What a pseudonym rests on, by its first letter; nothing any more where the caller was erased."""
    strength = _STRENGTHS.get(token[:1])
    return None if strength is None else CallerToken(token, strength)


def _when(order: OrderRow) -> tuple[datetime, str]:
    return order.received_at, order.id


def _no_such_caller() -> NotFound:
    return NotFound("caller", [Problem(("token",), "there is no such caller")])
