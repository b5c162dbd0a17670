"""The data sheet: what lessons were drawn from which part of the ledger, in figures and digests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from triage.desk.learning.lessons import Lesson
from triage.desk.learning.reasons import REASONS
from triage.desk.orders.books import Books
from triage.records.tables import ENTRIES


class Head(NamedTuple):
    """The latest link of the ledger's chain when the lessons were drawn."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Sheet:
    """What is known of a set of lessons; nothing personal is in it.

    `counts` are by task, and there by label, reason and month; `weights` are the sums of weights by task. `rows_sha256`
    is the digest of the stored rows. `since` is None where all orders were asked, from the first.
    """

    policy: str
    since: datetime | None
    until: datetime
    ledger: Head
    rows_sha256: str
    orders: int
    issues: int
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    weights: Mapping[str, float]
    doubtful: int | None

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        moments = {"since": None if self.since is None else self.since.isoformat(), "until": self.until.isoformat()}
        return {**asdict(self), **moments, "ledger": self.ledger._asdict()}


def head_of(books: Books) -> Head:
    """Where the ledger stands; `Head(0, "")` for an empty one."""
    seq = books.ledger.head()
    with books.ledger.database.reading() as connection:
        found = connection.execute(select(ENTRIES.c.hash).where(ENTRIES.c.seq == seq)).scalar_one_or_none()
    return Head(seq, found or "")


def sheet_of(
    lessons: Sequence[Lesson],
    policy: str,
    since: datetime | None,
    until: datetime,
    *,
    ledger: Head,
    rows_sha256: str,
    doubtful: int | None,
) -> Sheet:
    """The sheet of these lessons."""
    by_task = {task: [one for one in lessons if one.task == task] for task in sorted({one.task for one in lessons})}
    return Sheet(
        policy=policy,
        since=since,
        until=until,
        ledger=ledger,
        rows_sha256=rows_sha256,
        orders=len({one.order_id for one in lessons}),
        issues=len({one.issue for one in lessons if one.issue is not None}),
        counts={task: _counts(of_task) for task, of_task in by_task.items()},
        weights={task: round(sum(one.weight for one in of_task), 4) for task, of_task in by_task.items()},
        doubtful=doubtful,
    )


def as_page(sheet: Sheet) -> str:
    """The sheet as a page to read."""
    doubtful = "not looked for (cleanlab, of the extra `training`, is not installed)"
    lines = [
        f"# Lessons of {sheet.policy}",
        "",
        f"- Orders received {'until' if sheet.since is None else f'from {sheet.since:%Y-%m-%d %H:%M} until'} "
        f"{sheet.until:%Y-%m-%d %H:%M}, as things stood then: {sheet.orders} teach something, {sheet.issues} issues.",
        f"- Ledger at entry {sheet.ledger.seq}, hash {sheet.ledger.hash}.",
        f"- SHA-256 of the rows: {sheet.rows_sha256}.",
        f"- Doubtful labels: {doubtful if sheet.doubtful is None else sheet.doubtful}.",
        "- Texts are redacted; whoever asked to be erased is not among them. Labels are what people decided or let "
        "stand, not what was true.",
    ]
    for task, counts in sheet.counts.items():
        lines += ["", f"## {task}", "", f"Weights add up to {sheet.weights[task]:g}."]
        for of_what, found in counts.items():
            lines += [
                "",
                f"| {of_what} | lessons |",
                "|---|---|",
                *(f"| {_named(one)} | {found[one]} |" for one in found),
            ]
    return "\n".join(lines) + "\n"


def _counts(lessons: Sequence[Lesson]) -> dict[str, dict[str, int]]:
    return {
        "label": _counted([one.label for one in lessons]),
        "reason": _counted([name for one in lessons for name in one.why]),
        "month": dict(sorted(Counter(f"{one.at:%Y-%m}" for one in lessons).items())),
    }


def _counted(names: Sequence[str]) -> dict[str, int]:
    """The most frequent first."""
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _named(name: str) -> str:
    return f"{name} ({REASONS[name].weight:g}, {REASONS[name].because})" if name in REASONS else name
