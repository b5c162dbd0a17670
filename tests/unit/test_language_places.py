from __future__ import annotations

import time

import pytest

from triage.language.objects import find_object
from triage.language.places import PlaceFinder

_GAZETTEER = {
    "roads": ["浦三路", "南码头路"],
    "compounds": ["金浦小区"],
    "names": ["南码头路街道"],
    "committees": ["由由新村居委会"],
}


@pytest.fixture(scope="module")
def finder() -> PlaceFinder:
    return PlaceFinder(_GAZETTEER)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("我住在临沂路", ["临沂路"]),
        ("投诉浦三路和齐河路", ["浦三路", "齐河路"]),
        ("位于昌里东路和云台路的路口", ["昌里东路", "云台路"]),
        ("中山北一路路面破损", ["中山北一路"]),
        ("临沂路上的路灯不亮", ["临沂路"]),
        ("浦东新区临沂路88弄8号", ["浦东新区", "临沂路88弄"]),
        ("南码头路街道金浦小区", ["南码头路街道", "金浦小区"]),
        ("老王烧烤店油烟扰民", ["老王烧烤店"]),
        ("塘桥地铁站门口", ["塘桥地铁站"]),
        ("三林镇临江村村民", ["三林镇", "临江村"]),
        ("保利大厦停电", ["保利大厦"]),
        ("由由新村居委会", ["由由新村居委会"]),
        ("丁香苑二期", ["丁香苑"]),
        ("A3区金浦小区", ["A3区", "金浦小区"]),
        ("", []),
    ],
)
def test_names_of_places_are_found_without_the_words_before_them(
    finder: PlaceFinder, text: str, places: list[str]
) -> None:
    found = finder.find(text)
    assert [place.text for place in found] == places
    assert all(text[place.start : place.end] == place.text for place in found)


@pytest.mark.parametrize(
    "text",
    [
        "马路上有坑，道路不平，小区里没人管",
        "本小区物业公司不作为，附近的幼儿园很吵",
        "影响小区环境，破坏小区绿化",
        "公交线路调整，城际铁路施工，路灯不亮",
        "请街道和社区尽快处理，村民意见很大",
    ],
)
def test_an_ending_without_a_name_is_no_place(finder: PlaceFinder, text: str) -> None:
    assert finder.find(text) == []


def test_what_the_gazetteer_knows_says_so(finder: PlaceFinder) -> None:
    assert [(p.text, p.kind, p.source) for p in finder.find("浦三路与齐河路")] == [
        ("浦三路", "road", "gazetteer"),
        ("齐河路", "road", "pattern"),
    ]


def test_a_longer_name_beats_the_known_name_inside_it(finder: PlaceFinder) -> None:
    assert [p.text for p in PlaceFinder({"roads": ["南码头路"]}).find("南码头路街道开会")] == ["南码头路街道"]


def test_a_compound_tells_more_than_a_road_and_a_road_more_than_a_district(finder: PlaceFinder) -> None:
    main = finder.main_place(finder.find("南码头路街道浦三路金浦小区"))
    assert main is not None
    assert main.text == "金浦小区"
    main = finder.main_place(finder.find("南码头路街道浦三路"))
    assert main is not None
    assert main.kind == "road"
    assert finder.main_place([]) is None


def test_the_first_thing_complained_about_is_the_object() -> None:
    thing = find_object("齐河路的搅拌站夜间施工扰民")
    assert thing is not None
    assert thing.text == "搅拌站"
    assert find_object("请尽快处理") is None


@pytest.mark.parametrize("part", ["路", "临沂路", "A3区", "小区", "村", "有限公司", "字"])
def test_a_hostile_text_takes_bounded_time(finder: PlaceFinder, part: str) -> None:
    started = time.perf_counter()
    finder.find(part * (20_000 // len(part)))
    assert time.perf_counter() - started < 2
