"""Requests that are lost just before the mains fail ring once: by the mains. Rule 5.2."""

from __future__ import annotations

from random import Random

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station

PROGRAMME = """
tv:
  name: 一套
  off_air: {open_after: 0s}
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: a, carries: a.radiating and sw.a_on_antenna, ready: a.sane}
        - {id: b, carries: b.radiating and sw.b_on_antenna, ready: b.sane}
"""
DEVICES = """
a: {kind: transmitter, powered_by: [mains.mains]}
b: {kind: transmitter, powered_by: [other.mains]}
mains: {kind: feed}
sw: {kind: switch}
other: {kind: feed}
"""
AT_ONCE = "duty: {name: 值机台, tell: [desk]}"


def night(seed: int) -> DutyLog:
    """Lose one to four requests of the main, and then its mains; each device has its own phase."""
    drawn = Random(seed)
    log = DutyLog(station(DEVICES, PROGRAMME, AT_ONCE), begins="02:00:00", b="standby")
    for line in log.player.lines.values():
        line.next_at += drawn.randrange(1_000_000)
        line.latency = drawn.randrange(10_000, 300_000)
    answers = 10 + drawn.random()
    lost = answers - drawn.uniform(1.2, 4)
    log.then(f"02:10:{lost:09.6f}", a="no_answer").then(f"02:10:{answers:09.6f}", a="good")
    off = answers + drawn.uniform(0.3, 1.5)
    return log.then(f"02:10:{off:09.6f}", mains="off", a="standby").until("02:12:00")


@pytest.mark.parametrize("seed", range(60))
def test_lost_requests_before_the_mains_fail_ring_once(seed: int) -> None:
    """By the transmitter only where the mains were not seen yet, and then its cause is revised."""
    found = [(m.told, m.place) for m in night(seed).messages()]
    is_first = found[0] == ("opened", "mains/mains")
    assert is_first or found == [("opened", "a/transmitters"), ("revised", "mains/mains")]
    assert [told for told, _ in found].count("opened") == 1
