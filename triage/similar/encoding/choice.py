"""Which encoder a setting means."""

from __future__ import annotations

from pathlib import Path

from triage.language.word_table import TOKENIZER, WEIGHTS, WordTable
from triage.similar.encoding.encoder import Encoder
from triage.similar.encoding.sentences import SentenceEncoder
from triage.similar.encoding.town import TownEncoder


def encoder_from(setting: str, cache: Path | None = None) -> Encoder:
    """The encoder that a setting names.

    A folder with a static table (as `triage train --target encoder` writes it) is another table; every other folder
    or name is a model of sentence-transformers, its vectors kept in `cache`. ModelFault where it is not there.
    """
    folder = Path(setting)
    if _is_table(folder):
        return TownEncoder(WordTable.read(folder))
    return SentenceEncoder(setting, cache=cache)


def _is_table(folder: Path) -> bool:
    """A static table has nothing but its two files; a transformer has a config.json for its layers."""
    return all((folder / name).is_file() for name in (WEIGHTS, TOKENIZER)) and not (folder / "config.json").exists()
