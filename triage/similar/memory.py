"""What a town remembers of its orders: whom an order comes from, which issue it belongs to, who else complains."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from triage.domain.errors import ModelFault
from triage.domain.moments import start_of_day
from triage.domain.orders import Order
from triage.similar.callers.households import Callers, callers_of
from triage.similar.callers.households import Entry as Household
from triage.similar.callers.repeats import Call, Repeats, repeat_count
from triage.similar.callers.tokens import CallerToken, CallerTokens
from triage.similar.copies import CopyIndex, Fingerprint, Sending, Sent, fingerprint, group_sending
from triage.similar.counts import MOST_CALLERS_ASKED, Counts, distinct, start_of_week
from triage.similar.grouping.grouping import Found, Placed
from triage.similar.grouping.issues import ALWAYS
from triage.similar.kept import Kept, kept_from, kept_state
from triage.similar.linker import Entry, Linked, Linker, Similar
from triage.similar.packed import Later, Reading, State, parts, under
from triage.similar.signature import Signature

Categories = Sequence[tuple[str, float]]
"""Ids of categories with their probabilities, the likeliest first."""

_CALLS_LOOKED_AT = 2_000
"""Of one caller's orders the latest so many are asked which matter they are about."""

_NOTHING_SAID = fingerprint("")


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is known beside an order's own words, at a moment, the order itself counted in.

    `issue` is None where it would found one. `unit_callers` are the different callers of seven days who complained
    about the same body (a shop, a firm, a school, a unit), 0 where none is named. `sending` is a suggestion: many sent
    one text.
    """

    issue: str | None
    counts: Counts
    callers: Callers
    similar: tuple[Similar, ...]
    token: CallerToken | None
    repeats: Repeats
    unit_callers: int
    sending: Sending | None


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """An order as it is remembered: all that its own words say."""

    signature: Signature
    kept: Kept
    text: Fingerprint

    @property
    def id(self) -> str:
        """The order's id."""
        return self.signature.order_id


@dataclass(frozen=True, slots=True)
class _Asked:
    """An order that is asked about: its number where it is remembered, and one that it belongs with where it is not."""

    order: ReadOrder
    number: int | None
    companion: int | None


