"""Files of orders over HTTP and in the ledger."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, func, insert, select, update
from starlette.testclient import TestClient

from api.access.gate import Gate
from api.attachments.routes import ATTACHMENT_PATH, attachment_routes
from api.errors import install_errors
from api.guards import BodyLimit, SecurityHeaders
from tests.integration.kept import CENTRE, Clock, Door, at, happens, new_service, open_books, served, take_in
from triage.desk.access.rights import OF_ONE_UNIT, RIGHTS, Right
from triage.desk.attachments.attaching import MOST, attach, begin_upload
from triage.desk.attachments.incoming import PART
from triage.desk.attachments.reading import open_attachment
from triage.desk.callers import erase_caller
from triage.desk.orders.views import show_order
from triage.domain.errors import Conflict
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.attachment_tables import ATTACHMENT_PARTS, ATTACHMENTS
from triage.records.attachments import exchanged_attachment
from triage.records.backup import back_up, restore
from triage.records.database import Database
from triage.records.orders import get_order
from triage.records.tables import AUDIT, ENTRIES
from triage.records.vault import CannotOpen

ORDER, OTHER, UNIT = "A-1", "A-2", "urban-management"
URL = f"/v1/orders/{ORDER}/attachments"
NAME = "上官小满家门口.jpg"
PICTURE = b"\xff\xd8\xff\xe0" + b"invented picture " * 40_000
LIMIT = 1024 * 1024


@pytest.fixture(scope="session")
def keeping():
    return new_service()


@pytest.fixture
def books(keeping, tmp_path):
    opened = open_books(keeping, tmp_path, Clock(at("2026-03-02T10:00")))
    take_in(opened, ORDER, "2026-03-02T09:00")
    take_in(opened, OTHER, "2026-03-02T09:05")
    yield opened
    opened.ledger.database.close()


@pytest.fixture
def door():
    return Door(CENTRE)


@pytest.fixture
def client(books, door):
    with served(door, partial(attachment_routes, books, limit=LIMIT)) as client:
        yield client


def send(client, content=PICTURE, name=NAME, element="before_picture", url=URL):
    return client.post(url, files={"file": (name, content, "text/html")}, data={"element": element})


def faults(answer, status=422):
    assert answer.status_code == status, answer.text
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in answer.json()["errors"]}


def audited(books):
    with books.ledger.database.reading() as connection:
        return [(row.who, row.action, row.target) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq))]


def attached_entries(books):
    with books.ledger.database.reading() as connection:
        return list(connection.execute(select(ENTRIES).where(ENTRIES.c.kind == "attached")))


def a_unit(books):
    """A unit of the pack, and another."""
    first, second, *_ = books.town("nanmatou").pack.units
    return first, second


def as_role(door, role, unit=None):
    door.actor = Actor(f"key:{role}", Role(role), "nanmatou", unit)


def test_a_file_comes_back_as_it_was_sent(client):
    assert send(client).json() == {"order_id": ORDER, "number": 1}
    answer = client.get(f"{URL}/1")
    assert answer.status_code == 200 and answer.content == PICTURE
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-length"] == str(len(PICTURE))
    said = answer.headers["content-disposition"]
    assert said.startswith('attachment; filename="1.jpg"; filename*=UTF-8') and "%E4%B8%8A%E5%AE%98" in said


def test_what_an_order_has_is_listed(client):
    send(client)
    send(client, b"%PDF-1.7", "文书.pdf", "legal_documents")
    listed = client.get(URL).json()
    assert listed["cursor"] is None
    assert [(one["number"], one["element"], one["kind"], one["size"], one["name"]) for one in listed["items"]] == [
        (1, "before_picture", "jpg", len(PICTURE), NAME),
        (2, "legal_documents", "pdf", 8, "文书.pdf"),
    ]
    assert all(one["readable"] and one["added_by"] == CENTRE.id for one in listed["items"])
    assert client.get("/v1/orders/A-2/attachments").json() == {"items": [], "cursor": None}


def test_the_same_content_again_changes_nothing(client, books):
    assert send(client).status_code == 201
    head = books.ledger.head()
    again = send(client, name="other name.jpg", element="after_picture")
    assert (again.status_code, again.json()["number"], books.ledger.head()) == (200, 1, head)
    assert send(client, url="/v1/orders/A-2/attachments").status_code == 201


def test_an_attachment_is_an_entry_of_the_order_and_counts_in_its_version(client, books):
    send(client)
    (entry,) = attached_entries(books)
    assert (entry.order_id, entry.fields["number"], entry.fields["size"]) == (ORDER, 1, len(PICTURE))
    assert NAME not in str(entry.fields) and entry.seal
    with books.ledger.database.reading() as connection:
        assert get_order(connection, ORDER).version == 2
    shown = [event for event in show_order(ORDER, books, CENTRE, books.now()).events if event["kind"] == "attached"]
    assert [(event["element"], event["name"]) for event in shown] == [("before_picture", NAME)]
    as_analyst = show_order(ORDER, books, Actor("key:a", Role.ANALYST), books.now()).events
    assert NAME not in str(as_analyst) and as_analyst[-1]["kind"] == "attached"


def test_nothing_of_a_file_lies_open_in_the_database(client, books, tmp_path):
    send(client)
    books.ledger.database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert PICTURE[100:140] not in kept
    assert NAME.encode() not in kept and "上官小满".encode() not in kept


def test_large_files_are_kept_in_parts(client, books):
    send(client)
    with books.ledger.database.reading() as connection:
        lengths = connection.execute(
            select(func.length(ATTACHMENT_PARTS.c.sealed)).order_by(ATTACHMENT_PARTS.c.part)
        ).scalars()
        assert [length - 28 for length in lengths] == [PART, PART, len(PICTURE) - 2 * PART]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"content": b"<html></html>"}, "file"),
        ({"content": b""}, "file"),
        ({"name": "x" * 2_000}, "file"),
        ({"element": "selfie"}, "element"),
        ({"element": "contact_recording"}, "element"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(client, books, given, where):
    head = books.ledger.head()
    assert list(faults(send(client, **given))) == [where]
    assert books.ledger.head() == head and client.get(URL).json()["items"] == []


def test_every_fault_is_told_at_once(client):
    assert set(faults(send(client, b"<svg/>", element="selfie"))) == {"file", "element"}


def test_a_missing_part_of_the_form_is_named(client):
    assert faults(client.post(URL, files={"file": ("a.jpg", PICTURE)})) == {"element": "is missing"}
    assert faults(client.post(URL, files={"element": (None, "other")})) == {"file": "is missing"}
    assert "multipart" in faults(client.post(URL, json={"element": "other"}))[""]


def test_a_file_over_the_limit_is_413_and_leaves_nothing(client, books):
    assert send(client, b"%PDF-" + bytes(LIMIT), element="other").status_code == 413
    assert not attached_entries(books)
    assert send(client, b"%PDF-" + bytes(LIMIT - 5), element="other").status_code == 201


def test_an_order_has_so_many_attachments_and_no_more(client):
    for number in range(MOST):
        assert send(client, b"%%PDF-%d" % number, element="other").json()["number"] == number + 1
    assert f"at most {MOST}" in faults(send(client), 409)[""]
    assert send(client, b"%PDF-0", element="other").status_code == 200


def test_a_unit_sees_and_adds_to_what_it_holds_and_nothing_else(client, books, door):
    mine, other = a_unit(books)
    happens(books, ORDER, kind="dispatched", at="2026-03-02T09:30", unit=mine, by="dispatcher")
    as_role(door, "unit", mine)
    assert send(client).status_code == 201
    assert client.get(f"{URL}/1").status_code == 200
    for foreign, url in ((other, URL), (mine, "/v1/orders/A-2/attachments"), (mine, "/v1/orders/none/attachments")):
        as_role(door, "unit", foreign)
        answers = [send(client, url=url), client.get(url), client.get(f"{url}/1")]
        assert [answer.status_code for answer in answers] == [404, 404, 404], foreign
        assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in OF_ONE_UNIT])
def test_each_role_does_what_its_rights_say(client, door, role):
    send(client)
    as_role(door, role)
    rights = RIGHTS[role]
    reads = Right.READ_ORDERS in rights
    personal = Right.READ_PERSONAL in rights
    assert client.get(URL).status_code == (200 if reads else 403)
    assert client.get(f"{URL}/1").status_code == (200 if reads and personal else 403)
    assert send(client, b"%PDF-1", element="other").status_code == (201 if Right.RECORD in rights else 403)
    if reads:
        (first, *_) = client.get(URL).json()["items"]
        assert (first["kind"], first["size"], first["name"]) == ("jpg", len(PICTURE), NAME if personal else None)


def test_nobody_gets_nothing(client, door):
    door.actor = None
    assert [send(client).status_code, client.get(URL).status_code, client.get(f"{URL}/1").status_code] == [401] * 3


@pytest.mark.parametrize(
    ("actor", "status"),
    [(None, 401), (Actor("key:a", Role.ANALYST), 403), (Actor("key:u", Role.UNIT, "nanmatou", "nobody"), 404)],
)
def test_a_body_is_not_read_before_it_is_known_who_asks(books, actor, status):
    app = FastAPI()
    install_errors(app)
    app.include_router(attachment_routes(books, Gate(Door(actor))))
    answers = []

    async def receive():
        raise AssertionError("the body was read")

    async def answer(message):
        answers.append(message)

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    scope = {"type": "http", "method": "POST", "path": URL, "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, answer))
    assert answers[0]["status"] == status


def test_an_order_of_another_policy_is_not_there(client, door):
    send(client)
    door.actor = Actor("key:x", Role.CENTRE, "yanji")
    assert [client.get(URL).status_code, client.get(f"{URL}/1").status_code, send(client).status_code] == [404] * 3


def test_every_change_and_every_read_is_in_the_audit_log(client, books, door):
    before = len(audited(books))
    send(client)
    client.get(URL)
    client.get(f"{URL}/1")
    as_role(door, "analyst")
    client.get(URL)
    client.get(f"{URL}/1")
    assert audited(books)[before:] == [
        (CENTRE.id, "attach", "A-1/1"),
        (CENTRE.id, "list attachments", "A-1"),
        (CENTRE.id, "read attachment", "A-1/1"),
    ]


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_number_that_is_none_is_refused(client, number):
    assert client.get(f"{URL}/{number}").status_code == 422


def test_a_number_that_the_order_does_not_have_is_not_there(client):
    assert client.get(f"{URL}/1").status_code == 404


def test_an_erased_callers_files_are_gone_for_good(client, books):
    send(client)
    with books.ledger.database.reading() as connection:
        caller = get_order(connection, ORDER).caller
    erase_caller(caller, "请求删除", books, replace(CENTRE, policy=None))
    assert client.get(f"{URL}/1").status_code == 410
    (listed,) = client.get(URL).json()["items"]
    assert (listed["name"], listed["readable"], listed["kind"]) == (None, False, "jpg")
    assert "erased" in faults(send(client, b"%PDF-1", element="other"), 409)["id"]
    assert books.ledger.broken_link() is None and exchanged_attachment(books.ledger.database) is None


def test_a_caller_erased_while_the_file_comes_in_leaves_nothing_behind(client, books):
    upload = begin_upload(ORDER, LIMIT, books, CENTRE)
    upload.file.write(PICTURE)
    upload.file.finish()
    with books.ledger.database.reading() as connection:
        caller = get_order(connection, ORDER).caller
    erase_caller(caller, "请求删除", books, replace(CENTRE, policy=None))
    with pytest.raises(Conflict, match="erased"):
        attach(upload, NAME, "before_picture", books, CENTRE)
    upload.file.close()
    assert not attached_entries(books)


def test_a_turn_that_breaks_off_leaves_nothing(client, books):
    with books.ledger.turn() as turn:
        turn.connection.exec_driver_sql(
            "CREATE TRIGGER breaks BEFORE INSERT ON attachment_parts WHEN NEW.part = 2 "
            "BEGIN SELECT RAISE(ABORT, 'broken off'); END"
        )
    head = books.ledger.head()
    assert send(client).status_code == 503
    assert books.ledger.head() == head and client.get(URL).json()["items"] == []
    with books.ledger.turn() as turn:
        turn.connection.exec_driver_sql("DROP TRIGGER breaks")
    assert send(client).json()["number"] == 1 and books.ledger.broken_link() is None


@pytest.mark.parametrize("cut", [10, 200, 300_000])
def test_an_upload_that_breaks_off_leaves_nothing(client, books, cut):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="element"\r\n\r\nbefore_picture\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + PICTURE + b"\r\n--x--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    head = books.ledger.head()
    assert "cut off" in faults(client.post(URL, content=body[:cut], headers=headers))[""]
    assert books.ledger.head() == head
    assert client.post(URL, content=body, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "harm",
    [
        delete(ATTACHMENT_PARTS).where(ATTACHMENT_PARTS.c.part == 1),
        delete(ATTACHMENT_PARTS),
        update(ATTACHMENT_PARTS).where(ATTACHMENT_PARTS.c.part == 2).values(sealed=b"x" * 100),
        update(ATTACHMENT_PARTS).where(ATTACHMENT_PARTS.c.part == 2).values(part=7),
        insert(ATTACHMENT_PARTS).values(seq=select(ATTACHMENTS.c.seq).scalar_subquery(), part=3, sealed=b"more"),
    ],
)
def test_a_changed_content_is_found_and_never_answered_as_whole(client, books, harm):
    send(client)
    assert exchanged_attachment(books.ledger.database) is None
    with books.ledger.turn() as turn:
        turn.connection.execute(harm)
    fault = exchanged_attachment(books.ledger.database)
    assert fault is not None and "attachment of entry" in fault
    with suppress(CannotOpen):
        assert b"".join(open_attachment(ORDER, 1, books, CENTRE).parts) == PICTURE


def test_a_part_does_not_open_in_another_place(client, books):
    send(client)
    with books.ledger.turn() as turn:
        parts = dict(turn.connection.execute(select(ATTACHMENT_PARTS.c.part, ATTACHMENT_PARTS.c.sealed)).all())
        for part, other in ((0, 1), (1, 0)):
            change = update(ATTACHMENT_PARTS).where(ATTACHMENT_PARTS.c.part == part).values(sealed=parts[other])
            turn.connection.execute(change)
    assert client.get(f"{URL}/1").status_code == 500


def test_attachments_go_through_a_backup(client, books, tmp_path, keeping):
    send(client)
    back_up(books.ledger.database, tmp_path / "kept.gz")
    elsewhere = Database(f"sqlite:///{tmp_path}/back.db")
    restore(elsewhere, tmp_path / "kept.gz")
    assert exchanged_attachment(elsewhere) is None
    elsewhere.close()
    again = keeping.books(f"sqlite:///{tmp_path}/back.db")
    with served(Door(CENTRE), partial(attachment_routes, again)) as other:
        assert other.get(f"{URL}/1").content == PICTURE
    again.ledger.database.close()


def test_browsers_are_told_to_believe_the_type_and_to_show_nothing(books):
    app = FastAPI()
    install_errors(app)
    app.include_router(attachment_routes(books, Gate(Door(CENTRE))))
    app.add_middleware(SecurityHeaders)
    with TestClient(app) as client:
        send(client)
        headers = client.get(f"{URL}/1").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-disposition"].startswith("attachment")


def test_no_name_is_told_in_an_error_or_a_log(client, caplog):
    with caplog.at_level(logging.DEBUG):
        answers = [send(client, b"<html>"), send(client, b"%PDF-" + bytes(LIMIT)), send(client, element="selfie")]
    assert all("上官" not in answer.text for answer in answers)
    assert "上官" not in caplog.text


@pytest.fixture
def guarded(books):
    app = FastAPI()
    install_errors(app)
    app.include_router(attachment_routes(books, Gate(Door(CENTRE)), limit=LIMIT))
    app.add_middleware(BodyLimit, limit=1024, streamed={ATTACHMENT_PATH: LIMIT + 1024})
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_body_may_be_longer_where_files_are_sent_and_nowhere_else(guarded):
    assert send(guarded).status_code == 201
    assert guarded.get(f"{URL}/1").content == PICTURE
    assert send(guarded, url=f"{URL}/1").status_code == send(guarded, url="/v1/orders").status_code == 413


@pytest.mark.parametrize("stated", [True, False])
def test_a_body_beyond_the_longer_limit_is_413_with_or_without_a_stated_length(guarded, books, stated):
    body = bytes(LIMIT + 2048)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    content = head + body if stated else iter([head, body])
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = guarded.post(URL, content=content, headers=headers)
    assert answer.status_code == 413 and answer.headers["content-type"] == "application/problem+json"
    assert not attached_entries(books)


def test_a_changed_content_is_told_by_the_check_of_the_ledger(client, books):
    send(client)
    with books.ledger.turn() as turn:
        turn.connection.execute(delete(ATTACHMENT_PARTS).where(ATTACHMENT_PARTS.c.part == 1))
    assert "attachment of entry" in str(books.ledger.broken_link())
