"""YAML with line numbers, so that a fault can be pointed at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from triage.domain.errors import BadInput, PackFault, Problem

Loc = tuple[str | int, ...]
_MERGE = "tag:yaml.org,2002:merge"
Item = TypeVar("Item")


class YamlFile:
    """One parsed file: `data`, and the line on which each part of it stands."""

    def __init__(self, path: Path, data: Any, lines: dict[Loc, int]) -> None:
        self.path = path
        self.data = data
        self._lines = lines

    def line_of(self, loc: Loc) -> int:
        """The 1-based line of a place, or of the nearest place around it."""
        while loc and loc not in self._lines:
            loc = loc[:-1]
        return self._lines.get(loc, 1)

    def problem(self, loc: Loc, msg: str) -> Problem:
        """A fault with its file and line."""
        where = ".".join(str(part) for part in loc)
        return Problem((f"{self.path.name}:{self.line_of(loc)}",), f"{where}: {msg}" if where else msg)


def read_yaml(path: Path) -> YamlFile:
    """Parse a file; a syntax error, a repeated key or wrong bytes raise PackFault with the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackFault(str(path), [Problem((path.name,), f"cannot be read as UTF-8 text: {error}")]) from None
    loader = yaml.CSafeLoader(text)
    lines: dict[Loc, int] = {}
    try:
        node = loader.get_single_node()
        # Before it is constructed: that puts what `<<` merges among a mapping's own keys, which may override it.
        repeated = [] if node is None else list(_walk(node, (), lines))
        data = None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        fault = Problem((f"{path.name}:{line}",), f"not valid YAML: {getattr(error, 'problem', None) or error}")
        raise PackFault(str(path), [fault]) from None
    finally:
        loader.dispose()
    if repeated:
        faults = [Problem((f"{path.name}:{line}",), f"key {key!r} is repeated") for key, line in repeated]
        raise PackFault(str(path), faults)
    return YamlFile(path, data, lines)


def read_items(path: Path, what: str, read_one: Callable[[Any, int], Item]) -> list[Item]:
    """All items of a file that is a list; BadInput reports every fault at once, with its line."""
    items, problems = each_item(path, what, read_one)
    if problems:
        raise BadInput(str(path), problems)
    return items


def each_item(path: Path, what: str, read_one: Callable[[Any, int], Item]) -> tuple[list[Item], list[Problem]]:
    """The items of a file that is a list, each read with its line, and what is wrong with the others.

    `read_one` raises ValueError or BadInput; `what` names the items in the plural.
    """
    source = read_yaml(path)
    if not isinstance(source.data, list):
        raise BadInput(str(path), [source.problem((), f"the file must be a list of {what}")])
    items: list[Item] = []
    problems: list[Problem] = []
    for index, item in enumerate(source.data):
        try:
            items.append(read_one(item, source.line_of((index,))))
        except BadInput as error:
            faults = error.problems or [Problem((), str(error))]
            problems += [source.problem((index, *fault.loc), fault.msg) for fault in faults]
        except ValueError as error:
            problems.append(source.problem((index,), str(error)))
    return items, problems


def _walk(node: yaml.Node, loc: Loc, lines: dict[Loc, int]) -> Iterator[tuple[str, int]]:
    """Fill `lines`, and yield every repeated key with its line."""
    lines[loc] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _walk(child, (*loc, index), lines)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in sorted(node.value, key=lambda pair: pair[0].tag != _MERGE):  # own keys after merged ones
            if key.tag == _MERGE:
                for merged in child.value if isinstance(child, yaml.SequenceNode) else [child]:
                    list(_walk(merged, loc, lines))
                lines[loc] = node.start_mark.line + 1
                continue
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _walk(child, (*loc, key.value), lines)
            lines[(*loc, key.value)] = key.start_mark.line + 1
