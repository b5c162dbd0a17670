"""The few orders a day whose answer would teach most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2

from triage.desk.orders.books import Books
from triage.records.entries import FEEDBACK, RECEIVED, Kept
from triage.records.ledger import entries_after
from triage.records.orders import OrderRow, orders_received

RECENT = timedelta(days=14)
"""Who answers remembers the season; what is older is settled mostly, and its outcome teaches without being asked."""

A_DAY = 5
MOST = 50

OF_ISSUE = 0.25
"""Each doubling of an issue adds this share: one answer tells something of all its orders."""

AGAIN = 0.9
"""What is left of a question after another about the same two categories. Measured with less, or with the number of
orders torn between these two as a factor: what is asked is less uncertain then, and its answer teaches less."""


@dataclass(frozen=True, slots=True)
class Read:
    """An order as it was read when it came: the likeliest categories, best first, and the issue that it belongs to."""

    order_id: str
    issue: str | None
    at: datetime
    likely: tuple[tuple[str, float], ...]

    @property
    def torn(self) -> tuple[str, str]:
        """The two best categories, in the order of their names: between these the model is torn."""
        first, second = sorted(name for name, _ in self.likely[:2])
        return first, second

    @property
    def margin(self) -> float:
        """How far the best is ahead of the second, from 0 to 1."""
        return self.likely[0][1] - self.likely[1][1]


@dataclass(frozen=True, slots=True)
class Question:
    """An order to ask a dispatcher about: `between` are its likeliest categories; `alike` are so many recent orders
    that the answer tells something of, those of its issue `in_issue`; `value` is what it is ranked by."""

    order_id: str
    issue: str | None
    at: datetime
    between: tuple[tuple[str, float], ...]
    margin: float
    in_issue: int
    alike: int
    value: float


def asking(reads: Collection[Read], answered: Collection[str], most: int) -> list[Question]:
    """The orders whose answer would teach most, best first, at most `most`, none of an issue with an answer; pure.

    Uncertainty (the margin of the best two: Settles, Active Learning Literature Survey, 2009, 3.1) counts, more where
    the issue is larger (representativeness, 3.6). No two are of one issue, and each question about the same two
    categories makes the next one about them worth less.

    >>> from triage.domain.moments import SHANGHAI
    >>> at = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    >>> reads = [Read("1", None, at, (("a", 0.5), ("b", 0.4))), Read("2", None, at, (("a", 0.9), ("b", 0.1)))]
    >>> [one.order_id for one in asking(reads, (), 1)]
    ['1']
    """
    torn = [one for one in reads if len(one.likely) > 1]
    settled = {one.issue for one in reads if one.order_id in answered and one.issue is not None}
    issues, pairs = Counter(one.issue for one in torn), Counter(one.torn for one in torn)
    open_ones = [one for one in torn if one.order_id not in answered and one.issue not in settled]
    found = {one.order_id: _question(one, issues, pairs) for one in open_ones}
    return list(_chosen(open_ones, found, most))


def because(question: Question, names: Mapping[str, str]) -> str:
    """Why it is asked, in one sentence; `names` of the categories by id.

    >>> at = datetime(2026, 3, 2)
    >>> question = Question("1", "i", at, (("a", 0.5), ("b", 0.4)), 0.1, 3, 7, 0.3)
    >>> because(question, {"a": "餐饮油烟", "b": "占道经营"})
    '系统在“餐饮油烟”（50%）与“占道经营”（40%）之间难以区分，近期有7件类似工单，其中同一诉求3件，答复一件有助于判断其余。'
    """
    (first, chance), (second, other) = question.between[:2]
    told = (
        f"系统在“{names.get(first, first)}”（{chance:.0%}）与“{names.get(second, second)}”（{other:.0%}）之间难以区分"
    )
    if question.alike < 2:
        return f"{told}，请您判断。"
    of_issue = f"，其中同一诉求{question.in_issue}件" if question.in_issue > 1 else ""
    return f"{told}，近期有{question.alike}件类似工单{of_issue}，答复一件有助于判断其余。"


def questions(books: Books, policy: str, *, until: datetime, most: int = A_DAY) -> list[Question]:
    """The questions of a policy as things stand at `until`, from the orders received lately."""
    books.town(policy)
    with books.ledger.database.reading() as connection:
        rows = {row.id: row for row in orders_received(connection, policy, until - RECENT, until)}
        first = min((row.seq for row in rows.values()), default=0)
        entries: list[Kept] = []
        while rows and (
            part := entries_after(connection, policy, (RECEIVED, FEEDBACK), entries[-1].seq if entries else first - 1)
        ):
            entries += part
    answered = {str(kept.entry.order_id) for kept in entries if kept.entry.kind == FEEDBACK}
    return asking(list(_reads(entries, rows)), answered, most)


def _reads(entries: Sequence[Kept], rows: Mapping[str, OrderRow]) -> Iterator[Read]:
    for kept in entries:
        row = rows.get(str(kept.entry.order_id))
        if row is not None and kept.entry.kind == RECEIVED:
            likely = tuple((str(name), float(chance)) for name, chance in kept.entry.fields.get("likely") or ())
            yield Read(row.id, row.issue, row.received_at, likely)


def _question(read: Read, issues: Counter[str | None], pairs: Counter[tuple[str, str]]) -> Question:
    in_issue = 1 if read.issue is None else issues[read.issue]
    alike = max(in_issue, pairs[read.torn])
    value = (1 - read.margin) * (1 + OF_ISSUE * log2(in_issue))
    return Question(read.order_id, read.issue, read.at, read.likely, read.margin, in_issue, alike, value)


def _chosen(reads: Sequence[Read], found: Mapping[str, Question], most: int) -> Iterator[Question]:
    """One after the other, the best by then; where two are worth the same, the later one, fresh in mind."""
    left = sorted(reads, key=lambda one: (one.at, one.order_id), reverse=True)
    asked: Counter[tuple[str, str]] = Counter()
    for _ in range(min(most, len(left))):
        if not left:
            return
        best = max(left, key=lambda one: found[one.order_id].value * AGAIN ** asked[one.torn])
        asked[best.torn] += 1
        yield found[best.order_id]
        left = [one for one in left if one is not best and (one.issue is None or one.issue != best.issue)]
