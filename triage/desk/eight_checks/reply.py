"""What the eight checks are given, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from triage.domain.vocabulary import Outcome, ReplyFact, Satisfaction

FACT_NAMES: Mapping[ReplyFact, str] = MappingProxyType(
    dict(zip(ReplyFact, ("属实", "不属实", "无政策依据", "不接受政策解释", "留作参考", "不予采纳"), strict=True))
)
OUTCOME_NAMES: Mapping[Outcome, str] = MappingProxyType(
    dict(zip(Outcome, ("实际解决", "解释说明", "诉求过高", "参考备案", "未解决"), strict=True))
)
SATISFACTION_NAMES: Mapping[Satisfaction, str] = MappingProxyType(
    dict(zip(Satisfaction, ("满意", "基本满意", "一般", "不满意"), strict=True))
)


@dataclass(frozen=True)
class Reply:
    """A unit's reply; `elements` and `attachments` are names of `REPLY_ELEMENTS`."""

    text: str
    outcome: Outcome | None = None
    fact: ReplyFact = ReplyFact.TRUE
    elements: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    satisfaction: Satisfaction | None = None


@dataclass(frozen=True)
class ReplyContext:
    """What the reply answers, and what the caller said when called back; None is what nobody asked."""

    title: str = ""
    text: str = ""
    needs_site_visit: bool = False
    in_legal_procedure: bool = False
    contacted: bool | None = None
    answered: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None


class Verdict(StrEnum):
    """What a check says; the reviewer decides, whatever it is."""

    PASS = "pass"
    FAIL = "fail"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Look:
    """What a check looked at: a field and its value, or a piece of the reply's text with its place there."""

    field: str
    value: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Finding:
    """One of the eight: what it found, why in a Chinese sentence, and what it looked at."""

    number: int
    id: str
    name: str
    verdict: Verdict
    because: str
    looked_at: tuple[Look, ...]
