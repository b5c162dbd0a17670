"""Labelled pairs of orders, and how alike the two were when the later one arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from triage.desk.tables import Table, read_table, refuse_rows
from triage.domain.errors import BadInput, Problem
from triage.similar.encoding.encoder import Encoder
from triage.similar.grouping.encoded import order_type
from triage.similar.grouping.grouping import Grouping
from triage.similar.grouping.likeness import Likeness, likeness
from triage.similar.grouping.rarity import Floats
from triage.similar.linker import Entry
from triage.similar.signature import Signature, SignatureReader

Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]

Stream = Iterator[tuple[Signature, Floats]]
"""Orders as they arrive, each read and encoded."""

Categories = Callable[[str, str], Sequence[tuple[str, float]]]
"""An order's likeliest categories with their probabilities, from its title and text."""

LARGEST_WEIGHT = 1_000.0


@dataclass(frozen=True)
class Pairs:
    """Pairs of orders by their places in the order of arrival; `first` came before `second`. One row a pair."""

    first: Ints
    second: Ints
    same: Bools
    weight: Doubles

    def __len__(self) -> int:
        return len(self.same)

    def of(self, rows: Bools) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.first[rows], self.second[rows], self.same[rows], self.weight[rows])


def read_orders(data: Path, text: Sequence[str], categories: Categories) -> list[Entry]:
    """The orders of a CSV file by when they were received, equals by id; without `received_at` in the file's order.

    `text` names the columns of title and text, or of the text alone. Columns id, and optionally received_at, caller,
    place or address. A blank time is that of the row before; BadInput names every row whose time is none. `categories`
    reads the likeliest ones of an order from its title and text.
    """
    if len(text) not in (1, 2):
        raise BadInput("--text", [Problem((), f"one column (text) or two (title, text), not {', '.join(text)!r}")])
    table = read_table(data)
    bodies = table.column(text[-1])
    titles = table.column(text[0]) if len(text) == 2 else [""] * len(bodies)
    columns = [table.column_or_blanks(name) for name in ("caller", "place", "address")]
    rows = zip(table.column("id"), table.moments("received_at"), titles, bodies, *columns, strict=True)
    entries = [
        Entry(order_id, moment, title, body, caller.strip() or None, place or address, tuple(categories(title, body)))
        for order_id, moment, title, body, caller, place, address in rows
    ]
    if "received_at" in table.columns:
        entries.sort(key=lambda entry: (entry.received_at, entry.order_id))
    return entries


def read_pairs(path: Path, entries: Sequence[Entry]) -> Pairs:
    """Pairs of a CSV file with the columns id_a, id_b, same (1 or 0) and optionally weight (1 unless given).

    BadInput names every row with an id that no order has, an order with itself, a label or a weight that is none, and
    a pair said to be both; one said twice counts once.
    """
    table = read_table(path)
    places = {entry.order_id: place for place, entry in enumerate(entries)}
    problems: list[Problem] = []
    found: dict[tuple[int, int], tuple[bool, float]] = {}
    for number, row in zip(table.numbers, _rows(table), strict=True):
        faults = list(_faults(row, places))
        problems += [Problem((f"row {number}", column), fault) for column, fault in faults]
        if faults:
            continue
        first, second = sorted((places[row[0]], places[row[1]]))
        told = (row[2] == "1", float(row[3] or 1))
        if found.setdefault((first, second), told)[0] != told[0]:
            problems.append(Problem((f"row {number}", "same"), "says otherwise of a pair that a row before has"))
    refuse_rows(path, problems)
    ends = np.array(list(found), dtype=np.intp)
    same, weight = (np.array(values) for values in zip(*found.values(), strict=True))
    return Pairs(ends[:, 0], ends[:, 1], same.astype(bool), weight.astype(np.float64))


def _rows(table: Table) -> list[tuple[str, ...]]:
    columns = [*map(table.column, ("id_a", "id_b", "same")), table.column_or_blanks("weight")]
    # Ids as they stand in the orders, which are not stripped either.
    return [(one, other, same.strip(), weight.strip()) for one, other, same, weight in zip(*columns, strict=True)]


def _faults(row: tuple[str, ...], places: dict[str, int]) -> Iterator[tuple[str, str]]:
    """What is wrong in a row, by column."""
    one, other, same, weight = row
    for column, order_id in (("id_a", one), ("id_b", other)):
        if order_id not in places:
            yield column, f"{order_id[:80]!r} is not the id of an order"
    if one == other:
        yield "id_b", f"{other[:80]!r} is paired with itself"
    if same not in ("0", "1"):
        yield "same", f"must be 1 or 0, not {same[:80]!r}"
    if weight and not _is_weight(weight):
        yield "weight", f"must be a number above 0, at most {LARGEST_WEIGHT:g}, not {weight[:80]!r}"


def _is_weight(written: str) -> bool:
    try:
        return 0 < float(written) <= LARGEST_WEIGHT
    except ValueError:
        return False


def arrivals(entries: Sequence[Entry], reader: SignatureReader, encoder: Encoder) -> Stream:
    """Each order read and encoded as the linker does it, one after the other; nothing is kept of those before."""
    for entry in entries:
        signature = reader.read(
            entry.order_id,
            entry.received_at,
            entry.title,
            entry.text,
            address=entry.place,
            caller=entry.caller,
            categories=entry.categories,
        )
        yield signature, encoder.encode_and_learn([signature.gist])[0]


def signs_of(pairs: Pairs, stream: Stream, grouping: Grouping, width: int) -> Doubles:
    """The signs of each pair, shape (pairs, signs), as they stood when the later order came; the grouping takes in all.

    Rarity and vectors are those of that moment, and only orders that are in a pair are kept beside the grouping.
    """
    rows_of: defaultdict[int, list[int]] = defaultdict(list)
    for row, later in enumerate(pairs.second.tolist()):
        rows_of[later].append(row)
    named, at = np.unique(np.concatenate([pairs.first, pairs.second]), return_inverse=True)
    record_of = dict(zip(named.tolist(), range(len(named)), strict=True))
    earlier = at[: len(pairs)]
    orders = np.zeros(len(named), dtype=order_type(width))
    signs = np.zeros((len(pairs), len(Likeness._fields)))
    for place, (signature, vector) in enumerate(stream):
        if place in record_of:
            orders[record_of[place]] = grouping.encoded(signature, vector)
        if rows := rows_of.get(place):
            signs[rows] = likeness(orders[record_of[place]], orders[earlier[rows]], grouping.rarity).matrix()
        grouping.add(signature, vector)
    return signs


def in_one_issue(pairs: Pairs, grouping: Grouping) -> Bools:
    """Which pairs the grouping, which took in the whole stream, has in one issue."""
    first, second = (
        [grouping.issues.issue_of(order) for order in side.tolist()] for side in (pairs.first, pairs.second)
    )
    return np.equal(first, second)
