"""Keeps each person's message queue equal to the incidents. Owns when an incident is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from monitord.core.incident_state import Incident, in_order, standing
from monitord.core.message_queue import MessageQueue, Ready
from monitord.core.messages import URGENCY, Pending, pending_messages, severity_index
from monitord.core.model import Told
from monitord.core.plan import PersonPlan
from monitord.core.situation import Situation


def incident_of(situation: Situation, name: str) -> Incident | None:
    """Return an incident that is open, or closed with a closing still to send."""
    durable = situation.durable
    return durable.incidents.get(name) or durable.closed_incidents.get(name)


def all_incidents(situation: Situation) -> list[str]:
    """Return every incident of which a message may be due."""
    return [*situation.durable.incidents, *situation.durable.closed_incidents]


def look_again(situation: Situation, incidents: Iterable[str]) -> None:
    """Have the messages of these incidents found again, for every person."""
    for queue in situation.queues.values():
        queue.changed.update(incidents)


def queue_of(situation: Situation, person: PersonPlan, now: int) -> MessageQueue:
    """Return a person's messages as of ``now``; built from durable state where it is missing."""
    queue = situation.queues.get(person.id)
    if queue is None:
        queue = situation.queues[person.id] = MessageQueue()
        queue.changed.update(all_incidents(situation))
    for name in queue.take_changed(now):
        incident = incident_of(situation, name)
        if incident is None:
            queue.put(name, None, None)
        else:
            _look_at(situation, person, queue, incident, now)
    return queue


def _look_at(
    situation: Situation, person: PersonPlan, queue: MessageQueue, incident: Incident, now: int
) -> None:
    found = list(pending_messages(situation, person, incident))
    due_now = [message for message in found if message.due <= now]
    entry = _ready(incident, min(due_now, key=_urgency).told) if due_now else None
    later = min((message.due for message in found if message.due > now), default=None)
    queue.put(incident.id, entry, later)


def _urgency(message: Pending) -> int:
    return URGENCY.index(message.told) if message.told in URGENCY else 0


def _ready(incident: Incident, told: Told) -> Ready:
    members = standing(incident) or in_order(incident)
    return Ready(
        over=incident.closed_at is not None,
        severity=min(severity_index(member.severity) for member in members),
        rank=min(member.rank for member in members),
        opened_at=incident.opened_at,
        number=incident.number,
        incident=incident.id,
        told=told,
    )
