"""A witness that a reload brings, takes away or changes: it counts as in a start with it."""

from __future__ import annotations

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import Site

DEVICES = "tx: {kind: transmitter}\nroof: {kind: receiver}\nyard: {kind: receiver}"
PROGRAMME = """
fm:
  name: 调频
  chain: [{stage: transmitter, owner: own, needs: tx.radiating}]
"""


def heard_by(*receivers: str) -> Site:
    """Return a transmitter with receivers, and which of them are its witnesses."""
    witnesses = ", ".join(f"{{id: {one}, needs: {one}.hears}}" for one in receivers)
    return station(DEVICES, PROGRAMME + (f"  witnesses: [{witnesses}]\n" if receivers else ""))


def test_a_witness_that_a_reload_brings_contradicts_from_then_on() -> None:
    """It rings as after a start with it."""
    log = DutyLog(heard_by(), begins="02:00:00").until("02:05:00").reload(heard_by("roof"))
    log.then("02:10:00", roof="iced").then("02:40:00", roof="good").until("02:45:00")
    assert "fm/disputed" in log.members_told()


def test_a_witness_that_a_reload_takes_away_contradicts_nobody_any_more() -> None:
    """Its device is still read, and says nothing of the programme."""
    log = DutyLog(heard_by("roof"), begins="02:00:00").until("02:05:00").reload(heard_by())
    log.then("02:10:00", roof="iced").then("02:40:00", roof="good").until("02:45:00")
    assert log.alerts() == []


def test_another_witness_counts_in_the_place_of_the_one_before() -> None:
    """The chain stayed the same; only who listens to it changed."""
    log = DutyLog(heard_by("roof"), begins="02:00:00").until("02:05:00").reload(heard_by("yard"))
    log.then("02:10:00", roof="iced").until("02:20:00")
    assert log.alerts() == []
    log.then("02:30:00", yard="iced").until("02:40:00")
    assert "fm/disputed" in log.members_told()
