"""Reads an uploaded form as it comes in: the file goes piece by piece to whoever takes it, and is held nowhere."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from triage.domain.errors import BadInput, Problem

_LONGEST_FIELD = 1_000
_MULTIPART = b"multipart/form-data"


class UploadForm:
    """Takes a multipart body (RFC 7578) with one file, named `file`, and short texts; `write` gets the file's bytes.

    BadInput for a body of another form. After `finish`, `fields` has the texts and `name` is what the file is called.
    """

    def __init__(self, content_type: str | None, write: Callable[[bytes], None]) -> None:
        self.fields: dict[str, str] = {}
        self.name: str | None = None
        self._write = write
        self._field = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value = bytearray(), bytearray()
        self._current = ""
        self._ended = False
        media_type, options = parse_options_header(content_type)
        if media_type != _MULTIPART or not options.get(b"boundary"):
            raise _bad("must be multipart/form-data with a boundary")
        callbacks = {name: getattr(self, f"_{name}") for name in _CALLBACKS}
        try:
            self._parser = MultipartParser(options[b"boundary"], callbacks)  # type: ignore[arg-type]
        except FormParserError:
            raise _bad("has a boundary that is too long") from None

    def take(self, content: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(content)
        except FormParserError:
            raise _bad("is no multipart/form-data") from None

    def finish(self) -> None:
        """All bytes are there."""
        if not self._ended:
            raise _bad("is cut off, or no multipart/form-data")

    @property
    def _is_file(self) -> bool:
        return self._current == "file"

    def _on_part_begin(self) -> None:
        self._headers = {}
        self._field = bytearray()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._current = _text(options.get(b"name", b""))
        if self._is_file:
            if self.name is not None:
                raise _bad("must have one file", "file")
            if b"filename" not in options:
                raise _bad("must be a file, with its name", "file")
            self.name = _text(options[b"filename"])
        elif self._current != "element" or self._current in self.fields:
            raise _bad(f"must have element and file, each once, not {self._current[:80]!r}")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._write(data[start:end])
        else:
            self._field += data[start:end]
            if len(self._field) > _LONGEST_FIELD:
                raise _bad(f"is longer than {_LONGEST_FIELD} bytes", self._current)

    def _on_part_end(self) -> None:
        if not self._is_file:
            self.fields[self._current] = _text(bytes(self._field))

    def _on_end(self) -> None:
        self._ended = True


_CALLBACKS = (
    "on_part_begin",
    "on_header_field",
    "on_header_value",
    "on_header_end",
    "on_headers_finished",
    "on_part_data",
    "on_part_end",
    "on_end",
)


async def read_form(request: Request, write: Callable[[bytes], None]) -> UploadForm:
    """The form of a request, its file written to `write`; BadInput where it is none or breaks off."""
    form = UploadForm(request.headers.get("content-type"), write)
    try:
        async for content in request.stream():
            await run_in_threadpool(form.take, content)
    except ClientDisconnect:
        raise _bad("was broken off") from None
    form.finish()
    return form


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace")


def _bad(fault: str, *loc: str) -> BadInput:
    return BadInput("the form does not fit", [Problem(loc, fault)])
