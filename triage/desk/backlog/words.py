"""The closed lists as people write them in a table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from triage.domain.vocabulary import Complexity, Outcome, RequestType, Satisfaction, Urgency
from triage.policy.chinese import VALUES

BLANKS = frozenset(
    ("", "-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "n/a", "na", "null", "none", "nan", "#n/a")
)
"""What is written where there is nothing to write."""

Words = Mapping[str, str | bool]

_YES = dict.fromkeys(("是", "有", "true", "yes", "y", "1", "√"), True)
_NO = dict.fromkeys(("否", "没有", "未", "false", "no", "n", "0", "×"), False)
_UNRATED = dict.fromkeys(("未评价", "未回访", "未接通", "未作评价", "无评价", "待回访"), "")


def _listed(values: Iterable[str], also: Mapping[str, str]) -> Words:
    words = list(map(str, values))
    return {word: word for word in words} | {VALUES[word]: word for word in words if word in VALUES} | dict(also)


REQUEST_TYPES = _listed(RequestType, {"建议": "suggestion", "意见": "suggestion", "其它": "other", "表扬": "other"})
URGENCIES = _listed(Urgency, {"特急": "urgent", "加急": "urgent", "普通": "normal"})
COMPLEXITIES = _listed(Complexity, {"复杂": "hard", "疑难": "hard", "普通": "normal"})
OUTCOMES = _listed(Outcome, {"已解决": "solved", "解决": "solved"})
SATISFACTIONS: Words = {
    **{str(value): str(value) for value in Satisfaction},
    "满意": "satisfied",
    "非常满意": "satisfied",
    "很满意": "satisfied",
    "基本满意": "mostly",
    "较满意": "mostly",
    "一般": "fair",
    "不满意": "unsatisfied",
    "很不满意": "unsatisfied",
    "非常不满意": "unsatisfied",
    **_UNRATED,
}
FLAG_WORDS: Words = _YES | _NO
SOLVED_WORDS: Words = {**FLAG_WORDS, "已解决": True, "解决": True, "实际解决": True, "未解决": False, "没解决": False}

SHOWN: Mapping[str, str] = {
    "request_type": "咨询、求助、投诉、举报、建议、其他",
    "urgency": "紧急、次紧急、一般",
    "complexity": "简单、一般、复杂疑难",
    "outcome": "实际解决、解释说明、诉求过高、参考备案、未解决",
    "satisfaction": "满意、基本满意、一般、不满意",
    "solved": "是、否",
}
"""What a refused word is told to be one of; flags take 是 and 否."""

LISTS: Mapping[str, Words] = {
    "request_type": REQUEST_TYPES,
    "urgency": URGENCIES,
    "complexity": COMPLEXITIES,
    "outcome": OUTCOMES,
    "satisfaction": SATISFACTIONS,
    "solved": SOLVED_WORDS,
}


def is_blank(written: str) -> bool:
    """Whether a cell says that there is nothing to say."""
    return written.strip().lower() in BLANKS


def word_of(field: str, written: str) -> str | bool | None:
    """The contract's word for what is written, None where it is not known; "" where it says that there is none.

    >>> word_of("request_type", "投诉 类"), word_of("satisfaction", "未评价"), word_of("request_type", "闲聊")
    ('complaint', '', None)
    >>> word_of("media_exposed", "是")
    True
    """
    key = "".join(unicodedata.normalize("NFKC", written).lower().split())
    known = LISTS.get(field, FLAG_WORDS)
    return known.get(key, known.get(key.removesuffix("类").removesuffix("件")))
