"""A FastAPI server around a sentence encoder with a linear head, as people build it today.

The encoder is multilingual-e5-small (`training/e5_small.py`), the head a logistic regression on the vectors of the
written examples. It answers categories only: no unit, no dispatch, no times, no reasons.

`python -m benchmarks.peers.fastapi_encoder --port 8102`
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.linear_model import LogisticRegression

from benchmarks.texts import written_examples
from training.e5_small import build_encoder

BEST = 5


class Question(BaseModel):
    """The body of a request."""

    text: str


def fit_head(encoder: Any, texts: Sequence[str], labels: Sequence[str]) -> LogisticRegression:
    """A linear head over the vectors of the texts."""
    return LogisticRegression(C=100.0, max_iter=300).fit(encoder.encode(_queries(texts)), labels)


def create_app(encoder: Any, head: LogisticRegression) -> FastAPI:
    """The application around an encoder and its head."""
    app = FastAPI()

    @app.post("/predict")
    def predict(question: Question) -> dict[str, Any]:
        chances = head.predict_proba(encoder.encode(_queries([question.text]), show_progress_bar=False))[0]
        order = chances.argsort()[::-1][:BEST]
        return {"best": [{"label": str(head.classes_[i]), "confidence": float(chances[i])} for i in order]}

    return app


def _queries(texts: Sequence[str]) -> list[str]:
    """The prefix that e5 was trained with."""
    return [f"query: {text}" for text in texts]


def main() -> None:
    """Fit, then serve on a loopback port until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8102)
    port = parser.parse_args().port
    with tempfile.TemporaryDirectory() as folder:
        encoder = build_encoder(Path(folder))
        # A few examples of each category are enough: the head's cost does not depend on how many it saw.
        examples = written_examples()[::3]
        app = create_app(encoder, fit_head(encoder, [row[0] for row in examples], [row[1] for row in examples]))
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
        _Announcing(config).run()


class _Announcing(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        print(f"ready: http://127.0.0.1:{self.config.port}/", flush=True)


if __name__ == "__main__":
    main()
