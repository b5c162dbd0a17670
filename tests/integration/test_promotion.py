"""Promotions: what the gate refused does not answer, what answers is in the chain, and going back is one step."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from pydantic import SecretStr

from api.models.routes import model_routes
from tests.integration.kept import ADMIN, DISPATCHER, Door, at, served, take_in
from tests.integration.shelved import MEASURED, Reason, shelve, spoil
from triage.bootstrap import Service, build
from triage.classify.store import manifest_bytes
from triage.desk.learning import answering
from triage.desk.learning.champion import promote, promotions, roll_back
from triage.domain.errors import BadInput, Conflict, NotFound
from triage.records.activity import entries_of_kind
from triage.records.entries import EVERY_POLICY, MODEL_PROMOTED
from triage.records.news import entries_since
from triage.records.tables import AUDIT
from triage.settings import Settings

WORSE = Reason("worse_label", "category: F1 of street-light falls from 0.900 to 0.500", {"of": "street-light"})


@pytest.fixture
def shelf(tmp_path):
    return tmp_path / "models"


@pytest.fixture
def town(shelf, keeping) -> Service:
    """A service with models of its own; what never changes is shared with the other tests."""
    settings = Settings(
        model=None, packs=None, calendar=None, parameters={}, secret=SecretStr("only tests know this"), models=shelf
    )
    service = build(settings)
    service.__dict__ |= {name: getattr(keeping, name) for name in ("taxonomy", "shelf", "_unpromoted", "_table")}
    service._warm = lambda model: None
    return service


@pytest.fixture
def books(town, tmp_path):
    opened = town.books(f"sqlite:///{tmp_path}/kept.db")
    yield opened
    opened.ledger.database.close()


@pytest.fixture
def steps(town, books):
    """The two steps, as an admin takes them."""
    given = {"shelf": town.models, "ledger": books.ledger, "by": ADMIN, "try_on": lambda model: None}
    return partial(promote, "town", **given), partial(roll_back, **given)


def _history(books):
    with books.ledger.database.reading() as connection:
        return promotions(connection)


def _reasons(fault) -> dict[str, str]:
    return {".".join(map(str, one.loc)): one.msg for one in fault.value.problems}


def test_a_promotion_is_in_the_chain_with_who_why_and_what_was_measured(shelf, steps, books):
    model = shelve(shelf, "1")
    done = steps[0]("1", "来电13812341234说新模型好")
    (entry,) = _history(books)
    assert entry == done
    assert (entry.name, entry.version, entry.digest, entry.by) == ("town", "1", model.digest, ADMIN.id)
    assert entry.why == "来电[电话]说新模型好", "nothing personal is kept"
    assert entry.measured == MEASURED
    assert books.ledger.broken_link() is None
    with books.ledger.database.reading() as connection:
        assert [row.action for row in connection.execute(AUDIT.select())] == ["promote model"]
    assert steps[0]("1", "again") == done, "the one that answers stays"
    assert len(_history(books)) == 1


def test_what_the_gate_refused_or_never_saw_is_refused_with_the_reasons(shelf, steps, books):
    shelve(shelf, "1", None, WORSE)
    shelve(shelf, "2", judged=False)
    with pytest.raises(Conflict) as refused:
        steps[0]("1", "I want it")
    assert _reasons(refused) == {"gate.worse_label": WORSE.because}
    with pytest.raises(Conflict) as unseen:
        steps[0]("2", "I want it")
    assert list(_reasons(unseen)) == ["gate.unseen"]
    with pytest.raises(NotFound, match="known are default"):
        steps[0]("3", "I want it")
    assert _history(books) == []


def test_a_report_against_another_model_than_the_one_that_answers_is_out_of_date(shelf, steps):
    first = shelve(shelf, "1")
    shelve(shelf, "2")
    shelve(shelf, "3", first)
    steps[0]("1", "better")
    with pytest.raises(Conflict) as stale:
        steps[0]("2", "better still")
    assert "was held against default" in _reasons(stale)["gate.other_champion"]
    assert steps[0]("3", "better still").version == "3"


def test_a_report_cannot_be_exchanged(shelf, steps, town):
    model = shelve(shelf, "1", None, WORSE)
    spoil(model, "gate.json")
    with pytest.raises(Exception, match=r"gate\.json is not the file the manifest names"):
        steps[0]("1", "nobody will notice")


@pytest.mark.parametrize("why", ["", "  \n", "x" * 2_001])
def test_without_a_reason_nothing_is_promoted_or_rolled_back(shelf, steps, why):
    shelve(shelf, "1")
    for step in (partial(steps[0], "1"), steps[1]):
        with pytest.raises(BadInput, match="must say why in 1 to 2000 characters"):
            step(why)


def test_going_back_leads_through_the_models_before_to_the_one_that_ships(shelf, steps, town, books):
    first = shelve(shelf, "1")
    shelve(shelf, "2", first)
    with pytest.raises(Conflict, match="no promotion is in force"):
        steps[1]("bad")
    one, two = steps[0]("1", "better"), steps[0]("2", "better still")
    back = steps[1]("it sent lights to the market office")
    assert (back.version, back.undoes, back.measured) == ("1", two.seq, MEASURED)
    last = steps[1]("that one, too")
    assert (last.name, last.undoes) == ("default", one.seq)
    with pytest.raises(Conflict, match="no promotion is in force"):
        steps[1]("once more")
    assert [entry.version for entry in _history(books)][:3] == ["1", "2", "1"]
    assert town.following(books.ledger.database).model.name == "default"


def test_a_model_that_cannot_be_loaded_is_neither_promoted_nor_gone_back_to(shelf, steps, town, books):
    first = shelve(shelf, "1")
    second = shelve(shelf, "2", first)
    spoil(second, "category.joblib")
    steps[0]("1", "better")
    with pytest.raises(Conflict) as refused:
        promote("town", "2", "?", shelf=town.models, ledger=books.ledger, by=ADMIN, try_on=town.try_on)
    assert "category.joblib is not the file the manifest names" in _reasons(refused)["version"]
    (first.folder / "manifest.json").write_bytes(manifest_bytes(first.folder) + b"\n")
    third = shelve(shelf, "3", first)
    steps[0]("3", "better still")
    assert third.version == "3"
    with pytest.raises(Conflict, match="is not the model that was promoted"):
        steps[1]("back")


def test_the_model_that_was_promoted_answers_and_an_exchanged_one_does_not(shelf, steps, town, books, caplog):
    first = shelve(shelf, "1")
    second = shelve(shelf, "2", first)
    running = town.following(books.ledger.database)
    assert running.model.name == "default"
    steps[0]("1", "better")
    assert running.model.name == "default", "nobody looks while an order is read"
    running.look()
    assert (running.model.name, running.model.version) == ("town", "1")
    spoil(second, "urgency.joblib")
    steps[0]("2", "better still")
    with caplog.at_level(logging.ERROR, "triage.models"):
        running.look()
        running.look()
    assert running.model.version == "1", "the old one goes on"
    assert [record.message for record in caplog.records] == list(running.now.faults), "told once"
    assert "town 2 was promoted and does not answer" in running.now.faults[0]
    restarted = town.following(books.ledger.database)
    assert restarted.model.version == "1", "and it is the one after a restart, too"
    assert restarted.now.faults == running.now.faults


def test_a_folder_that_comes_late_is_taken_then(shelf, steps, town, books, monkeypatch):
    monkeypatch.setattr(answering, "_AGAIN", 2)
    model = shelve(shelf, "1")
    steps[0]("1", "better")
    model.folder.rename(shelf / "elsewhere")
    running = town.following(books.ledger.database)
    assert running.model.name == "default"
    (shelf / "elsewhere").rename(model.folder)
    for _ in range(2):
        running.look()
    assert (running.model.name, running.now.faults) == ("town", ())


def test_a_folder_in_the_settings_beats_what_is_promoted(shelf, steps, books, town, default_folder):
    shelve(shelf, "1")
    steps[0]("1", "better")
    fixed = build(town.settings.model_copy(update={"model": default_folder}))
    assert fixed.following(books.ledger.database).model.name == "default"


def test_issues_stay_what_they_are_when_the_model_changes(shelf, steps, town, books, tmp_path, caplog):
    def issue_of(opened, order_id: str) -> str | None:
        return opened.linking("nanmatou").issues_at([order_id], at("2026-03-05T00:00")) and next(
            iter(opened.linking("nanmatou").issues_at([order_id], at("2026-03-05T00:00")))
        )

    take_in(books, "A-1", "2026-03-02T09:00", "临沂二村三号楼门口路灯不亮")
    take_in(books, "A-2", "2026-03-02T10:00", "临沂二村三号楼门口路灯不亮，晚上漆黑")
    before = issue_of(books, "A-2")
    books.keep()
    shelve(shelf, "1")
    steps[0]("1", "better")
    town.answering.look()
    take_in(books, "A-3", "2026-03-02T11:00", "临沂二村三号楼门口路灯还是不亮")
    assert before is not None and issue_of(books, "A-2") == issue_of(books, "A-3") == before
    with caplog.at_level(logging.WARNING, "triage.snapshots"):
        again = town.books(f"sqlite:///{tmp_path}/kept.db")
        again.follow(["nanmatou"])
    assert issue_of(again, "A-3") == before
    assert not caplog.records, "the snapshot holds: no model is in it"
    again.ledger.database.close()


def test_the_routes_tell_and_promote(shelf, town, books):
    first = shelve(shelf, "1")
    shelve(shelf, "2", first, WORSE)
    door = Door(ADMIN)
    with served(door, lambda gate: model_routes(town, books, gate)) as client:
        page = client.get("/v1/models").json()
        assert [(one["name"], one["version"], one["serving"]) for one in page["items"]][1:] == [
            ("town", "1", False),
            ("town", "2", False),
        ]
        assert page["items"][0]["serving"] and page["items"][0]["gate"] is None
        assert page["items"][2]["gate"] == [{"id": WORSE.id, "because": WORSE.because, "figures": dict(WORSE.figures)}]
        answer = client.post("/v1/models/town/promote", json={"version": "1", "why": "better"})
        assert (answer.status_code, answer.json()["serving"]) == (200, True)
        refused = client.post("/v1/models/town/promote", json={"version": "2", "why": "better"})
        assert refused.status_code == 409
        assert refused.json()["errors"] == [{"loc": ["gate", "worse_label"], "msg": WORSE.because}]
        for name, body, status in (
            ("town", {"version": "9", "why": "?"}, 404),
            ("..", {"version": "1", "why": "?"}, 404),
            ("town", {"version": "1"}, 200),  # it answers already
            ("town", {}, 404),  # there are two of the name
            ("town", {"version": "1", "why": "?", "force": True}, 422),
        ):
            assert client.post(f"/v1/models/{name}/promote", json=body).status_code == status, body
        page = client.get("/v1/models").json()
        assert [(one["version"], one["by"], one["why"]) for one in page["history"]] == [("1", ADMIN.id, "better")]
        door.actor = DISPATCHER
        assert client.get("/v1/models").status_code == 200
        assert client.post("/v1/models/town/promote", json={"version": "1", "why": "?"}).status_code == 403


def test_no_list_of_a_policy_shows_a_promotion(shelf, steps, town, books):
    shelve(shelf, "1")
    steps[0]("1", "better")
    take_in(books, "A-1", "2026-03-02T09:00")
    books.follow(["nanmatou"])
    with books.ledger.database.reading() as connection:
        assert [kept.entry.order_id for kept in entries_since(connection, 0).entries] == ["A-1"]
        assert entries_of_kind(connection, "nanmatou", MODEL_PROMOTED) == []
        assert len(entries_of_kind(connection, EVERY_POLICY, MODEL_PROMOTED)) == 1
