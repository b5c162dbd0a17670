"""`python -m benchmarks.evidence`: do the words and the examples shown as reasons really count?

Both are taken away: the words from the text, the examples from what the model is taught with. Nothing measured here was
learnt from: a fifth of the written examples is held out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix

from training.default_model import ROOT, features_from, heads_of
from training.taxonomy import Example, WrittenTaxonomy, read_taxonomy
from triage.classify import linear
from triage.classify.calibration import Calibration, calibrate
from triage.classify.examples import Examples, example_files
from triage.classify.features import TextFeatures, as_read
from triage.classify.head import PARENT_SHARE
from triage.classify.linear import Planes
from triage.classify.model import Model, TextReading
from triage.desk.written import Written
from triage.domain.orders import Order
from triage.language.clean import clean
from triage.language.word_table import WordTable

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

REMOVED = 3
HELD_OUT = 5
C = 0.3
WHEN = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Fall(NamedTuple):
    """How far the probability of the answer falls without what was shown, and without as much taken at random."""

    shown: float
    random: float


class Cut(NamedTuple):
    """Some categories with the examples that are learnt from and those that are asked about."""

    learnt: list[Example]
    asked: list[Example]


def cut(written: WrittenTaxonomy, categories: int, chance: np.random.Generator) -> Cut:
    """A fifth of each category's examples held out; the categories are drawn where not all are wanted."""
    drawn = chance.choice(len(written.categories), min(categories, len(written.categories)), replace=False).tolist()
    learnt, asked = [], []
    for one in sorted((written.categories[place] for place in drawn), key=lambda one: one.category.id):
        order = chance.permutation(len(one.examples)).tolist()
        held_out = len(order) // HELD_OUT
        asked += [one.examples[at] for at in order[:held_out]]
        learnt += [one.examples[at] for at in sorted(order[held_out:])]
    return Cut(learnt, asked)


def without_words(
    written: WrittenTaxonomy, texts: int, features: TextFeatures, chance: np.random.Generator
) -> list[Fall]:
    """Falls of the whole category head when words are taken from held-out texts."""
    learnt, asked = cut(written, len(written.categories), chance)
    rows = features.fit([_read(one) for one in learnt]).transform([_read(one) for one in learnt])
    head = heads_of(written)["category"].fit(rows, [one.category for one in learnt])
    model = Model("held out", "0", features, {"category": head}, "category", promises=False)
    drawn = chance.permutation(len(asked)).tolist()[:texts]
    falls = (_fall_without_words(model, asked[at], chance) for at in drawn)
    return [fall for fall in falls if fall is not None]


def _fall_without_words(model: Model, example: Example, chance: np.random.Generator) -> Fall | None:
    """None where a text is so short that no other words are left to take."""
    written = Written(Order(WHEN, example.text, example.title), clean(example.title), clean(example.text))
    reading = model.read(written.text)
    label, before = next(iter(reading.probabilities("category").items()))
    shown = [span.text for span in written.strongest(reading.evidence("category", label))]
    strongest = shown[:REMOVED]
    others = sorted(_words(reading, written.text) - set(shown))
    if not strongest or len(others) < len(strongest):
        return None
    drawn = chance.choice(others, len(strongest), replace=False).tolist()
    texts = [as_read(_less(example.title, words), _less(example.text, words)) for words in (strongest, drawn)]
    left = [model.read(text).probabilities("category")[label] for text in texts]
    return Fall(before - left[0], before - left[1])


def _words(reading: TextReading, text: str) -> set[str]:
    """The words that could have been named."""
    words = {text[start:end] for start, end in reading.reading.words}
    return {word for word in words if any(mark.isalpha() for mark in word)}


