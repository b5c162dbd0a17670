"""SetFit on multilingual-e5-small (`training/e5_small.py`): pairs of sentences pull the encoder, then a logistic head.

SetFit is made for a handful of rows a label; on thousands its pairs are drawn, and `steps` says how many batches of
them. Word embeddings are frozen: they are four fifths of the weights, and Adam would spend its time on words that no
text has.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.folds import Ints, Labels
from triage.classify.layout import TITLE_END

BATCH = 16
TOKENS = 128


def fit(texts: Sequence[str], labels: Labels, groups: Ints, folder: Path, steps: int = 60) -> None:
    """Tune the body on `steps` batches of pairs, fit the head on all rows, and write both."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["DO_NOT_TRACK"] = "1"
    from datasets import Dataset, disable_progress_bars
    from setfit import SetFitModel, Trainer, TrainingArguments

    from training.e5_small import build_encoder

    disable_progress_bars()
    names = np.unique(labels)
    with tempfile.TemporaryDirectory() as scratch:
        body = build_encoder(Path(scratch) / "e5")
        body.max_seq_length = TOKENS
        body[0].auto_model.embeddings.word_embeddings.weight.requires_grad_(False)
        model = SetFitModel(model_body=body, model_head=LogisticRegression(max_iter=1000), labels=names.tolist())
        rows = Dataset.from_dict({"text": _queries(texts), "label": np.searchsorted(names, labels).tolist()})
        arguments = TrainingArguments(
            output_dir=str(Path(scratch) / "runs"), batch_size=BATCH, max_steps=steps, save_strategy="no",
            report_to="none", show_progress_bar=False, seed=0,
        )  # fmt: skip
        Trainer(model=model, args=arguments, train_dataset=rows).train()
        model.save_pretrained(str(folder))


def load(folder: Path) -> Callable[[Sequence[str]], list[str]]:
    """What answers texts."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from setfit import SetFitModel

    model = SetFitModel.from_pretrained(str(folder), local_files_only=True)
    model.model_body.max_seq_length = TOKENS
    return lambda texts: [str(label) for label in model.predict(_queries(texts), show_progress_bar=False)]


def _queries(texts: Sequence[str]) -> list[str]:
    """As e5 was trained, title and text with a blank between."""
    return [f"query: {text.replace(TITLE_END, ' ')[:2000]}" for text in texts]
