"""Faults: processes killed in the middle, full disks, databases that go and come back, writers that race."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr
from sqlalchemy import event, select

from tests.ledger.conftest import SECRET
from tests.ledger.desk import LIGHT, dispatched, new_service, order
from triage.bootstrap import Service
from triage.desk.orders.books import Books
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.domain.errors import Conflict
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.database import LedgerFault
from triage.records.tables import ENTRIES, ORDERS

KILLS = int(os.environ.get("TRIAGE_TEST_KILLS", "20"))
BY = Actor("key:desk", Role.DISPATCHER, "tangqiao")


def _in_a_process(work: Callable[[], None]) -> int:
    """Runs in a forked process, so that the model is read once; its number."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    finally:
        os._exit(0)


def _intake(keeping: Service, address: str, told: Path, round_: int) -> None:
    """Keeps orders until it is killed, and writes down each that was acknowledged."""
    books = keeping.books(address)
    with told.open("a") as acknowledged:
        for number in count():
            name = f"r{round_}-{number}"
            receive(order(name, f"{LIGHT}，第{number}次反映", phone=f"1390000{number % 50:04d}"), books, BY)
            record(name, [dispatched(id=f"{name}-d")], books, BY)
            acknowledged.write(name + "\n")
            acknowledged.flush()
            os.fsync(acknowledged.fileno())


def test_whoever_is_killed_in_the_middle_has_lost_nothing_that_was_acknowledged(keeping, address, tmp_path):
    told, rng = tmp_path / "acknowledged", Random(20)
    told.touch()
    keeping.warm_up()
    keeping.books(address).ledger.database.close()
    for round_ in range(KILLS // 2):  # on each of two databases
        child = _in_a_process(partial(_intake, keeping, address, told, round_))
        size, waited = told.stat().st_size, time.monotonic()
        while told.stat().st_size == size and time.monotonic() - waited < 30:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    books = keeping.books(address)
    acknowledged = told.read_text().split()
    with books.ledger.database.reading() as connection:
        kept = list(connection.execute(select(ORDERS.c.id, ORDERS.c.status)))
        entries = list(connection.execute(select(ENTRIES.c.order_id, ENTRIES.c.kind)))
    assert len(acknowledged) >= KILLS // 2
    assert dict.fromkeys(acknowledged, "dispatched").items() <= {row.id: row.status for row in kept}.items()
    assert len(entries) == len({tuple(row) for row in entries}), "nothing is there twice"
    assert {row.order_id for row in entries} == {row.id for row in kept}
    assert books.ledger.broken_link() is None
    receipt = receive(order("after", phone="13900009999"), books, BY)
    assert receipt.decision["issue"]["orders"] == len(kept) + 1
    books.ledger.database.close()


def test_fifty_orders_of_one_matter_through_two_processes_make_one_issue(keeping, address):
    keeping.warm_up()
    keeping.books(address).ledger.database.close()

    def work(half: int) -> None:
        books = keeping.books(address)
        for number in range(25):
            phone = f"139000{half}{number:04d}"
            receive(order(f"{half}-{number}", f"{LIGHT}，我也反映过{number}次", phone=phone), books, BY)

    children = [_in_a_process(partial(work, half)) for half in (0, 1)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    books = keeping.books(address)
    with books.ledger.database.reading() as connection:
        issues = list(connection.execute(select(ORDERS.c.issue)).scalars())
    assert len(issues) == 50
    assert len(set(issues)) == 1
    assert receive(order("51", phone="13811112222"), books, BY).decision["issue"]["orders"] == 51
    assert books.ledger.broken_link() is None
    books.ledger.database.close()


def test_threads_that_receive_and_record_at_once_leave_a_whole_chain(books):
    faults: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(8):
                receive(order(f"{name}{number}"), books, BY)
                record(f"{name}{number}", [dispatched()], books, BY)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert books.ledger.head() == 64
    assert books.ledger.broken_link() is None


def test_of_two_writers_on_one_version_one_is_told(books):
    receive(order("a1"), books, BY)
    told: list[str] = []

    def work(unit: str) -> None:
        try:
            record("a1", [dispatched(unit=unit)], books, BY, if_version=1)
            told.append("kept")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=work, args=(unit,)) for unit in ("power-company", "urban-squad")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["conflict", "kept"]


@contextmanager
def _failing(books: Books, after: int) -> Iterator[None]:
    """The database refuses every statement after so many, as it does when its disk is full."""
    done = count()

    def refuse(*_args: object) -> None:
        if next(done) >= after:
            raise OSError(28, "No space left on device")

    event.listen(books.ledger.database.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(books.ledger.database.engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("after", range(1, 9))
def test_wherever_a_write_breaks_off_all_of_it_is_undone(books, after):
    receive(order("a1"), books, BY)
    with _failing(books, after), pytest.raises(OSError, match="No space"):
        receive(order("a2"), books, BY)
    assert receive(order("a2"), books, BY).is_new
    assert books.ledger.head() == 2
    assert books.ledger.broken_link() is None


def test_a_full_database_says_so_and_works_again_when_there_is_room(keeping, tmp_path):
    books = keeping.books(f"sqlite:///{tmp_path}/small.db")
    receive(order("a1"), books, BY)
    database = books.ledger.database
    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection, _record):
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(database.engine, "connect", limit)
    database.close()
    with pytest.raises(LedgerFault, match="nothing was kept"):
        for number in range(200):
            receive(order(f"b{number}", LIGHT * 50), books, BY)
    event.remove(database.engine, "connect", limit)
    database.close()
    assert receive(order("c1"), books, BY).is_new
    assert books.ledger.broken_link() is None
    books.ledger.database.close()


def test_a_database_that_goes_and_comes_back_loses_nothing(tmp_path):
    service = new_service(SecretStr(SECRET))
    path = tmp_path / "away.db"
    books = service.books(f"sqlite:///{path}")
    receive(order("a1"), books, BY)
    books.ledger.database.close()
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    path.mkdir()  # there, but no file any more
    with pytest.raises(LedgerFault):
        receive(order("a2"), books, BY)
    path.rmdir()
    hidden.rename(path)
    assert receive(order("a2"), books, BY).decision["issue"]["orders"] == 2
    assert books.ledger.head() == 2
    books.ledger.database.close()
