"""What an encoder is tuned on: which rows belong together, which side they are on, and what never stands in a batch."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.encoder import best_match_f1, body_figures, main
from training.encoder_figures import TableRows, figures, moved
from training.pairs_of_texts import batches, grouped, read_rows, split, title_pairs
from triage.domain.errors import BadInput

groups = st.lists(st.integers(0, 12), min_size=1, max_size=80)


def test_a_row_needs_a_title_and_a_body_and_nothing_personal_is_left_of_it(written):
    content = "id,title,text\n1,路灯坏了,我叫张建国，电话13812345678，灯坏了\n2,,没有标题\n3,油烟,\n4,噪音,夜里吵\n"
    rows = read_rows(written("a.csv", content), ["title", "text"])
    assert rows.titles == ["路灯坏了", "噪音"]
    assert not any(part in "".join(rows.bodies) for part in ("张建国", "138", "[", "电话]"))
    assert rows.issues == ["", ""]


def test_near_copies_and_rows_of_one_issue_are_one_group(written):
    content = "id,title,text\n1,路灯坏了3天,甲\n2,路灯坏了 5天,乙\n3,油烟,丙\n4,烟味大,丁\n5,噪音,丁！\n6,停水,戊\n"
    issues = written("i.csv", "id,issue_id\n3,a\n4,a\n99,b\n")
    rows = read_rows(written("a.csv", content), ["title", "text"], issues)
    assert rows.groups.tolist() == [0, 0, 1, 1, 1, 2]
    assert rows.issues == ["", "", "a", "a", "", ""]


@pytest.mark.parametrize(
    ("text", "issues", "said"),
    [
        (["title"], None, "needs two columns, title and body"),
        (["title", "body"], None, "no column 'body'"),
        (["title", "text"], "id,issue_id\n9,a\n", "none of its ids is in"),
        (["title", "text"], "id,other\n1,a\n", "no column 'issue_id'"),
    ],
)
def test_what_cannot_be_paired_is_named(written, text, issues, said):
    data = written("a.csv", "id,title,text\n1,路灯,坏了\n")
    with pytest.raises(BadInput, match=said):
        read_rows(data, text, written("i.csv", issues) if issues else None)


@given(groups, st.integers(0, 5))
def test_a_group_is_on_one_side_and_every_row_on_one(numbers, seed):
    every = grouped(numbers)
    sides = split(every, np.random.default_rng(seed))
    parts = [sides.learn.tolist(), sides.stop.tolist(), sides.test.tolist()]
    assert sorted(chain.from_iterable(parts)) == list(range(len(numbers)))
    assert sum(len({int(every[at]) for at in part}) for part in parts) == len(set(numbers))


@given(groups, st.integers(1, 9))
def test_no_batch_holds_a_group_twice_or_more_than_its_size(numbers, size):
    found = list(batches(numbers, size))
    flat = sorted(chain.from_iterable(found))
    assert len(flat) == len(set(flat))
    for batch in found:
        assert 1 < len(batch) <= size
        assert len({numbers[at] for at in batch}) == len(batch)


def test_rows_that_are_all_different_are_all_in_a_batch():
    assert sorted(chain.from_iterable(batches(range(10), 4))) == list(range(10))


def test_an_issue_gives_as_many_pairs_as_it_has_rows_and_none_with_another():
    issues = ["a", "", "b", "a", "a", "c", ""]
    pairs = title_pairs(issues, np.arange(7), np.random.default_rng(0))
    assert sorted({at for pair in pairs for at in pair}) == [0, 3, 4]
    assert len(pairs) == 3


def test_the_figures_are_those_of_titles_that_find_their_body_and_their_issue():
    vectors = np.eye(4, dtype=np.float32)
    rows = TableRows([[0], [1], [2], [2]], [[0], [2], [1], [2]], ["", "", "a", "a"], np.array([0, 1, 2, 2]))
    found = figures(vectors, rows, np.arange(4))
    assert found == {"recall@1": 0.75, "recall@10": 1.0, "mrr": 0.875, "issue_pairs_average_precision": 1.0}


def test_what_moved_is_counted_with_how_far():
    before = np.array([[1, 0], [0, 1], [3, 0]], dtype=np.float32)
    after = np.array([[1, 0], [0, 2], [0, 3]], dtype=np.float32)
    assert moved(before, after) == {"rows": 2, "median_cosine": 0.5}
    assert moved(before, before) == {"rows": 0, "median_cosine": 1.0}


# --- the benchmark -----------------------------------------------------------------------------------------


def test_an_issue_counts_with_the_one_group_that_fits_it_best():
    assert best_match_f1([1, 1, 2, 3], ["a", "a", "a", "b"]) == pytest.approx((0.8 + 1) / 2)
    assert best_match_f1([1, 1, 1, 1], ["a", "a", "", ""]) == pytest.approx(2 / 3)


def test_a_title_is_looked_for_among_all_bodies():
    titles = np.eye(3, dtype=np.float32)
    assert body_figures(titles, titles[[0, 2, 1]]) == {"recall@1": 0.3333, "recall@10": 1.0, "mrr": 0.6667}


def test_without_messages_it_says_so_and_measures_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    assert main([]) == 0
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("skipped: no messages at ")
