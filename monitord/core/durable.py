"""The durable half of the Situation: what the record folds to. Owns shapes; ``apply`` writes it.

Names of types and fields are part of the shape hash of stored snapshots, and stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.core.delivery_states import RowState
from monitord.core.fault_states import FaultState
from monitord.core.figures import Figures
from monitord.core.model import Stream, Told
from monitord.core.unsettled_state import Unsettled


@dataclass(slots=True)
class ConditionNow:
    """The last proven value of a condition; None when it is blind, with the cause."""

    value: bool | None
    since: int
    cause: str


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
class Impact:
    """What an incident did to one programme. ``ended``: (not before, not after), or None."""

    programme: str
    number: int
    reason: str
    column: str
    not_before: int
    not_after: int
    ended: tuple[int, int] | None = None
    figures: Figures = field(default_factory=Figures)


@dataclass(slots=True)
class Fault:
    """One fault of a programme: its state (``fault_states.py``), since when, its incident."""

    state: FaultState = FaultState.CLEAR
    since: int = 0
    incident: str | None = None


@dataclass(slots=True)
class ProgrammeNow:
    """The present state of a programme, and its totals.

    ``clear_to``: end of the last clear piece. ``stretch``: the closed pieces (from, to, sort) since
    then, sort is bad, between or blind. ``proven`` remains through the clear piece that ends the
    outage: read it with ``present.outage``. ``seconds``: microseconds per column of all closed
    pieces; ``figures``: the three figures of all closed pieces, in scheduled time.
    """

    piece: Piece
    clear_to: int
    stretch: list[tuple[int, int, str]] = field(default_factory=list)
    proven: Proven | None = None
    faults: dict[str, Fault] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)


@dataclass(slots=True)
class Incident:
    """An incident: one cause and its impacts.

    ``acknowledged_by``: the person who acknowledged it first, or None.
    """

    id: str
    programme: str
    fault: str
    severity: str
    reason: str
    stage: str
    conditions: list[str]
    opened_at: int
    since: int
    impacts: list[Impact] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None


@dataclass(slots=True)
class Row:
    """The messages of one incident for one person.

    ``owed``: being sent or next to send; ``after``: the one behind it. ``ever_told``: no, perhaps
    (monitord stopped while sending) or yes. ``messages``: delivered so far; ``channel_index``: next
    channel of the person's list; ``order``: place in the message queue.
    """

    incident: str
    state: RowState
    tell_at: int
    owed: Told | None = None
    after: Told | None = None
    ever_told: str = "no"
    order: int = 0
    attempts: int = 0
    messages: int = 0
    channel_index: int = 0
    failures: int = 0
    next_at: int = 0
    closed: bool = False


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

    ``calendar``: per programme ordered (from, to, expected) of wall time. ``lanes``: the message
    queue of each person. ``closed_incidents``: those with messages still to deliver.
    ``decisions``: those of the last 7 days by id. ``unsettled``: by programme.
    """

    stream: Stream = Stream.SITE
    epoch: int = 1
    number: int = 0
    last_at: int = 0
    config_hash: str = ""
    config_content: str = ""
    clock_offset: int = 0
    clock_disputed: int = 0
    last_mark_at: int = 0
    running: bool = False
    stopped_ends: dict[str, int] = field(default_factory=dict)
    calendar: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    calendar_known_to: int = 0
    conditions: dict[str, ConditionNow] = field(default_factory=dict)
    programmes: dict[str, ProgrammeNow] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    closed_incidents: dict[str, Incident] = field(default_factory=dict)
    lanes: dict[str, list[Row]] = field(default_factory=dict)
    decisions: dict[str, DecisionNow] = field(default_factory=dict)
    unsettled: dict[str, Unsettled] = field(default_factory=dict)
