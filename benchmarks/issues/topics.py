"""BERTopic on vectors made elsewhere, so that it needs no download; everything else at its defaults, UMAP's seed fixed.

Run by a Python that has bertopic and nothing of this project:
`PYTHON topics.py VECTORS.npy DOCUMENTS.json OUT.json SMALLEST`.
Grootendorst: BERTopic: Neural topic modeling with a class-based TF-IDF procedure, arXiv 2203.05794.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np


def topics(vectors: Any, documents: list[str], smallest: int) -> list[int]:
    """The topic of each document, -1 for none."""
    # UMAP as BERTopic sets it up itself (version 0.17), but for the seed.
    umap = import_module("umap").UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=0)
    model = import_module("bertopic").BERTopic(umap_model=umap, min_topic_size=smallest)
    found, _ = model.fit_transform(documents, embeddings=vectors)
    return [int(topic) for topic in found]


def main() -> None:
    """Fit and write what was found, with wall and CPU seconds from the start of the process."""
    vectors, documents, out = map(Path, sys.argv[1:4])
    begin = time.perf_counter()
    found = topics(np.load(vectors), json.loads(documents.read_text(encoding="utf-8")), int(sys.argv[4]))
    seconds = {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time()}
    out.write_text(json.dumps({"topics": found, **seconds}), encoding="utf-8")


if __name__ == "__main__":
    main()
