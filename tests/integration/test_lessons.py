"""Lessons of a real ledger: drawn, stored whole, without who asked to be erased; what is doubtful and what to ask."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict
from functools import partial

import pytest
from typer.testing import CliRunner

import triage.cli.lessons  # noqa: F401  # registers the command
from api.learning.routes import learning_routes
from tests.integration.kept import CENTRE, DISPATCHER, Clock, Door, at, happens, served, take_in
from training.lessons.gather import gather
from training.lessons.sheet import head_of
from triage.bootstrap import default_model
from triage.classify.store import TABLE
from triage.cli.shell import app
from triage.desk.callers import erase_caller
from triage.desk.candidates import leads_of
from triage.desk.feedback import Feedback, give_feedback
from triage.desk.learning.doubted import SHORT, DoubtedLabel, doubts, put_doubts
from triage.desk.learning.lessons import lessons
from triage.desk.retention import retain
from triage.domain.errors import BadInput, UnknownPolicy
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.language.word_table import WordTable
from triage.records.activity import entries_of_kind
from triage.records.entries import LABELS_DOUBTED
from triage.records.orders import get_order

PHONE = "13900001234"
FUMES = "小区门口烧烤店每天半夜油烟很大，熏得睡不着，来电人电话13812341234"


@pytest.fixture
def clock():
    return Clock(at("2026-03-10T09:00"))


@pytest.fixture
def kept(books):
    """Two orders about fumes and one about a street light."""
    for name, text in (("1", FUMES), ("2", FUMES), ("3", "小区门口路灯不亮已经三天")):
        take_in(books, name, f"2026-03-10T0{name}:00", text)
    return books


def _row(books, name):
    with books.ledger.database.reading() as connection:
        return get_order(connection, name)


def _drawn(books, **asked):
    return list(lessons(books, "nanmatou", until=books.now(), **asked))


def _say(books, keeping, name, **said):
    give_feedback(name, Feedback(**said), None, books, DISPATCHER, keeping.taxonomy.ids)


def _gathered(books, out, model=None, tasks=("category",), since=None):
    return gather(
        books,
        "nanmatou",
        out,
        since=since,
        until=books.now(),
        tasks=tasks,
        doubted_task="category",
        table=lambda: WordTable.read(default_model() / TABLE),
        model=model,
        say=lambda _line: None,
    )


def test_orders_teach_what_their_entries_say(kept, keeping, clock):
    suggested = _row(kept, "3").category
    unit = leads_of(keeping.town("nanmatou").pack, suggested)[0]
    for hour, kind in enumerate(("dispatched", "signed", "accepted"), start=4):
        by = {"by": "dispatcher"} if kind == "dispatched" else {}
        happens(kept, "3", at=f"2026-03-10T0{hour}:00", kind=kind, unit=unit, **by)
    _say(kept, keeping, "1", accepted=True)
    clock.pass_(minutes=1)
    found = {one.order_id: one for one in _drawn(kept) if one.task == "category"}
    assert sorted(found) == ["1", "3"]
    assert (found["1"].label, found["1"].why) == (_row(kept, "1").category, ("accepted",))
    assert (found["3"].label, found["3"].why, found["3"].unit) == (suggested, ("taken",), unit)
    assert [one.order_id for one in _drawn(kept, since=at("2026-03-10T02:00")) if one.task == "category"] == ["3"]


def test_whoever_asked_to_be_erased_teaches_nothing_and_whose_time_is_up_still_does(kept, keeping, clock):
    for name in "123":
        _say(kept, keeping, name, accepted=True)
    clock.pass_(days=100)
    assert {one.order_id for one in _drawn(kept)} == {"1", "2", "3"}
    retain(kept, 2)
    assert {one.order_id for one in _drawn(kept)} == {"1", "2", "3"}
    erase_caller(_row(kept, "1").caller, "本人要求", kept, CENTRE)
    assert _drawn(kept) == []


def test_an_unknown_policy_is_named(kept):
    with pytest.raises(UnknownPolicy):
        list(lessons(kept, "nowhere", until=kept.now()))


def test_lessons_are_stored_with_their_sheet_and_nothing_personal(kept, keeping, clock, tmp_path):
    for name in "123":
        _say(kept, keeping, name, accepted=True)
    clock.pass_(minutes=1)
    told, doubted = _gathered(kept, tmp_path / "out", tasks=("category", "urgency"))
    stored = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert sorted(stored) == ["doubtful.csv", "rows.jsonl", "sheet.json", "sheet.md"]
    rows = [json.loads(line) for line in stored["rows.jsonl"].decode().splitlines()]
    assert [(row["id"], row["task"], row["weight"], row["why"]) for row in rows] == [
        (name, task, 0.8, ["accepted"]) for name in "123" for task in ("category", "urgency")
    ]
    sheet = json.loads(stored["sheet.json"])
    assert sheet["rows_sha256"] == hashlib.sha256(stored["rows.jsonl"]).hexdigest() == told["rows_sha256"]
    assert sheet["ledger"] == told["ledger"] == head_of(kept)._asdict()
    assert (sheet["orders"], sheet["doubtful"], doubted) == (3, 0, [])
    assert sum(sheet["counts"]["category"]["label"].values()) == sheet["counts"]["category"]["month"]["2026-03"] == 3
    for content in stored.values():
        assert b"13812341234" not in content
        assert PHONE.encode() not in content
    assert "来电人电话[电话]" in stored["rows.jsonl"].decode()


def test_the_same_ledger_gives_the_same_bytes_and_others_files_are_left_alone(kept, keeping, clock, tmp_path):
    _say(kept, keeping, "1", accepted=True)
    clock.pass_(minutes=1)
    out = tmp_path / "out"
    _gathered(kept, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    _gathered(kept, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    (out / "letter.txt").write_text("mine")
    with pytest.raises(BadInput, match=r"letter\.txt"):
        _gathered(kept, out)
    assert (out / "letter.txt").read_text() == "mine"


def test_a_ledger_that_teaches_nothing_gives_an_empty_list(kept, tmp_path):
    told, doubted = _gathered(kept, tmp_path / "out")
    assert (told["orders"], told["lessons"], doubted) == (0, {}, [])
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == b""


def test_a_slip_is_doubted_by_a_model_that_is_handed_in(books, keeping, clock, tmp_path):
    texts = ["小区门口路灯不亮", "烧烤店油烟很大，熏得睡不着", "电梯又停运了，老人下不了楼"]
    for number in range(12):
        take_in(books, str(number), f"2026-03-0{1 + number % 9}T08:00", f"{texts[number % 3]}，第{number}天了")
        _say(books, keeping, str(number), accepted=True)
    slip = _row(books, "1").category
    _say(books, keeping, "0", category=slip)
    clock.pass_(minutes=1)
    _, doubted = _gathered(books, tmp_path / "out", model=keeping.model)
    assert [(one.order_id, one.given) for one in doubted] == [("0", slip)]
    assert doubted[0].likelier == _row(books, "3").category
    with (tmp_path / "out" / "doubtful.csv").open(encoding="utf-8") as file:
        assert [row["order_id"] for row in csv.DictReader(file)] == ["0"]


@pytest.fixture
def door():
    return Door(DISPATCHER)


@pytest.fixture
def client(kept, door, keeping):
    names = {one.id: one.name for one in keeping.taxonomy.categories.values()}
    with served(door, partial(learning_routes, kept, names=names)) as client:
        yield client


def test_questions_are_asked_until_they_are_answered(client, kept, keeping):
    found = client.get("/v1/learning/questions").json()
    ids = [one["order_id"] for one in found["items"]]
    assert "3" in ids
    assert len(ids) == len({one["issue"] or one["order_id"] for one in found["items"]})
    assert all(one["because"].endswith("。") and len(one["between"]) > 1 for one in found["items"])
    assert len(client.get("/v1/learning/questions", params={"limit": 1}).json()["items"]) == 1
    _say(kept, keeping, "3", accepted=True)
    assert "3" not in [one["order_id"] for one in client.get("/v1/learning/questions").json()["items"]]


def test_old_orders_are_not_asked_about(client, clock):
    clock.pass_(days=30)
    assert client.get("/v1/learning/questions").json() == {"items": [], "cursor": None}


def test_doubts_are_shown_until_they_are_answered_and_the_next_list_replaces_them(client, kept, keeping):
    assert client.get("/v1/learning/doubts").json() == {"listed_at": None, "items": [], "cursor": None}
    found = [DoubtedLabel(name, "category", "street-light", 0.01, "catering-fumes", 0.98) for name in ("1", "2")]
    assert put_doubts(kept, "nanmatou", found, DISPATCHER) == 2
    shown = client.get("/v1/learning/doubts").json()["items"]
    assert [one["order_id"] for one in shown] == ["1", "2"]
    assert shown[0]["likelier"]["name"] in shown[0]["because"]
    _say(kept, keeping, "1", accepted=True)
    assert [one["order_id"] for one in client.get("/v1/learning/doubts").json()["items"]] == ["2"]
    put_doubts(kept, "nanmatou", found[:1], DISPATCHER)
    assert [one.order_id for one in doubts(kept, "nanmatou").labels] == ["1"]
    assert kept.ledger.broken_link() is None


def test_a_list_is_short_and_holds_no_text(kept):
    found = [DoubtedLabel(str(number), "category", "a", 0.0, "b", 1.0) for number in range(SHORT + 9)]
    put_doubts(kept, "nanmatou", found, DISPATCHER)
    with kept.ledger.database.reading() as connection:
        entry = entries_of_kind(connection, "nanmatou", LABELS_DOUBTED)[0].entry
    assert len(entry.fields["labels"]) == SHORT
    assert set(entry.fields["labels"][0]) == set(asdict(found[0]))


@pytest.mark.parametrize("path", ["questions", "doubts"])
def test_only_who_may_give_feedback_is_asked_and_about_own_orders(client, door, path):
    assert client.get(f"/v1/learning/{path}", params={"policy": "tangqiao"}).status_code == 403
    assert client.get(f"/v1/learning/{path}", params={"limit": 0}).status_code == 422
    for role, code in ((Role.CENTRE, 200), (Role.UNIT, 403), (Role.ANALYST, 403), (Role.ADMIN, 403)):
        door.actor = Actor("key", role, "nanmatou")
        assert client.get(f"/v1/learning/{path}").status_code == code
    door.actor = Actor("key", Role.CENTRE)
    assert client.get(f"/v1/learning/{path}").status_code == 422
    assert client.get(f"/v1/learning/{path}", params={"policy": "nanmatou"}).status_code == 200


def test_the_command_writes_prints_and_shows_the_desk(kept, keeping, clock, tmp_path, monkeypatch):
    _say(kept, keeping, "1", accepted=True)
    monkeypatch.setenv("TRIAGE_SECRET", "only tests know this")
    words = ["lessons", "--policy", "nanmatou", "--database", f"sqlite:///{tmp_path}/kept.db"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out"), "--until", "2026-03-11", "--desk"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["lessons"], told["shown_to_the_desk"]) == ({"category": 1, "request_type": 1, "urgency": 1}, 0)
    assert doubts(kept, "nanmatou").at is not None
    wrong = CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
    assert wrong.exit_code == 2
    assert "holds other files" in wrong.stderr
