"""Plots are drawn without a warning, with a Chinese font or without one, and drop nothing."""

from __future__ import annotations

import importlib.util
import io
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import pytest

pytestmark = pytest.mark.xdist_group("notebooks")

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "plots.py"


@pytest.fixture
def plots() -> Iterator[ModuleType]:
    """The module as a notebook imports it, where every warning is an error."""
    matplotlib.use("Agg")
    spec = importlib.util.spec_from_file_location("plots_of_the_notebooks", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings(), matplotlib.rc_context(), pd.option_context("display.max_colwidth", 50):
        warnings.simplefilter("error")
        spec.loader.exec_module(module)
        yield module
    plt.close("all")
    sys.modules.pop("plots_of_the_notebooks", None)


def _drawn() -> bytes:
    buffer = io.BytesIO()
    plt.gcf().savefig(buffer, bbox_inches="tight")
    return buffer.getvalue()


def test_a_missing_font_is_no_warning(plots):
    plt.rcParams["font.family"] = ["DejaVu Sans"]
    plots.bars(pd.Series({"环境保护": 3, "政法": 1}), "领域")
    assert _drawn()


def test_where_there_is_nothing_that_is_said(plots):
    plots.heat(pd.DataFrame(), "谁的工单走了回头路", "情形", "单位")
    assert [text.get_text() for text in plt.gca().texts] == ["没有。"]
    assert _drawn()


def test_what_colours_do_not_suffice_for_is_added_up(plots):
    table = pd.DataFrame([range(1, 11)], index=["某街道"], columns=list("甲乙丙丁戊己庚辛壬癸"))
    plots.stacked(table, "谁来定", "工单（件）")
    widths = [bar.get_width() for bar in plt.gca().patches]
    assert sum(widths) == sum(range(1, 11))
    assert len(widths) == len(plots.COLOURS)


def test_who_lies_outside_the_funnel_is_named_and_nobody_else(plots):
    table = pd.DataFrame({"total": [10, 40], "share": [0.9, 0.5]}, index=["甲所", "乙所"])
    limits = pd.DataFrame({"low": 0.7, "high": 1.0}, index=range(1, 41))
    plots.funnel(table, limits, 0.85, "满意率", "满意率")
    assert [text.get_text() for text in plt.gca().texts] == ["乙所"]
    assert _drawn()


def test_rows_without_a_row_still_have_columns(plots):
    from triage.desk.analysis.handling import Setback

    assert list(plots.frame(Setback, []).columns) == ["order_id", "unit", "kind", "at", "reason"]
