"""The only writer of the node's role and of how far it was forwarded. Decides nothing."""

from __future__ import annotations

from monitord.core.durable import Durable
from monitord.core.model import Event
from monitord.core.node_events import CursorMoved, ForwardedNow, NodeNow, RoleChanged
from monitord.core.person_state import Knowledge, Received


def role_taken(durable: Durable, event: Event, body: RoleChanged) -> None:
    durable.node = NodeNow(body.role, event.at, body.peer)
    for person, incident in body.told:
        known = durable.incidents[incident].people.setdefault(person, Knowledge())
        known.received = Received.PERHAPS


def forwarded(durable: Durable, event: Event, body: CursorMoved) -> None:
    durable.forwarded[event.subject] = ForwardedNow(body.cursor, event.at)
