"""The rejected rows beside the file they came from, to be put right and imported again."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from triage.desk.backlog.backlog import NOT_REFUSED, Backlog
from triage.desk.backlog.cells import FORMULA_STARTS
from triage.desk.backlog.rows import Rejected
from triage.desk.tables import write_table
from triage.domain.errors import Problem

# Without it Excel takes UTF-8 for GB18030.
_BOM = "\ufeff"


def rejected_path(path: Path) -> Path:
    """Where the rejected rows of a file are written: beside it, under its whole name."""
    return path.with_name(f"{path.name}.rejected.csv")


def write_rejected(backlog: Backlog, refused: Mapping[int, tuple[Problem, ...]] = NOT_REFUSED) -> Path | None:
    """Write the rejected rows with their numbers and reasons, whole or not at all; None where there are none.

    `refused` are accepted rows, by their positions, that were turned down further on, and why.

    What an earlier import of the same file left there is replaced, or goes where nothing is rejected any more.
    BadInput where it cannot be written.
    """
    path = rejected_path(backlog.path)
    rejected = backlog.rejected(refused)
    first = next(rejected, None)
    if first is None:
        path.unlink(missing_ok=True)
        return None
    columns = [f"{_BOM}行号", "原因", *map(_harmless, backlog.columns)]
    write_table(path, columns, map(_written, chain([first], rejected)))
    return path


def _written(row: Rejected) -> list[str]:
    reasons = "；".join("：".join((*map(str, reason.loc), reason.msg)) for reason in row.reasons)
    return [str(row.place), _harmless(reasons), *map(_harmless, row.cells)]  # a reason names its column


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, without bytes that are no text."""
    if not cell.isascii():
        cell = cell.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    # A lone carriage return would end the row: the writer quotes line feeds only.
    cell = cell.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    return f"'{cell}" if cell.lstrip()[:1] in FORMULA_STARTS and cell.strip() else cell
