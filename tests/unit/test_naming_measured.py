"""The titles of real issues beside the names that people gave them."""

import csv
import os
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from triage.language.clean import clean
from triage.language.places import PlaceFinder
from triage.similar.naming.summary import LONGEST, SHORTEST, summary_of
from triage.similar.naming.title import title_of
from triage.similar.naming.told import Told


def _rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.real_messages
def test_the_title_of_a_real_issue_holds_what_a_person_called_it():
    folder = Path(os.environ.get("TRIAGE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not (folder / "issues_dev.csv").exists():
        pytest.skip(f"no real messages at {folder}; set TRIAGE_DATA to their folder")
    names = {row["id"]: row["issue"] for row in _rows(folder / "issues_dev.csv")}
    issues = defaultdict(list)
    for row in _rows(folder / "messages_stream.csv"):
        if row["id"] in names:
            at = datetime.fromisoformat(row["received_at"])
            order = Told(row["id"], at, clean(row["title"]).text, clean(row["text"]).text, row["caller"])
            issues[names[row["id"]]].append(order)
    assert len(issues) == 4
    for number, (name, told) in enumerate(sorted(issues.items())):
        title, summary = title_of(told, PlaceFinder({})).text, summary_of(told).text
        assert len(set(name) & set(title)) >= 0.8 * len(set(name)), f"issue {number}"
        assert SHORTEST <= len(summary) <= LONGEST, f"issue {number}"
