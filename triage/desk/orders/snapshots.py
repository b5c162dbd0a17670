"""What a process remembers of a policy's orders, kept as a file, so that a restart need not read a year of them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save
from sqlalchemy import Connection

from triage import __version__
from triage.domain.errors import ModelFault
from triage.records.marks import Mark, mark_at
from triage.records.sealed_files import read_header, read_sealed, write_sealed
from triage.records.vault import CannotOpen, Vault
from triage.similar.memory import Memory
from triage.similar.packed import Later

FORMAT = 1
"""To be raised whenever an order is read, encoded or kept in another way than before."""

EVERY = 1_000
"""So many orders after the last one a snapshot is due: some seconds' reading at a start."""

_LOCK = ".writing"

log = logging.getLogger("triage.snapshots")


class Snapshots:
    """A folder with a sealed file for each policy; one process at a time writes there.

    A file is used only where it fits: this town's secret, this format and version, the same encoder, weights and
    places (`ground` says what a policy's orders are read with), and a place in this very ledger. What does not fit is
    left aside, which is said in the log once, and written over when the next one is due.
    """

    def __init__(
        self, folder: Path, vault: Vault, ground: Callable[[str], Mapping[str, str]], every: int = EVERY
    ) -> None:
        self.every = every
        self._folder = folder
        self._vault = vault
        self._ground = ground
        self._said: set[tuple[str, str]] = set()

    def take_up(self, policy: str, memory: Memory, connection: Connection) -> int:
        """Let a memory take up what is kept; the place in the ledger that it stands at, 0 where nothing is that
        fits: then the memory is as it was."""
        try:
            seq = self._fitting(policy, memory, connection)
            if seq:
                memory.restore(load(read_sealed(self._path(policy), self._vault, _name(policy))))
            return seq
        except (OSError, CannotOpen, SafetensorError, ModelFault) as error:
            self._left_aside(policy, type(error).__name__)
            return 0

    def reached(self, policy: str, memory: Memory, connection: Connection) -> int:
        """The place that the file stands for, as another process may have written it; 0 where it does not fit."""
        try:
            return self._fitting(policy, memory, connection)
        except (OSError, CannotOpen):
            return 0

    def header(self, policy: str, memory: Memory, mark: Mark) -> Mapping[str, Any]:
        """What is to be true wherever a snapshot is used."""
        ground = {**self._ground(policy), **memory.linker.made_of, "version": __version__}
        return {"format": FORMAT, "policy": policy, "seq": mark.seq, "hash": mark.hash, "ground": ground}

    def keep(self, header: Mapping[str, Any], state: Later, is_wanted: Callable[[], bool]) -> bool:
        """Write a snapshot; whether it is there now. It is not where another process is writing, where it is no longer
        wanted once it is ready, or where the folder cannot be written to."""
        policy = header["policy"]
        try:
            with self._alone() as alone:
                return alone and self._kept(header, state, is_wanted)
        except OSError as error:
            self._say(policy, "cannot be written", type(error).__name__)
            return False

    def drop_older(self, policy: str, seq: int) -> None:
        """Delete what was kept before a place in the ledger, as when a person was erased there, or cannot be read."""
        try:
            older = int(read_header(self._path(policy), self._vault, _name(policy))["seq"]) < seq
        except FileNotFoundError:
            return
        except (OSError, CannotOpen):
            older = True
        if older:
            self._path(policy).unlink(missing_ok=True)

    def _kept(self, header: Mapping[str, Any], state: Later, is_wanted: Callable[[], bool]) -> bool:
        path, policy = self._path(header["policy"]), header["policy"]
        for left in self._folder.glob(f".{path.name}.new-*"):  # by a process that was killed
            left.unlink()
        content = save({name: np.ascontiguousarray(array) for name, array in state().items()})
        beside = write_sealed(path, self._vault, _name(policy), header, content)
        try:
            if is_wanted():
                beside.replace(path)
                return True
            return False
        finally:
            beside.unlink(missing_ok=True)

    def _fitting(self, policy: str, memory: Memory, connection: Connection) -> int:
        path = self._path(policy)
        if not path.is_file():
            return 0
        found = dict(read_header(path, self._vault, _name(policy)))
        mark = mark_at(connection, policy, int(found.get("seq") or 0))
        if mark is None or mark.hash != found.get("hash"):
            self._left_aside(policy, "it is of another ledger")
            return 0
        wanted = self.header(policy, memory, mark)
        differing = sorted(key for key in wanted if found.get(key) != wanted[key])
        if differing:
            self._left_aside(policy, f"it was made with another {' and '.join(differing)}")
            return 0
        return mark.seq

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process is writing here."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    def _path(self, policy: str) -> Path:
        return self._folder / f"{policy}.memory"

    def _left_aside(self, policy: str, why: str) -> None:
        self._say(policy, "is left aside and the ledger is read again", why)

    def _say(self, policy: str, what: str, why: str) -> None:
        if (policy, why) not in self._said:
            self._said.add((policy, why))
            log.warning("the snapshot of %s %s: %s", policy, what, why)


def _name(policy: str) -> str:
    return f"snapshot {policy}"
