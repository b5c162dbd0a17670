"""What readers said of the stream's messages: ids and numbers only, never a word of a message (labels/README.md)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[1] / "labels"
READERS = ("a", "b")
PARTS = ("dev", "held")

Issues = dict[str, str]
"""The issue of each labelled message, by the message's id."""


class Pair(NamedTuple):
    """Two messages and whether they are the same matter; None where the reader could not tell."""

    one: str
    other: str
    stratum: str
    same: bool | None


def read_issues(reader: str, part: str, folder: Path = FOLDER) -> Issues:
    """The issues one reader found, those of one part."""
    return {row["id"]: row["issue"] for row in _rows(folder / f"issues_{reader}.csv") if row["part"] == part}


def read_pairs(folder: Path = FOLDER) -> list[Pair]:
    """The pairs that were labelled before any output was seen."""
    told = {"1": True, "0": False, "": None}
    rows = _rows(folder / "same_pairs.csv")
    return [Pair(row["id_a"], row["id_b"], row["stratum"], told[row["same"]]) for row in rows]


def read_matters(folder: Path = FOLDER) -> Issues:
    """The matter of each message of the callers that were looked at, as CALLER-MATTER, both running numbers."""
    return {row["id"]: row["matter"] for row in _rows(folder / "caller_matters.csv")}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))
