"""Near copies of one text, and group sending (群发): one text that comes from many telephones.

A text is known by a digest of its words and by a bottom sketch of its four-character shingles (Broder, On the
resemblance and containment of documents, 1997): the 64 smallest hash values, from which the share of shingles that two
texts have in common is estimated with a standard error of at most 0.07.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from triage.language.clean import clean
from triage.similar.copy_state import DIGEST, Orders, Text, Texts, orders_from, orders_state, texts_from, texts_state
from triage.similar.packed import Later, Reading, State, parts, under

ALIKE = 0.5
"""Two texts are the same text where they have at least this share of their shingles in common: one with every twentieth
character changed, or with two fifths appended, nearly always has. The same template about two places has it, too."""

LEAST_LETTERS = 20
"""A shorter text is the same only letter for letter, and never group sending: short complaints are alike by nature."""

WEEK = timedelta(days=7)
_SHINGLE = 4  # characters
_WEIGHTS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)
_SKETCH = 64  # hash values
_KEYS = 8  # of them by which a text is looked up
_CROWD = 32  # texts remembered for one key
_COMPARED = 12  # texts compared at most for one look-up


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is remembered of a text: 336 bytes however long it is. Equal digests are equal words."""

    digest: bytes
    letters: int
    sketch: bytes  # ascending 32-bit hash values

    __pydantic_config__ = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}  # noqa: RUF012

    def resemblance(self, other: Fingerprint) -> float:
        """The estimated share of shingles in common, 0 to 1.

        >>> fingerprint("小区门口路灯不亮").resemblance(fingerprint("小区门口路灯不亮！"))
        1.0
        """
        mine, others = _values(self), _values(other)
        smallest = sorted(mine | others)[:_SKETCH]
        return len(mine & others & set(smallest)) / len(smallest) if smallest else 0.0


def fingerprint(text: str) -> Fingerprint:
    """The fingerprint of a text, less what differs between copies: digits, marks, blanks, greeting and signature.

    Of a text over 20,000 characters the beginning and the end count. A text without a letter resembles nothing.

    >>> same_text(fingerprint("尊敬的领导：您好！路灯坏了三天。投诉人：张建国"), fingerprint("路灯坏了三天"))
    True
    """
    words = _words(text)
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=DIGEST).digest()
    return Fingerprint(digest, len(words), _sketch(words))


