"""Online grouping: each new order joins, founds or bridges issues at once, in bounded time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import compress

import numpy as np
import numpy.typing as npt

from triage.domain.errors import BadInput, Problem
from triage.similar.grouping.candidates import IssueNumbers, Postings, ranked
from triage.similar.grouping.encoded import Orders, encoded, learnt
from triage.similar.grouping.issues import AUTOMATIC, Issues
from triage.similar.grouping.linkage import SAMPLE, fit_of_issues, scores
from triage.similar.grouping.pairs import PairModel
from triage.similar.grouping.rarity import BUCKETS, Buckets, Floats, Rarity
from triage.similar.grouping.remembered import Numbers, Remembered
from triage.similar.packed import Later, Reading, State, parts, runs, under
from triage.similar.signature import Signature

JOIN_AT = 0.0
"""An order joins an issue where their mean score is at least this, and issues merge where theirs is."""

WINDOW = timedelta(days=365)
CAPACITY = 1_000_000
_LOOKED_UP = 24  # words by which issues are looked up
_CANDIDATES = 24  # issues compared
_NEAREST = 5
_PARTS = ("issues", "rarity", "postings", "remembered", "samples")


@dataclass(frozen=True, slots=True)
class Near:
    """An order remembered, by number, with the score of the pair."""

    order: int
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Where an order belongs: its issue (0: none yet), others that it fits too (of `add`: that it merged with its own),
    and the nearest orders."""

    issue: int
    bridged: tuple[int, ...] = ()
    nearest: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an order was put: the id of the issue that it joined or founded, and which issues it brought together
    (the id that stayed, the id that went)."""

    joined: str
    merged: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Query:
    """One order made ready to be compared."""

    order: Orders
    buckets: Buckets
    found: IssueNumbers


class Grouping:
    """Groups orders as they arrive; nothing is random, so that the same orders in the same order give the same issues.

    An order is compared with a sample of each of the issues that lately spoke of its rarest words. It joins the one it
    fits best, if it fits (`JOIN_AT`), or founds one; other issues that it fits too are merged with its own where all
    of both fit. Vague texts share no rare word and a mean is not moved by one pair, so that nothing is chained. Orders
    more than `window` apart are never compared, and beyond `capacity` orders the oldest are forgotten (not their
    issues). What a person merged or split stays so.

    The cost of an order does not depend on how many came before: _CANDIDATES issues × SAMPLE orders at most.
    """

    def __init__(
        self, width: int, model: PairModel | None = None, *, window: timedelta = WINDOW, capacity: int = CAPACITY
    ) -> None:
        self.issues = Issues()
        self.model = model or PairModel()
        self.rarity = Rarity()
        self.remembered = Remembered(width, capacity)
        self._postings = Postings()
        self._samples: dict[int, list[tuple[bytes, int]]] = {}
        self._window = window.total_seconds() / 86_400

    def look(self, signature: Signature, vector: Floats) -> Found:
        """Where the order would belong; nothing is changed."""
        query = self._query(signature, vector)
        return self._fitting(query)

    def add(self, signature: Signature, vector: Floats) -> Found:
        """Take an order in; one whose id is known already changes nothing."""
        if signature.order_id in self.issues:
            return Found(self.issues.issue_of(self.issues.number(signature.order_id)))
        query = self._query(signature, vector)
        found = self._fitting(query)
        order, issue = self.issues.add(signature.order_id, signature.received_at.timestamp(), found.issue)
        self.remembered.add(query.order)
        self._into_sample(issue, signature.order_id, order)
        bridged = [other for other in found.bridged if self._bridged(order, other, signature.received_at)]
        issue = self.issues.issue_of(order)
        self._postings.add(issue, query.buckets, self.issues.root[query.found])
        self.rarity.learn(learnt(signature))
        return Found(issue, tuple(bridged), found.nearest)

    def put(self, signature: Signature, vector: Floats, placed: Placed) -> None:
        """Take in an order whose place was found before, without looking for it again: after a restart everything is
        where it was, whatever the weights say by now. An order whose id is known already changes nothing."""
        if signature.order_id in self.issues:
            return
        query = self._query(signature, vector)
        joined = self.issues.get(placed.joined) or 0
        order, issue = self.issues.add(signature.order_id, signature.received_at.timestamp(), joined)
        self.remembered.add(query.order)
        self._into_sample(issue, signature.order_id, order)
        for kept, gone in placed.merged:
            self._merged(
                self.issues.get_or_raise(kept), self.issues.get_or_raise(gone), signature.received_at, AUTOMATIC
            )
        self._postings.add(self.issues.issue_of(order), query.buckets, self.issues.root[query.found])
        self.rarity.learn(learnt(signature))

    def placed(self, order_id: str, deeds_before: int) -> Placed:
        """The place that was found for the order taken in last; `deeds_before` is how many deeds there were before."""
        merged = tuple((deed.issue, deed.other) for deed in self.issues.deeds[deeds_before:])
        return Placed(self.issues.joined(self.issues.number(order_id)), merged)

    def merge(self, one: str, other: str, at: datetime, by: str) -> str:
        """Make two issues one because a person says so; the id that stays.

        BadInput where an id is not known or nobody is named.
        """
        _refuse_nobody(by)
        first, second = self.issues.get_or_raise(one), self.issues.get_or_raise(other)
        kept = first if first == second else self._merged(first, second, at, by)
        return self.issues.ids[kept]

    def split(self, issue: str, orders: Iterable[str], at: datetime, by: str) -> str:
        """Make some orders of an issue one of their own because a person says so; the new id.

        The two are never merged again unless a person does it. BadInput where an order is not in the issue
        or nobody is named.
        """
        _refuse_nobody(by)
        number = self.issues.get_or_raise(issue)
        new = self.issues.split(number, orders, at, by)
        for one in (number, new):
            self._samples[one] = []
            for order in self.issues.members(one):
                if order >= self.remembered.oldest:
                    self._into_sample(one, self.issues.orders[order], order)
        for _, order in self._samples[new]:
            buckets = self._looked_up(self.remembered.of(order))
            self._postings.add(new, buckets, self.issues.root[self._postings.find(buckets)])
        return self.issues.ids[new]

    def state(self) -> State:
        """Everything but the weights, as arrays: `issues.…`, `rarity.…` and `postings.…` as these give them,
        `remembered.orders` (uint8, shape (orders, bytes of a record)) with `remembered.next` (int64, shape (1,)), and
        the numbers of the orders that stand for the issues `samples.issues` (int32): `samples.orders`."""
        return self.frozen()()

    def frozen(self) -> Later:
        """Gives `state` as of now."""
        records = self.remembered.state()
        if self.remembered.next > self.remembered.capacity // 2:
            records = records.copy()  # some may be written over soon; those before are only ever read
        arrays = {
            **under("rarity", self.rarity.state()),
            **under("postings", self._postings.state()),
            "remembered.orders": _bytes_of(records),
            "remembered.next": np.array([self.remembered.next], dtype=np.int64),
        }
        return partial(_state, arrays, self.issues.frozen(), self._samples.copy())

    def restore(self, state: State) -> None:
        """Take up a state; ModelFault where it is none, and then nothing has changed."""
        of_issues, of_rarity, of_postings, of_records, of_samples = parts("grouping", state, *_PARTS)
        issues, rarity, postings = Issues(), Rarity(), Postings()
        issues.restore(of_issues)
        rarity.restore(_checked_rarity(of_rarity))
        postings.restore(_checked_postings(of_postings, len(issues.ids) - 1))
        remembered = self._restored_records(Reading("remembered orders", of_records), issues)
        samples = _samples_from(Reading("samples", of_samples), issues)
        self.issues, self.rarity, self.remembered = issues, rarity, remembered
        self._postings, self._samples = postings, samples

    def _restored_records(self, read: Reading, issues: Issues) -> Remembered:
        kind = self.remembered.state().dtype
        following = int(read.numbers("next", np.int64, (1,), len(issues.orders), len(issues.orders))[0])
        records = read.numbers("orders", np.uint8, (min(following, self.remembered.capacity), kind.itemsize))
        read.nothing_else()
        restored = Remembered(kind["vector"].shape[0], self.remembered.capacity)
        restored.restore(np.ascontiguousarray(records).reshape(-1).view(kind), following)
        return restored

    def encoded(self, signature: Signature, vector: Floats) -> Orders:
        """An order in numbers, as rare as its words are now."""
        return encoded(signature, vector, self.rarity)

    def _query(self, signature: Signature, vector: Floats) -> _Query:
        order = self.encoded(signature, vector)
        buckets = self._looked_up(order)
        return _Query(order, buckets, self._postings.find(buckets))

    def _looked_up(self, order: Orders) -> Buckets:
        """The rarest of an order's words and places, each once."""
        named = [order["terms"][:_LOOKED_UP], order["places"]]
        buckets: Buckets = np.unique(np.concatenate(named))
        return buckets[buckets > 0]

    def _fitting(self, query: _Query) -> Found:
        candidates = ranked(self.issues.root[query.found], self.rarity.of(query.buckets), _CANDIDATES).tolist()
        numbers = np.array([order for issue in candidates for _, order in self._samples[issue]], dtype=np.int64)
        owners = np.repeat(np.arange(len(candidates)), [len(self._samples[issue]) for issue in candidates])
        near = self._comparable(numbers, float(query.order["day"]))
        numbers, owners = numbers[near], owners[near]
        if not numbers.size:
            return Found(0)
        found = scores(query.order, numbers, self.remembered, self.model, self.rarity)
        counts = np.bincount(owners, minlength=len(candidates))
        means = np.bincount(owners, weights=found, minlength=len(candidates)) / np.maximum(counts, 1)
        fits = [(-mean, issue) for mean, issue, count in zip(means, candidates, counts, strict=True) if count]
        home, *bridged = [issue for mean, issue in sorted(fits) if -mean >= JOIN_AT] or [0]
        return Found(home, tuple(bridged), _nearest(numbers, found))

    def _comparable(self, numbers: Numbers, day: float) -> npt.NDArray[np.bool_]:
        """Which of these orders are still remembered, and in the window of that day."""
        kept = numbers >= self.remembered.oldest
        near: npt.NDArray[np.bool_] = kept & (np.abs(self.remembered.days(numbers) - day) <= self._window)
        return near

    def _into_sample(self, issue: int, order_id: str, order: int) -> None:
        sample = [*self._samples.get(issue, ()), (_sample_key(order_id), order)]
        numbers = np.array([number for _, number in sample], dtype=np.int64)
        near = self._comparable(numbers, float(self.remembered.of(order)["day"]))
        self._samples[issue] = sorted(compress(sample, near.tolist()))[:SAMPLE]

    def _bridged(self, order: int, other: int, at: datetime) -> bool:
        """Merge an issue with that of an order that fits both, if all of both fit and no person keeps them apart."""
        issue = self.issues.issue_of(order)
        if self.issues.kept_apart(issue, other) or not self._fit(issue, other):
            return False
        self._merged(issue, other, at, AUTOMATIC)
        return True

    def _merged(self, one: int, other: int, at: datetime, by: str) -> int:
        """Make two issues one; the number of the one that stays."""
        kept = self.issues.merge(one, other, at, by)
        samples = [*self._samples.pop(one, ()), *self._samples.pop(other, ())]
        self._samples[kept] = sorted(entry for entry in samples if entry[1] >= self.remembered.oldest)[:SAMPLE]
        return kept

    def _fit(self, one: int, other: int) -> bool:
        oldest = self.remembered.oldest  # a record before it is another order's by now
        samples = [[order for _, order in self._samples[issue] if order >= oldest] for issue in (one, other)]
        if not all(samples):
            return False
        return fit_of_issues(samples[0], samples[1], self.remembered, self.model, self.rarity) >= JOIN_AT


