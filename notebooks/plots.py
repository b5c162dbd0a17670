"""How the notebooks draw: one function a kind of plot, labelled, with units, in colours that everybody can tell apart.

`import plots` sets matplotlib up. Colours are those of Okabe and Ito; nothing is drawn that carries no number.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields
from functools import wraps
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.ticker import MaxNLocator, PercentFormatter

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8C8C8C"
SKY, PINK, LIGHT = "#56B4E9", "#CC79A7", "#D9D9D9"
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, RED, LIGHT)
REST = "其余"

CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
)
"""Fonts with Chinese characters, the best first; apt install fonts-noto-cjk brings the first."""


def set_up() -> None:
    """Fonts that are there, thin lines, no frames; tables show whole sentences.

    Without a Chinese font plots have boxes for characters, in silence: the tables beside them still say everything.
    Nor is it worth a warning that a bar of progress could be a nicer one.
    """
    there = set(font_manager.get_font_names())
    plt.rcParams.update(
        {
            "font.family": [name for name in CHINESE if name in there] + ["DejaVu Sans"],
            "axes.unicode_minus": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": GREY,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.labelcolor": "#404040",
            "xtick.color": "#404040",
            "ytick.color": "#404040",
            "grid.color": "#E8E8E8",
            "axes.axisbelow": True,
            "legend.frameon": False,
            "figure.dpi": 100,
        }
    )
    pd.set_option("display.max_colwidth", 200)
    warnings.filterwarnings("ignore", message="Glyph .* missing from")
    warnings.filterwarnings("ignore", message="IProgress not found")


set_up()


def _axes(title: str, width: float = 8.0, height: float = 3.4) -> Axes:
    _, axes = plt.subplots(figsize=(width, height))
    axes.set_title(title)
    return axes


def frame(kind: type, rows: Iterable[object]) -> pd.DataFrame:
    """Rows of one dataclass as a table; without a row it still has its columns."""
    return pd.DataFrame([asdict(row) for row in rows], columns=[field.name for field in fields(kind)])


def _or_nothing(draw: Callable[..., None]) -> Callable[..., None]:
    """Where there is nothing to draw, that is said."""

    @wraps(draw)
    def drawn(table: pd.Series | pd.DataFrame, title: str, *rest: Any, **options: Any) -> None:
        if len(table):
            draw(table, title, *rest, **options)
            return
        axes = _axes(title, height=0.6)
        axes.axis("off")
        axes.text(0, 0.5, "没有。", color="#404040", va="center")

    return drawn


@_or_nothing
def bars(counts: pd.Series, title: str, unit: str = "工单（件）", colour: str = BLUE) -> None:
    """One bar a row, the first on top, with its number."""
    axes = _axes(title, height=0.9 + 0.27 * len(counts))
    drawn = axes.barh([str(name) for name in counts.index], counts.to_numpy(), color=colour, height=0.72)
    axes.bar_label(drawn, padding=3, color="#404040", fmt="%g")
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


@_or_nothing
def stacked(table: pd.DataFrame, title: str, unit: str) -> None:
    """One bar a row, in parts: the columns in their order, each in its colour; what colours do not suffice for is
    added up as the rest."""
    if table.shape[1] > len(COLOURS):
        least = table.columns[len(COLOURS) - 1 :]
        table = table.drop(columns=least).assign(**{REST: table[least].sum(axis=1)})
    axes = _axes(title, height=1.2 + 0.3 * len(table))
    left = np.zeros(len(table))
    for colour, part in zip(COLOURS, table.columns, strict=False):
        axes.barh([str(name) for name in table.index], table[part], left=left, color=colour, height=0.72, label=part)
        left += table[part].to_numpy()
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.margins(x=0.03)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def days(
    counts: pd.Series, title: str, off: Iterable[object] = (), usual: pd.Series | None = None, marked: Sequence = ()
) -> None:
    """Orders a day: days off are shaded, `usual` is what was expected, `marked` days stand out."""
    axes = _axes(title)
    at = pd.to_datetime(counts.index)
    axes.bar(at, counts.to_numpy(), color=SKY, width=0.8, label="当日受理")
    half = pd.Timedelta(hours=12)
    for number, day in enumerate(pd.to_datetime(list(off))):
        axes.axvspan(day - half, day + half, color="#F0F0F0", zorder=0, lw=0, label="休息日" if not number else None)
    if usual is not None:
        axes.plot(pd.to_datetime(usual.index), usual.to_numpy(), color=ORANGE, lw=1.8, label="按往常预计")
    if len(marked):
        days_marked = pd.to_datetime(list(marked))
        axes.bar(days_marked, counts.loc[list(marked)].to_numpy(), color=RED, width=0.8, label="超出偶然范围")
    axes.set_ylabel("工单（件）")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _dated(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


@_or_nothing
def heat(table: pd.DataFrame, title: str, across: str, down: str) -> None:
    """A table in shades, darker for more; cells of 0 stay white and empty."""
    longest = max(len(str(name)) for name in table.columns)
    flat = longest <= 5 and table.shape[1] <= 8
    cell = 0.42 if not flat else 0.3 + 0.17 * longest
    axes = _axes(title, width=min(11.0, 2.8 + cell * table.shape[1]), height=1.3 + 0.32 * table.shape[0])
    axes.imshow(np.ma.masked_equal(table.to_numpy(), 0), cmap="Blues", aspect="auto", vmin=0)
    axes.set_xticks(
        range(table.shape[1]), [str(name) for name in table.columns], rotation=0 if flat or longest <= 2 else 90
    )
    axes.set_yticks(range(table.shape[0]), [str(name) for name in table.index])
    axes.set_xlabel(across)
    axes.set_ylabel(down)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    dark = table.to_numpy().max() / 2
    for (row, column), count in np.ndenumerate(table.to_numpy()):
        if count:
            colour = "white" if count > dark else "#303030"
            axes.text(column, row, f"{count:g}", ha="center", va="center", color=colour)


def growth(courses: dict[str, pd.Series], title: str) -> None:
    """How each issue grew: orders added up over time, one step an order."""
    axes = _axes(title, height=3.8)
    for colour, (name, moments) in zip(COLOURS, courses.items(), strict=False):
        at = pd.to_datetime(moments.sort_values())
        axes.step(at, np.arange(1, len(at) + 1), where="post", color=colour, lw=1.8, label=name)
        axes.plot(at.iloc[-1:], [len(at)], "o", color=colour, ms=4)
    axes.set_ylabel("累计工单（件）")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _dated(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def intervals(table: pd.DataFrame, title: str, unit: str, target: float | None = None) -> None:
    """A share a row as a point with its interval: columns share, low, high and total; the target as a line."""
    axes = _axes(title, height=1.1 + 0.27 * len(table))
    place = np.arange(len(table))
    axes.hlines(place, table["low"], table["high"], color=SKY, lw=4, alpha=0.6, label="90%置信区间")
    axes.plot(table["share"], place, "o", color=BLUE, ms=5, label="实际")
    if target is not None:
        axes.axvline(target, color=RED, lw=1.2, ls="--", label=f"目标 {target:.0%}")
    names = [f"{name}（{total:g}件）" for name, total in zip(table.index, table["total"], strict=True)]
    axes.set_yticks(place, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.02)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel(unit)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def funnel(table: pd.DataFrame, limits: pd.DataFrame, middle: float, title: str, unit: str) -> None:
    """Shares against numbers of orders with the limits of chance: columns total and share; limits low and high by
    total. Who lies outside is named."""
    axes = _axes(title, height=4.2)
    axes.fill_between(limits.index, limits["low"], limits["high"], color="#EAF3F9", label="偶然范围（90%）")
    axes.axhline(middle, color=GREY, lw=1.2, ls="--", label=f"全部单位 {middle:.0%}")
    bounds = limits.reindex(table["total"]).set_index(table.index)
    outside = (table["share"] < bounds["low"]) | (table["share"] > bounds["high"])
    axes.plot(table["total"][~outside], table["share"][~outside], "o", color=BLUE, ms=5, label="在范围内")
    axes.plot(table["total"][outside], table["share"][outside], "D", color=RED, ms=6, label="在范围外")
    for name, row in table[outside].iterrows():
        axes.annotate(str(name), (row["total"], row["share"]), xytext=(6, -3), textcoords="offset points")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("工单（件）")
    axes.set_ylabel(unit)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


@_or_nothing
def reliability(table: pd.DataFrame, title: str) -> None:
    """How sure a model was against how often it was right: columns chance, share, low, high, total, a row a group."""
    axes = _axes(title, width=6.4, height=4.4)
    axes.plot([0, 1], [0, 1], color=GREY, lw=1.2, ls="--", label="说几成就对几成")
    axes.vlines(table["chance"], table["low"], table["high"], color=SKY, lw=4, alpha=0.6, label="90%置信区间")
    axes.plot(table["chance"], table["share"], "o", color=BLUE, ms=6, label="实际")
    for _, row in table.iterrows():
        below = {"xytext": (0, -3), "textcoords": "offset points", "ha": "center", "va": "top", "color": "#404040"}
        axes.annotate(f"{row['total']:g}件", (row["chance"], row["low"]), **below)
    axes.set_xlim(0, 1.04)
    axes.set_ylim(-0.07, 1.04)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("模型给出的把握")
    axes.set_ylabel("与最终标签一致")
    axes.grid()
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


@_or_nothing
def beside(table: pd.DataFrame, title: str, unit: str) -> None:
    """A group of bars a row, one for each column, to be compared."""
    axes = _axes(title, height=1.2 + 0.2 * len(table) * table.shape[1])
    height = 0.8 / table.shape[1]
    colours = (LIGHT, BLUE) if table.shape[1] == 2 else COLOURS
    for number, (colour, column) in enumerate(zip(colours, table.columns, strict=False)):
        place = np.arange(len(table)) - 0.4 + (number + 0.5) * height
        drawn = axes.barh(place, table[column], height=height * 0.92, color=colour, label=str(column))
        axes.bar_label(drawn, padding=3, color="#404040", fmt="%.3g")
    axes.set_yticks(range(len(table)), [str(name) for name in table.index])
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.margins(x=0.1)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _dated(axes: Axes) -> None:
    """Days on the lower axis, in figures."""
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=9))
    axes.xaxis.set_major_formatter(DateFormatter("%m-%d"))
    axes.margins(x=0.01)
