"""What `triage decide` reads: a text, a JSON file, a JSONL file, or standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from triage.desk.requests import DecisionRequest, check_request
from triage.domain.errors import BadInput, Problem
from triage.policy.workdays import SHANGHAI


@dataclass(frozen=True)
class Inputs:
    """Checked requests, in order; `by_line` where they came a line each and are answered a line each."""

    requests: list[DecisionRequest]
    by_line: bool


def read_inputs(
    *, policy: str | None, text: str | None, file: Path | None, source: str | None, stdin: BinaryIO
) -> Inputs:
    """Read from exactly one of the three; every faulty line of a file is reported at once."""
    if sum(given is not None for given in (text, file, source)) != 1:
        raise BadInput("decide", [Problem((), "give exactly one of --text, --file or - for standard input")])
    if source not in (None, "-"):
        raise BadInput("decide", [Problem((), f"{source!r}: only - for standard input can stand here; use --file")])
    if text is not None:
        return _one_text(text, policy)
    name = "standard input" if file is None else str(file)
    content = _decoded(name, stdin.read() if file is None else _bytes_of(file))
    if file is None and not content.lstrip().startswith("{"):
        return _one_text(content, policy)
    if file is not None and file.suffix == ".jsonl":
        return Inputs(_by_line(name, content, policy), by_line=True)
    try:
        return Inputs([_request(name, content, policy)], by_line=False)
    except BadInput:
        if file is None and content.strip().count("\n"):
            return Inputs(_by_line(name, content, policy), by_line=True)
        raise


def _one_text(text: str, policy: str | None) -> Inputs:
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    body = _with_policy({"order": {"text": text, "received_at": now.isoformat()}}, policy)
    return Inputs([check_request(body)], by_line=False)


def _by_line(name: str, content: str, policy: str | None) -> list[DecisionRequest]:
    requests: list[DecisionRequest] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            request = _request(f"row {number}", line, policy)
        except BadInput as error:
            problems += [Problem((f"row {number}", *fault.loc), fault.msg) for fault in error.problems]
            continue
        order_id = request.order.id
        if order_id is not None and order_id in first:
            fault = f"{order_id!r} stands already in row {first[order_id]}"
            problems.append(Problem((f"row {number}", "order", "id"), fault))
        elif order_id is not None:
            first[order_id] = number
        requests.append(request)
    if problems:
        raise BadInput(name, problems)
    if not requests:
        raise BadInput(name, [Problem((), "is empty: a request a line is needed")])
    return requests


def _request(name: str, content: str, policy: str | None) -> DecisionRequest:
    try:
        data = json.loads(content)
    except ValueError as error:
        raise BadInput(name, [Problem((), f"is not JSON: {error}")]) from None
    except RecursionError:
        raise BadInput(name, [Problem((), "is nested too deeply")]) from None
    if not isinstance(data, dict):
        raise BadInput(name, [Problem((), "must be a JSON object with an order")])
    body = data if "order" in data else {"order": data}
    try:
        return check_request(_with_policy(body, policy))
    except BadInput as error:
        raise BadInput(name, error.problems) from None


def _with_policy(body: dict[str, Any], policy: str | None) -> dict[str, Any]:
    return {"policy": policy, **body} if policy is not None else body


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), [Problem((), f"cannot be read: {error.strerror}")]) from None


def _decoded(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            row = content[: error.start].count(b"\n") + 1
    raise BadInput(name, [Problem((f"row {row}",), "is neither UTF-8 nor GB18030 text")])
