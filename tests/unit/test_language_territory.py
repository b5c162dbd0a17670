from __future__ import annotations

import pytest

from triage.language.territory import Territory, TerritoryFinder

_INSIDE = {
    "roads": ["浦三路", "齐河路", "南码头路"],
    "compounds": ["金浦小区"],
    "committees": ["六里一村居委会"],
    "names": ["南码头路街道", "南码头"],
}
_OUTSIDE = {"names": ["塘桥街道", "塘桥", "北京"], "roads": ["控江路"], "compounds": ["宝林八村"]}


@pytest.fixture(scope="module")
def finder() -> TerritoryFinder:
    return TerritoryFinder(_INSIDE, _OUTSIDE)


@pytest.mark.parametrize(
    ("text", "value", "evidence"),
    [
        ("南码头路街道的路灯不亮", "inside", "南码头路街道"),
        ("齐河路噪音", "inside", "齐河路"),
        ("浦三路金浦小区漏水", "inside", "金浦小区"),
        ("塘桥街道某小区漏水", "outside", "塘桥街道"),
        ("控江路路面破损", "outside", "控江路"),
        ("金浦小区到控江路的公交", "inside", "金浦小区"),
        ("金浦小区居民在塘桥街道办事", "unknown", "金浦小区、塘桥街道"),
        ("浦三路到控江路", "unknown", "浦三路、控江路"),
        ("浦三路靠近塘桥街道", "unknown", "浦三路、塘桥街道"),
        ("上海市有人乱停车", "unknown", ""),
        ("北京路有人乱停车", "unknown", ""),
        ("北京东路、北京西一路", "unknown", ""),
        ("塘桥新路乱设摊", "unknown", ""),
        ("", "unknown", ""),
    ],
)
def test_names_inside_and_outside_decide_and_say_so(
    finder: TerritoryFinder, text: str, value: str, evidence: str
) -> None:
    found = finder.find(text)
    assert (found.value, found.evidence) == (value, evidence)


def test_an_address_beats_the_text(finder: TerritoryFinder) -> None:
    assert finder.find("塘桥街道", address="金浦小区8号").value == "inside"
    assert finder.find("金浦小区", address="塘桥街道浦三路1号").value == "outside"
    assert finder.find("金浦小区", address="上海市某处").value == "inside"


def test_a_road_inside_the_name_of_another_sub_district_is_no_sign() -> None:
    finder = TerritoryFinder({"roads": ["南码头路"]}, {})
    assert finder.find("南码头路街道") == Territory("unknown")
    assert finder.find("南码头路街面").value == "inside"


def test_a_name_on_both_sides_leaves_it_open() -> None:
    finder = TerritoryFinder({"roads": ["东方路"]}, {"roads": ["东方路"]})
    assert finder.find("东方路").value == "unknown"


def test_without_names_nothing_is_known() -> None:
    assert TerritoryFinder({}, {}).find("浦三路", address="齐河路") == Territory("unknown")