class Memory:
    """Remembers orders as they come and answers for any moment; `recall` changes nothing.

    Facts are those of rulebook section 0: `counts` hold issue_today, issue_week and issue_callers_week, `repeats` holds
    repeat_count. Nothing received, merged or split after `as_of` is seen. Not for several threads at once.
    """

    def __init__(self, linker: Linker, tokens: CallerTokens) -> None:
        self.linker = linker
        self._tokens = tokens
        self._copies = CopyIndex()
        self._kept: list[Kept] = []
        self._of_caller: defaultdict[CallerToken, list[int]] = defaultdict(list)
        self._of_body: defaultdict[str, list[int]] = defaultdict(list)

    def recall(
        self, order: Order, as_of: datetime, *, categories: Categories = (), bodies: Sequence[str] = ()
    ) -> Recalled:
        """What is known about an order that may be remembered or not; `bodies` are whom it complains about."""
        read = self.read(order, categories=categories, bodies=bodies)
        return self._recalled(read, self.linker.look_for(read.signature), as_of)

    def remember(
        self, order: Order, as_of: datetime, *, categories: Categories = (), bodies: Sequence[str] = ()
    ) -> Recalled:
        """Take an order in, by its id, and say what is known; the same id again changes nothing."""
        return self.take_in(self.read(order, categories=categories, bodies=bodies), as_of)

    def take_in(self, read: ReadOrder, as_of: datetime) -> Recalled:
        """The same for an order that was read."""
        known = read.id in self.linker.grouping.issues
        linked = self.linker.take_in(read.signature)
        if not known:
            self._keep(read)
        return self._recalled(read, linked, as_of)

    def placed(self, order_id: str, deeds_before: int) -> Placed:
        """The place that was found for the order remembered last."""
        return self.linker.grouping.placed(order_id, deeds_before)

    def put(self, read: ReadOrder, placed: Placed) -> None:
        """Take an order in whose place was found before, as after a restart."""
        if read.id not in self.linker.grouping.issues:
            self.linker.put(read.signature, placed)
            self._keep(read)

    def orders_of(self, token: CallerToken) -> Sequence[int]:
        """The numbers of a caller's orders, as they arrived."""
        return self._of_caller.get(token, ())

    def forget_callers(self, order_ids: Iterable[str]) -> None:
        """Remember these orders without who called, from which door and in which words; what they are about stays."""
        grouping = self.linker.grouping
        known = [order_id for order_id in order_ids if order_id in grouping.issues]
        for number in map(grouping.issues.number, known):
            caller = self._kept[number].caller
            if caller is not None:
                self._of_caller[caller].remove(number)
                if not self._of_caller[caller]:
                    del self._of_caller[caller]
            self._kept[number] = replace(self._kept[number], caller=None, household=None, text=_NOTHING_SAID)
            grouping.remembered.forget_caller(number)
        self._copies.forget(known)

    def state(self) -> State:
        """Everything that is remembered, as arrays: `linker.…` and `copies.…` as these give them, and `kept.…`, a row
        for each order, as `kept_state` says. It holds pseudonyms."""
        return self.frozen()()

    def frozen(self) -> Later:
        """Gives `state` as of now: making it takes some milliseconds, calling it some microseconds an order. It may be
        called in another thread while orders come in."""
        return partial(_state, self.linker.frozen(), self._copies.frozen(), self._kept.copy())

    def restore(self, state: State) -> None:
        """Take up a state, after which everything is as it was, to the last bit.

        ModelFault where it is none, or of another encoder; then nothing has changed. The weights and the reader are
        not part of it: they must be the same (`Linker.made_of`).
        """
        of_linker, of_copies, of_kept = parts("memory", state, "linker", "copies", "kept")
        copies = CopyIndex()
        copies.restore(of_copies)
        kept = kept_from(Reading("kept orders", of_kept))
        before = self.linker.frozen()
        self.linker.restore(of_linker)
        if len(kept) != len(self.linker.grouping.issues.orders):
            self.linker.restore(before())
            raise ModelFault("state of memory: must keep as many orders as its issues have")
        self._take_up(kept, copies)

    def _take_up(self, kept: list[Kept], copies: CopyIndex) -> None:
        self._kept, self._copies = kept, copies
        self._of_caller, self._of_body = defaultdict(list), defaultdict(list)
        for number, one in enumerate(kept):
            self._list(number, one)

    def read(self, order: Order, *, categories: Categories = (), bodies: Sequence[str] = ()) -> ReadOrder:
        """What is remembered of an order, or compared; nothing is looked up, and any number of threads may read."""
        token = self._tokens.token(order.caller, order.address)
        text = fingerprint(order.text or order.title)
        entry = Entry(
            order_id=order.id or "",
            received_at=order.received_at,
            title=order.title,
            text=order.text,
            caller=token.value if token else None,
            place=order.address,
            categories=tuple(categories),
        )
        kept = Kept(
            received_at=order.received_at,
            caller=token,
            household=self._tokens.household(order.address, order.text),
            text=replace(text, sketch=b""),  # letter for letter is enough to see one call passed on twice
            bodies=tuple(dict.fromkeys(bodies)),
        )
        return ReadOrder(self.linker.read(entry), kept, text)

    def _keep(self, read: ReadOrder) -> None:
        number = len(self._kept)
        self._kept.append(read.kept)
        self._copies.add(read.id, read.text, read.kept.received_at)
        self._list(number, read.kept)

    def _list(self, number: int, kept: Kept) -> None:
        if kept.caller is not None:
            self._of_caller[kept.caller].append(number)
        for body in kept.bodies:
            self._of_body[body].append(number)

    def _recalled(self, read: ReadOrder, linked: Linked, as_of: datetime) -> Recalled:
        issues, moment = self.linker.grouping.issues, as_of.timestamp()
        number = issues.number(read.id) if read.id in issues else None
        companion = self._companion(linked.found, moment) if number is None else number
        asked = _Asked(read, number, companion)
        orders, ever = self._together(asked, as_of, ALWAYS)
        callers = callers_of(Household(str(at), one.caller, one.household) for at, one in enumerate(ever))
        return Recalled(
            issue=None if companion is None else issues.ids[issues.issue_at(companion, moment)],
            counts=self._counts(asked, as_of, orders, callers.callers),
            callers=callers,
            similar=tuple(one for one in linked.similar if issues.received[issues.number(one.order_id)] <= moment),
            token=asked.order.kept.caller,
            repeats=self._repeats(asked, as_of),
            unit_callers=self._unit_callers(asked, as_of),
            sending=self._sending(asked, as_of),
        )

    def _companion(self, found: Found, moment: float) -> int | None:
        """An order received by then of the issue that fits: the nearest one, since that issue may be of several that
        were not yet merged; else the latest."""
        if not found.issue:
            return None
        issues = self.linker.grouping.issues
        members = issues.members(found.issue)
        known = bisect_right(members, moment, key=issues.received.__getitem__)
        near = (one.order for one in found.nearest if issues.issue_of(one.order) == found.issue)
        return next((one for one in near if issues.received[one] <= moment), members[known - 1] if known else None)

    def _together(self, asked: _Asked, as_of: datetime, since: float) -> tuple[int, list[Kept]]:
        """How many orders of its issue were received since then, itself among them, and the latest of them."""
        received = asked.order.kept.received_at.timestamp()
        mine = [asked.order.kept] if received >= since else []
        if asked.companion is None:
            return len(mine), mine
        issues = self.linker.grouping.issues
        count, numbers = issues.latest(asked.companion, as_of.timestamp(), since, MOST_CALLERS_ASKED)
        counted = asked.number is not None and since <= received <= as_of.timestamp()
        others = [self._kept[number] for number in numbers if number != asked.number]
        return count - counted + len(mine), [*others, *mine]

    def _counts(self, asked: _Asked, as_of: datetime, orders: int, callers: int) -> Counts:
        week, lately = self._together(asked, as_of, start_of_week(as_of).timestamp())
        today, _ = self._together(asked, as_of, start_of_day(as_of).timestamp())
        return Counts(orders, callers, today, week, distinct([one.caller for one in lately]))

    def _repeats(self, asked: _Asked, as_of: datetime) -> Repeats:
        issues, kept, moment = self.linker.grouping.issues, asked.order.kept, as_of.timestamp()
        matter = "" if asked.companion is None else str(issues.issue_at(asked.companion, moment))
        mine = Call(asked.order.id, kept.caller, matter, kept.received_at, kept.text)
        numbers = self._of_caller.get(kept.caller, [])[-_CALLS_LOOKED_AT:] if kept.caller else []
        others = [
            Call(issues.orders[one], kept.caller, str(issues.issue_at(one, moment)), other.received_at, other.text)
            for one, other in ((one, self._kept[one]) for one in numbers if one != asked.number)
        ]
        return repeat_count(mine, others, as_of)

    def _unit_callers(self, asked: _Asked, as_of: datetime) -> int:
        week, most = start_of_week(as_of), 0
        for body in asked.order.kept.bodies:
            numbers = self._of_body.get(body, [])[-MOST_CALLERS_ASKED:]
            others = [self._kept[number] for number in numbers if number != asked.number]
            lately = [other.caller for other in others if week <= other.received_at <= as_of]
            most = max(most, distinct([*lately, asked.order.kept.caller]))
        return most

    def _sending(self, asked: _Asked, as_of: datetime) -> Sending | None:
        issues = self.linker.grouping.issues
        copies = {copy.order_id: copy.received_at for copy in self._copies.find(asked.order.text, as_of)}
        callers = {order_id: self._kept[issues.number(order_id)].caller for order_id in copies}
        copies[asked.order.id], callers[asked.order.id] = asked.order.kept.received_at, asked.order.kept.caller
        sent = [
            Sent(order_id, caller.value if caller else None, copies[order_id], asked.order.text)
            for order_id, caller in callers.items()
        ]
        return next(iter(group_sending(sent, as_of)), None)


def _state(linker: Later, copies: Later, kept: list[Kept]) -> State:
    return {**under("linker", linker()), **under("copies", copies()), **under("kept", kept_state(kept))}
