"""Retraining: fit a challenger, hold it against the model that answers, and put it on the shelf with its report."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.default_model import shown_examples
from training.lessons.splits import Cut, by_time, groups_of
from training.lessons.store import as_rows, digest_of
from training.registry.plots import plots
from training.registry.store import CHALLENGER, CHAMPION, Registered, Registry, Run
from training.retraining.card import retrained_card
from training.retraining.challenger import fit_challenger
from training.retraining.cost import bytes_of
from training.retraining.gate import DEFAULT, Limits, gate
from training.retraining.judging import Contest, HeldBack, figures_of, held_back, labels_of, measure
from training.taxonomy import WrittenTaxonomy
from triage.classify.model import Model
from triage.classify.shelf import ModelShelf, ShelvedModel
from triage.classify.store import TABLE, load_model, refuse_other_files, save_model, table_files
from triage.desk.learning.champion import Promotion, in_force
from triage.desk.learning.lessons import Lesson
from triage.desk.learning.verdict import REPORT, Verdict
from triage.domain.errors import BadInput, Problem
from triage.language.word_table import WordTable

PURPOSE = "retrain"

LABELS = "labels.json"
"""The figures of every label, in a model's folder."""


@dataclass(frozen=True)
class Bench:
    """What retraining works with: the models at hand, the written examples with their categories, the folder with the
    word table, the registry, and what draws by chance and counts this thread's CPU seconds."""

    shelf: ModelShelf
    written: WrittenTaxonomy
    words: Path
    registry: Registry
    rng: np.random.Generator
    clock: Callable[[], float]
    say: Callable[[str], None]
    limits: Limits = DEFAULT


@dataclass(frozen=True)
class Retrained:
    """A challenger on the shelf, what the gate says of it, and where the registry has it."""

    model: ShelvedModel
    verdict: Verdict
    registered: Registered

    def told(self) -> dict[str, Any]:
        """As a command prints it."""
        return {
            "model": self.model.name,
            "version": self.model.version,
            "folder": str(self.model.folder),
            "champion": dict(self.verdict.against),
            "measured": dict(self.verdict.measured),
            "passed": self.verdict.passed,
            "reasons": [asdict(reason) for reason in self.verdict.reasons],
            "registered": asdict(self.registered),
        }


def retrain(
    name: str,
    source: str,
    lessons: Sequence[Lesson],
    history: Sequence[Promotion],
    bench: Bench,
    *,
    precision: float,
) -> Retrained:
    """Fit on the older lessons, judge by the newest, and write the model's folder whole or not at all.

    `source` says in a word where the lessons come from; `history` has the promotions so far. BadInput where there is
    too little to learn from, or where this very model was promoted already.
    """
    champion, cut = champion_of(history, bench.shelf), _cut(lessons)
    bench.say(f"{len(cut.learnt)} lessons to learn from, the newest {len(cut.asked)} to judge by")
    table = WordTable.read(bench.words / TABLE)
    model = fit_challenger(name, cut.learnt, bench.written, table, precision=precision, say=bench.say)
    out = bench.shelf.folder_of(model.name, model.version)
    _refuse_promoted(model, history)
    refuse_other_files(out)
    facts = _facts(source, cut)
    # The written examples are shown beside decisions; an order's text never is.
    files = {**table_files(bench.words), **shown_examples(bench.written, model.features)}
    bench.say("judging")
    judged = _judged(model, champion, cut.asked, files, facts, bench)
    files["card.md"] = retrained_card(model, facts, judged.verdict).encode()
    save_model(model, out, {**files, **judged.files()}, facts)
    shelved = bench.shelf.get_or_raise(model.name, model.version)
    bench.say("putting the run down")
    run = _run(facts, judged, model, precision)
    return Retrained(shelved, judged.verdict, bench.registry.log(run, shelved))


@dataclass(frozen=True)
class Judged:
    """What the gate says, both models' answers by task, and the figures of every label."""

    verdict: Verdict
    answers: dict[str, HeldBack]
    labels: dict[str, list[dict[str, Any]]]

    def files(self) -> dict[str, bytes]:
        """What of it lies in the model's folder."""
        labels = json.dumps(self.labels, ensure_ascii=False, indent=1)
        return {LABELS: labels.encode(), REPORT: self.verdict.to_json()}


