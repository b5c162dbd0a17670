"""What is sent and answered around scores. Amounts are exact inside and told to two places, rates to four."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from triage.desk.requests import Moment
from triage.policy.scoring.board import Entry, Figure, PartScore, Scoreboard, TargetScore, UnitScore, rounded


class CountedRead(BaseModel):
    """An order that counts in a figure, wholly (1) or in part, and as what."""

    order_id: str
    credit: float
    label: str


class FigureRead(BaseModel):
    """A rate or a count with the orders counted and those they were counted among; null while a parameter lacks."""

    measure: str
    value: float | None
    counted: list[CountedRead]
    among: list[str]
    missing: list[str]

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """As it is answered."""
        return cls(
            measure=figure.measure,
            value=None if figure.value is None else round(float(figure.value), 4),
            counted=[
                CountedRead(order_id=one.order_id, credit=float(one.credit), label=one.label)
                for one in figure.numerator
            ],
            among=list(figure.denominator),
            missing=list(figure.missing),
        )


class EntryRead(BaseModel):
    """What a person entered, as it counts."""

    unit: str
    item: str
    at: datetime
    order_id: str | None
    note: str
    points: float | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """As it is answered."""
        return cls(
            unit=entry.unit,
            item=entry.item,
            at=entry.at,
            order_id=entry.order_id,
            note=entry.note,
            points=None if entry.points is None else float(entry.points),
        )


class PartRead(BaseModel):
    """One part of a score with its clause and its arithmetic; null where something lacks, which `because` says."""

    id: str
    clause: str
    name: str
    points: float | None
    score: float | None
    because: str
    figures: list[FigureRead]
    entries: list[EntryRead]

    @classmethod
    def of(cls, part: PartScore) -> Self:
        """As it is answered."""
        return cls(
            id=part.id,
            clause=part.clause,
            name=part.name,
            points=None if part.points is None else float(rounded(part.points)),
            score=None if part.shown is None else float(part.shown),
            because=part.because,
            figures=[FigureRead.of(figure) for figure in part.figures],
            entries=[EntryRead.of(entry) for entry in part.entries],
        )


class TargetRead(BaseModel):
    """A target, and whether the rate reached it."""

    id: str
    clause: str
    name: str
    at_least: float | None
    reached: bool | None
    because: str
    figure: FigureRead

    @classmethod
    def of(cls, target: TargetScore) -> Self:
        """As it is answered."""
        return cls(
            id=target.id,
            clause=target.clause,
            name=target.name,
            at_least=None if target.at_least is None else float(target.at_least),
            reached=target.reached,
            because=target.because,
            figure=FigureRead.of(target.figure),
        )


class UnitRow(BaseModel):
    """One unit's score."""

    unit: str
    name: str
    total: float | None
    rank: int | None
    among_last: bool
    parts: list[PartRead]
    targets: list[TargetRead]
    notes: list[str]

    @classmethod
    def of(cls, score: UnitScore) -> Self:
        """As it is answered."""
        return cls(
            unit=score.unit,
            name=score.name,
            total=None if score.shown is None else float(score.shown),
            rank=score.rank,
            among_last=score.among_last,
            parts=[PartRead.of(part) for part in score.parts],
            targets=[TargetRead.of(target) for target in score.targets],
            notes=list(score.notes),
        )


class PerformanceRead(BaseModel):
    """The scores of a period by the pack's own scoring; `last` are the units to be spoken to, if any."""

    policy: str
    version: str
    period: str
    start: datetime
    end: datetime
    as_of: datetime
    units: list[UnitRow]
    last: list[str]
    notes: list[str]

    @classmethod
    def of(cls, board: Scoreboard) -> Self:
        """As it is answered."""
        return cls(
            policy=board.policy,
            version=board.version,
            period=str(board.period),
            start=board.period.start,
            end=board.period.end,
            as_of=board.as_of,
            units=[UnitRow.of(unit) for unit in board.units],
            last=list(board.last),
            notes=list(board.notes),
        )


class ScoreEntryIn(BaseModel):
    """Praise, a deduction or an excuse that a person enters; what may be entered is in the pack's scoring."""

    model_config = {"extra": "forbid"}

    policy: Annotated[str, Field(max_length=100)]
    id: Annotated[str | None, Field(min_length=1, max_length=100, description="sent twice it is kept once")] = None
    unit: Annotated[str, Field(max_length=100)]
    item: Annotated[str, Field(max_length=100)]
    at: Moment
    order_id: Annotated[str | None, Field(max_length=100)] = None
    note: Annotated[str, Field(max_length=2_000, description="names and numbers in it are not kept")] = ""
    points: Annotated[Decimal | None, Field(ge=-1_000, le=1_000, decimal_places=4)] = None

    def entry(self) -> Entry:
        """As scoring knows it."""
        return Entry(self.unit, self.item, self.at, self.order_id, self.note, self.points)


class ScoreEntryRead(EntryRead):
    """An entry as it is kept."""

    id: str
