"""`train`, `predict` and `evaluate` over tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from training.card import train_card
from training.doubts import FILE, as_csv, doubts
from training.fit import Examples, features_for, fit_model
from training.parallel import cores, in_order
from training.strong.export import read_encoder
from triage.bootstrap import default_model
from triage.classify.head import LinearHead
from triage.classify.model import Model, Prediction
from triage.classify.promise import PRECISION
from triage.classify.store import TABLE, digest, load_model, read_manifest, refuse_other_files, save_model, table_files
from triage.desk.tables import Table, read_table, write_table
from triage.domain.errors import BadInput, Problem
from triage.language.word_table import WordTable

Say = Callable[[str], None]
TEXT_COLUMNS = ("title", "text")
CHUNK = 500


def train(
    data: Path,
    text: Sequence[str],
    label: str,
    out: Path,
    say: Say,
    precision: float = PRECISION,
    second_opinion: Path | None = None,
) -> dict[str, Any]:
    """Fit a classifier for the labels in one column; rows without a label are named and left out.

    It decides alone only where it keeps `precision`. Doubtful labels are listed in the model's folder.
    `second_opinion` is a folder with an encoder that is asked where the linear model is not sure.
    """
    refuse_other_files(out)
    encoder = None if second_opinion is None else read_encoder(second_opinion)
    table = read_table(data)
    texts, labels, numbers = _labelled(table, text, label, say)
    say(f"fitting on {len(texts)} rows, {len(set(labels))} labels")
    shipped = default_model()
    features = features_for(texts, lambda: WordTable.read(shipped / TABLE))
    head = LinearHead(precision=precision)
    tasks = {label: Examples(texts, labels)}
    model = fit_model(f"{data.stem}-{label}", tasks, primary=label, features=features, heads={label: head})
    found = doubts(head, labels, numbers)
    if encoder is not None:
        from training.strong.opinion import with_second_opinion  # slow to import, only needed here

        model = with_second_opinion(model, tasks, encoder, say)
    facts = {
        "text_columns": list(text),
        "rows": len(texts),
        "data_sha256": digest(data.read_bytes()),
        "doubtful": None if found is None else len(found),
    }
    files = {"card.md": train_card(model, facts).encode()}
    if features.table is not None:
        files |= table_files(shipped)
    if found is not None:
        files[FILE] = as_csv(found)
    save_model(model, out, files, facts)
    return {
        "model": model.name,
        "version": model.version,
        "rows": len(texts),
        "auto_share": model.heads[label].promise_.auto_share,
        "second_opinion": model.second is not None,
        "doubtful": facts["doubtful"],
    }


def predict(model_folder: Path, data: Path, out: Path, say: Say) -> int:
    """Add label, confidence, auto and set to every row, order kept; a given `label` column becomes `given_label`."""
    table = read_table(data)
    model = load_model(model_folder)
    texts = table.texts(text_columns(model_folder, table))
    columns = ["given_label" if name == "label" else name for name in table.columns]
    answers = _in_parallel(model, texts, say)
    rows = ([*row, *_cells(answer)] for row, answer in zip(table.rows, answers, strict=True))
    write_table(out, [*columns, "label", "confidence", "auto", "set"], rows)
    return len(table.rows)


def evaluate(model_folder: Path, data: Path, label: str, say: Say) -> dict[str, Any]:
    """Accuracy, macro-F1, figures per class, and whether the promises hold on these rows."""
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support  # slow to import, only needed here

    table = read_table(data)
    model = load_model(model_folder)
    texts, gold, _ = _labelled(table, text_columns(model_folder, table), label, say)
    answers = list(_in_parallel(model, texts, say))
    found = [answer.label for answer in answers]
    labels = sorted(set(gold) | set(found))
    figures = precision_recall_fscore_support(gold, found, labels=labels, zero_division=0)
    present = sorted(set(gold))
    macro = precision_recall_fscore_support(gold, found, labels=present, average="macro", zero_division=0)[2]
    alone = [right == answer.label for right, answer in zip(gold, answers, strict=True) if answer.auto]
    promise = model.heads[model.primary].promise_
    return {
        "rows": len(gold),
        "accuracy": float(accuracy_score(gold, found)),
        "macro_f1": float(macro),
        "per_class": {
            name: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for name, p, r, f, s in zip(labels, *figures, strict=True)
        },
        "promise": {
            "precision": promise.precision,
            "level": promise.level,
            "auto_above": promise.auto_above,
            "labels": {
                one.label: {
                    "auto_above": one.auto_above,
                    "promised": promise.label_precision,
                    "coverage": _alone_share(one.label, answers),
                    "precision_found": _precision(one.label, answers, gold),
                }
                for one in promise.labels
            },
            "coverage": len(alone) / len(gold),
            "precision_found": sum(alone) / len(alone) if alone else None,
        },
        "set": {
            "promised": promise.coverage,
            "coverage": sum(right in answer.labels for right, answer in zip(gold, answers, strict=True)) / len(gold),
            "mean_size": sum(len(answer.labels) for answer in answers) / len(gold),
        },
    }


def _alone_share(label: str, answers: Sequence[Prediction]) -> float | None:
    """The share of this label's answers that the model gave alone."""
    alone = [answer.auto for answer in answers if answer.label == label]
    return sum(alone) / len(alone) if alone else None


def _precision(label: str, answers: Sequence[Prediction], gold: Sequence[str]) -> float | None:
    """How often answers of this label were right where the model decided alone."""
    right = [label == true for answer, true in zip(answers, gold, strict=True) if answer.auto and answer.label == label]
    return sum(right) / len(right) if right else None


def text_columns(model_folder: Path, table: Table) -> list[str]:
    """The columns the model was fitted on; for the default model those of title and text that are there."""
    columns = read_manifest(model_folder).get("text_columns")
    if columns:
        return list(columns)
    return [name for name in TEXT_COLUMNS if name in table.columns] or [TEXT_COLUMNS[1]]


def _labelled(table: Table, text: Sequence[str], label: str, say: Say) -> tuple[list[str], list[str], list[int]]:
    """Texts, labels and row numbers of the rows that have a label."""
    texts, labels = table.texts(text), [value.strip() for value in table.column(label)]
    without = [number for number, value in zip(table.numbers, labels, strict=True) if not value]
    if len(without) == len(labels):
        raise BadInput(str(table.path), [Problem((), f"column {label!r} is empty in every row")])
    if without:
        shown = ", ".join(map(str, without[:10])) + (" …" if len(without) > 10 else "")
        say(f"{len(without)} rows without {label} are left out: {shown}")
    kept = [index for index, value in enumerate(labels) if value]
    return [texts[at] for at in kept], [labels[at] for at in kept], [table.numbers[at] for at in kept]


def _cells(answer: Prediction) -> list[str]:
    return [answer.label, f"{answer.confidence:.6f}", "true" if answer.auto else "false", "|".join(answer.labels)]


def _in_parallel(model: Model, texts: list[str], say: Say) -> Iterator[Prediction]:
    """Predictions in order, on all cores; a model cannot be sent to a process, only be there when it forks."""
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    workers = min(cores(), len(chunks)) if sys.platform == "linux" else 1
    done = 0
    for answers in in_order(model.predict, chunks, workers):
        yield from answers
        done += len(answers)
        if done % 50_000 < CHUNK:
            say(f"{done} of {len(texts)} rows")
