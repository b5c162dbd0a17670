"""What one order teaches: from persons' words and from what became of it, with weights that say how sure."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.learning.lessons import lessons_of
from triage.desk.learning.reasons import REASONS, weight_of
from triage.domain.moments import SHANGHAI
from triage.records.entries import FEEDBACK, RECEIVED, Entry, Kept
from triage.records.orders import OrderRow

START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
UNTIL = START + timedelta(days=30)


@pytest.fixture(scope="module")
def pack(service):
    return service.town("nanmatou").pack


@pytest.fixture(scope="module")
def duties(pack):
    """Categories with one leading unit, by unit; two units with two of them each."""
    found = {}
    for category, duty in sorted(pack.duties.items()):
        if len(duty.lead) == 1:
            found.setdefault(duty.lead[0], []).append(category)
    return [(unit, own[0], own[1]) for unit, own in sorted(found.items()) if len(own) > 1][:3]


class Course:
    """An order's entries, one an hour."""

    def __init__(self, category=None, likely=(), stated=None, **labels):
        fields = {"category": category, "request_type": "complaint", "urgency": "normal", **labels}
        self.suggested = fields
        self._hours = count(1)
        received = {**fields, "likely": [list(one) for one in likely], "stated": stated or {}}
        self.entries = [Kept(1, START, Entry("p", RECEIVED, START, received, "demo", "1"))]

    def then(self, kind, **fields):
        at = START + timedelta(hours=next(self._hours))
        seq = len(self.entries) + 1
        self.entries.append(Kept(seq, at, Entry("p", kind, at, fields, "demo", "1", f"e-{seq}")))
        return self

    def said(self, accepted=False, **chosen):
        suggested = {name: self.suggested[name] for name in ("category", "request_type", "urgency")}
        return self.then(FEEDBACK, **chosen, accepted=accepted, why="", suggested=suggested)

    def given_to(self, unit):
        for kind in ("dispatched", "signed", "accepted"):
            self.then(kind, unit=unit)
        return self

    def finished(self, unit, solved=True, satisfaction="satisfied"):
        self.then("replied", unit=unit, outcome="solved")
        return self.then("called_back", contacted=True, answered=True, solved=solved, satisfaction=satisfaction)

    def teaches(self, pack, task="category", until=UNTIL):
        row = OrderRow("1", 1, "p", START, "", "标题", "文字", "complaint", "normal", None, None, "i-1", {}, {})
        found = [one for one in lessons_of(row, self.entries, pack, until) if one.task == task]
        assert len(found) < 2
        return (found[0].label, found[0].why) if found else None


def test_a_correction_is_as_sure_as_anything_and_an_acceptance_less(pack, duties):
    (_, one, other), *_ = duties
    assert Course(one).said(category=other).teaches(pack) == (other, ("corrected",))
    assert Course(one).said(accepted=True).teaches(pack) == (one, ("accepted",))
    assert weight_of(["corrected"]) == 1 > weight_of(["accepted"])


def test_what_is_said_last_holds_and_silence_unsays_nothing(pack, duties):
    (_, one, other), *_ = duties
    assert Course(one).said(category=other).said(urgency="urgent").teaches(pack) == (other, ("corrected",))
    assert Course(one).said(category=other).said(accepted=True).teaches(pack) == (one, ("accepted",))
    assert Course(one).said(urgency="urgent").teaches(pack) == (one, ("let_stand",))
    assert Course(one).said(units=["u"]).teaches(pack) is None


def test_what_the_unit_with_the_duty_settles_speaks_for_the_category(pack, duties):
    (unit, one, _), *_ = duties
    course = Course(one).given_to(unit)
    assert course.teaches(pack) == (one, ("taken",))
    course.finished(unit)
    label, why = course.teaches(pack)
    assert (label, why) == (one, ("handled", "solved", "satisfied"))
    assert weight_of(["taken"]) < weight_of(["handled"]) < weight_of(["handled", "solved"]) < weight_of(why)


def test_an_unsatisfied_caller_weakens_the_label(pack, duties):
    (unit, one, _), *_ = duties
    label, why = Course(one).given_to(unit).finished(unit, solved=False, satisfaction="unsatisfied").teaches(pack)
    assert (label, why) == (one, ("handled", "unsatisfied"))
    assert weight_of(why) < weight_of(["handled"])


def test_what_was_signed_as_untrue_weakens_the_label(pack, duties):
    (unit, one, _), *_ = duties
    course = Course(one).given_to(unit).then("replied", unit=unit, fact="not_true").then("untrue_signed", unit=unit)
    assert course.teaches(pack) == (one, ("handled", "untrue_signed"))


