"""How a head chooses its strength: compared on enough held-out rows, and no more than enough."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from triage.classify import head as heads
from triage.classify.head import BAYES, LinearHead

CS = (0.3, 1.0)
ROWS, FOLDS = 120, 4


def _world() -> tuple[csr_matrix, list[str]]:
    chance = np.random.default_rng(0)
    codes = np.arange(ROWS) % 3
    rows = chance.uniform(size=(ROWS, 12)) * (chance.uniform(size=(ROWS, 12)) < 0.3)
    rows[np.arange(ROWS), codes] += 1
    return csr_matrix(rows.astype(np.float32)), [f"label {code}" for code in codes]


def _fitted(monkeypatch: pytest.MonkeyPatch, enough: int, **parameters: float) -> tuple[LinearHead, list[list[float]]]:
    """A head, and the views that were fitted in each fold, in order."""
    views: dict[int, list[float | None]] = {}
    fit_one = LinearHead._view_margins

    def recorded(self, X, codes, weights, train, test, view):
        views.setdefault(int(test[0]), []).append(view)
        return fit_one(self, X, codes, weights, train, test, view)

    monkeypatch.setattr(LinearHead, "_view_margins", recorded)
    monkeypatch.setattr(heads, "JUDGED", enough)
    head = LinearHead(Cs=CS, folds=FOLDS, **parameters).fit(*_world())
    return head, list(views.values())


@pytest.mark.parametrize(
    ("enough", "compared"), [(1, 1), (ROWS // FOLDS, 1), (ROWS // FOLDS + 1, 2), (10 * ROWS, FOLDS)]
)
def test_strengths_are_compared_in_as_many_folds_as_hold_enough_rows(monkeypatch, enough, compared):
    head, views = _fitted(monkeypatch, enough)
    assert views == [[*CS, BAYES]] * compared + [[head.C_, BAYES]] * (FOLDS - compared)


def test_without_bayes_no_view_of_it_is_fitted(monkeypatch):
    _, views = _fitted(monkeypatch, ROWS, bayes=0.0)
    assert views == [list(CS)] * FOLDS


@pytest.mark.parametrize("enough", [1, 10 * ROWS])
def test_every_row_is_held_out_whatever_was_compared(monkeypatch, enough):
    head, _ = _fitted(monkeypatch, enough)
    assert head.held_out_.rows.tolist() == list(range(ROWS))
    everywhere, _ = _fitted(monkeypatch, 10 * ROWS)
    assert np.array_equal(head.held_out_.probabilities, everywhere.held_out_.probabilities)


@pytest.mark.parametrize("strengths", [(1e-3, 1e3), (1e3, 1e-3)])
def test_the_strength_is_taken_under_which_held_out_labels_are_more_probable(strengths):
    chance = np.random.default_rng(0)
    codes = np.arange(ROWS) % 2
    rows = chance.normal(size=(ROWS, 400)).astype(np.float32)  # mostly noise, which only a strong rein keeps out
    rows[:, 0] += 3 * codes
    head = LinearHead(Cs=strengths, bayes=0.0, folds=FOLDS).fit(csr_matrix(rows), [str(code) for code in codes])
    assert head.C_ == 1e-3
