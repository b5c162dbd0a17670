"""What `triage decide` reads: a text, a JSON file, a JSONL file, or standard input."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from triage.desk.requests import DecisionRequest, check_request
from triage.domain.errors import BadInput, Problem, UnknownPolicy

Check = Callable[[dict[str, Any]], DecisionRequest]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Inputs:
    """Checked requests, in order; `by_line` where they came a line each and are answered a line each."""

    requests: list[DecisionRequest]
    by_line: bool


def read_inputs(
    *,
    policy: str | None,
    text: str | None,
    file: Path | None,
    source: str | None,
    stdin: BinaryIO,
    policies: list[str],
    now: datetime,
) -> Inputs:
    """Read from exactly one of the three; every faulty line of a file is reported at once.

    `policy` is meant where the input names none; `policies` are those there are. A bare text came in `now`.
    """
    if sum(given is not None for given in (text, file, source)) != 1:
        raise BadInput("decide", [Problem((), "give exactly one of --text, --file or - for standard input")])
    if source not in (None, "-"):
        raise BadInput("decide", [Problem((), f"{source!r}: only - for standard input can stand here; use --file")])
    check = partial(_checked, policy=policy, policies=policies)
    if text is not None:
        return _one_text(text, check, now)
    name = "standard input" if file is None else str(file)
    content = decoded(name, stdin.read() if file is None else bytes_of(file))
    if file is None and not content.lstrip().startswith("{"):
        return _one_text(content, check, now)
    by_line = _is_json_by_line(content) if file is None else file.suffix == ".jsonl"
    return Inputs(_by_line(name, content, check) if by_line else [_request(name, content, check)], by_line)


def _one_text(text: str, check: Check, now: datetime) -> Inputs:
    received_at = now.replace(microsecond=0).isoformat()
    return Inputs([check({"order": {"text": text, "received_at": received_at}})], by_line=False)


def _is_json_by_line(content: str) -> bool:
    """Whether there are further lines after a first one that is JSON by itself."""
    first, _, rest = content.strip().partition("\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return bool(rest)


def each_row(name: str, lines: list[str], read_one: Callable[[int, str], Row], empty: str) -> list[Row]:
    """What a file has a line each, in order; BadInput with every faulty row, or with `empty` where there is none.

    `lines` are split at line feeds alone: JSON may hold other line breaks, U+2028 for one, as they are.
    `read_one` takes a row's number and text, and raises BadInput or ValueError where it cannot be used.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(read_one(number, line))
        except BadInput as error:
            problems += [Problem((f"row {number}", *fault.loc), fault.msg) for fault in error.problems]
        except ValueError as error:
            problems.append(Problem((f"row {number}",), str(error)))
    if problems or not rows:
        raise BadInput(name, problems or [Problem((), empty)])
    return rows


def _by_line(name: str, content: str, check: Check) -> list[DecisionRequest]:
    first: dict[str, int] = {}

    def read_one(number: int, line: str) -> DecisionRequest:
        request = _request(f"row {number}", line, check)
        order_id = request.order.id
        if order_id is not None and first.setdefault(order_id, number) != number:
            fault = f"{order_id!r} stands already in row {first[order_id]}"
            raise BadInput(name, [Problem(("order", "id"), fault)])
        return request

    return each_row(name, content.split("\n"), read_one, "is empty: a request a line is needed")


def _request(name: str, content: str, check: Check) -> DecisionRequest:
    data = json_object(name, content, "an order")
    body = data if "order" in data else {"order": data}
    try:
        return check(body)
    except BadInput as error:
        raise BadInput(name, error.problems) from None


def _checked(body: dict[str, Any], *, policy: str | None, policies: list[str]) -> DecisionRequest:
    request = check_request(body if policy is None else {"policy": policy, **body})
    if request.policy not in policies:
        raise UnknownPolicy(request.policy, policies)
    return request


def json_object(name: str, content: str, wanted: str) -> dict[str, Any]:
    """A JSON object with what is wanted in it; BadInput where it is something else, or no JSON at all."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise BadInput(name, [Problem((), f"is not JSON: {error}")]) from None
    except RecursionError:
        raise BadInput(name, [Problem((), "is nested too deeply")]) from None
    if not isinstance(data, dict):
        raise BadInput(name, [Problem((), f"must be a JSON object with {wanted}")])
    return data


def bytes_of(file: Path) -> bytes:
    """A file's content; BadInput names the file and why it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), [Problem((), f"cannot be read: {error.strerror}")]) from None


def decoded(name: str, content: bytes) -> str:
    """Bytes as text, UTF-8 or GB18030; BadInput names the row that is neither."""
    row = 1
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            # The encoding that got further is the one meant.
            row = max(row, content[: error.start].count(b"\n") + 1)
    raise BadInput(name, [Problem((f"row {row}",), "is neither UTF-8 nor GB18030 text")])
