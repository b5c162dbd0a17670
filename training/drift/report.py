"""Drift as it is told: JSON for programs, a page in Chinese with plots for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from training.drift.collective import Collective
from training.drift.look import Finding, Look
from training.drift.seen import Seen
from triage.desk.tables import write_text
from triage.domain.errors import BadInput, Problem

_KINDS = {"word": "用语", "category": "类别", "confidence": "把握", "outcome": "结果"}
_EFFECTS = ((0.2, "很小"), (0.5, "小"), (0.8, "中等"))
_PLOT = "shares.png"
_PLOTTED = 20
_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Serif CJK SC", "Microsoft YaHei", "SimHei", "PingFang SC")


class Drift(Protocol):
    """What a look at the ledger and one at tables have in common."""

    @property
    def look(self) -> Look: ...
    @property
    def collective(self) -> tuple[Collective, ...]: ...
    @property
    def recent(self) -> tuple[Seen, ...]: ...
    @property
    def reference(self) -> tuple[Seen, ...]: ...


def told(drift: Drift, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """As JSON says it; `texts` are redacted words of examples by order, for those who may read them."""
    look = drift.look
    findings = [asdict(one) | _shown(one.examples, texts) for one in look.findings]
    return {
        "matters": {"recent": look.recent, "reference": look.reference},
        "orders": {"recent": len(drift.recent), "reference": len(drift.reference)},
        "false_findings_allowed": look.allowed,
        "limits": dict(look.limits),
        "looked_at": dict(look.looked_at),
        "findings": findings,
        "collective": [asdict(one) | _shown(one.examples, texts) for one in drift.collective],
    }


def examples_of(drift: Drift) -> list[str]:
    """The orders that are shown."""
    shown = [one.examples for one in drift.look.findings] + [one.examples for one in drift.collective]
    return sorted({name for examples in shown for name in examples})


def write_report(folder: Path, report: Mapping[str, Any], drift: Drift) -> list[str]:
    """Write report.json, report.md and, with matplotlib (extra `training`), a plot; their names. BadInput where the
    folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput("drift", [Problem(("--out",), f"{folder} cannot be written: {error.strerror}")]) from None
    font = _chinese_font() if _shares(drift.look) else None
    write_text(folder / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    write_text(folder / "report.md", page(report, plot=None if font is None else _PLOT))
    if font is not None:
        _plot(folder / _PLOT, _shares(drift.look), font)
    return ["report.json", "report.md", *([] if font is None else [_PLOT])]


def page(report: Mapping[str, Any], plot: str | None = None) -> str:
    """A page in Markdown, from what `told` says."""
    matters, orders = report["matters"], report["orders"]
    lines = [
        "# 变化报告",
        "",
        f"近期{orders['recent']}件工单（{matters['recent']}个诉求）与此前{orders['reference']}件"
        f"（{matters['reference']}个诉求）相比。同一诉求在一个时段内只计一次。",
        f"按每周看一次计，若一切如常，平均每年误报不超过{report['false_findings_allowed'] * 52:g}条。",
        "",
    ]
    if not report["findings"]:
        lines += ["没有发现变化。", ""]
    for kind, name in _KINDS.items():
        found = [one for one in report["findings"] if one["kind"] == kind]
        if found:
            lines += [f"## {name}", "", *(_line(one) for one in found), ""]
    if report["collective"]:
        lines += ["## 集中诉求（不算变化）", "", *(_line(one) for one in report["collective"]), ""]
    if plot is not None:
        lines += [f"![变化前后所占比例]({plot})", ""]
    return "\n".join(lines)


def _line(one: Mapping[str, Any]) -> str:
    figures = f"（差异{_size(one['effect'])}，p={one['p']:.2g}）" if "p" in one else ""
    texts = one.get("texts") or {}
    shown = [f"  - `{name}` {_flat(texts.get(name, ''))}".rstrip() for name in one["examples"]]
    return "\n".join([f"- {one['because']}{figures}", *shown])


def _flat(text: str) -> str:
    """In one line, with nothing that Markdown or a browser would act on."""
    return " ".join(text.split()).translate({ord(mark): f"\\{mark}" for mark in "\\`*_[]<>!#|"})


def _size(effect: float) -> str:
    return next((name for most, name in _EFFECTS if abs(effect) < most), "大")


def _shown(examples: Sequence[str], texts: Mapping[str, str] | None) -> dict[str, Any]:
    return {} if texts is None else {"texts": {name: texts[name] for name in examples if name in texts}}


def _shares(look: Look) -> list[Finding]:
    return [one for one in look.findings if one.kind != "confidence"][:_PLOTTED]


def _chinese_font() -> str | None:
    """A font to draw with; None where there is none or no matplotlib: the page says everything without a plot."""
    if find_spec("matplotlib") is None:
        return None
    from matplotlib.font_manager import get_font_names

    names = set(get_font_names())
    return next((name for name in _FONTS if name in names), None)


def _plot(path: Path, findings: Sequence[Finding], font: str) -> None:
    """Shares before and now."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"font.family": [font, "DejaVu Sans"]}):
        figure = Figure(figsize=(8, 1 + 0.35 * len(findings)), layout="constrained")
        _draw(figure.subplots(), findings)
        figure.savefig(path, dpi=120)


def _draw(axes: Any, findings: Sequence[Finding]) -> None:
    places = range(len(findings))
    axes.hlines(places, [one.before for one in findings], [one.now for one in findings], color="#999999")
    axes.plot([one.before for one in findings], places, "o", color="#999999", label="此前")
    axes.plot([one.now for one in findings], places, "o", color="#c0392b", label="近期")
    axes.set_yticks(places, [one.what for one in findings])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.legend()
