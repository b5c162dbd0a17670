"""A call written down as a hotline clerk does: a title of a few words, and what the caller said."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

from triage.demo.calls import Call
from triage.demo.sayings import filled, words

_Phrase = TypeVar("_Phrase")
_NUMERALS = "一二三四五六七八九十"


class Clerk:
    """Writes calls down; of one matter no two orders have the same words while others are left."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._used: dict[tuple[str, str], list[Any]] = {}

    def order(self, call: Call, order_id: str) -> dict[str, Any]:
        """The order, as the body of a request has it."""
        caller = call.concern.caller
        title, what = self._said(call)
        return {
            "id": order_id,
            "received_at": call.at.isoformat(),
            "title": self._filled(call, title),
            "text": self._text(call, what),
            "caller": {"name": caller.name, "phone": caller.phone},
            "address": _address(call),
            "request_type": str(call.request_type),
        }

    def _said(self, call: Call) -> tuple[str, str]:
        """Who calls again says it in the order in which it is written: later words speak of earlier calls."""
        says = call.concern.saying.says
        return says[(call.nth - 1) % len(says)] if call.nth else self._fresh(call, "says", says)

    def _text(self, call: Call, what: str) -> str:
        saying, known = call.concern.saying, words()
        detail = self._fresh(call, "detail", saying.detail)
        wanted = saying.want or tuple(known["want"][call.request_type])
        parts = [
            self._rng.choice(known["app"]) if call.by_app else "",
            "" if call.by_app else self._rng.choice(known["openings"][call.request_type]),
            f"{what}，{detail}。",
            self._history(call),
            self._rng.choice(wanted) + "。",
            self._rng.choice(known["tones"][call.request_type]),
            self._rng.choice(known["contact"]),
        ]
        return "".join(self._filled(call, part) for part in parts)

    def _history(self, call: Call) -> str:
        if call.nth > 1:
            return str(self._fresh(call, "again", words()["again"]))
        return str(self._rng.choice(words()["complained_before"])) if call.request_type == "complaint" else ""

    def _fresh(self, call: Call, part: str, phrases: Sequence[_Phrase]) -> _Phrase:
        """One of the phrases, those last that this matter has had already."""
        used = self._used.setdefault((call.concern.id, part), [])
        if len(used) >= len(phrases):
            used.clear()
        chosen = self._rng.choice([phrase for phrase in phrases if phrase not in used])
        used.append(chosen)
        return chosen

    def _filled(self, call: Call, template: str) -> str:
        names = {**call.concern.names, "nth": _NUMERALS[call.nth - 1], "phone": call.concern.caller.phone}
        return filled(template, names, self._rng)


def _address(call: Call) -> str:
    names = call.concern.names
    return f"{names['road']}{names['lane']}弄{names['compound']}{names['no']}号"
