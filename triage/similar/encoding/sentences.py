"""Heavier encoders through sentence-transformers, which is imported when a text is to be encoded and not before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from triage.domain.errors import ModelFault
from triage.similar.encoding.encoder import Floats, State, unit
from triage.similar.encoding.shards import Shards
from triage.similar.encoding.vector_cache import VectorCache

REMEMBERED = 50_000
_LONGEST = 2_000
_FILES = {".safetensors", ".bin", ".json", ".txt", ".model"}


class SentenceEncoder:
    """A model of sentence-transformers from a folder, or by name from the hub's cache on this machine.

    Nothing is ever downloaded. `prompt` goes before every text, as "query: " for multilingual-e5. Vectors are
    remembered by the model's and the text's digests, in memory and, given `cache`, in that folder (`flush` writes what
    is left). Texts go through one at a time unless `at_once` is raised: in a batch a vector's last bits hang on what
    stands beside it. Of a text the first 2,000 characters are read. ModelFault says what is missing.

    >>> SentenceEncoder("./no-such-model")
    Traceback (most recent call last):
    triage.domain.errors.ModelFault: encoder ./no-such-model: there is no such folder
    """

    def __init__(
        self,
        name: str | Path,
        *,
        revision: str | None = None,
        prompt: str = "",
        cache: Path | None = None,
        remembered: int = REMEMBERED,
        at_once: int = 1,
    ) -> None:
        self._name = str(name)
        self._revision = revision
        self._prompt = prompt
        self._at_once = at_once
        self._refuse_what_is_not_there()
        shards = Shards(cache / self.model[:16]) if cache is not None else None
        self._cache = VectorCache(remembered, shards)

    @property
    def width(self) -> int:
        """How many numbers a vector has; loads the model."""
        return int(self._loaded.get_embedding_dimension())

    @cached_property
    def model(self) -> str:
        """SHA-256 of the folder's files, or of name and revision, with the prompt."""
        files = _digest_of(Path(self._name)) if self._is_folder else f"{self._name}@{self._revision or 'main'}"
        return sha256(f"{files} {self._prompt}".encode()).hexdigest()

    @property
    def digest(self) -> str:
        """The same: nothing is learnt."""
        return self.model

    def encode(self, texts: Sequence[str]) -> Floats:
        """A row for each text, shape (texts, width); zeros for blank ones."""
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        return self._cache.through([text[:_LONGEST].strip() for text in texts], self._encoded)

    def encode_and_learn(self, texts: Sequence[str]) -> Floats:
        """The same."""
        return self.encode(texts)

    def state(self) -> State:
        """Nothing."""
        return {}

    def restore(self, state: State) -> None:
        """Takes an empty state only."""
        if state:
            raise ModelFault(f"encoder {self._name}: never learns, so it cannot take up {sorted(state)}")

    def flush(self) -> None:
        """Write the vectors that are not in the folder yet."""
        self._cache.flush()

    @property
    def _is_folder(self) -> bool:
        return Path(self._name).is_dir()

    def _refuse_what_is_not_there(self) -> None:
        if self._name.startswith((".", "/", "~")) and not self._is_folder:
            raise ModelFault(f"encoder {self._name}: there is no such folder")
        if find_spec("sentence_transformers") is None:
            raise ModelFault(
                f"encoder {self._name}: needs sentence-transformers, which is not installed; "
                "pip install 'hotline-triage[embeddings]'"
            )

    def _encoded(self, texts: Sequence[str]) -> Floats:
        given = [self._prompt + text for text in texts]
        vectors = self._loaded.encode(given, batch_size=self._at_once, show_progress_bar=False)
        known = np.array([bool(text) for text in texts])
        return unit(np.where(known[:, None], vectors, 0).astype(np.float32))

    @cached_property
    def _loaded(self) -> Any:
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(self._name, device="cpu", revision=self._revision, local_files_only=True)
        except Exception as error:  # it raises whatever the parts of a model raise
            where = "the folder" if self._is_folder else "this machine's cache of the hub (nothing is downloaded)"
            first = str(error).partition("\n")[0][:200]
            raise ModelFault(f"encoder {self._name}: cannot be loaded from {where}: {first}") from None


def _digest_of(folder: Path) -> str:
    """SHA-256 of the names and contents of a model's files, read a piece at a time."""
    found = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _FILES and path.is_file()):
        found.update(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while piece := file.read(2**20):
                found.update(piece)
    return found.hexdigest()
