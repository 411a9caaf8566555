"""How long a silent device is left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import HOUR
from monitord.polling.backoff import RETRY_INTERVAL_MAX, retry_interval


@given(st.integers(1, 10_000), st.integers(0, 10 * HOUR), st.integers(100_000, HOUR))
def test_it_is_whole_slots_and_bounded(silences: int, silent_for: int, every: int) -> None:
    """Never below a slot, never over half a minute, nor a quarter of the silence, nor between."""
    wait = retry_interval(silences, silent_for, every)
    assert wait % every == 0
    assert every <= wait <= max(every, min(RETRY_INTERVAL_MAX, silent_for // 4))
