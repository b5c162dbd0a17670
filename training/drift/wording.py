"""What was found, in a sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NAMES: Mapping[str, str] = {"returned": "被退单的", "corrected": "类别被改正的", "unsatisfied": "回访不满意的"}
"""Outcomes as they are called in a sentence."""

_ABOUT = {"word": "写到“{}”的", "category": "类别为“{}”的", "outcome": "{}"}


def share_said(kind: str, name: str, counts: Sequence[int]) -> str:
    """One sentence about a share; counts as a finding has them.

    >>> share_said("word", "飞线充电", (12, 240, 6, 1500))
    '写到“飞线充电”的诉求增多：近期240件中有12件（5.0%），此前1500件中有6件（0.4%）'
    """
    now, recent, before, reference = counts
    way = "增多" if now * reference > before * recent else "减少"
    about = _ABOUT[kind].format(name)
    return (
        f"{about}诉求{way}：近期{recent}件中有{now}件（{_share(now, recent)}），"
        f"此前{reference}件中有{before}件（{_share(before, reference)}）"
    )


def confidence_said(now: float, before: float, recent: int, reference: int) -> str:
    """One sentence about how sure answers are.

    >>> confidence_said(0.86, 0.91, 240, 1500)
    '模型对类别的把握降低：近期240件平均86.0%，此前1500件平均91.0%'
    """
    way = "降低" if now < before else "提高"
    return f"模型对类别的把握{way}：近期{recent}件平均{now:.1%}，此前{reference}件平均{before:.1%}"


def collective_said(orders: int, words: Sequence[str]) -> str:
    """One sentence about a collective issue that brings words with it.

    >>> collective_said(31, ["停气", "燃气"])
    '“停气”“燃气”增多，主要来自同一诉求的31件工单，属集中诉求，不算用语变化'
    """
    named = "".join(f"“{word}”" for word in words)
    return f"{named}增多，主要来自同一诉求的{orders}件工单，属集中诉求，不算用语变化"


def _share(some: int, of: int) -> str:
    return f"{some / of:.1%}" if of else "无"
