"""What is read of a backlog: every row is a row to answer or rejected with its reason, in any format."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.reclassify.rows import Rejected, Row, Sizes, chunks
from training.reclassify.sources import Files
from training.reclassify.wanted import Wanted
from triage.domain.errors import BadInput


def read(path, **wanted):
    return list(Files(path, Wanted(**wanted)).items())


def rejected(items):
    return [(item.file, item.row, item.reason) for item in items if isinstance(item, Rejected)]


def told(items):
    return [(item.id, item.title, item.text, item.given) for item in items if isinstance(item, Row)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_read_in_either_encoding(written, encoding):
    path = written("a.csv", "id,title,text,label\n1,路灯,路灯不亮,灯\n2,,楼下油烟,\n".encode(encoding))
    assert told(read(path, label="label")) == [("1", "路灯", "路灯不亮", "灯"), ("2", "", "楼下油烟", None)]


def test_a_row_without_an_id_is_named_by_file_and_row(written):
    assert told(read(written("a.csv", "id,text\n,路灯不亮\n9,油烟\n"))) == [
        ("a.csv:2", "", "路灯不亮", None),
        ("9", "", "油烟", None),
    ]
    assert told(read(written("b.csv", "text\n路灯不亮\n"))) == [("b.csv:2", "", "路灯不亮", None)]


def test_every_broken_csv_row_is_told_and_costs_itself_only(written):
    lines = ["id,text", "1,路灯不亮", "2", "3,油烟,太多", '4,"没有关上', "", "5,", f"6,{'长' * 1_000_001}", "7,噪音"]
    content = "\n".join(lines).encode() + b"\n8,\xff\xfe\xfa\n"
    items = read(written("a.csv", content))
    assert [name for name, *_ in told(items)] == ["1", "7"]
    assert [(row, reason[:4]) for _, row, reason in rejected(items)] == [
        (3, "有 1 "),
        (4, "有 3 "),
        (5, "引号没有"),
        (7, "没有文字"),
        (8, "文字超过"),
        (10, "有的字节"),
    ]


def test_a_jsonl_file_is_read_a_line_a_row(written):
    rows = [
        {"id": 1, "title": "路灯", "text": "路灯\u2028不亮"},
        {"id": "2", "text": "油烟", "label": "烟"},
        {"id": None, "title": "噪音"},
    ]
    broken = [
        "{",
        "[1]",
        '{"id": "4", "text": ["路灯"]}',
        '{"id": "5", "text": "\\ud800"}',
        '{"id": true, "text": "油"}',
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows] + broken
    items = read(written("a.jsonl", "\n".join(lines)), label="label")
    assert told(items) == [
        ("1", "路灯", "路灯\u2028不亮", None),
        ("2", "", "油烟", "烟"),
        ("a.jsonl:3", "噪音", "", None),
    ]
    assert [row for _, row, _ in rejected(items)] == [4, 5, 6, 7, 8]


def test_a_parquet_file_is_read_with_numbers_for_ids_and_holes(tmp_path):
    frame = pd.DataFrame({"id": [1.0, 2.0, None], "text": ["路灯不亮", None, "油烟"], "more": [1, 2, 3]})
    frame.astype({"id": "Int64"}).to_parquet(tmp_path / "a.parquet", row_group_size=2)
    items = read(tmp_path / "a.parquet")
    assert told(items) == [("1", "", "路灯不亮", None), ("a.parquet:3", "", "油烟", None)]
    assert rejected(items) == [("a.parquet", 2, "没有文字")]


def test_a_folder_is_read_file_by_file_in_the_order_of_names(written, tmp_path):
    (tmp_path / "day=2").mkdir()
    (tmp_path / "_spark").mkdir()
    written("b.jsonl", '{"id": "b", "text": "路灯不亮"}\n')
    written("a.csv", "id,text\na,路灯不亮\n")
    written("day=2/c.CSV", "id,text\nc,路灯不亮\n")
    written("_spark/d.csv", "nothing")
    written("notes.txt", "nothing")
    files = Files(tmp_path, Wanted())
    assert [item.id for item in files.items()] == ["a", "b", "c"]
    assert list(files.identity()["files"]) == ["a.csv", "b.jsonl", "day=2/c.CSV"]


def test_every_file_that_cannot_be_read_is_named_before_a_row_is(written, tmp_path):
    written("a.csv", "id,label\n1,灯\n")
    written("b.parquet", "no parquet")
    written("c.jsonl", "\n")
    written("d.csv", "\ufeffid,text\n".encode("utf-16"))
    with pytest.raises(BadInput) as fault:
        Files(tmp_path, Wanted())
    assert [problem.loc[0] for problem in fault.value.problems] == ["a.csv", "b.parquet", "c.jsonl", "d.csv"]


def test_no_file_at_all_is_told(tmp_path, written):
    for path in (tmp_path, tmp_path / "none.csv", written("a.xlsx", "x")):
        with pytest.raises(BadInput):
            Files(path, Wanted())


def test_a_parquet_file_damaged_further_on_is_told(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"id": range(50_000), "text": [f"路灯{n}不亮" for n in range(50_000)]}).to_parquet(path)
    content = bytearray(path.read_bytes())
    content[1_000:200_000] = bytes(199_000)
    path.write_bytes(content)
    with pytest.raises(BadInput, match="damaged"):
        read(path)


@given(sizes=st.lists(st.integers(1, 50), max_size=60), most=st.integers(1, 9), characters=st.integers(1, 100))
def test_chunks_hold_every_item_once_in_order_and_no_more_than_they_may(sizes, most, characters):
    rows = [Row(str(number), "", "灯" * size) for number, size in enumerate(sizes)]
    found = list(chunks(rows, Sizes(most, characters)))
    assert [item for chunk in found for item in chunk.items] == rows
    assert all(0 < len(chunk.items) <= most for chunk in found)
    assert all(sum(item.size for item in chunk.items[:-1]) < characters for chunk in found)
