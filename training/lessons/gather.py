"""`triage lessons`: from a ledger to a folder of lessons."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from training.lessons.doubtful import as_csv, doubted_by_model, doubted_lessons
from training.lessons.sheet import as_page, head_of, sheet_of
from training.lessons.store import DOUBTFUL, PAGE, ROWS, SHEET, as_rows, digest_of, refuse_strangers, store
from triage.classify.model import Model
from triage.desk.learning.doubted import DoubtedLabel
from triage.desk.learning.lessons import Lesson, lessons
from triage.desk.orders.books import Books
from triage.language.word_table import WordTable


def gather(
    books: Books,
    policy: str,
    out: Path,
    *,
    since: datetime | None,
    until: datetime,
    tasks: Sequence[str],
    doubted_task: str,
    table: Callable[[], WordTable],
    model: Model | None,
    say: Callable[[str], None],
) -> tuple[dict[str, Any], list[DoubtedLabel] | None]:
    """Write what a policy's orders teach into a folder; the counts, and the doubtful labels of one of the tasks.

    The doubts are those of `model`, or, without one, of a small model held out. BadInput where the folder holds other
    files; without lessons the folder tells that there are none.
    """
    refuse_strangers(out)
    head = head_of(books)
    found = [one for one in lessons(books, policy, since=since, until=until) if one.task in tasks]
    asked = [one for one in found if one.task == doubted_task]
    say(f"{len(found)} lessons; looking for doubtful labels among {len(asked)}")
    doubted = doubted_lessons(asked, table) if model is None else doubted_by_model(asked, model)
    rows = as_rows(found)
    sheet = sheet_of(
        found,
        policy,
        since,
        until,
        ledger=head,
        rows_sha256=digest_of(rows),
        doubtful=None if doubted is None else len(doubted),
    )
    files = {ROWS: rows, SHEET: _json(sheet.as_json()), PAGE: as_page(sheet).encode()}
    if doubted is not None:
        files[DOUBTFUL] = as_csv(doubted)
    store(out, files)
    return _told(found, sheet.as_json()), doubted


def _told(found: Sequence[Lesson], sheet: dict[str, Any]) -> dict[str, Any]:
    names = ("policy", "since", "until", "orders", "issues", "doubtful", "rows_sha256", "ledger")
    return {
        **{name: sheet[name] for name in names},
        "lessons": dict(sorted(Counter(one.task for one in found).items())),
        "reasons": {task: counts["reason"] for task, counts in sheet["counts"].items()},
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