def _sample_key(order_id: str) -> bytes:
    return blake2b(order_id.encode(errors="surrogatepass"), digest_size=8).digest()


def _bytes_of(records: Orders) -> npt.NDArray[np.uint8]:
    return records.view(np.uint8).reshape(len(records), records.dtype.itemsize)


def _state(arrays: State, issues: Later, samples: dict[int, list[tuple[bytes, int]]]) -> State:
    return {
        **under("issues", issues()),
        **arrays,
        "samples.issues": np.fromiter(samples, np.int32, len(samples)),
        **under("samples", runs("orders", [[order for _, order in sample] for sample in samples.values()])),
    }


def _checked_rarity(state: State) -> State:
    read = Reading("rarity", state)
    buckets = read.numbers("buckets", np.uint32, (None,), 0, BUCKETS - 1)
    read.different("buckets", buckets.tolist())
    read.numbers("counts", np.uint32, buckets.shape)
    read.numbers("orders", np.int64, (1,), 0)
    read.nothing_else()
    return state


def _checked_postings(state: State, issues: int) -> dict[str, npt.NDArray[np.generic]]:
    read = Reading("postings", state)
    buckets = read.numbers("posting_buckets", np.uint32, (None,), 0, BUCKETS - 1)
    read.different("posting_buckets", buckets.tolist())
    slots = Postings().find(np.zeros(1, dtype=np.uint32)).shape[1]
    read.numbers("posting_slots", np.int32, (len(buckets), slots), 0, issues)
    read.numbers("posting_next", np.uint8, buckets.shape, 0, slots - 1)
    read.nothing_else()
    return dict(state)


def _samples_from(read: Reading, issues: Issues) -> dict[int, list[tuple[bytes, int]]]:
    numbers = read.numbers("issues", np.int32).tolist()
    read.must(sorted(numbers) == issues.now(), "must be of the issues that there are")
    samples = read.runs("orders", len(numbers), 0, len(issues.orders) - 1)
    read.nothing_else()
    read.must(max(map(len, samples), default=0) <= SAMPLE, f"must be of at most {SAMPLE} orders")
    keyed = ([(_sample_key(issues.orders[order]), order) for order in sample] for sample in samples)
    return dict(zip(numbers, keyed, strict=True))


def _refuse_nobody(by: str) -> None:
    if not by.strip():
        raise BadInput("issues", [Problem(("by",), "must name the person who says so")])


def _nearest(numbers: Numbers, found: Floats) -> tuple[Near, ...]:
    best = np.lexsort((numbers, -found))[:_NEAREST]
    return tuple(Near(int(numbers[at]), float(found[at])) for at in best)
