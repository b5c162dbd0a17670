"""Which call about a matter an order is: the same caller, the same matter, in the order in which they were received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from triage.similar.callers.tokens import CallerToken
from triage.similar.copies import Fingerprint, same_text

SAME_CALL = timedelta(minutes=30)
"""Within this time the same text of the same caller may be one call that was passed on twice."""


@dataclass(frozen=True, slots=True)
class Call:
    """One order of a caller: `matter` is the id of the issue that the grouping put it into."""

    order_id: str
    caller: CallerToken | None
    matter: str
    received_at: datetime
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Repeats:
    """Which call this is, the first being 1; the orders counted, earliest first; those of them that may be one call
    passed on twice; and why."""

    count: int
    orders: tuple[str, ...]
    perhaps_one_call: tuple[str, ...]
    because: str


def repeat_count(call: Call, others: Iterable[Call], as_of: datetime, same_call: timedelta = SAME_CALL) -> Repeats:
    """Which call about this matter by this caller the order is, as known at `as_of`.

    Of `others` those count that have the caller's token and the matter, and were received before the order, or at the
    same instant with a smaller id. What comes in late finds its place by when it was received. One id counts once. The
    same text within `same_call` of the one before may be one call passed on twice: it is counted, since nobody but a
    person can tell, and it is named. A caller who is not known has a first call each time.

    >>> from datetime import UTC
    >>> one = CallerToken("c1-a", "phone")
    >>> noon = datetime(2024, 5, 6, 12, tzinfo=UTC)
    >>> first = Call("1", one, "noise", noon - timedelta(days=2))
    >>> found = repeat_count(Call("2", one, "noise", noon), [first], noon)
    >>> found.count, found.because
    (2, '该来电人就同一事项第2次来电')
    """
    if call.caller is None:
        return Repeats(1, (call.order_id,), (), "来电人不明，无法辨认是否重复来电，按首次计")
    calls = {other.order_id: other for other in _earlier(call, others, as_of)} | {call.order_id: call}
    counted = sorted(calls.values(), key=_when)
    again = tuple(
        one.order_id
        for before, one in pairwise(counted)
        if one.received_at - before.received_at <= same_call and _same_words(before, one)
    )
    orders = tuple(one.order_id for one in counted)
    return Repeats(len(orders), orders, again, _because(len(orders), call.caller, again, same_call))


def _when(call: Call) -> tuple[datetime, str]:
    return call.received_at, call.order_id


def _earlier(call: Call, others: Iterable[Call], as_of: datetime) -> Iterator[Call]:
    for other in others:
        same = other.caller is not None and other.caller == call.caller and other.matter == call.matter
        if same and other.received_at <= as_of and _when(other) < _when(call):
            yield other


def _same_words(one: Call, other: Call) -> bool:
    return (
        one.fingerprint is not None and other.fingerprint is not None and same_text(one.fingerprint, other.fingerprint)
    )


def _because(count: int, caller: CallerToken, again: tuple[str, ...], same_call: timedelta) -> str:
    parts = [f"该来电人就同一事项第{count}次来电"]
    if again:
        minutes = int(same_call.total_seconds() // 60)
        parts.append(f"其中{len(again)}件与{minutes}分钟内的前件内容相同，请核对是否为同一来电重复流转")
    if caller.weak:
        parts.append("来电人未留完整号码，请核对是否为同一人")
    return "；".join(parts)
