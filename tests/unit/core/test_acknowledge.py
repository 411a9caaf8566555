"""An acknowledgement is recorded once, with the name, and changes no verdict."""

from __future__ import annotations

import json

from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.durable import Durable, Incident
from monitord.core.model import Command, Event
from tests.support.seam import Watch, fm_site, fold

KIND = "incident_acknowledged"


def acknowledge(watch: Watch, incident: str, person: str, after: int = 0) -> tuple[Event, ...]:
    at = watch.driver.now + after
    command = Command(at, person, "acknowledge", (("incident", incident),))
    return watch.driver.tick([command], at)


def off_air() -> tuple[Watch, Incident]:
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    (incident,) = watch.driver.situation.durable.incidents.values()
    return watch, incident


def test_an_acknowledgement_is_recorded_by_name() -> None:
    """The record has the person and the time."""
    watch, incident = off_air()
    events = acknowledge(watch, incident.id, "desk", after=3)
    assert [(e.kind, e.subject, json.loads(e.body)) for e in events] == [
        (KIND, incident.id, {"person": "desk"})
    ]
    assert (incident.acknowledged_by, incident.acknowledged_at) == ("desk", events[0].at)


def test_acknowledging_twice_is_no_new_event() -> None:
    """The first person counts."""
    watch, incident = off_air()
    acknowledge(watch, incident.id, "desk")
    assert acknowledge(watch, incident.id, "desk", after=1) == ()
    assert acknowledge(watch, incident.id, "engineer", after=2) == ()
    assert incident.acknowledged_by == "desk"


def test_only_an_open_incident_is_acknowledged_and_only_by_a_configured_person() -> None:
    """An unknown incident or person, a closed incident, another command: nothing is recorded."""
    watch, incident = off_air()
    assert acknowledge(watch, "1-1", "desk") == ()
    assert acknowledge(watch, incident.id, "stranger") == ()
    other = Command(watch.driver.now, "desk", "dance", (("incident", incident.id),))
    assert watch.driver.tick([other], watch.driver.now) == ()
    watch.hold(60)
    assert watch.bodies("incident_closed")
    assert acknowledge(watch, incident.id, "desk") == ()


def test_an_acknowledgement_survives_the_restart() -> None:
    """It is in the folded state and in a snapshot."""
    watch, incident = off_air()
    acknowledge(watch, incident.id, "engineer")
    folded = fold(watch.driver.events)
    assert folded.incidents[incident.id].acknowledged_by == "engineer"
    plain = json.loads(canonical(to_plain(folded)))
    assert from_plain(Durable, plain) == folded
