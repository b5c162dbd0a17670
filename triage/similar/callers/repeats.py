"""Which call about a matter an order is: the same caller, the same matter, in the order in which they were received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from triage.similar.callers.tokens import CallerToken
from triage.similar.copies import Fingerprint, same_text

SAME_CALL = timedelta(minutes=30)
"""Within this time the same text of the same caller is one call that was passed on twice."""
_COMPARED = 20  # of the calls before: a caller with a thousand texts in half an hour costs no more


@dataclass(frozen=True, slots=True)
class Call:
    """One order of a caller: `matter` is the id of the issue that the grouping put it into."""

    order_id: str
    caller: CallerToken | None
    matter: str
    received_at: datetime
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class PassedOnAgain:
    """An order that is not counted: the call it came from is there already, under `first_id`."""

    order_id: str
    first_id: str


@dataclass(frozen=True, slots=True)
class Repeats:
    """Which call this is, the first being 1; the orders that count, earliest first; those that do not; and why."""

    count: int
    orders: tuple[str, ...]
    passed_on_again: tuple[PassedOnAgain, ...]
    because: str


def repeat_count(call: Call, others: Iterable[Call], as_of: datetime, same_call: timedelta = SAME_CALL) -> Repeats:
    """Which call about this matter by this caller the order is, as known at `as_of`.

    Of `others` those count that have the caller's token and the matter, and were received before the order, or at the
    same instant with a smaller id. What comes in late finds its place by when it was received. One id counts once. The
    same text within `same_call` of a call already counted is that call passed on again: it is named, not counted, and
    has that call's number. A caller who is not known has a first call each time.

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
    counted: list[Call] = []
    again: list[PassedOnAgain] = []
    for one in sorted(calls.values(), key=_when):
        first = next((seen for seen in _recent(counted, one, same_call) if _same_words(seen, one)), None)
        if first is None:
            counted.append(one)
        else:
            again.append(PassedOnAgain(one.order_id, first.order_id))
    orders = tuple(one.order_id for one in counted)
    mine = next((one.first_id for one in again if one.order_id == call.order_id), call.order_id)
    count = orders.index(mine) + 1
    return Repeats(count, orders[:count], tuple(again), _because(count, call, again, same_call))


def _when(call: Call) -> tuple[datetime, str]:
    return call.received_at, call.order_id


def _earlier(call: Call, others: Iterable[Call], as_of: datetime) -> Iterator[Call]:
    for other in others:
        same = other.caller is not None and other.caller == call.caller and other.matter == call.matter
        if same and other.received_at <= as_of and _when(other) < _when(call):
            yield other


def _recent(counted: list[Call], call: Call, same_call: timedelta) -> Iterator[Call]:
    for seen in islice(reversed(counted), _COMPARED):
        if call.received_at - seen.received_at > same_call:
            return
        yield seen


def _same_words(one: Call, other: Call) -> bool:
    return (
        one.fingerprint is not None and other.fingerprint is not None and same_text(one.fingerprint, other.fingerprint)
    )


def _because(count: int, call: Call, again: list[PassedOnAgain], same_call: timedelta) -> str:
    parts = [f"该来电人就同一事项第{count}次来电"]
    minutes = int(same_call.total_seconds() // 60)
    if any(one.order_id == call.order_id for one in again):
        parts.append(f"本件与{minutes}分钟内的前件内容相同，视为同一来电重复流转，未另计次")
    elif again:
        parts.append(f"另有{len(again)}件与{minutes}分钟内的前件内容相同，视为同一来电重复流转，未计次")
    if call.caller is not None and call.caller.weak:
        parts.append("来电人未留完整号码，请核对是否为同一人")
    return "；".join(parts)
