"""The figures as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.rounds import BATCH, ONE, SERVICE


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The report, line by line."""
    machine = figures["machine"]
    yield f"{machine['cores']} cores, load {machine['load']:.1f} at the start; Python {machine['python']}"
    texts = figures["texts"]
    yield f"{texts['count']} complaints of {texts['length']} characters, {texts['source']}"
    yield from _commands(figures.get("commands", {}))
    yield from _servers(figures["servers"], figures["ratios"], figures["missing"])
    yield from _stages(figures)
    yield from _batch(figures.get("batch", {}))


def _commands(commands: dict[str, dict[str, float]]) -> Iterator[str]:
    if not commands:
        return
    yield from _title("from a cold process, seconds", "best", "median", "CPU best", "CPU median")
    for name, one in commands.items():
        yield _row(name, one["best_wall"], one["median_wall"], one["best_cpu"], one["median_cpu"])


def _servers(
    servers: dict[str, dict[str, Any]], ratios: dict[str, dict[str, Any]], missing: dict[str, list[str]]
) -> Iterator[str]:
    yield from _title("one complaint", "CPU ms", "/ one", "/ batch", "p50 ms", "p95 ms", "MB warm", "MB after")
    for name, one in servers.items():
        by = [ratios[name][yardstick]["median"] for yardstick in (ONE, BATCH)]
        keys = ("p50_ms", "p95_ms", "memory_mb_warm", "memory_mb_after")
        yield _row(name, one["cpu_ms"], *by, *(one.get(key) for key in keys))
    for name, libraries in missing.items():
        yield f"{name}: not installed ({', '.join(libraries)})"
    for yardstick, word in ((ONE, "one at a time"), (BATCH, "all at once")):
        found = ratios[SERVICE][yardstick]
        yield (
            f"{SERVICE} over the yardstick {word}: {found['median']:.2f} "
            f"(rounds from {found['least']:.2f} to {found['most']:.2f})"
        )


def _stages(figures: dict[str, Any]) -> Iterator[str]:
    yield from _title("triage serve, stage by stage", "CPU ms", "share %")
    whole = figures["servers"][SERVICE]["cpu_ms"]
    for stage, cost in figures["stages"].items():
        yield _row(stage, cost, 100 * cost / whole)
    yield _row("whole, over HTTP", whole, 100.0)


def _batch(rates: dict[str, dict[str, Any]]) -> Iterator[str]:
    if not rates:
        return
    yield from _title("triage predict", "rows", "wall s", "CPU s", "rows/s", "after start", "CPU ms/row")
    for name, one in rates.items():
        keys = ("wall", "cpu", "rows_per_second", "rows_per_second_after_start", "cpu_ms_per_row_after_start")
        yield _row(name, one["rows"], *(one[key] for key in keys))


def _title(name: str, *columns: str) -> Iterator[str]:
    yield ""
    yield f"{name:<42}" + "".join(f"{column:>12}" for column in columns)


def _row(name: str, *values: float | None) -> str:
    return f"{name:<42}" + "".join(f"{_figure(value):>12}" for value in values)


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
