"""Builds `models/default` from the written taxonomy: `python -m training.default_model`.

No citizen's message goes in: every text was written for this project.
"""

from __future__ import annotations

import sys
from pathlib import Path

from training.fit import Examples, fit_model
from training.taxonomy import WrittenTaxonomy, read_taxonomy
from triage.classify.features import TextFeatures, as_read
from triage.classify.store import digest, save_model

NAME = "default"
ROOT = Path(__file__).parent.parent
MAX_FEATURES = 60_000
BALANCED = frozenset({"request_type", "urgency", "emergency"})


def build_default(out: Path) -> None:
    """Fit every task on the written examples and save the model with its taxonomy and card."""
    written = read_taxonomy()
    tasks = {task: _cleaned(rows) for task, rows in _rows(written).items()}
    features = TextFeatures(min_df=2, max_features=MAX_FEATURES)
    model = fit_model(NAME, tasks, primary="category", features=features, balanced=BALANCED, promises=False)
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
    save_model(model, out, {"taxonomy.json": taxonomy, "card.md": card.encode()}, facts)


def _rows(written: WrittenTaxonomy) -> dict[str, list[tuple[str, str]]]:
    """Text and label by task. A category's name, words and description stand in as one more example each."""
    examples = [example for one in written.categories for example in one.examples]
    category = [(example.text, example.category) for example in examples]
    for one in written.categories:
        category += [(f"{one.category.name}，{'，'.join(one.words)}", one.category.id)]
        category += [(f"{one.category.name}。{one.category.description}", one.category.id)]
    signals = {task: list(rows) for task, rows in written.signals.items()}
    # An urgent complaint may be an emergency or not; only what is clearly none teaches what none looks like.
    calm = [(example.text, "none") for example in examples if example.urgency != "urgent"]
    return {
        "category": category,
        "request_type": signals["request_type"] + [(example.text, example.request_type) for example in examples],
        "urgency": signals["urgency"] + [(example.text, example.urgency) for example in examples],
        "complexity": signals["complexity"] + [(example.text, example.complexity) for example in examples],
        "emergency": signals["emergency"] + calm,
    }


def _cleaned(rows: list[tuple[str, str]]) -> Examples:
    return Examples([as_read("", text) for text, _ in rows], [label for _, label in rows])


_CARD = """# The default model

Version {version}. The first day of a town without labels: {categories} categories in {domains} domains, request type,
urgency, complexity and emergency.

- Made from {examples} complaints and {signals} further sentences written for this project, with the names, typical
  words and descriptions of the categories. No citizen's message went in, and no model trained on one.
- Words 1-2 and characters 1-3, TF-IDF, {features} features shared by all tasks; linear support vectors, one
  temperature a task.
- It promises nothing: it has seen no town's orders, so it never decides alone. Train on your own orders for that.
- It does not know: your units (the policy pack does), dialects beyond a few words, matters outside the taxonomy.
- Rebuild it with `make model`; the same taxonomy gives the same files.
"""

if __name__ == "__main__":
    build_default(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / NAME)
