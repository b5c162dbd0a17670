"""CSV backlogs, well-formed and not: every row is accounted for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.desk.backlog.backlog import open_backlog
from triage.desk.backlog.rows import Accepted, Rejected
from triage.domain.errors import BadInput

HEAD = "工单编号,来电时间,诉求内容"
GOOD = "G{0},2026-03-02 09:0{0},第{0}件：下水道堵塞"


@pytest.fixture
def opened(tmp_path):
    def open_it(content, name="backlog.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_backlog(path, "yanji", units={})

    return open_it


@pytest.fixture
def read(opened):
    return lambda content: list(opened(content).rows())


def rows(*numbers):
    return "\n".join([HEAD, *(GOOD.format(number) for number in numbers)])


def outcome(found):
    return [(str(row.place), row.request.order.id if isinstance(row, Accepted) else None) for row in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_do_not_matter(read, encoding, line_end):
    found = read(rows(1, 2).replace("\n", line_end).encode(encoding))
    assert outcome(found) == [("2", "G1"), ("3", "G2")]
    assert found[0].request.order.text == "第1件：下水道堵塞"


def test_a_rare_character_of_gb18030_survives(read):
    (row,) = read(f"{HEAD}\nG1,2026-03-02,𠮷某反映㙍塘路灯不亮".encode("gb18030"))
    assert row.request.order.text == "𠮷某反映㙍塘路灯不亮"


def test_a_character_cut_in_half_costs_its_row_only(read):
    content = rows(1, 2, 3).encode("gb18030").replace("第2件".encode("gb18030"), "第2件".encode("gb18030")[:-1])
    first, broken, third = read(content)
    assert isinstance(first, Accepted) and isinstance(third, Accepted)
    assert [str(reason) for reason in broken.reasons] == ["诉求内容: 含有既非 UTF-8 也非 GB18030 的字节"]


def test_a_file_cut_in_half_a_character_loses_its_last_row_only(read):
    for encoding in ("utf-8", "gb18030"):
        *good, last = read(rows(1, 2).encode(encoding)[:-1])
        assert len(good) == 1 and isinstance(last, Rejected)


def test_a_nul_costs_its_row_only(read):
    first, second = read(rows(1, 2).replace("第2件", "第\0件"))
    assert isinstance(first, Accepted)
    assert [str(reason) for reason in second.reasons] == ["诉求内容: 含有空字符（NUL）"]


def test_utf_16_is_told_by_name(opened):
    with pytest.raises(BadInput, match="is UTF-16 text"):
        opened(rows(1).encode("utf-16"))


def test_rows_of_another_width_are_rejected_unless_what_is_more_is_blank(read):
    found = read(f"{HEAD}\nG1,2026-03-02\nG2,2026-03-02,漏水,又停电\nG3,2026-03-02,漏水,, \n")
    assert outcome(found) == [("2", None), ("3", None), ("4", "G3")]
    assert found[0].reasons[0].msg == "有 2 列，表头有 3 列"


def test_columns_without_a_name_at_the_end_may_be_left_out(read):
    assert outcome(read(f"{HEAD},,\nG1,2026-03-02,漏水\nG2,2026-03-02,停电,备注,\n")) == [("2", "G1"), ("3", "G2")]


def test_blank_rows_are_no_rows_but_count(read):
    assert outcome(read(f"{HEAD}\n\n,,\n{GOOD.format(1)}\n\n{GOOD.format(2)}\n\n")) == [("4", "G1"), ("6", "G2")]


def test_line_breaks_and_commas_within_quotation_marks_belong_to_the_text(read):
    found = read(f'{HEAD}\nG1,2026-03-02,"他说：""漏水"",\n\n还停电"\n{GOOD.format(2)}')
    assert found[0].request.order.text == '他说："漏水",\n\n还停电'
    assert outcome(found) == [("2", "G1"), ("3", "G2")]


def test_a_quotation_mark_that_is_never_closed_costs_its_row_only(read):
    found = read(f'{HEAD}\n{GOOD.format(1)}\nG2,2026-03-02,"漏水\n{GOOD.format(3)}\n{GOOD.format(4)}')
    assert outcome(found) == [("2", "G1"), ("3", None), ("4", "G3"), ("5", "G4")]
    assert found[1].reasons[0].msg == "引号没有成对，本行无法分列"
    assert found[1].cells == ('G2,2026-03-02,"漏水',)


def test_quotation_marks_in_the_middle_cost_their_row_only(read):
    found = read(f'{HEAD}\nG1,2026-03-02,"他说"漏水"了"\n{GOOD.format(2)}\n"G3,2026-03-02,漏水\n"G4",2026-03-02,漏水')
    assert outcome(found) == [("2", None), ("3", "G2"), ("4", None), ("5", "G4")]


def test_very_many_lines_after_an_unclosed_mark_are_all_read(read):
    many = "\n".join(f"N{number},2026-03-02,漏水" for number in range(1200))
    found = read(f'{HEAD}\nG1,2026-03-02,"漏水\n{many}')
    assert len(found) == 1201
    assert sum(isinstance(row, Rejected) for row in found) == 1


def test_a_text_of_megabytes_is_rejected_for_its_length(read):
    long = "长" * 1_000_001
    found = read(f"{HEAD}\nG1,2026-03-02,{long}\n{GOOD.format(2)}")
    assert [str(reason) for reason in found[0].reasons] == ["诉求内容: 超过 1000000 个字符"]
    assert isinstance(found[1], Accepted)


def test_a_line_without_an_end_is_taken_in_parts(read):
    found = read(f"{HEAD}\n{GOOD.format(1)}\n" + "x" * 9_000_000)
    assert isinstance(found[0], Accepted)
    assert found[1:] and all(isinstance(row, Rejected) for row in found[1:])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no header row among the first 20"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "has no header row"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old .xls file or has a password"),
        (b"\r\n<html><table><tr><td>", "is a web page, not a table"),
        (b"PK\x03\x04 but nothing more", "is a damaged XLSX file"),
    ],
)
def test_what_is_no_table_is_refused_at_once(opened, content, said):
    with pytest.raises(BadInput, match=said):
        opened(content)


def test_a_wrong_extension_does_not_matter(opened):
    assert outcome(opened(rows(1), name="backlog.xlsx").rows()) == [("2", "G1")]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"none\.csv: cannot be read: No such file"):
        open_backlog(tmp_path / "none.csv", "yanji", units={})
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        open_backlog(tmp_path, "yanji", units={})


def test_a_header_alone_has_no_rows(read):
    assert read(HEAD) == []


def test_a_formula_is_a_text(read):
    (row,) = read(f"{HEAD}\nG1,2026-03-02,=cmd|' /C calc'!A0")
    assert row.request.order.text == "=cmd|' /C calc'!A0"


def test_nobody_is_told_what_stands_in_a_file_without_a_header(opened):
    with pytest.raises(BadInput) as caught:
        opened("张三,13800000000,漏水\n李四,13900000000,停电\n")
    assert "张三" not in str(caught.value) and "138" not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(['"', ",", "\n", "\r", "\0", "漏", "2026-03-02", "G1", "=", "'", " ", "x"]), max_size=60)
)
def test_whatever_follows_a_header_every_letter_of_it_is_accounted_for(opened, pieces):
    body = "".join(pieces)
    found = list(opened(f"{HEAD}\n{body}").rows())
    kept = "".join(
        "".join(row.cells) if isinstance(row, Rejected) else row.request.order.id + row.request.order.text
        for row in found
    )
    assert kept.count("漏") == body.count("漏")
    assert [row.position for row in found] == list(range(1, len(found) + 1))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(opened, content):
    head = HEAD.encode("gb18030") + b"\n"
    for whole in (content, head + content):
        try:
            found = list(opened(whole).rows())
        except BadInput:
            continue
        assert all(isinstance(row, Accepted | Rejected) for row in found)
