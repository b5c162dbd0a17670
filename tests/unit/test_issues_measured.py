"""What the grouping is measured by: labels, best match, pairs, callers, mixed places; and the generated stream."""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.issues import metrics
from benchmarks.issues.labels import PARTS, READERS, Pair, read_issues, read_matters, read_pairs
from benchmarks.issues.quality import f1_means, truths
from benchmarks.issues.stream import APART, Stream, profile, signature_of, text_of, title_of
from benchmarks.issues.system import group
from benchmarks.issues.vocabulary import Vocabulary

WORDS = Vocabulary(tuple(f"词{chr(0x4E00 + at)}" for at in range(3_000)), tuple(f"地{at}小区" for at in range(500)))


def _drafts(count, seed=0):
    return list(islice(Stream(WORDS, seed), count))


def test_labels_are_ids_and_numbers_and_no_words():
    for reader in READERS:
        both = [read_issues(reader, part) for part in PARTS]
        assert not both[0].keys() & both[1].keys()
        assert not set(both[0].values()) & set(both[1].values())
        found = both[0] | both[1]
        assert all(id_.isdigit() and issue.isdigit() for id_, issue in found.items())
        assert min(Counter(found.values()).values()) >= 3
    assert all(id_.isdigit() and matter.replace("-", "").isdigit() for id_, matter in read_matters().items())


def test_what_two_readers_found_of_one_matter_is_on_one_side():
    assert not read_issues("a", "dev").keys() & read_issues("b", "held").keys()
    assert not read_issues("b", "dev").keys() & read_issues("a", "held").keys()


def test_the_labelled_pairs_are_of_three_strata():
    pairs = read_pairs()
    assert Counter(pair.stratum for pair in pairs) == {"nearest": 255, "near": 47, "same_name": 60}
    assert Counter(pair.same for pair in pairs) == {True: 228, False: 132, None: 2}
    assert all(pair.one.isdigit() and pair.other.isdigit() and pair.one != pair.other for pair in pairs)


def test_callers_have_running_numbers_and_two_messages_at_least():
    callers = Counter(matter.partition("-")[0] for matter in read_matters().values())
    assert set(callers) == {str(number) for number in range(1, 151)}
    assert min(callers.values()) == 2


def test_an_issue_met_exactly_has_an_f1_of_one_and_a_scattered_one_that_of_its_best_part():
    groups = {"1": "a", "2": "a", "3": "a", "4": "b", "5": "c", "6": "d"}
    found = metrics.best_matches(groups, {"1": "x", "2": "x", "3": "x", "4": "y", "5": "y", "6": "y"})
    assert found == [(3, 1.0), (3, pytest.approx(2 / 4))]


def test_messages_that_no_reader_named_count_against_a_group():
    groups = dict.fromkeys("123456789", 0)
    assert metrics.best_matches(groups, {"1": "x", "2": "x", "3": "x"}) == [(3, pytest.approx(6 / 12))]


def test_the_mean_is_over_issues_and_by_their_sizes():
    matches = [metrics.Match(3, 1.0), metrics.Match(5, 0.5), metrics.Match(12, 0.75)]
    assert metrics.f1_by_size(matches) == {
        "all": {"issues": 3, "f1": 0.75},
        "3": {"issues": 1, "f1": 1.0},
        "4-5": {"issues": 1, "f1": 0.5},
        "10+": {"issues": 1, "f1": 0.75},
    }


@given(st.dictionaries(st.text("0123456789", min_size=1), st.sampled_from("abc"), min_size=1))
def test_the_issues_themselves_as_groups_are_right_in_everything(issues):
    assert all(match.f1 == 1 for match in metrics.best_matches(issues, issues))
    assert metrics.agreement(issues, issues)["f1_in_both"] == 1


def test_precision_is_of_the_joined_pairs_and_unclear_ones_do_not_count():
    pairs = [
        Pair("1", "2", "near", True),
        Pair("1", "3", "near", False),
        Pair("4", "5", "near", True),
        Pair("4", "6", "near", False),
        Pair("1", "4", "near", None),
    ]
    figures = metrics.pair_figures({"1": 0, "2": 0, "3": 0, "4": 1, "5": 2, "6": 3}, pairs)
    assert (figures["pairs"], figures["same"], figures["joined"], figures["right"]) == (4, 2, 2, 1)
    assert (figures["precision"], figures["recall"]) == (0.5, 0.5)


