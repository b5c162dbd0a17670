"""The orders of the ledger through a model: previewed, applied once, taken back, and no person is overruled."""

import json

import pytest
from sqlalchemy import update

from tests.integration.kept import CENTRE, DISPATCHER, Clock, at, take_in
from training.reclassify.command import Asked, run_asked
from triage.bootstrap import build
from triage.desk.feedback import Feedback, give_feedback
from triage.desk.reclassified import Batch, Change, apply_changes, undo_batch
from triage.domain.errors import BadInput, NotFound
from triage.records.entries import RECLASSIFICATION_UNDONE, RECLASSIFIED
from triage.records.ledger import entries_of
from triage.records.orders import CLOSED, get_order
from triage.records.tables import ORDERS
from triage.settings import Settings

POLICY = "nanmatou"
FOUND = "greening"
BATCH = Batch("batch-1", POLICY, "town", "7", "f" * 64, "按来电人的要求更正，我叫张建国，电话13812341234")


@pytest.fixture
def clock():
    return Clock(at("2026-03-10T09:00"))


@pytest.fixture
def orders(books):
    """Three open orders and a closed one; their category."""
    for number in range(4):
        take_in(books, f"o{number}", "2026-03-10T08:00")
    with books.ledger.turn() as turn:  # closing one by its events would take a dozen of them
        turn.connection.execute(update(ORDERS).where(ORDERS.c.id == "o3").values(status=CLOSED))
    return row(books, "o0").category


def row(books, order_id):
    with books.ledger.database.reading() as connection:
        return get_order(connection, order_id)


def kinds(books, order_id):
    with books.ledger.database.reading() as connection:
        return [kept.entry.kind for kept in entries_of(connection, order_id)]


def apply(books, changes, batch=BATCH):
    return dict(apply_changes(books.ledger, batch, changes, CENTRE, lambda done: None))


def undo(books, batch_id=BATCH.id, why="模型有误"):
    return undo_batch(books.ledger, POLICY, batch_id, why, CENTRE, lambda done: None)


def changes(before, *names):
    return [Change(name, before, FOUND, 0.9) for name in names]


def test_a_batch_gives_orders_their_categories_once_and_says_why_without_names(books, orders):
    before = row(books, "o0")
    assert apply(books, changes(orders, "o0", "o1")) == {"changed": 2}
    assert apply(books, changes(orders, "o0", "o1")) == {"known": 2}
    after = row(books, "o0")
    assert (after.category, after.version, after.status) == (FOUND, before.version + 1, before.status)
    with books.ledger.database.reading() as connection:
        (entry,) = [kept.entry for kept in entries_of(connection, "o0") if kept.entry.kind == RECLASSIFIED]
    assert entry.fields["before"] == orders and entry.fields["batch"] == BATCH.id
    assert entry.fields["why"] == "按来电人的要求更正，我叫[姓名]，电话[电话]"
    assert books.ledger.broken_link() is None


def test_a_batch_that_is_taken_back_leaves_things_as_they_were_and_everything_written(books, orders):
    apply(books, changes(orders, "o0", "o1"))
    done = undo(books)
    assert (done.undone, done.known, done.kept) == (2, 0, {})
    assert row(books, "o0").category == orders
    assert kinds(books, "o0")[-2:] == [RECLASSIFIED, RECLASSIFICATION_UNDONE]
    again = undo(books)
    assert (again.undone, again.known) == (0, 2)
    assert apply(books, changes(orders, "o0")) == {"known": 1}
    assert books.ledger.broken_link() is None


def test_a_dispatchers_word_is_never_overruled_neither_by_a_batch_nor_by_its_undoing(books, orders, keeping):
    categories = keeping.taxonomy.ids
    give_feedback("o0", Feedback(accepted=True), None, books, DISPATCHER, categories)
    assert apply(books, changes(orders, "o0", "o1")) == {"settled_by_a_person": 1, "changed": 1}
    chosen = next(name for name in sorted(categories) if name not in (orders, FOUND))
    give_feedback("o1", Feedback(category=chosen), None, books, DISPATCHER, categories)
    assert undo(books).kept == {"settled_by_a_person": ["o1"]}
    assert row(books, "o1").category == chosen


