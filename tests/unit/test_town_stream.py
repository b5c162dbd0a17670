"""The made-up town: its corpus is whole, and its streams are what they say."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from tests.town.stream import INVENTED, KNOWN, PLACES, START, Matter, TownOrder, all_matters, orders
from triage.language.redact import find_personal, redact

PACKS = Path(__file__).parents[2] / "triage" / "policy" / "packs"
LENGTHS = [(8, 15)] * 2 + [(25, 60)] * 3 + [(60, 150)] * 2
MATTERS = all_matters()
STREAM = orders(7, PLACES, MATTERS, subjects=60)


def filled(text: str) -> str:
    return text.format(place="某某小区")


def subjects(stream: list[TownOrder]) -> dict[tuple[str, str], list[TownOrder]]:
    found = defaultdict(list)
    for order in stream:
        found[order.place, order.matter].append(order)
    return found


def test_there_are_sixty_matters_each_said_in_seven_ways() -> None:
    assert len({matter.id for matter in MATTERS}) == len(MATTERS) == 60
    assert {len(matter.said) for matter in MATTERS} == {7}


def test_no_two_texts_and_no_two_titles_are_equal() -> None:
    texts = Counter(saying.text for matter in MATTERS for saying in matter.said)
    titles = Counter(saying.title for matter in MATTERS for saying in matter.said if saying.title)
    assert not [text for text, count in (texts + titles).items() if count > 1]


@pytest.mark.parametrize("matter", MATTERS, ids=lambda matter: matter.id)
def test_two_sayings_are_very_short_three_a_citizens_and_two_an_operators(matter: Matter) -> None:
    for saying, (least, most) in zip(matter.said, LENGTHS, strict=True):
        assert least <= len(filled(saying.text)) <= most, saying.text


def test_every_text_names_its_place_once_or_twice() -> None:
    counts = {saying.text: saying.text.count("{place}") for matter in MATTERS for saying in matter.said}
    assert not {text: count for text, count in counts.items() if count not in (1, 2)}


def test_every_brace_is_that_of_a_place() -> None:
    for matter in MATTERS:
        for saying in matter.said:
            assert "{" not in filled(saying.text + saying.title) and "}" not in filled(saying.text + saying.title)


def test_about_a_third_have_a_title_of_ten_to_twenty_characters() -> None:
    titles = [saying.title for matter in MATTERS for saying in matter.said if saying.title]
    assert 0.25 <= len(titles) / (7 * len(MATTERS)) <= 0.4
    assert not [title for title in titles if not 10 <= len(filled(title)) <= 20]


def test_a_near_matter_is_another_one_of_the_corpus_at_such_a_place() -> None:
    known = {matter.id: matter for matter in MATTERS}
    near = [(matter, known[matter.near]) for matter in MATTERS if matter.near]
    assert len(near) >= 20
    assert not [one.id for one, other in near if one is other or not set(one.at) & set(other.at)]


def test_every_matter_happens_at_a_kind_of_place_that_the_town_has() -> None:
    kinds = {place.kind for place in PLACES}
    assert not [matter.id for matter in MATTERS if not matter.at or not set(matter.at) <= kinds]


def test_invented_numbers_in_the_corpus_are_redacted() -> None:
    telling = [saying.text for matter in MATTERS for saying in matter.said if find_personal(filled(saying.text))]
    assert len([text for text in telling if any(one.kind == "phone" for one in find_personal(text))]) == 3
    assert not [text for text in telling if "139" in redact(text)]


def test_twelve_places_stand_in_no_pack_and_the_others_in_that_of_nanmatou() -> None:
    packs = {path.stem: path.read_text(encoding="utf-8") for path in PACKS.glob("*.yaml")}
    assert len(INVENTED) == 12
    names = [name for place in INVENTED for name in (place.name, *place.also)]
    assert not [name for name in names if any(name in pack for pack in packs.values())]
    assert all(place.name in packs["nanmatou"] for place in KNOWN)


def test_the_same_seed_gives_the_same_stream_and_another_one_another() -> None:
    assert orders(7, PLACES, MATTERS, subjects=60) == STREAM
    assert orders(8, PLACES, MATTERS, subjects=60) != STREAM


def test_orders_come_in_the_order_of_time_with_ids_of_their_own() -> None:
    assert [order.received_at for order in STREAM] == sorted(order.received_at for order in STREAM)
    assert len({order.order_id for order in STREAM}) == len(STREAM)
    assert STREAM[0].received_at >= START and STREAM[0].received_at.utcoffset() is not None


def test_a_subject_brings_one_to_seven_orders_in_other_words_of_other_callers_within_some_days() -> None:
    found = subjects(STREAM)
    assert len(found) == 60
    assert {len(some) for some in found.values()} == {1, 2, 3, 4, 5, 6, 7}
    for some in found.values():
        assert len({order.text for order in some}) == len({order.phone for order in some}) == len(some)
        assert (some[-1].received_at - some[0].received_at).days < 5


def test_few_sentences_come_again_at_another_place() -> None:
    bare = Counter(order.text.replace(order.place, "") for order in STREAM)
    assert sum(count - 1 for count in bare.values()) < len(STREAM) / 4


def test_subjects_are_interleaved() -> None:
    together = [a.place == b.place and a.matter == b.matter for a, b in pairwise(STREAM)]
    assert sum(together) < len(STREAM) / 5


def test_matters_that_look_alike_meet_at_one_place() -> None:
    near = {matter.id: matter.near for matter in MATTERS}
    found = subjects(STREAM)
    assert sum((place, near[matter]) in found for place, matter in found) >= 10


def test_a_caller_comes_back_with_another_matter() -> None:
    calls = Counter((order.caller, order.phone) for order in STREAM)
    assert max(calls.values()) > 1 and len(calls) > len(STREAM) / 3


def test_every_order_names_its_place() -> None:
    names = {place.name: (place.name, *place.also) for place in PLACES}
    assert not [order.text for order in STREAM if not any(name in order.text for name in names[order.place])]


def test_more_subjects_than_there_are_give_all_there_are() -> None:
    few = orders(1, INVENTED[:1], MATTERS[:3], subjects=1000)
    assert {order.matter for order in few} == {matter.id for matter in MATTERS[:3] if "compound" in matter.at}


def test_no_places_or_no_matters_give_no_orders() -> None:
    assert orders(1, (), MATTERS) == orders(1, PLACES, ()) == orders(1, PLACES, MATTERS, subjects=0) == []
