"""Scores as the documents publish them: figures calculated by hand, and what must hold of every board."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.bootstrap import Service, build
from triage.domain.clauses import ClauseKind
from triage.domain.errors import BadInput, PackFault
from triage.domain.vocabulary import EventKind
from triage.policy.calendar.workdays import parse_time
from triage.policy.events import parse_events
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.judging.past import PastOrder
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Entry, PartScore, Scoreboard, rounded
from triage.policy.scoring.counts import COUNTS
from triage.policy.scoring.figures import ByHand, differing, read_figures, work_out
from triage.policy.scoring.lint import scoring_is_sound
from triage.policy.scoring.measures import RATES
from triage.policy.scoring.period import Period
from triage.policy.scoring.rates import Count, Rate
from triage.policy.scoring.schema import (
    Deduction,
    Excuse,
    Item,
    PlacesPart,
    Ranking,
    RatePart,
    Scoring,
    TallyPart,
    Target,
    ThresholdPart,
    VolumePart,
)
from triage.policy.scoring.scores import score
from triage.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = Path(__file__).parent / "figures"
EXAMPLES = [example for path in sorted(FOLDER.glob("*.yaml")) for example in read_figures(path)]
POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
MARCH, APRIL = Period.parse("2026-03"), parse_time("2026-04-01T09:00")
GIVEN: dict[str, dict[str, Any]] = {
    "yanji": {"minus_item_points": 3},
    "moushi": {"response_hours": 4},
    "tangqiao": dict.fromkeys(("first_contact_points", "timely_points", "solved_points", "satisfied_points"), 25),
    "youyilu": dict.fromkeys(("solved_points", "satisfied_points", "contact_points", "timely_points"), 25),
}
"""Numbers that a town might give, so that every part is worked out."""


# Figures calculated by hand.
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.policy}: {example.name}")
def test_a_figure_is_what_it_comes_to_by_hand(service: Service, example: ByHand) -> None:
    board = work_out(example, service.shelf, lambda pack: service.town(pack.id).hours)
    assert list(differing(example, board)) == []


@pytest.mark.parametrize("policy", POLICIES)
def test_every_computed_clause_has_a_figure_by_hand(service: Service, policy: str) -> None:
    clauses = service.shelf.get_or_raise(policy).clauses.values()
    computed = {clause.id for clause in clauses if ClauseKind.COMPUTED in clause.kinds}
    assert computed - {clause for example in EXAMPLES for clause in example.clauses} == set()


@pytest.mark.parametrize("policy", POLICIES)
def test_every_part_and_target_of_a_pack_has_a_figure_by_hand(service: Service, policy: str) -> None:
    scoring = service.shelf.get_or_raise(policy).scoring
    assert scoring is not None
    cited = {line.clause for line in (*scoring.parts, *scoring.targets)}
    cited |= {scoring.ranking.clause} if scoring.ranking else set()
    assert cited - {clause for example in EXAMPLES for clause in example.clauses if example.policy == policy} == set()


def test_every_calculation_shows_its_arithmetic() -> None:
    assert [example.name for example in EXAMPLES if not any(sign in example.by_hand for sign in "=/%")] == []


def test_what_comes_out_otherwise_is_told(service: Service) -> None:
    example = EXAMPLES[0]
    board = work_out(example, service.shelf, lambda pack: service.town(pack.id).hours)
    wrong = {example_unit: {"total": 1} for example_unit in list(example.expect)[:1]} | {"moon": {"total": 1}}
    told = list(differing(replace(example, expect=wrong, last=("moon",)), board))
    assert [line.split(":")[0] for line in told] == [f"{next(iter(wrong))}.total", "moon", "last"]


def test_a_calculation_that_lacks_something_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("- {name: x, policy: yanji}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"bad\.yaml:1: .*a calculation has as_of, by_hand"):
        read_figures(path)


# Any orders.
UNITS = {"nanmatou": ("urban-squad", "housing-office", "market-office"), "tangqiao": ("urban-squad", "market-office")}
UNITS |= {"youyilu": ("urban-squad", "housing-office", "market-office"), "yanji": ("education", "health", "transport")}
UNITS |= {"moushi": ("education", "health", "transport")}
START = parse_time("2026-02-20T08:00")
STEPS = st.sampled_from(
    [
        {"kind": "accepted"},
        {"kind": "signed"},
        {"kind": "contact_attempt", "by": "unit", "reached": True},
        {"kind": "return_requested", "reason": "不属本单位职责"},
        {"kind": "extension_requested", "reason": "需协调", "days": 3},
        {"kind": "extension_granted", "by": "centre", "until": "2026-03-27"},
        {"kind": "replied", "outcome": "solved"},
        {"kind": "replied", "outcome": "explained", "fact": "not_true"},
        {"kind": "replied", "outcome": "for_reference"},
        {"kind": "review_failed", "by": "centre"},
        {"kind": "stored", "ground": 2},
        {"kind": "called_back", "contacted": True, "answered": True, "solved": True, "satisfaction": "satisfied"},
        {"kind": "called_back", "contacted": True, "answered": True, "solved": True, "satisfaction": "mostly"},
        {"kind": "called_back", "contacted": False, "answered": False, "solved": False, "satisfaction": "unsatisfied"},
        {"kind": "called_back", "contacted": True, "answered": True, "solved": False, "satisfaction": "fair"},
        {"kind": "called_back", "contacted": True},
        {"kind": "dispatched"},
    ]
)


@st.composite
def backlogs(draw: st.DrawFn, policy: str, assisted: bool = False) -> list[PastOrder]:
    units = UNITS[policy]
    orders = []
    for number in range(draw(st.integers(1, 6))):
        unit = units[0] if assisted else draw(st.sampled_from(units))
        at = START + timedelta(hours=draw(st.integers(0, 30 * 24)))
        events: list[dict[str, Any]] = [
            {
                "at": at + timedelta(minutes=20),
                "kind": "dispatched",
                "unit": unit,
                "assist": units[1:2] if assisted else [],
            }
        ]
        moment = at
        for step in draw(st.lists(STEPS, max_size=7)):
            moment += timedelta(hours=draw(st.integers(1, 90)))
            if step["kind"] == "dispatched" and not assisted:
                unit = draw(st.sampled_from(units))
            further = {"assist": units[1:2]} if assisted and step["kind"] == "dispatched" else {}
            events.append({"at": moment, "unit": unit, **step, **further})
        stated = {"repeat_count": draw(st.integers(1, 3))}
        orders.append(PastOrder(f"o{number}", Case(at, stated, parse_events(events))))
    return orders


@pytest.fixture(scope="module")
def towns() -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters=GIVEN))


def board_of(service: Service, policy: str, orders: list[PastOrder], entries: tuple[Entry, ...] = ()) -> Scoreboard:
    town = service.town(policy)
    return score(town.pack, orders, MARCH, APRIL, town.hours, entries)


def figures_of(board: Scoreboard) -> dict[tuple[str, str, int], Any]:
    found = {}
    for unit in board.units:
        for part in unit.parts:
            found |= {(unit.unit, part.id, index): figure for index, figure in enumerate(part.figures)}
        found |= {(unit.unit, target.id, 0): target.figure for target in unit.targets}
    return found


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_order_of_orders_changes_nothing(towns: Service, policy: str, data: st.DataObject) -> None:
    orders = data.draw(backlogs(policy))
    assert board_of(towns, policy, data.draw(st.permutations(orders))) == board_of(towns, policy, orders)


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_figure_recomputed_from_the_orders_it_lists_is_the_same(
    towns: Service, policy: str, data: st.DataObject
) -> None:
    orders = data.draw(backlogs(policy))
    for place, figure in figures_of(board_of(towns, policy, orders)).items():
        listed = [order for order in orders if order.id in figure.order_ids]
        assert {one.order_id for one in figure.numerator} <= set(figure.denominator)
        if listed:
            assert figures_of(board_of(towns, policy, listed))[place] == figure


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_no_total_is_above_full_and_bonus(towns: Service, policy: str, data: st.DataObject) -> None:
    board = board_of(towns, policy, data.draw(backlogs(policy)))
    for unit in board.units:
        for part in unit.parts:
            if part.score is not None and part.points is not None:
                assert part.score <= part.points
                assert part.score >= (-part.points if part.id == "service" else 0)
        if unit.total is not None:
            assert unit.total <= 100
            assert unit.total == sum((part.score or Fraction() for part in unit.parts), Fraction())


@settings(max_examples=30, deadline=None)
@given(orders=backlogs("nanmatou", assisted=True))
def test_an_assisting_unit_has_the_leads_rates_on_shared_orders(towns: Service, orders: list[PastOrder]) -> None:
    board = board_of(towns, "nanmatou", orders)
    for name in ("timely", "first-contact", "solved", "satisfied"):
        found: list[PartScore] = [unit.part(name) for unit in board.units]
        assert len({(part.score, part.figures) for part in found}) <= 1


@settings(max_examples=30, deadline=None)
@given(orders=backlogs("nanmatou"))
def test_an_order_on_file_from_the_start_never_enters_the_satisfaction(towns: Service, orders: list[PastOrder]) -> None:
    filed = parse_events([{"at": START - timedelta(days=1), "kind": "stored", "ground": 1}])
    stored = [replace(one, case=replace(one.case, events=filed + one.case.events)) for one in orders]
    for unit in board_of(towns, "nanmatou", stored).units:
        assert unit.part("satisfied").figures[0].denominator == ()


@settings(max_examples=30, deadline=None)
@given(orders=backlogs("nanmatou"))
def test_what_enters_the_satisfaction_was_called_back_before_it_was_filed(
    towns: Service, orders: list[PastOrder]
) -> None:
    events = {order.id: order.case.events for order in orders}
    for unit in board_of(towns, "nanmatou", orders).units:
        for name in unit.part("satisfied").figures[0].denominator:
            kinds = [event.kind for event in events[name]]
            assert (
                EventKind.CALLED_BACK in kinds[: kinds.index(EventKind.STORED) if EventKind.STORED in kinds else None]
            )


# Entries.
def entry(**changes: Any) -> Entry:
    return Entry(**{"unit": "urban-squad", "item": "district-media", "at": parse_time("2026-03-05T09:00"), **changes})


@pytest.mark.parametrize(
    ("policy", "changes", "fault"),
    [
        ("nanmatou", {"item": "praise"}, "no item 'praise' in pack nanmatou; known are before-raised"),
        ("nanmatou", {"unit": "moon"}, "no unit 'moon' in pack nanmatou"),
        ("nanmatou", {"points": Decimal(9)}, "the points of item 'district-media' are the pack's"),
        ("tangqiao", {"item": "model-case"}, "needs points from 0.5 to 1, not None"),
        ("tangqiao", {"item": "model-case", "points": Decimal("1.1")}, "needs points from 0.5 to 1, not 1.1"),
        ("yanji", {"unit": "education", "item": "system-failure"}, "needs the order_id of the order it excuses"),
    ],
)
def test_an_entry_that_the_pack_does_not_know_is_refused(
    towns: Service, policy: str, changes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(BadInput, match=fault):
        board_of(towns, policy, [], (entry(**changes),))


def test_an_order_that_is_there_twice_is_refused(towns: Service) -> None:
    order = PastOrder("1", Case(START))
    with pytest.raises(BadInput, match="1: order is there twice"):
        board_of(towns, "nanmatou", [order, order])


def test_what_happens_after_as_of_is_not_seen(towns: Service) -> None:
    town = towns.town("nanmatou")
    early = score(town.pack, [], MARCH, parse_time("2026-03-04T09:00"), town.hours, [entry()])
    assert early.units == ()


# Packs.
def spoiled(service: Service, policy: str, **changes: Any) -> list[str]:
    """The faults of a shipped pack whose scoring was changed."""
    pack = service.shelf.get_or_raise(policy)
    assert pack.scoring is not None
    scoring = Scoring.model_validate({**pack.scoring.model_dump(exclude_unset=True), **changes})
    file = next(iter(service.shelf._files[path] for path in service.shelf._files if path.stem == policy))
    return [message for _, message in scoring_is_sound(file.model_copy(update={"scoring": scoring}))]


def volume(**changes: Any) -> dict[str, Any]:
    known = {"id": "v", "clause": "nanmatou:scoring", "name": "量", "way": "volume", "points": 5, "lowest_share": 0.5}
    return {**known, **changes}


def test_shipped_packs_are_sound(service: Service) -> None:
    assert [spoiled(service, policy) for policy in POLICIES] == [[]] * len(POLICIES)


def test_points_that_do_not_add_up_are_told(service: Service) -> None:
    assert spoiled(service, "nanmatou", full=99) == ["the points of the parts add up to 100, not 99"]


def test_a_clause_that_is_not_stated_is_told(service: Service) -> None:
    (fault, unused) = spoiled(service, "nanmatou", full=5, parts=[volume(clause="nanmatou:annex")])
    assert fault == "clause 'nanmatou:annex' is neither stated under clauses nor adopted"
    assert unused == "is stated as computed, but nothing under scoring cites it"


def test_a_parameter_that_is_not_there_and_an_id_used_twice_are_told(service: Service) -> None:
    rate = {"id": "v", "clause": "nanmatou:scoring", "name": "率", "way": "rate", "points_parameter": "weight"}
    faults = spoiled(service, "nanmatou", full=5, parts=[volume(), {**rate, "of": {"measure": "timely"}}])
    assert faults == ["no parameter 'weight' in this pack", "'v' is used twice"]


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_lowest_share_is_none_below_nothing_or_above_all(share: float) -> None:
    with pytest.raises(ValueError, match="lowest_share"):
        Scoring.model_validate({"parts": [volume(lowest_share=share)]})


@pytest.mark.parametrize(
    "rate",
    [
        {"measure": "outcome"},
        {"measure": "timely", "credits": {"solved": 100}},
        {"measure": "satisfaction", "credits": {"solved": 100}},
        {"measure": "responded"},
    ],
)
def test_a_rate_that_does_not_fit_is_refused(rate: dict[str, Any]) -> None:
    target = {"id": "t", "clause": "a:1", "name": "率", "at_least": 90, "of": rate}
    with pytest.raises(ValueError, match="belong|not one of"):
        Scoring.model_validate({"targets": [target]})


@pytest.mark.parametrize(
    ("policy", "name", "value", "wanted"),
    [
        ("youyilu", "solved_points", "many", "a number above 0"),
        ("yanji", "minus_item_points", -1, "a number above 0"),
        ("nanmatou", "first_contact_basis", "both", "call_back or first_unit"),
    ],
)
def test_a_given_parameter_that_cannot_be_scored_with_is_refused(
    policy: str, name: str, value: object, wanted: str
) -> None:
    with pytest.raises(PackFault, match=f"{name}: must be {wanted}, or null, not {value!r}"):
        build(Settings(model=None, packs=None, calendar=None, parameters={policy: {name: value}})).shelf.get_or_raise(
            policy
        )


def test_a_pack_without_scoring_says_so(service: Service) -> None:
    pack: Pack = replace(service.shelf.get_or_raise("moushi"), scoring=None)
    with pytest.raises(BadInput, match="pack moushi has no scoring"):
        score(pack, [], MARCH, APRIL, service.town("moushi").hours)


def test_the_documentation_names_every_key_and_measure() -> None:
    page = (DOCS / "scoring.md").read_text(encoding="utf-8")
    parts = (Scoring, RatePart, VolumePart, PlacesPart, ThresholdPart, TallyPart, Deduction, Item, Excuse, Target)
    names = {name for part in (*parts, Ranking, Rate, Count) for name in part.model_fields} | {*RATES, *COUNTS}
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", page)] == []


def test_the_calculation_of_the_documentation_comes_out(service: Service, tmp_path: Path) -> None:
    page = (DOCS / "scoring.md").read_text(encoding="utf-8")
    (block,) = (part.split("```", 1)[0] for part in page.split("```yaml\n")[1:])
    path = tmp_path / "told.yaml"
    path.write_text(block, encoding="utf-8")
    (example,) = read_figures(path)
    board = work_out(example, service.shelf, lambda pack: service.town(pack.id).hours)
    assert list(differing(example, board)) == []


# Periods, numbers, speed.
@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "26", "2026-3", "1800", ""])
def test_a_period_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a month, quarter or year"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("text", "words", "end"),
    [
        ("2026-12", "2026年12月", "2027-01-01"),
        ("2026-Q4", "2026年第4季度", "2027-01-01"),
        ("2026-Q2", "2026年第2季度", "2026-07-01"),
        ("2026", "2026年度", "2027-01-01"),
    ],
)
def test_a_period_ends_where_the_next_begins(text: str, words: str, end: str) -> None:
    period = Period.parse(text)
    assert (str(period), period.end) == (words, parse_time(f"{end}T00:00"))
    assert not period.holds(period.end)


@given(value=st.fractions(min_value=-200, max_value=200))
def test_rounding_is_half_up_and_never_further_than_half_a_hundredth(value: Fraction) -> None:
    found = rounded(value)
    assert found.as_tuple().exponent == -2
    assert abs(Fraction(found) - value) <= Fraction(1, 200)
    if abs(Fraction(found) - value) == Fraction(1, 200):
        assert abs(Fraction(found)) > abs(value)


def test_each_order_is_judged_once_however_many_figures_ask_for_it(
    towns: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = next(one for one in EXAMPLES if one.policy == "nanmatou" and "ten orders" in one.name)
    judged: list[object] = []

    def counting(pack: Pack, case: Case, *rest: Any) -> Judgement:
        judged.append(case)
        return judge(pack, case, *rest)

    monkeypatch.setattr("triage.policy.scoring.work.judge", counting)
    board_of(towns, "nanmatou", example.orders)
    assert len(judged) == len(example.orders)
