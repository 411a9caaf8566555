"""People's word on the time, on a real core."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.clock_quality import SYNCHRONISED, Kernel
from monitord.core.clock_state import Trust
from monitord.core.decision_bodies import AdoptClock
from monitord.core.model import HOUR, SECOND, ClockRead, Decision
from tests.support.seam import OFFSET, Driver, Watch, fm_site

LOST = replace(SYNCHRONISED, kernel=Kernel.NONE)


def stepped(by: int) -> Watch:
    """Return a core whose wall clock has made a step, without a source of time."""
    watch = Watch(fm_site()).hold(20)
    at = watch.driver.now + 1
    watch.driver.tick([ClockRead(at, at + OFFSET + by, LOST)], at)
    return watch


def adopt(driver: Driver, wall: int) -> Trust:
    at = driver.now + SECOND
    driver.tick([Decision(at, f"d{at}", "desk", "command", AdoptClock(wall))], at)
    return driver.situation.durable.clock.trust


def test_a_step_is_disputed_and_keeps_the_time_in_use() -> None:
    """Neither of two times is trusted alone; the other one is kept as a rival."""
    durable = stepped(3 * HOUR).driver.situation.durable
    assert durable.clock.trust is Trust.DISPUTED
    assert durable.clock_offset == OFFSET
    assert durable.clock.eras[-1].rivals == [OFFSET + 3 * HOUR]
    assert durable.clock.alarm == "disputed"


def test_a_person_ends_a_dispute() -> None:
    """The time that the person states counts, and the alarm is over."""
    driver = stepped(3 * HOUR).driver
    assert adopt(driver, driver.now + OFFSET + 3 * HOUR) is Trust.TRUSTED
    durable = driver.situation.durable
    assert durable.clock_offset == OFFSET + 3 * HOUR - SECOND
    assert durable.clock.alarm == ""
    assert "/clock_untrusted" not in durable.outages


def test_a_person_s_time_before_the_last_known_one_is_refused() -> None:
    """A slip of the person changes nothing."""
    driver = stepped(3 * HOUR).driver
    assert adopt(driver, driver.now + OFFSET - HOUR) is Trust.DISPUTED
    (answered,) = driver.situation.durable.decisions.values()
    assert answered.why == "time_before_mark"


def test_an_unsynchronised_clock_that_goes_on_as_before_is_no_news() -> None:
    """Only a change of its offset is: the same rival is recorded once."""
    driver = stepped(3 * HOUR).driver
    before = len(driver.events)
    for _ in range(5):
        at = driver.now + 10 * SECOND
        driver.tick([ClockRead(at, at + OFFSET + 3 * HOUR, LOST)], at)
    assert [e.kind for e in driver.events[before:] if e.kind == "clock_turned"] == []
