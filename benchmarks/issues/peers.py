"""Other ways to group the same messages, from vectors of all of them at once."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from benchmarks.issues.system import Message
from triage.language.clean import clean
from triage.language.segment import Segmenter
from triage.similar.encoding.encoder import Floats, unit

THRESHOLDS = tuple(np.arange(0.2, 0.8, 0.025).round(3).tolist())
"""Average cosine distances within a group."""

_SCRIPT = Path(__file__).with_name("topics.py")
_TIME_LIMIT = 1_800


class Grouped(NamedTuple):
    """What a peer found: a number for each message, -1 for none, and the seconds it took, its vectors apart."""

    name: str
    numbers: list[int]
    wall: float
    cpu: float


def tfidf_vectors(messages: Sequence[Message], width: int = 256) -> Floats:
    """Words of title (twice) and text, TF-IDF, to `width` numbers (latent semantic analysis)."""
    from sklearn.decomposition import TruncatedSVD  # slow to import, only needed here
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [clean(f"{one.title}\n{one.title}\n{one.text}").text for one in messages]
    words = TfidfVectorizer(analyzer=Segmenter().words, sublinear_tf=True, min_df=2, dtype=np.float32)
    return unit(TruncatedSVD(width, random_state=0).fit_transform(words.fit_transform(texts)).astype(np.float32))


def hdbscan(vectors: Floats, smallest: int) -> Grouped:
    """scikit-learn's HDBSCAN on vectors of length 1, so that Euclidean distance orders pairs as the cosine does."""
    from sklearn.cluster import HDBSCAN

    return _clocked(
        f"HDBSCAN, min_cluster_size={smallest}",
        lambda: HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(vectors).tolist(),
    )


def average_linkage(vectors: Floats, score: Callable[[list[int]], float]) -> Grouped:
    """Average linkage by the cosine, cut where `score` is best; the seconds are those of one cut."""
    distances = np.clip(1 - (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)], 0, 2)
    grown = _clocked("", lambda: linkage(distances, "average"))
    cuts = {at: fcluster(grown.numbers, at, "distance").tolist() for at in THRESHOLDS}
    best = max(cuts, key=lambda at: score(cuts[at]))
    return Grouped(f"average linkage, cut at {best}", cuts[best], grown.wall, grown.cpu)


def bertopic(python: str, vectors: Floats, messages: Sequence[Message], smallest: int) -> Grouped:
    """BERTopic in a process of its own; CalledProcessError where that Python has none."""
    segmenter = Segmenter()
    documents = [" ".join(segmenter.words(clean(one.title).text)) for one in messages]
    with TemporaryDirectory() as folder:
        given, told, out = (Path(folder) / name for name in ("vectors.npy", "documents.json", "out.json"))
        np.save(given, vectors)
        told.write_text(json.dumps(documents), encoding="utf-8")
        command = [python, "-P", str(_SCRIPT), *map(str, (given, told, out, smallest))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=_TIME_LIMIT)
        found = json.loads(out.read_text(encoding="utf-8"))
    return Grouped(f"BERTopic, min_topic_size={smallest}", found["topics"], found["wall_s"], found["cpu_s"])


def each_alone(numbers: Sequence[int], messages: Sequence[Message]) -> dict[str, object]:
    """The group of each message by its id; what a peer put into none is alone."""
    return {one.id: one.id if number < 0 else number for one, number in zip(messages, numbers, strict=True)}


def _clocked(name: str, work: Callable[[], list[int]]) -> Grouped:
    wall, cpu = time.perf_counter(), time.process_time()
    numbers = work()
    return Grouped(name, numbers, time.perf_counter() - wall, time.process_time() - cpu)


def peers(
    messages: Sequence[Message], titles: Floats, score: Callable[[list[int]], float], python: str | None
) -> Iterator[tuple[str, Grouped]]:
    """Every peer with the vectors it had."""
    for name, vectors in (("titles", titles), ("TF-IDF + SVD", tfidf_vectors(messages))):
        for smallest in (5, 3):
            yield name, hdbscan(vectors, smallest)
        yield name, average_linkage(vectors, score)
    for smallest in (10, 3) if python else ():
        yield "titles", bertopic(str(python), titles, messages, smallest)
