"""Outages, causes and incidents as the record keeps them. Owns shapes and look-ups.

A *fault* of a programme or an alarm of a device has an id (``programme/fault``,
``/alarm/ups.mains``). While it lasts it is one ``Outage``, with a ``Claim`` for each cause
that holds it down. An incident is one cause with every fault that it holds. ``apply`` writes these;
``causes.py``, ``outages.py`` and ``incidents.py`` decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from monitord.core.figures import Figures
from monitord.core.person_state import Knowledge
from monitord.core.plan import SEVERITIES

FALLS_KEPT: Final = 8
"""Ended falls kept of a fault, the newest: enough for the rules of three falls in ten minutes."""
CLAIMS_KEPT: Final = 3
"""Claims of a place kept of an outage, the newest: the rule of three in ten minutes needs these."""
CHANGING_MOVES: Final = 7
"""So many moves of a cause within ``CHANGING_IN`` make it a changing one (rule 5.2)."""
CHANGING_IN: Final = 600_000_000
WRONG: Final = "wrong_programme"
"""The reason of what is on air in the place of the programme, and may be hostile."""
WORST_FIRST: Final = (
    *("site_silent", "off_air", "suspected", "disputed", "blind", "degraded"),
    *("reserve_lost", "reserve_used", "reserve_unknown", "manual", "clock_untrusted"),
    *("inconsistent", "silent", "alarm", "config_refused", "record_replaced"),
)
"""Faults, the worst first: that one names an incident with several."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it broke. ``id``: ``devices/what``; equal ids are the same cause (rule 5.2).

    ``kind``: stage, feed, network, line, device, site or alarm. ``stage``, ``owner``: of the chain,
    empty outside it. ``conditions``: those that are false there.
    """

    id: str
    kind: str
    reason: str = ""
    stage: str = ""
    owner: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong programme on air: the ``conditions`` of a ``stage`` that prove it.

    It began in ``began`` (not before, not after); ``proof``: when it was proven.
    """

    stage: str
    conditions: tuple[str, ...]
    began: tuple[int, int]
    proof: int


@dataclass(slots=True)
class Fall:
    """One outage, or one spell of an alarm, as an incident or the short memory keeps it.

    ``began``, ``ended``: (not before, not after). ``proof``: when it was proven. ``how``: good,
    hours, reconfigured or withdrawn; None while it lasts. ``place``: its last cause. ``figures``:
    once it has ended; ``own``: by reason with totals of its own. ``owned``: it belongs to an
    incident.
    """

    id: str
    began: tuple[int, int]
    proof: int
    reason: str
    stage: str
    place: str = ""
    ended: tuple[int, int] | None = None
    how: str | None = None
    figures: Figures = field(default_factory=Figures)
    owned: bool = False
    own: dict[str, Figures] = field(default_factory=dict)


@dataclass(slots=True)
class Claim:
    """One cause of an outage; every delay runs on it. ``began``: of the cause.

    ``open_at``: when ``open_after`` ends. ``falls``: ids of the short ones before it that count.
    ``healed``: the cause is good, the programme still off. ``incident``: the one that has this
    cause, None while it is not open. ``wrong``: the wrong programme that it puts on air now.
    """

    place: Place
    began: tuple[int, int]
    proof: int
    open_at: int
    falls: list[str] = field(default_factory=list)
    healed: int | None = None
    incident: str | None = None
    wrong: Wrong | None = None


