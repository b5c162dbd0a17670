"""What a bulletin comes to: pages of lines, each line with the orders behind it, its clause and whom it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.domain.vocabulary import Role
from triage.policy.scoring.board import Figure, UnitScore
from triage.policy.scoring.period import Period


@dataclass(frozen=True, slots=True)
class Named:
    """A figure with the id and the Chinese name that the pack's scoring gives it."""

    id: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a unit, a category or an order (`key`, empty where it is not known), and the orders counted, by id.

    `group` is a season, or says that the orders are across lines. `before_ids` are the orders of the period compared
    with, None where none is. `units` are the orders' lead units. The name of a category is its id: packs do not know
    the taxonomy's words.

    >>> line = Line("a:1", "food-safety", "food-safety", (), ("1", "2"), before_ids=("0",))
    >>> line.count, line.before
    (2, 1)
    """

    clause: str
    key: str
    name: str
    notify: tuple[Role, ...]
    order_ids: tuple[str, ...]
    group: str = ""
    before_ids: tuple[str, ...] | None = None
    units: tuple[str, ...] = ()
    figures: tuple[Named, ...] = ()
    score: UnitScore | None = None
    place: int | None = None

    @property
    def count(self) -> int:
        return len(self.order_ids)

    @property
    def before(self) -> int | None:
        return None if self.before_ids is None else len(self.before_ids)


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `notes` say in Chinese what could not be worked out, and why."""

    clause: str
    title: str
    notify: tuple[Role, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A bulletin of one period, as of one time."""

    policy: str
    version: str
    id: str
    title: str
    clause: str
    notify: tuple[Role, ...]
    period: Period
    as_of: datetime
    pages: tuple[Page, ...]

    def page(self, title: str) -> Page:
        """A page by its title."""
        return next(page for page in self.pages if page.title == title)
