"""The house's linear model as `triage train` fits it, with a second opinion where a folder with an encoder is given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.folds import Ints, Labels
from training.fit import Examples, features_for, fit_model
from training.strong.export import read_encoder
from training.strong.opinion import with_second_opinion
from triage.bootstrap import default_model
from triage.classify.store import TABLE, load_model, save_model, table_files
from triage.language.word_table import WordTable


def fit(texts: Sequence[str], labels: Labels, groups: Ints, folder: Path, encoder: Path | None = None) -> None:
    """Fit and write a model folder; near copies are found as `triage train` finds them."""
    shipped = default_model()
    features = features_for(texts, lambda: WordTable.read(shipped / TABLE))
    tasks = {"label": Examples(texts, labels.tolist())}
    model = fit_model("benchmark", tasks, "label", features=features)
    if encoder is not None:
        model = with_second_opinion(model, tasks, read_encoder(encoder), lambda line: print(line, file=sys.stderr))
    save_model(model, folder, table_files(shipped) if features.table is not None else {}, {})


def load(folder: Path) -> Callable[[Sequence[str]], list[str]]:
    """What answers texts."""
    model = load_model(folder)
    return lambda texts: [answer.label for answer in model.predict(texts)]
