"""The durable half of the Situation: what the record folds to. Owns shapes; ``apply`` writes it.

Names of types and fields are part of the shape hash of stored snapshots, and stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from monitord.core.clock_state import ClockNow
from monitord.core.figures import Figures
from monitord.core.hours import HoursSince
from monitord.core.incident_state import Fall, Incident, Outage
from monitord.core.lateness_events import Lateness
from monitord.core.model import Stream
from monitord.core.node_events import ForwardedNow, NodeNow
from monitord.core.person_state import ChannelNow, PersonNow
from monitord.core.site_state import SiteState
from monitord.core.unsettled_state import Unsettled


@dataclass(frozen=True, slots=True)
class ConditionNow:
    """The last proven value of a condition; None when it is blind, with the cause.

    It took it in [``not_before``, ``since``]. Conditions that turned alike may have the same one.
    """

    value: bool | None
    since: int
    cause: str
    not_before: int = 0


# The conditions of a device turn at once, and differ in their values and lags alone. Typed: true
# and 1 are equal, and are not stored alike.
condition_now = lru_cache(maxsize=16, typed=True)(ConditionNow)
"""Return what is known of a condition: the same object for fields that are equal to newest ones."""


@dataclass(slots=True)
class Piece:
    """A programme's open piece. ``blind``: cause or None; ``presumed``: blind during an outage.

    ``quality``: why it is not known whether a programme on air is degraded, or None.
    """

    start: int
    possible: list[str]
    blind: str | None
    presumed: bool
    quality: str | None = None


@dataclass(slots=True)
class Proven:
    """An outage proven since the last clear piece.

    It began in [``not_before``, ``not_after``]; ``bad_at``: the latest moment known to be bad.
    """

    reason: str
    not_before: int
    not_after: int
    bad_at: int
    stage: str
    conditions: list[str]


@dataclass(slots=True)
class ProgrammeNow:
    """The present state of a programme, and its totals.

    ``clear_to``: end of the last clear piece. ``stretch``: the closed pieces (from, to, sort) since
    then, sort is bad, between or blind; ``own_stretch``: by reason that has totals of its own, the
    bad ones that are of it (bad), or may be (between). ``proven`` remains through the clear piece
    that ends the outage: read it with ``present.outage``. ``seconds``: microseconds per column of
    all closed booked pieces; ``figures``: the three figures of them, in scheduled time. They are
    booked up to the wall time ``booked_to``. ``held``: closed pieces that wait for a trusted clock.
    ``own``: the figures of each reason that has totals of its own; without what was not monitored.
    """

    piece: Piece
    clear_to: int
    stretch: list[tuple[int, int, str]] = field(default_factory=list)
    proven: Proven | None = None
    seconds: dict[str, int] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    booked_to: int | None = None
    held: list[Piece] = field(default_factory=list)
    own: dict[str, Figures] = field(default_factory=dict)
    own_stretch: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)


@dataclass(slots=True)
class DecisionNow:
    """How a decision was answered. ``why``: the code of a refusal, None for one that was taken.

    ``digest``: of person, kind and body.
    """

    at: int
    digest: str
    why: str | None


@dataclass(slots=True)
class Durable:
    """All durable state.

    ``calendar``: per programme its hours, in order of when they began to count. ``outages``: by
    fault, those that last; ``recent``: the newest ended ones. ``places``: each cause's incident.
    ``closed_incidents``: those with a closing still to deliver; ``closed_at``: by fault, the last
    close of an incident with it. ``numbers``: short numbers of the last seven days, and when each
    was given back. ``people`` and ``channels``: those that were used. ``starts``: site times of the
    newest starts. ``decisions``: those of the last 7 days by id. ``unsettled``: by programme.
    ``site_states``: by number, those that count. ``lateness``: of monitord itself.
    ``node``: its role beside another one. ``forwarded``: by consumer, how far it has the record.
    ``record_harmed``: by harm to the file of the record, when it last was found.
    """

    stream: Stream = Stream.SITE
    epoch: int = 1
    number: int = 0
    last_at: int = 0
    config_hash: str = ""
    config_content: str = ""
    clock_offset: int = 0
    clock: ClockNow = field(default_factory=ClockNow)
    last_mark_at: int = 0
    running: bool = False
    starts: list[int] = field(default_factory=list)
    stopped_ends: dict[str, int] = field(default_factory=dict)
    calendar: dict[str, list[HoursSince]] = field(default_factory=dict)
    calendar_known_from: int = 0
    calendar_known_to: int = 0
    calendar_tzdata: str = ""
    conditions: dict[str, ConditionNow] = field(default_factory=dict)
    programmes: dict[str, ProgrammeNow] = field(default_factory=dict)
    outages: dict[str, Outage] = field(default_factory=dict)
    recent: dict[str, list[Fall]] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    closed_at: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int | None] = field(default_factory=dict)
    last_number: int = 0
    closed_incidents: dict[str, Incident] = field(default_factory=dict)
    people: dict[str, PersonNow] = field(default_factory=dict)
    channels: dict[str, ChannelNow] = field(default_factory=dict)
    decisions: dict[str, DecisionNow] = field(default_factory=dict)
    unsettled: dict[str, Unsettled] = field(default_factory=dict)
    site_states: dict[str, SiteState] = field(default_factory=dict)
    last_site_state: int = 0
    lateness: Lateness = field(default_factory=Lateness)
    node: NodeNow = field(default_factory=NodeNow)
    forwarded: dict[str, ForwardedNow] = field(default_factory=dict)
    record_harmed: dict[str, int] = field(default_factory=dict)


def incident_named(durable: Durable, name: str | None) -> Incident | None:
    """Return an open incident by its id; None without an id, and where it is not open."""
    return None if name is None else durable.incidents.get(name)
