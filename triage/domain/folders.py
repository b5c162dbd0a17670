"""Folders that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of these files, named with slashes; what was there before goes. OSError leaves it as it was.

    It is filled beside its place and moved there at the end, so that whoever is killed leaves no half of it.
    """
    folder = folder.resolve()
    beside = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        for name, content in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _replace(new: Path, folder: Path) -> None:
    """Put the new folder in the old one's place; where that fails the old one stands there again."""
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
