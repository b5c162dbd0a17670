"""Bulletins as the documents ask for them: counted by hand, and what must hold of every one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.bootstrap import Service, build
from triage.domain.clauses import ClauseKind
from triage.domain.errors import BadInput, PackFault
from triage.domain.moments import SHANGHAI
from triage.policy.bulletins import backlog
from triage.policy.bulletins.bulletin import bulletin
from triage.policy.bulletins.byhand import CountedByHand, drawn_up, otherwise, read_counted
from triage.policy.bulletins.lines import Bulletin
from triage.policy.bulletins.lint import bulletins_are_sound, seasons_name_categories
from triage.policy.bulletins.schema import (
    BehindPage,
    BulletinPart,
    FiguresPage,
    ListPage,
    RankingPage,
    Season,
    SeasonsPage,
    VolumePage,
)
from triage.policy.bulletins.spans import a_year_earlier, ended, holding, previous
from triage.policy.calendar.workdays import parse_time
from triage.policy.events import parse_events
from triage.policy.judging.facts import Case
from triage.policy.judging.past import PastOrder
from triage.policy.pack.schema import PackFile
from triage.policy.scoring.period import SpanKind
from triage.policy.scoring.work import Assessment, Judged, judged_order
from triage.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = Path(__file__).parent / "bulletins"
EXAMPLES = [example for path in sorted(FOLDER.glob("*.yaml")) for example in read_counted(path)]
POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
GIVEN: dict[str, dict[str, Any]] = {
    "moushi": {"response_hours": 4, "hot_orders": 1},
    "nanmatou": {"hot_orders": 1, "large_volume": 1, "bottom_units": 2, "bottom_months": 1},
    "tangqiao": {"finish_workdays": 5, "hot_orders": 1},
    "youyilu": dict.fromkeys(("solved_points", "satisfied_points", "contact_points", "timely_points"), 25),
    "yanji": {},
}
APRIL = parse_time("2026-04-01T09:00")


# Counted by hand.
def told(service: Service, example: CountedByHand) -> Bulletin:
    return drawn_up(example, service.shelf, lambda pack: service.town(pack.id).hours)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.policy}: {example.name}")
def test_a_bulletin_says_what_was_counted_by_hand(service: Service, example: CountedByHand) -> None:
    assert list(otherwise(example, told(service, example))) == []


@pytest.mark.parametrize("policy", POLICIES)
def test_every_report_clause_has_a_count_by_hand(service: Service, policy: str) -> None:
    pack = service.shelf.get_or_raise(policy)
    reported = {clause.id for clause in pack.clauses.values() if ClauseKind.REPORT in clause.kinds}
    shown = {
        page.clause
        for example in EXAMPLES
        for page in told(service, example).pages
        if any(example.expect.get(page.title, {}))
    }
    assert reported - shown == set()


@pytest.mark.parametrize("policy", POLICIES)
def test_every_page_of_every_bulletin_is_counted_by_hand(service: Service, policy: str) -> None:
    counted = {(one.bulletin, title) for one in EXAMPLES if one.policy == policy for title in one.expect}
    stated = service.shelf.get_or_raise(policy).bulletins
    assert {(one.id, page.title) for one in stated for page in one.pages} - counted == set()


def test_what_comes_out_otherwise_is_told(service: Service) -> None:
    example = next(one for one in EXAMPLES if one.bulletin == "daily")
    wrong = {"各类诉求": {"heating": {"count": 9, "rate": 1}, "moon": 1}, "月亮": {}}
    told_of = list(otherwise(replace(example, period="今天", expect=wrong), told(service, example)))
    assert [line.split(":")[0] for line in told_of] == ["period", "各类诉求", "各类诉求, heating", "月亮"]


def test_a_count_that_lacks_something_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("- {name: x, policy: yanji}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"bad\.yaml:1: .*a count has as_of, bulletin"):
        read_counted(path)


# Periods.
moments = st.datetimes(datetime(2005, 1, 1), datetime(2040, 12, 31)).map(lambda at: at.replace(tzinfo=SHANGHAI))
kinds = st.sampled_from(get_args(SpanKind))


@given(kind=kinds, at=moments)
def test_periods_follow_one_another_without_a_gap(kind: SpanKind, at: datetime) -> None:
    now = holding(kind, at)
    assert now.holds(at) and holding(kind, now.start) == now
    assert previous(now).end == now.start
    assert ended(kind, at) == previous(now)
    assert ended(kind, now.start) == ended(kind, now.end - timedelta(microseconds=1))


@given(kind=kinds, at=moments)
def test_a_year_earlier_is_a_year_earlier(kind: SpanKind, at: datetime) -> None:
    now, then = holding(kind, at), a_year_earlier(holding(kind, at))
    assert then.kind == kind
    assert timedelta(days=363) < now.start - then.start < timedelta(days=367)


def test_a_week_of_two_months_says_so() -> None:
    assert str(holding("week", parse_time("2026-03-01T09:00"))) == "2026年2月23日至3月1日"


# Any orders.
UNITS = {"nanmatou": ("urban-squad", "housing-office", "market-office"), "tangqiao": ("urban-squad", "market-office")}
UNITS |= {"youyilu": ("urban-squad", "housing-office", "market-office"), "yanji": ("education", "health", "transport")}
UNITS |= {"moushi": ("education", "health", "transport")}
STEPS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"kind": "accepted"},
        {"kind": "replied", "outcome": "solved"},
        {"kind": "replied", "outcome": "unsolved"},
        {"kind": "called_back", "contacted": True, "answered": True, "solved": True, "satisfaction": "satisfied"},
        {"kind": "called_back", "contacted": False, "answered": True, "solved": False, "satisfaction": "unsatisfied"},
        {"kind": "dispatched"},
        {"kind": "closed"},
        {"kind": "reopened"},
    ]
)


@st.composite
def backlogs(draw: st.DrawFn, policy: str) -> list[PastOrder]:
    orders = []
    for number in range(draw(st.integers(0, 6))):
        at = parse_time("2026-02-15T08:00") + timedelta(hours=draw(st.integers(0, 45 * 24)))
        events: list[dict[str, Any]] = []
        moment = at
        for step in draw(st.lists(STEPS, max_size=5)):
            moment += timedelta(hours=draw(st.integers(1, 90)))
            events.append({"at": moment, "unit": draw(st.sampled_from(UNITS[policy])), **step})
        stated: dict[str, Any] = {
            "repeat_count": draw(st.integers(1, 6)),
            "complexity": draw(st.sampled_from(["simple", "hard"])),
            "candidate_units": UNITS[policy][: draw(st.integers(0, 2))],
        }
        category = draw(st.sampled_from([None, "food-safety", "waterlogging"]))
        orders.append(PastOrder(f"o{number}", Case(at, stated, parse_events(events)), category))
    return orders


@pytest.fixture(scope="module")
def towns() -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters=GIVEN))


def all_bulletins(service: Service, policy: str, orders: list[PastOrder], as_of: datetime = APRIL) -> list[Bulletin]:
    town = service.town(policy)
    return [bulletin(town.pack, one.id, orders, as_of, town.hours) for one in town.pack.bulletins]


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_order_of_orders_changes_nothing(towns: Service, policy: str, data: st.DataObject) -> None:
    orders = data.draw(backlogs(policy))
    assert all_bulletins(towns, policy, data.draw(st.permutations(orders))) == all_bulletins(towns, policy, orders)


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_line_counts_the_orders_it_lists_and_names_clause_and_roles(
    towns: Service, policy: str, data: st.DataObject
) -> None:
    orders = data.draw(backlogs(policy))
    ids = {order.id for order in orders}
    clauses = towns.shelf.get_or_raise(policy).clauses
    for one in all_bulletins(towns, policy, orders):
        for page in one.pages:
            assert len({(line.group, line.key) for line in page.lines}) == len(page.lines)
            for line in page.lines:
                assert line.count == len(set(line.order_ids)) and set(line.order_ids) <= ids
                assert line.before_ids is None or not set(line.before_ids) & set(line.order_ids)
                assert line.clause in clauses and line.notify[: len(page.notify)] == page.notify


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_list_has_an_order_once_and_needs_no_other_order_for_it(
    towns: Service, policy: str, data: st.DataObject
) -> None:
    orders = data.draw(backlogs(policy))
    alone = {order.id: all_bulletins(towns, policy, [order]) for order in orders}
    for number, stated in enumerate(towns.shelf.get_or_raise(policy).bulletins):
        whole = all_bulletins(towns, policy, orders)[number]
        for place, page in enumerate(stated.pages):
            if isinstance(page, ListPage):
                listed = sorted(name for line in whole.pages[place].lines for name in line.order_ids)
                assert listed == sorted(name for name in alone if alone[name][number].pages[place].lines)


def test_each_order_is_judged_once(towns: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []

    def counted(under: Assessment, order: PastOrder) -> Judged:
        judged.append(order.id)
        return judged_order(under, order)

    monkeypatch.setattr(backlog, "judged_order", counted)
    town = towns.town("nanmatou")
    orders = [PastOrder(name, Case(parse_time("2026-03-02T09:00"))) for name in "ab"]
    bulletin(town.pack, "monthly", orders, APRIL, town.hours)
    assert judged == ["a", "b"]


def test_an_order_closed_before_the_period_and_reopened_in_it_stands(towns: Service) -> None:
    steps = [("2026-02-10T10:00", "closed"), ("2026-03-20T10:00", "reopened"), ("2026-03-25T10:00", "closed")]
    for count, stands in ((0, True), (1, False), (2, True), (3, True)):
        events = parse_events([{"at": at, "kind": kind} for at, kind in steps[:count]])
        order = PastOrder("a", Case(parse_time("2026-02-02T09:00"), {"complexity": "hard"}, events))
        town = towns.town("nanmatou")
        page = bulletin(town.pack, "monthly", [order], APRIL, town.hours).page("难点")
        assert bool(page.lines) is stands


def test_an_order_of_which_nothing_is_known_yet_is_nowhere(towns: Service) -> None:
    for one in all_bulletins(towns, "nanmatou", [PastOrder("a", Case(None, {"complexity": "hard"}))]):
        assert [line for page in one.pages for line in page.lines] == []


def test_a_bulletin_that_is_not_there_names_those_that_are(towns: Service) -> None:
    town = towns.town("yanji")
    with pytest.raises(BadInput, match="no bulletin 'weekly' in pack yanji; known are monthly, quarterly, yearly"):
        bulletin(town.pack, "weekly", [], APRIL, town.hours)


def test_an_order_that_is_there_twice_is_refused(towns: Service) -> None:
    with pytest.raises(BadInput, match="a: order is there twice"):
        all_bulletins(towns, "yanji", [PastOrder("a", Case(None)), PastOrder("a", Case(None))])


def test_a_page_says_which_parameters_it_lacks() -> None:
    settings = Settings(model=None, packs=None, calendar=None, parameters={"nanmatou": {"first_contact_basis": None}})
    week, month = all_bulletins(build(settings), "nanmatou", [])
    assert [note.split("（")[0] for note in week.page("受理、办理情况").notes] == ["参数 first_contact_basis 尚未给定"]
    behind = month.page("诉求量大、绩效长期处于末尾的单位").notes
    assert [note.split()[1] for note in behind] == ["large_volume", "bottom_units", "bottom_months"]
    assert all(note.endswith("，不据此筛选") for note in behind)


# Packs.
Spoil = Callable[[list[dict[str, Any]]], object]
PAGE = {"clause": "youyilu:14", "title": "页", "way": "figures", "figures": ["received"]}


def spoiled(service: Service, spoil: Spoil, **others: Any) -> list[tuple[Any, str]]:
    """The faults of Youyilu's pack with its bulletins changed."""
    service.shelf.get_or_raise("youyilu")
    file: PackFile = next(service.shelf._files[path] for path in service.shelf._files if path.stem == "youyilu")
    parts = [part.model_dump(exclude_unset=True) for part in file.bulletins]
    spoil(parts)
    changed = {"bulletins": tuple(BulletinPart.model_validate(part) for part in parts), **others}
    faulty = file.model_copy(update=changed)
    return [*bulletins_are_sound(faulty), *seasons_name_categories(faulty, {"food-safety"})]


