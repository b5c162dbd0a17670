"""The orders of the ledger as a backlog, and its answers as changes to it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from training.reclassify.journal import file_digest, read_progress
from training.reclassify.rows import Item, Passed, Row
from training.reclassify.summary import DIFF
from triage.classify.store import digest
from triage.desk.reclassified import Change
from triage.domain.errors import BadInput, Problem
from triage.language.clean import HAN
from triage.records.columns import canonical
from triage.records.ledger import Ledger
from triage.records.reclassified import OrderWords, hash_at, settled, words_after

CATEGORY = "category"
"""What the ledger's labels are called."""

IS_CLOSED, SETTLED, WITHOUT_WORDS = "closed", "settled_by_a_person", "without_chinese_words"

_PAGE = 500
_HAN = re.compile(f"[{HAN}]")


class LedgerOrders:
    """A policy's orders as they stood at a place of the ledger, in their redacted words; `closed_too` takes in those
    that are closed. What a person has settled is left alone."""

    def __init__(self, ledger: Ledger, policy: str, until: int, *, closed_too: bool) -> None:
        self._ledger = ledger
        self._policy = policy
        self._until = until
        self._closed_too = closed_too

    def identity(self) -> dict[str, Any]:
        """The place, and the chain's hash there, which stands for all that had been put down by then."""
        with self._ledger.database.reading() as connection:
            known = hash_at(connection, self._until)
        return {"ledger": {"until": self._until, "hash": known, "closed_too": self._closed_too}}

    def items(self) -> Iterator[Item]:
        """An item an order, in the order of the ledger; `given` is the category it has now, "" for none."""
        after = 0
        while True:
            with self._ledger.database.reading() as connection:
                page = words_after(connection, self._policy, after, self._until, _PAGE)
                spoken = settled(connection, [order.id for order in page])
            if not page:
                return
            yield from (self._item(order, spoken) for order in page)
            after = page[-1].seq

    def _item(self, order: OrderWords, spoken: set[str]) -> Item:
        size = len(order.title) + len(order.text)
        if order.is_closed and not self._closed_too:
            return Passed(IS_CLOSED, size)
        if order.id in spoken:
            return Passed(SETTLED, size)
        if not _HAN.search(f"{order.title}{order.text}"):
            return Passed(WITHOUT_WORDS, size)
        return Row(order.id, order.title, order.text, order.category or "")


def place_of(folder: Path, ledger: Ledger) -> int:
    """Up to where orders are read: where a run in this folder began, or where the ledger ends now."""
    told = read_progress(folder)
    begun = None if told is None else told["bound"].get("source", {}).get("ledger", {}).get("until")
    return begun if isinstance(begun, int) else ledger.head()


def batch_id(bound: Mapping[str, Any]) -> str:
    """The id of what a run changes: the same model on the same ledger gives the same."""
    return f"batch-{digest(canonical(bound).encode())[:16]}"


def changes_of(folder: Path, summary: Mapping[str, Any], *, auto_only: bool) -> Iterator[Change]:
    """What diff.csv of a finished run says is to be changed; BadInput where it is not the file that was written."""
    path = folder / DIFF
    if not path.is_file() or file_digest(path) != summary["files"][DIFF]:
        raise BadInput(str(path), [Problem((), "is not what was previewed; name a new folder")])
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["auto"] == "true" or not auto_only:
                yield Change(row["id"], row["given"], row["label"], float(row["confidence"]))
