"""A challenger in the champion's shadow: it is compared, and nobody who asks ever notices it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.integration.kept import DISPATCHER, Clock, at, take_in
from training.drift.challenger import shadow_reports
from triage.classify.model import Model
from triage.desk.feedback import Feedback, give_feedback
from triage.desk.learning.pairs_kept import KeptPairs
from triage.desk.learning.shadow import Shadow
from triage.desk.reading import read_order


@pytest.fixture
def clock():
    return Clock(at("2026-03-02T09:00"))


@pytest.fixture
def shadowing(keeping, tmp_path):
    """Makes a shadow of a challenger; all are stopped at the end."""
    made = []

    def new(challenger: Callable[[], Model], **settings) -> Shadow:
        def read(considered, model):
            return read_order(considered.order, model, keeping.taxonomy, considered.town)

        made.append(Shadow(challenger, read, KeptPairs(tmp_path / "models" / "shadow.jsonl"), **settings))
        made[-1].start()
        return made[-1]

    yield new
    for one in made:
        one.stop()


def other(keeping) -> Model:
    return replace(keeping.model, name="other", version="2")


def turned(keeping) -> Model:
    """A challenger that takes every label for another one."""
    head = keeping.model.heads["category"]
    backwards = object.__new__(type(head))
    backwards.__dict__.update(head.__dict__)
    backwards.classes_ = head.classes_[::-1]
    return replace(other(keeping), heads={**keeping.model.heads, "category": backwards})


def until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("never came true")


def test_what_two_models_say_is_kept_across_a_restart(keeping, books, shadowing, tmp_path):
    shadow = shadowing(lambda: other(keeping), rest=0.0)
    watched = shadow.watch(books)
    for number in range(3):
        take_in(watched, f"o{number}", "2026-03-02T08:00")
    until(lambda: shadow.counts.answered == 3)
    (report,) = shadow_reports(KeptPairs(tmp_path / "models" / "shadow.jsonl"), books, "nanmatou", books.now())
    assert (report.orders, report.agreed) == (3, 3)
    assert report.challenger == "other 2"
    assert report.confidence[0] == pytest.approx(report.confidence[1])
    assert report.differences == ()


def test_who_was_right_is_said_once_it_is_known(keeping, books, shadowing, tmp_path):
    shadow = shadowing(lambda: turned(keeping), rest=0.0)
    watched = shadow.watch(books)
    for number in range(6):
        take_in(watched, f"o{number}", "2026-03-02T08:00")
        give_feedback(f"o{number}", Feedback(accepted=True), None, books, DISPATCHER, keeping.taxonomy.ids)
    until(lambda: shadow.counts.answered == 6)
    (report,) = shadow_reports(KeptPairs(tmp_path / "models" / "shadow.jsonl"), books, "nanmatou", books.now())
    assert report.agreed == 0
    assert (report.judged.champion_only, report.judged.challenger_only) == (6, 0)
    assert report.judged.p == pytest.approx(2 / 64)
    assert report.by_persons.orders == 0
    assert sum(one.orders for one in report.differences) == 6
    assert set(report.differences[0].examples) <= {f"o{number}" for number in range(6)}


def test_nothing_personal_is_kept(keeping, books, shadowing, tmp_path):
    shadow = shadowing(lambda: other(keeping), rest=0.0)
    take_in(shadow.watch(books), "o1", "2026-03-02T08:00", "王小明家门口路灯不亮")
    until(lambda: shadow.counts.answered == 1)
    content = (tmp_path / "models" / "shadow.jsonl").read_text(encoding="utf-8")
    assert not any(personal in content for personal in ("王小明", "13900001234", "路灯"))


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("王小明"), MemoryError()])
def test_a_challenger_that_cannot_answer_troubles_nobody(books, shadowing, caplog, error):
    def broken() -> Model:
        raise error

    shadow = shadowing(broken, rest=0.0)
    take_in(shadow.watch(books), "o1", "2026-03-02T08:00")
    until(lambda: shadow.counts.failed == 1)
    assert "王小明" not in caplog.text
    assert shadow.counts.answered == 0


def test_a_full_queue_drops_and_counts(keeping, books, shadowing):
    shadow = shadowing(lambda: other(keeping), rest=3600.0, waiting=1)
    watched = shadow.watch(books)
    for number in range(6):
        take_in(watched, f"o{number}", "2026-03-02T08:00")
    assert shadow.counts.dropped >= 4
    shadow.stop()  # does not wait for an hour


def test_who_has_not_begun_takes_nothing_in(keeping, books, tmp_path):
    shadow = Shadow(lambda: other(keeping), lambda considered, model: considered.reading, KeptPairs(tmp_path / "x"))
    take_in(shadow.watch(books), "o1", "2026-03-02T08:00")
    assert (shadow.counts.answered, shadow.counts.dropped) == (0, 0)


def test_lines_that_are_none_are_left_out_and_the_file_ends_somewhere(keeping, books, shadowing, tmp_path):
    shadow = shadowing(lambda: other(keeping), rest=0.0)
    take_in(shadow.watch(books), "o1", "2026-03-02T08:00")
    until(lambda: shadow.counts.answered == 1)
    path = tmp_path / "models" / "shadow.jsonl"
    (pair,) = KeptPairs(path)
    with path.open("a", encoding="utf-8") as file:
        file.write('[1]\nnull\n{"order_id": "o2", "pol')
    assert list(KeptPairs(path)) == [pair]
    assert not KeptPairs(path, most_bytes=100).add(pair)
