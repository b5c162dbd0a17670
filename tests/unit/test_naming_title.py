"""What an issue is called: place, object and matter, as its orders agree on them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.language.places import PlaceFinder
from triage.similar.naming.title import LONGEST, NAMELESS, title_of
from triage.similar.naming.told import Told

START = datetime(2026, 3, 2, 9, 0)
FINDER = PlaceFinder({"compounds": ["金浦小区"], "roads": ["齐河路"]})


def orders(*titles, text=""):
    return [
        Told(f"{number:05d}", START + timedelta(hours=number), title, text, f"caller {number}")
        for number, title in enumerate(titles)
    ]


PLANT = orders(
    "投诉金浦小区附近搅拌站噪音扰民",
    "金浦小区旁边搅拌站粉尘污染",
    "再次反映金浦小区旁搅拌站噪音、粉尘严重的问题",
    "恳请政府管管金浦小区周边搅拌站",
    "金浦小区搅拌站噪声太大",
    "搅拌站扬尘，请尽快处理",
)


def test_a_title_is_place_object_and_matters():
    title = title_of(PLANT, FINDER)
    assert title.text == "金浦小区附近搅拌站噪声扬尘"
    assert (title.place, title.object, title.matters) == ("金浦小区附近", "搅拌站", ("噪声", "扬尘"))


def test_one_order_gets_its_own_words_without_the_plea():
    title = title_of(orders("恳请领导尽快解决金浦小区停车难的问题！"), FINDER)
    assert title.text == "金浦小区停车难"


def test_orders_without_titles_are_named_by_their_first_sentences():
    texts = ["您好！我住在金浦小区，小区旁边的搅拌站每天扬尘。", "金浦小区旁的搅拌站粉尘很大，请处理。"]
    told = [Told(str(number), START, "", text) for number, text in enumerate(texts)]
    assert title_of(told, FINDER).text == "金浦小区附近搅拌站扬尘"


def test_a_name_without_a_telling_ending_is_found_by_agreement():
    told = orders("望湖锦绣电梯故障频发", "投诉望湖锦绣物业不维修电梯", "望湖锦绣的电梯又坏了", "望湖锦绣电梯困人")
    assert title_of(told, FINDER).place == "望湖锦绣"


def test_a_name_in_quotation_marks_is_a_name():
    told = orders("举报“小城故事”饭店油烟扰民", "“小城故事”饭店油烟太大", "“小城故事”饭店夜里排油烟")
    assert title_of(told, FINDER).place.startswith("小城故事")


def test_a_masked_district_stands_only_where_nothing_narrower_is_shared():
    assert title_of(orders("A2区金浦小区停水", "A市金浦小区没水", "A2区金浦小区停水"), FINDER).place == "金浦小区"
    told = orders("A市2025年出租车补贴何时发放", "A市出租车2025年补贴何时发放？", "咨询A市出租车补贴发放时间")
    assert title_of(told, FINDER).text.startswith("A市")


def test_a_road_before_most_compounds_is_not_part_of_the_name():
    told = orders("齐河路金浦小区停水", "齐河路金浦小区没水", "金浦小区停水")
    assert title_of(told, FINDER).place == "金浦小区"


def test_a_title_that_only_names_a_thing_is_called_a_question():
    told = orders("关于金浦小区幼儿园的问题", "咨询金浦小区幼儿园情况", "反映金浦小区幼儿园的几个问题")
    assert title_of(told, FINDER).text == "金浦小区幼儿园问题"


def test_no_personal_data_comes_into_a_title():
    told = orders("我叫张建国，电话13812345678，金浦小区3号楼502室漏水", "业主李建华反映金浦小区漏水")
    for some in (told, told[:1], told[1:]):
        text = title_of(some, FINDER).text
        assert not any(secret in text for secret in ("张建国", "李建华", "1381234", "502", "[")), text


def test_a_long_title_is_cut_between_words_and_not_after_a_particle():
    told = orders("金浦小区物业公司没有经过业主大会同意就擅自提高了停车收费的标准而且服务很差")
    text = title_of(told, FINDER).text
    assert len(text) <= LONGEST
    assert text[-1] not in "的了而和就"


@pytest.mark.parametrize("told", [[], orders(""), orders("。"), orders("请问？？？"), orders("", "", text=" \n ")])
def test_an_issue_that_says_nothing_is_called_nameless(told):
    assert title_of(told, FINDER).text == NAMELESS


def test_a_hundred_thousand_letters_are_no_title():
    for letter in ("吵", "的问题", "路", "1", "(", "请", "张先生"):
        text = letter * (100_000 // len(letter))
        assert 0 < len(title_of(orders(text, text, text=text), FINDER).text) <= LONGEST


def test_of_many_orders_a_sample_is_read():
    told = [order for _ in range(500) for order in PLANT]
    assert title_of(told, FINDER).place == "金浦小区附近"


@settings(max_examples=10, deadline=None)
@given(st.permutations(PLANT))
def test_the_list_order_changes_nothing(told):
    assert title_of(told, FINDER) == title_of(PLANT, FINDER)


PIECES = st.sampled_from(
    [
        "金浦小区",
        "齐河路",
        "A市",
        "噪音",
        "油烟",
        "的",
        "问题",
        "请",
        "，",
        "。",
        "（",
        "“",
        "”",
        "3号楼502",
        "\n",
        "张",
        "某",
        "🙂",
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.lists(PIECES, max_size=12), st.text(max_size=40)), max_size=5))
def test_whatever_is_written_gets_a_title_that_fits(written):
    told = [Told(str(n), START, "".join(title), text) for n, (title, text) in enumerate(written)]
    title = title_of(told, FINDER)
    assert 0 < len(title.text) <= LONGEST
    assert "\n" not in title.text
    assert title == title_of(told[::-1], FINDER)
