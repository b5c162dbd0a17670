"""What `triage drift` does: looks, says, tightens where it is told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from training.drift.challenger import shadow_reports
from training.drift.files import file_drift
from training.drift.kept import kept_drift, spans_until
from training.drift.look import PER_YEAR
from training.drift.report import Drift, examples_of, told, write_report
from triage.classify.model import Model
from triage.desk.learning.pairs_kept import FILE, KeptPairs
from triage.desk.learning.promise import watch
from triage.desk.learning.tightening import put_down
from triage.desk.orders.books import Books
from triage.domain.people import Actor
from triage.records.activity import rows_of


@dataclass(frozen=True, slots=True)
class Asked:
    """How to look: `per_year` false findings are put up with; `texts` shows the redacted words of examples."""

    per_year: float = PER_YEAR
    since: datetime | None = None
    reference_until: datetime | None = None
    until: datetime | None = None
    out: Path | None = None
    texts: bool = False
    tighten: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What is said, and whether somebody has to look at it."""

    report: Mapping[str, Any]
    alarming: bool


def look_at_ledger(
    books: Books, policy: str, model: Model, asked: Asked, by: Actor, categories: Mapping[str, str]
) -> Told:
    """Drift of a policy's orders, and how the promises of the model that answers stand."""
    until = asked.until or books.now()
    spans = spans_until(until, asked.since, asked.reference_until)
    drift = kept_drift(books, policy, spans, per_year=asked.per_year, categories=categories)
    watched = watch(books, policy, model, until)
    done = put_down(watched.needed, books.ledger, by, seen=watched.seen) if asked.tighten else []
    report = {
        "policy": policy,
        "since": spans.since.isoformat(),
        "until": spans.until.isoformat(),
        "reference": [spans.begin.isoformat(), spans.reference_until.isoformat()],
        **told(drift, _texts(books, drift) if asked.texts else None),
        "promise": {
            "model": {"name": watched.name, "version": watched.version},
            "since": None if watched.since is None else watched.since.isoformat(),
            "standings": [asdict(one) for one in watched.standings],
            "needed": [_plain(asdict(one)) for one in watched.needed],
            "tightened": [_plain(asdict(one)) for one in done],
        },
    }
    return _said(report, drift, asked, alarming=len(done) < len(watched.needed))


def look_at_files(data: Path, reference: Path, model: Path, text: Sequence[str], asked: Asked) -> Told:
    """Drift between two tables."""
    drift = file_drift(data, reference, model, text, per_year=asked.per_year)
    return _said(told(drift), drift, asked, alarming=False)


def look_at_shadow(books: Books, policy: str, models: Path, until: datetime) -> dict[str, Any]:
    """What a challenger said in the champion's shadow, as JSON says it."""
    reports = shadow_reports(KeptPairs(models / FILE), books, policy, until)
    return {"policy": policy, "shadow": [asdict(one) for one in reports]}


def _said(report: Mapping[str, Any], drift: Drift, asked: Asked, *, alarming: bool) -> Told:
    if asked.out is not None:
        files = write_report(asked.out, report, drift)
        report = {**report, "out": [str(asked.out / name) for name in files]}
    return Told(report, alarming or bool(drift.look.findings))


def _texts(books: Books, drift: Drift) -> dict[str, str]:
    with books.ledger.database.reading() as connection:
        rows = rows_of(connection, examples_of(drift))
    return {name: f"{row.title} {row.text}".strip() for name, row in rows.items()}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    at = fields["at"]
    return {**fields, "at": None if at is None else at.isoformat()}
