"""Which row names the columns, and what they hold."""

from __future__ import annotations

import pytest

from triage.desk.backlog.fields import FIELDS, all_names_of, column_key, field_of
from triage.desk.backlog.header import faults_of, find_header, parse_mapping
from triage.desk.backlog.lines import Line, Place
from triage.domain.errors import BadInput

USUAL = ("工单编号", "来电时间", "标题", "诉求内容")


def lines(*rows):
    return [Line(Place(number), tuple(row)) for number, row in enumerate(rows, start=1)]


def found(*rows, mapping=None):
    header = find_header(lines(*rows), mapping or {})
    assert header is not None
    return header


def faults(*columns, mapping=None, with_ids=False):
    mapping = mapping or {}
    return [str(fault) for fault in faults_of(found(columns, mapping=mapping), mapping, with_ids=with_ids)]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("工单编号", "id"),
        ("工单号", "id"),
        ("编号", "id"),
        ("受理时间", "received_at"),
        ("诉求时间", "received_at"),
        ("诉求标题", "title"),
        ("问题描述", "text"),
        ("姓名", "name"),
        ("联系人", "name"),
        ("手机", "phone"),
        ("来电号码", "phone"),
        ("事发地址", "address"),
        ("工单类型", "request_type"),
        ("承办单位", "unit"),
        ("派单时间", "dispatched_at"),
        ("办结时间", "closed_at"),
        ("满意度", "satisfaction"),
        ("是否满意", "satisfaction"),
        ("是否媒体曝光", "media_exposed"),
        ("市督办", "city_supervised"),
        ("caller.name", "name"),
        ("Received At", "received_at"),
        ("序号", None),
        ("处理意见", None),
        ("", None),
    ],
)
def test_columns_are_known_by_their_chinese_and_english_names(column, field):
    assert field_of(column) == field


@pytest.mark.parametrize(
    "written", ["＊工单编号", "工单\n编号", " 工 单 编 号 ", "工单编号（必填）", "工单编号：", "【必填】工单编号*"]
)
def test_blanks_breaks_widths_and_ornaments_do_not_matter(written):
    assert field_of(written) == "id"


def test_every_field_is_known_by_its_own_name():
    assert {field: field_of(field) for field in FIELDS} == {field: field for field in FIELDS}


def test_no_name_stands_for_two_fields():
    keys = {(column_key(name), field) for field in FIELDS for name in all_names_of(field)}
    assert len(keys) == len({key for key, _ in keys})


def test_titles_and_blank_lines_above_the_header_are_skipped():
    header = found(("南边街道2026年3月工单汇总",), (), ("", "制表人：", "时间"), USUAL, ("1", "2026-3-2", "", "漏水"))
    assert header.place.row == 4
    assert header.fields == {"id": 0, "received_at": 1, "title": 2, "text": 3}


def test_a_table_without_known_columns_has_no_header():
    assert find_header(lines(("甲", "乙"), ("编号", "丙")), {}) is None


def test_a_header_further_down_is_not_looked_for():
    assert find_header(lines(*[("",)] * 20, USUAL), {}) is None


def test_a_mapping_says_what_a_column_holds_and_finds_the_header_too():
    mapping = {"接件 日期": "received_at", "情况": "text", "流水": "id"}
    header = found(("报表",), ("流水", "接件日期", "情况（必填）"), mapping=mapping)
    assert header.fields == {"id": 0, "received_at": 1, "text": 2}


def test_a_mapping_goes_before_the_name():
    header = found((*USUAL, "受理时间"), mapping={"受理时间": "received_at"})
    assert header.fields["received_at"] == 4
    assert header.unread == ("来电时间",)


def test_a_mapping_by_the_very_name_tells_apart_what_brackets_tell_apart():
    header = found((*USUAL, "时间（派）", "时间（结）"), mapping={"时间（结）": "closed_at"})
    assert header.fields["closed_at"] == 5


def test_a_column_can_be_left_unread():
    header = found((*USUAL, "满意度"), mapping={"满意度": "ignore"})
    assert "satisfaction" not in header.fields
    assert header.unread == ("满意度",)


def test_a_usual_header_has_no_faults():
    assert faults(*USUAL) == []


def test_every_missing_and_doubled_column_is_told_at_once():
    told = faults("姓名", "联系人", "联系电话")
    assert "header: columns 姓名 and 联系人 both hold name; choose with --map 姓名=name" in told
    assert sum("no column for" in fault for fault in told) == 3
    assert any("no column for text: it may be called 内容, 诉求内容, 问题描述" in fault for fault in told)


def test_ids_may_be_missing_where_they_can_be_made():
    assert faults(*USUAL[1:], with_ids=True) == []


def test_a_mapped_column_that_is_not_there_is_told_with_those_that_are():
    assert faults(*USUAL, mapping={"接件人": "name"}) == [
        "--map: no column '接件人'; columns are 工单编号, 来电时间, 标题, 诉求内容"
    ]


def test_a_field_that_is_not_known_is_told_wherever_the_mapping_comes_from():
    (fault,) = faults(*USUAL, "天气", mapping={"天气": "weather"})
    assert fault.startswith("--map.天气: unknown field 'weather'; known are id, received_at")


def test_what_happened_needs_to_know_when():
    (fault,) = faults(*USUAL, "承办单位")
    assert fault.startswith("column 承办单位 (unit): needs a column for dispatched_at")
    assert faults(*USUAL, "承办单位", "派单时间") == []
    assert len(faults(*USUAL, "满意度", "处置结果")) == 2


def test_mappings_are_read_from_options():
    assert parse_mapping(["a=b=text", " 时间 = received_at "]) == {"a=b": "text", "时间": "received_at"}


def test_every_bad_mapping_is_told_with_the_known_fields():
    with pytest.raises(BadInput) as caught:
        parse_mapping(["时间", "=text"])
    assert len(caught.value.problems) == 2
    with pytest.raises(BadInput, match=r"unknown field 'recieved_at'; did you mean received_at\?"):
        parse_mapping(["时间=recieved_at"])
    with pytest.raises(BadInput, match="known are id, received_at, title, text"):
        parse_mapping(["时间=天气"])
