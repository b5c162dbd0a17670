"""The file of rejected rows: whole, harmless in a spreadsheet, and fit to be imported again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.desk.backlog.backlog import open_backlog
from triage.desk.backlog.rejected import rejected_path, write_rejected
from triage.desk.backlog.rows import Accepted, Rejected
from triage.domain.errors import BadInput, Problem

HEAD = "工单编号,来电时间,诉求内容,备注"
SIGNS = "=+-@＝＋－＠"


@pytest.fixture
def opened(tmp_path):
    def open_it(content):
        path = tmp_path / "三月.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_backlog(path, "moushi", units={})

    return open_it


def cells_of(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def test_rejected_rows_are_written_with_number_and_reasons(opened):
    backlog = opened(f"{HEAD}\nG1,2026-03-02,漏水,甲\nG2,昨天,,乙\n")
    path = write_rejected(backlog)
    assert path == rejected_path(backlog.path) and path.name == "三月.csv.rejected.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    head, row = cells_of(path)
    assert head == ["行号", "原因", "工单编号", "来电时间", "诉求内容", "备注"]
    assert row[0] == "3" and row[2:] == ["G2", "昨天", "", "乙"]
    assert row[1].startswith("来电时间：不是可识别的时间") and row[1].endswith("；诉求内容：不能为空")


def test_where_nothing_is_rejected_nothing_is_written_and_what_was_goes(opened):
    path = write_rejected(opened(f"{HEAD}\nG1,?,漏水,\n"))
    assert path is not None and path.exists()
    assert write_rejected(opened(f"{HEAD}\nG1,2026-03-02,漏水,\n")) is None
    assert not path.exists()


@pytest.mark.parametrize("sign", SIGNS)
def test_no_cell_is_a_formula(opened, sign):
    path = write_rejected(opened(f"{HEAD}\n{sign}1,{sign}cmd,  {sign}x,\t{sign}y\n"))
    assert all(cell[0] not in SIGNS and (cell.lstrip()[0] not in SIGNS) for cell in cells_of(path)[1][2:])


def test_a_header_is_no_formula_either(opened):
    path = write_rejected(opened("工单编号,来电时间,诉求内容,=cmd\nG1,?,漏水,\n"))
    assert cells_of(path)[0][-1] == "'=cmd"


def test_a_corrected_file_is_imported_as_it_is(opened, tmp_path):
    path = write_rejected(opened(f"{HEAD}\nG1,昨天,-漏水,甲\n'+G2,昨天,停电,\n"))
    path.write_text(path.read_text(encoding="utf-8").replace("昨天", "2026-03-02"), encoding="utf-8")
    found = list(open_backlog(path, "moushi", units={}).rows())
    assert [(row.request.order.id, row.request.order.text) for row in found] == [("G1", "-漏水"), ("+G2", "停电")]


def test_broken_rows_keep_what_stood_there(opened):
    path = write_rejected(opened(f'{HEAD}\nG1,2026-03-02,"漏水\nG2,2026-03-02,停电,,多,余\n'))
    assert [row[2:] for row in cells_of(path)[1:]] == [
        ['G1,2026-03-02,"漏水'],
        ["G2", "2026-03-02", "停电", "", "多", "余"],
    ]


def test_bytes_that_are_no_text_are_shown_as_such(opened):
    path = write_rejected(opened(f"{HEAD}\nG1,2026-03-02,漏".encode() + b"\xff\xfe\0" + "水,".encode()))
    assert cells_of(path)[1][4] == "漏\ufffd\ufffd\ufffd水"


def test_rows_that_were_refused_further_on_are_written_too(opened):
    backlog = opened(f"{HEAD}\nG1,2026-03-02,漏水,甲\nG2,2026-03-02,停电,乙\n")
    path = write_rejected(backlog, {2: (Problem(("工单编号",), "已入库而内容不同"),)})
    assert cells_of(path)[1:] == [["3", "工单编号：已入库而内容不同", "G2", "2026-03-02", "停电", "乙"]]


def test_what_cannot_be_written_leaves_what_was(opened):
    backlog = opened(f"{HEAD}\nG1,?,漏水,\n")
    rejected_path(backlog.path).mkdir()
    with pytest.raises(BadInput, match="cannot be written"):
        write_rejected(backlog)
    assert sorted(path.name for path in backlog.path.parent.iterdir()) == ["三月.csv", "三月.csv.rejected.csv"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), min_size=1, max_size=5))
def test_what_was_read_is_what_was_accepted_and_rejected(opened, texts):
    out = io.StringIO()
    csv.writer(out).writerows([HEAD.split(","), *(("G", "2026-03-02", text, "x") for text in texts)])
    backlog = opened(out.getvalue())
    found = list(backlog.rows())
    assert len(found) == len(texts)
    assert all(isinstance(row, Accepted | Rejected) for row in found)
    path = write_rejected(backlog)
    rejected = [row for row in found if isinstance(row, Rejected)]
    assert len(rejected) == (0 if path is None else len(cells_of(path)) - 1)


def test_a_reason_may_name_a_column_whose_name_is_not_all_text(opened):
    refused = {1: (Problem(("来电时间\ud800",), "不是可识别的时间"),)}
    path = write_rejected(opened(f"{HEAD}\nG1,2026-03-02,漏水,甲\n"), refused)
    assert cells_of(path)[1][1] == "来电时间\ufffd：不是可识别的时间"
