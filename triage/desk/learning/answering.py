"""The model that answers in this process: it follows the promotions that the ledger has, while requests go on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, RLock

from triage.classify.model import Model
from triage.desk.learning.background import Background
from triage.desk.learning.champion import Promotion, in_force, promotions
from triage.desk.learning.tightening import kept_tightenings, tightened
from triage.domain.errors import TriageError
from triage.records.database import Database

EVERY = 1.0
"""Seconds between two looks at the ledger: one question that an index answers."""

_AGAIN = 30
"""So many looks later a promoted model that could not be had is tried once more: its folder may come late."""

log = logging.getLogger("triage.models")


@dataclass(frozen=True, slots=True)
class Answer:
    """The model that answers since a place in the ledger; `digest` is that of its manifest, None where no promotion is
    behind it. `faults` say why a promoted one does not answer; `tightenings` is how many there were of promises."""

    model: Model
    seq: int
    digest: str | None
    faults: tuple[str, ...] = ()
    tightenings: int = 0


class Answering:
    """Holds the model that answers: the latest promotion in force whose folder is the one that was promoted, else the
    one that `ground` gives.

    `take` loads a promoted model, an error where it is not what was promoted; `warm` uses a new one once before anybody
    waits for it. A request takes `model` once and keeps it to its end: changing it is changing one reference. Without a
    database the ground answers. Safe for several threads.
    """

    def __init__(
        self,
        ground: Callable[[], Model],
        take: Callable[[Promotion], Model],
        warm: Callable[[Model], None],
        database: Database | None = None,
        *,
        promoted: bool = True,
    ) -> None:
        self._ground = ground
        self._take = take
        self._warm = warm
        self._database = database
        self._promoted = promoted
        self._lock = RLock()
        self._answer: Answer | None = None
        self._looks = 0
        self._said: set[str] = set()
        self._background = Background("models", self._follow)

    @property
    def model(self) -> Model:
        """The model that answers now; LedgerFault where the first look at the ledger fails."""
        return self.now.model

    @property
    def now(self) -> Answer:
        """The model that answers now, and why a promoted one does not."""
        found = self._answer
        if found is None:
            self.look()
            found = self._answer
            assert found is not None
        return found

    def look(self) -> None:
        """Take the model that the ledger names, if it is another one than before."""
        with self._lock:
            before = self._answer
            if self._database is None:
                self._answer = before or Answer(self._ground(), 0, None)
                return
            with self._database.reading() as connection:
                history = promotions(connection) if self._promoted else []
                narrowed = kept_tightenings(connection)
            seq = history[-1].seq if history else 0
            known = None if before is None else (before.seq, before.tightenings)
            if before is None or known != (seq, len(narrowed)) or self._is_worth_another_try(before):
                found = self._found(in_force(history), seq, before)
                self._answer = replace(found, model=tightened(found.model, narrowed), tightenings=len(narrowed))

    def start(self) -> None:
        """Look again and again, in a thread of its own, until `stop`."""
        if self._database is not None:
            self._background.start()

    def stop(self) -> None:
        """Look no more."""
        self._background.stop()

    def _follow(self, ended: Event) -> None:
        while not ended.wait(EVERY):
            try:
                self.look()
            except Exception as error:  # whatever it is, the model that answers goes on answering
                self._say(f"the ledger's promotions cannot be followed just now ({type(error).__name__})")

    def _is_worth_another_try(self, before: Answer) -> bool:
        self._looks += 1
        return bool(before.faults) and self._looks % _AGAIN == 0

    def _found(self, standing: list[Promotion], seq: int, before: Answer | None) -> Answer:
        faults: list[str] = []
        for one in standing:
            if before is not None and before.digest == one.digest:
                return Answer(before.model, seq, one.digest, tuple(faults))
            try:
                model = self._take(one)
                self._warm(model)
            except Exception as error:  # a file of another machine's making may fail in any way when it is loaded
                why = str(error) if isinstance(error, TriageError) else type(error).__name__
                faults.append(f"{one.name} {one.version} was promoted and does not answer: {why}")
                self._say(faults[-1])
            else:
                return Answer(model, seq, one.digest, tuple(faults))
        ground = before.model if before is not None and before.digest is None else self._ground()
        return Answer(ground, seq, None, tuple(faults))

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            log.error("%s", what)
