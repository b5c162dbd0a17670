"""Every error as RFC 9457 problem details. Of what was sent nothing is repeated but plain words, numbers and times."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from triage.domain.errors import BadInput, Conflict, Forbidden, NotFound, TriageError, UnknownPolicy
from triage.language.redact import redact
from triage.records.database import LedgerFault

log = logging.getLogger("triage.api")
MEDIA_TYPE = "application/problem+json"
LONGEST_PART, LONGEST_MESSAGE = 80, 800
_QUOTE = re.compile(r"['\"]")
_MAY_BE_PERSONAL = re.compile(r"(?:[^\x00-\x7f]|\[[^\x00-\x7f]+\]|\d{7,})+")
_STATUS: dict[type[BadInput], int] = {NotFound: 404, Forbidden: 403, Conflict: 409}


class ProblemItem(BaseModel):
    """One fault: the place in what was sent, and what was expected there; the clause where a policy says no."""

    loc: list[str | int]
    msg: str
    clause: str | None = None


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemItem] = []


PROBLEM: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDetails, "description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
    for status in (400, 401, 403, 404, 409, 412, 413, 422, 429, 503)
}


def problem(status: int, detail: str, errors: Sequence[dict[str, Any]] = ()) -> Response:
    """A problem details answer."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": list(errors)}
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")
    return Response(content, status, media_type=MEDIA_TYPE)


def install_errors(app: FastAPI) -> None:
    """Answer every error of the application in the one format."""

    @app.exception_handler(BadInput)
    async def bad_input(request: Request, error: BadInput) -> Response:
        errors = [_item(fault.loc, fault.msg, fault.clause) for fault in error.problems]
        missing_page = isinstance(error, UnknownPolicy) and request.method == "GET"
        return problem(404 if missing_page else _status(error), error.message, errors)

    @app.exception_handler(LedgerFault)
    async def unavailable(_request: Request, error: LedgerFault) -> Response:
        log.error("%s", error)
        answer = problem(503, "the ledger cannot be used just now; nothing was kept of this request")
        answer.headers["Retry-After"] = "5"
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        faults = error.errors()
        if any(fault["type"] == "json_invalid" for fault in faults):
            return problem(400, "the body is not JSON", [_item((), str(faults[0]["ctx"]["error"]))])
        return problem(422, "the request does not fit", [_read(fault) for fault in faults])

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        # The framework's own 400 is a body it could not parse, and does not say why.
        unread = [_item((), "must be JSON in UTF-8, not nested too deeply")] if error.status_code == 400 else []
        answer = problem(error.status_code, _unquoted(str(error.detail)), unread)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(TriageError)
    async def broken(_request: Request, error: TriageError) -> Response:
        log.error("%s", error)
        return problem(500, "the service is not set up rightly; its log says why")


def _read(fault: dict[str, Any]) -> dict[str, Any]:
    """A fault as pydantic found it, in our words."""
    loc = tuple(part for part in fault["loc"] if part != "body")
    if not loc and fault["type"] == "model_attributes_type":
        return _item((), "must be a JSON object, sent as application/json")
    return _item(loc, fault["msg"].removeprefix("Value error, "))


def _status(error: BadInput) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 422)


def _item(loc: Sequence[str | int], msg: str, clause: str | None = None) -> dict[str, Any]:
    """One fault, cut where a faulty name or value is long; the clause where a policy says no."""
    item: dict[str, Any] = {
        "loc": [part if isinstance(part, int) else _plain(part[:LONGEST_PART]) for part in loc],
        "msg": redact(msg[:LONGEST_MESSAGE]) if clause else _unquoted(msg[:LONGEST_MESSAGE]),
    }
    return item if clause is None else {**item, "clause": clause}


def _unquoted(msg: str) -> str:
    """A message whose quotation of a faulty value tells nothing personal: whoever sent it knows it, others who see the
    answer need not."""
    quote = _QUOTE.search(msg)
    start = len(msg) if quote is None else quote.start()
    return redact(msg[:start]) + _plain(msg[start:])


def _plain(sent: str) -> str:
    """What was sent without anything that may be a name or a number of somebody's.

    >>> _plain("'market-offce'"), _plain("'张建国13812341234'"), _plain("'2026-02-30T09:00'")
    ("'market-offce'", "'…'", "'2026-02-30T09:00'")
    """
    return _MAY_BE_PERSONAL.sub("…", redact(sent))
