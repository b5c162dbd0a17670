"""What one entry of the ledger is, and how it becomes a link of the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from triage.records.chain import Link
from triage.records.columns import stamp

RECEIVED = "received"
"""The kind of an order's first entry. Its other kinds are those of events, and these:"""
FEEDBACK, ATTACHED, RESULT_SENT = "feedback", "attached", "result_sent"
ISSUES_MERGED, ISSUE_SPLIT = "issues_merged", "issue_split"
CALLER_ERASED = "caller_erased"
PERSON, DUTY = "person", "duty"
SCORED = "score_entry"
MODEL_PROMOTED, PROMISE_TIGHTENED = "model_promoted", "promise_tightened"
LABELS_DOUBTED = "labels_doubted"
RECLASSIFIED, RECLASSIFICATION_UNDONE = "reclassified", "reclassification_undone"

EVERY_POLICY = "*"
"""The policy of an entry that concerns all of them, as the model that answers does; no pack can be called so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is put down: `at` is when it happened, `fields` what is known of it, without personal data;
    `seal` is the hash of the sealed original, where there is one."""

    policy: str
    kind: str
    at: datetime
    fields: Mapping[str, Any]
    recorder: str
    order_id: str | None = None
    event_id: str | None = None
    seal: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry with its place in the ledger."""

    seq: int
    recorded_at: datetime
    entry: Entry


def content_of(entry: Entry, recorded_at: datetime) -> list[Any]:
    """What the chain covers of an entry; of what is sealed the hash of the sealed bytes."""
    return [
        entry.policy,
        entry.order_id,
        entry.kind,
        stamp(entry.at),
        entry.event_id,
        entry.fields,
        entry.seal,
        stamp(recorded_at),
        entry.recorder,
    ]


def kept_from(row: Row[Any]) -> Kept:
    """An entry from its row."""
    entry = Entry(row.policy, row.kind, row.at, row.fields, row.recorder, row.order_id, row.event_id, row.seal)
    return Kept(row.seq, row.recorded_at, entry)


def received_fields(entries: Iterable[Kept]) -> Mapping[str, Any]:
    """What an order's first entry says of it."""
    return next(kept.entry.fields for kept in entries if kept.entry.kind == RECEIVED)


def link_from(row: Row[Any]) -> Link:
    """A row as the chain sees it."""
    kept = kept_from(row)
    return Link(kept.seq, content_of(kept.entry, kept.recorded_at), row.hash)