def _less(text: str, words: Sequence[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


class Taught(NamedTuple):
    """Rows with their categories and domains as numbers, to be learnt from again and again."""

    rows: csr_matrix
    codes: Codes
    parents: Codes

    def planes(self, left_out: Sequence[int] | Codes = ()) -> Planes:
        """Planes learnt from all rows but a few."""
        kept = np.setdiff1d(np.arange(len(self.codes)), left_out)
        rows, codes = self.rows[kept], self.codes[kept]
        of_parents = linear.support_vectors(rows, self.parents[codes], C, False)
        return linear.support_vectors(rows, codes, C, False).plus(linear.spread(of_parents, self.parents), PARENT_SHARE)


def without_examples(
    written: WrittenTaxonomy, categories: int, texts: int, features: TextFeatures, chance: np.random.Generator
) -> list[Fall]:
    """Falls of planes that are learnt again without the examples shown; one temperature holds for all of them."""
    learnt, asked = cut(written, categories, chance)
    rows = features.fit([_read(one) for one in learnt]).transform([_read(one) for one in learnt])
    names, codes = np.unique([one.category for one in learnt], return_inverse=True)
    domains = {one.category.id: one.category.domain for one in written.categories}
    taught = Taught(rows, codes, np.unique([domains[name] for name in names], return_inverse=True)[1])
    texts_of = {name: [(one.title, one.text) for one in learnt if one.category == name] for name in names.tolist()}
    shelf = Examples.from_bytes(*example_files(texts_of, rows[:, : len(features.idf_)]).values())
    questions = features.transform([_read(one) for one in asked])
    margins = taught.planes().margins(questions)
    temperature = calibrate(margins, np.searchsorted(names, [one.category for one in asked])).calibration
    jobs = []
    for at in chance.permutation(len(asked)).tolist()[:texts]:
        answer = int(margins[at].argmax())
        near = shelf.nearest(questions[at], str(names[answer]), REMOVED)
        own = np.flatnonzero(codes == answer)
        places = [texts_of[one.category].index((one.title, one.text)) for one in near]
        shown = own[places]
        drawn = chance.choice(np.setdiff1d(own, shown), len(shown), replace=False)
        before = temperature.probabilities(margins[[at]])[0, answer]
        jobs.append(delayed(_fall_without_examples)(taught, temperature, questions[at], answer, before, shown, drawn))
    return list(Parallel(n_jobs=-1, prefer="threads")(jobs))


def _fall_without_examples(
    taught: Taught,
    temperature: Calibration,
    question: csr_matrix,
    answer: int,
    before: float,
    shown: Codes,
    drawn: Codes,
) -> Fall:
    left = [temperature.probabilities(taught.planes(out).margins(question))[0, answer] for out in (shown, drawn)]
    return Fall(float(before - left[0]), float(before - left[1]))


def line(name: str, falls: Sequence[Fall]) -> str:
    """The figures of one kind of evidence as a person reads them."""
    found = np.array(falls)
    lower, mean = (found > 0).mean(axis=0), found.mean(axis=0)
    more = (found[:, 0] > found[:, 1]).mean()
    return (
        f"{name}: {len(found)} texts; without what is shown the probability falls in {lower[0]:.1%}, "
        f"by {mean[0]:.3f} in the mean; at random in {lower[1]:.1%}, by {mean[1]:.3f}; "
        f"what is shown counts more in {more:.1%}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument(
        "--texts",
        type=int,
        default=150,
        help="at most so many held-out texts for examples, five times as many for words; default: 150",
    )
    parser.add_argument("--categories", type=int, default=25, help="so many are learnt again and again; default: 25")
    given = parser.parse_args(arguments)
    written = read_taxonomy()
    table = WordTable.read(ROOT / "models" / "default" / "words")
    measures: dict[str, Callable[[], list[Fall]]] = {
        "words": lambda: without_words(written, 5 * given.texts, features_from(table), np.random.default_rng(0)),
        "examples": lambda: without_examples(
            written, given.categories, given.texts, features_from(table), np.random.default_rng(0)
        ),
    }
    for name, measure in measures.items():
        print(line(name, measure()), flush=True)
    return 0


def _read(example: Example) -> str:
    return as_read(example.title, example.text)


if __name__ == "__main__":
    sys.exit(main())
