"""Backlogs of any bytes through the whole import: every row is kept or rejected, nothing breaks, and the same file
again changes nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from tests.hostile.again import begin_again, snapshot
from tests.hostile.amount import cases
from triage.desk.backlog.backlog import open_backlog
from triage.desk.backlog.rejected import write_rejected
from triage.desk.orders.importing import import_backlog
from triage.domain.errors import BadInput
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

POLICY = "nanmatou"
MOMENT = datetime(2026, 3, 2)
HEAD = "工单编号,来电时间,诉求内容\n"
BY = Actor("import", Role.CENTRE, POLICY)
TIMES = st.sampled_from(["2026-03-02 09:05", "2026/3/2", "20260309", "2026-03-09 10:00", "3月9日"])
LIKELY = {
    "工单编号": st.sampled_from([f"W{number}" for number in range(6)]),
    "来电时间": st.sampled_from(["2026-03-02 09:00", "2026年3月2日9时", "2026-03-01"]),
    "诉求内容": st.sampled_from(["小区门口路灯不亮已经三天", "餐馆油烟很大，熏得睡不着", "咨询医保怎么办"]),
    "标题": st.sampled_from(["路灯不亮", ""]),
    "联系电话": st.sampled_from(["13900001234", "021-58880000", ""]),
    "处置单位": st.sampled_from(["market-office", "南码头市场监督管理所"]),
    "派单时间": TIMES,
    "办结时间": TIMES,
    "满意度": st.sampled_from(["满意", "不满意", ""]),
    "处置结果": st.sampled_from(["实际解决", "解释说明", ""]),
    "备注": st.text(max_size=5),
}
NASTY = (
    *("=1+1", "'", '"', "\r", "\n", "\t", "\x0b", "9999-12-31", "0000-00-00", "1e400", "-1", "46083.37", "W1/2"),
    *(
        "\u202e",
        "\ufeff",
        "\ufffd",
        "𠮷",
        "a" * 40_000,
        " W1 ",
        "ｗ１",
        "2026-02-30",
        "null",
        "NaN",
        "%s",
        "\\u0000",
        "",
    ),
)
ANYTHING = st.sampled_from(NASTY) | st.text(max_size=12)
HEADERS = st.one_of(
    st.just(list(LIKELY)),
    st.just(list(LIKELY)[:4]),
    st.permutations(list(LIKELY)),
    st.lists(st.sampled_from([*LIKELY, ""]), max_size=6),
)


@st.composite
def tables(draw) -> list[list[str]]:
    """A header and a few rows, most of them such as a district would send."""
    header = draw(HEADERS)
    return [header, *(_row(draw, header) for _ in range(draw(st.integers(1, 5))))]


def _row(draw, header: list[str]) -> list[str]:
    cells = [draw(LIKELY.get(name, ANYTHING)) for name in header]
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        at = draw(st.integers(0, len(cells)))
        cells[at : at + 1] = [draw(ANYTHING)]
    return cells


@st.composite
def damaged(draw, content: bytes) -> bytes:
    """Bytes of which some may be lost, changed or put in."""
    made = bytearray(content)
    for _ in range(draw(st.sampled_from([0, 0, 1, 4]))):
        at = draw(st.integers(0, 2**20)) % (len(made) + 1)  # of a workbook, the length is not always the same
        made[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(made)


@st.composite
def csv_files(draw) -> bytes:
    """A table as CSV of either encoding and any delimiter, damaged."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=draw(st.sampled_from([",", ",", ",", ";", "\t"])))
    writer.writerows(draw(tables()))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "gb18030", "utf-16"]))
    return draw(damaged(out.getvalue().encode(encoding, "replace")))


@st.composite
def xlsx_files(draw) -> bytes:
    """A table as a workbook, one part of it or the whole archive damaged."""
    workbook = Workbook()
    for row in draw(tables()):
        with suppress(IllegalCharacterError):
            workbook.active.append([draw(st.sampled_from([*[cell] * 8, 46083.5, MOMENT])) for cell in row])
    out = io.BytesIO()
    workbook.save(out)
    if draw(st.booleans()):
        return draw(damaged(out.getvalue()))
    return draw(_with_a_damaged_part(out.getvalue()))


@st.composite
def _with_a_damaged_part(draw, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = old.namelist()
        broken = draw(st.sampled_from([*parts, *["xl/worksheets/sheet1.xml"] * 5]))
        for name in parts:
            new.writestr(name, draw(damaged(old.read(name))) if name == broken else old.read(name))
    return out.getvalue()


@pytest.fixture
def books(keeping, tmp_path):
    opened = keeping.books(f"sqlite:///{tmp_path}/imported.db")
    yield opened
    opened.ledger.database.close()


@pytest.fixture
def imported(keeping, books, tmp_path):
    """Imports a file into a ledger with nothing in it, and again; holds what must be true of any file."""
    empty = snapshot(books)
    units = {unit.name: unit.id for unit in keeping.town(POLICY).pack.units.values()}
    path = tmp_path / "backlog"

    def once():
        backlog = open_backlog(path, POLICY, units=units, secret=b"keys the ids of rows without one")
        return backlog, import_backlog(backlog, books, BY, lambda _: None)

    def import_it(content: bytes) -> None:
        begin_again(books, POLICY, empty)
        path.write_bytes(content)
        try:
            backlog, done = once()
        except BadInput as refused:
            event(f"refused: {str(refused.problems[0])[:40]}")
            assert books.ledger.head() == 0, "a file that is refused leaves nothing behind"
            return
        event("rows were kept" if done.new else "no row was kept")
        assert done.read == done.accepted + done.rejected
        assert done.read == sum(1 for _ in backlog.rows())
        assert sum(1 for _ in backlog.rejected(done.refused)) == done.rejected
        write_rejected(backlog, done.refused)
        assert books.ledger.broken_link() is None
        head = books.ledger.head()
        _, again = once()
        assert (again.read, again.accepted, again.rejected) == (done.read, done.accepted, done.rejected)
        assert (again.new, again.changed) == (0, 0)
        assert books.ledger.head() == head

    return import_it


def test_any_csv_is_refused_whole_or_imported_with_every_row_accounted_for(imported):
    @cases(0.06)
    @given(content=csv_files())
    def hold(content):
        imported(content)

    hold()


def test_any_workbook_is_refused_whole_or_imported_with_every_row_accounted_for(imported):
    @cases(0.06)
    @given(content=xlsx_files())
    def hold(content):
        imported(content)

    hold()


def test_any_bytes_at_all_are_refused_or_imported(imported):
    @cases(0.06)
    @given(content=st.binary(max_size=300), start=st.sampled_from([b"", b"PK\x03\x04", HEAD.encode()]))
    def hold(content, start):
        assume(start or content)
        imported(start + content)

    hold()
