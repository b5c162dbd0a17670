"""`triage train --target pairs`: moves the weights of the pair model towards what a town's dispatchers decided.

A logistic regression over the signs of `Likeness`, as a maximum a posteriori estimate: the default weights are the mean
of a normal prior, and no weight may change its sign. Probabilities are Platt's (Probabilistic Outputs for Support
Vector Machines, 1999), from pairs held out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.cluster.hierarchy import DisjointSet
from scipy.optimize import brentq, minimize
from scipy.special import expit

from training.pair_figures import Said, figures, pair_card
from training.pairs_of_orders import (
    Bools,
    Categories,
    Doubles,
    Ints,
    Pairs,
    arrivals,
    in_one_issue,
    read_orders,
    read_pairs,
    signs_of,
)
from triage.bootstrap import default_model
from triage.classify.store import TABLE, digest
from triage.domain.errors import BadInput, Problem
from triage.language.places import PlaceFinder
from triage.language.word_table import WordTable
from triage.similar.encoding.encoder import Encoder
from triage.similar.encoding.town import TownEncoder
from triage.similar.grouping.grouping import Grouping
from triage.similar.grouping.likeness import Likeness
from triage.similar.grouping.pair_store import refuse_other_files, save_pair_model
from triage.similar.grouping.pairs import LARGEST, PairModel
from triage.similar.linker import Entry
from triage.similar.signature import SignatureReader

Say = Callable[[str], None]

FEWEST = 30
FOLDS = 3

PRIOR_SPREAD = 0.5
"""How far a sign's say may move by one standard deviation of the prior, in log odds from its least value to its most:
some hundred pairs move a weight much, thirty little. Wider priors gained nothing on messages (docs/pair-model.md)."""

RANGES = {"place": 7.0, "gap": float(np.log1p(365)), "thing": 2.0}
"""From the least to the most that a sign says, where that is not 1."""

_BIAS_SPREAD = 3.0  # of the intercept, in log odds: how many pairs of a file are the same says nothing of the next
_STEEPEST, _FLATTEST = 20.0, 0.05


class Line(NamedTuple):
    """Makes log odds of scores."""

    slope: float
    offset: float

    def probability(self, score: Doubles) -> Doubles:
        """How likely pairs of these scores are the same."""
        chances: Doubles = expit(self.slope * score + self.offset)
        return chances


def _default_encoder() -> Encoder:
    return TownEncoder(WordTable.read(default_model() / TABLE))


def _no_categories(title: str, text: str) -> tuple[tuple[str, float], ...]:
    return ()


@dataclass(frozen=True)
class Beginning:
    """What the service begins with, nothing learnt yet: the town's places, encoder and grouping, and what reads an
    order's likeliest categories. What is learnt must see orders as the service sees them."""

    places: PlaceFinder = field(default_factory=lambda: PlaceFinder({}))
    new_encoder: Callable[[], Encoder] = _default_encoder
    new_grouping: Callable[[int, PairModel], Grouping] = Grouping
    categories: Categories = _no_categories


def tune_pairs(
    data: Path, text: Sequence[str], out: Path, say: Say, *, pairs: Path, beginning: Beginning | None = None
) -> dict[str, Any]:
    """Tune the default pair model on the orders in `data` and the labelled pairs in `pairs`; write it to `out`.

    The columns are those of `read_orders` and `read_pairs`. The folder is written whole or not at all. The figures are
    those of pairs held out, before and after; where the orders are not grouped better with it the model written is the
    default, and `gain` is false. The same files give the same model. BadInput where there are fewer than 30 pairs, or
    all alike.
    """
    refuse_other_files(out)
    start, default = beginning or Beginning(), PairModel()
    entries = read_orders(data, text, start.categories)
    labelled = _enough_pairs(pairs, entries)
    ends = folds(labelled)
    tested = ends[:, 0] == ends[:, 1]
    _refuse_if_alike(pairs, labelled, tested)
    say(f"{len(entries)} orders, {len(labelled)} pairs, {int(tested.sum())} of them held out in turn")
    signs, before = _as_it_is(entries, labelled, start, default)
    say(f"grouping the orders once more with {FOLDS} models, each without the pairs it is tried on")
    after, line = _held_out(entries, labelled, start, signs, ends)
    answer = _compared(labelled, tested, before, after)
    tuned = replace(fit(signs, labelled, default), slope=line.slope, offset=line.offset) if answer["gain"] else default
    say("grouped better on held-out pairs" if answer["gain"] else "not grouped better: the model stays the default")
    files = {"data_sha256": digest(data.read_bytes()), "pairs_sha256": digest(pairs.read_bytes())}
    facts = {**answer, **files, "encoder": start.new_encoder().model}
    save_pair_model(tuned, out, pair_card(tuned, facts), facts)
    return answer


