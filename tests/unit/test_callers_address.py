from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similar.callers.address import read_address, stated_home


@pytest.mark.parametrize(
    "written",
    [
        "临沂路88弄8号301室",
        "上海市浦东新区临沂路88弄8号301室",
        "浦东新区南码头路街道金浦居委会临沂路88弄8号301",
        "临沂路８８弄８号楼３０１室",
        "临沂路八十八弄八号三〇一室",
        "临沂路 88 弄 8-301",
        "临沂路88弄8#301",
        "临沂路88弄金浦小区8栋301室",
        "临沂路88弄8号3楼301室",
        "临沂路88弄8号301室住户，周末在家",
    ],
)
def test_one_door_is_one_door_in_every_writing(written: str) -> None:
    address = read_address(written)
    assert address is not None
    assert (address.place, address.door) == ("临沂路88弄", "8-301")


@pytest.mark.parametrize(
    ("written", "place", "door"),
    [
        ("金浦小区8栋2单元301室", "金浦小区", "8-2-301"),
        ("浦三路120号301室", "浦三路", "120-301"),
        ("浦三路120号金浦小区8号301室", "金浦小区", "8-301"),
        ("上钢二村12号502", "上钢2村", "12-502"),
        ("米兰春天G2栋320", "米兰春天", "G2-320"),
        ("东方城市花园12号301", "东方城市花园", "12-301"),
        ("春华镇金鼎村七里组12号", "金鼎村七里组", "12"),
    ],
)
def test_a_door_is_a_room_of_a_building_or_a_house_of_a_village(written: str, place: str, door: str) -> None:
    address = read_address(written)
    assert address is not None
    assert (address.place, address.door) == (place, door)


@pytest.mark.parametrize(
    "written", ["浦三路120号", "临沂路88弄8号", "金浦小区", "金浦小区6楼602室", "上钢二村12号", "古镇路12号"]
)
def test_a_building_or_a_street_is_no_door(written: str) -> None:
    address = read_address(written)
    assert address is not None
    assert not address.door


@pytest.mark.parametrize(
    "written", ["", "无", "不详", "浦东新区", "上海市", "南码头路街道", "301室", "3号楼502", "1", "!!!"]
)
def test_what_is_no_place_is_none(written: str) -> None:
    assert read_address(written) is None


def test_the_home_a_text_states_is_not_the_door_complained_about() -> None:
    assert stated_home("本人家住临沂路88弄8号301室。楼上401室装修") == "临沂路88弄8号301室"
    assert stated_home("金浦小区8号401室装修太吵") == ""
    assert stated_home("住在金浦小区") == ""


@given(st.text(alphabet="临沂路弄号室88一百零十〇村组区市A#-，301 住在家", max_size=120))
def test_any_address_is_read_the_same_again(written: str) -> None:
    address = read_address(written)
    assert address == read_address(written)
    assert address is None or (len(address.place) <= 60 and repr(address) == "Address(…)")
    stated_home(written)


def test_a_very_long_address_is_cut() -> None:
    for written in ("临沂路88弄" * 20_000, "一" * 100_000, "8号" * 50_000, "住在" * 50_000):
        read_address(written)
        stated_home(written)
