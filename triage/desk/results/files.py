"""The files of a batch: JSON for a program, CSV for a spreadsheet. The same batch gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from triage.policy.chinese import ELEMENTS, VALUES
from triage.records.columns import stamp
from triage.records.results import Batch, Item

MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}

_STATUSES = {"replied": "已回复", "closed": "已办结"}
_SATISFACTION = {"satisfied": "满意", "mostly": "基本满意", "fair": "一般", "unsatisfied": "不满意"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
UnitName = Callable[[Mapping[str, Any]], str]


def json_file(batch: Batch, items: Sequence[Item]) -> bytes:
    """The batch with its orders, one on a line."""
    told = {"number": batch.number, "policy": batch.policy, "made_at": stamp(batch.made_at), "digest": batch.digest}
    head = json.dumps(told, ensure_ascii=False)[:-1]
    orders = ",\n".join(json.dumps(item.content, ensure_ascii=False, sort_keys=True) for item in items)
    return f'{head}, "orders": [\n{orders}\n]}}\n'.encode()


def csv_file(items: Sequence[Item], unit_name: UnitName) -> bytes:
    """The orders with Chinese headers and words, in UTF-8 with a mark at its beginning, as spreadsheets want it."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\r\n")
    rows.writerow([*_COLUMNS])
    for item in items:
        told = {**item.content, "unit": unit_name(item.content)}
        rows.writerow([_cell(show(told)) for show in _COLUMNS.values()])
    return file.getvalue().encode("utf-8-sig")


def _cell(said: str) -> str:
    """A text that a spreadsheet would reckon with is marked as a text.

    >>> _cell("=1+1"), _cell("20260302-1")
    ("'=1+1", '20260302-1')
    """
    return f"'{said}" if said.startswith(_FORMULA) else said


def _text(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda told: str(told[name] or "")


def _word(name: str, words: Mapping[str, str]) -> Callable[[Mapping[str, Any]], str]:
    return lambda told: "" if told[name] is None else words.get(told[name], str(told[name]))


def _answer(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda told: {None: "", True: "是", False: "否"}[told[name]]


def _time(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda told: str(told[name] or "")[:19].replace("T", " ")


_COLUMNS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "工单编号": _text("order_id"),
    "办理状态": _word("status", _STATUSES),
    "承办单位": _text("unit"),
    "诉求类型": _word("request_type", VALUES),
    "诉求类别": _text("category"),
    "办理结果": _word("outcome", VALUES),
    "事实认定": _word("fact", VALUES),
    "答复要素": lambda told: "、".join(ELEMENTS[element] for element in told["elements"]),
    "是否先联": _answer("contacted"),
    "是否答复": _answer("answered"),
    "是否解决": _answer("solved"),
    "满意度": _word("satisfaction", _SATISFACTION),
    "受理时间": _time("received_at"),
    "派单时间": _time("dispatched_at"),
    "先行联系时间": _time("first_contact_at"),
    "答复时间": _time("replied_at"),
    "回访时间": _time("called_back_at"),
    "结案时间": _time("closed_at"),
}
