"""How long a silent device is left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import HOUR, SECOND
from monitord.polling.backoff import RETRY_INTERVAL_MAX, retry_interval


def schedule(every: int, until: int) -> list[int]:
    """Return when a dead device is asked, in microseconds since its first silence."""
    asked = [0]
    while asked[-1] < until:
        ended = asked[-1] + every // 2
        asked.append(asked[-1] + retry_interval(len(asked), ended, every))
    return asked


def test_lost_datagrams_change_nothing() -> None:
    """A device that is silent twice in a row is asked in every slot still."""
    assert schedule(SECOND, 3 * SECOND)[:4] == [0, SECOND, 2 * SECOND, 3 * SECOND]


def test_the_dead_are_asked_less_and_less_down_to_twice_a_minute() -> None:
    """Evenly with the silence: after eight seconds every second slot, after two minutes 30 s."""
    asked = [at // SECOND for at in schedule(SECOND, 400 * SECOND)]
    assert asked[:14] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22]
    assert asked[-1] - asked[-2] == 30


@given(st.integers(1, 10_000), st.integers(0, 10 * HOUR), st.integers(100_000, HOUR))
def test_it_is_whole_slots_and_bounded(silences: int, silent_for: int, every: int) -> None:
    """Never below a slot, never over half a minute, nor a quarter of the silence, nor between."""
    wait = retry_interval(silences, silent_for, every)
    assert wait % every == 0
    assert every <= wait <= max(every, min(RETRY_INTERVAL_MAX, silent_for // 4))
