"""`triage issues` and `triage forecast`, each in a process of its own."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.town.stream import PLACES, all_matters, orders

COLUMNS = ["id", "received_at", "title", "text", "caller", "place"]
HERE = "金浦小区"
SAID = {
    "plant": f"{HERE}北侧的搅拌站夜里一直开工，罐车轰鸣，睡不着，请环保部门查。",
    "lift": f"{HERE}3号楼的电梯这个月坏了四次，昨天又把老人关在里面。",
    "loading": f"搅拌站半夜还在装料，噪音大，请回电13800001111，{HERE}睡不着。",
    "again": f"{HERE}旁边的搅拌站又在夜里开工，噪音吵得老人整夜没法睡，电话13800001111。",
    "contract": "请问租赁合同备案要带哪些材料？" + "盼回复。" * 25_000,
}
ROWS = [
    ["p1", "2026/3/2 9:05", f"{HERE}附近搅拌站噪音扰民", SAID["plant"], "a", ""],
    ["l1", "2026/3/2 9:30", f"{HERE}电梯频繁故障", SAID["lift"], "b", HERE],
    ["p2", "2026-03-02T10:00", f"{HERE}旁搅拌站夜间噪音大", SAID["loading"], "c", ""],
    ["e1", "", "", "", "", ""],
    ["p3", "2026/3/3 11:00:30", "", SAID["again"], "a", ""],
    ["x1", "2026-03-04 08:00", "一张租房合同", SAID["contract"], "d", ""],
]


PLANT = frozenset({"p1", "p2", "p3"})
ALONE = [frozenset({one}) for one in ("l1", "e1", "x1")]


def _csv(rows: Sequence[Sequence[str]], columns: Sequence[str] = COLUMNS) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([columns, *rows])
    return written.getvalue()


def _read(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = map(tuple, csv.reader(file))
    assert header == ("id", "issue_id")
    return rows


def _groups(path: Path) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for order_id, issue in _read(path):
        found.setdefault(issue, set()).add(order_id)
    return {frozenset(ids) for ids in found.values()}


@pytest.fixture(scope="module")
def grouped(triage, tmp_path_factory):
    """The folder, the answer and the files of one run over the rows."""
    folder = tmp_path_factory.mktemp("issues")
    (folder / "rows.csv").write_text(_csv(ROWS), encoding="utf-8")
    given = ("--data", folder / "rows.csv", "--policy", "nanmatou")
    return folder, triage("issues", *given, "--out", folder / "out.csv", "--details", folder / "details.json")


# --- issues ------------------------------------------------------------------------------------------------


def test_every_row_has_an_issue_in_the_order_of_the_file(grouped):
    folder, answer = grouped
    assert answer.code == 0
    rows = _read(folder / "out.csv")
    assert [order_id for order_id, _ in rows] == [row[0] for row in ROWS]
    assert all(issue.startswith("i-") for _, issue in rows)
    assert json.loads(answer.out) == {
        "rows": 6, "issues": 4, "of_several": 1, "largest": 3, "out": str(folder / "out.csv"),
    }  # fmt: skip


def test_one_matter_is_one_issue_and_a_row_that_stands_alone_has_one_of_its_own(grouped):
    folder, _ = grouped
    assert _groups(folder / "out.csv") == {
        frozenset({"p1", "p2", "p3"}),
        *(frozenset({one}) for one in ("l1", "e1", "x1")),
    }


def test_the_details_name_and_tell_every_issue_of_several(grouped):
    folder, _ = grouped
    [found] = json.loads((folder / "details.json").read_text(encoding="utf-8"))
    assert found["order_ids"] == ["p1", "p2", "p3"]
    assert (found["orders"], found["callers"], found["object"]) == (3, 2, "搅拌站")
    assert found["place"].startswith(HERE)
    assert HERE in found["title"] and "搅拌站" in found["title"]
    assert found["summary"]
    assert found["heat"]["score"] > 0
    moments = [one["at"] for one in found["timeline"]]
    assert moments == sorted(moments) and moments[0].startswith("2026-03-02T09:05")
    assert all(one["text"] for one in found["timeline"])


def test_no_telephone_number_of_a_text_is_in_what_is_written_or_said(grouped):
    folder, answer = grouped
    written = [(folder / name).read_text(encoding="utf-8") for name in ("out.csv", "details.json")]
    assert not any("13800001111" in one for one in (*written, answer.out, answer.err))


def test_the_same_file_gives_the_same_bytes_again(triage, grouped):
    folder, _ = grouped
    given = ("--data", folder / "rows.csv", "--policy", "nanmatou")
    assert triage("issues", *given, "--out", folder / "2.csv", "--details", folder / "2.json").code == 0
    assert (folder / "2.csv").read_bytes() == (folder / "out.csv").read_bytes()
    assert (folder / "2.json").read_bytes() == (folder / "details.json").read_bytes()


def test_a_file_in_gb18030_gives_the_same_bytes(triage, grouped):
    folder, _ = grouped
    data, out = folder / "gb.csv", folder / "gb-out.csv"
    data.write_bytes(_csv(ROWS).encode("gb18030"))
    assert triage("issues", "--data", data, "--policy", "nanmatou", "--out", out).code == 0
    assert out.read_bytes() == (folder / "out.csv").read_bytes()


def test_rows_in_another_order_give_the_same_issues(triage, tmp_path):
    town = [
        [one.order_id, one.received_at.isoformat(), one.title, one.text, one.phone, one.address]
        for one in orders(6, PLACES, all_matters(), subjects=20)
    ]
    for name, rows in (("one", town), ("other", random.Random(3).sample(town, len(town)))):
        (tmp_path / f"{name}.csv").write_text(_csv(rows), encoding="utf-8")
        assert triage("issues", "--data", tmp_path / f"{name}.csv", "--out", tmp_path / f"{name}-out.csv").code == 0
    one, other = (_read(tmp_path / f"{name}-out.csv") for name in ("one", "other"))
    assert one != other
    assert sorted(one) == sorted(other), "even their ids are the same"


def test_titles_alone_without_times_are_taken_as_they_stand(triage, written, tmp_path):
    data = written("titles.csv", _csv([[row[0], row[2]] for row in ROWS], ["id", "title"]))
    assert triage("issues", "--data", data, "--out", tmp_path / "out.csv").code == 0
    assert [order_id for order_id, _ in _read(tmp_path / "out.csv")] == [row[0] for row in ROWS]


def test_a_file_of_empty_texts_is_grouped_and_nothing_joins(triage, written, tmp_path):
    data = written("empty.csv", _csv([[str(at), ""] for at in range(5)], ["id", "text"]))
    answer = triage("issues", "--data", data, "--out", tmp_path / "out.csv", "--details", tmp_path / "details.json")
    assert (answer.code, json.loads(answer.out)["issues"]) == (0, 5)
    assert json.loads((tmp_path / "details.json").read_text(encoding="utf-8")) == []


def test_a_time_that_is_none_names_its_row_and_nothing_is_written(triage, written, tmp_path):
    rows = [ROWS[0], ["p4", "2026/13/2 9:05", "", "电梯坏了", "", ""], ["p5", "昨天", "", "电梯坏了", "", ""]]
    answer = triage("issues", "--data", written("bad.csv", _csv(rows)), "--out", tmp_path / "out.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "row 3" in answer.err and "row 4" in answer.err and "row 2" not in answer.err
    assert "received_at" in answer.err
    assert "Traceback" not in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.parametrize(
    ("columns", "named"),
    [(["text", "title"], "'id'"), (["id", "remark"], "title or text"), (["id", "text", "text"], "'text' stands twice")],
)
def test_a_column_that_is_missing_is_named(triage, written, tmp_path, columns, named):
    data = written("rows.csv", _csv([["电梯坏了"] * len(columns)], columns))
    answer = triage("issues", "--data", data, "--out", tmp_path / "out.csv")
    assert (answer.code, answer.out) == (2, "")
    assert named in answer.err
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("id,text\n1,电梯\n1,路灯\n", "stands already in row 2"),
        ("id,text\n", "no rows"),
        ("", "is empty"),
        ("id,text\n1\n", "row 2"),
    ],
    ids=["an id twice", "no rows", "nothing", "ragged"],
)
def test_a_file_that_is_no_table_of_messages_is_refused(triage, written, tmp_path, content, named):
    answer = triage("issues", "--data", written("rows.csv", content), "--out", tmp_path / "out.csv")
    assert (answer.code, answer.out) == (2, "")
    assert named in answer.err and "Traceback" not in answer.err


def test_a_policy_nobody_has_and_a_folder_that_is_not_there_are_named(triage, grouped):
    folder, _ = grouped
    rows = ("--data", folder / "rows.csv", "--out")
    unknown = triage("issues", *rows, folder / "none.csv", "--policy", "nowhere")
    assert unknown.code == 2 and "nowhere" in unknown.err
    nowhere = triage("issues", *rows, folder / "no folder" / "out.csv")
    assert nowhere.code == 2 and "cannot be written" in nowhere.err
    assert not (folder / "none.csv").exists()


# --- forecast ----------------------------------------------------------------------------------------------


def _days(count: int = 120) -> list[list[str]]:
    """Three orders a day and, on the last day, fifteen about one thing."""
    first = date(2026, 1, 5)
    every = [(first + timedelta(days=at), "lift", f"{HERE}") for at in range(count) for _ in range(3)]
    every += [(first + timedelta(days=count - 1), "water", "临沂二村")] * 15
    return [[f"o{at}", f"{day:%Y/%m/%d} 9:00", kind, place] for at, (day, kind, place) in enumerate(every)]


@pytest.fixture(scope="module")
def ahead(triage, tmp_path_factory):
    """What is told of a file with a sudden rise."""
    data = tmp_path_factory.mktemp("forecast") / "rows.csv"
    data.write_text(_csv(_days(), ["id", "received_at", "category", "place"]), encoding="utf-8")
    return data, triage("forecast", "--data", data, "--days", 3)


def test_what_rises_and_what_comes_is_told_in_json(ahead):
    _, answer = ahead
    assert (answer.code, answer.err) == (0, "")
    told = json.loads(answer.out)
    assert set(told) == {"until", "rises", "forecast", "ahead"}
    assert told["until"] == "2026-05-04"
    assert told["forecast"] and all(len(one["days"]) == 3 for one in told["forecast"])
    assert told["ahead"] and all(one["because"] for one in told["ahead"])
    assert "water" in json.dumps(told["rises"])


def test_a_day_that_is_not_over_can_be_left_out(triage, ahead):
    data, _ = ahead
    answer = triage("forecast", "--data", data, "--until", "2026-05-03")
    told = json.loads(answer.out)
    assert (answer.code, told["until"]) == (0, "2026-05-03")
    assert "water" not in json.dumps(told["rises"])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("id,category\n1,lift\n", "'received_at'"),
        ("id,received_at\n1,2026-03-02\n2,bald\n", "row 3"),
        ("id,received_at\n", "no rows"),
    ],
    ids=["no times", "a bad time", "no rows"],
)
def test_a_file_that_cannot_be_counted_is_refused(triage, written, content, named):
    answer = triage("forecast", "--data", written("rows.csv", content))
    assert (answer.code, answer.out) == (2, "")
    assert named in answer.err and "Traceback" not in answer.err
