"""Places that a record of an earlier monitord may hold, and a reload of something else."""

from __future__ import annotations

from monitord.core.incident_state import Place
from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station

DEVICES = "{studio: {kind: detector}, tx: {kind: transmitter}}"
PROGRAMME = """
{id}:
  name: 一套
  chain:
    - {{stage: sound, owner: own, needs: studio.sound}}
    - {{stage: power, owner: own, needs: tx.radiating}}
"""
ONE, MORE = (PROGRAMME.format(id=name) for name in ("p1", "p2"))


def test_a_place_without_a_device_keeps_its_clearing_time_over_any_reload() -> None:
    """Incidents of an earlier monitord may have one; no configuration takes it away."""
    log = DutyLog(station(DEVICES, ONE), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:02:00", tx="good").until("02:02:10")
    durable = log.driver.situation.durable
    (incident,) = durable.incidents.values()
    durable.places[f"site/{incident.id}"] = durable.places.pop(incident.place.id)
    incident.place = Place(f"site/{incident.id}", "stage", "no_carrier", "power")
    log.reload(station(DEVICES, ONE + MORE))
    assert list(durable.incidents) == [incident.id]
