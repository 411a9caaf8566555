"""What the hours say of a moment is asked at that moment, also where they are over by the proof.

Of two transmitters the second is polled a moment behind the first: one that trips in the last
second of the hours is proven off air with the other one's next answer, behind the close-down.
"""

from __future__ import annotations

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station

PAIR = """
tv:
  name: 电视
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: a, carries: a.radiating, ready: a.sane}
        - {id: b, carries: b.radiating, ready: b.sane}
"""


def pair(begins: str, hours: tuple[str, str], **states: str) -> DutyLog:
    """Return the log of a pair of which the second has tripped."""
    site = station("a: {kind: transmitter}\nb: {kind: transmitter}", PAIR)
    return DutyLog(site, begins=begins, hours=hours, b="tripped", **states)


def off_air(log: DutyLog) -> list[tuple[str, str]]:
    return [(line.event, line.reason) for line in log.told("duty") if line.reason == "no_carrier"]


def test_one_reading_off_air_before_the_close_down_is_an_outage_of_that_day() -> None:
    """It was on air in its hours: no suspicion of what was off before they began."""
    log = pair("23:50:00", ("05:00:00", "24:00:00")).then("23:59:58.9", a="tripped")
    log.then("23:59:59.4", a="no_answer").until("24:05:00")
    assert off_air(log) == [("closed_before_told", "no_carrier")]
    assert [body["reason"] for body in log.ended()] == ["no_carrier"]
    assert not any(line.reason == "presumed" for line in log.told("duty"))


def test_what_was_off_before_its_hours_is_proven_in_their_last_second_too() -> None:
    """Not seen all the while: the one reading in the hours proves it, though they end meanwhile."""
    log = pair("04:50:00", ("05:00:00", "06:00:00"), a="tripped").then("04:55:00", a="no_answer")
    log.then("05:59:58.9", a="tripped").then("05:59:59.4", a="no_answer").until("06:05:00")
    assert off_air(log) == [("closed_before_told", "no_carrier")]
    (ended,) = log.ended()
    assert (ended["how"], ended["figures"]["least"]) == ("hours", 0)
