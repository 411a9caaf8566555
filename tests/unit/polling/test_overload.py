"""Devices that slow down or restart after monitord began to ask them."""

from __future__ import annotations

import pytest

from monitord.core.model import MINUTE, SECOND
from monitord.polling.overload import BASELINE_ANSWERS, ResponseTime, RestartDetector

T0 = 1_000 * SECOND
MS = 1_000


def fed(*times: tuple[int, int]) -> tuple[ResponseTime, list[int]]:
    """Return the response time after ``(count, microseconds)`` answers, and where it began."""
    response_time, began, number = ResponseTime(), [], 0
    for count, took in times:
        for _ in range(count):
            if response_time.record(took):
                began.append(number)
            number += 1
    return response_time, began


@pytest.mark.parametrize(
    ("times", "is_slow", "reports"),
    [
        pytest.param([(BASELINE_ANSWERS, 20 * MS), (50, 400 * MS)], True, 1, id="slows"),
        pytest.param(
            [(BASELINE_ANSWERS, 20 * MS), (1, 700 * MS), (20, 20 * MS)], False, 0, id="late-once"
        ),
        pytest.param(
            [(BASELINE_ANSWERS, 500 * MS), (100, 600 * MS)], False, 0, id="slow-from-the-start"
        ),
        pytest.param(
            [(BASELINE_ANSWERS, 20 * MS), (50, 400 * MS), (80, 25 * MS)], False, 1, id="well-again"
        ),
    ],
)
def test_a_device_that_takes_many_times_as_long_as_at_first_is_slow(
    times: list[tuple[int, int]], is_slow: bool, reports: int
) -> None:
    """It is measured against its own beginning, and reported once, after some slow answers."""
    response_time, began = fed(*times)
    assert (response_time.is_slow, len(began)) == (is_slow, reports)
    assert all(BASELINE_ANSWERS + 1 < at < BASELINE_ANSWERS + 10 for at in began)


def test_an_uptime_that_goes_back_is_a_restart() -> None:
    """The device is spared for a minute, after the second restart for two."""
    uptime = RestartDetector(1)
    assert not uptime.record((None, 500), T0)
    assert not uptime.record((None, 501), T0 + SECOND)
    assert uptime.record((None, 2), T0 + 2 * SECOND)
    assert uptime.is_spared(T0 + 61 * SECOND)
    assert not uptime.is_spared(T0 + 62 * SECOND)
    assert uptime.record((None, 1), T0 + 2 * MINUTE)
    assert uptime.is_spared(T0 + 4 * MINUTE - 1)


@pytest.mark.parametrize("before", [42_949_672, 42_949_665.5])
def test_the_wrap_of_hundredths_is_no_restart(before: float) -> None:
    """497 days in 32 bits."""
    uptime = RestartDetector(0)
    uptime.record((before,), T0)
    assert not uptime.record((3,), T0 + SECOND)


def test_an_absent_uptime_says_nothing() -> None:
    """Nor does a device without one."""
    uptime = RestartDetector(0)
    uptime.record((500,), T0)
    assert not uptime.record((None,), T0 + SECOND)
    assert uptime.record((3,), T0 + 2 * SECOND)
    assert not RestartDetector(None).record((5,), T0)


@pytest.mark.parametrize("after", [500, 499, 495])
def test_an_uptime_that_does_not_move_or_goes_back_a_little_is_no_restart(after: int) -> None:
    """Some devices never move it; the clock of others jitters."""
    uptime = RestartDetector(0)
    uptime.record((500,), T0)
    assert not uptime.record((after,), T0 + MINUTE)
    assert not uptime.is_spared(T0 + MINUTE)
