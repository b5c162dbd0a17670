"""Drift between two tables of messages, one from before and one of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from training.drift.collective import Collective, collective
from training.drift.look import PER_YEAR, Look, look
from training.drift.seen import Seen, once, words_of
from training.fit import near_copies
from triage.classify.model import Model
from triage.classify.store import load_model
from triage.desk.tables import Table, read_table
from triage.domain.moments import SHANGHAI
from triage.language.redact import redact
from triage.language.segment import Segmenter

_UNDATED = datetime(2000, 1, 1, tzinfo=SHANGHAI)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FileDrift:
    """What was found, and the rows of both sides before near copies were counted once."""

    look: Look
    collective: tuple[Collective, ...]
    recent: tuple[Seen, ...]
    reference: tuple[Seen, ...]


def file_drift(
    data: Path, reference: Path, model_folder: Path, text: Sequence[str], *, per_year: float = PER_YEAR
) -> FileDrift:
    """Hold the rows of one table against those of another: words, and what a model answers and how sure it is.

    A row speaks for its `issue_id`, where the tables have that column, or for its near copies, once a table. A row goes
    by its `id`, or by its number in the file. BadInput and ModelFault name what cannot be used.
    """
    tables, model = [read_table(path) for path in (data, reference)], load_model(model_folder)
    texts = [[redact(one) for one in table.texts(text)] for table in tables]
    copies = near_copies([one for side in texts for one in side])
    middle = len(texts[0])
    recent = tuple(_seen(tables[0], texts[0], copies[:middle], model))
    before = tuple(_seen(tables[1], texts[1], copies[middle:], model))
    found = look(once(recent), once(before), per_year=per_year)
    words = [one.what for one in found.findings if one.kind == "word"]
    return FileDrift(found, collective(recent, before, words, per_year=per_year), recent, before)


def _seen(table: Table, texts: Sequence[str], copies: Sequence[int], model: Model) -> list[Seen]:
    segmenter, name = Segmenter(), f"{model.name} {model.version}"
    ids = [value or f"row {number}" for value, number in zip(table.column_or_blanks("id"), table.numbers, strict=True)]
    matters = [issue or f"copy {copy}" for issue, copy in zip(table.column_or_blanks("issue_id"), copies, strict=True)]
    answers = [
        one for start in range(0, len(texts), _AT_ONCE) for one in model.predict(texts[start : start + _AT_ONCE])
    ]
    return [
        Seen(order_id, matter, _UNDATED, words_of(one, segmenter), answer.label, answer.confidence, name)
        for order_id, matter, one, answer in zip(ids, matters, texts, answers, strict=True)
    ]
