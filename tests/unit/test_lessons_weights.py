"""Weighted rows: equal weights are none, a small one teaches little, and only trusted rows stand behind a promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from training.fit import Examples, fit_model
from triage.classify.calibration import calibrate, log_loss
from triage.classify.features import TextFeatures
from triage.classify.head import TRUSTED, LinearHead
from triage.domain.errors import BadInput

ROWS = 240


def _rows(seed=0, labels=3):
    chance = np.random.default_rng(seed)
    codes = np.arange(ROWS) % labels
    rows = np.abs(chance.normal(scale=0.3, size=(ROWS, 12)))
    rows[np.arange(ROWS), codes] += 1
    return csr_matrix(rows.astype(np.float32)), [str(code) for code in codes]


@pytest.mark.parametrize(
    "parameters", [{}, {"bayes": 0.0}, {"balanced": True}, {"parents": {"0": "a", "1": "a", "2": "b"}}]
)
def test_equal_weights_are_as_none(parameters):
    X, y = _rows()
    plain = LinearHead(folds=3, **parameters).fit(X, y)
    weighted = LinearHead(folds=3, **parameters).fit(X, y, sample_weight=[TRUSTED] * ROWS)
    assert np.allclose(plain.weights_, weighted.weights_, atol=1e-5)
    assert np.allclose(plain.predict_proba(X), weighted.predict_proba(X), atol=1e-4)
    assert plain.promise_.held_out == weighted.promise_.held_out == ROWS


@pytest.mark.parametrize("bayes", [0.0, 0.5])
def test_wrong_labels_of_small_weight_do_little_harm(bayes):
    X, y = _rows()
    wrong = [str((int(label) + 1) % 3) if at % 5 > 1 else label for at, label in enumerate(y)]
    weights = [0.02 if at % 5 > 1 else 1.0 for at in range(ROWS)]
    trusting = LinearHead(folds=2, bayes=bayes).fit(X, wrong)
    wary = LinearHead(folds=2, bayes=bayes).fit(X, wrong, sample_weight=weights)
    assert np.mean(trusting.predict(X) == y) < 0.6
    assert np.mean(wary.predict(X) == y) > 0.9


def test_what_is_not_trusted_bears_no_witness_for_a_promise():
    X, y = _rows()
    weights = [1.0 if at < ROWS // 2 else TRUSTED - 0.01 for at in range(ROWS)]
    assert LinearHead(folds=3).fit(X, y, sample_weight=weights).promise_.held_out == ROWS // 2
    nobody = LinearHead(folds=3).fit(X, y, sample_weight=[TRUSTED / 2] * ROWS)
    assert nobody.promise_.auto_above is None
    assert nobody.held_out_.rows.tolist() == list(range(ROWS))


@pytest.mark.parametrize("weights", [[1.0], [0.0] * ROWS, [float("nan")] * ROWS, [1.5] * ROWS, [[1.0]] * ROWS])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(BadInput, match="over 0 and at most 1"):
        LinearHead(folds=2).fit(*_rows(), sample_weight=weights)


def test_probabilities_are_calibrated_on_what_counts():
    chance = np.random.default_rng(1)
    codes = np.arange(400) % 2
    margins = np.stack([-(2.0 * codes - 1), 2.0 * codes - 1], axis=1)
    lies = chance.random(400) < 0.3
    told = np.where(lies, 1 - codes, codes)
    trusting = calibrate(margins, told).calibration.probabilities(margins)
    wary = calibrate(margins, told, np.where(lies, 0.01, 1.0)).calibration.probabilities(margins)
    assert trusting.max() < 0.8 < 0.95 < wary.max()
    assert log_loss(margins, told, np.where(lies, 0.01, 1.0)) < log_loss(margins, told)


def test_the_version_of_a_model_tells_its_weights():
    texts = ["路灯不亮", "路灯坏了", "油烟很大", "油烟扰民"] * 3
    labels = ["灯", "灯", "烟", "烟"] * 3

    def version(weights):
        head = LinearHead(folds=2, Cs=(1.0,))
        tasks = {"category": Examples(texts, labels, weights)}
        return fit_model("m", tasks, "category", features=TextFeatures(min_df=1), heads={"category": head}).version

    assert version(None) == version(None) != version([1.0] * 12) != version([0.5] * 12)
