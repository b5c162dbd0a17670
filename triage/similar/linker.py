"""From a written order to its issue: read, encoded and grouped; a stream of orders gives what one by one gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

import numpy as np

from triage.domain.errors import ModelFault
from triage.similar.encoding.encoder import Encoder
from triage.similar.grouping.encoded import Orders, words_of
from triage.similar.grouping.grouping import Found, Grouping, Placed
from triage.similar.grouping.likeness import Likeness, likeness
from triage.similar.packed import Later, State, parts, under
from triage.similar.signature import Signature, SignatureReader

SHOWN_FROM = 0.3
"""An order less likely to be the same matter is not shown as similar."""

_SHARED_WORDS = 4
_SAME_GIST = 0.75
_SAME_CATEGORY = 0.6


@dataclass(frozen=True, slots=True)
class Entry:
    """An order as it is written: `caller` is a token (or whatever names callers within one file), `place` where it
    happened as far as somebody wrote it down, `categories` the likeliest ones with their probabilities."""

    order_id: str
    received_at: datetime
    title: str = ""
    text: str = ""
    caller: str | None = None
    place: str = ""
    categories: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """An order that may be about the same matter: how likely it is, and why, in Chinese."""

    order_id: str
    probability: float
    same_caller: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """What was found for one order: its signature, where it belongs, and the nearest orders, the likeliest first."""

    signature: Signature
    found: Found
    similar: tuple[Similar, ...]


class Linker:
    """Reads, encodes and groups orders; `look` changes nothing, `link` takes the order in; both read it first, which
    can be done beforehand.

    `reader` knows the town's places, `encoder` its words; `grouping` is as wide as the encoder. Not for several threads
    at once.
    """

    def __init__(self, reader: SignatureReader, encoder: Encoder, grouping: Grouping) -> None:
        self.grouping = grouping
        self._reader = reader
        self._encoder = encoder

    def look(self, entry: Entry) -> Linked:
        """Where the order would belong."""
        return self.look_for(self.read(entry))

    def look_for(self, signature: Signature) -> Linked:
        """The same for an order that was read."""
        vector = self._encoder.encode([signature.gist])[0]
        found = self.grouping.look(signature, vector)
        return self._linked(signature, self.grouping.encoded(signature, vector), found)

    def link(self, entry: Entry) -> Linked:
        """Take the order in, and say where it belongs; the same id again changes nothing."""
        return self.take_in(self.read(entry))

    def take_in(self, signature: Signature) -> Linked:
        """The same for an order that was read."""
        if signature.order_id in self.grouping.issues:
            return self.look_for(signature)
        found = self.grouping.add(signature, self._encoder.encode_and_learn([signature.gist])[0])
        number = self.grouping.issues.number(signature.order_id)
        return self._linked(signature, self.grouping.remembered.of(number), found)

    def put(self, signature: Signature, placed: Placed) -> None:
        """Take in an order whose place was found before."""
        if signature.order_id not in self.grouping.issues:
            self.grouping.put(signature, self._encoder.encode_and_learn([signature.gist])[0], placed)

    def group(self, entries: Iterable[Entry]) -> Iterator[int]:
        """Take in a stream of orders; the number of each. Reasons are not looked for."""
        for entry in entries:
            if entry.order_id not in self.grouping.issues:
                signature = self.read(entry)
                self.grouping.add(signature, self._encoder.encode_and_learn([signature.gist])[0])
            yield self.grouping.issues.number(entry.order_id)

    @property
    def made_of(self) -> dict[str, str]:
        """What a state holds for: the encoder, the weights, and what is kept of an order; each by name or digest."""
        weights = sha256(self.grouping.model.to_json()).hexdigest()
        record = self.grouping.remembered.state().dtype
        return {"encoder": self._encoder.model, "pairs": weights, "record": str(record.descr)}

    def frozen(self) -> Later:
        """Gives the state of now: `encoder.…` and `grouping.…`, as these give them."""
        return partial(_state, self._encoder.state(), self.grouping.frozen())

    def restore(self, state: State) -> None:
        """Take up a state; ModelFault where it is none, and then nothing has changed."""
        encoder, grouping = parts("linker", state, "encoder", "grouping")
        before = self._encoder.state()
        self._encoder.restore(encoder)
        try:
            self.grouping.restore(grouping)
        except ModelFault:
            self._encoder.restore(before)
            raise

    def read(self, entry: Entry) -> Signature:
        """What an order is compared by; any number of threads may read at once."""
        return self._reader.read(
            entry.order_id,
            entry.received_at,
            entry.title,
            entry.text,
            address=entry.place,
            caller=entry.caller,
            categories=entry.categories,
        )

    def _linked(self, signature: Signature, order: Orders, found: Found) -> Linked:
        return Linked(signature, found, tuple(self._similar(signature, order, found)))

    def _similar(self, signature: Signature, order: Orders, found: Found) -> Iterator[Similar]:
        group = self.grouping
        near = [one for one in found.nearest if group.issues.orders[one.order] != signature.order_id]
        chances = group.model.probability(np.array([one.score for one in near], dtype=np.float32)).tolist()
        near = [one for one, chance in zip(near, chances, strict=True) if chance >= SHOWN_FROM]
        if not near:
            return
        others = group.remembered.of(np.array([one.order for one in near]))
        words, signs = words_of(signature), likeness(order, others, group.rarity)
        for at, (one, chance) in enumerate(zip(near, chances, strict=False)):
            yield Similar(
                order_id=group.issues.orders[one.order],
                probability=round(chance, 4),
                same_caller=bool(order["caller"]) and bool(order["caller"] == others[at]["caller"]),
                why=tuple(_why(order, others[at], words, signs, at)),
            )


def _state(encoder: State, grouping: Later) -> State:
    return {**under("encoder", encoder), **under("grouping", grouping())}


def _why(one: Orders, other: Orders, words: dict[int, str], signs: Likeness, at: int) -> Iterator[str]:
    """What speaks for the two being one matter, the strongest first; their signs are those at `at`."""
    places = _shared(one["places"], other["places"], words)
    if places:
        yield "同一地点：" + "、".join(places)
    if signs.thing[at] > 0:
        yield "同一对象：" + words.get(int(one["thing"]), "")
    shared = [word for word in _shared(one["terms"], other["terms"], words) if not any(word in p for p in places)]
    if shared:
        yield "共同用词：" + "、".join(shared[:_SHARED_WORDS])
    if signs.gist[at] >= _SAME_GIST:
        yield "要点相近"
    if signs.category[at] >= _SAME_CATEGORY:
        yield "类别相近"
    yield f"相隔{round(float(np.expm1(signs.gap[at])))}天"


def _shared(one: Orders, other: Orders, words: dict[int, str]) -> list[str]:
    """The words of the one that the other has too, heaviest first."""
    theirs = set(other.tolist()) - {0}
    return [words[bucket] for bucket in one.tolist() if bucket in theirs and bucket in words]
