"""`python -m benchmarks.issues quality`: are orders about the same matter brought together, and no others?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.issues import metrics
from benchmarks.issues.labels import PARTS, READERS, Issues, read_issues, read_matters, read_pairs
from benchmarks.issues.metrics import Groups
from benchmarks.issues.peers import each_alone, peers
from benchmarks.issues.system import Message, group, new_encoder, new_reader, read_messages, signatures_of, vectors_of
from triage.desk.tables import read_table

DEV4 = "issues_dev.csv"

Truths = dict[str, Issues]
"""Labelled issues by the name of the set: dev_a, held_b, issues_dev …"""


def truths(folder: Path, parts: Sequence[str]) -> Truths:
    """The issues of each part by each reader, and the four beside the messages where they are."""
    found = {f"{part}_{reader}": read_issues(reader, part) for part in parts for reader in READERS}
    if (folder / DEV4).exists():
        table = read_table(folder / DEV4)
        found["issues_dev"] = dict(zip(table.column("id"), table.column("issue"), strict=True))
    return found


def f1_of(groups: Groups, found: Truths) -> dict[str, Any]:
    """The mean best-match F1 for each set of labelled issues, over all and by size."""
    return {name: metrics.f1_by_size(metrics.best_matches(groups, issues)) for name, issues in found.items()}


def f1_means(groups: Groups, found: Truths) -> dict[str, float]:
    """The same, only the mean over all."""
    return {name: by_size["all"]["f1"] for name, by_size in f1_of(groups, found).items()}


def held_back(groups: Groups, messages: Sequence[Message]) -> dict[str, Any]:
    """Pairs and callers that were labelled before any output was seen."""
    pairs = read_pairs()
    strata = {"all": pairs} | {name: [one for one in pairs if one.stratum == name] for name in _strata(pairs)}
    matters, callers = read_matters(), {one.id: one.caller for one in messages}
    return {
        "pairs": {name: metrics.pair_figures(groups, chosen) for name, chosen in strata.items()},
        "callers": metrics.caller_figures(groups, matters),
        "callers_if_all_were_one_matter": metrics.caller_figures(callers, matters),
    }


def beside(messages: Sequence[Message], found: Truths, python: str | None) -> list[dict[str, Any]]:
    """The peers' figures; thresholds are chosen on the development side."""
    dev = {name: issues for name, issues in found.items() if name.startswith("dev")}

    def score(numbers: list[int]) -> float:
        return metrics.mean(f1_means(each_alone(numbers, messages), dev).values())

    titles = vectors_of(signatures_of(messages, new_reader()), new_encoder())
    rows = []
    for vectors, peer in peers(messages, titles, score, python):
        groups = each_alone(peer.numbers, messages)
        seconds = {"wall_s": round(peer.wall, 1), "cpu_s": round(peer.cpu, 1)}
        rows.append({"peer": peer.name, "vectors": vectors, **seconds, **_told(groups, messages, found)})
        print(f"{peer.name}, {vectors}: {peer.wall:.1f} s", file=sys.stderr)
    return rows


def measure(path: Path, parts: Sequence[str], with_peers: bool, python: str | None) -> dict[str, Any]:
    """Everything; `parts` without "held" looks at nothing that is held back."""
    messages = read_messages(path)
    found = truths(path.parent, parts)
    groups, run = group(path)
    figures: dict[str, Any] = {
        "messages": len(messages),
        "whole_run": {"wall_s": round(run.wall, 1), "cpu_s": round(run.cpu, 1)},
        **_told(groups, messages, found),
        "by_size": f1_of(groups, found),
    }
    if "held" in parts:
        figures |= held_back(groups, messages)
    figures["readers"] = {part: metrics.agreement(*(read_issues(one, part) for one in READERS)) for part in parts}
    if with_peers:
        figures["beside"] = beside(messages, found, python)
    return figures


def parts_of(only_dev: bool) -> tuple[str, ...]:
    """What is looked at."""
    return PARTS[:1] if only_dev else PARTS


def _told(groups: Groups, messages: Sequence[Message], found: Truths) -> dict[str, Any]:
    titles = {one.id: one.title for one in messages}
    return {
        **metrics.mixing(groups, titles),
        "alone": metrics.outliers(groups),
        "f1": f1_means(groups, found),
    }


def _strata(pairs: Sequence[Any]) -> list[str]:
    return sorted({one.stratum for one in pairs})
