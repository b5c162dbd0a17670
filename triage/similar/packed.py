"""Lists as plain arrays and back: what the state of a memory is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from triage.domain.errors import ModelFault

Array = npt.NDArray[Any]
State = Mapping[str, Array]
"""What was learnt or kept, as plain arrays by name."""

Later = Callable[[], State]
"""Gives the state of when it was made, however late it is called: making it is cheap, calling it takes its time."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # each time is counted on its own clock
_MICROSECOND = timedelta(microseconds=1)
_NO_ZONE = np.iinfo(np.int64).min


def under(name: str, state: State) -> dict[str, Array]:
    """A part's arrays as they are named in the whole.

    >>> list(under("rarity", {"counts": np.zeros(1)}))
    ['rarity.counts']
    """
    return {f"{name}.{key}": array for key, array in state.items()}


def parts(whose: str, state: State, *names: str) -> list[dict[str, Array]]:
    """The arrays of each part as that part names them; ModelFault where there are others."""
    found: dict[str, dict[str, Array]] = {name: {} for name in names}
    for key, array in state.items():
        part, _, rest = key.partition(".")
        if not rest or part not in found:
            raise ModelFault(f"state of {whose}: must hold {', '.join(names)}, not {key[:80]}")
        found[part][rest] = array
    return list(found.values())


def texts(name: str, given: Sequence[str]) -> dict[str, Array]:
    """Texts as UTF-8, shape (bytes,), with their lengths in characters, shape (texts,)."""
    content = "".join(given).encode("utf-8", "surrogatepass")
    return {name: np.frombuffer(content, np.uint8), f"{name}_lengths": _counts(map(len, given), len(given))}


def runs(name: str, given: Sequence[Sequence[int]]) -> dict[str, Array]:
    """Lists of numbers one behind the other, shape (numbers,), with their lengths, shape (lists,)."""
    lengths = _counts(map(len, given), len(given))
    return {name: _counts(chain.from_iterable(given), int(lengths.sum())), f"{name}_lengths": lengths}


def moments(name: str, given: Sequence[datetime]) -> dict[str, Array]:
    """Times in microseconds of their own clock since 1970, with that clock's offset from UTC; each shape (times,)."""
    local = ((at.replace(tzinfo=None) - _EPOCH) // _MICROSECOND for at in given)
    offsets = (_NO_ZONE if (off := at.utcoffset()) is None else off // _MICROSECOND for at in given)
    return {name: _counts(local, len(given)), f"{name}_offsets": _counts(offsets, len(given))}


class Table:
    """Texts that come again and again, each kept once and known by its number.

    >>> table = Table()
    >>> [table.number(text) for text in ("a", "b", "a", None)], table.texts
    ([0, 1, 0, -1], ['a', 'b'])
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        """The texts by number."""
        return list(self._numbers)

    def number(self, text: str | None) -> int:
        """The number of a text, -1 for none."""
        return -1 if text is None else self._numbers.setdefault(text, len(self._numbers))


class Reading:
    """Takes the arrays of a state one by one; ModelFault where one is missing or not what must be there."""

    def __init__(self, whose: str, state: State) -> None:
        self._whose = whose
        self._state = state
        self._unread = set(state)

    def nothing_else(self) -> None:
        """Nothing but what was read may be there."""
        self.must(not self._unread, f"must not hold {', '.join(sorted(self._unread)[:5])}")

    def must(self, holds: bool | np.bool_, otherwise: str) -> None:
        """Refuse the state unless it holds."""
        if not holds:
            raise ModelFault(f"state of {self._whose}: {otherwise}")

    def numbers(
        self,
        name: str,
        kind: type[np.generic],
        shape: tuple[int | None, ...] = (None,),
        least: float | None = None,
        most: float | None = None,
    ) -> Array:
        """An array of this kind and shape (None: any length), all of its numbers finite and from least to most."""
        self.must(name in self._state, f"must hold {name}")
        self._unread.discard(name)
        array = self._state[name]
        fits = len(shape) == array.ndim and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        self.must(
            array.dtype == kind and fits, f"{name} must be {kind.__name__} {shape}, not {array.dtype} {array.shape}"
        )
        if array.size and (least is not None or most is not None):
            low, high = array.min(), array.max()
            inside = (least is None or low >= least) and (most is None or high <= most)
            self.must(bool(inside), f"{name} must be from {least} to {most}, not {low} to {high}")
        return array

    def different(self, name: str, given: Sequence[Any]) -> None:
        """No two may be the same."""
        self.must(len(set(given)) == len(given), f"{name} must all be different")

    def texts(self, name: str, length: int | None = None) -> list[str]:
        """What `texts` wrote."""
        lengths = self.numbers(f"{name}_lengths", np.int64, (length,), 0)
        try:
            content = self.numbers(name, np.uint8).tobytes().decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            content = ""
        return [content[start:end] for start, end in self._spans(name, lengths, len(content))]

    def runs(self, name: str, length: int | None, least: float, most: float) -> list[list[int]]:
        """What `runs` wrote."""
        lengths = self.numbers(f"{name}_lengths", np.int64, (length,), 0)
        found = self.numbers(name, np.int64, (None,), least, most).tolist()
        return [found[start:end] for start, end in self._spans(name, lengths, len(found))]

    def moments(self, name: str, length: int | None = None) -> list[datetime]:
        """What `moments` wrote."""
        local = self.numbers(name, np.int64, (length,))
        offsets = self.numbers(f"{name}_offsets", np.int64, (len(local),))
        try:
            return [
                (_EPOCH + timedelta(microseconds=at)).replace(tzinfo=_zone(offset))
                for at, offset in zip(local.tolist(), offsets.tolist(), strict=True)
            ]
        except (OverflowError, ValueError):
            raise ModelFault(f"state of {self._whose}: {name} must be times") from None

    def _spans(self, name: str, lengths: Array, total: int) -> Iterable[tuple[int, int]]:
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]).tolist()
        self.must(ends[-1] == total and min(ends) >= 0, f"{name} must be as long as its lengths say")
        return pairwise(ends)


def _counts(given: Iterable[int], length: int) -> npt.NDArray[np.int64]:
    return np.fromiter(given, np.int64, length)


@lru_cache(64)
def _zone(offset: int) -> timezone | None:
    return None if offset == _NO_ZONE else timezone(timedelta(microseconds=offset))
