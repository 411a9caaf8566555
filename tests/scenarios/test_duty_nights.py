"""Nights and days of a county station, as its duty log would have them."""

from __future__ import annotations

import json
from dataclasses import replace

from monitord.core.model import Event
from tests.scenarios.dutylog import DutyLog, Line, clock_of
from tests.support.seam import fm_site, reserve_site, shared_site


def test_a_trip_at_night_reaches_the_desk_three_seconds_after_the_proof() -> None:
    """The recovery follows when it has held for the clear delay."""
    log = DutyLog(fm_site(), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:12:00").becomes(fm1="good").until("02:15:00")
    assert log.told() == [
        Line("02:10:03", "desk", "opened", "no_carrier"),
        Line("02:12:30", "desk", "recovered", "no_carrier"),
    ]
    assert log.outages() == [("no_carrier", "02:10:00", "02:12:00")]


def test_a_short_dip_wakes_nobody_and_is_reported_afterwards() -> None:
    """Shorter than tell_after: one message, after it is closed."""
    log = DutyLog(fm_site().with_(clear_after=1_000_000), begins="03:00:00").until("03:10:00")
    site_people = log.site.plan.people
    assert site_people[1].delay("critical") == 20_000_000, "the engineer gets messages after 20 s"
    log.becomes(fm1="bad").until("03:10:05").becomes(fm1="good").until("03:12:00")
    assert [line.event for line in log.told("engineer")] == ["closed_before_told"]
    assert [line.event for line in log.told("desk")] == ["opened", "recovered"]


def test_a_clean_changeover_is_no_outage() -> None:
    """The reserve carries before the main stops: nobody gets a message."""
    log = DutyLog(reserve_site(), begins="10:00:00").becomes(b="idle").until("10:10:00")
    log.becomes(b="good").until("10:10:08").becomes(a="idle").until("10:20:00")
    assert log.told() == []
    assert log.outages() == []


def test_a_changeover_with_a_gap_is_the_outage_it_was() -> None:
    """The main trips and the reserve takes over late: off air in between, reported, recovered."""
    log = DutyLog(reserve_site(), begins="10:00:00").becomes(b="idle").until("10:10:00")
    log.becomes(a="idle").until("10:10:20").becomes(b="good").until("10:12:00")
    assert [line.event for line in log.told()] == ["opened", "recovered"]
    assert [reason for reason, _, _ in log.outages()] == ["no_carrier"]


def test_bad_and_then_silent_remains_off_air() -> None:
    """Presumed: silence ends no outage, and does not open a second incident for being blind."""
    log = DutyLog(fm_site(), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:10:10").becomes(fm1="silent").until("02:20:00")
    assert [line.event for line in log.told()] == ["opened"]
    log.becomes(fm1="good").until("02:25:00")
    assert [line.event for line in log.told()] == ["opened", "recovered"]
    assert log.outages() == [("no_carrier", "02:10:00", "02:20:00")]


def test_a_silent_transmitter_is_reported_as_blind_and_never_as_off_air() -> None:
    """After a minute without an answer the desk gets the loss of monitoring."""
    log = DutyLog(fm_site(), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="silent").until("02:15:00").becomes(fm1="good").until("02:20:00")
    assert [line.reason for line in log.told()] == ["timeout", "timeout"]
    assert [line.event for line in log.told()] == ["opened", "recovered"]
    assert {reason for reason, _, _ in log.outages()} == {"timeout"}


def test_the_nightly_close_down_alarms_nobody() -> None:
    """Off at midnight by the schedule, on again before the opening: no message."""
    log = DutyLog(fm_site(), begins="23:50:00", hours=("05:55:00", "24:00:00"))
    log.until("24:00:03").becomes(fm1="idle").until("29:54:00").becomes(fm1="good")
    log.until("30:10:00")
    assert log.told() == []


def test_a_transmitter_that_remains_off_in_the_morning_is_reported_at_once() -> None:
    """Off at the scheduled beginning: the outage begins exactly with the broadcast day."""
    log = DutyLog(fm_site(), begins="04:00:00", hours=("05:55:00", "24:00:00"))
    log.becomes(fm1="idle").until("06:00:00").becomes(fm1="good").until("06:05:00")
    assert log.told()[0] == Line("05:55:03", "desk", "opened", "no_carrier")
    assert log.outages() == [("no_carrier", "05:55:00", "06:00:00")]


def off_at_night_and_silent_from(silent: str, until: str) -> DutyLog:
    """Switched off behind the close-down, then without an answer over the opening."""
    log = DutyLog(fm_site(), begins="23:50:00", hours=("05:55:00", "24:00:00"))
    log.until("24:00:03").becomes(fm1="idle").until(silent)
    return log.becomes(fm1="silent").until(until)


def test_what_was_off_at_night_and_is_not_seen_at_the_opening_is_suspected() -> None:
    """Rule 5.4: still off at the opening rings again, as suspected until it is proven."""
    log = off_at_night_and_silent_from("27:00:00", "30:10:00")
    assert log.told() == [Line("05:55:03", "desk", "opened", "presumed")]
    alert = log.alerts()[0]
    assert [(m["fault"], m["least"]) for m in alert["members"]] == [("suspected", 0)]
    assert alert["cause"]["place"] == "fm1/silent"
    log.becomes(fm1="idle").until("30:20:00").becomes(fm1="good").until("30:30:00")
    assert log.told()[1] == Line("06:10:03", "desk", "opened", "no_carrier")
    assert ("no_carrier", "06:10:00", "06:20:00") in log.outages()
    began = [m["began"] for a in log.alerts() for m in a["members"] if m["fault"] == "off_air"]
    assert [clock_of(at) for at in began[0]] == ["05:55:00", "06:10:00"]


def test_what_was_off_at_night_and_is_good_when_it_is_seen_again_is_over() -> None:
    """Nobody saw it come back: the time up to then remains a suspicion, never an outage."""
    log = off_at_night_and_silent_from("27:00:00", "30:10:00")
    log.becomes(fm1="good").until("30:20:00")
    assert [line.event for line in log.told()] == ["opened", "recovered"]
    assert log.outages() == [("presumed", "05:55:00", "06:10:00")]
    assert "off_air" not in log.seconds("fm")


def test_one_reading_off_air_behind_the_opening_is_an_outage_of_the_new_day() -> None:
    """It is no suspicion any more: that reading proves it, though it is good by the next one."""
    log = off_at_night_and_silent_from("27:00:00", "30:10:00")
    log.becomes(fm1="idle").until("30:10:00.5").becomes(fm1="good").until("30:20:00")
    assert log.outages() == [
        ("presumed", "05:55:00", "06:10:00"),
        ("no_carrier", "06:10:00", "06:10:01"),
    ]
    assert [line.reason for line in log.told()][:1] == ["presumed"]
    assert "no_carrier" in [line.reason for line in log.told()]


def test_what_is_off_and_silent_at_night_alarms_nobody_before_its_hours() -> None:
    """The suspicion begins with the broadcast day."""
    log = off_at_night_and_silent_from("24:30:00", "29:54:59")
    assert log.told() == []


def test_an_outage_survives_a_power_cut_of_monitord() -> None:
    """The incident survives the restart; the next run reports its recovery."""
    log = DutyLog(fm_site(), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:11:00").power_cut("02:13:00").until("02:14:00")
    log.becomes(fm1="good").until("02:16:00")
    assert [line.event for line in log.told()] == ["opened", "recovered"]
    assert log.outages() == [("no_carrier", "02:10:00", "02:14:00")]


def test_one_transmitter_with_two_programmes_is_one_incident() -> None:
    """The cause is the same: the second programme joins, and the desk gets one opening."""
    log = DutyLog(shared_site(), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:12:00").becomes(fm1="good").until("02:15:00")
    openings = [line for line in log.told() if line.event == "opened"]
    closings = [line for line in log.told() if line.event == "recovered"]
    assert (len(openings), len(closings)) == (1, 1)
    assert len(log.outages()) == 2


def test_a_lost_reserve_is_a_lower_incident_of_its_own() -> None:
    """On air, but without a transmitter to change over to."""
    log = DutyLog(reserve_site(), begins="10:00:00").becomes(b="idle").until("10:10:00")
    log.becomes(b="bad").until("10:12:00")
    assert [(line.event, line.reason) for line in log.told()] == [("opened", "reserve_lost")]
    assert log.outages() == []
    began = [json.loads(e.body)["alert"]["began"] for e in log.driver.events if _is_told(e)]
    assert clock_of(began[0][0]) == "10:10:00", "since the proof, not since open_after"


def test_an_outage_shorter_than_open_after_opens_nothing_and_counts_all_the_same() -> None:
    """open_after hides no second: the ledger counts them."""
    log = DutyLog(fm_site().with_(open_after=10_000_000), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:10:06").becomes(fm1="good").until("02:12:00")
    assert log.told() == []
    figures = log.driver.situation.durable.programmes["fm"].figures
    assert figures.least > 4_000_000


def test_an_outage_just_longer_than_open_after_is_reported_with_its_seconds() -> None:
    """It is over before the slow sound detector lets the ledger settle it, and yet reported."""
    site = fm_site().with_(open_after=2_000_000, clear_after=1_000_000)
    log = DutyLog(site, begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:10:04").becomes(fm1="good").until("02:12:00")
    assert [line.reason for line in log.told("engineer")] == ["no_carrier"]
    assert log.outages() == [("no_carrier", "02:10:00", "02:10:04")]


def test_a_start_with_a_slow_detector_is_not_reported_as_blindness() -> None:
    """Every device answered at once; the ledger settles ten seconds later, without a message."""
    site = fm_site()
    blind = replace(site.plan.programmes[0].blind, open_after=3_000_000)
    programme = replace(site.plan.programmes[0], blind=blind)
    plan = replace(site.plan, programmes=(programme,))
    log = DutyLog(replace(site, plan=plan), begins="10:00:00").until("10:05:00")
    assert log.told() == []
    log.becomes(fm1="silent").until("10:06:00")
    assert [line.reason for line in log.told()] == ["timeout"]


def test_one_lost_reserve_of_two_programmes_is_one_incident() -> None:
    """Both programmes lose the same reserve: one message, with the other programme as joined."""
    site = reserve_site()
    first = site.plan.programmes[0]
    plan = replace(site.plan, programmes=(first, replace(first, id="tv2")))
    log = DutyLog(replace(site, plan=plan), begins="10:00:00").becomes(b="idle").until("10:10:00")
    log.becomes(b="bad").until("10:12:00")
    openings = [line for line in log.told() if line.event == "opened"]
    assert [line.reason for line in openings] == ["reserve_lost"]


def test_a_message_counts_the_seconds_of_the_programme_it_names() -> None:
    """A shared cause affects two programmes: the same seconds do not count twice."""
    log = DutyLog(shared_site(), begins="02:00:00").until("02:10:00")
    log.becomes(fm1="bad").until("02:11:00").becomes(fm1="good").until("02:15:00")
    most = [json.loads(e.body)["alert"]["most"] for e in log.driver.events if _is_told(e)]
    assert 58_000_000 < most[-1] < 63_000_000


def _is_told(event: Event) -> bool:
    return event.kind == "attempt_began"
