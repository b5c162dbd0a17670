"""Which row of a table names its columns, and what each column holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from triage.desk.backlog.fields import FIELDS, IGNORE, REQUIRED, column_key, examples_of, field_of
from triage.desk.backlog.lines import Line, Place
from triage.domain.errors import BadInput, Problem, hint

_LOOKED_AT = 20
_LEAST = 2
_SHOWN = 60
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "unit": ("dispatched_at",),
    "dispatched_at": ("unit",),
    "assist": ("unit",),
    "outcome": ("unit",),
    "satisfaction": ("called_back_at", "closed_at"),
    "solved": ("called_back_at", "closed_at"),
}
"""A column that tells what happened needs another that tells when or by whom; one of several will do."""


@dataclass(frozen=True)
class Header:
    """The row that names the columns: where it stands, all names as written, blank ones too, and the field that each
    column holds."""

    place: Place
    columns: tuple[str, ...]
    meanings: tuple[str | None, ...]

    @cached_property
    def fields(self) -> Mapping[str, int]:
        """The column of each field, by its place."""
        return {field: index for index, field in enumerate(self.meanings) if field not in (None, IGNORE)}

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The columns up to the last that has a name."""
        last = max(index for index, name in enumerate(self.columns) if name)
        return self.columns[: last + 1]

    def name(self, field: str) -> str:
        """What the column of a field is called in this file; the field's own name where there is none."""
        return self.columns[self.meanings.index(field)] if field in self.meanings else field

    @property
    def unread(self) -> tuple[str, ...]:
        """The named columns that hold no known field."""
        held = zip(self.columns, self.meanings, strict=True)
        return tuple(name for name, field in held if name and field in (None, IGNORE))


def parse_mapping(options: Iterable[str]) -> dict[str, str]:
    """`column=field` as the command line has it; BadInput names every one that is not, and every unknown field.

    >>> parse_mapping(["接件日期=received_at", "类型=ignore"])
    {'接件日期': 'received_at', '类型': 'ignore'}
    """
    mapping: dict[str, str] = {}
    problems = []
    for option in options:
        column, equals, field = option.rpartition("=")
        if not equals or not column.strip():
            problems.append(Problem(("--map",), f"{option[:_SHOWN]!r} is not of the form column=field"))
        mapping[column.strip()] = field.strip()
    problems += _unknown_fields(mapping) if not problems else []
    if problems:
        raise BadInput("import", problems)
    return mapping


def _unknown_fields(mapping: Mapping[str, str]) -> list[Problem]:
    known = (*FIELDS, IGNORE)
    return [
        Problem(("--map", column[:_SHOWN]), f"unknown field {field[:_SHOWN]!r}; {hint(field, known)}")
        for column, field in mapping.items()
        if field not in known
    ]


def find_header(lines: Iterable[Line], mapping: Mapping[str, str]) -> Header | None:
    """The row with the most known columns among the first twenty, the first of equals; None where none has two.

    `mapping` says what columns hold, by their names; it goes before what a name means by itself.
    """
    best, most = None, _LEAST - 1
    for line in islice(lines, _LOOKED_AT):
        columns = _names(line)
        meanings = _meanings(columns, mapping)
        known = len({field for field in meanings if field is not None})
        if known > most:
            best, most = Header(line.place, columns, meanings), known
    return best


def _names(line: Line) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) for cell in line.cells)


def _meanings(columns: tuple[str, ...], mapping: Mapping[str, str]) -> tuple[str | None, ...]:
    """The field of each column, as the mapping says, or else as its name does where the mapping leaves it free."""
    told = {index: field for column, field in mapping.items() for index in _places_of(column, columns)}
    taken = set(told.values())
    free = (field_of(name) if name else None for name in columns)
    return tuple(told.get(index, None if field in taken else field) for index, field in enumerate(free))


def _places_of(column: str, columns: tuple[str, ...]) -> list[int]:
    """Where a column stands that somebody names: by its very name, or else by what is left without ornaments."""
    name, key = " ".join(column.split()), column_key(column)
    exactly = [index for index, other in enumerate(columns) if other == name]
    return exactly or [index for index, other in enumerate(columns) if key and column_key(other) == key]


def faults_of(header: Header, mapping: Mapping[str, str], *, with_ids: bool) -> list[Problem]:
    """Everything that is wrong with a header; `with_ids` where orders without an id can be given one."""
    known = ", ".join(name for name in header.columns if name)
    problems = _unknown_fields(mapping)
    problems += [
        Problem(("--map",), f"no column {column[:_SHOWN]!r}; columns are {known}")
        for column in mapping
        if not _places_of(column, header.columns)
    ]
    problems += _doubles(header)
    problems += [
        Problem(("header",), f"no column for {field}: {_how_to_name(field)}")
        for field in REQUIRED
        if field not in header.fields and not (field == "id" and with_ids)
    ]
    return problems + _lonely(header)


def _how_to_name(field: str) -> str:
    return f"it may be called {', '.join(examples_of(field))}, or be named with --map COLUMN={field}"


def _doubles(header: Header) -> list[Problem]:
    by_field: defaultdict[str, list[str]] = defaultdict(list)
    for name, field in zip(header.columns, header.meanings, strict=True):
        if field not in (None, IGNORE):
            by_field[str(field)].append(name)
    return [
        Problem(("header",), f"columns {' and '.join(names)} both hold {field}; choose with --map {names[0]}={field}")
        for field, names in by_field.items()
        if len(names) > 1
    ]


def _lonely(header: Header) -> list[Problem]:
    problems = []
    for field, others in _NEEDS.items():
        if field in header.fields and not any(other in header.fields for other in others):
            name = header.name(field)
            fault = f"needs a column for {' or '.join(others)}; map one, or leave this unread: --map {name}={IGNORE}"
            problems.append(Problem((f"column {name} ({field})",), fault))
    return problems
