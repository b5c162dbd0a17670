"""Which kinds of file are taken, told by their content; what a file is called or says of itself is not believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.domain.vocabulary import REPLY_ELEMENTS

HEAD, TAIL = 4096, 256 * 1024
"""How much of the beginning and of the end of a file tells its kind, in bytes."""

ELEMENTS = (*REPLY_ELEMENTS, "written_report", "other")
"""What an attachment can be: an element of the reply, a written report (of an extension), anything else."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type, and the endings its name may have, the usual one first."""

    id: str
    media_type: str
    endings: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: Mapping[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind("jpg", "image/jpeg", ("jpg", "jpeg")),
        Kind("png", "image/png", ("png",)),
        Kind("webp", "image/webp", ("webp",)),
        Kind("pdf", "application/pdf", ("pdf",)),
        Kind("docx", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
        Kind("xlsx", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
        Kind("mp3", "audio/mpeg", ("mp3",)),
        Kind("wav", "audio/wav", ("wav",)),
        Kind("m4a", "audio/mp4", ("m4a",)),
        Kind("amr", "audio/amr", ("amr",)),
        Kind("mp4", "video/mp4", ("mp4",)),
    )
}
"""All kinds that are taken."""

PICTURES = ("jpg", "png", "webp")
RECORDINGS = ("mp3", "wav", "m4a", "amr", "mp4")
_FITTING: Mapping[str, tuple[str, ...]] = {
    "before_picture": PICTURES,
    "after_picture": PICTURES,
    "contact_recording": RECORDINGS,
    "callback_recording": RECORDINGS,
}

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
    (b"ID3", "mp3"),
    (b"#!AMR\n", "amr"),
    (b"#!AMR-WB\n", "amr"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}
_MOVIES = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"})
_PACKED, _PACKED_END, _MACROS = b"PK\x03\x04", b"PK\x05\x06", b"vbaProject.bin"
_MAIN_PARTS = {"docx": b"word/document.xml", "xlsx": b"xl/workbook.xml"}


def kind_of(head: bytes, tail: bytes) -> str | None:
    """The kind of a file by its first `HEAD` and last `TAIL` bytes; None where it is none that is taken.

    Nothing is unpacked: an office file shows its parts' names in the directory at its end. One with macros is none.

    >>> kind_of(b"%PDF-1.7 ...", b""), kind_of(b"<html>", b"</html>")
    ('pdf', None)
    """
    found = next((kind for start, kind in _STARTS if head.startswith(start)), None)
    if found is not None:
        return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "m4a" if head[8:11] == b"M4A" else "mp4" if head[8:12] in _MOVIES else None
    if head.startswith(_PACKED):
        return _office(tail)
    return "mp3" if _is_mpeg_frame(head) else None


def misfit(element: str, kind: str) -> str | None:
    """Why a file of a kind cannot be what it is said to be, or None: a picture is a picture, a recording is heard.

    >>> misfit("contact_recording", "png")
    'contact_recording is one of mp3, wav, m4a, amr, mp4, not png'
    """
    fitting = _FITTING.get(element, tuple(KINDS))
    return None if kind in fitting else f"{element} is one of {', '.join(fitting)}, not {kind}"


def _office(tail: bytes) -> str | None:
    end = tail.rfind(_PACKED_END)
    if end < 0 or _MACROS in tail:
        return None
    return next((kind for kind, part in _MAIN_PARTS.items() if part in tail), None)


def _is_mpeg_frame(head: bytes) -> bool:
    """The header of an MPEG audio frame of layer III (ISO/IEC 11172-3, 2.4.1.3): sync word and no forbidden value."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer, rate, frequency = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and rate != 15 and frequency != 3
