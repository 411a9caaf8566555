"""People's decisions; they are recorded beside the evidence and never change it. Owns their effect.

A command that names nothing known changes nothing; ``control/`` answers the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitord.core.events import Draft, IncidentAcknowledged
from monitord.core.model import Command
from monitord.core.situation import Situation

ACKNOWLEDGE: Final = "acknowledge"
"""The person takes this incident; body: ``incident``."""


def carry_out(situation: Situation, command: Command) -> Iterator[Draft]:
    """Yield what follows from a command; nothing for an unknown kind, person or incident."""
    if command.kind == ACKNOWLEDGE and command.person in situation.people:
        yield from _acknowledge(situation, command)


def _acknowledge(situation: Situation, command: Command) -> Iterator[Draft]:
    incident = situation.durable.incidents.get(dict(command.body).get("incident", ""))
    if incident is not None and incident.acknowledged_by is None:
        yield Draft(incident.id, IncidentAcknowledged(command.person))
