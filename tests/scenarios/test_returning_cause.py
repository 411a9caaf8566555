"""A further cause that comes and goes while its programme is off: few messages, the last one right.

Times count from 02:00:00.
"""

from __future__ import annotations

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import DEVICES, MUX, SOUND, TX, one
from tests.support.seam import Site

EVERY = 80


def flapping(site: Site, turns: int) -> DutyLog:
    """Let the studio fall, and the multiplexer be bad and good for 40 s each, so many times."""
    log = DutyLog(site, begins="02:00:00", answers=SECOND).then("02:01:40", studio="silent")
    for number in range(turns):
        at = 200 + number * EVERY
        log.then(clock(at), mux="dead").then(clock(at + 40), mux="good")
    return log


def clock(second: int) -> str:
    """Return the time of the clock of a second of the story."""
    return f"{2 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def test_a_cause_that_comes_and_goes_is_reported_twice_and_then_as_it_stays() -> None:
    """The third time in ten minutes keeps the incident; it closes after ten minutes without."""
    log = flapping(one(), 45)
    log.expect(
        "03:20:00",
        """
        02:01:43 duty opened studio/sound p1 3
        02:03:23 duty also mux/services p1 103
        02:04:30 duty continued mux/services p1 170
        02:04:43 duty also mux/services p1 183
        02:05:50 duty continued mux/services p1 250
        02:06:03 duty also mux/services p1 263
        03:12:40 duty continued mux/services p1 4260
        """,
    )


def test_a_cause_that_came_and_went_and_stays_is_reported_once_it_stays_longer() -> None:
    """It may have ended by itself like the times before: then it is news again."""
    log = flapping(one(), 44).then(clock(200 + 44 * EVERY), mux="dead")
    log.expect(
        "04:20:00",
        """
        02:01:43 duty opened studio/sound p1 3
        02:03:23 duty also mux/services p1 103
        02:04:30 duty continued mux/services p1 170
        02:04:43 duty also mux/services p1 183
        02:05:50 duty continued mux/services p1 250
        02:06:03 duty also mux/services p1 263
        03:02:43 duty also mux/services p1 3663
        """,
    )
    assert len(log.driver.situation.durable.incidents) == 2


def test_a_restart_forgets_no_time_of_a_cause_that_comes_and_goes() -> None:
    """The times are facts of the record."""
    log = flapping(one(), 2).until("02:05:55").power_cut("02:06:00")
    log.then("02:06:02", mux="dead").then("02:06:42", mux="good").until("02:12:00")
    told = [m.told for m in log.messages() if m.place == "mux/services"]
    assert told == ["also", "continued", "also", "continued", "also"]


def test_a_programme_that_a_cause_left_and_holds_again_is_reported_again() -> None:
    """It was reported as left while another one stayed; then it is news as a later fall is."""
    chains = "\n".join(
        f"tv{n}: {{name: {n}套, rank: {n}, chain: [{SOUND}, {MUX.replace('s1', f's{n}')}, {TX}]}}"
        for n in (1, 5)
    )
    log = DutyLog(station(DEVICES, chains), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", studio="silent").then("02:02:00", mux="dead")
    log.then("02:03:00", mux="s5_lost").then("02:05:00", mux="dead")
    log.expect(
        "02:10:00",
        """
        02:01:43 duty opened studio/sound tv1 3, tv5 3
        02:02:03 duty also mux/services tv1 23, tv5 23
        02:03:30 duty partly mux/services tv1 110 continued, tv5 110
        02:06:03..02:06:04 duty also mux/services tv1 263, tv5 263
        """,
    )