FAULTS: list[tuple[Spoil, tuple[Any, ...], str]] = [
    (
        lambda parts: parts.clear(),
        ("clauses", "14"),
        "is stated as report, but no page under bulletins cites it",
    ),
    (
        lambda parts: parts[0].update(clause="youyilu:99"),
        ("bulletins", 0, "clause"),
        "clause 'youyilu:99' is not stated under clauses",
    ),
    (
        lambda parts: parts[0].update(pages=[*parts[0]["pages"], {**PAGE, "clause": "youyilu:15"}]),
        ("bulletins", 0, "pages", 2, "clause"),
        "youyilu:15 is not stated as report",
    ),
    (lambda parts: parts[1].update(id="monthly"), ("bulletins", 1, "id"), "'monthly' is used twice"),
    (
        lambda parts: parts[0].update(pages=[PAGE, PAGE]),
        ("bulletins", 0, "pages", 1, "title"),
        "'页' is used twice",
    ),
    (
        lambda parts: parts[0].update(pages=[{**PAGE, "figures": "bonus"}]),
        ("bulletins", 0, "pages", 0, "figures"),
        "no figure 'bonus'; known are received, solved, satisfied, contact, timely",
    ),
    (
        lambda parts: parts[0].update(every="week"),
        ("bulletins", 0, "pages", 0, "way"),
        "ranking needs a bulletin every month, quarter, year, not week",
    ),
    (
        lambda parts: (
            parts[0].update(pages=[{**PAGE, "way": "seasons", "seasons": [{"name": "夏", "categories": ["moon"]}]}])
            or parts[0]["pages"][0].pop("figures")
        ),
        ("bulletins", 0, "pages", 0, "seasons", 0, "categories"),
        "no category 'moon' in the taxonomy",
    ),
]