def test_feedback_on_a_unit_alone_settles_no_category(books, orders, keeping):
    unit = sorted(books.town(POLICY).pack.units)[0]
    give_feedback("o0", Feedback(units=(unit,)), None, books, DISPATCHER, keeping.taxonomy.ids)
    assert apply(books, changes(orders, "o0")) == {"changed": 1}


def test_what_changed_since_the_preview_and_what_is_closed_stays(books, orders):
    assert apply(books, changes("noise", "o0")) == {"changed_since": 1}
    assert apply(books, changes(orders, "o3", "nobody")) == {"closed": 1, "gone": 1}
    closed_too = Batch("batch-2", POLICY, "town", "7", "f" * 64, "全部", closed_too=True)
    assert apply(books, changes(orders, "o3"), closed_too) == {"changed": 1}


def test_a_later_batch_keeps_an_earlier_one_from_being_taken_back_until_it_is_itself(books, orders):
    apply(books, changes(orders, "o0"))
    later = Batch("batch-2", POLICY, "town", "8", "e" * 64, "更新")
    apply(books, [Change("o0", FOUND, "noise", 0.8)], later)
    assert undo(books).kept == {"changed_since": ["o0"]}
    assert undo(books, "batch-2").undone == 1
    assert undo(books).undone == 1
    assert row(books, "o0").category == orders


def test_a_batch_needs_a_reason_and_a_known_id(books, orders):
    with pytest.raises(BadInput, match="why"):
        apply(books, changes(orders, "o0"), Batch("b", POLICY, "town", "7", "f" * 64, " "))
    with pytest.raises(BadInput, match="why"):
        undo(books, why="")
    with pytest.raises(NotFound):
        undo(books, "batch-none")


def test_the_command_previews_applies_what_was_previewed_and_takes_it_back(books, orders, default_folder, tmp_path):
    apply(books, changes(orders, "o0", "o1"))
    service = build(Settings(model=None, packs=None, calendar=None, parameters={}))
    database = str(books.ledger.database.url)
    asked = {"model": default_folder, "out": tmp_path / "out", "database": database, "policy": POLICY, "workers": 1}
    head = books.ledger.head()
    preview = run_asked(Asked(**asked), service, print)
    assert books.ledger.head() == head
    assert preview["applied"] is None
    assert preview["left_alone"] == {"closed": 1}
    assert preview["compared"]["categories"] == [{"from": FOUND, "to": orders, "rows": 2}]
    assert [set(change) for change in preview["compared"]["units"]] == [{"from", "to", "rows"}]
    take_in(books, "o9", "2026-03-10T08:30")
    done = run_asked(Asked(**asked, apply=True, why="更正"), service, print)
    assert (done["batch"], done["applied"]) == (preview["batch"], {"changed": 2})
    assert row(books, "o0").category == orders
    undone = run_asked(Asked(database=database, policy=POLICY, undo=done["batch"], why="误操作"), service, print)
    assert undone["undone"] == 2
    (tmp_path / "out" / "diff.csv").write_text("id,given,label,confidence,auto\no2,,noise,1,true\n")
    with pytest.raises(BadInput, match="previewed"):
        run_asked(Asked(**asked, apply=True, why="更正"), service, print)


def test_what_does_not_go_together_is_told_all_at_once(service, default_folder):
    with pytest.raises(BadInput) as fault:
        run_asked(Asked(apply=True, spark_conf=("x",)), service, print)
    assert [problem.loc[0] for problem in fault.value.problems] == [
        *("--data", "--model", "--out", "--apply", "--why", "--spark-conf")
    ]
    with pytest.raises(BadInput, match="--policy"):
        run_asked(Asked(database="sqlite:///x.db", undo="b", why="误"), service, print)


def test_a_model_of_other_labels_is_not_let_near_the_ledger(service, default_folder, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    manifest = json.loads((default_folder / "manifest.json").read_bytes())
    manifest["tasks"]["category"]["labels"] = ["other things"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    asked = Asked(model=folder, out=tmp_path / "out", database=f"sqlite:///{tmp_path}/x.db", policy=POLICY)
    with pytest.raises(BadInput, match="other things"):
        run_asked(asked, service, print)
