"""The gate: whatever makes a model worse than the one that answers is found, and a good one passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.integration.retrained import DOMAIN_OF, WORDS, orders
from training.fit import Examples, fit_model
from training.lessons.examples import texts_of
from training.retraining.comparison import compare, worse
from training.retraining.cost import bytes_of
from training.retraining.gate import Limits, Measured, gate
from training.retraining.honesty import kept_promise
from training.retraining.judging import Contest, held_back, measure
from triage.classify.calibration import Calibration
from triage.classify.features import Reading, TextFeatures
from triage.classify.head import LinearHead
from triage.classify.model import Model
from triage.classify.store import save_model
from triage.classify.taxonomy import Category, Taxonomy
from triage.desk.learning.lessons import Lesson
from triage.desk.learning.verdict import Reason
from triage.domain.vocabulary import SIGNALS

TAXONOMY = Taxonomy({name: Category(name, name, DOMAIN_OF.get(name, "商贸旅游"), "") for name in WORDS})
LIMITS = Limits(samples=999, calibration=0.08)  # half the texts of this world are certain and half are a toss-up
SIGNAL = Examples(["甲", "乙"] * 4, ["a", "b"] * 4)
_LESSONS = orders(800, seed=2, words=1)
ASKED = orders(600, seed=99, words=1)


class _Ticking(TextFeatures):
    """Features that tell a clock how long they take: reading costs time in this test's world only."""

    seconds = 0.0
    cost = 1.0

    def read(self, text: str) -> tuple[Reading, object]:
        _Ticking.seconds += self.cost
        return super().read(text)


class _Slow(_Ticking):
    cost = 1.6


def _fitted(lessons: Sequence[Lesson], features: type[TextFeatures] = _Ticking) -> Model:
    """A model with a head for every task of a decision; only the category is learnt from orders."""
    tasks = {"category": Examples(texts_of(lessons), [one.label for one in lessons])}
    for task, known in SIGNALS.items():
        labels = ["none", next(one for one in known if one != "none")] if task == "emergency" else list(known[:2])
        tasks[task] = Examples(SIGNAL.texts, labels * 4)
    heads = {task: LinearHead(Cs=(1.0,), folds=5 if task == "category" else 2, precision=0.85) for task in tasks}
    return fit_model("town", tasks, "category", features=features(min_df=1), heads=heads)


@cache
def _beginner() -> Model:
    return _fitted(orders(60, seed=1, words=1))


@cache
def _good() -> Model:
    return _fitted(_LESSONS)


def _with_head(model: Model, **changes: object) -> Model:
    """The same model with another promise or calibration of its categories."""
    head = LinearHead.__new__(type(model.heads["category"]))
    head.__dict__.update({**model.heads["category"].__dict__, **changes})
    return replace(model, heads={**model.heads, "category": head})


def _measured(challenger: Model, champion: Model | None = None, size: tuple[int, int] = (1, 1)) -> Measured:
    contest = Contest(champion or _good(), challenger, size, ASKED, range(len(ASKED)))
    rng = np.random.default_rng(5)
    return measure(contest, held_back(contest), TAXONOMY, rng=rng, clock=lambda: _Ticking.seconds, limits=LIMITS)


def _reasons(challenger: Model, size: tuple[int, int] = (1, 1)) -> tuple[Reason, ...]:
    """What speaks against a challenger of the good model."""
    return gate(_measured(challenger, size=size), LIMITS)


@cache
def _against_itself() -> Measured:
    return _measured(_good())


def test_a_model_that_learnt_more_passes():
    measured = _measured(_good(), _beginner())
    assert gate(measured, LIMITS) == ()
    assert measured.tasks["category"].compared.overall[0].gain > 0.05, "the test means something"


def test_the_same_model_passes():
    assert gate(_against_itself(), LIMITS) == ()


