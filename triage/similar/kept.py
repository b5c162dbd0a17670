"""What is kept of an order beside its numbers, and many of them as plain arrays and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import numpy as np

from triage.similar.callers.tokens import CallerToken, Strength
from triage.similar.copies import Fingerprint
from triage.similar.copy_state import DIGEST
from triage.similar.packed import Reading, State, Table, moments, runs, texts

_STRENGTHS: tuple[Strength, ...] = get_args(Strength)


@dataclass(frozen=True, slots=True)
class Kept:
    """When an order came, from whom and from which door, in which words (without a sketch), and about whom."""

    received_at: datetime
    caller: CallerToken | None
    household: str | None
    text: Fingerprint
    bodies: tuple[str, ...]


def kept_state(kept: Sequence[Kept]) -> State:
    """A row for each order: `received` (times), `caller` and `household` (int64, a number of `callers` with
    `strengths`, uint8, and of `households`; -1 for none), `digests` (uint8, shape (orders, 16)) with `letters` (int64),
    and `bodies` (numbers of `names`)."""
    callers, households, names = Table(), Table(), Table()
    caller = [callers.number(None if one.caller is None else _written(one.caller)) for one in kept]
    household = [households.number(one.household) for one in kept]
    bodies = [[names.number(body) for body in one.bodies] for one in kept]
    return {
        **moments("received", [one.received_at for one in kept]),
        "caller": np.array(caller, dtype=np.int64),
        "household": np.array(household, dtype=np.int64),
        "digests": np.frombuffer(b"".join(one.text.digest for one in kept), np.uint8).reshape(-1, DIGEST),
        "letters": np.fromiter((one.text.letters for one in kept), np.int64, len(kept)),
        **runs("bodies", bodies),
        "strengths": np.array([int(text[0]) for text in callers.texts], dtype=np.uint8),
        **texts("callers", [text[1:] for text in callers.texts]),
        **texts("households", households.texts),
        **texts("names", names.texts),
    }


def kept_from(read: Reading) -> list[Kept]:
    """What `kept_state` wrote; ModelFault where it is something else."""
    received = read.moments("received")
    count = len(received)
    names = read.texts("names")
    rows = zip(
        received,
        _callers(read, count),
        _households(read, count),
        _texts(read, count),
        read.runs("bodies", count, 0, len(names) - 1),
        strict=True,
    )
    read.nothing_else()
    return [Kept(at, who, door, text, tuple(names[one] for one in bodies)) for at, who, door, text, bodies in rows]


def _written(caller: CallerToken) -> str:
    """The strength as a digit, and the pseudonym."""
    return f"{_STRENGTHS.index(caller.strength)}{caller.value}"


def _callers(read: Reading, count: int) -> list[CallerToken | None]:
    values = read.texts("callers")
    strengths = read.numbers("strengths", np.uint8, (len(values),), 0, len(_STRENGTHS) - 1).tolist()
    tokens = [CallerToken(value, _STRENGTHS[strength]) for value, strength in zip(values, strengths, strict=True)]
    numbers = read.numbers("caller", np.int64, (count,), -1, len(tokens) - 1).tolist()
    return [None if number < 0 else tokens[number] for number in numbers]


def _households(read: Reading, count: int) -> list[str | None]:
    doors = read.texts("households")
    numbers = read.numbers("household", np.int64, (count,), -1, len(doors) - 1).tolist()
    return [None if number < 0 else doors[number] for number in numbers]


def _texts(read: Reading, count: int) -> list[Fingerprint]:
    digests = read.numbers("digests", np.uint8, (count, DIGEST))
    letters = read.numbers("letters", np.int64, (count,), 0).tolist()
    return [Fingerprint(digest.tobytes(), size, b"") for digest, size in zip(digests, letters, strict=True)]
