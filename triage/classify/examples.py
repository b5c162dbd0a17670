"""Written examples as reasons: those of a category that stand nearest to a text.

Two plain files in a model's folder hold them: the texts by category, and of each example its strongest features. Only
texts that were written to be shown belong there, never a citizen's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save
from scipy.sparse import csr_matrix

from triage.domain.errors import ModelFault

TEXTS = "examples.json"
VECTORS = "examples.safetensors"

STRONGEST = 48
"""So many features of an example are kept: measured, a third of all finds examples that count nearly as much."""

Texts = Mapping[str, Sequence[tuple[str, str]]]
"""Title and text of each example, by category."""


class NearExample(NamedTuple):
    """An example and how near it stands: the cosine, from 0 to 1, of its strongest TF-IDF features and the text's."""

    category: str
    title: str
    text: str
    similarity: float


class Examples:
    """Examples by category; `ids` and `values`, both of shape (examples, kept), are their features in the same order.

    >>> texts = {"fumes": [("", "油烟扰民")], "light": [("", "路灯不亮"), ("路灯", "一片漆黑")]}
    >>> rows = csr_matrix(np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0.6, 0.8]], dtype=np.float32))
    >>> examples = Examples.from_bytes(*example_files(texts, rows).values())
    >>> examples.nearest(rows[2], "light", 1)
    [NearExample(category='light', title='路灯', text='一片漆黑', similarity=1.0)]
    >>> examples.nearest(rows[2], "noise", 1)
    []
    """

    def __init__(self, texts: Texts, ids: npt.NDArray[np.unsignedinteger], values: npt.NDArray[np.uint8]) -> None:
        self._texts = texts
        self._ids = ids
        lengths = np.linalg.norm(values.astype(np.float32), axis=1, keepdims=True)
        self._values = values / np.where(lengths > 0, lengths, 1).astype(np.float32)
        ends = np.cumsum([0, *map(len, texts.values())]).tolist()
        self._places = {category: slice(*ends[at : at + 2]) for at, category in enumerate(texts)}

    @classmethod
    def from_bytes(cls, texts: bytes, vectors: bytes) -> Examples:
        """Read what `example_files` wrote; ModelFault where it cannot be read."""
        try:
            by_category = {name: [(title, text) for title, text in rows] for name, rows in json.loads(texts).items()}
            tensors = load(vectors)
            ids, values = tensors["ids"], tensors["values"]
        except (ValueError, TypeError, AttributeError, KeyError, SafetensorError) as error:
            raise ModelFault(f"{TEXTS} and {VECTORS} cannot be read: {type(error).__name__} {error}") from None
        count = sum(map(len, by_category.values()))
        if ids.shape != values.shape or ids.ndim != 2 or len(ids) != count:
            raise ModelFault(f"{VECTORS} holds {ids.shape} and {values.shape}, not features of {count} examples")
        return cls(by_category, ids, values)

    def nearest(self, row: csr_matrix, category: str, count: int) -> list[NearExample]:
        """The nearest examples of a category to a text's row, nearest first; fewer where there are fewer."""
        place = self._places.get(category)
        if place is None:
            return []
        weights = np.zeros(row.shape[1], dtype=np.float32)
        weights[row.indices] = row.data
        near = (weights[self._ids[place]] * self._values[place]).sum(axis=1)
        best = np.argsort(-near, kind="stable")[:count].tolist()
        found = ((*self._texts[category][at], float(near[at])) for at in best)
        return [NearExample(category, title, text, round(min(cosine, 1.0), 3)) for title, text, cosine in found]


def example_files(texts: Texts, rows: csr_matrix) -> dict[str, bytes]:
    """The two files, of texts and their TF-IDF rows in the same order; nothing in them is code."""
    lists = [
        json.dumps(category) + ": [\n" + ",\n".join(json.dumps(list(one), ensure_ascii=False) for one in of_one) + "\n]"
        for category, of_one in texts.items()
    ]
    ids, values = _strongest(rows)
    return {TEXTS: ("{\n" + ",\n".join(lists) + "\n}\n").encode(), VECTORS: save({"ids": ids, "values": values})}


def _strongest(rows: csr_matrix) -> tuple[npt.NDArray[np.unsignedinteger], npt.NDArray[np.uint8]]:
    """The strongest features of each row, in steps of 1/255 of the strongest; places left over hold 0."""
    ids = np.zeros((rows.shape[0], STRONGEST), np.min_scalar_type(rows.shape[1]))
    values = np.zeros(ids.shape, np.uint8)
    for number, (start, end) in enumerate(zip(rows.indptr, rows.indptr[1:], strict=False)):
        best = start + np.argsort(-rows.data[start:end], kind="stable")[:STRONGEST]
        ids[number, : len(best)] = rows.indices[best]
        values[number, : len(best)] = np.round(255 * rows.data[best] / max(rows.data[best].max(initial=0), 1e-9))
    return ids, values


NONE = Examples({}, np.zeros((0, STRONGEST), np.uint16), np.zeros((0, STRONGEST), np.uint8))
"""What a model has that keeps no examples."""
