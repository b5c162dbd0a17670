"""The figures of a run, counted a part at a time, are those of all rows at once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from training.reclassify.figures import Figures, changes, macro_f1, quantiles

LABELS = st.sampled_from(["灯", "烟", "噪"])
ROWS = st.lists(st.tuples(LABELS, LABELS, st.booleans(), st.floats(0, 1)), min_size=1, max_size=40)


def _frame(rows):
    return pd.DataFrame(
        {"label": [r[1] for r in rows], "confidence": [r[3] for r in rows], "auto": [r[2] for r in rows]}
    )


@given(rows=ROWS, cut=st.integers(0, 40))
def test_accuracy_and_macro_f1_are_scikit_learns_however_the_rows_are_cut(rows, cut):
    figures = Figures()
    for part in (rows[:cut], rows[cut:]):
        figures.add(_frame(part), [row[0] for row in part])
    given_, found = [row[0] for row in rows], [row[1] for row in rows]
    told = figures.agreement()
    assert told["accuracy"] == pytest.approx(accuracy_score(given_, found))
    wanted = f1_score(given_, found, labels=sorted(set(given_)), average="macro", zero_division=0)
    assert told["macro_f1"] == pytest.approx(wanted)
    alone = [one == other for one, other, auto, _ in rows if auto]
    assert told["auto_accuracy"] == (pytest.approx(np.mean(alone)) if alone else None)
    assert figures.summary({})["auto_share"] == pytest.approx(np.mean([row[2] for row in rows]))


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_quantiles_are_exact_to_a_thousandth(values):
    bins = np.bincount((np.array(values) * 1000).astype(int), minlength=1001)
    for share, found in quantiles(bins).items():
        true = np.quantile(values, float(share), method="inverted_cdf")
        assert found <= true + 1e-9 and true < found + 0.001 + 1e-9


def test_domains_are_told_where_all_labels_are_categories():
    figures = Figures()
    figures.add(_frame([("", "灯", True, 0.5), ("", "烟", False, 1.0)]), [None, None])
    assert figures.summary({"灯": "城乡建设", "烟": "环境保护"})["domains"] == {"城乡建设": 1, "环境保护": 1}
    assert "domains" not in figures.summary({"灯": "城乡建设"})
    assert figures.agreement()["accuracy"] is None


def test_nothing_gives_no_figures():
    assert macro_f1({}) is None
    assert quantiles(np.zeros(1001, dtype=np.int64)) == {}
    assert changes(Figures().confusion, str) == []
