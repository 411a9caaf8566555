"""What a message waits for: others of its cause whose own delay ends within a second. Rule 5.3.

Forty programmes behind one link fall milliseconds apart, and so their delays end: the first word
names them all. Nothing opens earlier for it, and nothing else is waited for. Owns that wait.
"""

from __future__ import annotations

from typing import Final

from monitord.core.faults import is_over_by
from monitord.core.incident_state import Claim, Incident
from monitord.core.model import SECOND
from monitord.core.plan import SEVERITIES
from monitord.core.situation import Situation

GATHER: Final = SECOND
"""A message waits so long at most, from when it is due."""


def note_claim(situation: Situation, fault: str, place: str) -> None:
    """Note that a fault has a cause, and is no member of its incident yet."""
    _unopened(situation).setdefault(place, {})[fault] = None


def gathered(situation: Situation, incident: Incident, severity: int, due: int) -> int:
    """Return until when a message that is due waits, at most; ``due`` where it waits for nothing.

    ``severity``: of the worst that it is about. Nothing lesser is waited for.
    """
    until = due + GATHER
    if until <= situation.clock:
        return due
    waiting = _unopened(situation).get(incident.place.id, {})
    for name in list(waiting):
        claim = _claim_of(situation, name, incident.place.id)
        if claim is None:
            del waiting[name]
        elif claim.open_at <= until and _counts(situation, name, severity, claim.open_at):
            return until
    return due


def _counts(situation: Situation, name: str, severity: int, open_at: int) -> bool:
    fault = situation.faults[name]
    is_lesser = SEVERITIES.index(fault.severity) > severity
    return not is_lesser and not is_over_by(situation, fault, open_at)


def _claim_of(situation: Situation, name: str, place: str) -> Claim | None:
    """Return the claim of a fault on a place whose incident does not have it yet."""
    held = situation.durable.outages.get(name)
    claim = None if held is None or name not in situation.faults else held.claims.get(place)
    return claim if claim is not None and claim.incident is None else None


def _unopened(situation: Situation) -> dict[str, dict[str, None]]:
    """Return by place the faults that claim it; found in durable state where that is missing."""
    found = situation.unopened
    if found is None:
        found = situation.unopened = {}
        for fault, held in situation.durable.outages.items():
            for place in held.claims:
                found.setdefault(place, {})[fault] = None
    return found