def test_a_model_that_lost_a_domain_is_refused_with_its_name_and_figures():
    lost = [one for one in _LESSONS if one.label not in DOMAIN_OF]
    found = _reasons(_fitted([*lost, *orders(12, seed=4, of=list(DOMAIN_OF), words=1)]))
    assert {"worse_domain", "worse_label", "worse_overall"} <= {reason.id for reason in found}
    (domain,) = [one for one in found if one.id == "worse_domain" and one.figures["of"] == "城乡建设"]
    assert "F1 of 城乡建设 falls from" in domain.because
    assert domain.figures["challenger"] < domain.figures["champion"]


def test_a_model_taught_wrong_labels_of_one_category_is_refused_for_that_category_alone():
    wrong = [replace(one, label="manhole-cover") if one.label == "street-light" else one for one in _LESSONS[:700]]
    found = [reason for reason in _reasons(_fitted([*wrong, *_LESSONS[700:]])) if reason.id == "worse_label"]
    assert "street-light" in {reason.figures["of"] for reason in found}
    assert not {"street-vending", "property-management"} & {reason.figures["of"] for reason in found}


def test_a_model_that_decides_alone_where_it_may_not_is_refused():
    champion = _good()
    promise = champion.heads["category"].promise_
    every = tuple(replace(one, auto_above=0.0) for one in promise.labels)
    boasting = _with_head(champion, promise_=replace(promise, precision=0.97, auto_above=0.0, labels=every))
    (reason, *_) = _reasons(boasting)
    assert reason.id == "promise_broken"
    assert reason.figures["kept"]["alone"] == len(ASKED)
    assert reason.figures["kept"]["at_most"] < 0.97


def test_a_model_whose_certainty_is_exaggerated_is_refused():
    champion = _good()
    head = champion.heads["category"]
    scaled = Calibration(head.calibration_.matrix * 6, head.calibration_.shift * 6)
    ids = {reason.id for reason in _reasons(_with_head(champion, calibration_=scaled))}
    assert "certainty_off" in ids
    assert not {"worse_label", "worse_domain", "worse_overall"} & ids, "its answers are the same"


def test_a_slower_model_is_refused():
    (reason,) = _reasons(_fitted(_LESSONS, _Slow))
    assert reason.id == "slower"
    assert reason.figures["challenger"] == pytest.approx(1.6 * reason.figures["champion"])


def test_a_larger_model_is_refused(tmp_path):
    sizes = []
    for name, padding in (("small", b""), ("large", bytes(10_000_000))):
        save_model(_good(), tmp_path / name, {"card.md": b"#", "padding": padding}, {})
        sizes.append(bytes_of(Path(tmp_path / name)))
    (reason,) = gate(replace(_against_itself(), size=(sizes[0], sizes[1])), LIMITS)
    assert (reason.id, reason.figures["challenger"]) == ("larger", sizes[1])


def test_a_model_that_cannot_serve_decisions_is_refused():
    champion = _good()
    bare = replace(champion, heads={"category": champion.heads["category"]})
    strange = replace(_against_itself(), labels={"category": ["street-light", "dragons"]})
    assert [reason.id for reason in _reasons(bare)] == ["unfit"]
    assert ["dragons" in reason.because for reason in gate(strange, LIMITS)] == [False, True]


def test_too_few_rows_prove_nothing():
    reasons = gate(_against_itself(), replace(LIMITS, fewest_rows=601))
    assert [reason.id for reason in reasons] == ["unproven"]


def test_copies_of_one_mistake_are_not_taken_for_many():
    right = ["a"] * 60 + ["b"] * 60
    old, new = list(right), ["b"] * 30 + right[30:]
    apart = compare(right, old, new, range(120), np.random.default_rng(0), 999)
    together = compare(right, old, new, [0] * 30 + list(range(1, 91)), np.random.default_rng(0), 999)
    assert worse(apart.overall, 0.05, 20)
    assert not worse(together.overall, 0.05, 20)


@pytest.mark.parametrize(("right", "alone", "holds"), [(95, 100, True), (90, 100, False), (0, 0, True), (3, 4, True)])
def test_a_promise_is_broken_only_where_the_bound_says_so(right, alone, holds):
    kept = kept_promise(np.array([True] * right + [False] * (alone - right), dtype=bool), 0.05)
    assert (kept.at_most >= 0.97) is holds
