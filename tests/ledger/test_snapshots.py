"""A restart begins from a snapshot that fits the ledger, and from nothing else; it holds nobody who was erased."""

from __future__ import annotations

import fcntl
import logging
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import enumerate as threads

import numpy as np
import pytest
from safetensors.numpy import load

from tests.ledger.desk import LIGHT, order
from triage.bootstrap import Service
from triage.desk.orders import snapshots as module
from triage.desk.orders.books import Books
from triage.desk.orders.intake import receive
from triage.desk.orders.linking import Linking
from triage.desk.orders.snapshots import Snapshots
from triage.domain.errors import TriageError
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.backup import back_up, restore
from triage.records.database import Database
from triage.records.entries import CALLER_ERASED, Entry
from triage.records.orders import get_order
from triage.records.sealed_files import read_header, read_sealed, write_sealed
from triage.records.vault import CannotOpen, Vault
from triage.similar.memory import Memory

DESK = Actor("key:desk", Role.DISPATCHER, "tangqiao")
SMOKE = "浦东蓝村路烧烤店半夜油烟很大，呛得睡不着，请查处"
NOTHING_FITS = "is left aside"


class Process:
    """One process at the ledger, with snapshots in a folder; `read` counts the entries it had to read."""

    def __init__(self, keeping: Service, address: str, folder: Path, ground: dict[str, str], every: int) -> None:
        books = keeping.books(address)
        self.snapshots = Snapshots(folder, books.vault, lambda policy: ground, every)
        self.books = replace(books, new_linking=partial(self._linking, keeping, ground), _linkings={})
        self.read: list[int] = []

    def _linking(self, keeping: Service, ground: dict[str, str], policy: str, originals) -> Linking:
        def new_memory() -> Memory:
            return Memory(keeping.new_linker(keeping.places(policy)), keeping.caller_tokens)

        return Linking(policy, new_memory, originals, ground, self.snapshots)

    @property
    def linking(self) -> Linking:
        return self.books.linking("tangqiao")

    def follow(self) -> list[int]:
        self.read.clear()
        with self.books.ledger.database.reading() as connection:
            self.linking.follow(connection, self.read.append)
        return self.read

    def receive(self, *numbers: int, text: str = LIGHT) -> list[str]:
        found = [receive(order(one, text, phone=f"139000100{one:02}"), self.books, DESK) for one in numbers]
        return [one.order.issue for one in found]

    def state(self):
        self.follow()
        return self.linking._known().state()


Processes = Callable[..., Process]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger.snapshots"


@pytest.fixture
def process(keeping: Service, address: str, folder: Path) -> Iterator[Processes]:
    """Starts processes, one after the other."""
    opened: list[Process] = []

    def start(at: str = address, every: int = 1_000, **ground: str) -> Process:
        opened.append(Process(keeping, at, folder, ground, every))
        return opened[-1]

    yield start
    wait()
    for one in opened:
        one.books.ledger.database.close()


def wait() -> None:
    for thread in threads():
        if thread.name == "snapshot":
            thread.join()


def same(one, other) -> bool:
    differing = [name for name, array in one.items() if not np.array_equal(array, other[name])]
    assert not differing
    return one.keys() == other.keys()


@pytest.fixture
def kept(process: Processes, folder: Path) -> Path:
    """The file of a ledger with five orders."""
    first = process()
    first.receive(1, 2, 3)
    first.receive(4, 5, text=SMOKE)
    first.books.keep()
    return folder / "tangqiao.memory"


def test_a_restart_reads_only_what_came_after_the_snapshot(kept, process, folder):
    second = process()
    second.receive(6)
    folder.rename(folder.with_name("away"))
    whole = process()
    assert whole.follow() == [6]
    folder.with_name("away").rename(folder)
    third = process()
    assert third.follow() == [1]
    assert same(third.state(), whole.state())
    assert third.receive(7) == second.receive(8)


def test_a_snapshot_is_written_every_so_many_orders_and_not_waited_for(process, folder):
    first = process(every=3)
    first.receive(1, 2, 3)
    assert not folder.exists(), "it might still be given up"
    first.receive(4)
    wait()
    assert read_header(folder / "tangqiao.memory", first.books.vault, "snapshot tangqiao")["seq"] == 3
    assert process().follow() == [1]
    first.receive(5, 6, 7)
    wait()
    assert process().follow() == [1]


def test_a_process_does_not_write_what_another_has_written(process, folder):
    first, second = process(every=3), process(every=3)
    first.receive(1, 2, 3)
    second.follow()
    wait()
    written = (folder / "tangqiao.memory").stat().st_mtime_ns
    first.follow()
    wait()
    assert (folder / "tangqiao.memory").stat().st_mtime_ns == written
    second.receive(4, 5, 6, 7)
    wait()
    assert (folder / "tangqiao.memory").stat().st_mtime_ns > written


def test_nothing_new_is_not_written_again(kept, process):
    written = kept.stat().st_mtime_ns
    second = process()
    second.books.keep()
    second.follow()
    second.books.keep()
    assert kept.stat().st_mtime_ns == written


