"""Backup and restore: a round trip, into either kind of database, and nothing of half a file."""

from __future__ import annotations

import gzip
import threading

import pytest
from sqlalchemy import select

from tests.ledger.desk import dispatched, order
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.orders.views import show_order
from triage.domain.errors import BadInput
from triage.records.backup import back_up, restore
from triage.records.orders import Wanted, list_orders
from triage.records.schema import METADATA


@pytest.fixture
def filled(books, dispatcher):
    for number in range(4):
        receive(order(number, phone=f"1390000{number:04d}", name="周小蕾"), books, dispatcher)
    record("1", [dispatched(), {"at": "2026-03-02T10:00", "kind": "note", "reason": "周小蕾催办"}], books, dispatcher)
    return books


def _everything(books):
    with books.ledger.database.reading() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table)).all())) for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_what_was_backed_up_comes_back_as_it_was_into_either_database(
    filled, keeping, dispatcher, tmp_path, request, other
):
    file = tmp_path / "ledger.jsonl.gz"
    back_up(filled.ledger.database, file)
    address = request.getfixturevalue("postgres")() if other == "postgresql" else f"sqlite:///{tmp_path}/other.db"
    again = keeping.books(address)
    restore(again.ledger.database, file)
    assert _everything(again) == _everything(filled)
    assert again.ledger.broken_link() is None
    assert show_order("1", again, dispatcher, again.now()).events[-1]["reason"] == "周小蕾催办"
    with again.ledger.database.reading() as connection:
        assert len(list_orders(connection, Wanted(again.now(), words="路灯"))) == 4
    assert receive(order("new"), again, dispatcher).decision["issue"]["orders"] == 5
    again.ledger.database.close()


def test_a_backup_holds_no_name_and_no_number(filled, tmp_path):
    file = tmp_path / "ledger.jsonl.gz"
    back_up(filled.ledger.database, file)
    content = gzip.decompress(file.read_bytes()).decode()
    assert "周小蕾" not in content
    assert "1390000" not in content


@pytest.mark.parametrize("damage", ["cut off", "changed", "not a backup"])
def test_half_a_backup_is_refused_before_anything_is_touched(filled, keeping, tmp_path, damage):
    file = tmp_path / "ledger.jsonl.gz"
    back_up(filled.ledger.database, file)
    content = gzip.decompress(file.read_bytes())
    damaged = {"cut off": content[:-200], "changed": content.replace(b"power", b"tower"), "not a backup": b"{}"}
    file.write_bytes(gzip.compress(damaged[damage]))
    again = keeping.books(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(BadInput, match="no whole backup"):
        restore(again.ledger.database, file)
    assert again.ledger.head() == 0
    again.ledger.database.close()


def test_a_ledger_with_orders_is_never_written_over(filled, tmp_path):
    file = tmp_path / "ledger.jsonl.gz"
    back_up(filled.ledger.database, file)
    before = _everything(filled)
    with pytest.raises(BadInput, match="empty"):
        restore(filled.ledger.database, file)
    assert _everything(filled) == before


def test_a_backup_taken_while_orders_come_in_is_of_one_moment(filled, keeping, dispatcher, tmp_path):
    file, stop = tmp_path / "ledger.jsonl.gz", threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            receive(order(f"w{number}"), filled, dispatcher)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        back_up(filled.ledger.database, file)
    finally:
        stop.set()
        writer.join()
    again = keeping.books(f"sqlite:///{tmp_path}/other.db")
    restore(again.ledger.database, file)
    assert again.ledger.broken_link() is None
    again.ledger.database.close()
