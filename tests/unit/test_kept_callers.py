"""What an erased caller is called from then on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.desk.callers import stranger


@given(st.binary(min_size=15, max_size=15), st.binary(min_size=15, max_size=15))
def test_two_strangers_are_the_same_only_where_chance_is(one, other):
    first, second = stranger(lambda _size: one), stranger(lambda _size: other)
    assert (first == second) == (one == other)
    assert first.startswith("x-") and first.isascii() and first == first.lower()