def test_what_persons_did_to_issues_is_there_after_a_restart(kept, process):
    first = process()
    first.follow()
    light, smoke = first.receive(6)[0], first.receive(7, text=SMOKE)[0]
    with first.books.ledger.turn() as turn:
        merged = first.linking.merge(light, smoke, turn.now, "王")
        fields = {"issue": merged, "other": smoke if merged == light else light, "why": ""}
        first.linking.reached(turn.add(Entry("tangqiao", "issues_merged", turn.now, fields, "王")).seq)
    first.books.keep()
    again = process()
    assert again.follow() == []
    assert {again.linking.issue_id(light), again.linking.issue_id(smoke)} == {merged}
    assert same(again.state(), first.state())


# What does not fit


def refuses(process: Processes, caplog, why: str, orders: int, **ground: str) -> None:
    caplog.clear()
    one = process(**ground)
    with caplog.at_level(logging.WARNING):
        assert one.follow() == [orders]
        one.linking.forget()
        assert one.follow() == [orders]
    said = [record.getMessage() for record in caplog.records if record.name == "triage.snapshots"]
    assert len(said) == 1 and NOTHING_FITS in said[0] and why in said[0], said


def test_one_made_with_other_places_is_left_aside(kept, process, caplog):
    refuses(process, caplog, "another ground", 5, places="others")


@pytest.mark.parametrize(("name", "value"), [("FORMAT", 2), ("__version__", "0")])
def test_one_of_another_format_or_version_is_left_aside(kept, process, caplog, monkeypatch, name, value):
    monkeypatch.setattr(module, name, value)
    refuses(process, caplog, "another", 5)


def test_one_made_with_another_encoder_or_weights_is_left_aside(kept, process, caplog, monkeypatch):
    monkeypatch.setattr("triage.similar.linker.Linker.made_of", {"encoder": "another"})
    refuses(process, caplog, "another ground", 5)


def test_one_of_another_ledger_is_left_aside_and_written_over(kept, process, caplog, tmp_path):
    strange = f"sqlite:///{tmp_path}/strange.db"
    first = process(strange)
    first.receive(*range(11, 17))
    refuses(partial(process, strange), caplog, "another ledger", 6)
    first.books.keep()
    assert process(strange).follow() == []


def test_a_ledger_that_was_restored_from_before_it_is_read_again(process, folder, tmp_path, caplog):
    first = process()
    first.receive(1, 2, 3)
    back_up(first.books.ledger.database, tmp_path / "before.gz")
    first.receive(4, 5)
    first.books.keep()
    back_up(first.books.ledger.database, tmp_path / "after.gz")
    addresses = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("before", "after")}
    for name, address in addresses.items():
        database = Database(address)
        restore(database, tmp_path / f"{name}.gz")
        database.close()
    assert process(addresses["after"]).follow() == [], "the same chain"
    before = process(addresses["before"])
    before.receive(6, 7)
    refuses(partial(process, addresses["before"]), caplog, "another ledger", 5)


@pytest.mark.parametrize("how", ["empty", "cut", "flipped", "swapped", "of another policy", "another secret", "none"])
def test_a_file_that_is_not_as_it_was_written_is_left_aside(kept, process, caplog, how):
    content = bytearray(kept.read_bytes())
    vault = process().books.vault
    if how == "another secret":
        other = Vault(b"a secret of another town")
        write_sealed(kept, other, "snapshot tangqiao", {}, b"").replace(kept)
    elif how == "of another policy":
        write_sealed(kept, vault, "snapshot yanji", {}, b"").replace(kept)
    elif how == "none":
        header = read_header(kept, vault, "snapshot tangqiao")
        write_sealed(kept, vault, "snapshot tangqiao", header, b"no state").replace(kept)
    else:
        spoilt = {"empty": b"", "cut": content[:-9], "flipped": content[:-1] + bytes([content[-1] ^ 1])}
        spoilt["swapped"] = content[:30] + content[40:] + content[30:40]
        kept.write_bytes(spoilt[how])
    refuses(process, caplog, "", 5)


def test_a_folder_that_cannot_be_written_to_stops_nothing(process, folder, caplog):
    folder.write_text("a file")
    first = process(every=2)
    first.receive(1, 2, 3)
    wait()
    first.books.keep()
    said = [record.getMessage() for record in caplog.records if record.name == "triage.snapshots"]
    assert said == ["the snapshot of tangqiao cannot be written: FileExistsError"]
    assert process().follow() == [3]


def test_what_a_killed_process_left_half_written_is_cleared_away(kept, process):
    left = kept.with_name(".tangqiao.memory.new-1")
    left.write_bytes(b"half")
    first = process()
    first.receive(6)
    first.books.keep()
    assert not left.exists() and process().follow() == []


