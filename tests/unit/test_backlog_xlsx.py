"""XLSX backlogs: numbers, times, merged cells, several sheets, and files made to do harm."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from triage.desk.backlog import extents
from triage.desk.backlog.backlog import open_backlog
from triage.desk.backlog.rejected import write_rejected
from triage.desk.backlog.rows import Accepted, Rejected
from triage.domain.errors import BadInput

HEAD = ("工单编号", "来电时间", "标题", "诉求内容", "联系电话")
MOMENT = datetime(2026, 3, 2, 9, 5)
SHEET = "xl/worksheets/sheet1.xml"


def book(*rows, sheet="工单"):
    workbook = Workbook()
    workbook.active.title = sheet
    for row in rows:
        workbook.active.append(row)
    return workbook


@pytest.fixture
def opened(tmp_path):
    def open_it(workbook, **options):
        path = tmp_path / "backlog.xlsx"
        if isinstance(workbook, bytes):
            path.write_bytes(workbook)
        else:
            workbook.save(path)
        return open_backlog(path, "tangqiao", units={}, **options)

    return open_it


@pytest.fixture
def read(opened):
    return lambda workbook, **options: list(opened(workbook, **options).rows())


def as_bytes(workbook):
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def changed(content, name, change):
    """A workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return out.getvalue()


def test_real_times_serial_numbers_and_texts_are_one(read):
    times = [MOMENT, 46083.378472222225, "2026年3月2日 9时5分", "2026/3/2 9:05"]
    found = read(book(HEAD, *((f"G{number}", when, "", "漏水") for number, when in enumerate(times))))
    assert {row.request.order.received_at.isoformat() for row in found} == {"2026-03-02T09:05:00+08:00"}


def test_a_date_is_a_day_and_a_time_alone_is_nothing(read):
    day, hour = read(book(HEAD, ("G1", date(2026, 3, 2), "", "漏水"), ("G2", time(9, 5), "", "漏水")))
    assert day.request.order.received_at.isoformat() == "2026-03-02T00:00:00+08:00"
    assert hour.reasons[0].loc == ("来电时间",)


def test_numbers_come_out_without_a_point_and_texts_with_their_zeros(read):
    first, second = read(
        book(HEAD, (1.0, MOMENT, 110.0, 3.5, 13800000000), ("007", MOMENT, "", "漏水", "021-50000000"))
    )
    assert first.request.order.id == "1"
    assert (first.request.order.title, first.request.order.text) == ("110", "3.5")
    assert first.request.order.caller.phone == "13800000000"
    assert second.request.order.id == "007"


def test_an_id_stored_as_a_long_number_is_rejected(read):
    (row,) = read(book(HEAD, (20260302000112345, MOMENT, "", "漏水")))
    assert row.reasons[0].loc == ("工单编号",)
    assert "末尾数字已丢失" in row.reasons[0].msg


def test_titles_and_blank_rows_above_are_skipped_and_row_numbers_are_those_of_the_sheet(read):
    workbook = book(("三月工单汇总",), (), HEAD, ("G1", MOMENT, "", "漏水"), (), ("G2", MOMENT, "", ""))
    workbook.active.merge_cells("A1:E1")
    good, bad = read(workbook)
    assert (str(good.place), str(bad.place)) == ("4", "6")


def test_a_table_that_begins_elsewhere_is_found(read):
    workbook = Workbook()
    for row, cells in enumerate((HEAD, ("G1", MOMENT, "路灯", "不亮")), start=3):
        for column, value in enumerate(cells, start=4):
            workbook.active.cell(row, column, value)
    workbook.active.merge_cells("D4:D4")
    (row,) = read(workbook)
    assert (str(row.place), row.request.order.id) == ("4", "G1")


def test_a_merged_cell_counts_for_each_of_its_rows(read):
    workbook = book(HEAD, *((f"G{number}", None, None, f"第{number}件") for number in range(4)))
    workbook.active["B2"], workbook.active["C2"] = MOMENT, "同一天"
    workbook.active["B5"] = datetime(2026, 3, 3)
    workbook.active.merge_cells("B2:B4")
    workbook.active.merge_cells("C2:C3")
    found = read(workbook)
    assert [row.request.order.received_at.day for row in found] == [2, 2, 2, 3]
    assert [row.request.order.title for row in found] == ["同一天", "同一天", "", ""]


