"""Orders as drift looks at them, and who has a voice: a matter speaks once, however many call about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.language.clean import HAN, clean
from triage.language.redact import PLACEHOLDERS
from triage.language.segment import Segmenter

_WORD = re.compile(f"[{HAN}]{{2,}}")
_PLACEHOLDER = re.compile("|".join(map(re.escape, sorted(set(PLACEHOLDERS.values())))))


@dataclass(frozen=True, slots=True)
class Seen:
    """One order, without anything personal.

    `matter` is its issue, or what its near copies share; `confidence` (0 to 1) is that of the model's own answer and
    `model` who gave it; `outcomes` says of each that is known by now whether it happened.
    """

    id: str
    matter: str
    at: datetime
    words: frozenset[str]
    category: str | None = None
    confidence: float | None = None
    model: str | None = None
    outcomes: Mapping[str, bool] = field(default_factory=dict)


def words_of(text: str, segmenter: Segmenter) -> frozenset[str]:
    """The Chinese words of two characters and more in a redacted text, each once.

    >>> sorted(words_of("[姓名]说路灯坏了3天，油烟扰民", Segmenter()))
    ['扰民', '油烟', '路灯']
    """
    plain = _PLACEHOLDER.sub(" ", clean(text).text)
    return frozenset(word for word in segmenter.words(plain) if _WORD.fullmatch(word))


def voices(seen: Iterable[Seen], until: datetime, length: timedelta) -> list[Seen]:
    """The first order of each matter in each span of this length, counted back from `until`.

    A matter that lasts speaks in every span, as often in the past as now; one that many call about at once speaks once.
    """
    first: dict[tuple[str, int], Seen] = {}
    for one in sorted(seen, key=lambda one: (one.at, one.id)):
        # -1, since the end is not in the span: what came a whole length before it is the span's first
        number = (until - one.at - timedelta(microseconds=1)) // length
        first.setdefault((one.matter, number), one)
    return list(first.values())


def once(seen: Iterable[Seen]) -> list[Seen]:
    """The first order of each matter."""
    first: dict[str, Seen] = {}
    for one in seen:
        first.setdefault(one.matter, one)
    return list(first.values())
