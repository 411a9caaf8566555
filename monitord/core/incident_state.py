"""Incidents as the record keeps them: falls, members, incidents. Owns shapes and look-ups.

An incident is one place where something broke, with every outage and alarm that has this cause.
``apply`` writes these; ``members.py`` and ``incidents.py`` decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from monitord.core.figures import Figures
from monitord.core.person_state import Knowledge
from monitord.core.plan import SEVERITIES

FALLS_KEPT: Final = 4
"""Falls kept of a member: the first and the newest; older ones are in ``count`` and ``ended``."""


@dataclass(slots=True)
class Fall:
    """One outage of a member, or one spell of an alarm; an outage keeps its id.

    ``began``, ``ended``: (not before, not after). ``proof``: when the cause was proven. ``how``:
    good, hours, reconfigured, withdrawn or continued (with another cause); None while it lasts.
    ``figures``: of an ended fall.
    """

    id: str
    began: tuple[int, int]
    proof: int
    reason: str
    stage: str
    layer: str
    conditions: list[str] = field(default_factory=list)
    ended: tuple[int, int] | None = None
    how: str | None = None
    figures: Figures = field(default_factory=Figures)


@dataclass(slots=True)
class Member:
    """One fault that this cause holds; every delay runs on it.

    ``id``: ``programme/fault``, or ``/fault`` without a programme. ``proof``: of the newest fall.
    ``open_at``: when ``open_after`` ends. ``falls``: the first and the newest few, newest last;
    ``count``: all of them. ``longest``: the longest ended fall, from its proof. ``ended``: figures
    of all ended falls. ``flaps``: fell three times in ten minutes. ``healed``: the cause is good,
    the programme still off. ``over``: over since then; ``how``: as of the newest fall.
    ``suppressed``: another open cause explains it, and nobody gets a message.
    """

    id: str
    programme: str
    fault: str
    severity: str
    rank: int
    proof: int
    open_at: int
    falls: list[Fall] = field(default_factory=list)
    count: int = 1
    longest: int = 0
    ended: Figures = field(default_factory=Figures)
    flaps: bool = False
    healed: int | None = None
    over: int | None = None
    how: str | None = None
    suppressed: bool = False


@dataclass(slots=True)
class Incident:
    """One cause and all that it holds. ``id`` is unique; ``number`` is the short one people use.

    ``place``: where it broke; ``place_at``: since when it is known; ``kind``: stage, feed, network,
    line, device, site or alarm. ``stage`` and ``conditions``: of the place, empty outside a chain.
    ``how``: recovered, hours, reconfigured, withdrawn or continued; ``into``: the incident that
    goes on. ``moves``: when the cause moved, the newest few; ``changing``: it moves too often.
    ``acknowledged``: by person, the members seen. ``people``: what each person knows. ``quiet``: a
    false alarm; only the closing is sent.
    """

    id: str
    number: int
    place: str
    kind: str
    place_at: int
    opened_at: int
    reason: str = ""
    stage: str = ""
    conditions: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    closed_at: int | None = None
    how: str = ""
    into: str | None = None
    moves: list[int] = field(default_factory=list)
    changing: bool = False
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    acknowledged_at: int | None = None
    people: dict[str, Knowledge] = field(default_factory=dict)
    quiet: bool = False


def standing(incident: Incident) -> list[Member]:
    """Return the open members in restoration order."""
    return [member for member in in_order(incident) if member.over is None]


def in_order(incident: Incident) -> list[Member]:
    """Return every member in restoration order: ``rank``, then id."""
    return sorted(incident.members.values(), key=lambda member: (member.rank, member.id))


def worst(incident: Incident) -> str:
    """Return the severity of the worst open member; of all members once none is open."""
    members = standing(incident) or list(incident.members.values())
    return min((member.severity for member in members), key=SEVERITIES.index)


def first_acknowledged_by(incident: Incident) -> str | None:
    """Return the person who acknowledged the incident first, or None."""
    return next(iter(incident.acknowledged), None)
