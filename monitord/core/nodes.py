"""A node takes its role, and consumers say how far they have the record. Owns what follows.

Nobody makes these inputs yet: a pair of nodes and forwarding are other tasks. Their events are in
the record from now on, because what was recorded without them could not be read as meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitord.core.durable import incident_named
from monitord.core.events import Draft
from monitord.core.messages import knowledge_of
from monitord.core.model import Forwarded, RoleTaken
from monitord.core.node_events import CursorMoved, Role, RoleChanged
from monitord.core.person_state import Received
from monitord.core.situation import Situation

CONSUMERS_MAX: Final = 16


def is_standby(situation: Situation) -> bool:
    """Return whether another node notifies people."""
    return situation.durable.node.role is Role.STANDBY


def follow_nodes(situation: Situation, item: RoleTaken | Forwarded) -> Iterator[Draft]:
    """Yield what a role or a cursor changes."""
    if isinstance(item, RoleTaken):
        yield from _take_role(situation, item)
    else:
        yield from _move_cursor(situation, item)


def _take_role(situation: Situation, taken: RoleTaken) -> Iterator[Draft]:
    """Yield another role; nothing for the one that the node has and what it knows already."""
    node, told = situation.durable.node, tuple(_perhaps(situation, taken))
    if told or (taken.role, taken.peer) != (node.role, node.peer):
        yield Draft("", RoleChanged(taken.role, taken.peer, told))


def _perhaps(situation: Situation, taken: RoleTaken) -> Iterator[tuple[str, str]]:
    """Yield who may have word of which open incident: the peer's ids are not ours, places are."""
    for person, place in taken.told:
        incident = incident_named(situation.durable, situation.durable.places.get(place))
        if incident is None or person not in situation.people:
            continue
        if knowledge_of(incident, person).received is Received.NO:
            yield person, incident.id


def _move_cursor(situation: Situation, forwarded: Forwarded) -> Iterator[Draft]:
    """Yield how far a consumer has the record, at most as often as the clock is marked.

    A cursor is an event that is forwarded too. What a consumer gets twice it knows already.
    """
    durable, cursor = situation.durable, forwarded.cursor
    held = durable.forwarded.get(forwarded.consumer)
    place = cursor.epoch, cursor.number
    if place > (durable.epoch, durable.number) or cursor.stream != durable.stream:
        return
    if held is None:
        is_news = len(durable.forwarded) < CONSUMERS_MAX
    else:
        is_due = situation.clock - held.at >= situation.plan.mark_every
        is_news = is_due and place > (held.cursor.epoch, held.cursor.number)
    if is_news:
        yield Draft(forwarded.consumer, CursorMoved(cursor))
