"""The promise of precision, watched on what became of the orders that the model decided alone.

A promise is made on held-out texts of the past. What breaks of it is raised to what outcomes bear out, or switched off;
nothing here ever loosens a promise: that takes another model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from triage.classify.model import Model
from triage.classify.promise import Promise, loosest_threshold
from triage.desk.learning.checked import TASK, Checked, checked_answers
from triage.desk.learning.tightening import Tightening, kept_tightenings
from triage.desk.learning.wagers import LEVEL, at_any_time, evidence_against, exactly
from triage.desk.orders.books import Books


@dataclass(frozen=True, slots=True)
class Standing:
    """How one promise stands: for a label, or (None) for all together.

    `precision` is what was found, None of no order; `exact` its interval by Clopper and Pearson, right for one look
    planned beforehand; `at_any_time` the one that holds however often one looks. `evidence` is the gambler's wealth:
    the promise is broken where it reaches `needed`.
    """

    label: str | None
    promised: float
    orders: int
    right: int
    precision: float | None
    exact: tuple[float, float]
    at_any_time: tuple[float, float]
    evidence: float
    needed: float
    broken: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """How a model's promises stand on one policy's outcomes, over orders received since the model was last
    tightened (None: ever); `needed` is what has to be tightened, `seen` how many tightenings the ledger had then."""

    name: str
    version: str
    since: datetime | None
    standings: tuple[Standing, ...]
    needed: tuple[Tightening, ...]
    seen: int


def watch(books: Books, policy: str, model: Model, until: datetime, *, level: float = LEVEL) -> Watch:
    """Hold a model's promises against what became of a policy's orders by `until`; nothing is changed."""
    with books.ledger.database.reading() as connection:
        kept = kept_tightenings(connection)
    own = [one.at for one in kept if (one.name, one.version) == (model.name, model.version) and one.at is not None]
    since = max(own, default=None)
    checked = list(checked_answers(books, policy, model.name, model.version, since=since, until=until))
    return Watch(
        name=model.name,
        version=model.version,
        since=since,
        standings=tuple(standings(checked, model.heads[TASK].promise_, level=level)),
        needed=tuple(tightenings(checked, model, level=level)),
        seen=len(kept),
    )


def standings(checked: Sequence[Checked], promise: Promise, *, level: float = LEVEL) -> list[Standing]:
    """How the promise for all answers stands, and each label's own, the worst label first.

    Half of the chance of a mistake is for the first, half for all labels together.
    """
    labels = sorted({one.label for one in checked})
    every = _standing(None, checked, promise.precision, 2 / (1 - level), level)
    needed = 2 * max(len(labels), 1) / (1 - level)
    own = [
        _standing(label, [one for one in checked if one.label == label], promise.label_precision, needed, level)
        for label in labels
    ]
    return [every, *sorted(own, key=lambda one: (-one.evidence, one.label or ""))]


def tightenings(checked: Sequence[Checked], model: Model, *, level: float = LEVEL) -> list[Tightening]:
    """What has to be tightened: each broken promise, raised to the loosest threshold that outcomes bear out.

    `checked` are answers of this model since it was last tightened. A label's promise is left alone where the one for
    all was broken: what is measured next shows whether it needs more.
    """
    promise = model.heads[TASK].promise_
    broken = [one for one in standings(checked, promise, level=level) if one.broken]
    if broken and broken[0].label is None:
        broken = broken[:1]
    return [_tightening(one, checked, model, promise.level) for one in broken]


def _standing(label: str | None, checked: Sequence[Checked], promised: float, needed: float, level: float) -> Standing:
    orders, right = len(checked), sum(one.right for one in checked)
    evidence = evidence_against(right, orders, promised)
    return Standing(
        label=label,
        promised=promised,
        orders=orders,
        right=right,
        precision=right / orders if orders else None,
        exact=exactly(right, orders, level),
        at_any_time=at_any_time(right, orders, level),
        evidence=evidence,
        needed=needed,
        broken=evidence >= needed,
        wrong=tuple(one.order_id for one in checked if not one.right),
    )


def _tightening(one: Standing, checked: Sequence[Checked], model: Model, level: float) -> Tightening:
    own = [answer for answer in checked if one.label in (None, answer.label)]
    sure, right = np.array([answer.certainty for answer in own]), np.array([answer.right for answer in own])
    found = loosest_threshold(sure, right, one.promised, level)
    measured = {
        "promised": one.promised,
        "orders": one.orders,
        "right": one.right,
        "precision": one.precision,
        "at_any_time": list(one.at_any_time),
        "evidence": min(one.evidence, 1e12),
    }
    return Tightening(model.name, model.version, TASK, one.label, found, measured)
