"""Builds `models/default` from the written taxonomy: `python -m training.default_model`.

No citizen's message goes in: every text was written for this project.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from training.fit import Examples, fit_model
from training.taxonomy import Example, WrittenTaxonomy, read_taxonomy
from triage.classify.examples import example_files
from triage.classify.features import TextFeatures, as_read
from triage.classify.head import LinearHead
from triage.classify.layout import TITLE_END
from triage.classify.store import TABLE, digest, refuse_other_files, save_model
from triage.domain.moments import SHANGHAI
from triage.domain.vocabulary import SIGNALS
from triage.language.places import PlaceFinder
from triage.language.word_table import WordTable
from triage.similar.encoding.town import TownEncoder
from triage.similar.signature import SignatureReader
from triage.similar.start import FILE as START
from triage.similar.start import Start, start_from

NAME = "default"
ROOT = Path(__file__).parent.parent
MAX_FEATURES = 60_000
TABLE_SHARE = 0.5
_NO_TIME = datetime(2026, 1, 1, tzinfo=SHANGHAI)  # the examples have none, and none is looked at


def build_default(out: Path, words: Path = ROOT / "models" / NAME / TABLE) -> None:
    """Fit every task on the written examples and save the model with its taxonomy, word table and card."""
    refuse_other_files(out)
    written = read_taxonomy()
    tasks = tasks_of(written)
    table = WordTable.read(words)
    features = features_from(table)
    model = fit_model(NAME, tasks, primary="category", features=features, heads=heads_of(written), promises=False)
    taxonomy = written.taxonomy.to_json()
    facts = {
        "rows": {task: len(examples.texts) for task, examples in tasks.items()},
        "taxonomy_sha256": digest(taxonomy),
    }
    card = _CARD.format(
        version=model.version,
        categories=len(written.categories),
        domains=len({one.category.domain for one in written.categories}),
        examples=sum(len(one.examples) for one in written.categories),
        signals=sum(len(rows) for rows in written.signals.values()),
        features=len(features.idf_),
    )
    files = {f"{TABLE}/{path.name}": path.read_bytes() for path in sorted(words.iterdir())}
    files |= shown_examples(written, features)
    files[START] = start_of(tasks["category"], table).to_bytes()
    save_model(model, out, {"taxonomy.json": taxonomy, "card.md": card.encode(), **files}, facts)


def shown_examples(written: WrittenTaxonomy, features: TextFeatures) -> dict[str, bytes]:
    """The written examples as files that the service shows beside a decision."""
    texts = {one.category.id: [(row.title, row.text) for row in one.examples] for one in written.categories}
    rows = features.transform([as_read(*row) for of_one in texts.values() for row in of_one])
    return example_files(texts, rows[:, : len(features.idf_)])


def start_of(examples: Examples, table: WordTable) -> Start:
    """What a town's memory of orders begins with: the words of the written examples."""
    reader = SignatureReader(PlaceFinder({}))
    parted = (text.rpartition(TITLE_END) for text in dict.fromkeys(examples.texts))
    signatures = (reader.read(str(at), _NO_TIME, title, text) for at, (title, _, text) in enumerate(parted))
    return start_from(signatures, TownEncoder(table))


def features_from(table: WordTable) -> TextFeatures:
    """The unfitted features of the default model."""
    return TextFeatures(min_df=2, max_features=MAX_FEATURES, table=table, table_share=TABLE_SHARE)


def heads_of(written: WrittenTaxonomy) -> dict[str, LinearHead]:
    """A few examples a category: one strength will do, and its domain, which has hundreds, helps. Signals are rare."""
    domains = {one.category.id: one.category.domain for one in written.categories}
    signals = {task: LinearHead(Cs=(1.0,), balanced=task != "complexity", folds=3) for task in SIGNALS}
    return {"category": LinearHead(Cs=(0.3,), parents=domains, folds=3), **signals}


def tasks_of(written: WrittenTaxonomy) -> dict[str, Examples]:
    """Texts and labels by task. A category's name, words and description stand in as two more examples each."""
    examples = [example for one in written.categories for example in one.examples]
    category = [(_read(example), example.category) for example in examples]
    for one in written.categories:
        category += [(as_read("", f"{one.category.name}，{'，'.join(one.words)}"), one.category.id)]
        category += [(as_read("", f"{one.category.name}。{one.category.description}"), one.category.id)]
    signals = {task: [(as_read("", text), label) for text, label in rows] for task, rows in written.signals.items()}
    # An urgent complaint may be an emergency or not; only what is clearly none teaches what none looks like.
    calm = [(_read(example), "none") for example in examples if example.urgency != "urgent"]
    rows = {
        "category": category,
        "request_type": signals["request_type"] + [(_read(example), example.request_type) for example in examples],
        "urgency": signals["urgency"] + [(_read(example), example.urgency) for example in examples],
        "complexity": signals["complexity"] + [(_read(example), example.complexity) for example in examples],
        "emergency": signals["emergency"] + calm,
    }
    return {
        task: Examples([text for text, _ in of_one], [label for _, label in of_one]) for task, of_one in rows.items()
    }


def _read(example: Example) -> str:
    return as_read(example.title, example.text)


_CARD = """# The default model

Version {version}. The first day of a town without labels: {categories} categories in {domains} domains, request type,
urgency, complexity and emergency.

- Made from {examples} complaints and {signals} further sentences written for this project, with the names, typical
  words and descriptions of the categories. No citizen's message went in, and no model trained on one.
- Words 1-2 and characters 1-3, TF-IDF, {features} features shared by all tasks, with the vectors of title and text
  from the word table beside them.
- Linear support vectors with a naive-Bayes view of the same features, one temperature a task, weights in eight bits.
  What tells the domains apart is learnt from all of their examples and added to their categories.
- It promises nothing: it has seen no town's orders, so it never decides alone. Train on your own orders for that.
- `start.safetensors` counts by hash how many of the examples use which word: what a town's memory begins with.
- Rebuild it with `make model`; the same taxonomy gives the same files.

How the examples were written, what they lean to and what they are not fit for: the
[data sheet](../../docs/data-sheet.md). It does not know

- your units (the policy pack does), your streets, compounds and programmes by name;
- how often a matter comes up in your town, in which season, after which event;
- dialects beyond a few words, sarcasm, transcripts of speech without marks;
- the second matter of a message that holds two, and matters outside the categories;
- what an emergency sounds like to those who take such calls: it was taught by invented ones.
"""

if __name__ == "__main__":
    build_default(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / NAME)
