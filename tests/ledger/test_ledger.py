"""What the ledger promises: nothing lost, nothing twice, nothing changed unseen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.ledger.desk import LIGHT, dispatched, order
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.orders.views import show_order
from triage.domain.errors import BadInput, Conflict, NotFound, Refused
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.database import Database, LedgerFault
from triage.records.orders import Wanted, alerts_at, list_orders
from triage.records.tables import AUDIT, ENTRIES, HEAD, KEYS, ORIGINALS


def test_an_order_is_kept_with_its_decision_and_found_again(books, dispatcher):
    receipt = receive(order("a1", phone="13900001111", name="周小蕾"), books, dispatcher)
    view = show_order("a1", books, dispatcher, books.now())
    assert receipt.is_new
    assert view.decision == receipt.decision
    assert view.text == LIGHT
    assert view.caller["phone"] == "13900001111"
    assert view.status == "to_dispatch"


def test_the_same_order_again_changes_nothing_and_is_answered_as_it_is_kept(books, dispatcher):
    first = receive(order("a1"), books, dispatcher)
    again = receive(order("a1"), books, dispatcher)
    assert not again.is_new
    assert again.decision == first.decision
    assert books.ledger.head() == 1


def test_another_body_under_the_same_id_is_a_conflict(books, dispatcher):
    receive(order("a1"), books, dispatcher)
    with pytest.raises(Conflict, match="another body"):
        receive(order("a1", "楼上漏水，天花板都湿了"), books, dispatcher)
    assert books.ledger.head() == 1


@pytest.mark.parametrize("order_id", ["", " a", "a/b", "a\x00b", "a\nb"])
def test_an_id_that_could_not_stand_in_an_address_is_refused(books, dispatcher, order_id):
    with pytest.raises(BadInput, match="id: (must be printable|is needed)"):
        receive(order(order_id), books, dispatcher)


def test_events_are_put_down_once_and_the_order_follows(books, dispatcher):
    receive(order("a1"), books, dispatcher)
    sent = [dispatched(id="e1"), {"at": "2026-03-02T10:00", "kind": "accepted", "unit": "power-company", "id": "e2"}]
    first = record("a1", sent, books, dispatcher)
    again = record("a1", sent, books, dispatcher)
    assert (first.order.status, first.order.unit, first.order.version) == ("accepted", "power-company", 3)
    assert again.known == ("e1", "e2")
    assert books.ledger.head() == 3


def test_of_a_list_with_one_refused_event_nothing_is_put_down_and_the_clause_is_named(books, dispatcher):
    receive(order("a1"), books, dispatcher)
    with pytest.raises(Refused) as refused:
        record("a1", [dispatched(), {"at": "2026-03-02T10:00", "kind": "closed"}], books, dispatcher)
    assert all(problem.loc == ("events", 1) and problem.clause for problem in refused.value.problems)
    assert books.ledger.head() == 1


def test_who_writes_on_an_old_version_is_told(books, dispatcher):
    receive(order("a1"), books, dispatcher)
    record("a1", [dispatched()], books, dispatcher, if_version=1)
    with pytest.raises(Conflict, match="is 2 by now, not 1"):
        record("a1", [dispatched("2026-03-02T11:00")], books, dispatcher, if_version=1)


def test_a_unit_sees_its_own_orders_only_and_another_one_is_not_there(books, dispatcher):
    receive(order("a1"), books, dispatcher)
    mine, other = (Actor("key:u", Role.UNIT, "tangqiao", unit) for unit in ("power-company", "urban-squad"))
    with pytest.raises(NotFound):
        show_order("a1", books, mine, books.now())
    record("a1", [dispatched()], books, dispatcher)
    assert show_order("a1", books, mine, books.now()).unit == "power-company"
    with pytest.raises(NotFound):
        show_order("a1", books, other, books.now())


def test_an_analyst_sees_words_without_names_numbers_and_doors(books, dispatcher):
    said = "我叫周小蕾，电话13900001111，住蓝村路88弄8号301室，路灯坏了"
    receive(order("a1", said, phone="13900001111", name="周小蕾", address="蓝村路88弄8号301室"), books, dispatcher)
    record("a1", [{"at": "2026-03-02T10:00", "kind": "note", "reason": "周小蕾13900001111又来电"}], books, dispatcher)
    view = show_order("a1", books, Actor("key:a", Role.ANALYST, "tangqiao"), books.now())
    assert view.caller["token"]
    for secret in ("周小蕾", "13900001111", "8号301"):
        assert secret not in str(view)


def test_free_text_is_sealed_and_comes_back_whole_for_who_may_read_it(books, dispatcher):
    receive(order("a1", phone="13900001111", name="周小蕾"), books, dispatcher)
    record("a1", [{"at": "2026-03-02T10:00", "kind": "note", "reason": "周小蕾说很急"}], books, dispatcher)
    with books.ledger.database.reading() as connection:
        kept = connection.execute(select(ENTRIES.c.fields).where(ENTRIES.c.kind == "note")).scalar_one()
    assert kept["reason"] == "[姓名]说很急"
    assert show_order("a1", books, dispatcher, books.now()).events[-1]["reason"] == "周小蕾说很急"


def test_what_the_database_holds_tells_nobody_who_called(books, dispatcher, address):
    receive(order("a1", "周小蕾：路灯坏了", phone="13900001111", name="周小蕾"), books, dispatcher)
    with books.ledger.database.reading() as connection:
        tables = [ENTRIES, ORIGINALS, KEYS, AUDIT]
        everything = [str(tuple(row)) for table in tables for row in connection.execute(select(table))]
    assert not any(secret in row for row in everything for secret in ("周小蕾", "13900001111"))


def test_every_read_of_personal_data_is_in_the_audit_log(books, dispatcher):
    receive(order("a1"), books, dispatcher)
    show_order("a1", books, dispatcher, books.now())
    show_order("a1", books, Actor("key:a", Role.ANALYST), books.now())
    with books.ledger.database.reading() as connection:
        rows = connection.execute(select(AUDIT.c.who, AUDIT.c.action, AUDIT.c.target)).all()
    assert [tuple(row) for row in rows] == [("key:desk", "read order", "a1")]


def test_a_whole_chain_has_no_broken_link(books, dispatcher):
    for number in range(5):
        receive(order(number), books, dispatcher)
        show_order(str(number), books, dispatcher, books.now())
    assert books.ledger.broken_link() is None


def _without(seq: int) -> list[Any]:
    return [delete(ORIGINALS).where(ORIGINALS.c.seq == seq), delete(ENTRIES).where(ENTRIES.c.seq == seq)]


TAMPERINGS: dict[str, tuple[list[Any], str]] = {
    "an entry changed": ([update(ENTRIES).where(ENTRIES.c.seq == 2).values(recorder="x")], "ledger: entry 2 is not"),
    "an entry taken out": (_without(2), "ledger: entry 2 is missing"),
    "the last entry cut off": (_without(3), "ledger: entry 3 is missing"),
    "an original exchanged": (
        [update(ORIGINALS).where(ORIGINALS.c.seq == 2).values(sealed=b"x")],
        "original of entry 2",
    ),
    "an original taken out": ([delete(ORIGINALS).where(ORIGINALS.c.seq == 2)], "original of entry 2 is missing"),
    "a reader taken out of the log": ([delete(AUDIT).where(AUDIT.c.seq == 1)], "audit log: entry 1 is missing"),
    "the head moved back": ([update(HEAD).where(HEAD.c.id == 1).values(seq=2)], "ledger: entry 2 is not"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_whoever_tampers_is_found_out(books, dispatcher, tampering):
    for number in range(3):
        receive(order(number), books, dispatcher)
    show_order("0", books, dispatcher, books.now())
    statements, told = TAMPERINGS[tampering]
    with books.ledger.database.writing() as connection:
        for statement in statements:
            connection.execute(statement)
    assert told in (books.ledger.broken_link() or "")


def test_a_faulty_write_leaves_nothing_behind_and_the_next_one_is_whole(books, dispatcher, monkeypatch):
    receive(order("a1"), books, dispatcher)

    def fails(*_args, **_more):
        raise RuntimeError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr("triage.desk.orders.intake.add_order", fails)
        with pytest.raises(RuntimeError):
            receive(order("a2"), books, dispatcher)
    receipt = receive(order("a3"), books, dispatcher)
    assert books.ledger.head() == 2
    assert receipt.decision["issue"]["orders"] == 2, "the order that was not kept does not count"
    assert books.ledger.broken_link() is None


def test_issues_and_their_ids_are_the_same_after_a_restart(books, dispatcher, reopened):
    texts = [LIGHT, "楼上漏水，天花板都湿了", "蓝村路口路灯不亮，晚上很黑，老人走路危险"] * 2
    for number, said in enumerate(texts):
        receive(order(number, said, phone=f"1390000{number:04d}"), books, dispatcher)
    before = receive(order("x", LIGHT, phone="13900009999"), books, dispatcher).decision["issue"]
    again = reopened()
    after = receive(order("y", LIGHT, phone="13900009999"), again, dispatcher).decision
    assert after["issue"]["id"] == before["id"]
    assert after["issue"]["orders"] == before["orders"] + 1
    assert after["caller"]["repeat_count"] == 2


def test_lists_are_filtered_and_paged(books, dispatcher):
    for number in range(7):
        receive(order(number), books, dispatcher)
    record("3", [dispatched()], books, dispatcher)
    now = books.now()
    with books.ledger.database.reading() as connection:
        first = list_orders(connection, Wanted(now, policy="tangqiao", limit=4))
        rest = list_orders(connection, Wanted(now, policy="tangqiao", limit=4, before=first[-1].seq))
        mine = list_orders(connection, Wanted(now, unit="power-company"))
        found = list_orders(connection, Wanted(now, words="路灯"))
        none = list_orders(connection, Wanted(now, words="油烟"))
        waiting = list_orders(connection, Wanted(now, status="to_dispatch"))
    assert [one.id for one in first + rest] == ["6", "5", "4", "3", "2", "1", "0"]
    assert [one.id for one in mine] == ["3"]
    assert (len(found), len(none), len(waiting)) == (7, 0, 6)


def test_an_order_is_overdue_from_the_moment_after_its_time(books, dispatcher):
    request = order("n1").model_copy(update={"policy": "nanmatou"})
    by = Actor("key:n", Role.CENTRE)
    receive(request, books, by)
    unit = "urban-squad"
    record(
        "n1",
        [dispatched(unit=unit), {"at": "2026-03-02T10:00", "kind": "accepted", "unit": unit}],
        books,
        by,
    )
    view = show_order("n1", books, by, books.now())
    due = next(one.due_at for one in view.standing.obligations if one.id == "finish")
    with books.ledger.database.reading() as connection:
        at_due = list_orders(connection, Wanted(due, overdue=True))
        late = list_orders(connection, Wanted(due.replace(second=1), overdue=True))
        in_time = list_orders(connection, Wanted(due, overdue=False))
    assert (len(at_due), len(late), len(in_time)) == (0, 1, 1)


def test_an_alert_stands_from_when_it_was_raised_at_whatever_moment_is_asked(books, dispatcher):
    for number in range(5):
        at = f"2026-03-02T09:{number:02d}+08:00"
        receive(order(number, at=at, phone=f"1390000{number:04d}"), books, dispatcher)
    moments = [order("", at=f"2026-03-02T09:0{minute}+08:00").order.received_at for minute in (3, 4)]
    with books.ledger.database.reading() as connection:
        before, after = ([row.kind for row, _ in alerts_at(connection, at)] for at in moments)
    assert "yellow" not in before
    assert "yellow" in after


def test_a_database_that_is_gone_is_told_without_a_word_of_what_was_sent(tmp_path, keeping, dispatcher):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerFault) as fault:
        Database(f"sqlite:///{tmp_path}/file/none.db").migrate()
    assert "nothing was kept" in str(fault.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "nonsense", "postgresql+asyncpg://x/y?z"])
def test_an_address_of_another_kind_is_refused(url):
    if url.startswith("postgresql"):
        assert Database(url).url.drivername == "postgresql+psycopg"
    else:
        with pytest.raises(BadInput, match="database"):
            Database(url)


def test_a_text_that_no_database_takes_is_kept_as_they_came(books, dispatcher):
    said = "路灯\x00坏了" + LIGHT
    receive(order("a1", said), books, dispatcher)
    assert show_order("a1", books, dispatcher, books.now()).text == said
