"""One row after the other to a request with its events, or to the reasons why not; ids are held against each other."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from triage.desk.backlog.cells import Cells
from triage.desk.backlog.fields import FLAGS
from triage.desk.backlog.header import Header
from triage.desk.backlog.history import read_history
from triage.desk.backlog.lines import Line, Place
from triage.desk.backlog.rows import Accepted, Rejected, Row
from triage.desk.requests import DecisionRequest, check_request
from triage.domain.errors import BadInput, Problem

Events = tuple[Mapping[str, Any], ...]


class RowReader:
    """Reads the rows of one file in their order and remembers which ids it saw, 16 bytes of content with each.

    `units` gives unit ids by `history.unit_key`; `secret` keys the ids of orders that have none.
    """

    def __init__(self, policy: str, units: Mapping[str, str], secret: bytes | None) -> None:
        self._policy = policy
        self._units = units
        self._secret = secret
        self._seen: dict[str, tuple[Place, bytes]] = {}

    def read(self, position: int, header: Header, line: Line) -> Row:
        """What becomes of a row; every reason against it at once."""
        if line.fault:
            return Rejected(position, line.place, (Problem((), line.fault),), line.cells)
        if len(line.cells) < len(header.named) or any(cell.strip() for cell in line.cells[len(header.columns) :]):
            fault = Problem((), f"有 {len(line.cells)} 列，表头有 {len(header.columns)} 列")
            return Rejected(position, line.place, (fault,), line.cells)
        cells = Cells(header, line.cells)
        read = self._request(cells)
        if read is None or cells.faults:
            return Rejected(position, line.place, tuple(cells.faults), line.cells)
        return self._once(position, line, cells, *read)

    def _request(self, cells: Cells) -> tuple[DecisionRequest, Events] | None:
        received = cells.moment("received_at")
        if received is None and not cells.has("received_at"):
            cells.refuse("received_at", "不能为空")
        if not (cells.has("text") or cells.has("title")):
            cells.refuse("text", "不能为空")
        order = _order(cells)
        facts = cells.words(("urgency", "complexity", *FLAGS))
        if received is None:
            return None
        order["received_at"] = received.at.isoformat()
        order["id"] = self._id(cells, order)
        events = read_history(cells, received, self._units)
        if cells.faults:
            return None
        try:
            return check_request({"policy": self._policy, "order": order, "facts": facts}), events
        except BadInput as error:
            cells.faults += error.problems
            return None

    def _id(self, cells: Cells, order: Mapping[str, Any]) -> str:
        """The id that the row gives, or where no column has ids one made of the order: keyed, since whoever knew the
        text could else try telephone numbers until the digest fits."""
        if cells.has_column("id") or self._secret is None:
            told = cells.number("id")
            if not cells.has("id"):
                cells.refuse("id", "不能为空")
            elif "/" in told or not told.isprintable():
                cells.refuse("id", "不能含有 / 和不可见字符")
            return told
        return f"row-{hmac.digest(self._secret, _canonical(order), hashlib.sha256).hex()[:32]}"

    def _once(self, position: int, line: Line, cells: Cells, request: DecisionRequest, events: Events) -> Row:
        """The same id with the same content is a repetition; with other content one of the two is wrong."""
        order_id = str(request.order.id)
        content = _digest(request, events)
        first, same = self._seen.setdefault(order_id, (line.place, content))
        if first == line.place:
            return Accepted(position, line.place, request, events)
        if same == content:
            return Accepted(position, line.place, request, events, repeats=first)
        cells.refuse("id", f"与第 {first} 行的编号相同而内容不同")
        return Rejected(position, line.place, tuple(cells.faults), line.cells)


def _order(cells: Cells) -> dict[str, Any]:
    caller = {"name": cells.text("name"), "phone": cells.number("phone")}
    return {
        "title": cells.text("title"),
        "text": cells.text("text"),
        "address": cells.text("address"),
        "request_type": cells.word("request_type"),
        "caller": caller if any(caller.values()) else None,
    }


def _digest(request: DecisionRequest, events: Events) -> bytes:
    return hashlib.blake2b(_canonical([request.model_dump(mode="json"), events]), digest_size=16).digest()


def _canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
