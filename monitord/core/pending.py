"""Keeps each person's message queue equal to the incidents. Owns when an incident is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from monitord.core.incident_state import Incident
from monitord.core.member_index import MemberIndex, urgency
from monitord.core.message_queue import MessageQueue, Ready
from monitord.core.messages import index_of, look_at_members, pending_messages, severity_index
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


def look_again(situation: Situation, incidents: Iterable[str], member: str | None = None) -> None:
    """Have the messages of these incidents found again, for every person.

    ``member``: the only one of theirs that is another now.
    """
    for queue in situation.queues.values():
        for name in incidents:
            queue.look_again(name, member)


def queue_of(situation: Situation, person: PersonPlan, now: int) -> MessageQueue:
    """Return a person's messages as of ``now``; built from durable state where it is missing."""
    queue = situation.queues.get(person.id)
    if queue is None:
        queue = situation.queues[person.id] = MessageQueue()
        queue.changed.update(all_incidents(situation))
    for name, members in queue.take_changed(now):
        incident = incident_of(situation, name)
        if incident is None:
            queue.indexes.pop(name, None)
            queue.put(name, None, None)
        else:
            _look_at(situation, person, incident, members, now)
    return queue


def _look_at(
    situation: Situation,
    person: PersonPlan,
    incident: Incident,
    members: set[str] | None,
    now: int,
) -> None:
    """``members``: those that may mean something else now; None for all of them."""
    queue = situation.queues[person.id]
    index = queue.indexes.pop(incident.id, None)
    if index is None or members is None or incident.closed_at is not None:
        index = index_of(situation, person, incident)
    else:
        members.update(index.speaking.take_due(now))
        look_at_members(situation, person, incident, index, members)
    if incident.closed_at is None:  # a closed one may be forgotten, and nobody looks again
        queue.indexes[incident.id] = index
    found = list(pending_messages(situation, incident, index, now))
    due_now = [message.told for message in found if message.due <= now]
    entry = _ready(incident, index, min(due_now, key=urgency)) if due_now else None
    later = min((message.due for message in found if message.due > now), default=None)
    queue.put(incident.id, entry, later)


def _ready(incident: Incident, index: MemberIndex, told: Told) -> Ready:
    severity, rank = index.open_severity.first(), index.open_rank.first()
    members = incident.members.values()
    # Where none is open it is that of all: few messages are of such an incident.
    if severity is None or rank is None:
        severity = min((severity_index(member.severity), member.id) for member in members)
        rank = min((member.rank, member.id) for member in members)
    return Ready(
        over=incident.closed_at is not None,
        severity=severity[0],
        rank=rank[0],
        opened_at=incident.opened_at,
        number=incident.number,
        incident=incident.id,
        told=told,
    )
