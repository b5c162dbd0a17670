"""A table of orders with their categories, as lessons like those that kept orders give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from triage.classify.taxonomy import Taxonomy
from triage.desk.learning.lessons import Lesson
from triage.desk.tables import Table, read_table, refuse_rows
from triage.domain.errors import Problem
from triage.domain.moments import SHANGHAI
from triage.language.redact import redact

FROM_TABLE = ("table",)
_ANY_DAY = datetime(2000, 1, 1, tzinfo=SHANGHAI)


def lessons_of_table(
    data: Path, text: Sequence[str], label: str, time: str | None, taxonomy: Taxonomy, say: Callable[[str], None]
) -> list[Lesson]:
    """The rows of a table whose column `label` holds categories, by id or by name; rows without one are left out.

    Of several text columns the first is the title. Without a column of times the rows come in an order drawn by chance,
    always the same. BadInput names every row whose category the taxonomy does not know.
    """
    table = read_table(data)
    ids = {category.name: category.id for category in taxonomy.categories.values()} | {one: one for one in taxonomy.ids}
    labels = [value.strip() for value in table.column(label)]
    refuse_rows(
        data,
        [
            Problem((f"row {number}", label), f"{value[:40]!r} is no category of the taxonomy, by id or name")
            for number, value in zip(table.numbers, labels, strict=True)
            if value and value not in ids
        ],
    )
    if not all(labels):
        say(f"{labels.count('')} rows without {label} are left out")
    titles = table.column(text[0]) if len(text) > 1 else [""] * len(labels)
    bodies = map("\n".join, zip(*(table.column(name) for name in text[len(text) > 1 :]), strict=True))
    return [
        Lesson(str(number), "", None, at, redact(title), redact(body), "category", ids[value], 1.0, FROM_TABLE)
        for number, at, title, body, value in zip(
            table.numbers, _moments(table, time), titles, bodies, labels, strict=True
        )
        if value
    ]


def _moments(table: Table, time: str | None) -> list[datetime]:
    if time is None:
        places = np.random.default_rng(0).permutation(len(table.rows)).tolist()
        return [_ANY_DAY + timedelta(seconds=place) for place in places]
    table.column(time)  # says which columns there are, where this one is missing
    return table.moments(time)
