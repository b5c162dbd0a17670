"""Which model answers: promotions and their undoing, put down in the ledger's chain, where they cannot be rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.classify.shelf import ModelShelf, ShelvedModel
from triage.desk.learning.verdict import verdict_of
from triage.desk.orders.wording import without_personal
from triage.domain.errors import BadInput, Conflict, ModelFault, Problem
from triage.domain.people import Actor
from triage.records.activity import entries_of_kind
from triage.records.entries import EVERY_POLICY, MODEL_PROMOTED, Entry, Kept
from triage.records.ledger import Ledger, Turn

LONGEST_WHY = 2_000


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model that was let answer from `at` on: by whom, why, and on which figures.

    `digest` is the SHA-256 of its manifest; `undoes` is the place of the promotion that was rolled back with it.
    """

    seq: int
    at: datetime
    name: str
    version: str
    digest: str
    by: str
    why: str
    measured: Mapping[str, Any]
    undoes: int | None = None


def promotions(connection: Connection) -> list[Promotion]:
    """All promotions and their undoing, in the order of the ledger."""
    return [_promotion(kept) for kept in entries_of_kind(connection, EVERY_POLICY, MODEL_PROMOTED)]


def in_force(history: Sequence[Promotion]) -> list[Promotion]:
    """The promotions that were not undone, the latest first: the first one's model answers, the others wait below it.

    >>> now = datetime(2026, 3, 2)
    >>> first, second = (Promotion(seq, now, "town", str(seq), "", "", "", {}) for seq in (1, 2))
    >>> back = Promotion(3, now, "town", "1", "", "", "", {}, undoes=2)
    >>> [one.seq for one in in_force([first, second, back])]
    [1]
    """
    standing: list[Promotion] = []
    for one in history:
        if one.undoes is None:
            standing.insert(0, one)
        else:
            standing = [other for other in standing if other.seq != one.undoes]
    return standing


def promote(
    name: str,
    version: str,
    why: str,
    *,
    shelf: ModelShelf,
    ledger: Ledger,
    by: Actor,
    try_on: Callable[[ShelvedModel], object],
) -> Promotion:
    """Let a model answer from now on; the one that answers already stays, and nothing is put down.

    `try_on` loads a model as it will be served, ModelFault where that cannot be. NotFound where no such model is at
    hand, BadInput without a reason why, Conflict with every reason where the gate refused it or never saw it, where it
    was held against another model than the one that answers now, or where it cannot be served.
    """
    why = _reason_given(why)
    model = shelf.get_or_raise(name, version)
    reasons = list(_unservable(model, try_on))
    with ledger.turn() as turn:
        standing = in_force(promotions(turn.connection))
        if standing and standing[0].digest == model.digest:
            return standing[0]
        reasons += _refused(model, standing, shelf)
        if reasons:
            raise Conflict(f"{name} {version} is not promoted", reasons)
        verdict = verdict_of(model)
        measured = {} if verdict is None else verdict.measured
        turn.audit(by.id, by.role, "promote model", f"{model.name} {model.version}")
        return _put_down(turn, model, why, by, measured, undoes=None)


def roll_back(
    why: str, *, shelf: ModelShelf, ledger: Ledger, by: Actor, try_on: Callable[[ShelvedModel], object]
) -> Promotion:
    """Let the model answer again that answered before the latest promotion; after the first, the one that ships.

    BadInput without a reason why, Conflict where no promotion is in force or the model before cannot be served.
    """
    why = _reason_given(why)
    with ledger.database.reading() as connection:
        before = in_force(promotions(connection))
    if not before:
        raise Conflict("nothing is rolled back", [Problem((), "no promotion is in force")])
    model, measured = _below(before, shelf)
    unservable = list(_unservable(model, try_on))
    if unservable:
        raise Conflict("nothing is rolled back", unservable)
    with ledger.turn() as turn:
        standing = in_force(promotions(turn.connection))
        if standing != before:
            raise Conflict("nothing is rolled back", [Problem((), "somebody promoted or rolled back meanwhile")])
        turn.audit(by.id, by.role, "roll back model", f"{standing[0].name} {standing[0].version}")
        return _put_down(turn, model, why, by, measured, undoes=standing[0].seq)


def _below(standing: Sequence[Promotion], shelf: ModelShelf) -> tuple[ShelvedModel, Mapping[str, Any]]:
    """The model under the one that answers, and what was measured of it."""
    if len(standing) == 1:
        return shelf.unpromoted(), {}
    below = standing[1]
    try:
        model = shelf.get_or_raise(below.name, below.version)
    except BadInput as error:
        raise Conflict("nothing is rolled back", error.problems) from None
    if model.digest != below.digest:
        fault = f"{below.name} {below.version} is not the model that was promoted (the SHA-256 of its manifest differs)"
        raise Conflict("nothing is rolled back", [Problem(("version",), fault)])
    return model, below.measured


def _reason_given(why: str) -> str:
    """Why, without personal data; BadInput where it is blank or longer than anybody reads."""
    if not why.strip() or len(why) > LONGEST_WHY:
        fault = f"must say why in 1 to {LONGEST_WHY} characters, not {len(why.strip())}"
        raise BadInput("promotion", [Problem(("why",), fault)])
    return without_personal(why.strip())


def _unservable(model: ShelvedModel, try_on: Callable[[ShelvedModel], object]) -> Iterator[Problem]:
    try:
        try_on(model)
    except ModelFault as error:
        yield Problem(("version",), str(error))


def _refused(model: ShelvedModel, standing: Sequence[Promotion], shelf: ModelShelf) -> Iterator[Problem]:
    """What keeps a model from answering: its report at the gate, or that it has none that still says anything."""
    verdict = verdict_of(model)
    if verdict is None:
        yield Problem(("gate", "unseen"), "the gate never saw it; `triage retrain` makes models and asks the gate")
        return
    yield from (Problem(("gate", reason.id), reason.because) for reason in verdict.reasons)
    champion = standing[0] if standing else shelf.unpromoted()
    if verdict.against["digest"] != champion.digest:
        held = f"{verdict.against['name']} {verdict.against['version']}"
        fault = f"was held against {held}, but {champion.name} {champion.version} answers now; `triage retrain` again"
        yield Problem(("gate", "other_champion"), fault)


def _put_down(
    turn: Turn, model: ShelvedModel, why: str, by: Actor, measured: Mapping[str, Any], *, undoes: int | None
) -> Promotion:
    told = {"name": model.name, "version": model.version, "manifest": model.digest, "why": why}
    fields = {**told, "measured": dict(measured), "undoes": undoes}
    return _promotion(turn.add(Entry(EVERY_POLICY, MODEL_PROMOTED, turn.now, fields, by.id)))


def _promotion(kept: Kept) -> Promotion:
    entry, fields = kept.entry, kept.entry.fields
    return Promotion(
        seq=kept.seq,
        at=entry.at,
        name=fields["name"],
        version=fields["version"],
        digest=fields["manifest"],
        by=entry.recorder,
        why=fields["why"],
        measured=fields["measured"],
        undoes=fields["undoes"],
    )