def _as_it_is(entries: Sequence[Entry], pairs: Pairs, start: Beginning, default: PairModel) -> tuple[Doubles, Said]:
    """The signs of the pairs, and what the default says of them."""
    encoder = start.new_encoder()
    grouping = start.new_grouping(encoder.width, default)
    stream = arrivals(entries, SignatureReader(start.places), encoder)
    signs = signs_of(pairs, stream, grouping, encoder.width)
    return signs, _said(default, signs, in_one_issue(pairs, grouping))


def fit(signs: Doubles, pairs: Pairs, default: PairModel) -> PairModel:
    """The weights that are likeliest after these pairs, `signs` of shape (pairs, signs), and a bias that suits them."""
    names = Likeness._fields
    mean = np.array([*(default.weights[name] for name in names), default.bias])
    ranges = np.array([RANGES.get(name, 1.0) for name in names])
    spread = np.array([*(PRIOR_SPREAD / ranges), _BIAS_SPREAD]) / default.slope
    inputs = np.column_stack([signs, np.ones(len(signs))])

    def cost(weights: Doubles) -> tuple[float, Doubles]:
        odds = default.slope * (inputs * weights).sum(axis=1) + default.offset
        moved = (weights - mean) / spread
        lost = pairs.weight * (np.logaddexp(0, odds) - pairs.same * odds)
        slope = (inputs * (pairs.weight * (expit(odds) - pairs.same) * default.slope)[:, None]).sum(axis=0)
        return float(lost.sum() + moved @ moved / 2), slope + moved / spread

    bounds = [(None, 0) if default.weights[name] < 0 else (0, None) for name in names]
    found = minimize(cost, mean, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]).x[:-1]
    weights = dict(zip(names, np.round(found, 3).tolist(), strict=True))
    return replace(default, weights=weights, bias=_bias(weights, signs, pairs, default))


def _bias(weights: dict[str, float], signs: Doubles, pairs: Pairs, default: PairModel) -> float:
    """The bias at which as many of the pairs count as above 0 as with the default, those near 0 in part.

    A mean over two issues must be above 0 where they are one (average linkage), which is not where a single pair is
    as likely as not; and how many pairs of a file are the same depends on who chose them.
    """
    total = _sums(weights, signs)
    sought = (pairs.weight * expit(default.slope * (_sums(default.weights, signs) + default.bias))).sum()

    def missing(bias: float) -> float:
        return float((pairs.weight * expit(default.slope * (total + bias))).sum() - sought)

    return round(float(brentq(missing, -LARGEST, LARGEST)), 3)


def _sums(weights: Mapping[str, float], signs: Doubles) -> Doubles:
    total: Doubles = (signs * np.array([weights[name] for name in Likeness._fields])).sum(axis=1)
    return total


def platt(score: Doubles, pairs: Pairs) -> Line:
    """Slope and offset that make probabilities of scores; Platt's targets keep few pairs from promising certainty."""
    same, weight = pairs.same, pairs.weight
    target = np.where(same, (same.sum() + 1) / (same.sum() + 2), 1 / ((~same).sum() + 2))

    def cost(line: Doubles) -> float:
        odds = line[0] * score + line[1]
        return float((weight * (np.logaddexp(0, odds) - target * odds)).sum())

    bounds = [(_FLATTEST, _STEEPEST), (-LARGEST, LARGEST)]
    slope, offset = minimize(cost, [1.0, 0.0], method="L-BFGS-B", bounds=bounds).x.tolist()
    return Line(round(slope, 3), round(offset, 3))


