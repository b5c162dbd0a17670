"""Results handed over to the district, over HTTP and on the command line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from api.cursors import cursor_of
from api.results.routes import result_routes
from tests.integration.kept import CENTRE, DISPATCHER, Clock, Door, at, served, take_in
from triage.cli.results import results_app
from triage.desk.access.rights import RIGHTS, Right
from triage.desk.orders.recording import record
from triage.desk.results.handing_over import export_results
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.orders import get_order
from triage.records.tables import AUDIT, ENTRIES

UNIT = "urban-management"
NAME, NUMBER = "慕容小满", "13900001234"


@pytest.fixture
def clock():
    return Clock(at("2026-03-09T08:00"))


@pytest.fixture
def door():
    return Door(CENTRE)


@pytest.fixture
def client(books, door):
    with served(door, partial(result_routes, books)) as client:
        yield client


def happened(books, order_id, *events):
    """Put events down as having happened, whatever the policy says of them."""
    record(order_id, list(events), books, DISPATCHER, happened=True)


def replied(books, order_id, when="2026-03-03T10:00", outcome="solved"):
    unit = next(iter(books.town("nanmatou").pack.units))
    take_in(books, order_id, "2026-03-02T09:00")
    happened(
        books,
        order_id,
        {"kind": "dispatched", "at": "2026-03-02T09:30", "unit": unit, "by": "dispatcher"},
        {"kind": "replied", "at": when, "unit": unit, "outcome": outcome, "elements": ["fact_finding"], "fact": "true"},
    )


def closed(books, order_id, when="2026-03-04T10:00"):
    happened(
        books,
        order_id,
        {
            "kind": "called_back",
            "at": when,
            "contacted": True,
            "answered": True,
            "solved": True,
            "satisfaction": "fair",
        },
        {"kind": "closed", "at": when},
    )


def ready(client, **params):
    return [one["result"]["order_id"] for one in client.get("/v1/results", params=params).json()["items"]]


def export(client, **more):
    return client.post("/v1/results/exports", json={"policy": "nanmatou", **more})


def orders_in(client, number):
    return json.loads(client.get(f"/v1/results/exports/{number}").content)["orders"]


def ids_in(client, number):
    return [order["order_id"] for order in orders_in(client, number)]


def receipt(client, batch, accepted=(), rejected=(), number="R-1", at="2026-03-09T09:00"):
    body = {"number": number, "at": at, "accepted": list(accepted)}
    body["rejected"] = [{"id": name, "reason": reason} for name, reason in rejected]
    return client.post(f"/v1/results/exports/{batch}/receipt", json=body)


def faults(answer, status=422):
    assert answer.status_code == status, answer.text
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in answer.json()["errors"]}


def sent_entries(books):
    with books.ledger.database.reading() as connection:
        rows = connection.execute(select(ENTRIES).where(ENTRIES.c.kind == "result_sent").order_by(ENTRIES.c.seq))
        return [(row.order_id, row.fields["receipt"], row.fields["accepted"], row.fields["reason"]) for row in rows]


def test_what_is_replied_or_closed_is_ready_and_nothing_else(client, books):
    replied(books, "A-1")
    replied(books, "A-2")
    closed(books, "A-2")
    take_in(books, "A-3", "2026-03-02T09:00")
    items = client.get("/v1/results").json()["items"]
    assert [(one["result"]["order_id"], one["result"]["status"], one["handed_over"]) for one in items] == [
        ("A-1", "replied", False),
        ("A-2", "closed", False),
    ]
    (first, second) = (one["result"] for one in items)
    assert (first["outcome"], first["elements"], first["satisfaction"]) == ("solved", ["fact_finding"], None)
    assert (second["satisfaction"], second["closed_at"]) == ("fair", "2026-03-04T10:00:00+08:00")


def test_a_batch_has_what_is_ready_and_can_be_fetched_again(client, books):
    replied(books, "A-1")
    made = export(client)
    assert made.status_code == 201
    told = made.json()
    assert (told["number"], told["orders"], told["more"], told["made_at"]) == (1, 1, False, "2026-03-09T08:00:00+08:00")
    first = client.get("/v1/results/exports/1")
    assert first.content == client.get("/v1/results/exports/1").content
    assert first.headers["content-disposition"] == 'attachment; filename="results-nanmatou-1.json"'
    csv = client.get("/v1/results/exports/1", params={"format": "csv"})
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert csv.content.startswith("\ufeff工单编号,办理状态,承办单位".encode())
    unit = next(iter(books.town("nanmatou").pack.units.values()))
    assert f"A-1,已回复,{unit.name}" in csv.text


def test_without_anything_ready_there_is_no_batch(client, books):
    take_in(books, "A-1", "2026-03-02T09:00")
    answer = export(client)
    assert (answer.status_code, answer.json()["number"], answer.json()["orders"]) == (200, None, 0)


def test_who_did_not_get_the_answer_asks_again_and_gets_the_same_batch(client, books):
    replied(books, "A-1")
    first = export(client).json()
    again = export(client)
    assert (again.status_code, again.json()) == (200, first)
    assert client.get("/v1/results/exports/2").status_code == 404


def test_what_was_acknowledged_does_not_come_again_until_it_changes(client, books):
    replied(books, "A-1")
    export(client)
    done = receipt(client, 1, ["A-1"])
    assert (done.status_code, done.json()) == (
        201,
        {"batch": 1, "number": "R-1", "accepted": 1, "rejected": 0, "open": 0},
    )
    assert ready(client) == [] and export(client).json()["number"] is None
    happened(books, "A-1", {"kind": "note", "at": "2026-03-04T09:00", "by": "centre", "facts": {}})
    happened(books, "A-1", {"kind": "supervised", "at": "2026-03-04T09:00", "by": "district", "level": "1"})
    assert ready(client) == [] and export(client).json()["number"] is None
    closed(books, "A-1")
    assert ready(client) == ["A-1"]
    assert export(client).json()["number"] == 2
    assert [order["status"] for order in orders_in(client, 2)] == ["closed"]
    assert [order["status"] for order in orders_in(client, 1)] == ["replied"]


def test_what_was_rejected_or_passed_over_comes_again(client, books):
    for name in ("A-1", "A-2", "A-3"):
        replied(books, name)
    export(client)
    assert receipt(client, 1, ["A-1"], [("A-2", "缺少附件")]).json()["open"] == 1
    assert ready(client) == ["A-2", "A-3"]
    assert export(client).json()["number"] == 2
    assert ids_in(client, 2) == ["A-2", "A-3"]
    replied(books, "A-4")
    assert export(client).json()["number"] == 3
    assert ids_in(client, 3) == ["A-2", "A-3", "A-4"]


def test_every_answer_of_the_district_is_an_entry_of_the_order(client, books):
    replied(books, "A-1")
    replied(books, "A-2")
    export(client)
    receipt(client, 1, ["A-1"], [("A-2", "请补充")])
    assert sent_entries(books) == [("A-1", "R-1", True, None), ("A-2", "R-1", False, "请补充")]
    with books.ledger.database.reading() as connection:
        assert [get_order(connection, name).version for name in ("A-1", "A-2")] == [4, 4]
    closed(books, "A-1")
    with books.ledger.database.reading() as connection:
        assert get_order(connection, "A-1").version == 6
    assert books.ledger.broken_link() is None


def test_the_same_receipt_again_changes_nothing(client, books):
    for name in ("A-1", "A-2"):
        replied(books, name)
    export(client)
    first = receipt(client, 1, ["A-1", "A-2"])
    head = books.ledger.head()
    again = receipt(client, 1, ["A-2", "A-1"], at="2026-03-09T01:00:00Z")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert books.ledger.head() == head


def test_another_receipt_under_a_known_number_is_a_conflict(client, books):
    for name in ("A-1", "A-2"):
        replied(books, name)
    export(client)
    receipt(client, 1, ["A-1"])
    assert "not rewritten" in faults(receipt(client, 1, ["A-2"]), 409)["number"]
    assert receipt(client, 1, ["A-2"], number="R-2").json()["open"] == 0


def test_an_order_of_a_batch_is_answered_once(client, books):
    for name in ("A-1", "A-2"):
        replied(books, name)
    export(client)
    receipt(client, 1, ["A-1"])
    assert "answered before" in faults(receipt(client, 1, ["A-2"], [("A-1", "")], number="R-2"), 409)["rejected.0.id"]
    assert len(sent_entries(books)) == 1


def test_a_receipt_for_what_is_not_in_the_batch_is_refused_with_every_fault_named(client, books):
    for name in ("A-1", "A-2"):
        replied(books, name)
    export(client)
    told = faults(receipt(client, 1, ["A-1", "B-1", "A-2"], [("B-2", ""), ("A-2", "")]))
    assert told == {
        "accepted.1": "'B-1' is not in batch 1",
        "accepted.2": "'A-2' is named 2 times",
        "rejected.0.id": "'B-2' is not in batch 1",
        "rejected.1.id": "'A-2' is named 2 times",
    }
    assert sent_entries(books) == [] and ready(client) == ["A-1", "A-2"]
    assert "no order" in faults(receipt(client, 1))[""]


def test_a_late_receipt_does_not_put_an_old_result_in_a_new_ones_place(client, books):
    replied(books, "A-1")
    export(client)
    closed(books, "A-1")
    export(client)
    assert receipt(client, 2, ["A-1"]).status_code == 201
    assert receipt(client, 1, ["A-1"]).status_code == 201
    assert ready(client) == []
    assert len(sent_entries(books)) == 2


def test_an_early_receipt_leaves_what_happened_since_to_be_sent(client, books):
    replied(books, "A-1")
    export(client)
    closed(books, "A-1")
    receipt(client, 1, ["A-1"])
    assert ready(client) == ["A-1"]


def test_reopened_an_order_is_not_ready(client, books):
    replied(books, "A-1")
    closed(books, "A-1")
    happened(books, "A-1", {"kind": "reopened", "at": "2026-03-05T10:00", "reason": "未解决"})
    assert ready(client) == []


def test_a_list_has_pages_and_a_beginning(client, books):
    for day in range(3, 8):
        replied(books, f"A-{day}", f"2026-03-0{day}T10:00")
    found, cursor = [], None
    while True:
        page = client.get("/v1/results", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [one["result"]["order_id"] for one in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == [f"A-{day}" for day in range(3, 8)]
    assert ready(client, since="2026-03-06T00:00") == ["A-6", "A-7"]
    assert export(client, since="2026-03-06T00:00").json()["orders"] == 2
    assert ids_in(client, 1) == ["A-6", "A-7"]


def test_a_large_backlog_goes_out_in_several_batches(books):
    for number in range(5):
        replied(books, f"A-{number}")
    made = [export_results("nanmatou", books, CENTRE, most=2) for _ in range(3)]
    assert [(one.batch.number, [item.order_id for item in one.items], one.more) for one in made] == [
        (1, ["A-0", "A-1"], True),
        (2, ["A-2", "A-3"], True),
        (3, ["A-0", "A-4"], True),
    ]
    assert export_results("nanmatou", books, CENTRE, most=2).batch.number == 1


def test_nothing_of_a_caller_is_handed_over_or_kept_of_a_reason(client, books, tmp_path):
    replied(books, "A-1")
    export(client)
    reason = f"来电人{NUMBER}称未收到答复"
    assert receipt(client, 1, rejected=[("A-1", reason)]).status_code == 201
    assert sent_entries(books)[0][3] == "来电人[电话]称未收到答复"
    files = [client.get("/v1/results/exports/1", params={"format": form}).text for form in ("json", "csv")]
    assert all(NUMBER not in one and "路灯" not in one for one in [*files, client.get("/v1/results").text])
    books.ledger.database.close()
    assert all(NUMBER.encode() not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("role", list(Role))
def test_who_may_send_results_may_and_nobody_else(client, books, door, role):
    replied(books, "A-1")
    export(client)
    door.actor = Actor(f"key:{role}", role, "nanmatou", "u1")
    allowed = Right.SEND_RESULTS in RIGHTS[role]
    answers = [
        client.get("/v1/results"),
        export(client),
        client.get("/v1/results/exports/1"),
        receipt(client, 1, ["A-1"]),
    ]
    assert [answer.status_code < 400 for answer in answers] == [allowed] * 4
    assert allowed or {answer.status_code for answer in answers} == {403}
    door.actor = None
    assert client.get("/v1/results").status_code == 401


def test_another_policys_results_are_not_there(client, books, door):
    replied(books, "A-1")
    export(client)
    door.actor = Actor("key:y", Role.CENTRE, "yanji")
    assert client.get("/v1/results", params={"policy": "nanmatou"}).status_code == 403
    assert export(client).status_code == 403
    assert client.get("/v1/results/exports/1").status_code == 404
    assert receipt(client, 1, ["A-1"]).status_code == 404
    assert client.get("/v1/results").json() == {"items": [], "cursor": None}


def test_a_key_of_all_policies_names_one(client, door):
    door.actor = Actor("key:all", Role.CENTRE)
    assert "is needed" in faults(client.get("/v1/results"))["policy"]
    assert client.get("/v1/results", params={"policy": "atlantis"}).status_code in (404, 422)
    assert client.post("/v1/results/exports", json={"policy": "atlantis"}).status_code == 422


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_a_number_that_is_none_is_refused(client, number):
    assert client.get(f"/v1/results/exports/{number}").status_code == 422
    assert client.get("/v1/results/exports/7").status_code == 404


@pytest.mark.parametrize("place", [10**30, "x", None])
def test_a_cursor_that_is_none_is_refused(client, place):
    assert client.get("/v1/results", params={"cursor": cursor_of(place)}).status_code == 422


def test_every_step_is_in_the_audit_log(client, books):
    replied(books, "A-1")
    export(client)
    client.get("/v1/results/exports/1")
    receipt(client, 1, ["A-1"])
    with books.ledger.database.reading() as connection:
        rows = connection.execute(select(AUDIT.c.action, AUDIT.c.target).order_by(AUDIT.c.seq)).all()
    assert [tuple(row) for row in rows][-3:] == [
        ("export results", "1"),
        ("read results", "1"),
        ("record receipt", "1/R-1"),
    ]


@contextmanager
def breaking(books, table, when):
    """Whatever is done to a table breaks off."""
    with books.ledger.turn() as turn:
        turn.connection.exec_driver_sql(
            f"CREATE TRIGGER breaks BEFORE {when} ON {table} BEGIN SELECT RAISE(ABORT, 'broken off'); END"
        )
    yield
    with books.ledger.turn() as turn:
        turn.connection.exec_driver_sql("DROP TRIGGER breaks")


def test_a_turn_that_breaks_off_leaves_what_was_before(books, client):
    replied(books, "A-1")
    assert ready(client) == ["A-1"]
    for table, when in (("result_items", "INSERT"), ("result_changes", "UPDATE"), ("audit", "INSERT")):
        with breaking(books, table, when):
            assert export(client).status_code == 503
        assert client.get("/v1/results/exports/1").status_code == 404
    assert export(client).json()["number"] == 1
    for table, when in (("results_sent", "INSERT"), ("result_changes", "DELETE"), ("orders", "UPDATE")):
        with breaking(books, table, when):
            assert receipt(client, 1, ["A-1"]).status_code == 503
        assert sent_entries(books) == [] and ready(client) == ["A-1"]
    assert receipt(client, 1, ["A-1"]).status_code == 201
    assert books.ledger.broken_link() is None


def run(*words):
    return CliRunner().invoke(results_app, [str(word) for word in words])


def test_the_command_line_does_the_same(books, tmp_path, monkeypatch):
    monkeypatch.setenv("TRIAGE_SECRET", "only tests know this")
    replied(books, "A-1")
    url = f"sqlite:///{tmp_path}/kept.db"
    made = run("export", "--policy", "nanmatou", "--out", tmp_path / "out", "--database", url)
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert (told["number"], told["orders"]) == (1, 1)
    names = ["results-nanmatou-1.csv", "results-nanmatou-1.json"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps({"number": "R-1", "at": "2026-03-09T09:00", "accepted": ["A-1"]}))
    assert json.loads(run("receipt", 1, file, "--database", url).stdout)["is_new"] is True
    assert json.loads(run("receipt", 1, file, "--database", url).stdout)["is_new"] is False
    again = run("export", "--policy", "nanmatou", "--out", tmp_path / "none", "--database", url)
    assert json.loads(again.stdout) == {"number": None, "orders": 0, "more": False, "files": []}
    file.write_text("{")
    assert run("receipt", 1, file, "--database", url).exit_code == 2
    file.write_text(json.dumps({"number": "R-2", "at": "2026-03-09T09:00", "accepted": ["B-9"]}))
    refused = run("receipt", 1, file, "--database", url)
    assert refused.exit_code == 2 and "'B-9' is not in batch 1" in refused.stderr
    assert run("export", "--policy", "atlantis", "--out", tmp_path, "--database", url).exit_code == 2
    assert run("export", "--policy", "nanmatou", "--since", "x", "--out", tmp_path, "--database", url).exit_code == 2
