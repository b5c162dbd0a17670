"""The demo's month: the published mix, the rhythm of a week, whole sentences, and nothing that a pack refuses."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain, pairwise
from random import Random

import pytest

from triage.demo.calls import BY_APP, LEAST, MIX, WHOLE, calls, mix_of
from triage.demo.courses import COURSES
from triage.demo.happenings import NewOrder, OrderEvents
from triage.demo.month import month
from triage.demo.rhythm import DAYS, Rhythm
from triage.demo.roster import duty, people
from triage.demo.sayings import GAP, collectives, lasting, sayings, words
from triage.demo.town import Town
from triage.desk.people.given import DutyIn, PeopleIn
from triage.desk.requests import check_request
from triage.domain.errors import BadInput
from triage.domain.vocabulary import EventKind
from triage.policy.events import parse_events
from triage.policy.judging.admission import refused_events
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import judge
from triage.similar.callers.telephone import read_telephone

START = date(2026, 9, 1)
PACKS = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
SMALL = LEAST / WHOLE
ALL_SAYINGS = [*sayings(), *lasting(), *(one.saying for one in collectives())]


@pytest.fixture(scope="module")
def small(service):
    """A small month of each pack, made once."""
    made = {}

    def of(policy, seed=1):
        if (policy, seed) not in made:
            town = service.town(policy)
            made[policy, seed] = list(month(town.pack, seed, START, hours=town.hours, size=SMALL))
        return made[policy, seed]

    return of


@pytest.fixture(scope="module")
def whole(service):
    """Every call of a whole month of Tangqiao."""
    town = service.town("tangqiao")
    rng = Random(1)
    rhythm = Rhythm(START, town.hours, rng)
    return rhythm, calls(town.pack, rhythm, rng, 1.0)


def _orders(happenings):
    return [one for one in happenings if isinstance(one, NewOrder)]


def _events(happenings):
    raw = defaultdict(list)
    for one in happenings:
        if isinstance(one, OrderEvents):
            raw[one.order_id] += one.events
    return raw


def _case(order, raw, pack):
    """The case as the demo supposes it: its sentences are read as they are meant."""
    lead = pack.duties[order.category].lead
    derived = {
        "request_type": order.body["order"]["request_type"],
        "territory": "inside",
        "candidate_units": lead,
        "duty_clear": len(lead) == 1,
    }
    return Case(order.at, derived, parse_events(raw), check_request(order.body).stated)


def _bytes(happenings):
    return json.dumps([one.body for one in happenings], ensure_ascii=False).encode()


# The mix and the rhythm


def test_a_whole_month_has_the_published_mix(whole):
    assert Counter(call.request_type for call in whole[1]) == MIX
    assert len(whole[1]) == WHOLE == 2681
    assert sum(call.by_app for call in whole[1]) == BY_APP == 38


@pytest.mark.parametrize("orders", [LEAST, 300, 1000, 5362])
def test_a_month_of_another_size_keeps_the_mix(orders):
    mix = mix_of(orders / WHOLE)
    assert sum(mix.values()) == orders
    assert all(abs(mix[kind] - count * orders / WHOLE) < 1 for kind, count in MIX.items())


@pytest.mark.parametrize("size", [0, -1, 0.01, 11])
def test_a_month_without_room_for_what_it_shows_is_refused(service, size):
    town = service.town("tangqiao")
    with pytest.raises(BadInput, match="size"):
        month(town.pack, 1, START, hours=town.hours, size=size)


def test_more_people_call_on_the_first_day_after_days_off_and_fewer_on_days_off(whole):
    days = Counter(call.at.date() for call in whole[1])
    mondays = [count for day, count in days.items() if day.weekday() == 0]
    midweek = [count for day, count in days.items() if day.weekday() in (2, 3)]
    weekends = [count for day, count in days.items() if day.weekday() >= 5]
    assert len(days) == DAYS
    assert sum(mondays) / len(mondays) > 1.15 * sum(midweek) / len(midweek)
    assert sum(weekends) / len(weekends) < 0.8 * sum(midweek) / len(midweek)


def test_a_day_has_two_peaks_and_a_quiet_night(whole):
    hours = Counter(call.at.hour for call in whole[1])
    assert max(hours, key=hours.__getitem__) in (9, 10, 14, 15)
    assert hours[12] < min(hours[10], hours[15])
    assert sum(hours[hour] for hour in range(6)) < 0.03 * WHOLE


def test_on_the_day_of_rain_water_is_what_people_call_about(whole):
    rhythm, every = whole
    start = datetime.combine(START, datetime.min.time(), every[0].at.tzinfo)
    rain = start + timedelta(days=rhythm.rain_day)
    wet = [call.concern.saying.category for call in every if call.at.date() == rain.date()]
    share = sum(category in ("waterlogging", "housing-repair", "sewage-overflow") for category in wet) / len(wet)
    others = [call.concern.saying.category for call in every if call.at.date() != rain.date()]
    dry = sum(category in ("waterlogging", "housing-repair", "sewage-overflow") for category in others) / len(others)
    assert share > 3 * dry


def test_callers_who_call_again_say_it_in_other_words(whole, small):
    again = defaultdict(list)
    for call in whole[1]:
        if call.nth:
            again[call.concern.id].append(call)
    assert {len(group) for group in again.values()} == {2, 3, 4, 6}
    assert all([call.nth for call in group] == list(range(1, len(group) + 1)) for group in again.values())
    by_concern = defaultdict(list)
    for order in _orders(small("tangqiao")):
        by_concern[order.concern].append(order.body["order"])
    for orders in by_concern.values():
        assert len({order["text"] for order in orders}) == len(orders)


def test_the_two_collective_issues_have_many_callers_and_one_place(small):
    by_concern = defaultdict(list)
    for order in _orders(small("tangqiao")):
        by_concern[order.concern].append(order)
    large = [group for group in by_concern.values() if len(group) > 6]
    assert sorted(len(group) for group in large) == [15, 25]
    for group in large:
        assert len({order.body["order"]["caller"]["phone"] for order in group}) == len(group)
        assert len({order.category for order in group}) == 1
    red = max(large, key=len)
    assert max(Counter(order.at.date() for order in red).values()) >= 10
    days = sorted(order.at for order in red)
    assert sum(days[-1] - at < timedelta(days=7) for at in days) >= 10


# The sentences and the people


def test_every_gap_of_every_sentence_can_be_filled(service):
    town = Town(service.town("tangqiao").pack, Random(1))
    known = set(town.names()) | set(words()["shared"]) | {"nth", "phone"}
    phrases = [
        *chain.from_iterable(chain.from_iterable(saying.says) for saying in ALL_SAYINGS),
        *chain.from_iterable((*saying.detail, *saying.want) for saying in ALL_SAYINGS),
        *chain.from_iterable(words()["openings"].values()),
        *words()["again"],
        *words()["contact"],
        *chain.from_iterable(words()["shared"].values()),
    ]
    assert {gap for phrase in phrases for gap in GAP.findall(phrase)} <= known


def test_every_matter_is_a_category_that_the_taxonomy_has(service):
    assert {saying.category for saying in ALL_SAYINGS} <= set(service.taxonomy.ids)
    assert len({saying.category for saying in sayings()}) >= 25


@pytest.mark.parametrize("policy", PACKS)
def test_every_order_is_a_body_that_intake_takes(small, policy):
    for order in _orders(small(policy)):
        checked = check_request(order.body)
        assert checked.policy == policy and checked.order.id == order.order_id
        assert "{" not in checked.order.title + checked.order.text
        assert checked.order.received_at == order.at


def test_invented_numbers_are_read_and_belong_to_one_person_each(small):
    people = defaultdict(set)
    for order in _orders(small("tangqiao")):
        caller = order.body["order"]["caller"]
        assert read_telephone(caller["phone"]).digits == caller["phone"]
        assert caller["phone"][3:7] == "0000"
        people[caller["phone"]].add(caller["name"])
    assert all(len(names) == 1 for names in people.values())


def test_a_person_is_never_printed(small):
    order = _orders(small("tangqiao"))[0]
    assert order.body["order"]["caller"]["phone"] not in repr(order)


# What happens to the orders


@pytest.mark.parametrize("policy", PACKS)
def test_nothing_happens_that_the_pack_refuses(service, small, policy):
    town = service.town(policy)
    events = _events(small(policy))
    for order in _orders(small(policy)):
        case = _case(order, events[order.order_id], town.pack)
        if case.events:
            assert not refused_events(town.pack, case, case.events[-1].at, town.hours), order


@pytest.mark.parametrize("policy", PACKS)
def test_happenings_come_in_the_order_of_time_and_an_order_before_its_events(small, policy):
    seen, ids, last = {}, set(), None
    for one in small(policy):
        assert last is None or last <= one.at
        last = one.at
        if isinstance(one, NewOrder):
            assert one.order_id not in seen
        else:
            assert one.at > seen[one.order_id]
            assert all(event["at"] == one.at.isoformat() for event in one.events)
            ids.update(event["id"] for event in one.events)
        seen[one.order_id] = one.at
    assert len(ids) == sum(len(one.events) for one in small(policy) if isinstance(one, OrderEvents))
    assert last - small(policy)[0].at < timedelta(days=DAYS)


@pytest.mark.parametrize("policy", ["nanmatou", "tangqiao"])
def test_every_way_is_shown_and_leaves_its_events(small, policy):
    assert set(COURSES) == {order.course for order in _orders(small(policy))}
    kinds = {event["kind"] for raw in _events(small(policy)).values() for event in raw}
    assert kinds == set(EventKind) - {EventKind.RECEIVED}


@pytest.mark.parametrize(("policy", "decider"), [("tangqiao", "main_leader"), ("nanmatou", "deputy_leader")])
def test_a_second_return_is_answered_by_whom_the_pack_names(small, policy, decider):
    events = _events(small(policy))
    disputed = [events[order.order_id] for order in _orders(small(policy)) if order.course == "disputed"]
    kinds = [[event["kind"] for event in raw] for raw in disputed]
    assert any(of.count("return_approved") == 2 and "designated" in of and of.count("dispatched") == 3 for of in kinds)
    for raw in disputed:
        answers = [event for event in raw if event["kind"] == "return_approved"]
        assert answers[-1]["by"] == decider
        assert all(event["signed_by_head"] for event in raw if event["kind"] == "return_requested")


def test_a_consultation_is_answered_directly_where_the_pack_says_so(small):
    events = _events(small("yanji"))
    asked = [one for one in _orders(small("yanji")) if one.body["order"]["request_type"] == "consultation"]
    kinds = {event["kind"] for order in asked for event in events[order.order_id]}
    assert "closed" in kinds and "dispatched" not in kinds
    assert not any("unit" in event for order in asked for event in events[order.order_id])


def test_units_are_late_in_two_ways(service, small):
    town = service.town("nanmatou")
    end = small("nanmatou")[-1].at
    events = _events(small("nanmatou"))
    missed = defaultdict(set)
    for order in _orders(small("nanmatou")):
        judged = judge(town.pack, _case(order, events[order.order_id], town.pack), end, town.hours)
        missed[order.course] |= {str(owed.id) for owed in judged.obligations if owed.state == "missed"}
    assert "first_contact" in missed["late_contact"]
    assert "finish" in missed["late_finish"]
    assert "finish" not in missed["plain"]


def test_most_orders_are_closed_and_some_are_open_at_the_end(small):
    events = _events(small("tangqiao"))
    closed = sum(any(event["kind"] == "closed" for event in raw) for raw in events.values())
    assert 0.75 < closed / LEAST < 0.97


# The same again


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(service, small):
    town = service.town("tangqiao")
    again = month(town.pack, 1, START, hours=town.hours, size=SMALL)
    assert _bytes(again) == _bytes(small("tangqiao"))
    other = month(town.pack, 2, START, hours=town.hours, size=SMALL)
    assert _bytes(other) != _bytes(small("tangqiao"))


def test_a_pack_without_places_gets_invented_ones(service):
    town = service.town("tangqiao")
    nowhere = replace(town.pack, territory=type(town.pack.territory)())
    orders = _orders(month(nowhere, 1, START, hours=town.hours, size=SMALL))
    assert any(road in order.body["order"]["address"] for road in words()["roads"] for order in orders)


def test_a_month_may_lie_in_a_year_whose_calendar_is_not_published(service):
    town = service.town("tangqiao")
    assert len(_orders(month(town.pack, 1, date(2031, 1, 6), hours=town.hours, size=SMALL))) == LEAST


@pytest.mark.parametrize("policy", PACKS)
def test_every_unit_has_a_handler_one_who_stands_in_and_a_head(policy, service):
    pack = service.town(policy).pack
    known = PeopleIn.model_validate({"people": people(pack, seed=1)}).people
    posts = {(post.unit, str(post.role), post.rank) for one in known for post in one.posts}
    assert len({one.id for one in known}) == len(known)
    for unit in pack.units:
        assert {(unit, "unit", "A"), (unit, "unit", "B"), (unit, "unit_head", "A")} <= posts


@pytest.mark.parametrize("policy", PACKS)
def test_somebody_is_at_the_desk_at_every_hour_of_the_month(policy, service):
    pack = service.town(policy).pack
    known = people(pack, seed=1)
    weeks = dict(duty(pack, known, START, START + timedelta(days=30)))
    shifts = [shift for week in weeks.values() for shift in DutyIn.model_validate({"shifts": week}).shifts]
    desk = sorted((one.since, one.until) for one in shifts if one.role == "centre")
    assert all(before[1] == after[0] for before, after in pairwise(desk))
    assert desk[0][0].date() < START
    assert desk[-1][1].date() > START + timedelta(days=30)
    assert {one.person for one in shifts} <= {one["id"] for one in known}
