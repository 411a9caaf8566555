"""Open incidents and what each person is to get of them, as JSON objects. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.control.labels import Labels
from monitord.control.model import Json
from monitord.core.alerts import devices_now
from monitord.core.attempts import due_of_person
from monitord.core.figures import Figures
from monitord.core.incident_state import (
    WRONG,
    Incident,
    Member,
    first_member,
    in_order,
    stage_of_cause,
    worst,
)
from monitord.core.members import member_figures
from monitord.core.message_events import DeviceNow
from monitord.core.messages import knowledge_of, person_of
from monitord.core.pending import incident_of, queue_of
from monitord.core.person_state import Received
from monitord.core.places import devices_of
from monitord.core.plan import PersonPlan
from monitord.core.situation import Situation


def figures(found: Figures) -> Json:
    """Return the three figures in seconds."""
    return {
        "least_s": found.least / 1e6,
        "most_seen_s": found.most_seen / 1e6,
        "most_s": found.most / 1e6,
    }


def incidents(situation: Situation, labels: Labels, at: int) -> list[Json]:
    """Return every open incident, the newest first."""
    found = sorted(situation.durable.incidents.values(), key=_newest_first)
    return [_incident(situation, incident, labels, at) for incident in found]


def _newest_first(incident: Incident) -> tuple[int, str]:
    return -incident.opened_at, incident.id


def _incident(situation: Situation, incident: Incident, labels: Labels, at: int) -> Json:
    """Return an incident. Fields that name one fault are those of its worst open one."""
    first, place = first_member(incident), incident.place
    members = [_member(situation, member, labels, at) for member in in_order(incident)]
    own = next(found for found in members if found["id"] == first.id)
    return {
        "id": incident.id,
        "number": incident.number,
        "programme": first.programme,
        "name": own["name"],
        "joined": [m.programme for m in in_order(incident) if m.programme and m is not first],
        "fault": first.fault,
        "severity": worst(incident),
        "reason": own["reason"],
        "stage": stage_of_cause(incident),
        "stage_name": _stage_name(incident, labels),
        "conditions": list(place.conditions),
        "place": place.id,
        "kind": place.kind,
        "devices": [labels.device(device) for device in devices_of(place)],
        "devices_now": [_device_now(now, labels) for now in devices_now(situation, incident)],
        "opened_at": labels.iso(incident.opened_at),
        "began_not_before": own["began_not_before"],
        "began_not_after": own["began_not_after"],
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_at": labels.moment(incident.acknowledged_at),
        "acknowledged": acknowledged(incident, labels),
        "members": members,
        "least_s": own["least_s"],
        "most_seen_s": own["most_seen_s"],
        "most_s": own["most_s"],
    }


def _stage_name(incident: Incident, labels: Labels) -> str:
    """Return the name of the cause's stage, if all programmes that share it have the same."""
    stage = stage_of_cause(incident)
    about = [member for member in in_order(incident) if member.falls[-1].stage == stage]
    names = {labels.stage(m.programme, stage) for m in about if m.programme and stage}
    return names.pop() if len(names) == 1 else ""


def _device_now(now: DeviceNow, labels: Labels) -> Json:
    found: Json = {**now, "name": labels.name(f"device/{now['device']}")}
    if "programme" in now:
        found["programme_name"] = labels.name(f"programme/{now['programme']}")
    return found


def acknowledged(incident: Incident, labels: Labels) -> list[Json]:
    """Return who acknowledged which members: it covers those that were open then (rule 5.2)."""
    return [
        {"person": person, "name": labels.name(f"person/{person}"), "members": list(members)}
        for person, members in incident.acknowledged.items()
    ]


def _member(situation: Situation, member: Member, labels: Labels, at: int) -> Json:
    began, last = member.falls[0].began, member.falls[-1]
    ended = (None, None) if last.ended is None else last.ended
    return {
        "id": member.id,
        "programme": member.programme,
        "name": labels.member(member.programme, member.fault),
        "fault": member.fault,
        "severity": member.severity,
        "reason": last.reason if member.wrong is None else WRONG,
        "stage": last.stage,
        "open": member.over is None,
        "how": None if member.over is None else member.how,
        "falls": member.count,
        "began_not_before": labels.iso(began[0]),
        "began_not_after": labels.iso(began[1]),
        "ended_not_before": labels.moment(ended[0]),
        "ended_not_after": labels.moment(ended[1]),
    } | figures(member_figures(situation, member, at))


# -- what people are to get -----------------------------------------------------------------------


def owed(situation: Situation, labels: Labels) -> list[Json]:
    """Return every message that a person must get, in the order in which they are sent.

    ``state``: being sent, due, or waiting until ``due_at``.
    """
    return [
        row for person in situation.people.values() for row in _of_person(situation, person, labels)
    ]


def _of_person(situation: Situation, person: PersonPlan, labels: Labels) -> Iterator[Json]:
    queue = queue_of(situation, person, situation.clock)
    for sending in person_of(situation, person.id).sending:
        row = _row(situation, person, sending.incident, labels)
        row |= {"state": "telling", "told": sending.told, "due_at": labels.iso(sending.begun_at)}
        yield row | {"attempts": sending.attempt, "channel": sending.channel}
    if queue.ready:
        due_at = labels.moment(due_of_person(situation, person.id))
        for entry in queue.ready:
            row = _row(situation, person, entry.incident, labels)
            yield row | {"state": "owed", "told": entry.told.value, "due_at": due_at}
    for incident, due in sorted(queue.later.items(), key=lambda later: (later[1], later[0])):
        row = _row(situation, person, incident, labels)
        yield row | {"state": "waiting", "told": None, "due_at": labels.iso(due)}


def _row(situation: Situation, person: PersonPlan, name: str, labels: Labels) -> Json:
    incident = incident_of(situation, name)
    known = None if incident is None else knowledge_of(incident, person.id)
    return {
        "person": person.id,
        "name": labels.name(f"person/{person.id}"),
        "incident": name,
        "number": None if incident is None else incident.number,
        "attempts": 0 if known is None else known.attempts,
        "received": (Received.NO if known is None else known.received).value,
        "channel": None,
    }