def test_the_interval_is_clopper_and_pearsons():
    assert metrics.interval(10, 10) == [pytest.approx(0.025 ** (1 / 10), abs=1e-4), 1]
    assert metrics.interval(0, 0) == [0, 1]


def test_a_caller_is_all_right_where_every_pair_is():
    matters = {"1": "1-1", "2": "1-1", "3": "1-2", "4": "2-1", "5": "2-2"}
    figures = metrics.caller_figures({"1": 0, "2": 0, "3": 9, "4": 5, "5": 5}, matters)
    assert (figures["callers"], figures["all_right"], figures["share_all_right"]) == (2, 1, 0.5)
    assert (figures["pairs"], figures["precision"], figures["recall"]) == (4, 0.5, 1.0)


def test_a_group_mixes_places_where_two_titles_name_districts_and_none_in_common():
    titles = {"1": "A1区路灯", "2": "路灯坏了", "3": "A1区和B2县交界处", "4": "B2县路灯", "5": "C1市停水"}
    assert metrics.mixing({"1": 0, "2": 0, "3": 0, "5": 1}, titles) == {"groups": 1, "mixing_places": 0}
    assert metrics.mixing({"1": 0, "3": 0, "4": 0}, titles) == {"groups": 1, "mixing_places": 1}


def test_readers_agree_on_what_both_have_though_one_found_more():
    one = {"1": "x", "2": "x", "3": "x", "7": "z", "8": "z", "9": "z"}
    assert metrics.agreement(one, {"1": "p", "2": "p", "3": "p"}) == {
        "issues": 2,
        "f1": 0.75,
        "in_both": 1,
        "f1_in_both": 1.0,
    }


def test_the_same_seed_gives_the_same_stream_and_another_one_another():
    assert _drafts(300) == _drafts(300)
    assert _drafts(300) != _drafts(300, seed=1)


def test_generated_orders_come_one_after_the_other_under_ids_of_their_own():
    drafts = _drafts(400)
    assert len({draft.order_id for draft in drafts}) == 400
    assert all(later.received_at - draft.received_at == APART for draft, later in pairwise(drafts))


def test_the_generated_stream_has_the_lengths_and_the_callers_of_the_real_one():
    found = profile(_drafts(2_000))
    assert found["text_25%"] == pytest.approx(114, rel=0.15)
    assert found["text_50%"] == pytest.approx(203, rel=0.15)
    assert found["text_75%"] == pytest.approx(399, rel=0.15)
    assert found["callers_with_several"] == pytest.approx(532 / 3_332, abs=0.06)


def test_issues_of_three_and_more_come_over_hours_and_over_weeks():
    drafts = _drafts(8_000)
    sizes = Counter(draft.matter for draft in drafts)
    several = [draft for draft in drafts if sizes[draft.matter] >= 3]
    assert 0.08 < len(several) / len(drafts) < 0.25
    after = [draft.number - draft.matter for draft in several if draft.number > draft.matter]
    assert min(after) < 100
    assert max(after) > 5_000


def test_the_direct_signature_has_the_words_of_the_written_order():
    draft = next(draft for draft in _drafts(200) if draft.place and draft.body)
    signature = signature_of(draft)
    assert signature.gist == title_of(draft)
    assert draft.place in signature.places
    assert all(word in text_of(draft) for word in draft.body)
    assert signature.terms[draft.gist[0]] >= 2


@pytest.mark.real_messages
def test_real_messages_are_grouped_as_well_as_the_page_says():
    folder = Path(os.environ.get("TRIAGE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    path = folder / "messages_stream.csv"
    if not path.exists():
        pytest.skip(f"no real messages at {folder}; set TRIAGE_DATA to their folder")
    groups, _ = group(path)
    f1 = f1_means(groups, truths(folder, PARTS[:1]))
    # Floors a little under what docs/benchmarks.md reports; the aim for pairs, 0.95, is not reached.
    assert f1["dev_a"] >= 0.82
    assert f1["dev_b"] >= 0.81
    assert f1["issues_dev"] >= 0.95
    assert metrics.pair_figures(groups, read_pairs())["precision"] >= 0.86
