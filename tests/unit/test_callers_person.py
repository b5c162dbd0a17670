from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similar.callers.person import read_person


@pytest.mark.parametrize(
    "written",
    [
        "张建国",
        "张建国先生",
        "张 建 国",
        "張建國",
        "张建国（本人）",
        "张建国 女士",
        " 张建国同志。",
        "张建国13812341234",
    ],
)
def test_a_full_name_is_one_name_with_and_without_a_title(written: str) -> None:
    person = read_person(written)
    assert person is not None
    assert (person.name, person.full) == ("张建国", True)


@pytest.mark.parametrize("written", ["张", "张某", "张某某", "张**", "张*国", "张X", "小张", "老张", "张工"])
def test_a_masked_or_shortened_name_is_a_surname(written: str) -> None:
    person = read_person(written)
    assert person is not None
    assert (person.name, person.full) == ("张", False)


def test_a_surname_keeps_what_its_title_says() -> None:
    assert read_person("张先生") != read_person("张女士")
    assert read_person("张女士") == read_person("张小姐") == read_person("张阿姨")


def test_names_of_other_peoples_are_names() -> None:
    for written in ("买买提·艾力", "John Smith", "欧阳娜娜", "上官云"):
        person = read_person(written)
        assert person is not None
        assert person.full


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "匿名",
        "市民",
        "热心市民",
        "居民",
        "不详",
        "无",
        "不愿透露",
        "先生",
        "女士",
        "金浦物业",
        "路人甲",
        "经理",
        "abc",
        "123",
    ],
)
def test_what_names_nobody_is_none(written: str) -> None:
    assert read_person(written) is None


@given(st.text(max_size=80))
def test_any_text_is_read_and_not_printed(written: str) -> None:
    person = read_person(written)
    assert person is None or (person.name and repr(person) == f"Person(…, full={person.full})")