def test_a_merged_header_names_its_column(read):
    workbook = book(
        ("工单编号", "诉求", None, None, "联系电话"),
        (None, "来电时间", "标题", "诉求内容"),
        ("G1", MOMENT, "", "漏水", "1"),
    )
    workbook.active.merge_cells("A1:A2")
    workbook.active.merge_cells("E1:E2")
    workbook.active.merge_cells("B1:D1")
    (row,) = read(workbook)
    assert (row.request.order.id, row.request.order.caller.phone) == ("G1", "1")


def test_a_blank_row_within_a_merged_cell_is_no_row(read):
    workbook = book(HEAD, ("G1", MOMENT, "", "漏水"), (), ("G2", MOMENT, "", "漏水"))
    workbook.active.merge_cells("C2:C4")
    workbook.active["C2"] = "同事"
    assert [str(row.place) for row in read(workbook)] == ["2", "4"]


def test_a_remark_beside_the_table_does_not_matter(opened):
    workbook = book(HEAD, ("G1", MOMENT, "", "漏水"), ("G2", "?", "", "停电"))
    workbook.active["G2"] = workbook.active["H3"] = "已核"
    backlog = opened(workbook)
    good, bad = backlog.rows()
    assert isinstance(good, Accepted) and [reason.loc for reason in bad.reasons] == [("来电时间",)]
    path = write_rejected(backlog)
    path.write_text(path.read_text(encoding="utf-8").replace("?", "2026-03-02"), encoding="utf-8")
    (row,) = open_backlog(path, "tangqiao", units={}).rows()
    assert isinstance(row, Accepted)


def test_all_sheets_with_the_same_header_are_read(opened):
    workbook = book(HEAD, ("G1", MOMENT, "", "漏水"), sheet="1月")
    for sheet, rows in {
        "说明": [("填表说明",)],
        "2月": [("二月",), HEAD, ("G2", MOMENT, "", "停电"), ("G1", MOMENT, "", "停电")],
    }.items():
        workbook.create_sheet(sheet)
        for row in rows:
            workbook[sheet].append(row)
    workbook["2月"]["H2"] = " "
    backlog = opened(workbook)
    assert backlog.left_out == ("说明",)
    first, second, third = backlog.rows()
    assert [(row.position, str(row.place)) for row in (first, second, third)] == [
        (1, "1月!2"),
        (2, "2月!3"),
        (3, "2月!4"),
    ]
    assert isinstance(third, Rejected) and third.reasons[0].msg == "与第 1月!2 行的编号相同而内容不同"


def test_a_second_backlog_with_other_columns_is_not_left_out_in_silence(opened):
    workbook = book(HEAD, ("G1", MOMENT, "", "漏水"), sheet="1月")
    workbook.create_sheet("2月")
    workbook["2月"].append(("编号", "受理时间", "问题描述"))
    with pytest.raises(BadInput, match="sheet 2月: has other columns than sheet 1月"):
        opened(workbook)


def test_formulas_as_text_stay_text(read):
    workbook = book(HEAD, ("G1", MOMENT, "", "x"))
    workbook.active["D2"].value, workbook.active["D2"].data_type = "=cmd|' /C calc'!A0", "s"
    (row,) = read(workbook)
    assert row.request.order.text == "=cmd|' /C calc'!A0"


def test_the_extension_does_not_matter(tmp_path):
    path = tmp_path / "backlog.csv"
    book(HEAD, ("G1", MOMENT, "", "漏水")).save(path)
    (row,) = open_backlog(path, "tangqiao", units={}).rows()
    assert isinstance(row, Accepted)


def test_an_empty_workbook_has_no_header(opened):
    with pytest.raises(BadInput, match="has no header row"):
        opened(Workbook())


