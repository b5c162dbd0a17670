"""What a row tells of an order after it came in, as events with the times the row gives and no others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.desk.backlog.cells import Cells
from triage.desk.backlog.moments import Moment
from triage.domain.moments import start_of_day

_BETWEEN_UNITS = re.compile(r"[、,，;；/\n]+")
_LATER_THAN = {
    "dispatched_at": ("received_at",),
    "replied_at": ("received_at", "dispatched_at"),
    "closed_at": ("received_at", "dispatched_at"),
    "called_back_at": ("received_at", "dispatched_at"),
}
_STEPS = tuple(_LATER_THAN)


def unit_key(name: str) -> str:
    """A unit's name as it is looked up: widths and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", name).split()).lower()


def read_history(cells: Cells, received: Moment, units: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """The events of a row as plain data in the order of their times; faults are noted in the cells.

    `units` gives unit ids by `unit_key`. Whoever closed has replied: where no time of the reply is told it is that of
    closing; so is the time of the call-back.
    """
    times = _times(cells, received)
    raw: list[dict[str, Any]] = [
        *_dispatch(cells, times, units),
        *_reply(cells, times, units),
        *_call_back(cells, times),
    ]
    if "closed_at" in times:
        raw.append({"at": times["closed_at"], "kind": "closed"})
    raw.sort(key=lambda event: event["at"])
    return tuple(event | {"at": event["at"].isoformat(), "id": f"import-{event['kind']}"} for event in raw)


def _times(cells: Cells, received: Moment) -> dict[str, datetime]:
    """When each step was; a day alone is its first moment that is not before the steps that come first."""
    times = {"received_at": received.at}
    for field in _STEPS:
        moment = cells.moment(field)
        if moment is None:
            continue
        before = [times[name] for name in _LATER_THAN[field] if name in times]
        earliest = max(before)
        if moment.day_only and moment.at == start_of_day(earliest):
            times[field] = earliest
        elif moment.at < earliest:
            cells.refuse(field, "早于来件或派单时间")
        else:
            times[field] = moment.at
    return times


def _unit(cells: Cells, units: Mapping[str, str]) -> str | None:
    written = cells.text("unit")
    return units.get(unit_key(written)) if written else None


def _dispatch(cells: Cells, times: Mapping[str, datetime], units: Mapping[str, str]) -> list[dict[str, Any]]:
    if not cells.has("unit"):
        for field in ("dispatched_at", "assist"):
            if cells.has(field):
                cells.refuse("unit", "填写了派单时间或协办单位时不能为空")
                break
        return []
    unit = _unit(cells, units)
    if unit is None:
        cells.refuse("unit", "不是本级承办单位的名称或代码")
    if not cells.has("dispatched_at"):
        cells.refuse("dispatched_at", "填写了承办单位时不能为空")
    assisting = [units.get(unit_key(name)) for name in _BETWEEN_UNITS.split(cells.text("assist")) if name.strip()]
    if None in assisting:
        cells.refuse("assist", "含有不是本级承办单位的名称或代码，多个单位用顿号分开")
    if unit is None or "dispatched_at" not in times or None in assisting:
        return []
    return [{"at": times["dispatched_at"], "kind": "dispatched", "unit": unit, "assist": assisting}]


def _reply(cells: Cells, times: Mapping[str, datetime], units: Mapping[str, str]) -> list[dict[str, Any]]:
    outcome, unit = cells.word("outcome"), _unit(cells, units)
    at = times.get("replied_at", times.get("closed_at"))
    if outcome is not None and not cells.has("unit"):
        cells.refuse("unit", "填写了处置结果时不能为空")
    if cells.has("replied_at") and not cells.has("unit"):
        cells.refuse("unit", "填写了答复时间时不能为空")
    if outcome is not None and not (cells.has("replied_at") or cells.has("closed_at")):
        cells.refuse("closed_at", "填写了处置结果时，答复时间和办结时间不能都为空")
    if at is None or unit is None:
        return []
    return [{"at": at, "kind": "replied", "unit": unit} | ({} if outcome is None else {"outcome": outcome})]


def _call_back(cells: Cells, times: Mapping[str, datetime]) -> list[dict[str, Any]]:
    told = cells.words(("satisfaction", "solved"))
    at = times.get("called_back_at", times.get("closed_at"))
    if told and not (cells.has("called_back_at") or cells.has("closed_at")):
        cells.refuse("closed_at", "填写了满意度或是否解决时，回访时间和办结时间不能都为空")
    if at is None or not (told or "called_back_at" in times):
        return []
    return [{"at": at, "kind": "called_back", **told}]
