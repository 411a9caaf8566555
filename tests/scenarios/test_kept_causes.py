"""A cause that was named stays that one while it lasts, whatever else fails or is configured."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import Site

BOTH = """
fm:
  name: 调频
  chain:
    - {stage: transmitters, owner: own, needs: a.radiating and b.radiating}
"""


def both() -> Site:
    """Return two transmitters that a programme needs at once."""
    return station("a: {kind: transmitter}\nb: {kind: transmitter}", BOTH)


@pytest.mark.parametrize("state", ["tripped", "standby"])
def test_a_transmitter_that_is_off_stays_the_cause_when_the_other_one_fails_too(state: str) -> None:
    """One of its readings is bad, or several: what was named first is still so, and is no news."""
    log = DutyLog(both(), begins="02:00:00").then("02:10:00", a="standby")
    log.then("02:15:00", b=state).until("02:30:00")
    assert {(m.told, m.place) for m in log.messages()} == {("opened", "a/transmitters")}
    (held,) = log.driver.situation.durable.outages.values()
    assert list(held.claims) == ["a/transmitters"]


FULL = "tx.radiating and not tx.reduced"
BEFORE = "{{stage: transmitter, owner: own, needs: {}}}"
AFTER = (
    "{{stage: transmitter, owner: own, needs: other.radiating}}, "
    "{{stage: amplifier, owner: own, needs: {}}}"
)


def two(chain: str) -> Site:
    """Return two programmes of one transmitter; at lower power only one of them is off."""
    programmes = f"""
    fm: {{name: 一套, chain: [{chain.format("tx.radiating")}]}}
    am: {{name: 二套, chain: [{chain.format(FULL)}]}}
    """
    return station("tx: {kind: transmitter}\nother: {kind: transmitter}", programmes)


def test_a_reload_closes_no_incident_that_a_programme_still_has() -> None:
    """One programme is on again, and no stage of that name has the transmitter any more."""
    log = DutyLog(two(BEFORE), begins="02:00:00").then("02:10:00", tx="standby")
    log.then("02:15:00", tx="reduced").until("02:15:10")
    durable = log.driver.situation.durable
    (incident,) = durable.incidents.values()
    assert [name for name, m in incident.members.items() if m.over is None] == ["am/off_air"]
    log.reload(two(AFTER))
    held = durable.outages["am/off_air"]
    assert [claim.incident in durable.incidents for claim in held.claims.values()] == [True]
    log.until("02:20:00")
    assert [claim.incident in durable.incidents for claim in held.claims.values()] == [True]
    log.then("02:25:00", tx="good").until("02:35:00")
    assert durable.incidents == {}
