"""One rule for what a running time proves: it ran on, it began again, or nothing."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from monitord.decoding.restarts import ran_on

FULL = 2**32 * 10_000
HOUR = 3600


@pytest.mark.parametrize(
    ("last", "new", "elapsed", "expected"),
    [
        pytest.param(1000, 1005, 5, True, id="runs-on"),
        pytest.param(1000, 1000, 5, None, id="does-not-move"),
        pytest.param(1000, 1000, 100 * HOUR, None, id="does-not-move-for-days"),
        pytest.param(0, 0, HOUR, None, id="is-always-zero"),
        pytest.param(1000, 3, 5, False, id="began-again"),
        pytest.param(2, 7, HOUR, False, id="began-again-above-the-last"),
        pytest.param(1000, 1000 + HOUR - 45, HOUR, True, id="loses-1-percent"),
        pytest.param(1000, HOUR - 50, HOUR, False, id="began-soon-after-the-last"),
        pytest.param(10**6, 10**6 + 60, 120, None, id="moves-once-a-minute"),
        pytest.param(10**6, 5 * 10**5, 10, None, id="was-set-back"),
        pytest.param(1000, 998, 1, None, id="jitters"),
        pytest.param(1000, 9000, 1, True, id="jumps-ahead"),
        pytest.param(42_949_670, 4, 7, True, id="wraps"),
        pytest.param(42_949_000, 4, 7, False, id="began-again-before-the-wrap"),
    ],
)
def test_a_running_time_proves(last: int, new: int, elapsed: int, expected: bool | None) -> None:
    """Behind by 10 s and 1 %, and small enough to have begun since: only that is a restart."""
    assert ran_on(last * SECOND, new * SECOND, elapsed * SECOND, FULL) is expected
