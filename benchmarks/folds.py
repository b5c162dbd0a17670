"""Real messages cut into folds: near copies of a message are always on the same side of a cut."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold

from triage.desk.tables import read_table

Labels = npt.NDArray[np.str_]
Ints = npt.NDArray[np.intp]

WRONG_USE = 2
FOLDS = 5
ALIKE = 0.5
LOOKED_AT = 1_500
"""So many characters of a message are compared: what follows in a long one is mostly quoted or repeated."""

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


class Source(NamedTuple):
    """Where a task's messages are."""

    file: str
    texts: tuple[str, ...]
    label: str


TASKS = {
    "domain": Source("messages_domain.csv", ("title", "text"), "label"),
    "request_type": Source("messages_type.csv", ("text",), "request_type"),
    "department": Source("questions_unit.csv", ("text",), "label"),
}


@dataclass(frozen=True)
class Messages:
    """The labelled messages of one task: as they came, as classifiers read them, and which are near copies."""

    raw: Sequence[str]
    read: Sequence[str]
    labels: Labels
    groups: Ints


def messages_folder() -> Path:
    """TRIAGE_DATA, or the folder beside the project."""
    return Path(os.environ.get("TRIAGE_DATA") or DEFAULT_FOLDER)


def without_messages(say: Callable[[str], None]) -> int | None:
    """With what a benchmark ends where there are no messages: 0, or 2 where a folder was named and is missing; None
    where there are some."""
    folder = messages_folder()
    if folder.is_dir():
        return None
    say(f"no real messages at {folder}: nothing measured; set TRIAGE_DATA to their folder")
    return WRONG_USE if os.environ.get("TRIAGE_DATA") else 0


def read_messages(folder: Path, task: str) -> Messages:
    """The messages of a task that have a label; BadInput where the file is missing or broken."""
    source = TASKS[task]
    table = read_table(folder / source.file)
    labels = table.column(source.label)
    labelled = [index for index, label in enumerate(labels) if label.strip()]
    raw = [" ".join(parts).strip() for parts in zip(*map(table.column, source.texts), strict=True)]
    every = table.texts(source.texts)
    read = [every[index] for index in labelled]
    return Messages(
        [raw[index] for index in labelled], read, np.array([labels[index] for index in labelled]), copy_groups(read)
    )


def copy_groups(texts: Sequence[str]) -> Ints:
    """A group number for each text: the same for texts alike, and for those alike to one of them, and so on.

    Alike are texts whose character 4-grams, weighed by sublinear TF-IDF, have a cosine of at least 0.5.

    >>> copy_groups(["三号楼前路灯坏了很久", "三号楼前路灯坏了很久了", "饭店的油烟味很重", "饭店的油烟味太重"]).tolist()
    [0, 0, 1, 1]
    """
    grams = TfidfVectorizer(analyzer="char", ngram_range=(4, 4), min_df=2, sublinear_tf=True, dtype=np.float32)
    rows = grams.fit_transform([text[:LOOKED_AT] for text in texts])
    alike = (rows @ rows.T).tocsr()
    alike.data[alike.data < ALIKE] = 0
    alike.eliminate_zeros()
    numbers: Ints = connected_components(alike, directed=False)[1]
    return numbers


def splits(messages: Messages, repeat: int) -> list[tuple[Ints, Ints]]:
    """The rows to learn from and the rows to ask about, of each fold; every repeat cuts differently."""
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=repeat)
    cut: Any = splitter.split(messages.read, messages.labels, messages.groups)
    return list(cut)
