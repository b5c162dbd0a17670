"""Reads the written taxonomy: categories with their descriptions, words and examples.

`python -m training.taxonomy` prints how many there are of what, as the data sheet shows it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml

from triage.classify.taxonomy import Category, Taxonomy
from triage.domain.errors import BadInput, Problem
from triage.domain.vocabulary import DOMAINS, SIGNALS

SOURCE = Path(__file__).parent / "taxonomy"
_EXAMPLE_KEYS = {"type": "request_type", "urgency": "urgency", "complexity": "complexity"}


@dataclass(frozen=True)
class Example:
    """One written complaint with what an experienced dispatcher would say of it."""

    title: str
    text: str
    category: str
    request_type: str
    urgency: str
    complexity: str


@dataclass(frozen=True)
class WrittenCategory:
    """One category with the words citizens use for it and those it is taken for."""

    category: Category
    words: tuple[str, ...]
    look_alikes: dict[str, str]
    units: dict[str, str]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class WrittenTaxonomy:
    """The whole taxonomy and the further examples of the four signals (task, text, label)."""

    categories: tuple[WrittenCategory, ...]
    signals: dict[str, tuple[tuple[str, str], ...]]

    @property
    def taxonomy(self) -> Taxonomy:
        """What the service needs of it."""
        return Taxonomy({one.category.id: one.category for one in self.categories})


def read_taxonomy(folder: Path = SOURCE) -> WrittenTaxonomy:
    """Read and check the folder; every fault is reported at once."""
    names: dict[str, dict[str, str]] = _read(folder / "categories.yaml")
    problems: list[Problem] = []
    written: dict[str, WrittenCategory] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name in ("categories.yaml", "signals.yaml"):
            continue
        data = _read(path)
        domain = data["domain"]
        for category_id, part in data["categories"].items():
            name = names.get(domain, {}).get(category_id)
            if name is None:
                problems.append(Problem((path.name, category_id), f"is not listed under {domain} in categories.yaml"))
                continue
            problems += _faults(path.name, category_id, part)
            whys = {row["id"]: row["why"] for row in part["look_alikes"]}
            written[category_id] = _category(Category(category_id, name, domain, part["description"], whys), part)
    listed = {category_id: domain for domain, ids in names.items() for category_id in ids}
    problems += [Problem((name,), "is listed and not written") for name in listed if name not in written]
    problems += [Problem((domain,), "is no domain") for domain in names if domain not in DOMAINS]
    signals = _read(folder / "signals.yaml")
    problems += _signal_faults(signals)
    if problems:
        raise BadInput(str(folder), problems)
    return WrittenTaxonomy(
        tuple(written[name] for name in listed),
        {task: tuple((row["text"], row["value"]) for row in rows) for task, rows in signals.items()},
    )


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _category(category: Category, part: dict[str, Any]) -> WrittenCategory:
    examples = tuple(
        Example(row.get("title", ""), row["text"], category.id, row["type"], row["urgency"], row["complexity"])
        for row in part["examples"]
    )
    return WrittenCategory(category, tuple(part["words"]), dict(category.look_alikes), part["unit"], examples)


def _faults(file: str, category_id: str, part: dict[str, Any]) -> Iterator[Problem]:
    if len(part["examples"]) < 12:
        yield Problem((file, category_id), f"has {len(part['examples'])} examples, at least 12 are needed")
    for index, row in enumerate(part["examples"]):
        for key, task in _EXAMPLE_KEYS.items():
            if row.get(key) not in SIGNALS[task]:
                yield Problem((file, category_id, index, key), f"{row.get(key)!r} is not one of {SIGNALS[task]}")


def _signal_faults(signals: dict[str, Any]) -> Iterator[Problem]:
    for task, rows in signals.items():
        for index, row in enumerate(rows):
            if row["value"] not in SIGNALS.get(task, ()):
                yield Problem(("signals.yaml", task, index), f"{row['value']!r} is not one of {SIGNALS.get(task)}")


def counts(written: WrittenTaxonomy) -> Iterator[str]:
    """The rows of a table in Markdown: what the examples are about, and what they are like."""
    examples = [example for one in written.categories for example in one.examples]
    domains = Counter(one.category.domain for one in written.categories)
    of_domain = Counter(one.category.domain for one in written.categories for _ in one.examples)
    lengths = quantiles((len(example.text) for example in examples), n=4)
    titled = sum(bool(example.title) for example in examples)
    yield "| what | how many |"
    yield "|---|---|"
    yield f"| all | {len(examples)} examples of {len(written.categories)} categories in {len(domains)} domains |"
    yield from (f"| {domain} | {count} of {domains[domain]} categories |" for domain, count in of_domain.most_common())
    for task in _EXAMPLE_KEYS.values():
        found = Counter(getattr(example, task) for example in examples)
        yield f"| {task} | {', '.join(f'{name} {count}' for name, count in found.most_common())} |"
    yield f"| characters, by quartile | {', '.join(f'{length:.0f}' for length in lengths)} |"
    yield f"| with a title | {titled} |"
    for task, rows in written.signals.items():
        found = Counter(label for _, label in rows)
        yield f"| further for {task} | {', '.join(f'{name} {count}' for name, count in found.most_common())} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in counts(read_taxonomy()))
