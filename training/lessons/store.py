"""Lessons on disk: rows, data sheet and doubtful labels in a folder that is written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from triage.desk.learning.lessons import Lesson
from triage.domain.errors import BadInput, Problem
from triage.domain.folders import write_folder
from triage.language.redact import redact

ROWS, SHEET, PAGE, DOUBTFUL = "rows.jsonl", "sheet.json", "sheet.md", "doubtful.csv"
FILES = frozenset({ROWS, SHEET, PAGE, DOUBTFUL})


def as_rows(lessons: Iterable[Lesson]) -> bytes:
    """One JSON object a line, in the order given. Texts are redacted once more: a redactor learns, too."""
    return "".join(f"{json.dumps(_row(one), ensure_ascii=False)}\n" for one in lessons).encode("utf-8", "replace")


def digest_of(rows: bytes) -> str:
    """The SHA-256 of stored rows."""
    return hashlib.sha256(rows).hexdigest()


def refuse_strangers(folder: Path) -> None:
    """BadInput where a folder holds anything but lessons: what is there is replaced as a whole."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(str(folder), [Problem((), "is a file; name a folder")])
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in FILES) if folder.exists() else []
    if strangers:
        shown = ", ".join(strangers[:5])
        raise BadInput(str(folder), [Problem((), f"holds other files ({shown}); name a new folder or one of lessons")])


def store(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the folder; BadInput where it cannot be, and then it is as it was."""
    refuse_strangers(folder)
    try:
        write_folder(folder, files)
    except OSError as error:
        raise BadInput(str(folder), [Problem((), f"cannot be written: {error.strerror}")]) from None


def _row(lesson: Lesson) -> dict[str, object]:
    return {
        "id": lesson.order_id,
        "at": lesson.at.isoformat(),
        "task": lesson.task,
        "label": lesson.label,
        "weight": lesson.weight,
        "why": list(lesson.why),
        "issue": lesson.issue,
        "unit": lesson.unit,
        "title": redact(lesson.title),
        "text": redact(lesson.text),
    }
