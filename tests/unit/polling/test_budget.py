"""The one budget of burst polls."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import SECOND
from monitord.polling.burst import Budget


@given(st.integers(0, 20), st.lists(st.integers(0, SECOND), max_size=200))
def test_no_second_ever_holds_more_than_the_budget(limit: int, gaps: list[int]) -> None:
    """Wherever that second begins."""
    budget, now, spent = Budget(limit), 0, []
    for gap in gaps:
        now += gap
        if budget.spend(now):
            spent.append(now)
    for at in spent:
        assert sum(at <= other < at + SECOND for other in spent) <= limit


@given(st.integers(1, 5), st.lists(st.integers(0, SECOND), max_size=50))
def test_it_says_rightly_when_there_is_more(limit: int, gaps: list[int]) -> None:
    """At that moment one can be spent, and a microsecond before none could."""
    budget, now = Budget(limit), 0
    for gap in gaps:
        now += gap
        free = budget.free_at(now)
        if free > now:
            assert not budget.spend(free - 1)
        assert budget.spend(free)
        now = free
