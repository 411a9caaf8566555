"""What an event says of outages, causes and incidents, one frozen type a kind. See ``events.py``.

A fault's id is ``programme/fault``; ``/alarm/device.condition`` has no programme.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.core.figures import Figures
from monitord.core.incident_state import Place
from monitord.core.model import Column


@dataclass(frozen=True, slots=True)
class OutageBegan:
    """Subject, a fault, is proven: an outage, or a spell of an alarm. ``began``: in this interval.

    ``id``: of the outage, unique in the record. ``proof``: when it was proven.
    """

    id: str
    programme: str
    fault: str
    began: tuple[int, int]
    proof: int
    reason: str
    stage: str
    layer: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CauseClaimed:
    """Subject, a fault, is held down by a cause at ``place``. ``falls``: short ones before it."""

    place: Place
    began: tuple[int, int]
    proof: int
    open_at: int
    falls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CauseHealed:
    """The cause of subject, a fault, is good since ``healed``; None: it is bad again.

    ``began``: when it broke again; None where nobody has noted it.
    """

    place: str
    healed: int | None
    began: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CauseLeft:
    """Subject, a fault, no longer has this cause and goes on.

    ``explained``: it was none, but a consequence of another one.
    """

    place: str
    explained: bool = False


@dataclass(frozen=True, slots=True)
class WrongProgrammeTurned:
    """A cause of subject, a fault, puts a wrong programme on air, as ``conditions`` show.

    Without conditions it does so no longer. ``place``: of the cause. ``turned``: in this interval;
    ``proof``: when that was proven.
    """

    place: str
    stage: str
    conditions: tuple[str, ...]
    turned: tuple[int, int]
    proof: int


@dataclass(frozen=True, slots=True)
class OutageMoved:
    """The seconds of subject, a fault, belong to ``owner`` of ``place`` from ``since`` on."""

    since: int
    place: str
    owner: str


@dataclass(frozen=True, slots=True)
class OutageEnded:
    """Subject, an outage, has ended; one row of the statements.

    ``how``: good, hours, reconfigured or withdrawn. ``owners``: (from, to, place, owner), whose
    spans are the outage. ``suspected``: nobody proved it.
    """

    programme: str
    fault: str
    reason: str
    layer: str
    stage: str
    devices: tuple[str, ...]
    owner: str
    began: tuple[int, int]
    ended: tuple[int, int]
    figures: Figures
    how: str
    owners: tuple[tuple[int, int, str, str], ...]
    incident: str | None
    suspected: bool = False


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """Subject, an incident, opens. ``since``: when its first fault was proven.

    The fields up to ``conditions`` describe the first fault; every fault is a ``MemberJoined``.
    """

    programme: str
    fault: str
    severity: str
    reason: str
    stage: str
    conditions: tuple[str, ...]
    opened_at: int
    since: int
    number: int
    place: Place


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """A fault joins subject, an incident, with its outage and the short falls before it.

    ``number``: of this fall. ``not_before``, ``not_after``: its begin. ``falls``: the outages of
    the short ones. ``explained``: the cause lies outside the fault, which is no news beside it.
    """

    programme: str
    fault: str
    severity: str
    rank: int
    number: int
    reason: str
    column: Column
    not_before: int
    not_after: int
    falls: tuple[str, ...] = ()
    explained: bool = False


@dataclass(frozen=True, slots=True)
class MemberFell:
    """A fault of subject, an incident, has come again with another outage."""

    programme: str
    fault: str
    number: int
    reason: str
    column: Column
    not_before: int
    not_after: int


@dataclass(frozen=True, slots=True)
class MemberOver:
    """A fault of subject, an incident, is over since ``over``.

    ``how``: good, hours, reconfigured, withdrawn, or continued with another cause. Its outage began
    and ended in these intervals; a continued one has not ended (``not_before`` is None). ``own``:
    the three figures of each reason that has totals of its own.
    """

    programme: str
    fault: str
    over: int
    how: str
    number: int
    began_not_before: int
    began_not_after: int
    not_before: int | None
    not_after: int | None
    least: int
    most_seen: int
    most: int
    flaps: bool
    own: dict[str, tuple[int, int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentMoved:
    """Subject, an incident, has another cause; ``was``: the place before."""

    reason: str
    stage: str
    conditions: tuple[str, ...]
    was: str
    place: Place


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    """Subject, an incident, closes.

    ``how``: recovered, hours, reconfigured, withdrawn, or continued; ``into``: the incident that
    goes on with an outage of it, or None.
    """

    how: str
    into: str | None


@dataclass(frozen=True, slots=True)
class IncidentQuieted:
    """A person has marked subject, an incident, as a false alarm, and what he ``saw`` instead.

    Its evidence and its seconds stay.
    """

    person: str
    saw: str


@dataclass(frozen=True, slots=True)
class IncidentAcknowledged:
    """A person has acknowledged subject, an incident; ``members``: the faults open then."""

    person: str
    members: tuple[str, ...] = ()
