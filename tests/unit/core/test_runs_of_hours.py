"""A run of hours reaches to the moments at which something else is expected, years away too."""

from __future__ import annotations

import pytest

from monitord.core.calendar_values import EVERY_DAY, Hours
from monitord.core.hours import DAY, HoursSince
from monitord.core.model import HOUR, Expected
from tests.support.calendars import UTC

ON, CLOSED = Expected.ON, Expected.CLOSED
WINDOW = 16 * DAY
FAR = 100 * WINDOW


def runs(hours: Hours, *moments: int, ahead: int = 0) -> list[tuple[int, int, Expected]]:
    """Return the runs around these moments, each asked of a calendar that found nothing yet.

    ``ahead``: by how much local time is ahead of UTC.
    """
    offsets = ((0, ahead),)
    return [HoursSince(0, hours, offsets).run_at(moment, 0, FAR) for moment in moments]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (3 * WINDOW + DAY, 3 * WINDOW + 2 * DAY),
        (3 * WINDOW, 3 * WINDOW + DAY),
        (3 * WINDOW - DAY, 3 * WINDOW),
        (3 * WINDOW - DAY, 5 * WINDOW + DAY),
        (3 * WINDOW - 4 * HOUR, 3 * WINDOW),
        (3 * WINDOW, 3 * WINDOW + 4 * HOUR),
        (3 * WINDOW - 4 * HOUR, 3 * WINDOW - 3 * HOUR),
        (3 * WINDOW + 3 * HOUR, 3 * WINDOW + 4 * HOUR),
    ],
)
@pytest.mark.parametrize("slots", [(), ((EVERY_DAY, 0, DAY),)])
@pytest.mark.parametrize("ahead_h", [-12, -8, 0, 8, 14])
def test_a_dated_exception_bounds_the_runs_beside_it(
    begin: int, end: int, slots: tuple[tuple[int, int, int], ...], ahead_h: int
) -> None:
    """Years of the same on both sides are one run each, also where it is at an edge of 16 days."""
    ahead = ahead_h * HOUR
    usual, other = (ON, CLOSED) if slots else (CLOSED, ON)
    hours = Hours(slots, ((begin + ahead, end + ahead, other),))
    moments = (HOUR, begin - 1, begin, end - 1, end, 50 * WINDOW, FAR - 1)
    before, inside, behind = (0, begin, usual), (begin, end, other), (end, FAR, usual)
    expected = [before, before, inside, inside, behind, behind, behind]
    assert runs(hours, *moments, ahead=ahead) == expected


def test_two_exceptions_bound_the_years_between_them() -> None:
    """Asked near either, or in the middle."""
    first, second = (WINDOW, WINDOW + DAY, ON), (40 * WINDOW, 40 * WINDOW + DAY, ON)
    between = (WINDOW + DAY, 40 * WINDOW, CLOSED)
    hours = Hours((), (first, second))
    assert runs(hours, WINDOW + DAY, 20 * WINDOW, 40 * WINDOW - 1) == [between] * 3


def test_a_slot_over_an_edge_of_sixteen_days_is_one_run() -> None:
    """From ten in the evening to two in the morning, each day."""
    hours = Hours(((EVERY_DAY, 22 * HOUR, 26 * HOUR),))
    over = (WINDOW - 2 * HOUR, WINDOW + 2 * HOUR, ON)
    assert runs(hours, WINDOW - 1, WINDOW, WINDOW + HOUR) == [over] * 3


def test_what_is_asked_again_is_not_found_again() -> None:
    """Every piece and every second asks: within the run that was found last nothing is searched."""
    hours = HoursSince(0, Hours(((EVERY_DAY, 6 * HOUR, 8 * HOUR),)), UTC)
    found = hours.run_at(6 * HOUR, 0, FAR)
    assert hours.run_at(8 * HOUR - 1, 0, FAR) is found
    assert hours.run_at(8 * HOUR, 0, FAR) == (8 * HOUR, DAY + 6 * HOUR, CLOSED)
    assert hours.run_at(6 * HOUR, 7 * HOUR, FAR) == (7 * HOUR, 8 * HOUR, ON), "cut elsewhere"


@pytest.mark.parametrize(
    "slots",
    [
        ((EVERY_DAY, 0, DAY),),
        ((EVERY_DAY, 6 * HOUR, 30 * HOUR),),
        ((EVERY_DAY, 0, 12 * HOUR), (EVERY_DAY, 12 * HOUR, DAY)),
        ((EVERY_DAY, 20 * HOUR, 40 * HOUR), (EVERY_DAY, 15 * HOUR, 21 * HOUR)),
    ],
)
def test_slots_of_every_moment_of_a_week_are_one_run_however_far(
    slots: tuple[tuple[int, int, int], ...],
) -> None:
    """Found at once: no day of a thousand centuries is looked at."""
    end = 10**7 * WINDOW
    assert HoursSince(0, Hours(slots), UTC).run_at(HOUR, 0, end) == (0, end, ON)


class Searched(HoursSince):
    """Hours that count how often they look into sixteen days."""

    looked = 0

    def _in_window(self, wall: int) -> tuple[int, int, Expected]:
        self.looked += 1
        return super()._in_window(wall)


@pytest.mark.parametrize("slots", [(), ((EVERY_DAY, 0, DAY),)])
@pytest.mark.parametrize("place", [3, 997])
def test_years_beside_a_dated_exception_are_passed_over_at_once(
    slots: tuple[tuple[int, int, int], ...], place: int
) -> None:
    """The search looks at the sixteen days around it and around the moment, and at no others."""
    usual, other = (ON, CLOSED) if slots else (CLOSED, ON)
    begin, end, far = place * WINDOW + DAY, place * WINDOW + 2 * DAY, 1_000 * WINDOW
    for moment, expected in ((HOUR, (0, begin, usual)), (far - 1, (end, far, usual))):
        hours = Searched(0, Hours(slots, ((begin, end, other),)), UTC)
        assert hours.run_at(moment, 0, far) == expected
        assert 0 < hours.looked < 8


def test_slots_that_leave_one_microsecond_of_a_day_are_not_one_run() -> None:
    """Each day has its own."""
    hours = HoursSince(0, Hours(((EVERY_DAY, 6 * HOUR, 30 * HOUR - 1),)), UTC)
    assert hours.run_at(7 * HOUR, 0, FAR) == (6 * HOUR, 30 * HOUR - 1, ON)
