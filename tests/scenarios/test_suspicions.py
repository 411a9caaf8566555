"""Outages that nobody saw: found when monitoring returns, sent to people, left to be settled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_unseen import RUNNING
from tests.support.seam import Site

CHAIN = "fm:\n  name: 调频\n  chain: [{stage: transmitter, owner: own, needs: tx.radiating}]"
COUNTS = f"points: {{{RUNNING.replace('WHOSE', 'equipment')}}}"


def fed(extra: str = "") -> Site:
    """Return a transmitter fed by the mains, and a meter of them that has its own supply."""
    return station(
        f"""
        tx: {{kind: transmitter, powered_by: [mains.mains], {COUNTS}}}
        mains: {{kind: feed}}
        """,
        CHAIN + extra,
    )


def spans(log: DutyLog) -> list[dict[str, Any]]:
    """Return every span that was found to be unsettled."""
    return [json.loads(e.body) for e in log.driver.events if e.kind == "suspicion_found"]


def suspected(log: DutyLog) -> list[str]:
    """Return time and kind of each message on a suspected outage."""
    return [
        f"{message.at} {message.told}"
        for message in log.messages()
        if any(member.name.endswith("/suspected") for member in message.members)
    ]


def test_a_restart_that_nobody_saw_rings_once_and_closes() -> None:
    """It rings as open though it is over, at the severity of an outage; then it closes."""
    log = DutyLog(fed(), begins="02:00:00").until("02:10:00")
    log.boots("tx", "02:10:00.3").becomes(tx="no_answer").then("02:10:47", tx="good")
    assert suspected(log.until("02:20:00")) == ["02:10:51 opened", "02:11:18 recovered"]
    first, last = log.alerts()
    assert (first["severity"], first["cause"]["place"]) == ("critical", "tx/restart")
    for alert in (first, last):
        (member,) = alert["members"]
        assert (member["least"], member["reason"]) == (0, "restart")
        assert 46_000_000 <= member["most"] <= 49_000_000
    (span,) = spans(log)
    assert (span["sort"], span["evidence"]) == ("restart", {"device": "tx"})
    assert log.driver.situation.durable.unsettled["fm"].count == 1


@pytest.mark.parametrize(("delay", "first"), [("20s", "opened"), ("60s", "closed_before_told")])
def test_a_restart_calls_those_whom_an_outage_as_long_would_call(delay: str, first: str) -> None:
    """The silence of 47 s is longer than the first delay, and shorter than the second."""
    site = station(
        f"tx: {{kind: transmitter, {COUNTS}}}",
        CHAIN,
        f"chief: {{name: 台长, tell: [desk], tell_after: {delay}}}",
    )
    log = DutyLog(site, begins="02:00:00").until("02:10:00").boots("tx", "02:10:00.3")
    log.becomes(tx="no_answer").then("02:10:47", tx="good").until("02:20:00")
    assert suspected(log)[0].split()[1] == first


def test_a_silence_without_a_restart_is_no_suspicion() -> None:
    """The running time spans the silence: the equipment kept its power."""
    log = DutyLog(fed(), begins="02:00:00").then("02:10:00", tx="no_answer")
    log.then("02:10:47", tx="good").until("02:20:00")
    assert (log.messages(), spans(log)) == ([], [])


def test_a_restart_while_monitord_did_not_run_is_suspected() -> None:
    """The boot lies in the stop, and the device is silent for longer than that."""
    log = DutyLog(fed(), begins="02:00:00").until("02:10:00").boots("tx", "02:12:00")
    log.becomes(tx="no_answer").power_cut("02:15:00").then("02:15:30", tx="good")
    log.until("02:20:00")
    assert [line.split()[1] for line in suspected(log)] == ["opened", "recovered"]
    (span,) = spans(log)
    assert span["sort"] == "restart"
    assert 325_000_000 < span["end"] - span["begin"] < 340_000_000, "the whole blind span"


def test_equipment_that_ran_while_monitord_did_not_is_no_suspicion() -> None:
    """Its running time spans the stop."""
    log = DutyLog(fed(), begins="02:00:00").until("02:10:00").power_cut("02:15:00")
    log.until("02:20:00")
    assert (suspected(log), spans(log)) == ([], [])


def test_a_restart_is_found_over_a_reload() -> None:
    """The programme's chain is new, the device and its silence are not."""
    log = DutyLog(fed(), begins="02:00:00").until("02:10:00").boots("tx", "02:10:05")
    log.becomes(tx="no_answer").until("02:10:20")
    log.reload(fed("\n  off_air: {clear_after: 5s}")).then("02:10:40", tx="good").until("02:20:00")
    assert [span["sort"] for span in spans(log)] == ["restart"]
    assert [line.split()[1] for line in suspected(log)] == ["opened", "recovered"]


