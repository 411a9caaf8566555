"""Readings that one more must confirm: what an implausible value may do at night, and may not."""

from __future__ import annotations

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
