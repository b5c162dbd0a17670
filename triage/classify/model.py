"""A fitted model: one set of features, a head for each task, and what it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from triage.classify.evidence import pull
from triage.classify.examples import NONE, Examples, NearExample
from triage.classify.features import Reading, TextFeatures
from triage.classify.head import Floats, LinearHead
from triage.classify.promise import Bools, certainty
from triage.classify.second_opinion import SecondOpinion


class Prediction(NamedTuple):
    """The best label of one text, how sure, whether it may stand alone, and the labels that hold the right one."""

    label: str
    confidence: float
    auto: bool
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """The one kind of model there is: what `triage train` fits, `models/default` ships and the service asks.

    `heads` are by task (category, request_type, …); `primary` is the task that `predict` answers.
    `promises` is false for a model fitted on written examples only: it knows no town's orders and decides nothing
    alone. Texts are given as `features.as_read` makes them. `examples` gives the written examples of the primary task;
    a model fitted on citizens' messages has none to show. `second` is asked where a linear head is not sure.
    """

    name: str
    version: str
    features: TextFeatures
    heads: Mapping[str, LinearHead]
    primary: str
    promises: bool = True
    examples: Callable[[], Examples] = lambda: NONE
    second: SecondOpinion | None = None

    def predict(self, texts: Sequence[str], task: str | None = None) -> list[Prediction]:
        """Answers of one head, the primary one unless a task is named, in order."""
        task = task or self.primary
        head = self.heads[task]
        chances = self.chances(task, texts, self.features.transform(texts))
        alone = self.may_decide(task, chances).tolist()
        names = [str(label) for label in head.classes_]
        sets = [tuple(names[index] for index in one.tolist()) for one in head.promise_.label_sets(chances)]
        best = chances.max(axis=1).tolist()
        return [Prediction(one[0], sure, auto, one) for one, sure, auto in zip(sets, best, alone, strict=True)]

    def chances(self, task: str, texts: Sequence[str], rows: csr_matrix) -> Floats:
        """The probabilities of a task's labels for texts and their rows, in the order of its head's labels."""
        first = self.heads[task].predict_proba(rows)
        return first if self.second is None else self.second.revise(task, texts, first)

    def may_decide(self, task: str, probabilities: Floats) -> Bools:
        """Whether answers with these probabilities, rows in the order of the head's labels, may stand alone."""
        if not self.promises:
            return np.zeros(len(probabilities), dtype=bool)
        return self.heads[task].promise_.may_decide(probabilities)

    def read(self, text: str) -> TextReading:
        """One text read once, for all heads to look at."""
        reading, row = self.features.read(text)
        return TextReading(self, text, reading, row)


@dataclass(frozen=True)
class TextReading:
    """One text as its model sees it; where it is not `understood`, the answers are little more than priors."""

    model: Model
    text: str
    reading: Reading
    row: csr_matrix
    _read: dict[str, Floats] = field(default_factory=dict, repr=False)

    @property
    def understood(self) -> bool:
        """Whether the text holds a Chinese word that the model knows."""
        return self.reading.understood

    def may_decide(self, task: str) -> bool:
        """Whether the best answer may stand alone."""
        return bool(self.model.may_decide(task, self._values(task))[0])

    def certainty(self, task: str) -> float:
        """By what an answer is let stand alone: the best probability over the sum of the best two."""
        return float(certainty(self._values(task))[0])

    def probabilities(self, task: str) -> dict[str, float]:
        """Label to probability of a head, most probable first."""
        head = self.model.heads[task]
        values = self._values(task)[0]
        names, chances = head.classes_.tolist(), values.tolist()
        return {names[index]: chances[index] for index in (-values).argsort(kind="stable").tolist()}

    def evidence(self, task: str, label: str) -> list[tuple[int, int, float]]:
        """The words that pulled towards a label: start and end in the text as read, and weight."""
        head = self.model.heads[task]
        return pull(self.model.features, head, list(head.classes_).index(label), self.reading, self.row).telling

    def examples(self, label: str, count: int) -> list[NearExample]:
        """The written examples of a label of the primary task that stand nearest to the text, nearest first."""
        return self.model.examples().nearest(self.row, label, count)

    def _values(self, task: str) -> Floats:
        if task not in self._read:
            self._read[task] = self.model.chances(task, [self.text], self.row)
        return self._read[task]