def test_a_restart_of_the_receiver_is_no_suspicion() -> None:
    """It says nothing of what the transmitter did."""
    site = station(
        f"tx: {{kind: transmitter}}\nroof: {{kind: receiver, {COUNTS}}}",
        CHAIN + "\n  witnesses: [{id: roof, needs: roof.hears, healthy: roof.reference}]",
    )
    log = DutyLog(site, begins="02:00:00").until("02:10:00").boots("roof", "02:10:05")
    log.becomes(tx="no_answer", roof="no_answer").then("02:10:20", tx="good", roof="good")
    log.until("02:20:00")
    assert [span["sort"] for span in spans(log)] in ([], ["all_silent"])


def test_a_restart_shorter_than_an_outage_that_counts_rings_nobody() -> None:
    """It is listed to be settled; ``open_after`` keeps so short an outage from an incident."""
    log = DutyLog(fed("\n  off_air: {open_after: 60s}"), begins="02:00:00").until("02:10:00")
    log.boots("tx", "02:10:05").becomes(tx="no_answer").then("02:10:30", tx="good")
    assert (suspected(log.until("02:20:00")), len(spans(log))) == ([], 1)


def ended_suspected(log: DutyLog) -> list[dict[str, Any]]:
    """Return every suspected outage that has ended."""
    found = [json.loads(e.body) for e in log.driver.events if e.kind == "outage_ended"]
    return [body for body in found if body["fault"] == "suspected"]


@pytest.mark.parametrize("night", ["02:30:00", "05:00:00"])
def test_one_silence_is_one_suspected_outage_though_its_hours_end_in_it(night: str) -> None:
    """The mains dip began it and the hours ended it; the restart is of the same silence."""
    log = DutyLog(fed(), begins="02:00:00", hours=("01:00:00", "02:15:00"))
    log.boots("tx", "02:10:05").then("02:10:00", mains="off", tx="no_answer")
    log.then("02:10:02", mains="good").then(night, tx="good").until("05:10:00")
    (ended,) = ended_suspected(log)
    assert ended["how"] == "hours"
    (span,) = spans(log)
    assert 300_000_000 <= span["seconds"] <= 302_000_000, "in the hours, and listed once"


def test_a_silence_into_the_next_hours_is_suspected_in_those_too() -> None:
    """What a first suspicion does not cover is another one: the next hours began in the silence."""
    log = DutyLog(fed(), begins="02:00:00", hours=("01:00:00", "02:15:00"))
    log.boots("tx", "02:10:05").then("02:10:00", mains="off", tx="no_answer")
    log.then("02:10:02", mains="good").then("25:05:00", tx="good").until("25:10:00")
    first, second = ended_suspected(log)
    assert first["how"] == "hours"
    assert second["began"][0] >= first["ended"][1]


def test_a_silence_after_a_mains_dip_is_reported_at_once() -> None:
    """The meter saw the mains go, and the transmitter behind them stopped answering."""
    site = station("tx: {kind: transmitter, powered_by: [mains.mains]}\nmains: {kind: feed}", CHAIN)
    log = DutyLog(site, begins="02:00:00").then("02:10:00", mains="off", tx="no_answer")
    log.then("02:10:02", mains="good").until("02:10:12")
    (opened,) = suspected(log)
    assert "02:10:03" <= opened.split()[0] <= "02:10:10"
    (first,) = log.alerts()
    assert (first["severity"], first["cause"]["place"]) == ("critical", "mains/mains")
    assert log.then("02:10:40", tx="good").until("02:12:00") is log
    (span,) = spans(log)
    assert (span["sort"], span["evidence"]) == ("power", {"feed": "mains.mains"})
    assert [line.split()[1] for line in suspected(log)] == ["opened", "recovered"]


