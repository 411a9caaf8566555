"""Readings that one more must confirm: what an implausible value may do at night, and may not."""

from __future__ import annotations

import json
from typing import Any

from monitord.core.view import suspects
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import Site


def fm() -> Site:
    """Return one programme on one transmitter."""
    return station(
        "tx: {kind: transmitter}",
        """
        fm:
          name: 调频
          chain: [{stage: transmitter, owner: own, needs: tx.radiating}]
        """,
    )


def spans(log: DutyLog) -> list[dict[str, Any]]:
    """Return what was left to be settled."""
    return [json.loads(e.body) for e in log.driver.events if e.kind == "suspicion_found"]


def off_air(log: DutyLog) -> list[str]:
    return [f"{line.at} {line.event}" for line in log.told("duty") if line.reason == "no_carrier"]


def test_one_implausible_no_power_wakes_nobody() -> None:
    """The next answer says otherwise: two seconds are undetermined, and nothing is off air."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").becomes(tx="tripped")
    log.until("02:10:00.5")
    # The device is asked again at once.
    assert suspects(log.driver.situation) == {"tx"}
    log.doubted("tx", doubted=False).becomes(tx="good").until("02:20:00")
    seconds = log.seconds("fm")
    assert (off_air(log), seconds["between"]) == ([], 2)
    assert "off_air" not in seconds


def test_no_power_that_stays_implausible_is_an_outage_from_the_first_reading_on() -> None:
    """Plausibility never excuses: the second reading proves it, and the first one dates it."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").becomes(tx="tripped")
    log.until("02:15:00").doubted("tx", doubted=False).becomes(tx="good").until("02:20:00")
    assert off_air(log) == ["02:10:04 opened", "02:15:30 recovered"]
    assert log.outages() == [("no_carrier", "02:10:00", "02:15:00")]


def test_implausible_power_ends_no_outage_and_hides_none() -> None:
    """A dead sensor that reads far too much proves no power: the programme is not seen."""
    log = DutyLog(fm(), begins="02:00:00").then("02:10:00", tx="tripped").until("02:12:00")
    log.becomes(tx="good").doubted("tx").until("02:14:00")
    assert off_air(log) == ["02:10:03 opened"]
    log.doubted("tx", doubted=False).until("02:20:00")
    # The last implausible reading agrees with the first plausible one.
    assert log.outages() == [("no_carrier", "02:10:00", "02:13:59")]


def lost(log: DutyLog) -> DutyLog:
    """The transmitter gives one implausible answer without power, and then none for a minute."""
    log.until("02:10:00").doubted("tx").becomes(tx="tripped").until("02:10:00.5")
    log.doubted("tx", doubted=False).becomes(tx="no_answer").until("02:11:00")
    return log.becomes(tx="good").until("02:20:00")


def test_a_last_reading_without_power_before_silence_is_a_suspected_outage() -> None:
    """Nobody could confirm it, and nobody has taken it back: it rings as an outage would."""
    log = lost(DutyLog(fm(), begins="02:00:00"))
    (opened, recovered) = [line for line in log.told("duty") if line.reason == "doubted"]
    assert (opened.event, recovered.event) == ("opened", "recovered")
    assert "02:10:05" <= opened.at <= "02:10:07"
    first = log.alerts()[0]
    assert (first["severity"], first["cause"]["place"]) == ("critical", "tx/doubted")
    (span,) = spans(log)
    assert (span["sort"], span["evidence"]) == ("doubted", {"conditions": "tx.radiating"})
    assert "off_air" not in log.seconds("fm")


def test_a_last_reading_with_power_before_silence_is_no_suspicion() -> None:
    """It is monitoring that was lost, and no sign of an outage."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").until("02:10:00.5")
    log.doubted("tx", doubted=False).becomes(tx="no_answer").until("02:11:00")
    log.becomes(tx="good").until("02:20:00")
    assert [line for line in log.told("duty") if line.reason == "doubted"] == []
    assert spans(log) == []


def test_a_last_reading_that_was_taken_back_before_silence_is_no_suspicion() -> None:
    """The answer behind it was good."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").becomes(tx="tripped")
    log.until("02:10:00.5").doubted("tx", doubted=False).becomes(tx="good")
    log.then("02:10:03", tx="no_answer").then("02:11:00", tx="good").until("02:20:00")
    assert spans(log) == []