def test_two_cells_in_opposite_corners_are_refused_before_they_fill_the_memory(opened):
    workbook = book(HEAD, ("G1", MOMENT, "", "漏水"))
    workbook.active["XFD1048576"] = "x"
    with pytest.raises(BadInput, match="has sheets of more than 16,000,000 cells"):
        opened(workbook)


def test_cells_without_a_place_are_counted_too(opened):
    cells = b"<row r='1048576'>" + b"<c><v>1</v></c>" * 20 + b"</row></sheetData>"
    content = changed(as_bytes(book(HEAD)), SHEET, lambda xml: xml.replace(b"</sheetData>", cells))
    with pytest.raises(BadInput, match="has sheets of more than"):
        opened(content)


@pytest.mark.parametrize("place", ["A99999999", "ABCD1", "A", "1", " A1", ""])
def test_cells_in_no_place_are_refused(opened, place):
    cells = f'<row><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    content = changed(as_bytes(book(HEAD)), SHEET, lambda xml: xml.replace(b"</sheetData>", cells))
    with pytest.raises(BadInput, match=r"is a damaged XLSX file|has sheets of more than"):
        opened(content)


def test_cells_hidden_from_a_strict_reader_are_refused(opened):
    content = changed(as_bytes(book(HEAD)), SHEET, lambda xml: b"x" + xml)
    with pytest.raises(BadInput, match="is a damaged XLSX file"):
        opened(content)


def test_pictures_do_not_matter(opened):
    content = as_bytes(book(HEAD, ("G1", MOMENT, "", "漏水")))
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG" + bytes(range(256)) * 2000)
    assert len(list(opened(out.getvalue()).rows())) == 1


def test_formats_without_values_are_no_cells(read):
    cells = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    content = as_bytes(book(HEAD, ("G1", MOMENT, "", "漏水")))
    (row,) = read(changed(content, SHEET, lambda xml: xml.replace(b"</sheetData>", cells)))
    assert isinstance(row, Accepted)


@pytest.fixture
def little_room(monkeypatch):
    monkeypatch.setattr(extents, "MOST_UNPACKED", 200_000)


def test_a_file_that_says_it_unfolds_to_too_much_is_refused(opened, little_room):
    content = changed(as_bytes(book(HEAD)), SHEET, lambda xml: xml + b" " * 10_000_000)
    assert len(content) < 50_000
    with pytest.raises(BadInput, match="unfolds to more than"):
        opened(content)


def test_a_file_that_lies_about_what_it_unfolds_to_is_refused(opened, little_room):
    content = changed(as_bytes(book(HEAD)), SHEET, lambda xml: xml + b" " * 10_000_000)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    with pytest.raises(BadInput, match="unfolds to more than"):
        opened(content.replace(size, (100).to_bytes(4, "little")))


def test_entities_that_multiply_are_refused(opened):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(BadInput, match="is a damaged XLSX file"):
        opened(changed(as_bytes(book(HEAD)), SHEET, lambda _: bomb))


def test_a_zip_that_is_no_workbook_is_told(opened):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BadInput, match="is a ZIP file but no XLSX workbook"):
        opened(out.getvalue())


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("rubbish", [b"", b"<", b"<worksheet/>", b"\0\1\2", b"<a>" * 50])
def test_damaged_parts_are_refused_or_do_not_matter(opened, part, rubbish):
    content = as_bytes(book(HEAD, ("G1", MOMENT, "", "漏水")))
    try:
        found = list(opened(changed(content, part, lambda _: rubbish)).rows())
    except BadInput:
        return
    assert all(isinstance(row, Accepted | Rejected) for row in found)


def test_a_file_cut_anywhere_is_refused(opened):
    content = as_bytes(book(HEAD, ("G1", MOMENT, "", "漏水")))
    for end in range(5, len(content), 97):
        with pytest.raises(BadInput):
            opened(content[:end])


def test_a_bit_turned_anywhere_is_refused_or_does_not_matter(opened):
    content = bytearray(as_bytes(book(HEAD, ("G1", MOMENT, "", "漏水"))))
    for place in range(0, len(content), 41):
        content[place] ^= 0x5A
        with suppress(BadInput):
            list(opened(bytes(content)).rows())
        content[place] ^= 0x5A
