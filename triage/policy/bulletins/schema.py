"""What the `bulletins` section of a pack may say: which pages, of which orders, for whom, how often."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from triage.policy.pack.rules import Roles
from triage.policy.pack.shapes import ALWAYS, ClauseRef, Slug, Strict, When, listed
from triage.policy.scoring.period import SpanKind

Month = Annotated[int, Field(ge=1, le=12)]


class _Page(Strict):
    """One page, by the clause that asks for it; `notify` where it goes to others than the bulletin does."""

    clause: ClauseRef
    title: str
    notify: Roles = ()


class ListPage(_Page):
    """The orders that `pick` holds of, a line a unit, a category or an order.

    `across_lines`: told too, of orders whose units belong to different leaders; these stand on lines of their own.
    """

    way: Literal["list"]
    pick: When
    by: Literal["unit", "category", "order"] = "unit"
    across_lines: Roles = ()


class VolumePage(_Page):
    """What came in, the most first, against the period before or the same period of the year before.

    `growing`: only what grew. `at_least_parameter`: only what is so large; all of it until the town gives the number.
    """

    way: Literal["volume"]
    by: Literal["unit", "category"] = "category"
    pick: When = ALWAYS
    against: Literal["before", "year_before"] = "before"
    growing: bool = False
    at_least_parameter: str | None = None


class FiguresPage(_Page):
    """Figures of each unit: `received`, and parts and targets of the scoring by their ids."""

    way: Literal["figures"]
    figures: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)]


class RankingPage(_Page):
    """Units by their totals, the best first; `named_last`: only those that the pack's ranking names last."""

    way: Literal["ranking"]
    named_last: bool = False


class BehindPage(_Page):
    """Units with a large volume that have been among the last for long, the worst first.

    How large, among how many and for how many periods in a row are parameters; a unit is left out only by those given.
    """

    way: Literal["behind"]
    at_least_parameter: str
    last_parameter: str
    in_a_row_parameter: str


class Season(Strict):
    """A time of the year that brings its own requests; without months it has none yet, and the town gives them."""

    name: str
    months: Annotated[tuple[Month, ...], BeforeValidator(listed)] = ()
    categories: Annotated[tuple[Slug, ...], Field(min_length=1)]


class SeasonsPage(_Page):
    """Before a season: what came of its categories, and what came in the same period of the year before."""

    way: Literal["seasons"]
    seasons: Annotated[tuple[Season, ...], Field(min_length=1)]


AnyPage = Annotated[
    ListPage | VolumePage | FiguresPage | RankingPage | BehindPage | SeasonsPage, Field(discriminator="way")
]


class BulletinPart(Strict):
    """One bulletin: how often it is drawn up, by which clause, whom it goes to, and its pages."""

    id: Slug
    title: str
    every: SpanKind
    clause: ClauseRef
    notify: Roles
    pages: Annotated[tuple[AnyPage, ...], Field(min_length=1)]
