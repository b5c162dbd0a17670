"""A row for every clause of a pack: where it is enforced, and by which examples it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.domain.clauses import Clause, ClauseKind
from triage.policy.bulletins.byhand import read_counted
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.chinese import KINDS
from triage.policy.coverage.pairs import SAYS, Told, pair_for, told_in
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import SECTIONS
from triage.policy.scenarios.run import scenario_files
from triage.policy.scoring.figures import read_figures


@dataclass(frozen=True)
class Row:
    """A clause, where it is enforced, and by which examples it is shown, kind by kind."""

    clause: Clause
    enforced: tuple[str, ...]
    shown: Mapping[ClauseKind, tuple[str, ...]]

    @property
    def lacking(self) -> tuple[ClauseKind, ...]:
        """The kinds that nothing shows; a clause enforced through another is shown with that one."""
        if self.clause.through is not None:
            return ()
        return tuple(kind for kind in self.clause.kinds if not self.shown.get(kind))


@dataclass(frozen=True)
class Examples:
    """Everything that may show a clause: scenarios by policy, names of figures worked out by hand by clause."""

    told: Mapping[str, list[Told]]
    figures: Mapping[str, list[str]]


def read_examples(folder: Path, shelf: PackShelf, working_time: Callable[[Pack], WorkingTime]) -> Examples:
    """The examples below a folder: `scenarios` and, where they are, `figures` (scoring) and `bulletins`."""
    figures: dict[str, list[str]] = {}
    for file in _files(folder / "figures"):
        for figure in read_figures(file):
            for clause in figure.clauses:
                figures.setdefault(clause, []).append(figure.name)
    for file in _files(folder / "bulletins"):
        for counted in read_counted(file):
            part = next(one for one in shelf.get_or_raise(counted.policy).bulletins if one.id == counted.bulletin)
            for page in part.pages:
                if page.title in counted.expect:
                    figures.setdefault(page.clause, []).append(counted.name)
    return Examples(told_in([folder / "scenarios"], shelf, working_time), figures)


def rows(pack: Pack, examples: Examples) -> Iterator[Row]:
    """A row for each clause of the pack, in its order."""
    enforced = _enforced(pack)
    told = examples.told.get(pack.id, [])
    for clause in pack.clauses.values():
        shown = {kind: _shown(clause, kind, told, examples.figures) for kind in clause.kinds}
        yield Row(clause, tuple(dict.fromkeys(enforced.get(clause.id, ()))), shown)


def page(pack: Pack, found: Iterable[Row]) -> str:
    """The rows as a section of a Markdown page."""
    lines = [
        f"## {pack.name} (`{pack.id}`, version {pack.version})",
        "",
        "| clause | what it says | enforced by | shown by |",
        "|---|---|---|---|",
        *(_line(row) for row in found),
    ]
    return "\n".join(lines) + "\n"


def _files(folder: Path) -> list[Path]:
    return scenario_files([folder]) if folder.is_dir() else []


def _shown(clause: Clause, kind: ClauseKind, told: list[Told], figures: Mapping[str, list[str]]) -> tuple[str, ...]:
    if kind is ClauseKind.STATED:
        return (clause.reason,)
    return pair_for((kind, clause.id), told) if kind in SAYS else tuple(figures.get(clause.id, ())[:1])


def _enforced(pack: Pack) -> dict[str, list[str]]:
    """Where each clause is cited: section and line, or section and name."""
    cited: dict[str, list[str]] = {}
    for section in SECTIONS:
        for index, rule in enumerate(getattr(pack, section)):
            name = f"clocks.{rule.id}" if section == "clocks" else f"{section}[{index}]"
            cited.setdefault(rule.clause, []).append(name)
    if pack.scoring is not None:
        for part in (*pack.scoring.parts, *pack.scoring.targets):
            cited.setdefault(part.clause, []).append(f"scoring.{part.id}")
        if pack.scoring.ranking is not None:
            cited.setdefault(pack.scoring.ranking.clause, []).append("scoring.ranking")
    for bulletin in pack.bulletins:
        for one in (bulletin, *bulletin.pages):
            cited.setdefault(one.clause, []).append(f"bulletins.{bulletin.id}")
    return cited


def _line(row: Row) -> str:
    kinds = "、".join(KINDS[kind] for kind in row.clause.kinds)
    if row.clause.through is not None:
        shown = f"together with `{row.clause.through}`"
    else:
        shown = "; ".join(" / ".join(names) or "**nothing**" for names in row.shown.values())
    enforced = ", ".join(f"`{name}`" for name in row.enforced) or "-"
    return f"| `{row.clause.id}` {kinds} | {row.clause.text} | {enforced} | {shown} |"