def folds(pairs: Pairs) -> Ints:
    """The fold of both orders of each pair, shape (pairs, 2); a pair between two folds is not held out with either.

    Orders that are the same are in one fold; others that share a pair too, as long as a fold is not made too large.
    """
    orders = np.unique([pairs.first, pairs.second]).tolist()
    room = len(orders) / (2 * FOLDS)
    sets, size = DisjointSet(orders), dict.fromkeys(orders, 1)
    for apart in (False, True):
        rows = pairs.same != apart
        for one, other in zip(pairs.first[rows].tolist(), pairs.second[rows].tolist(), strict=True):
            joined = size[sets[one]] + size[sets[other]]
            if not sets.connected(one, other) and (joined <= room or not apart):
                sets.merge(one, other)
                size[sets[one]] = joined
    fold_of = dict(_dealt([sorted(group) for group in sets.subsets()]))
    return np.array([[fold_of[one] for one in ends.tolist()] for ends in (pairs.first, pairs.second)]).T


def _dealt(groups: list[list[int]]) -> Iterator[tuple[int, int]]:
    """Each order with its fold: the largest group first, into the fold that has the fewest orders."""
    filled = [0] * FOLDS
    for group in sorted(groups, key=lambda group: (-len(group), group)):
        fold = filled.index(min(filled))
        filled[fold] += len(group)
        yield from ((order, fold) for order in group)


def _held_out(
    entries: Sequence[Entry], pairs: Pairs, start: Beginning, signs: Doubles, ends: Ints
) -> tuple[Said, Line]:
    """What models say of the pairs of a fold that they did not learn from, made probable by the other folds; and the
    line of them all."""
    learners = [(ends != fold).all(axis=1) for fold in range(FOLDS)]
    models = [fit(signs[rows], pairs.of(rows), PairModel()) for rows in learners]
    encoder = start.new_encoder()
    groupings = [start.new_grouping(encoder.width, model) for model in models]
    for signature, vector in arrivals(entries, SignatureReader(start.places), encoder):
        for grouping in groupings:
            grouping.add(signature, vector)
    inside = ends[:, 0] == ends[:, 1]
    sides = [inside & (ends[:, 0] == fold) for fold in range(FOLDS)]
    said = Said(np.zeros(len(pairs)), np.zeros(len(pairs)), np.zeros(len(pairs), dtype=bool))
    for rows, model, grouping in zip(sides, models, groupings, strict=True):
        here = _said(model, signs, in_one_issue(pairs, grouping)).of(rows)
        said.score[rows], said.together[rows] = here.score, here.together
    for rows in sides:
        others = inside & ~rows
        said.probability[rows] = platt(said.score[others], pairs.of(others)).probability(said.score[rows])
    return said, platt(said.score[inside], pairs.of(inside))


def _said(model: PairModel, signs: Doubles, together: Bools) -> Said:
    score = model.score(Likeness(*signs.astype(np.float32).T))
    return Said(score.astype(np.float64), model.probability(score).astype(np.float64), together)


def _compared(pairs: Pairs, tested: Bools, before: Said, after: Said) -> dict[str, Any]:
    old, new = (figures(pairs.of(tested), said.of(tested)) for said in (before, after))
    same = int(pairs.same.sum())
    return {
        "pairs": {"same": same, "different": len(pairs) - same, "held_out": int(tested.sum())},
        "gain": new["issue_f1"] > old["issue_f1"],
        "before": old,
        "after": new,
    }


def _enough_pairs(path: Path, entries: Sequence[Entry]) -> Pairs:
    found = read_pairs(path, entries)
    same = int(found.same.sum())
    if len(found) < FEWEST or same in (0, len(found)):
        fault = (
            f"has {same} pairs that are the same and {len(found) - same} that are not; needs {FEWEST} and both kinds"
        )
        raise BadInput(str(path), [Problem((), fault)])
    return found


def _refuse_if_alike(path: Path, pairs: Pairs, tested: Bools) -> None:
    same, every = int(pairs.same[tested].sum()), int(tested.sum())
    if same in (0, every):
        fault = (
            f"hangs together: {same} pairs that are the same and {every - same} that are not can be held out "
            "so that no order is on both sides; tuning needs pairs of more matters"
        )
        raise BadInput(str(path), [Problem((), fault)])
