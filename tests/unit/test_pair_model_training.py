"""What dispatchers teach the pair model: lessons from their deeds, weights from labelled pairs, a folder to load."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.pair_figures import Said, figures
from training.pair_model import FOLDS, Beginning, fit, folds, platt, tune_pairs
from training.pairs_of_orders import Pairs, arrivals, read_orders, read_pairs, signs_of
from triage.domain.errors import BadInput, ModelFault
from triage.language.places import PlaceFinder
from triage.language.word_table import WordTable
from triage.similar.encoding.town import TownEncoder
from triage.similar.grouping.grouping import Grouping
from triage.similar.grouping.issues import Issues
from triage.similar.grouping.lessons import SIDE, lessons
from triage.similar.grouping.likeness import Likeness
from triage.similar.grouping.pair_store import read_pair_model, save_pair_model
from triage.similar.grouping.pairs import DEFAULT, PairModel
from triage.similar.signature import SignatureReader

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SIGNS = Likeness._fields
NOTHING = PairModel(dict.fromkeys(SIGNS, 0.0), bias=0.0, slope=1.0, offset=0.0)
READER = SignatureReader(PlaceFinder({"compounds": ["金浦小区", "东方佳苑", "和平花园"]}))


def issues_of(names: str) -> Issues:
    """An issue for each word, of the orders that its letters name."""
    issues = Issues()
    for word in names.split():
        _, issue = issues.add(word[0], NOON.timestamp())
        for name in word[1:]:
            issues.add(name, NOON.timestamp(), issue)
    return issues


def told(issues: Issues) -> dict[str, bool]:
    return {one.id_a + one.id_b: one.same for one in lessons(issues)}


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def encoder() -> TownEncoder:
    words = ["路灯", "坏", "噪音", "油烟", "夜间", "施工", "停水", "垃圾"]
    return TownEncoder(WordTable({word: at for at, word in enumerate(words)}, np.eye(8, 16, dtype=np.float16)))


def labelled(same: list[bool], first: list[int] | None = None, second: list[int] | None = None) -> Pairs:
    count = len(same)
    ends = (np.array(first or range(count)), np.array(second or range(count, 2 * count)))
    return Pairs(*ends, np.array(same), np.ones(count))


def signs(words: list[float], **others: float) -> np.ndarray:
    rows = np.zeros((len(words), len(SIGNS)))
    rows[:, 0] = words
    for name, value in others.items():
        rows[:, SIGNS.index(name)] = value
    return rows


# Lessons


def test_orders_of_two_issues_that_a_person_merged_are_the_same():
    issues = issues_of("ab c")
    issues.merge(1, 2, later(1), by="张")
    assert told(issues) == {"ab": True, "ac": True, "bc": True}


def test_orders_that_a_person_split_off_are_not_the_same_as_those_that_stayed():
    issues = issues_of("abcd")
    issues.split(1, ["b", "d"], later(1), by="张")
    assert told(issues) == {"ab": False, "bc": False, "ad": False, "cd": False}


def test_a_merger_that_the_grouping_did_by_itself_teaches_nothing_but_is_followed():
    issues = issues_of("a b c")
    issues.merge(1, 2, later(1))
    assert lessons(issues) == []
    issues.merge(1, 3, later(1), by="张")
    assert told(issues) == {"ab": True, "ac": True, "bc": True}


def test_what_a_person_says_later_of_a_pair_replaces_what_was_said_before():
    issues = issues_of("ab c")
    issues.merge(1, 2, later(1), by="张")
    new = issues.split(1, ["c"], later(2), by="李")
    assert told(issues) == {"ab": True, "ac": False, "bc": False}
    issues.merge(1, new, later(2), by="张")
    assert told(issues) == {"ab": True, "ac": True, "bc": True}


def test_a_later_deed_also_unsays_pairs_that_it_does_not_itself_sample():
    issues = Issues()
    for issue in (1, 2):
        for number in range(30):
            issues.add(f"{issue}-{number}", NOON.timestamp(), issue if number else 0)
    issues.merge(1, 2, later(1), by="张")
    before = {(one.id_a, one.id_b) for one in lessons(issues)}
    gone = {f"2-{number}" for number in range(15)}
    issues.split(1, gone, later(2), by="李")
    across = [(one.id_a in gone) != (one.id_b in gone) for one in lessons(issues) if one.same]
    assert any((one in gone) != (other in gone) for one, other in before)
    assert not any(across)


def test_who_came_after_a_deed_is_not_on_either_side_of_it():
    issues = issues_of("a b")
    issues.merge(1, 2, later(1), by="张")
    issues.add("z", later(5).timestamp(), 1)
    assert "z" not in "".join(told(issues))
    issues.split(1, ["b"], later(6), by="张")
    assert told(issues) == {"ab": False, "bz": False}


def test_a_deed_on_giant_issues_teaches_a_bounded_number_of_pairs_that_weigh_little_each():
    issues = Issues()
    for issue in (1, 2):
        for number in range(2_000):
            issues.add(f"{issue}-{number}", NOON.timestamp(), issue if number else 0)
    issues.merge(1, 2, later(1), by="张")
    found = lessons(issues)
    assert len(found) == SIDE * (2 * SIDE - 1)
    assert sum(one.weight for one in found) == pytest.approx(len(found) ** 0.5, rel=0.001)
    assert found == lessons(issues)


def test_of_very_many_deeds_the_latest_teach():
    issues = issues_of("a b c d e f")
    for number in (1, 3, 5):
        issues.merge(number, number + 1, later(number), by="张")
    assert [one[:3] for one in lessons(issues, most_deeds=2)] == [("c", "d", True), ("e", "f", True)]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=25))
def test_small_issues_are_taught_as_they_stand_after_the_last_deed(deeds):
    issues = issues_of("a b c d e f")
    for minute, (one, other, merges) in enumerate(deeds, start=1):
        now = issues.now()
        first, second = now[one % len(now)], now[other % len(now)]
        if merges and first != second:
            issues.merge(first, second, later(minute), by="张")
        elif not merges and len(issues.members(first)) > 1:
            issues.split(first, [issues.orders[issues.members(first)[other % 2]]], later(minute), by="张")
    for one in lessons(issues):
        together = issues.issue_of(issues.number(one.id_a)) == issues.issue_of(issues.number(one.id_b))
        assert together == one.same


# Pairs and orders


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,9,1", "row 3.id_b: '9' is not the id of an order"),
        ("8,2,1", "row 3.id_a: '8' is not the id of an order"),
        ("1,1,0", "row 3.id_b: '1' is paired with itself"),
        ("1,3,yes", "row 3.same: must be 1 or 0, not 'yes'"),
        ("2,1,0", "row 3.same: says otherwise"),
    ],
)
def test_what_is_wrong_in_a_file_of_pairs_is_named_by_row(written, row, said):
    orders = read_orders(written("o.csv", "id,text\n1,甲\n2,乙\n3,丙\n"), ["text"], no_categories)
    with pytest.raises(BadInput, match=said):
        read_pairs(written("p.csv", f"id_a,id_b,same\n1,2,1\n{row}\n"), orders)


@pytest.mark.parametrize("weight", ["-1", "0", "nan", "inf", "1e9", "much"])
def test_a_weight_is_a_number_above_nothing_and_bounded(written, weight):
    orders = read_orders(written("o.csv", "id,text\n1,甲\n2,乙\n"), ["text"], no_categories)
    with pytest.raises(BadInput, match=r"row 2\.weight: must be a number above 0"):
        read_pairs(written("p.csv", f"id_a,id_b,same,weight\n1,2,1,{weight}\n"), orders)


def test_pairs_are_in_the_order_of_arrival_and_one_said_twice_counts_once(written):
    rows = "id,text,received_at\nb,甲,2026-03-02T09:00\na,乙,2026-03-01T09:00\nc,丙,2026-03-03T09:00\n"
    orders = read_orders(written("o.csv", rows), ["text"], no_categories)
    found = read_pairs(written("p.csv", "id_a,id_b,same,weight\nb,a,1,0.5\na,b,1,2\nc,b,0,\n"), orders)
    assert [entry.order_id for entry in orders] == ["a", "b", "c"]
    assert (found.first.tolist(), found.second.tolist()) == ([0, 1], [1, 2])
    assert (found.same.tolist(), found.weight.tolist()) == ([True, False], [0.5, 1.0])


def test_signs_are_those_that_the_grouping_sees_when_the_later_order_arrives(written):
    rows = [
        "1,金浦小区夜间施工,夜里噪音大",
        "2,东方佳苑停水,停水两天",
        "3,金浦小区施工噪音,夜间施工",
        "4,金浦小区垃圾,垃圾",
    ]
    orders = read_orders(written("o.csv", "id,title,text\n" + "\n".join(rows)), ["title", "text"], no_categories)
    pairs = labelled([True, False, False], [0, 1, 2], [2, 2, 3])
    found = signs_of(pairs, arrivals(orders, READER, encoder()), Grouping(16), 16)
    grouping = Grouping(16)
    nearest = [grouping.add(signature, vector).nearest for signature, vector in arrivals(orders, READER, encoder())]
    scores = PairModel().score(Likeness(*found.astype(np.float32).T))
    for row, (first, second) in enumerate(zip(pairs.first, pairs.second, strict=True)):
        seen = {near.order: near.score for near in nearest[second]}
        assert first not in seen or seen[first] == scores[row]
    assert any(nearest)


# Fitting


def test_without_telling_pairs_the_model_stays_what_it_was():
    pairs = labelled([True, False] * 3)
    default = PairModel()
    found = fit(np.zeros((6, len(SIGNS))), pairs, default)
    assert dict(found.weights) == DEFAULT
    assert found.bias == pytest.approx(default.bias, abs=0.01)


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1))
def test_no_weight_changes_its_sign_whatever_the_pairs_say(seed):
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(60, len(SIGNS))) * 3
    found = fit(rows, labelled((chance.random(60) < 0.5).tolist()), PairModel())
    assert all(weight <= 0 if DEFAULT[name] < 0 else weight >= 0 for name, weight in found.weights.items())
    assert PairModel.from_json(found.to_json()) == found


def test_few_pairs_move_a_weight_little_and_many_move_it_much():
    found = {}
    for count in (15, 1_500):
        rows = signs([0.45] * (2 * count), gist=0.2)
        rows[:count, SIGNS.index("thing")] = 1
        rows[count:, SIGNS.index("thing")] = -1
        found[count] = fit(rows, labelled([True] * count + [False] * count), NOTHING).weights["thing"]
    assert 0 < found[15] < 0.8
    assert found[1_500] > 2 * found[15]


def test_how_many_of_the_pairs_are_the_same_does_not_move_the_threshold():
    words = np.linspace(0.1, 0.9, 60).tolist()
    rows = signs(words, gist=0.4)
    default = PairModel()
    scarce, common = (fit(rows, labelled([word > cut for word in words]), default) for cut in (0.75, 0.25))
    for found in (scarce, common):
        above = found.score(Likeness(*rows.astype(np.float32).T)) > 0
        before = default.score(Likeness(*rows.astype(np.float32).T)) > 0
        assert abs(int(above.sum()) - int(before.sum())) <= 2


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.booleans()), min_size=1, max_size=40))
def test_held_out_pairs_share_no_order_with_those_learnt_from_and_the_same_stay_together(found):
    ends = {(min(one, other), max(one, other)): same for one, other, same in found if one != other}
    if not ends:
        return
    pairs = labelled(list(ends.values()), [one for one, _ in ends], [other for _, other in ends])
    fold = folds(pairs)
    assert (fold[pairs.same, 0] == fold[pairs.same, 1]).all()
    for number in range(FOLDS):
        learnt = pairs.of((fold != number).all(axis=1))
        tested = pairs.of((fold == number).all(axis=1))
        assert not {*learnt.first, *learnt.second} & {*tested.first, *tested.second}


def test_few_pairs_told_apart_without_a_fault_promise_no_certainty():
    line = platt(np.array([3.0, 3.0, -3.0, -3.0]), labelled([True, True, False, False]))
    assert line.slope > 0
    assert 0.6 < float(line.probability(np.array([3.0]))[0]) < 0.8


def test_figures_are_those_of_weighed_pairs():
    pairs = Pairs(np.arange(3), np.arange(3, 6), np.array([True, True, False]), np.array([3.0, 1.0, 1.0]))
    said = Said(np.array([2.0, -1.0, 1.0]), np.array([0.9, 0.4, 0.6]), np.array([True, True, False]))
    found = figures(pairs, said)
    assert (found["precision"], found["recall"], found["f1"]) == (0.75, 0.75, 0.75)
    assert (found["issue_precision"], found["issue_recall"], found["issue_f1"]) == (1, 1, 1)
    assert found["ece"] == pytest.approx((0.1 * 3 + 0.6 + 0.6) / 5)


# The folder


def town(written, count=24):
    """Orders of three compounds, three of one matter each, and pairs that say so."""
    what = ["夜间施工噪音", "路灯坏了", "垃圾没人清运", "停水两天", "油烟味大"]
    rows, matters = [], []
    for number in range(count):
        compound, matter = ("金浦小区", "东方佳苑", "和平花园")[number % 3], what[number // 3 % len(what)]
        rows.append(
            f"{number},{compound}{matter},{compound}这里{matter}，请处理第{number}次,2026-03-{1 + number:02}T09:00"
        )
        matters.append((compound, matter))
    pairs = [f"{one},{other},{int(matters[one] == matters[other])}" for one, other in combinations(range(count), 2)]
    orders = written("orders.csv", "id,title,text,received_at\n" + "\n".join(rows))
    return orders, written("pairs.csv", "id_a,id_b,same\n" + "\n".join(pairs))


def no_categories(title: str, text: str) -> tuple[tuple[str, float], ...]:
    return ()


def quiet(_: str) -> None: ...


def test_the_same_files_give_the_same_folder_with_nothing_of_the_orders_in_it(written, tmp_path):
    orders, pairs = town(written)
    answers = [
        tune_pairs(
            orders, ["title", "text"], tmp_path / name, quiet, pairs=pairs, beginning=Beginning(new_encoder=encoder)
        )
        for name in ("one", "two")
    ]
    names = ["card.md", "manifest.json", "pairs.json"]
    assert answers[0] == answers[1]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == names
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)
    found = read_pair_model(tmp_path / "one")
    assert set(answers[0]["before"]) == set(answers[0]["after"])
    assert answers[0]["gain"] or found == PairModel()
    content = "".join((tmp_path / "one" / name).read_text(encoding="utf-8") for name in names)
    assert not any(word in content for word in ("金浦", "噪音", "orders.csv"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(0, 1, 1)], "has 1 pairs that are the same and 0 that are not; needs 30 and both"),
        ([(0, other, 0) for other in range(1, 24)], "has 0 pairs that are the same and 23 that are not"),
        ([(one, other, 0) for one, other in product(range(6), range(6, 24))], "has 0 pairs that are the same and 108"),
    ],
)
def test_too_few_pairs_or_pairs_all_alike_are_refused_with_their_counts(written, tmp_path, rows, said):
    orders, _ = town(written)
    pairs = written("few.csv", "id_a,id_b,same\n" + "\n".join(f"{one},{other},{same}" for one, other, same in rows))
    with pytest.raises(BadInput, match=said):
        tune_pairs(
            orders, ["title", "text"], tmp_path / "m", quiet, pairs=pairs, beginning=Beginning(new_encoder=encoder)
        )
    assert not (tmp_path / "m").exists()


def test_pairs_that_all_hang_on_one_issue_are_refused(written, tmp_path):
    orders, _ = town(written)
    rows = [f"0,{other},1" for other in range(1, 20)] + [f"{one},{other},0" for one in range(6) for other in (20, 21)]
    pairs = written("star.csv", "id_a,id_b,same\n" + "\n".join(rows))
    with pytest.raises(BadInput, match="hangs together: 19 pairs that are the same and 0 that are not"):
        tune_pairs(
            orders, ["title", "text"], tmp_path / "m", quiet, pairs=pairs, beginning=Beginning(new_encoder=encoder)
        )


def test_a_folder_with_other_files_is_not_written_to(written, tmp_path):
    orders, pairs = town(written)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notes.txt").write_text("x")
    with pytest.raises(ModelFault, match=r"holds other files \(notes\.txt\)"):
        tune_pairs(
            orders, ["title", "text"], tmp_path / "m", quiet, pairs=pairs, beginning=Beginning(new_encoder=encoder)
        )


def test_a_pair_model_is_loaded_only_where_its_digest_is_the_manifests(tmp_path):
    model = PairModel(bias=-5.0)
    save_pair_model(model, tmp_path / "m", "card", {"rows": 3})
    save_pair_model(model, tmp_path / "m", "another card", {"rows": 4})
    assert read_pair_model(tmp_path / "m") == model
    assert json.loads((tmp_path / "m" / "manifest.json").read_text())["rows"] == 4
    (tmp_path / "m" / "pairs.json").write_bytes(PairModel(bias=-4.0).to_json())
    with pytest.raises(ModelFault, match="its SHA-256 differs"):
        read_pair_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "cannot read manifest.json"),
        ("{", "cannot be read"),
        ("[1]", "must have kind 'pairs'"),
        ('{"kind": "pairs", "files": []}', "map files to digests"),
        ('{"kind": "pairs", "files": {}}', "pairs.json is not in the manifest"),
        ('{"kind": "pairs", "files": {"pairs.json": "0"}}', "cannot read pairs.json"),
    ],
)
def test_a_folder_that_is_no_pair_model_says_what_is_wrong(tmp_path, manifest, said):
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(ModelFault, match=said):
        read_pair_model(tmp_path)
