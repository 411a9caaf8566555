"""People's decisions, by name: beside the evidence and never over it. Owns what each one does.

A command that cannot be carried out changes nothing; who sent it is told by whoever took it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitord.core.events import Draft, IncidentAcknowledged
from monitord.core.model import Command
from monitord.core.situation import Situation

ACKNOWLEDGE: Final = "acknowledge"
"""I have seen this incident; body: ``incident``."""


def carry_out(situation: Situation, command: Command) -> Iterator[Draft]:
    """Yield what follows from a command; nothing where it names what is not there."""
    if command.kind == ACKNOWLEDGE and command.person in situation.people:
        yield from _acknowledge(situation, command)


def _acknowledge(situation: Situation, command: Command) -> Iterator[Draft]:
    incident = situation.durable.incidents.get(dict(command.body).get("incident", ""))
    if incident is not None and incident.acknowledged_by is None:
        yield Draft(incident.id, IncidentAcknowledged(command.person))