def test_one_process_at_a_time_writes(process, folder):
    first = process()
    first.receive(1, 2)
    folder.mkdir()
    with (folder / ".writing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        first.books.keep()
        assert sorted(path.name for path in folder.iterdir()) == [".writing"]
    first.receive(3)
    first.books.keep()
    assert process().follow() == []


# What is not in the ledger, or is to be there no more


def test_an_order_that_was_given_up_is_in_no_snapshot(process, folder):
    first = process()
    first.receive(1)
    first.follow()
    with pytest.raises(TriageError), first.books.ledger.turn():
        given_up = order(2).order.to_order()
        first.linking.remember(first.linking.read(given_up, categories=(), bodies=()), given_up.received_at)
        with first.books.ledger.database.reading() as connection:
            first.linking.keep(connection)
        first.linking.reached(2)
        with first.books.ledger.database.reading() as connection:
            first.linking.keep(connection)
        raise TriageError("the disk is full")
    first.books.keep()
    process().receive(3)
    first.books.keep()
    assert not folder.exists()
    first.linking.forget()
    first.follow()
    first.books.keep()
    assert process().follow() == []


def erase(books: Books, order_id: str) -> str:
    """What `triage caller erase` does; the caller's pseudonym, which nobody may know any more."""
    with books.ledger.turn() as turn:
        token = str(get_order(turn.connection, order_id).caller)
        books.originals.destroy(turn.connection, turn.now, caller=token)
        fields = {"orders": [order_id], "why": "本人要求"}
        turn.add(Entry("tangqiao", CALLER_ERASED, turn.now, fields, "key:desk"))
    return token


def opened(path: Path, vault: Vault) -> bytes:
    return read_sealed(path, vault, "snapshot tangqiao")


def test_what_a_person_erased_is_in_no_snapshot_once_the_erasure_is_known(kept, process, tmp_path):
    first = process()
    first.follow()
    old = shutil.copy(kept, tmp_path / "old")
    token = erase(first.books, "2")
    assert token.encode() in opened(kept, first.books.vault)
    first.follow()
    wait()
    assert token.encode() not in opened(kept, first.books.vault), "written anew at once"
    assert process().follow() == []
    shutil.copy(old, kept)
    late = process()
    assert late.follow() == [1], "an old one is only good for what comes after it: the erasure"
    wait()
    assert token.encode() not in opened(kept, first.books.vault)
    again = late.linking.recall(order(9, phone="13900010002").order.to_order(), order(9).order.received_at)
    assert again.token.value == token and again.repeats.count == 1


def test_the_old_file_is_gone_before_a_new_one_is_there(kept, process, monkeypatch):
    first = process()
    first.follow()
    erase(first.books, "2")
    monkeypatch.setattr(Snapshots, "keep", lambda *_: False)
    first.follow()
    assert not kept.exists()


def test_a_snapshot_of_before_an_erasure_is_not_put_down_after_it(process, folder):
    first = process()
    first.receive(1, 2)
    first.follow()
    memory = first.linking._known()
    with first.books.ledger.database.reading() as connection:
        mark = module.mark_at(connection, "tangqiao", 2)
    header = first.snapshots.header("tangqiao", memory, mark)
    assert not first.snapshots.keep(header, memory.frozen(), lambda: False)
    assert [path.name for path in folder.iterdir()] == [".writing"]


def test_an_order_whose_original_is_gone_is_remembered_without_its_caller(kept, process, folder):
    erase(process().books, "2")
    shutil.rmtree(folder)
    whole = process()
    assert whole.follow() == [6]
    whole.books.keep()
    state = load(opened(kept, whole.books.vault))
    assert state["kept.caller"].tolist()[1] == -1


# What was read of an order


def test_what_was_read_of_an_order_is_not_read_again_where_it_holds(kept, process, folder, monkeypatch):
    shutil.rmtree(folder)
    read, numbers = Memory.read, []

    def counted(memory, order, **more):
        numbers.append(order.id)
        return read(memory, order, **more)

    monkeypatch.setattr(Memory, "read", counted)
    states = [process(**ground).state() for ground in ({}, {"pack": "another version"})]
    assert numbers == ["1", "2", "3", "4", "5"], "only who reads with another pack reads again"
    assert same(*states)


# What a file shows


def test_a_file_shows_nothing_and_is_its_owners_only(kept, process):
    content = kept.read_bytes()
    for shown in ("139000100", "路灯", "kept.caller", "tangqiao"):
        assert shown.encode() not in content
    assert not re.search(rb"c1-[a-z2-7]{8}", content), "shorter pieces come about by chance"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    header = read_header(kept, process().books.vault, "snapshot tangqiao")
    assert {*header} == {"format", "policy", "seq", "hash", "ground", "sha256", "bytes"}


def test_a_large_file_comes_back_and_its_pieces_cannot_be_exchanged(tmp_path):
    vault, path = Vault(b"a secret of the town"), tmp_path / "file"
    one, other = bytes(3 * 2**20 + 5), bytes([1]) * (3 * 2**20 + 5)
    write_sealed(path, vault, "name", {"seq": 1}, one).replace(path)
    first = path.read_bytes()
    assert read_sealed(path, vault, "name") == one
    write_sealed(path, vault, "name", {"seq": 1}, other).replace(path)
    second = path.read_bytes()
    path.write_bytes(first[: len(first) // 2] + second[len(first) // 2 :])
    with pytest.raises(CannotOpen):
        read_sealed(path, vault, "name")