@dataclass(slots=True)
class Outage:
    """An outage, or a spell of an alarm, that has not ended. ``claims``: by place.

    ``owners``: (from, place, owner), the newest last. ``incidents``: all that ever listed it.
    ``unseen``: of what the ledger does not count, the microseconds since it began that nothing
    proves; those that go on are not in it yet.
    ``claimed``: when each place was claimed, the newest few of the last minutes.
    """

    id: str
    began: tuple[int, int]
    proof: int
    reason: str
    stage: str
    layer: str
    conditions: list[str]
    claims: dict[str, Claim] = field(default_factory=dict)
    owners: list[tuple[int, str, str]] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    unseen: int = 0
    claimed: dict[str, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Member:
    """One fault in an incident. ``falls``: the first and the newest few, newest last.

    ``proof``: of the newest fall. ``count``: all falls; ``longest``: the longest ended one, from
    its proof; ``past``, ``past_own``: figures of those no longer in ``falls``. ``flaps``: three
    falls in ten minutes. ``over``: over since then; ``how``: why. ``suppressed``: the cause lies
    outside it, and it is no news beside another member. ``explained``: it is over because another
    cause explains this one, which was never a cause for itself. ``wrong``: the wrong programme on
    air now, of an open member; ``wrongs``: how often one began.
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
    past: Figures = field(default_factory=Figures)
    flaps: bool = False
    over: int | None = None
    how: str = ""
    suppressed: bool = False
    explained: bool = False
    wrong: Wrong | None = None
    wrongs: int = 0
    past_own: dict[str, Figures] = field(default_factory=dict)


@dataclass(slots=True)
class Incident:
    """One cause and all that it holds. ``id`` is unique; ``number`` is the short one people use.

    ``place_at``: since when the cause is known. ``how``: recovered, hours, reconfigured, withdrawn
    or continued; ``into``: the incident that goes on. ``moves``: when the cause moved, the newest
    few. ``acknowledged``: by person, the members seen; ``acknowledged_by``: the first. ``people``:
    what each person knows. ``quiet``: a false alarm; only the closing is sent.
    ``quieted_by``: the person who marked it as one last, also where that is news again.
    """

    id: str
    number: int
    place: Place
    place_at: int
    opened_at: int
    members: dict[str, Member] = field(default_factory=dict)
    closed_at: int | None = None
    how: str = ""
    into: str | None = None
    moves: list[int] = field(default_factory=list)
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None
    people: dict[str, Knowledge] = field(default_factory=dict)
    quiet: bool = False
    quieted_by: str | None = None


def changing_until(incident: Incident) -> int | None:
    """Return until when the cause counts as changing: it moved more than six times in ten minutes.

    None where it did not move so often yet.
    """
    moves = incident.moves
    return moves[0] + CHANGING_IN if len(moves) >= CHANGING_MOVES else None


def changes(incident: Incident, now: int) -> int:
    """Return how often the cause moved at least, while it is changing; else 0."""
    until = changing_until(incident)
    return len(incident.moves) if until is not None and now < until else 0


def fault_id(programme: str, fault: str) -> str:
    """Return the id of a fault; ``programme`` is empty for an alarm of a device or the site."""
    return f"{programme}/{fault}"


def standing(incident: Incident) -> list[Member]:
    """Return the open members in restoration order."""
    return [member for member in in_order(incident) if member.over is None]


def in_order(incident: Incident) -> list[Member]:
    """Return every member in restoration order: ``rank``, then id."""
    return sorted(incident.members.values(), key=lambda member: (member.rank, member.id))


def first_member(incident: Incident) -> Member:
    """Return the member that an incident is named after: an open one, of the worst fault.

    Of several that with a wrong programme, then the first one in restoration order.
    """
    return min(standing(incident) or in_order(incident), key=_badness)


def _badness(member: Member) -> tuple[int, bool]:
    return WORST_FIRST.index(member.fault.partition("/")[0]), member.wrong is None


def stage_of_cause(incident: Incident) -> str:
    """Return the stage that a cause is in; empty where it is in none.

    A supply or a link explains stages of several programmes, and is in none of them. What is no
    outage may be about a stage, which its place does not name.
    """
    place, about = incident.place, [m for m in in_order(incident) if not m.suppressed]
    if place.stage or place.kind == "stage":
        return place.stage or first_member(incident).falls[-1].stage
    stages = {m.falls[-1].stage for m in about if m.fault != "off_air"}
    return stages.pop() if len(stages) == 1 else ""


def worst(incident: Incident) -> str:
    """Return the severity of the worst open member; of all members once none is open."""
    members = standing(incident) or list(incident.members.values())
    return min((member.severity for member in members), key=SEVERITIES.index)


def owner_of(outage: Outage) -> tuple[str, str]:
    """Return the place that an outage belongs to now and its owner; empty where there is none."""
    if outage.owners:
        return outage.owners[-1][1:]
    claims = sorted(outage.claims.values(), key=lambda claim: (claim.proof, claim.place.id))
    return (claims[0].place.id, claims[0].place.owner) if claims else ("", "")