def _judged(
    model: Model,
    champion: ShelvedModel,
    asked: Sequence[Lesson],
    files: Mapping[str, bytes],
    facts: Mapping[str, Any],
    bench: Bench,
) -> Judged:
    """Hold a challenger, as it will be loaded, against the champion."""
    with tempfile.TemporaryDirectory(prefix="triage-retrain-") as folder:
        trial = Path(folder) / "model"
        save_model(model, trial, files, facts)
        size = bytes_of(champion.folder), bytes_of(trial)
        answering = load_model(champion.folder, champion.digest)
        return judge(Contest(answering, load_model(trial), size, asked, groups_of(asked)), champion, bench)


def _cut(lessons: Sequence[Lesson]) -> Cut:
    cut = by_time(lessons)
    if not any(one.task == "category" for one in cut.asked):
        raise BadInput("retrain", [Problem((), "no held-back order has a category: nothing could be judged")])
    return cut


def champion_of(history: Sequence[Promotion], shelf: ModelShelf) -> ShelvedModel:
    """The model that answers by the ledger; NotFound where its folder is not at hand."""
    standing = in_force(history)
    return shelf.get_or_raise(standing[0].name, standing[0].version) if standing else shelf.unpromoted()


def judge(contest: Contest, champion: ShelvedModel, bench: Bench) -> Judged:
    """What the gate says of a contest."""
    answers = held_back(contest)
    measured = measure(contest, answers, bench.written.taxonomy, rng=bench.rng, clock=bench.clock, limits=bench.limits)
    figures = figures_of(measured, answers, contest.challenger.primary)
    against = {"name": champion.name, "version": champion.version, "digest": champion.digest}
    return Judged(Verdict(against, gate(measured, bench.limits), figures), answers, labels_of(measured))


def _refuse_promoted(model: Model, history: Sequence[Promotion]) -> None:
    """What is promoted stays as it is; its folder is not written over."""
    if any((one.name, one.version) == (model.name, model.version) for one in history):
        fault = f"{model.name} {model.version} was promoted already: there is nothing new to learn"
        raise BadInput("retrain", [Problem((), fault)])


def _facts(source: str, cut: Cut) -> dict[str, Any]:
    return {
        "source": source,
        "learnt": _by_task(cut.learnt),
        "held_back": _by_task(cut.asked),
        "learnt_sha256": digest_of(as_rows(cut.learnt)),
        "held_back_sha256": digest_of(as_rows(cut.asked)),
    }


def _by_task(lessons: Sequence[Lesson]) -> dict[str, int]:
    tasks = [one.task for one in lessons]
    return {task: tasks.count(task) for task in sorted(set(tasks))}


def _run(facts: Mapping[str, Any], judged: Judged, model: Model, precision: float) -> Run:
    verdict, primary = judged.verdict, judged.answers[model.primary]
    return Run(
        purpose=PURPOSE,
        parameters={
            "precision": precision,
            "champion": f"{verdict.against['name']} {verdict.against['version']}",
            "source": facts["source"],
            "strength": model.heads[model.primary].C_,
            "features": len(model.features.idf_),
            **{f"learnt_{task}": count for task, count in facts["learnt"].items()},
        },
        figures=dict(_metrics(verdict.measured)),
        data={"learnt": facts["learnt_sha256"], "held_back": facts["held_back_sha256"]},
        plots=plots(primary.right, {CHAMPION: primary.champion, CHALLENGER: primary.challenger}, precision),
        tags={"gate": "passed" if verdict.passed else "refused"},
    )


def _metrics(measured: Any, prefix: str = "") -> list[tuple[str, float]]:
    """The figures of a report by names with dots."""
    if isinstance(measured, dict):
        return [
            pair for name, value in measured.items() for pair in _metrics(value, f"{prefix}.{name}" if prefix else name)
        ]
    return [] if measured is None else [(prefix, float(measured))]
