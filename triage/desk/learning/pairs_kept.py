"""Pairs of answers to one order, champion's and challenger's, kept in a file of lines: ids and labels, no words."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "shadow.jsonl"
"""Its name in the folder of models. Not in the ledger: a line for every order would double its chain to say what nobody
needs once the challenger is promoted or given up; not in a table: nothing is ever changed or looked up."""

MOST_BYTES = 256 * 1024 * 1024
"""About a million orders; then no more is kept until somebody moves the file away."""


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """One model's answer: the best category (None where it understood nothing), how sure, and whether it may go out
    alone."""

    name: str
    version: str
    label: str | None
    confidence: float
    auto: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Both answers to one order."""

    order_id: str
    policy: str
    at: datetime
    champion: ShadowAnswer
    challenger: ShadowAnswer


class KeptPairs:
    """Appends pairs to a file, and reads them again; several processes may append to one file."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._most_bytes = most_bytes

    def add(self, pair: Pair) -> bool:
        """Append one; False where the file is full."""
        line = (json.dumps(asdict(pair), ensure_ascii=True, default=datetime.isoformat) + "\n").encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One write of one line in append mode: lines of several processes do not mix.
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(file).st_size + len(line) > self._most_bytes:
                return False
            os.write(file, line)
        finally:
            os.close(file)
        return True

    def __iter__(self) -> Iterator[Pair]:
        """The pairs, the latest of each order; a line that was cut off when the power went is left out."""
        if not self.path.exists():
            return
        latest: dict[tuple[str, str], Pair] = {}
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                pair = _pair(line)
                if pair is not None:
                    latest[pair.policy, pair.order_id] = pair
        yield from latest.values()


def _pair(line: str) -> Pair | None:
    try:
        told: dict[str, Any] = json.loads(line)
        champion, challenger = (ShadowAnswer(**told[side]) for side in ("champion", "challenger"))
        return Pair(told["order_id"], told["policy"], datetime.fromisoformat(told["at"]), champion, challenger)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
