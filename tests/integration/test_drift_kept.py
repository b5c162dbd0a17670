"""Drift and the promise on kept orders, and the command that tells them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.integration.kept import CENTRE, DISPATCHER, Clock, at, happens, take_in
from training.drift.command import Asked, look_at_files
from training.drift.kept import kept_drift, seen_in, spans_until
from triage.classify.model import Model
from triage.classify.promise import LabelPromise
from triage.cli import app
from triage.desk.feedback import Feedback, give_feedback
from triage.desk.learning.checked import checked_answers
from triage.desk.learning.promise import watch
from triage.desk.learning.tightening import kept_tightenings, put_down
from triage.domain.errors import BadInput, Conflict


@pytest.fixture
def clock():
    return Clock(at("2026-04-20T09:00"))


def deciding(model: Model) -> Model:
    """The same model, sure enough to answer alone."""
    head = object.__new__(type(model.heads["category"]))
    head.__dict__.update(model.heads["category"].__dict__)
    labels = tuple(LabelPromise(str(label), 0.5, 1.0, 0.97) for label in head.classes_)
    head.promise_ = replace(head.promise_, precision=0.97, label_precision=0.94, auto_above=0.5, labels=labels)
    return replace(model, promises=True, heads={**model.heads, "category": head})


def test_an_order_is_seen_with_what_became_of_it_in_two_weeks(books):
    take_in(books, "o1", "2026-03-02T08:00")
    take_in(books, "o2", "2026-04-15T08:00", "饭店油烟扰民，请王小明13812341234联系")
    happens(
        books,
        "o1",
        at="2026-03-02T10:00",
        kind="called_back",
        contacted=True,
        answered=True,
        solved=False,
        satisfaction="unsatisfied",
    )
    one, other = seen_in(books, "nanmatou", at("2026-03-01T00:00"), at("2026-04-20T00:00"), at("2026-04-20T00:00"))
    assert one.outcomes == {"returned": False, "corrected": False, "unsatisfied": True}
    assert other.outcomes == {}  # too young
    assert "小区" in one.words
    assert "油烟" in other.words
    assert one.model is not None and one.model.startswith("default ")
    assert one.confidence is not None


def test_four_weeks_are_held_against_the_year_before(books):
    for number in range(4):
        take_in(books, f"o{number}", f"2026-0{number + 1}-10T08:00")
    drift = kept_drift(books, "nanmatou", spans_until(books.now()))
    assert (len(drift.recent), len(drift.reference)) == (1, 3)
    assert drift.look.findings == ()


def test_a_side_without_orders_is_named(books):
    take_in(books, "o1", "2026-04-15T08:00")
    with pytest.raises(BadInput, match="reference"):
        kept_drift(books, "nanmatou", spans_until(books.now()))
    with pytest.raises(BadInput, match="since"):
        spans_until(books.now(), books.now())
    with pytest.raises(BadInput, match="reference_until"):
        spans_until(books.now(), books.now() - timedelta(days=7), books.now())


def test_a_promise_that_outcomes_break_is_tightened_in_the_chain(keeping, books, clock):
    model = deciding(keeping.model)
    own = replace(books, consider=lambda request: keeping.consider(request, model))
    for number in range(8):
        take_in(own, f"o{number}", "2026-04-01T08:00", territory="inside")
        chosen = Feedback(
            category="food-safety" if "food-safety" in keeping.taxonomy.ids else sorted(keeping.taxonomy.ids)[0]
        )
        give_feedback(f"o{number}", chosen, None, own, DISPATCHER, keeping.taxonomy.ids)
    checked = list(checked_answers(own, "nanmatou", model.name, model.version, until=clock()))
    assert [one.right for one in checked] == [False] * 8
    watched = watch(own, "nanmatou", model, clock())
    assert watched.standings[0].broken
    (done,) = put_down(watched.needed, own.ledger, CENTRE, seen=watched.seen)
    assert (done.label, done.auto_above) == (None, None)
    with pytest.raises(Conflict):
        put_down(watched.needed, own.ledger, CENTRE, seen=watched.seen)
    assert own.ledger.broken_link() is None
    with own.ledger.database.reading() as connection:
        assert kept_tightenings(connection) == [done]
    followed = keeping.following(own.ledger.database).model  # what answers in every process from now on
    assert all(one.auto_above is None for one in followed.heads["category"].promise_.labels)
    assert not followed.heads["category"].promise_.may_decide(np.eye(len(followed.heads["category"].classes_))).any()
    again = watch(own, "nanmatou", model, clock())
    assert (again.since, again.needed) == (done.at, ())


def test_young_orders_and_answers_of_persons_are_not_checked(keeping, books, clock):
    model = deciding(keeping.model)
    own = replace(books, consider=lambda request: keeping.consider(request, model))
    take_in(own, "young", "2026-04-19T08:00")
    take_in(books, "not alone", "2026-04-01T08:00")
    for name in ("young", "not alone"):
        give_feedback(name, Feedback(accepted=True), None, own, DISPATCHER, keeping.taxonomy.ids)
    assert list(checked_answers(own, "nanmatou", model.name, model.version, until=clock())) == []


def rows(*texts: str) -> str:
    return "id,title,text\n" + "".join(f"{number},,{text}\n" for number, text in enumerate(texts))


ROADS = "东西南北中前后左右上"


def test_two_files_are_compared_and_a_report_is_written(triage, written, tmp_path, default_folder):
    usual = [f"{one}{other}路路灯不亮，请修理" for one in ROADS for other in ROADS]
    new = [f"{one}{other}路无人机扰民，请管理" for one in ROADS for other in ROADS[:4]]
    before, now = written("before.csv", rows(*usual)), written("now.csv", rows(*new))
    out = tmp_path / "out"
    told = triage("drift", "--data", now, "--reference", before, "--model", default_folder, "--out", out)
    assert told.code == 1, told.err
    report = json.loads(told.out)
    assert "无人机" in [one["what"] for one in report["findings"]]
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["findings"] == report["findings"]
    assert "写到“无人机”的诉求增多" in (out / "report.md").read_text(encoding="utf-8")


def test_files_that_are_the_same_do_not_drift(written, default_folder):
    same = written("same.csv", rows("甲路路灯不亮", "乙路油烟扰民", "丙路道路破损"))
    told = look_at_files(same, same, default_folder, ["title", "text"], Asked())
    assert (told.alarming, told.report["findings"]) == (False, [])


@pytest.mark.parametrize(
    "words",
    [(), ("--policy", "nanmatou", "--data", "x.csv"), ("--data", "x.csv"), ("--policy", "nanmatou", "--since", "x")],
)
def test_wrong_use_is_told(words):
    assert CliRunner().invoke(app, ["drift", *words]).exit_code == 2