def test_a_mains_dip_that_the_transmitter_answers_through_is_no_suspicion() -> None:
    """Its answers say that it is on air."""
    log = DutyLog(fed(), begins="02:00:00").then("02:10:00", mains="off")
    log.then("02:10:02", mains="good").until("02:15:00")
    assert (suspected(log), spans(log)) == ([], [])


@pytest.mark.parametrize("silent", [("02:05:00", "02:05:40"), ("02:20:00", "02:20:40")])
def test_a_silence_long_before_or_after_a_mains_dip_is_no_suspicion(
    silent: tuple[str, str],
) -> None:
    """The two do not meet."""
    dip = ("02:10:00", {"mains": "off"}), ("02:10:02", {"mains": "good"})
    silence = (silent[0], {"tx": "no_answer"}), (silent[1], {"tx": "good"})
    log = DutyLog(fed(), begins="02:00:00")
    for clock, states in sorted([*dip, *silence]):
        log.then(clock, **states)
    assert (suspected(log.until("02:30:00")), spans(log)) == ([], [])


def two() -> Site:
    """Return a studio and a transmitter without running times."""
    return station(
        "studio: {kind: detector}\ntx: {kind: transmitter}",
        """
        fm:
          name: 调频
          chain:
            - {stage: sound, owner: own, needs: studio.sound}
            - {stage: transmitter, owner: own, needs: tx.radiating}
        """,
    )


def test_a_site_that_was_silent_leaves_its_programmes_to_be_settled() -> None:
    """They are members of the site's incident, which rang; they do not ring beside it."""
    log = DutyLog(two(), begins="02:00:00").then("02:10:00", studio="no_answer", tx="no_answer")
    log.then("02:11:00", studio="good", tx="good").until("02:20:00")
    (span,) = spans(log)
    assert (span["programme"], span["sort"]) == ("fm", "all_silent")
    assert [line.split()[1] for line in suspected(log)] == ["recovered"]
    assert {message.place for message in log.messages()} == {"site/silent"}


def test_a_programme_taken_away_while_the_site_is_silent_leaves_its_span() -> None:
    """Nobody saw it since; its seconds stay to be settled after the reload."""
    log = DutyLog(two(), begins="02:00:00").then("02:10:00", studio="no_answer", tx="no_answer")
    devices = "studio: {kind: detector}\ntx: {kind: transmitter}"
    log.until("02:12:00").reload(station(devices, CHAIN.replace("fm:", "am:")))
    (span,) = spans(log)
    assert (span["programme"], span["sort"]) == ("fm", "all_silent")
    assert span["end"] == log.at


def test_our_own_restart_while_the_mains_are_off_suspects_nothing() -> None:
    """On air on the generator: what monitord did not ask while it was away is no silence."""
    site = station(
        """
        feed: {kind: feed, conditions: {mains: {alarm: {severity: major, clear_after: 30s}}}}
        tx: {kind: transmitter, powered_by: feed.mains}
        """,
        "fm: {name: 调频, chain: [{stage: transmitter, owner: own, needs: tx.radiating}]}",
    )
    log = DutyLog(site, begins="02:00:00")
    log.then("02:05:00", feed="off").until("02:10:00").power_cut("02:10:20").until("02:20:00")
    assert "fm/suspected" not in log.members_told()
    assert "fm" not in log.members_told()


def test_a_cable_out_of_our_own_switch_leaves_nothing_to_be_settled() -> None:
    """No request left the box: the silence is ours."""
    log = DutyLog(two(), begins="02:00:00").then("02:10:00", studio="no_path", tx="no_path")
    log.then("02:11:00", studio="good", tx="good").until("02:20:00")
    assert (suspected(log), spans(log)) == ([], [])


def test_one_lost_poll_of_every_device_leaves_nothing_to_be_settled() -> None:
    """It is within the bound: nothing was blind."""
    log = DutyLog(two(), begins="02:00:00").then("02:10:00", studio="no_answer", tx="no_answer")
    log.then("02:10:01", studio="good", tx="good").until("02:20:00")
    assert (log.messages(), spans(log)) == ([], [])