def test_a_return_speaks_against_the_category_and_for_the_only_likely_one_of_the_unit_that_took_it(pack, duties):
    (first, one, _), (second, own, another), _ = duties
    likely = [(one, 0.6), (own, 0.3)]
    course = Course(one, likely).given_to(first).then("return_requested", unit=first, reason="不属本单位")
    assert course.teaches(pack) is None
    course.then("return_approved", by="centre", next_unit=second).given_to(second).finished(second)
    assert course.teaches(pack) == (own, ("only_likely", "returned"))
    torn = Course(one, [*likely, (another, 0.1)]).given_to(first).then("return_requested", unit=first)
    torn.then("return_approved", by="centre", next_unit=second).given_to(second)
    assert torn.teaches(pack) is None


def test_a_unit_that_was_overruled_weakens_the_label(pack, duties):
    (unit, one, _), *_ = duties
    course = Course(one).given_to(unit).then("return_requested", unit=unit).then("return_rejected", by="centre")
    assert course.then("replied", unit=unit).teaches(pack) == (one, ("handled", "return_rejected"))


def test_who_was_designated_without_the_duty_teaches_little(pack, duties):
    (_, one, _), (second, own, _), _ = duties
    course = Course(one, [(one, 0.6), (own, 0.3)]).then("designated", unit=second, by="centre_leader")
    label, why = course.given_to(second).teaches(pack)
    assert (label, why) == (own, ("only_likely", "designated"))
    assert weight_of(why) == 0.3


def test_a_correction_is_doubted_and_an_acceptance_refuted_where_the_order_was_handed_on(pack, duties):
    (first, one, other), (second, *_), _ = duties

    def handed_on(course):
        course.given_to(first).then("return_requested", unit=first)
        return course.then("return_approved", by="centre", next_unit=second).given_to(second)

    assert handed_on(Course(one).said(category=other)).teaches(pack) == (other, ("corrected", "returned"))
    assert handed_on(Course(one).said(accepted=True)).teaches(pack) is None


def test_what_was_put_on_file_teaches_only_what_persons_said(pack, duties):
    (unit, one, other), *_ = duties
    stored = Course(one).given_to(unit).then("replied", unit=unit).then("stored", ground=3)
    assert stored.teaches(pack) is None
    assert stored.said(category=other).teaches(pack) == (other, ("corrected",))


def test_an_event_that_was_corrected_counts_as_corrected(pack, duties):
    (first, one, _), (second, own, _), _ = duties
    course = Course(one, [(one, 0.6), (own, 0.3)]).given_to(second)
    assert course.teaches(pack) == (own, ("only_likely",))
    wrong = [kept.entry for kept in course.entries[1:]]
    for entry in wrong:
        replacement = {"kind": entry.kind, "at": entry.at.isoformat(), "unit": first}
        course.then("corrected", event=entry.event_id, by="centre", reason="录错单位", replacement=replacement)
    assert course.teaches(pack) == (one, ("taken",))


def test_only_what_had_happened_by_then_counts(pack, duties):
    (unit, one, other), *_ = duties
    course = Course(one).given_to(unit).said(category=other)
    assert course.teaches(pack, until=START + timedelta(hours=3)) == (one, ("taken",))
    assert course.teaches(pack, until=START + timedelta(hours=1)) is None


def test_request_type_and_urgency_are_taught_by_persons_only(pack, duties):
    (unit, one, _), *_ = duties
    assert Course(one).given_to(unit).finished(unit).teaches(pack, "urgency") is None
    assert Course(one, stated={"urgency": "urgent"}).teaches(pack, "urgency") == ("urgent", ("stated",))
    noted = Course(one, stated={"urgency": "urgent"}).then("note", by="centre", facts={"urgency": "semi_urgent"})
    assert noted.teaches(pack, "urgency") == ("semi_urgent", ("noted",))
    assert noted.said(urgency="normal").teaches(pack, "urgency") == ("normal", ("corrected",))
    assert Course(one).said(category=one).teaches(pack, "request_type") == ("complaint", ("let_stand",))


def test_an_order_that_was_not_understood_is_taught_by_a_correction_only(pack, duties):
    (unit, one, _), *_ = duties
    assert Course().given_to(unit).finished(unit).teaches(pack) is None
    assert Course().said(category=one).teaches(pack) == (one, ("corrected",))
    assert Course().said(accepted=True).teaches(pack) is None


@given(st.lists(st.sampled_from(sorted(REASONS)), min_size=1, unique=True))
def test_a_weight_lies_above_nothing_and_up_to_one_and_doubts_only_lower_it(names):
    supports = [name for name in names if not REASONS[name].weakens]
    if supports:
        assert 0 < weight_of(names) <= weight_of(supports) <= 1
