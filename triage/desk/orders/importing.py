"""Import a backlog: every row is kept or comes back with its reason, and the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triage.desk.backlog.backlog import Backlog
from triage.desk.backlog.rows import Accepted, Rejected
from triage.desk.orders.books import Books
from triage.desk.orders.intake import digest_of, receive
from triage.desk.orders.recording import record
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor
from triage.records.ledger import entries_of_all
from triage.records.orders import orders_by_id

_AT_ONCE = 200


@dataclass
class Imported:
    """What became of the rows: `read` is `accepted` and `rejected` together; of the accepted `new` were not kept
    before, and `changed` got further events. `refused` are the reasons of rows that the ledger turned down."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    new: int = 0
    changed: int = 0
    refused: dict[int, tuple[Problem, ...]] = field(default_factory=dict)

    def totals(self) -> dict[str, int]:
        """The counts by name."""
        return {name: getattr(self, name) for name in ("read", "accepted", "rejected", "new", "changed")}


def import_backlog(
    backlog: Backlog, books: Books, by: Actor, say: Callable[[Imported], None], stop: Callable[[], bool] = lambda: False
) -> Imported:
    """Keep every row of a backlog, in its order. `say` hears how far it is, every few hundred rows; `stop` is asked as
    often, and what was kept by then stays: the same file again goes on where it stopped, since what is kept is passed
    over quickly."""
    done = Imported()
    for part in _parts(backlog):
        if stop():
            break
        _import_part(part, books, by, done)
        say(done)
    return done


def _parts(backlog: Backlog) -> Iterator[Sequence[Accepted | Rejected]]:
    part: list[Accepted | Rejected] = []
    for row in backlog.rows():
        part.append(row)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _import_part(part: Sequence[Accepted | Rejected], books: Books, by: Actor, done: Imported) -> None:
    accepted = [row for row in part if isinstance(row, Accepted)]
    known = _known(accepted, books)
    for row in part:
        done.read += 1
        if isinstance(row, Rejected):
            done.rejected += 1
            continue
        try:
            _keep(row, known.get(str(row.request.order.id)), books, by, done)
        except BadInput as fault:
            done.rejected += 1
            done.refused[row.position] = tuple(fault.problems)
        else:
            done.accepted += 1


def _known(rows: Sequence[Accepted], books: Books) -> Mapping[str, tuple[str, frozenset[str | None]]]:
    """Of orders that are kept: the digest of their body, and the ids of their events."""
    ids = {str(row.request.order.id) for row in rows}
    with books.ledger.database.reading() as connection:
        orders = orders_by_id(connection, ids)
        entries = entries_of_all(connection, orders)
    return {
        name: (order.digest, frozenset(kept.entry.event_id for kept in entries[name])) for name, order in orders.items()
    }


def _keep(
    row: Accepted, known: tuple[str, frozenset[str | None]] | None, books: Books, by: Actor, done: Imported
) -> None:
    is_kept = known is not None and known[0] == digest_of(row.request, books)
    if not is_kept:
        done.new += receive(row.request, books, by).is_new
    events = row.events if known is None or not is_kept else [one for one in row.events if one["id"] not in known[1]]
    if events:
        recorded = record(str(row.request.order.id), events, books, by, happened=True)
        done.changed += is_kept and len(recorded.known) < len(recorded.ids)
