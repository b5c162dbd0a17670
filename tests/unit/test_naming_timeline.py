"""The course of an issue in a few dated lines."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from triage.similar.naming.timeline import timeline_of
from triage.similar.naming.told import Told, instant

EARLIEST = datetime(1, 1, 1)
START = datetime(2026, 3, 2, 9, 0)


def order(number, days, caller=None):
    return Told(f"{number:05d}", START + timedelta(days=days), "", "", caller)


def lines(told, limit=8):
    return [moment.text for moment in timeline_of(told, limit)]


def test_one_order_is_the_first_and_nothing_more():
    assert lines([order(1, 0)]) == ["2026年3月2日 首次反映"]


def test_callers_are_counted_once_each_and_unknown_ones_not():
    told = [order(n, 3 * n, caller) for n, caller in enumerate(["a", "a", None, "b", "", "c"])]
    assert lines(told)[-1] == "2026年3月17日 第3位来电人反映，最近一次反映，累计 6 件"


def test_the_fullest_week_is_told():
    told = [order(n, 40 * n, "a") for n in range(4)] + [order(10 + n, 60 + n / 2, "a") for n in range(12)]
    assert any(line.endswith("一周内 12 件") for line in lines(told))


def test_a_full_day_is_told_as_a_day():
    told = [order(n, 60 * n, "a") for n in range(3)] + [order(10 + n, 61 + n / 100, "a") for n in range(9)]
    assert any("2026年5月2日 当日 9 件" in line for line in lines(told))


def test_a_steady_stream_has_no_rise():
    assert not any("内" in line or "当日" in line for line in lines([order(n, n, "a") for n in range(60)]))


def test_the_longest_silence_is_told_where_it_ends():
    told = [order(1, 0), order(2, 5), order(3, 100), order(4, 140)]
    assert lines(told)[1] == "2026年6月10日 沉寂 95 天后再次反映"


def test_the_first_and_the_latest_stay_where_there_is_little_room():
    told = [order(n, n * 3, f"caller {n}") for n in range(60)]
    assert [moment.at for moment in timeline_of(told, 2)] == [told[0].received_at, told[-1].received_at]
    assert timeline_of(told, 0) == timeline_of([]) == ()


def test_times_with_and_without_an_offset_may_meet():
    shanghai = timezone(timedelta(hours=8))
    told = [
        Told("1", datetime(2026, 3, 2, 9, tzinfo=shanghai), "", ""),
        Told("2", datetime(2026, 3, 2, 2), "", ""),
        Told("3", datetime(2026, 3, 2, 3, tzinfo=UTC), "", ""),
        Told("4", EARLIEST, "", ""),
        Told("5", datetime(9999, 12, 31), "", ""),
    ]
    assert timeline_of(told)[0].at == EARLIEST


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 400), st.sampled_from(["a", "b", "c", "d", None])), max_size=30
    ),
    st.integers(0, 10),
    st.randoms(use_true_random=False),
)
def test_moments_are_few_sorted_and_those_of_orders_in_whatever_order_they_are_listed(rows, limit, random):
    told = [order(number, days, caller) for number, days, caller in rows]
    moments = timeline_of(told, limit)
    assert len(moments) <= limit
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert {moment.at for moment in moments} <= {one.received_at for one in told}
    random.shuffle(told)
    assert timeline_of(told, limit) == moments
    assert all(instant(one).tzinfo for one in told)
