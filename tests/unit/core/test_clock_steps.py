"""People's word on the time, on a real core."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from monitord.core.calendar import wall_at
from monitord.core.clock_quality import SYNCHRONISED, Kernel
from monitord.core.clock_state import Trust
from monitord.core.decision_bodies import AdoptClock
from monitord.core.figures import Figures
from monitord.core.ledger import final_totals
from monitord.core.model import HOUR, SECOND, CalendarExtended, ClockRead, Decision
from monitord.core.view import counted_totals
from tests.support.seam import OFFSET, T0, Driver, Watch, fm_site

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


class Recent(Driver):
    """A driver whose calendar begins the day before, as that of a station does."""

    def calendar_from(self, at: int) -> CalendarExtended:
        return replace(super().calendar_from(at), known_from=T0 + OFFSET - 24 * HOUR)


def test_an_outage_while_the_clock_shows_1970_begins_when_it_was_proven() -> None:
    """The calendar does not reach back so far: hours that nobody knows begin no outage later."""
    driver = Recent(fm_site().plan)
    watch = Watch(fm_site(), driver).hold(20)
    driver.tick([ClockRead(driver.now + 1, 40 * SECOND, LOST)], driver.now + 1)
    assert driver.situation.durable.clock.trust is Trust.DISPUTED
    watch.hold(10, fm1="bad").hold(30)
    (began,) = [body for body in watch.bodies("outage_began") if body["fault"] == "off_air"]
    assert T0 + 18 * SECOND < began["began"][0] <= began["began"][1] < T0 + 22 * SECOND


def unset(driver: Driver) -> None:
    """From the next start on the wall clock is of nowhere: it shows 1970."""
    driver.clock_error = -OFFSET - driver.now
    driver.clock_quality = {"quality": LOST}


def test_an_outage_goes_on_over_boots_whose_clock_is_not_trusted() -> None:
    """The begin of such a boot begins no hours: the outage is one, with its own cause."""
    watch = Watch(fm_site()).hold(20).hold(10, fm1="bad")
    (before,) = watch.driver.situation.durable.outages.values()
    for _ in range(2):
        unset(watch.driver)
        watch.restart().hold(10, fm1="bad")
    durable = watch.driver.situation.durable
    assert durable.clock.trust is Trust.UNTRUSTED
    held = durable.outages["fm/off_air"]
    assert (held.id, held.began) == (before.id, before.began)
    assert list(held.claims) == list(before.claims)


def test_a_moment_has_the_wall_time_of_its_own_boot() -> None:
    """What was before a boot into 1970 is not dated in 1970."""
    watch = Watch(fm_site()).hold(20)
    before = watch.driver.now
    unset(watch.driver)
    durable = watch.restart().hold(5).driver.situation.durable
    assert wall_at(durable, before) == before + OFFSET
    assert wall_at(durable, watch.driver.now) < 1_000 * SECOND


def test_a_person_s_time_without_a_source_is_held_without_an_alarm() -> None:
    """He knows that his watch may be a minute wrong; only what is added later is news."""
    watch = Watch(fm_site())
    unset(watch.driver)
    driver = watch.restart().hold(5).driver
    clock = driver.situation.durable.clock
    assert (clock.trust, clock.alarm) == (Trust.UNTRUSTED, "untrusted")
    assert adopt(driver, driver.now + OFFSET) is Trust.TRUSTED
    for seconds, alarm in ((1, ""), (40 * 3600, ""), (44 * 3600, "holdover")):
        at = driver.now + seconds * SECOND
        driver.tick([ClockRead(at, at + OFFSET + driver.clock_error, LOST)], at)
        clock = driver.situation.durable.clock
        assert (clock.trust, clock.alarm) == (Trust.HOLDOVER, alarm)


def test_a_message_has_the_time_since_the_boot_while_the_clock_is_not_trusted() -> None:
    """It is negative for what began before this boot; a trusted clock needs none."""
    watch = Watch(fm_site()).hold(20).hold(10, fm1="bad")
    unset(watch.driver)
    watch.driver.clock_quality["booted_at"] = watch.driver.now + SECOND
    driver = watch.restart().hold(60).hold(20, fm1="bad").driver
    booted = driver.clock_quality["booted_at"]
    begun = [event for event in driver.events if event.kind == "attempt_began"]
    alerts = [json.loads(event.body)["alert"] for event in begun]
    assert {alert["clock"] for alert in alerts} == {"trusted", "untrusted"}
    for alert in alerts:
        since = alert["began"][0] - booted if alert["clock"] == "untrusted" else None
        assert alert["since_boot"] == since
    assert {alert["since_boot"] < 0 for alert in alerts if alert["since_boot"]} == {True, False}


@pytest.mark.parametrize(
    ("error", "trust"), [(-30, Trust.UNTRUSTED), (-6, Trust.TRUSTED), (0, Trust.TRUSTED)]
)
def test_a_clock_that_shows_a_moment_at_which_the_last_run_was_alive_is_not_trusted(
    error: int, trust: Trust
) -> None:
    """The last run ended 50 s after it began, and the clock of the next shows less: it is wrong."""
    watch = Watch(fm_site()).hold(50)
    watch.driver.clock_error = error * SECOND
    assert watch.restart(after=5).driver.situation.durable.clock.trust is trust


@pytest.mark.parametrize(
    ("moved_s", "minutes"),
    [(0, 0), (29, 0), (31, 1), (10_796, 180), (10_800, 180), (10_829, 180), (10_831, 181)],
)
def test_people_learn_by_how_much_a_clock_was_corrected_to_the_nearest_minute(
    moved_s: int, minutes: int
) -> None:
    """Three hours but for the moment that typing takes are 180 minutes, not 179."""
    watch = stepped(3 * HOUR).hold(60)
    driver = watch.driver
    adopt(driver, driver.now + SECOND + OFFSET + moved_s * SECOND)
    watch.at = driver.now
    begun = [event for event in watch.hold(60).driver.events if event.kind == "attempt_began"]
    alerts = [json.loads(event.body)["alert"] for event in begun]
    (told,) = {one["minutes"] for one in alerts if one["told"] == "recovered"}
    assert told == minutes


def test_no_scrape_counts_more_of_a_piece_across_a_dispute_than_the_next_one_does() -> None:
    """The time behind the dispute has no place yet, also while the rest is not settled."""
    watch = Watch(fm_site()).hold(20).hold(10, fm1="bad")
    at = watch.driver.now + SECOND // 2
    watch.driver.tick([ClockRead(at, at + OFFSET + 3 * HOUR, SYNCHRONISED)], at)
    watch.at = watch.driver.now
    durable = watch.hold(20).driver.situation.durable
    (began, disputed), now = durable.clock.eras, watch.driver.now
    counted = [
        sum(final_totals(durable, "fm", settled_to).columns.values())
        for settled_to in range(began.since, now, SECOND // 4)
    ]
    assert counted == sorted(counted)
    assert counted[-1] == disputed.since - began.since


def test_nothing_is_counted_of_a_first_boot_whose_clock_is_not_trusted() -> None:
    """None of its time has a place yet, off air or not; what its places will be is counted then."""
    driver = Driver(fm_site().plan)
    driver.clock_quality = {"quality": LOST}
    watch = Watch(fm_site(), driver).hold(20).hold(30, fm1="bad").hold(60)
    assert driver.situation.durable.clock.trust is Trust.UNTRUSTED
    columns, figures, own = counted_totals(driver.situation, "fm", driver.now)
    assert [figures, *own.values()] == [Figures()] * (1 + len(own))
    assert set(columns.values()) == {0}
    assert watch.bodies("outage_ended")
