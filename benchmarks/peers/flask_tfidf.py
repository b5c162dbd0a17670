"""A Flask server around pickled TF-IDF and logistic regression, as Amsterdam's Signalen classification serves.

Two models, one for the main and one for the sub category, each a pipeline of its own over words 1-2, loaded from
pickles; every request asks both for the best labels with their probabilities. Chinese needs a cutter, so jieba stands
where Signalen has its Dutch stemmer. It answers categories only: no unit, no dispatch, no times, no reasons.

`python -m benchmarks.peers.flask_tfidf --port 8101`
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jieba
import joblib
from flask import Flask, request
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.texts import written_examples

jieba.setLogLevel(logging.WARNING)
BEST = 5


def cut(text: str) -> list[str]:
    """Words by jieba; its own function belongs to an object with a lock, which cannot be pickled."""
    words: list[str] = jieba.lcut(text)
    return words


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps the connection, as uwsgi behind a proxy and uvicorn do

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the other servers do not log requests either."""


def fit_pickles(folder: Path, examples: Sequence[tuple[str, str, str]]) -> None:
    """Fit and pickle both models on (text, sub category, main category)."""
    texts = [text for text, _, _ in examples]
    for name, labels in (("sub", [row[1] for row in examples]), ("main", [row[2] for row in examples])):
        words = TfidfVectorizer(tokenizer=cut, token_pattern=None, ngram_range=(1, 2))
        model = Pipeline([("words", words), ("linear", LogisticRegression(max_iter=300))]).fit(texts, labels)
        joblib.dump(model, folder / f"{name}_model.pkl")


def create_app(folder: Path) -> Flask:
    """The application around the pickles in a folder."""
    app = Flask(__name__)
    models = {name: joblib.load(folder / f"{name}_model.pkl") for name in ("main", "sub")}

    @app.post("/predict")
    def predict() -> dict[str, Any]:
        text = request.get_json()["text"]
        return {name: _best(model, text) for name, model in models.items()}

    return app


def _best(model: Pipeline, text: str) -> list[dict[str, Any]]:
    chances = model.predict_proba([text])[0]
    order = chances.argsort()[::-1][:BEST]
    return [{"label": str(model.classes_[index]), "confidence": float(chances[index])} for index in order]


def main() -> None:
    """Fit, then serve on a loopback port until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8101)
    port = parser.parse_args().port
    with tempfile.TemporaryDirectory() as folder:
        fit_pickles(Path(folder), written_examples())
        app = create_app(Path(folder))
    server = make_server("127.0.0.1", port, app, threaded=False, request_handler=_Quiet)
    print(f"ready: http://127.0.0.1:{port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
