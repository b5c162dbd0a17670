"""`python -m benchmarks.encoder`: how well the encoders tell issues apart, and how many titles a second they take.

On `messages_stream.csv` in the folder TRIAGE_DATA, or ../shared/data; where it is absent the benchmark says so and is
skipped. Titles come in the order of their arrival; the town's counts are learnt on the way, as in service. They are
grouped by average linkage at the threshold that is best for each file of issues, so that the figure is what the vectors
allow and not what the service reaches. See docs/encoder.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from benchmarks.folds import messages_folder
from triage.bootstrap import default_model
from triage.classify.store import TABLE
from triage.desk.tables import read_table
from triage.language.clean import clean
from triage.language.word_table import WordTable
from triage.similar.encoding.choice import encoder_from
from triage.similar.encoding.encoder import Floats, unit

FILE, ISSUES = "messages_stream.csv", "issues_dev.csv"
THRESHOLDS = tuple(np.arange(0.2, 0.8, 0.025).round(3).tolist())
"""Average cosine distances within a group."""

Ints = npt.NDArray[np.intp]


def best_match_f1(groups: Sequence[int], issues: Sequence[str]) -> float:
    """For each issue the best F1 that any one group reaches, averaged over issues; "" is a message of no issue.

    >>> best_match_f1([1, 1, 2, 2], ["a", "a", "a", ""])
    0.8
    """
    sizes = Counter(groups)
    of_issue: dict[str, Counter[int]] = defaultdict(Counter)
    for group, issue in zip(groups, issues, strict=True):
        if issue:
            of_issue[issue][group] += 1
    best = [
        max(2 * found / (members.total() + sizes[group]) for group, found in members.items())
        for members in of_issue.values()
    ]
    return sum(best) / len(best)


def issue_figures(vectors: Floats, issues: Sequence[str]) -> dict[str, float]:
    """Best F1 over thresholds, where it is, and the average precision of pairs with a message of an issue."""
    from sklearn.metrics import average_precision_score  # slow to import, only needed here

    cosines = vectors @ vectors.T
    tree = linkage(np.clip(1 - cosines[np.triu_indices(len(vectors), 1)], 0, 2), "average")
    scores = [(best_match_f1(fcluster(tree, at, "distance").tolist(), issues), at) for at in THRESHOLDS]
    f1, threshold = max(scores, key=lambda score: score[0])
    names = np.array(issues)
    labelled = np.flatnonzero(names != "")
    same = names[labelled][:, None] == names
    others = labelled[:, None] != np.arange(len(names))
    precision = average_precision_score(same[others], cosines[labelled][others])
    return {"best_f1": round(f1, 4), "threshold": threshold, "pairs_average_precision": round(float(precision), 4)}


def body_figures(titles: Floats, bodies: Floats) -> dict[str, float]:
    """How often a title's own body is the nearest, among the nearest ten, and the mean reciprocal rank."""
    cosines = titles @ bodies.T
    before = (cosines > np.diag(cosines)[:, None]).sum(axis=1)
    found = {"recall@1": (before == 0).mean(), "recall@10": (before < 10).mean(), "mrr": (1 / (1 + before)).mean()}
    return {name: round(float(value), 4) for name, value in found.items()}


def measure(folder: Path, titles: Sequence[str], bodies: Sequence[str], issues: dict[str, list[str]]) -> dict[str, Any]:
    """The plain table and the town's encoder on it."""
    plain = WordTable.read(folder)
    town = encoder_from(str(folder))
    begin = time.process_time()
    vectors = town.encode_and_learn(titles)
    first = len(titles) / (time.process_time() - begin)
    begin = time.process_time()
    again = town.encode(titles)
    warm = len(titles) / (time.process_time() - begin)
    moved = (vectors * again).sum(axis=1)
    of_plain = unit(plain.encode(titles))
    return {
        "plain": {
            **{name: issue_figures(of_plain, found) for name, found in issues.items()},
            "title_to_body": body_figures(of_plain, unit(plain.encode(bodies))),
        },
        "town": {
            "titles_a_second": {"words_seen_first": round(first), "words_known": round(warm)},
            "cosine_of_first_and_last_vector": {"5%": round(float(np.quantile(moved, 0.05)), 4)},
            **{name: issue_figures(vectors, found) for name, found in issues.items()},
            "title_to_body": body_figures(again, town.encode(bodies)),
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description=__doc__)
    parser.add_argument("--table", type=Path, default=default_model() / TABLE, help="folder of the word table")
    parser.add_argument(
        "--issues", type=Path, action="append", help="CSV files: id and issue; the folder's unless given"
    )
    given = parser.parse_args(arguments)
    folder = messages_folder()
    if not (folder / FILE).exists():
        print(f"skipped: no messages at {folder / FILE}; set TRIAGE_DATA to their folder", file=sys.stderr)
        return 0
    table = read_table(folder / FILE)
    columns = zip(*map(table.column, ("received_at", "id", "title", "text")), strict=True)
    rows = [(name, clean(title).text, clean(text).text) for _, name, title, text in sorted(columns)]
    ids, titles, bodies = map(list, zip(*rows, strict=True))
    issues = {path.stem: _issues(path, ids) for path in given.issues or [folder / ISSUES]}
    print(json.dumps({"messages": len(rows), **measure(given.table, titles, bodies, issues)}, indent=1))
    return 0


def _issues(path: Path, ids: Sequence[str]) -> list[str]:
    table = read_table(path)
    of_ids = dict(zip(table.column("id"), table.column(table.columns[1]), strict=True))
    return [of_ids.get(name, "") for name in ids]


if __name__ == "__main__":
    sys.exit(main())