def same_text(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two texts are copies: the same letters, or, from `LEAST_LETTERS` on, `ALIKE` shingles at similar length.

    >>> same_text(fingerprint(""), fingerprint(""))
    False
    """
    if one.digest == other.digest:
        return one.letters > 0
    shorter, longer = sorted((one.letters, other.letters))
    return shorter >= LEAST_LETTERS and shorter * 2 >= longer and one.resemblance(other) >= ALIKE


_GREETING = re.compile(
    r"^\s*(?:尊敬的|敬爱的|亲爱的)?[^\W\d_]{0,12}?(?:领导|书记|[市区县镇局]长|主任|同志)?们?[：:，,\s]*(?:您|你|大家)们?好[呀啊]?"
)
_ENDING = re.compile(
    r"(?:此致\W*敬礼|特此(?:反映|投诉|举报)|(?:投诉|反映|举报|诉求|来电|联系|落款|署名|申请)人[：:])[^，。！？]{0,40}\W*$"
    r"|(?:[，。！；\s]*(?:十分|非常|万分)?(?:谢谢|感谢)[您你了]?们?[!！。～~]*)+$"
)
_NOT_LETTERS = re.compile(r"[\W\d_〇零一二两三四五六七八九十百千]+")  # numerals count as digits


def _words(text: str) -> str:
    cleaned = clean(text).text
    tail = _ENDING.search(cleaned, max(0, len(cleaned) - 80))
    if tail:
        cleaned = cleaned[: tail.start()]
    return _NOT_LETTERS.sub("", _GREETING.sub("", cleaned)).casefold()


def _sketch(words: str) -> bytes:
    """The smallest hash values of the shingles; a text shorter than a shingle is one."""
    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    if not codes.size:
        return b""
    codes = np.pad(codes, (0, max(0, _SHINGLE - codes.size)))
    shingles = np.lib.stride_tricks.sliding_window_view(codes, _SHINGLE)
    smallest = np.unique((_mix(shingles @ _WEIGHTS) >> np.uint64(32)).astype("<u4"))[:_SKETCH]
    return smallest.tobytes()


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the sum moves every other."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed


def _values(fingerprint: Fingerprint) -> set[int]:
    return set(memoryview(fingerprint.sketch).cast("I"))


class _Originals:
    """Texts of which copies may come, each by a number; the same text finds its number in bounded time."""

    def __init__(self) -> None:
        self._texts: dict[int, Fingerprint] = {}
        self._by_digest: dict[bytes, int] = {}
        self._by_key: dict[int, tuple[int, ...]] = {}
        self._next = 0

    def held(self) -> tuple[dict[int, Fingerprint], dict[int, tuple[int, ...]], int]:
        """Texts by number, the numbers of those that have a key, and the number that the next one gets."""
        return self._texts.copy(), self._by_key.copy(), self._next

    def take_up(self, given: Texts) -> None:
        self._texts = {number: Fingerprint(*text) for number, text in given.texts.items()}
        self._by_digest = {text.digest: number for number, text in given.texts.items()}
        self._by_key, self._next = dict(given.crowds), given.following

    def find(self, text: Fingerprint) -> int | None:
        """The text it is a copy of: the same letters, or else one alike of those that share most keys."""
        if not text.letters:
            return None
        if (number := self._by_digest.get(text.digest)) is not None:
            return number
        shared = Counter(number for key in _keys(text) for number in self._by_key.get(key, ()))
        # Those that share most keys come first, and of these the oldest: the first that is the same text will do.
        likely = sorted(shared, key=lambda number: (-shared[number], number))[:_COMPARED]
        return next((number for number in likely if same_text(text, self._texts[number])), None)

    def add(self, text: Fingerprint) -> int:
        number = self._next
        self._next += 1
        self._texts[number] = text
        self._by_digest.setdefault(text.digest, number)
        for key in _keys(text):
            self._by_key[key] = (*self._by_key.get(key, ()), number)[-_CROWD:]
        return number

    def forget(self, number: int) -> None:
        text = self._texts.pop(number)
        if self._by_digest.get(text.digest) == number:
            del self._by_digest[text.digest]
        for key in _keys(text):
            crowd = tuple(other for other in self._by_key.pop(key, ()) if other != number)
            if crowd:
                self._by_key[key] = crowd


def _keys(text: Fingerprint) -> Iterable[int]:
    return memoryview(text.sketch).cast("I")[:_KEYS].tolist() if text.letters >= LEAST_LETTERS else ()


class Copy(NamedTuple):
    """An order whose text is a copy."""

    order_id: str
    received_at: datetime


@dataclass(slots=True)
class _Received:
    """The latest orders with one text, by id."""

    orders: dict[str, datetime]
    latest: datetime


class CopyIndex:
    """Earlier orders with the same text, found as orders arrive, in bounded time and memory.

    It remembers at most `texts` texts (the one that came longest ago goes first), of each the `orders` latest orders,
    and lets go of what is older than `window` before the order that arrives: at most two texts each time, so that one
    wrong clock far in the future does not empty it. A million copies of one text are one text.

    >>> from datetime import UTC
    >>> index, noon = CopyIndex(), datetime(2024, 5, 6, 12, tzinfo=UTC)
    >>> index.add("1", fingerprint("小区门口的路灯坏了三天，晚上很黑，请尽快修好"), noon)
    >>> index.find(fingerprint("小区门口的路灯坏了5天，晚上很黑，请尽快修好！"), noon)[0].order_id
    '1'
    """

    def __init__(self, window: timedelta = WEEK, orders: int = 64, texts: int = 50_000) -> None:
        self.window = window
        self.orders = orders
        self.texts = texts
        self._originals = _Originals()
        self._received: OrderedDict[int, _Received] = OrderedDict()  # the text that came longest ago stands first

    def __len__(self) -> int:
        return len(self._received)

    def add(self, order_id: str, text: Fingerprint, received_at: datetime) -> None:
        """Remembers an order; the same id again changes nothing, a text without a letter is not remembered."""
        if not text.letters:
            return
        number = self._originals.find(text)
        if number is None:
            number = self._originals.add(text)
        seen = self._received.setdefault(number, _Received({}, received_at))
        self._received.move_to_end(number)
        seen.latest = max(seen.latest, received_at)
        seen.orders.setdefault(order_id, received_at)
        if len(seen.orders) > self.orders:
            del seen.orders[next(iter(seen.orders))]
        self._let_go(received_at)

    def find(self, text: Fingerprint, as_of: datetime) -> tuple[Copy, ...]:
        """The remembered orders with this text that were received in the window up to `as_of`, earliest first."""
        number = self._originals.find(text)
        if number is None:
            return ()
        orders = self._received[number].orders.items()
        found = [Copy(order_id, at) for order_id, at in orders if as_of - self.window < at <= as_of]
        return tuple(sorted(found, key=lambda copy: (copy.received_at, copy.order_id)))

    def forget(self, order_ids: Iterable[str]) -> None:
        """Let go of orders and of what was said in them; others that said the same are no copies of it any more."""
        gone = set(order_ids)
        for number in [number for number, one in self._received.items() if not gone.isdisjoint(one.orders)]:
            del self._received[number]
            self._originals.forget(number)

    def state(self) -> State:
        """Everything, as arrays: `texts.…` as `texts_state` says and `received.…` as `orders_state` does, the text that
        came longest ago first."""
        return self.frozen()()

    def frozen(self) -> Later:
        """Gives `state` as of now."""
        held = [Orders(number, one.orders.copy(), one.latest) for number, one in self._received.items()]
        return partial(_state, self._originals.held(), held)

    def restore(self, state: State) -> None:
        """Take up a state; ModelFault where it is none, and then nothing has changed."""
        of_texts, of_orders = parts("copies", state, "texts", "received")
        texts = texts_from(Reading("copies", of_texts), _SKETCH, _CROWD)
        read = Reading("copies", of_orders)
        held = orders_from(read)
        read.must(texts.texts.keys() == {one.text for one in held}, "each text, and no other, must have orders")
        self._originals.take_up(texts)
        self._received = OrderedDict((one.text, _Received(one.orders, one.latest)) for one in held)

    def _let_go(self, received_at: datetime) -> None:
        for _ in range(2):
            oldest = next(iter(self._received))
            too_old = self._received[oldest].latest <= received_at - self.window
            if len(self._received) > self.texts or (too_old and len(self._received) > 1):
                del self._received[oldest]
                self._originals.forget(oldest)


def _state(held: tuple[dict[int, Fingerprint], dict[int, tuple[int, ...]], int], received: Sequence[Orders]) -> State:
    texts, crowds, following = held
    plain = {number: Text(text.digest, text.letters, text.sketch) for number, text in texts.items()}
    return {**under("texts", texts_state(Texts(plain, crowds, following))), **under("received", orders_state(received))}


@dataclass(frozen=True, slots=True)
class Sent:
    """One order as far as group sending goes: the value of its caller's token, None where nobody can tell."""

    order_id: str
    caller: str | None
    received_at: datetime
    text: Fingerprint


@dataclass(frozen=True, slots=True)
class Sending:
    """One text that came from several callers: a suggestion for a person to decide, never the fact `mass_sent`."""

    orders: tuple[str, ...]  # earliest first
    callers: tuple[str, ...]  # in the order of their first
    first_at: datetime
    latest_at: datetime
    because: str


def group_sending(
    sent: Sequence[Sent], as_of: datetime, window: timedelta = WEEK, least_callers: int = 5
) -> tuple[Sending, ...]:
    """The texts that at least `least_callers` different callers sent in the window up to `as_of`, most callers first.

    One caller with the same text many times is a repeat, not group sending. Orders of unknown callers are listed, but
    prove no further caller. An order that comes twice under one id counts once.

    >>> from datetime import UTC
    >>> noon, text = datetime(2024, 5, 6, 12, tzinfo=UTC), fingerprint("坚决反对在小区旁边建设垃圾中转站，请立即停工")
    >>> sent = [Sent(str(at), f"c1-{at}", noon, text) for at in range(5)]
    >>> group_sending(sent, noon)[0].because
    '5位来电人发来内容相同的工单5件（05-06 12:00至05-06 12:00），疑为群发工单，请人工认定'
    """
    orders = {one.order_id: one for one in sent if as_of - window < one.received_at <= as_of}
    found = [
        _sending(copies)
        for copies in _copies(sorted(orders.values(), key=lambda one: (one.received_at, one.order_id)))
        if len({one.caller for one in copies} - {None}) >= least_callers
    ]
    return tuple(sorted(found, key=lambda sending: (-len(sending.callers), sending.first_at, sending.orders[0])))


def _copies(sent: Iterable[Sent]) -> Iterator[list[Sent]]:
    """Orders with one text, put to the first that had it; short texts are left out."""
    originals = _Originals()
    groups: dict[int, list[Sent]] = {}
    for one in sent:
        if one.text.letters >= LEAST_LETTERS:
            number = originals.find(one.text)
            number = originals.add(one.text) if number is None else number
            groups.setdefault(number, []).append(one)
    yield from groups.values()


def _sending(copies: list[Sent]) -> Sending:
    callers = tuple(dict.fromkeys(one.caller for one in copies if one.caller is not None))
    first, latest = copies[0].received_at, copies[-1].received_at
    because = (
        f"{len(callers)}位来电人发来内容相同的工单{len(copies)}件（{first:%m-%d %H:%M}至{latest:%m-%d %H:%M}），"
        "疑为群发工单，请人工认定"
    )
    return Sending(tuple(one.order_id for one in copies), callers, first, latest, because)
