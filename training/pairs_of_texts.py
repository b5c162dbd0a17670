"""Pairs of texts that belong together, for tuning an encoder: a row's title and body, and titles of one issue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from training.fit import near_copies
from triage.desk.tables import Table, read_table
from triage.domain.errors import BadInput, Problem
from triage.language.clean import clean
from triage.language.redact import PLACEHOLDERS, redact

Ints = npt.NDArray[np.intp]
Pair = tuple[int, int]

HELD_OUT_SHARE = 0.1
_ISSUE_COLUMNS = ("issue_id", "issue")


@dataclass(frozen=True)
class Rows:
    """Titles and bodies without personal data; near copies and rows of one issue have the same group.

    `issues` is "" for a row of none.
    """

    titles: Sequence[str]
    bodies: Sequence[str]
    issues: Sequence[str]
    groups: Ints


@dataclass(frozen=True)
class Split:
    """Row numbers to learn from, to stop by and to report on; a group is on one side."""

    learn: Ints
    stop: Ints
    test: Ints


def read_rows(data: Path, text: Sequence[str], issues: Path | None = None) -> Rows:
    """Rows of a table that have a title and a body; `text` names the column of each.

    `issues` is a CSV file with the columns id and issue_id; then the table must have an id too.
    """
    if len(text) != 2:
        raise BadInput("--text", [Problem((), f"tuning needs two columns, title and body, not {', '.join(text)!r}")])
    table = read_table(data)
    titles, bodies = ([_bare(value) for value in table.column(name)] for name in text)
    of_rows = _issues_of(table, issues) if issues is not None else [""] * len(titles)
    kept = [at for at, (title, body) in enumerate(zip(titles, bodies, strict=True)) if title and body]
    titles, bodies, of_rows = ([values[at] for at in kept] for values in (titles, bodies, of_rows))
    return Rows(titles, bodies, of_rows, grouped(near_copies(titles), near_copies(bodies), _numbered(of_rows)))


def grouped(*views: Sequence[int]) -> Ints:
    """One number for all rows that any of the views puts together, directly or by way of others.

    >>> grouped([0, 0, 1, 2], [0, 1, 1, 2]).tolist()
    [0, 0, 0, 1]
    """
    size = len(views[0])
    firsts = [_firsts(view) for view in views]
    ends = np.concatenate([np.array(view, dtype=np.intp).reshape(-1) for view in firsts])
    starts = np.tile(np.arange(size), len(views))
    links = coo_matrix((np.ones(len(ends)), (starts, ends)), shape=(size, size))
    groups: Ints = connected_components(links, directed=False)[1].astype(np.intp)
    return groups


def split(groups: Ints, chance: np.random.Generator) -> Split:
    """Whole groups drawn to stop by and to report on, up to a tenth of the rows each; the rest is learnt from."""
    sizes = np.bincount(groups)
    room = max(1, round(len(groups) * HELD_OUT_SHARE))
    order = chance.permutation(len(sizes)).tolist()
    stop = _that_fit(order, sizes, room)
    test = _that_fit([group for group in order if group not in stop], sizes, room)
    held_out = [np.isin(groups, sorted(side)) for side in (stop, test)]
    return Split(*map(np.flatnonzero, (~(held_out[0] | held_out[1]), *held_out)))


def _that_fit(order: Sequence[int], sizes: Ints, room: int) -> set[int]:
    """Groups in this order that together have no more rows than there is room; one that is too large is passed by."""
    taken = set()
    for group in order:
        if sizes[group] <= room:
            taken.add(group)
            room -= int(sizes[group])
    return taken


def title_pairs(issues: Sequence[str], among: Ints, chance: np.random.Generator) -> list[Pair]:
    """For each issue its rows in a ring drawn at random, so that an issue gives as many pairs as it has rows."""
    members: dict[str, list[int]] = defaultdict(list)
    for at in chance.permutation(among).tolist():
        if issues[at]:
            members[issues[at]].append(at)
    rings = (ring for ring in members.values() if len(ring) > 1)
    return [pair for ring in rings for pair in pairwise([*ring, ring[0]])]


def batches(groups: Sequence[int], size: int) -> Iterator[list[int]]:
    """Numbers 0, 1, … in batches of at most `size` with no group twice, so that no negative is a near copy.

    >>> list(batches([0, 0, 1, 2], 2))
    [[0, 2], [1, 3]]
    """
    filled: list[list[int]] = []
    earliest: dict[int, int] = {}
    first_open = 0
    for number, group in enumerate(groups):
        at = max(first_open, earliest.get(group, 0))
        while at < len(filled) and len(filled[at]) == size:
            at += 1
        if at == len(filled):
            filled.append([])
        filled[at].append(number)
        earliest[group] = at + 1
        while first_open < len(filled) and len(filled[first_open]) == size:
            first_open += 1
    return (batch for batch in filled if len(batch) > 1)


def _bare(text: str) -> str:
    """Cleaned, and nothing personal in it: the placeholders would be words like all others."""
    text = redact(clean(text).text)
    for placeholder in set(PLACEHOLDERS.values()):
        text = text.replace(placeholder, "，")
    return text.strip()


def _issues_of(table: Table, path: Path) -> list[str]:
    given = read_table(path)
    name = next((name for name in _ISSUE_COLUMNS if name in given.columns), _ISSUE_COLUMNS[0])
    of_ids = dict(zip(given.column("id"), given.column(name), strict=True))
    found = [of_ids.get(value, "").strip() for value in table.column("id")]
    if not any(found):
        raise BadInput(str(path), [Problem(("id",), f"none of its ids is in {table.path}")])
    return found


def _numbered(issues: Sequence[str]) -> list[int]:
    """A number for each issue, and one of its own for a row without."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(issue or f"\0{at}", len(numbers)) for at, issue in enumerate(issues)]


def _firsts(view: Sequence[int]) -> list[int]:
    """For each row the first row that the view puts together with it."""
    first: dict[int, int] = {}
    return [first.setdefault(number, at) for at, number in enumerate(view)]
