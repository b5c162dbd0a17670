"""What a pack's bulletins must agree on with the rest of the pack: clauses, figures, periods, categories."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, get_args

from triage.domain.clauses import ClauseKind
from triage.policy.bulletins.figures import RECEIVED, measured
from triage.policy.bulletins.schema import AnyPage, BehindPage, FiguresPage, RankingPage, SeasonsPage
from triage.policy.pack.pack import Pack
from triage.policy.pack.schema import PackFile
from triage.policy.pack.yamlfile import Loc
from triage.policy.scoring.period import PeriodKind
from triage.policy.scoring.schema import Scoring

Fault = tuple[Loc, str]


def bulletins_are_sound(pack: PackFile) -> Iterator[Fault]:
    """Every fault of the section that its shape alone cannot show."""
    for check in (_names_are_unique, _clauses_are_reported, _figures_are_known, _totals_have_a_period):
        yield from check(pack)


def seasons_name_categories(pack: PackFile, categories: AbstractSet[str]) -> Iterator[Fault]:
    """Categories of a season are the taxonomy's."""
    for loc, page in _pages(pack):
        for index, season in enumerate(page.seasons if isinstance(page, SeasonsPage) else ()):
            for name in season.categories:
                if name not in categories:
                    yield (*loc, "seasons", index, "categories"), f"no category {name!r} in the taxonomy"


def bulletin_parameters(pack: PackFile | Pack) -> Iterator[tuple[Loc, str]]:
    """Every parameter that a page names, all of them numbers of orders, units or periods."""
    for loc, page in _pages(pack):
        for key in ("at_least_parameter", "last_parameter", "in_a_row_parameter"):
            if (name := getattr(page, key, None)) is not None:
                yield (*loc, key), name


def _pages(pack: PackFile | Pack) -> Iterator[tuple[Loc, AnyPage]]:
    for index, bulletin in enumerate(pack.bulletins):
        for place, page in enumerate(bulletin.pages):
            yield ("bulletins", index, "pages", place), page


def _names_are_unique(pack: PackFile) -> Iterator[Fault]:
    ids = [bulletin.id for bulletin in pack.bulletins]
    for index, bulletin in enumerate(pack.bulletins):
        if bulletin.id in ids[:index]:
            yield ("bulletins", index, "id"), f"{bulletin.id!r} is used twice"
        titles = [page.title for page in bulletin.pages]
        for place, title in enumerate(titles):
            if title in titles[:place]:
                yield ("bulletins", index, "pages", place, "title"), f"{title!r} is used twice"


def _clauses_are_reported(pack: PackFile) -> Iterator[Fault]:
    """A clause of the kind report is on some page, and what is on a page is by such a clause."""
    pages = list(_pages(pack))
    cited: list[tuple[Loc, Any]] = [(("bulletins", index), one) for index, one in enumerate(pack.bulletins)]
    for loc, one in [*cited, *pages]:
        stated = pack.clauses.get(one.clause.removeprefix(f"{pack.id}:"))
        if stated is None:
            yield (*loc, "clause"), f"clause {one.clause!r} is not stated under clauses"
        elif ClauseKind.REPORT not in stated.kind:
            yield (*loc, "clause"), f"{one.clause} is not stated as report"
    reported = {page.clause for _, page in pages}
    for name, clause in pack.clauses.items():
        if ClauseKind.REPORT in clause.kind and clause.through is None and f"{pack.id}:{name}" not in reported:
            yield ("clauses", name), "is stated as report, but no page under bulletins cites it"


def _figures_are_known(pack: PackFile) -> Iterator[Fault]:
    known = [RECEIVED, *measured(pack.scoring or Scoring())]
    for loc, page in _pages(pack):
        for name in page.figures if isinstance(page, FiguresPage) else ():
            if name not in known:
                yield (*loc, "figures"), f"no figure {name!r}; known are {', '.join(known)}"


def _totals_have_a_period(pack: PackFile) -> Iterator[Fault]:
    for loc, page in _pages(pack):
        every = pack.bulletins[int(loc[1])].every
        if isinstance(page, (RankingPage, BehindPage)):
            if pack.scoring is None:
                yield (*loc, "way"), f"{page.way} needs a scoring"
            if every not in get_args(PeriodKind):
                yield (*loc, "way"), f"{page.way} needs a bulletin every {', '.join(get_args(PeriodKind))}, not {every}"
