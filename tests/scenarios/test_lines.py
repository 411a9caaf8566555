"""A transmitter on a line without numbers: what a stale answer may do, and may not."""

from __future__ import annotations

import json
from typing import Any

from monitord.core.model import Answer
from monitord.core.view import suspects
from tests.scenarios.dutylog import DutyLog, wall_of
from tests.scenarios.sites import station
from tests.support.seam import OFFSET, Site

STALE = 700_000
"""After the second: a burst poll between two polls of a second each."""


def fm(framing: str = "rtu") -> Site:
    """Return one programme on one transmitter behind a serial server."""
    line = f"{{address: 10.9.0.1, port: 4001, unit_id: 1, framing: {framing}}}"
    return station(
        f"tx: {{kind: transmitter, name: 发射机, modbus: {line}}}",
        """
        fm:
          name: 调频
          chain: [{stage: transmitter, owner: own, needs: tx.radiating}]
        """,
    )


def stale(log: DutyLog, clock: str, state: str = "tripped") -> DutyLog:
    """Let one answer come that belongs to another request."""
    at = wall_of(clock) - OFFSET + STALE
    return log.give(Answer("tx", at - 900_000, at, log.site.answers["tx"][state]))


def told(log: DutyLog) -> list[str]:
    return [f"{line.at} {line.event} {line.reason}" for line in log.told("duty")]


def columns(log: DutyLog) -> dict[str, int]:
    return log.seconds("fm")


def test_one_stale_answer_is_no_outage() -> None:
    """The next answer takes it back; the time around it is undetermined."""
    log = stale(DutyLog(fm(), begins="02:00:00").until("02:10:00"), "02:10:00").until("02:20:00")
    assert told(log) == []
    assert "off_air" not in columns(log)
    assert columns(log)["between"] >= 1


def test_the_same_answer_with_a_number_counts() -> None:
    """Modbus TCP says which request it answers: there the transmitter was off."""
    log = stale(DutyLog(fm("tcp"), begins="02:00:00").until("02:10:00"), "02:10:00")
    assert "closed_before_told" in told(log.until("02:20:00"))[0]


def test_a_trip_is_an_outage_from_the_first_reading_on() -> None:
    """The second reading comes at once, and both count."""
    log = DutyLog(fm(), begins="02:00:00").then("02:10:00", tx="tripped")
    log.until("02:10:00.5")
    assert suspects(log.driver.situation) == {"tx"}
    log.then("02:15:00", tx="good").until("02:20:00")
    assert told(log) == ["02:10:04 opened no_carrier", "02:15:30 recovered no_carrier"]
    assert log.outages() == [("no_carrier", "02:10:00", "02:15:00")]


def test_a_line_that_takes_back_two_readings_is_blind_for_half_a_minute_and_reported() -> None:
    """Its alarm rings, its conditions are lost, and nothing it says counts meanwhile."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00")
    stale(stale(log, "02:10:00"), "02:10:20").until("02:10:22")
    alarm: Any = log.driver.situation.durable.outages["/inconsistent/tx"]
    assert alarm.reason == "inconsistent"
    lost = [json.loads(e.body) for e in log.driver.events if e.kind == "condition_lost"]
    assert {body["cause"] for body in lost} == {"inconsistent"}
    # What comes within the half minute counts for nothing, whatever it says.
    stale(log, "02:10:30").until("02:10:50")
    log.until("02:20:00")
    assert told(log) == ["02:10:41 opened inconsistent", "02:11:21 recovered inconsistent"]
    assert "off_air" not in columns(log)
    assert 28 <= columns(log)["blind"] <= 33


def test_two_stale_answers_a_minute_apart_are_no_alarm() -> None:
    """Each is taken back, and that is all."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00")
    stale(stale(log, "02:10:00"), "02:11:00").until("02:20:00")
    assert told(log) == []
    assert columns(log).get("blind", 0) <= 1, "only the begin of the run"


def test_a_restart_ends_no_alarm_of_an_inconsistent_line() -> None:
    """Nobody has seen the line answer rightly: the half minute begins again with the run."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00")
    stale(stale(log, "02:10:00"), "02:10:20").until("02:10:22")
    log.power_cut("02:10:35").until("02:11:00")
    assert "/inconsistent/tx" in log.driver.situation.durable.outages
    assert log.driver.situation.timelines["tx.radiating"].cause == "inconsistent"
    log.until("02:20:00")
    assert told(log) == ["02:10:41 opened inconsistent", "02:11:35 recovered inconsistent"]
    assert columns(log).keys() == {"on_air", "between", "blind"}


def test_a_reload_of_its_settings_ends_no_alarm_of_an_inconsistent_line() -> None:
    """Another deadline makes it no other line."""
    site = fm()
    log = DutyLog(site, begins="02:00:00").until("02:10:00")
    stale(stale(log, "02:10:00"), "02:10:20").until("02:10:45")
    log.driver.reload(site.plan, log.at, again=("tx",))
    log.until("02:20:00")
    assert told(log) == ["02:10:41 opened inconsistent", "02:11:45 recovered inconsistent"]


def test_a_reload_of_other_things_leaves_the_half_minute_of_a_line_as_it_is() -> None:
    """Its device is read as before, and what its answers were is known."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00")
    stale(stale(log, "02:10:00"), "02:10:20").until("02:10:45").reload(log.site)
    log.until("02:20:00")
    assert told(log) == ["02:10:41 opened inconsistent", "02:11:21 recovered inconsistent"]
