"""Callers are taken out of what is kept after a set time; redacted text and figures stay."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.desk.callers import Random, put_down_erased, stranger
from triage.desk.orders.books import Books
from triage.domain.errors import BadInput, Problem
from triage.domain.moments import SHANGHAI, in_shanghai
from triage.domain.vocabulary import Role
from triage.records.erasure import (
    HeldKey,
    destroy_keys,
    held_keys,
    orders_of_caller,
    orders_sealed_by,
    put_pseudonym,
)
from triage.records.ledger import Turn

AT_ONCE = 200
"""Callers (and orders of unknown ones) that are done in one turn: others wait for no longer than that takes."""

RECORDER = "retention"
"""Who puts down that a caller was forgotten because the time was up, and not because somebody asked."""

_WHY = "保存期满，来电人信息已清除"


@dataclass(frozen=True)
class Retained:
    """What was done: the first month that was left alone, keys destroyed, orders that lost their caller."""

    before: str
    keys: int
    orders: int


def months_before(moment: datetime, months: int) -> datetime:
    """The beginning of the month so many months before that of a moment, in Shanghai.

    >>> months_before(datetime(2026, 3, 15, tzinfo=SHANGHAI), 3).isoformat()
    '2025-12-01T00:00:00+08:00'
    """
    now = in_shanghai(moment)
    count = now.year * 12 + now.month - 1 - months
    if months < 1 or count < 12:
        raise BadInput("retention", [Problem(("months",), f"{months} is not from 1 to some thousand")])
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=SHANGHAI)


def retain(
    books: Books,
    months: int,
    say: Callable[[int, int], None] = lambda keys, orders: None,
    random: Random = secrets.token_bytes,
    at_once: int = AT_ONCE,
) -> Retained:
    """Take callers out of all orders received before the month so many months ago.

    Keys are per caller and month, so whole months are done, some callers a turn: what was done stays done when it is
    stopped, and it begins again where it was. A caller's orders of those months get one other pseudonym by chance;
    later ones keep theirs. `say` gets keys and orders done so far after each turn. BadInput where `months` is under 1.
    """
    before = months_before(books.now(), months)
    done = Retained(f"{before:%Y-%m}", 0, 0)
    after = 0
    while True:
        with books.ledger.turn() as turn:
            held = held_keys(turn.connection, done.before, after, at_once)
            if not held:
                return done
            keys, orders = _take_out(turn, held, before, random)
        after, done = held[-1].id, Retained(done.before, done.keys + keys, done.orders + orders)
        say(done.keys, done.orders)


def _take_out(turn: Turn, held: Sequence[HeldKey], before: datetime, random: Random) -> tuple[int, int]:
    """Destroy some keys; how many there were, and how many orders lost their caller."""
    found = orders_sealed_by(turn.connection, [key.id for key in held if key.caller is None])
    for caller in sorted({key.caller for key in held if key.caller is not None}):
        mine = orders_of_caller(turn.connection, caller, before)
        put_pseudonym(turn.connection, [order_id for order_id, _ in mine], stranger(random))
        found += mine
    keys = destroy_keys(turn.connection, held, f"{before:%Y-%m}", turn.now)
    put_down_erased(turn, found, _WHY, RECORDER)
    turn.audit(RECORDER, Role.ADMIN, "retention", f"{keys} keys, {len(found)} orders")
    return keys, len(found)
