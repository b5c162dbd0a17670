"""File names: whatever somebody called a file becomes a name that no system minds."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from triage.desk.attachments.kinds import KINDS

LONGEST = 120
_RESERVED = frozenset('\\/:*?"<>|%')
_NAMELESS = "附件"


def safe_name(name: str, kind: str) -> str:
    r"""The name without folders, control and direction characters and what file systems reserve, ending as its kind.

    >>> safe_name("../../etc/照片\u202egpj.exe", "jpg")
    '照片gpj.exe.jpg'
    """
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(one for one in base if one not in _RESERVED and unicodedata.category(one)[0] != "C")
    kept = " ".join(unicodedata.normalize("NFC", kept).split()).strip(". ") or _NAMELESS
    stem, dot, ending = kept.rpartition(".")
    if dot and stem and ending.lower() in KINDS[kind].endings:
        return f"{stem[:LONGEST]}.{ending.lower()}"
    return f"{kept[:LONGEST]}.{KINDS[kind].endings[0]}"


def disposition(name: str, plain: str) -> str:
    """A Content-Disposition that has the file saved and never shown (RFC 6266); `plain` is for who reads ASCII only.

    >>> disposition("照片.jpg", "1.jpg")
    'attachment; filename="1.jpg"; filename*=UTF-8\\'\\'%E7%85%A7%E7%89%87.jpg'
    """
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
