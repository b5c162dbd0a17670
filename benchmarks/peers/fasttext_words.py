"""fastText (package fasttext-numpy2) on cut words, with a small search of its own settings on the training side."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks.folds import Ints, Labels
from triage.classify.layout import TITLE_END
from triage.domain.errors import BadInput
from triage.language.segment import Segmenter

RATES, NGRAMS, TITLES = (0.1, 0.25, 0.5), (1, 2), (1, 3)
"""Learning rates, words in a run, and how often the title is said: each with each is tried."""

EPOCHS, WIDTH, BUCKETS = 25, 100, 200_000
"""With its own 2,000,000 buckets a model has 800 MB and answers no better."""

HELD_OUT = 4
"""A quarter of the training side judges the settings; near copies stay together."""

_MODEL, _SETTINGS = "model.bin", "settings.json"


def fit(texts: Sequence[str], labels: Labels, groups: Ints, folder: Path) -> None:
    """Search, fit on all rows, and write model and settings."""
    learnt, judged = next(StratifiedGroupKFold(HELD_OUT, shuffle=True, random_state=0).split(texts, labels, groups))
    cut = {times: [words(text, times) for text in texts] for times in TITLES}
    found = []
    for rate, ngrams, times in product(RATES, NGRAMS, TITLES):
        model = _fitted([cut[times][row] for row in learnt], labels[learnt], rate, ngrams)
        if model is not None:
            answers = np.array(list(_answers(model, [cut[times][row] for row in judged])))
            found.append((float((answers == labels[judged]).mean()), rate, ngrams, times))
    for _, rate, ngrams, times in sorted(found, reverse=True):
        model = _fitted(cut[times], labels, rate, ngrams)
        if model is not None:
            break
    else:
        raise BadInput("fastText finds no setting that it can learn these rows with")
    folder.mkdir(parents=True, exist_ok=True)
    model.save_model(str(folder / _MODEL))
    (folder / _SETTINGS).write_text(json.dumps({"title_times": times, "rate": rate, "ngrams": ngrams}))


def load(folder: Path) -> Callable[[Sequence[str]], list[str]]:
    """What answers texts."""
    import fasttext

    fasttext.FastText.eprint = lambda *line: None  # else it greets every model on standard error
    model = fasttext.load_model(str(folder / _MODEL))
    times = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))["title_times"]
    return lambda texts: list(_answers(model, [words(text, times) for text in texts]))


def words(text: str, title_times: int) -> str:
    """The words of a text with blanks between, those of its title so many times.

    >>> words("路灯\\x1e路灯不亮", 2)
    '路灯 路灯 路灯 不 亮'
    """
    title, _, body = text.rpartition(TITLE_END)
    cut = _SEGMENTER.words(title) * title_times + _SEGMENTER.words(body)
    return " ".join(word for word in cut if not word.isspace())


_SEGMENTER = Segmenter()


def _fitted(cut: Sequence[str], labels: Labels, rate: float, ngrams: int) -> Any:
    """A model by one thread, so that the same rows give the same; None where it ends in numbers that are none."""
    import fasttext

    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "rows.txt"
        rows = (f"__label__{label.replace(' ', '_')} {text}\n" for label, text in zip(labels, cut, strict=True))
        file.write_text("".join(rows), encoding="utf-8")
        try:
            return fasttext.train_supervised(
                str(file), lr=rate, epoch=EPOCHS, wordNgrams=ngrams, dim=WIDTH, bucket=BUCKETS, minCount=2, thread=1,
                seed=0, verbose=0,
            )  # fmt: skip
        except RuntimeError as error:
            if "NaN" not in str(error):
                raise
            return None


def _answers(model: Any, cut: Sequence[str]) -> Iterator[str]:
    for text in cut:
        yield str(model.predict(text)[0][0]).removeprefix("__label__")
