"""What was asked of `triage reclassify`, checked as a whole, and what does it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.parallel import cores
from training.reclassify.engines import Engine, LocalEngine
from training.reclassify.ledger_rows import CATEGORY, LedgerOrders, batch_id, changes_of, place_of
from training.reclassify.partition import Partition
from training.reclassify.run import Say, reclassify
from training.reclassify.sources import Files, Source
from training.reclassify.summary import Meaning
from training.reclassify.wanted import Wanted
from triage.bootstrap import Service
from triage.classify.store import digest, manifest_bytes, read_manifest
from triage.desk.candidates import leads_of
from triage.desk.reclassified import Batch, apply_changes, undo_batch
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.ledger import Ledger


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    model: Path | None = None
    out: Path | None = None
    data: Path | None = None
    spark: bool = False
    label: str | None = None
    policy: str | None = None
    database: str | None = None
    every: bool = False
    apply: bool = False
    auto_only: bool = False
    why: str = ""
    undo: str | None = None
    workers: int | None = None
    master: str = "local[2]"
    spark_conf: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelFolder:
    """A model that is known and not loaded yet: its manifest, and the SHA-256 of it."""

    folder: Path
    manifest: Mapping[str, Any]
    sealed: str

    @property
    def told(self) -> dict[str, str]:
        """What a run says of it."""
        return {"name": self.manifest["name"], "version": self.manifest["version"], "manifest_sha256": self.sealed}

    @property
    def labels(self) -> list[str]:
        """What it may answer."""
        return list(self.manifest["tasks"][self.manifest["primary"]]["labels"])


def run_asked(asked: Asked, service: Service, say: Say) -> dict[str, Any]:
    """Do what was asked; what is printed. BadInput with everything that does not go together."""
    _refuse_faults(asked)
    if asked.undo is not None:
        return _undo(asked, service, say)
    model = _model(asked.model)
    if asked.database is None:
        return _of_files(asked, model, service, say)
    return _of_ledger(asked, model, service, say)


def _of_files(asked: Asked, model: ModelFolder, service: Service, say: Say) -> dict[str, Any]:
    assert asked.data is not None and asked.out is not None
    if asked.out.resolve().is_relative_to(asked.data.resolve()):
        raise BadInput("reclassify", [Problem(("--out",), "lies in the folder of the data, and would be read as such")])
    text = model.manifest.get("text_columns")
    source = Files(asked.data, Wanted(text, asked.label))
    return _run(asked, model, source, {"label": asked.label, "text": text}, service, say)


def _of_ledger(asked: Asked, model: ModelFolder, service: Service, say: Say) -> dict[str, Any]:
    assert asked.policy is not None and asked.out is not None
    strangers = sorted(set(model.labels) - service.taxonomy.ids)
    if strangers:
        shown = ", ".join(strangers[:5])
        raise BadInput("--model", [Problem((), f"answers what is no category of orders: {shown}")])
    with _ledger(asked, service) as ledger:
        until = place_of(asked.out, ledger)
        source = LedgerOrders(ledger, asked.policy, until, closed_too=asked.every)
        summary = _run(asked, model, source, {"label": CATEGORY, "text": None}, service, say)
        batch = Batch(
            id=batch_id({name: summary[name] for name in ("model", "source", "policy")}),
            policy=asked.policy,
            model=summary["model"]["name"],
            version=summary["model"]["version"],
            digest=summary["model"]["manifest_sha256"],
            why=asked.why,
            closed_too=asked.every,
        )
        if not asked.apply:
            return {**summary, "batch": batch.id, "applied": None}
        changes = changes_of(asked.out, summary, auto_only=asked.auto_only)
        done = apply_changes(ledger, batch, changes, _actor(asked), lambda now: say(f"{now} orders looked at"))
        return {**summary, "batch": batch.id, "applied": dict(done)}


def _undo(asked: Asked, service: Service, say: Say) -> dict[str, Any]:
    assert asked.policy is not None and asked.undo is not None
    with _ledger(asked, service) as ledger:
        done = undo_batch(
            ledger, asked.policy, asked.undo, asked.why, _actor(asked), lambda now: say(f"{now} orders put back")
        )
    return {"batch": asked.undo, **asdict(done)}


def _run(
    asked: Asked, model: ModelFolder, source: Source, read_as: dict[str, Any], service: Service, say: Say
) -> dict[str, Any]:
    assert asked.out is not None
    meaning = _meaning(asked, model, service)
    bound = {"model": model.told, **read_as, "policy": asked.policy}
    with _engine(asked, Partition(model.folder, model.sealed)) as engine:
        return reclassify(source, engine, asked.out, bound, meaning, say, time.monotonic)


def _meaning(asked: Asked, model: ModelFolder, service: Service) -> Meaning:
    domains = {one.id: one.domain for one in service.taxonomy.categories.values()}
    if asked.policy is None:
        return Meaning(domains)
    pack = service.town(asked.policy).pack
    return Meaning(domains, lambda label: "、".join(leads_of(pack, label)))


@contextmanager
def _engine(asked: Asked, partition: Partition) -> Iterator[Engine]:
    if not asked.spark:
        yield LocalEngine(partition, asked.workers or cores())
        return
    from training.reclassify.spark import spark_engine, spark_session

    settings = dict(setting.split("=", 1) for setting in asked.spark_conf)
    with spark_session(asked.master, settings) as session, spark_engine(session, partition) as engine:
        yield engine


@contextmanager
def _ledger(asked: Asked, service: Service) -> Iterator[Ledger]:
    assert asked.policy is not None
    service.town(asked.policy)  # a policy that no pack has is told before a database is made
    ledger = service.ledger(service.settings.database_url(asked.database))
    try:
        yield ledger
    finally:
        ledger.database.close()


def _actor(asked: Asked) -> Actor:
    return Actor("reclassify", Role.CENTRE, asked.policy)


def _model(folder: Path | None) -> ModelFolder:
    assert folder is not None
    sealed = digest(manifest_bytes(folder))
    return ModelFolder(folder, read_manifest(folder, sealed), sealed)


def _refuse_faults(asked: Asked) -> None:
    problems = [Problem((option,), fault) for option, fault in _faults(asked)]
    if problems:
        raise BadInput("reclassify", problems)


def _faults(asked: Asked) -> Iterator[tuple[str, str]]:
    of_ledger = asked.database is not None
    if asked.undo is None:
        if (asked.data is None) == (not of_ledger):
            yield "--data", "give either it or --database"
        for option, value in (("--model", asked.model), ("--out", asked.out)):
            if value is None:
                yield option, "is needed"
    elif not of_ledger or asked.data is not None or asked.apply:
        yield "--undo", "goes with --database and --policy, and with neither --data nor --apply"
    if of_ledger and asked.policy is None:
        yield "--policy", "is needed with --database"
    if of_ledger and asked.label is not None:
        yield "--label", "is the category with --database"
    for option, is_given in (("--all", asked.every), ("--apply", asked.apply), ("--auto-only", asked.auto_only)):
        if is_given and not of_ledger:
            yield option, "goes with --database"
    if (asked.apply or asked.undo is not None) and not asked.why.strip():
        yield "--why", "is needed: it is kept in the ledger"
    for setting in asked.spark_conf:
        if "=" not in setting:
            yield "--spark-conf", f"{setting[:80]!r} is not NAME=VALUE"