@pytest.mark.parametrize(("spoil", "loc", "fault"), FAULTS, ids=[fault for _, _, fault in FAULTS])
def test_a_fault_of_a_pack_is_told_with_its_place(
    service: Service, spoil: Spoil, loc: tuple[Any, ...], fault: str
) -> None:
    assert spoiled(service, spoil) == [(loc, fault)]


def test_a_ranking_needs_a_scoring(service: Service) -> None:
    faults = [fault for _, fault in spoiled(service, lambda parts: None, scoring=None)]
    assert faults.count("ranking needs a scoring") == 3


def test_a_number_that_cannot_be_counted_with_is_refused() -> None:
    settings = Settings(model=None, packs=None, calendar=None, parameters={"nanmatou": {"bottom_units": 0}})
    with pytest.raises(PackFault, match="bottom_units: must be a whole number from 1, or null, not 0"):
        build(settings).shelf.get_or_raise("nanmatou")


@pytest.mark.parametrize(
    "changes",
    [{"every": "decade"}, {"notify": []}, {"pages": []}, {"pages": [{**PAGE, "way": "list"}]}],
    ids=["period", "nobody", "no page", "keys of another way"],
)
def test_a_bulletin_of_the_wrong_shape_is_refused(changes: dict[str, Any]) -> None:
    good = {"id": "b", "title": "报", "every": "week", "clause": "a:1", "notify": "unit_head", "pages": [PAGE]}
    assert BulletinPart.model_validate(good)
    with pytest.raises(ValueError, match="validation error"):
        BulletinPart.model_validate({**good, **changes})


# Documents.
def test_the_documentation_names_every_key() -> None:
    page = (DOCS / "bulletins.md").read_text(encoding="utf-8")
    parts = (BulletinPart, ListPage, VolumePage, FiguresPage, RankingPage, BehindPage, SeasonsPage, Season)
    names = {name for part in parts for name in part.model_fields} | set(get_args(SpanKind))
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", page)] == []


def test_the_examples_of_the_documentation_come_out(service: Service, tmp_path: Path) -> None:
    page = (DOCS / "bulletins.md").read_text(encoding="utf-8")
    (python,) = (part.split("```", 1)[0] for part in page.split("```python\n")[1:])
    exec(python, {})
    (block,) = (part.split("```", 1)[0] for part in page.split("```yaml\n")[1:])
    path = tmp_path / "told.yaml"
    path.write_text(block, encoding="utf-8")
    (example,) = read_counted(path)
    assert list(otherwise(example, told(service, example))) == []
