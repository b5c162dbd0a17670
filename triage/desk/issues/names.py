"""What issues are called: titles and summaries, made once for the orders they are made from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.language.clean import clean
from triage.records.issues import Member, words_of
from triage.similar.naming.summary import summary_of
from triage.similar.naming.title import title_of
from triage.similar.naming.told import Told, sample

READ = 30
"""So many orders of an issue are read for its name, spread evenly over its time: some two milliseconds each."""

MOST_KEPT = 5_000
_LONGEST_READ = 1_000
_EVERY_ORDER = 8


@dataclass(frozen=True, slots=True)
class Name:
    """An issue's title with its parts, and the sentence that says most of it."""

    title: str
    place: str
    object: str
    matters: tuple[str, ...]
    summary: str


class Names:
    """Names of issues; those made last are kept, since the words of an order never change. Safe for several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], Name] = OrderedDict()
        self._lock = Lock()

    def name(self, connection: Connection, books: Books, members: Sequence[Member]) -> Name:
        """The name of the issue of these orders of one policy, given by when they were received."""
        named = members[: named_by(len(members))]
        chosen = sample([Told(one.id, one.received_at, "", "", one.caller) for one in named], READ)
        key = (members[0].policy, *(one.order_id for one in chosen))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        name = _name(connection, books, members[0].policy, chosen)
        with self._lock:
            self._kept[key] = name
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return name


def named_by(orders: int) -> int:
    """By how many of its first orders an issue is named: all of a few, else so many that a name stays for a while.

    >>> [named_by(orders) for orders in (1, 8, 9, 10, 100, 101)]
    [1, 8, 8, 10, 97, 97]
    """
    named = _EVERY_ORDER
    while (following := named + max(1, named // 4)) <= orders:
        named = following
    return min(named, orders)


def _name(connection: Connection, books: Books, policy: str, chosen: Sequence[Told]) -> Name:
    words = words_of(connection, [one.order_id for one in chosen])
    told = [_in_words(one, *words[one.order_id]) for one in chosen]
    title = title_of(told, books.town(policy).places)
    return Name(title.text, title.place, title.object, title.matters, summary_of(told).text)


def _in_words(one: Told, title: str, text: str) -> Told:
    return Told(one.order_id, one.received_at, clean(title).text, clean(text[:_LONGEST_READ]).text, one.caller)
