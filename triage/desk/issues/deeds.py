"""What persons do to issues: merge two, split some orders off one; put down, so that it holds after every restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triage.desk.issues.members import find_issue
from triage.desk.orders.books import Books
from triage.desk.orders.linking import Linking
from triage.desk.orders.wording import without_personal
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor
from triage.records.entries import ISSUE_SPLIT, ISSUES_MERGED, Entry
from triage.records.issues import members_of
from triage.records.ledger import Turn
from triage.records.orders import move_issue, orders_by_id, put_issue

MOST_SPLIT = 1_000


@dataclass(frozen=True)
class Changed:
    """The issue that stays, and the one that went into it or came out of it; `is_new` is false where nothing had to be
    done."""

    issue: str
    other: str
    is_new: bool


def merge_issues(issue: str, other: str, why: str, books: Books, by: Actor) -> Changed:
    """Make two issues one; the one founded first stays. Two that are one already stay as they are.

    NotFound where one of them is not there for this actor, BadInput where they are of two policies.
    """
    with books.ledger.turn() as turn:
        policy, one = find_issue(turn.connection, books, issue, by)
        another, two = find_issue(turn.connection, books, other, by)
        if policy != another:
            raise BadInput("issues", [Problem(("other",), f"is of policy {another}, not {policy}")])
        if one == two:
            return Changed(one, two, is_new=False)
        linking = books.linking(policy)
        linking.follow(turn.connection)
        kept = linking.merge(one, two, turn.now, by.id)
        turn.undo(linking.forget)
        gone = two if kept == one else one
        fields = {"issue": kept, "other": gone, "why": _redacted(why, (one, two), turn, books)}
        _put_down(turn, policy, ISSUES_MERGED, fields, linking, by)
        move_issue(turn.connection, kept, gone)
        turn.audit(by.id, by.role, "merge issues", f"{kept} {gone}")
    return Changed(kept, gone, is_new=True)


def split_issue(issue: str, orders: Sequence[str], why: str, books: Books, by: Actor) -> Changed:
    """Make some orders of an issue one of their own; nothing but a person merges the two again.

    NotFound where the issue is not there for this actor; BadInput names every order that is not in it, or says that all
    or none are named.
    """
    with books.ledger.turn() as turn:
        policy, now = find_issue(turn.connection, books, issue, by)
        linking = books.linking(policy)
        linking.follow(turn.connection)
        named = list(dict.fromkeys(orders))
        new = linking.split(now, named, turn.now, by.id)
        turn.undo(linking.forget)
        fields = {"issue": now, "orders": named, "new": new, "why": _redacted(why, (now,), turn, books)}
        _put_down(turn, policy, ISSUE_SPLIT, fields, linking, by)
        put_issue(turn.connection, named, new)
        turn.audit(by.id, by.role, "split issue", f"{now} {new}")
    return Changed(now, new, is_new=True)


def _redacted(why: str, issues: Sequence[str], turn: Turn, books: Books) -> str:
    """The reason without anything personal: names of the issues' own callers are known, whatever stands around them."""
    members = [member.id for issue in issues for member in members_of(turn.connection, issue)]
    seqs = [order.seq for order in orders_by_id(turn.connection, members).values()]
    for original in books.originals.open(turn.connection, seqs).values():
        caller = original["order"]["caller"] or {}
        if any(said and said in why for said in caller.values()):
            why = without_personal(why, caller)
    return without_personal(why)


def _put_down(turn: Turn, policy: str, kind: str, fields: Mapping[str, Any], linking: Linking, by: Actor) -> None:
    kept = turn.add(Entry(policy=policy, kind=kind, at=turn.now, fields=fields, recorder=by.id))
    linking.reached(kept.seq)
