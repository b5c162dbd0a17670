"""A tuned word table as a folder: the files of the table it came from, with other vectors and a card of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from triage.domain.errors import ModelFault
from triage.domain.folders import write_folder
from triage.language.word_table import TOKENIZER, WEIGHTS

FIGURES = "tuning.json"
_COPIED = (TOKENIZER, "modules.json", "config_sentence_transformers.json")
_OWN = {WEIGHTS, "card.md", FIGURES, *_COPIED}


def refuse_other_files(folder: Path) -> None:
    """Only a new folder, an empty one or one with a tuned table is written to; asked before anything is learnt."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelFault(f"{folder} is a file; a word table is a folder")
    found = {path.name for path in folder.iterdir()}
    others = found - _OWN if FIGURES in found else found
    if others:
        shown = ", ".join(sorted(others)[:5])
        raise ModelFault(f"{folder} holds other files ({shown}); name a new folder or one that holds a tuned table")


def write_table(folder: Path, base: Path, vectors: npt.NDArray[np.float16], further: Mapping[str, bytes]) -> None:
    """Write the folder whole or not at all."""
    refuse_other_files(folder)
    try:
        copied = {name: (base / name).read_bytes() for name in _COPIED}
        write_folder(folder, {**copied, WEIGHTS: save({"embedding.weight": vectors}), **further})
    except OSError as error:
        raise ModelFault(f"word table {folder} cannot be written: {error.strerror}") from None


def tuned_card(facts: Mapping[str, Any], rows: int, width: int) -> str:
    """The card of a table tuned by `triage train --target encoder`."""
    names = facts["before"]
    lines = "\n".join(f"| {name} | {facts['before'][name]:.4f} | {facts['after'][name]:.4f} |" for name in names)
    gained = "" if facts["gain"] else "\n**Nothing was gained: the rows are those of the table it came from.**\n"
    return _CARD.format(rows=rows, width=width, lines=lines, gained=gained, facts=facts)


_CARD = """# A tuned word table

{rows:,} rows of {width} numbers in 16 bits, read like the table it came from (SHA-256 of its words and rows:
{facts[base]}).
{gained}
| on {facts[rows][test]} rows held out | before | after |
|---|---|---|
{lines}

- Learnt from {facts[rows][learn]} rows with title and body, stopped by {facts[rows][stop]} others; near copies and
  the rows of one issue on one side. Seed {facts[seed]}. SHA-256 of the file: {facts[data_sha256]}.
- {facts[moved][rows]:,} rows moved; the median cosine of what they were and what they are is
  {facts[moved][median_cosine]:.3f}.
- Telephone, identity and bank numbers, plates, door numbers and names were redacted before anything was learnt. The
  words are those of the table, so that no word of the file is in it; which of them a town uses together is.
- It says what is alike, and decides nothing.
"""
