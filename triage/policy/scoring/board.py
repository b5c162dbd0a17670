"""What scoring answers: figures with the orders behind them, scores with their arithmetic, a board of units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from triage.policy.scoring.period import Period


def rounded(value: Fraction) -> Decimal:
    """Two places, half up (四舍五入), without ever passing through a float.

    >>> rounded(Fraction(1, 8)), rounded(Fraction(-1, 8)), rounded(Fraction(5))
    (Decimal('0.13'), Decimal('-0.13'), Decimal('5.00'))
    """
    hundredths = (abs(value) * 200 + 1) // 2
    return Decimal(hundredths if value >= 0 else -hundredths).scaleb(-2)


def told(value: Fraction) -> str:
    """A number as it stands in a sentence: two places at most.

    >>> told(Fraction(225, 10)), told(Fraction(1, 3)), told(Fraction(100))
    ('22.5', '0.33', '100')
    """
    text = f"{rounded(value):f}"
    return text.rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Counted:
    """An order that counts in a figure: wholly (1) or in part, and as what."""

    order_id: str
    credit: Fraction = Fraction(1)
    label: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate or a count over one unit's orders. Both lists are in the order of ids.

    `missing` names parameters without which it cannot be worked out.

    >>> half = Figure("timely", (Counted("a"),), ("a", "b"))
    >>> half.value, half.count
    (Fraction(1, 2), 1)
    """

    measure: str
    numerator: tuple[Counted, ...]
    denominator: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def value(self) -> Fraction | None:
        """The share; None without orders, and without a parameter."""
        if self.missing or not self.denominator:
            return None
        return sum((one.credit for one in self.numerator), Fraction()) / len(self.denominator)

    @property
    def count(self) -> int:
        return len(self.numerator)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Every order that was looked at."""
        return tuple(sorted({*self.denominator, *(one.order_id for one in self.numerator)}))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person entered: praise, a deduction, an excuse. `points` where the pack leaves them to the person."""

    unit: str
    item: str
    at: datetime
    order_id: str | None = None
    note: str = ""
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part of one unit's score; `score` is exact, None where something is lacking, which `because` then says."""

    id: str
    clause: str
    name: str
    points: Fraction | None
    score: Fraction | None
    figures: tuple[Figure, ...]
    entries: tuple[Entry, ...]
    because: str

    @property
    def shown(self) -> Decimal | None:
        return None if self.score is None else rounded(self.score)


@dataclass(frozen=True, slots=True)
class TargetScore:
    """A target: whether the rate reached it; None where rate or target is not known."""

    id: str
    clause: str
    name: str
    figure: Figure
    at_least: Fraction | None
    reached: bool | None
    because: str


@dataclass(frozen=True, slots=True)
class UnitScore:
    """All that a period says of one unit; `rank` and `among_last` where the pack ranks and the total is known."""

    unit: str
    name: str
    total: Fraction | None
    parts: tuple[PartScore, ...]
    targets: tuple[TargetScore, ...]
    notes: tuple[str, ...]
    rank: int | None = None
    among_last: bool = False

    @property
    def shown(self) -> Decimal | None:
        return None if self.total is None else rounded(self.total)

    def part(self, name: str) -> PartScore:
        """A part by its id."""
        return next(part for part in self.parts if part.id == name)


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """The scores of a period, by unit id; `last` are the units to be spoken to, where the pack names them."""

    policy: str
    version: str
    period: Period
    as_of: datetime
    units: tuple[UnitScore, ...]
    last: tuple[str, ...]
    notes: tuple[str, ...]

    def unit(self, name: str) -> UnitScore:
        """A unit by its id."""
        return next(unit for unit in self.units if unit.unit == name)
