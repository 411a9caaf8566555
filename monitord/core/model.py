"""The nouns of the core: its inputs and its events. Owns no rule and reads no clock.

Every time and duration is an int: microseconds of site time (``clock.py`` defines that axis).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from monitord.core.calendar_values import Hours, Offset
from monitord.core.clock_quality import SYNCHRONISED, ClockQuality
from monitord.core.decision_bodies import NO_BASIS, Basis, DecisionBody
from monitord.core.differences import NO_DIFFERENCES, Differences
from monitord.core.node_events import Cursor, Role
from monitord.core.plan import Plan
from monitord.core.record_events import Harm
from monitord.core.values import Layer, Value

__all__ = ["Layer", "Value"]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Expected(StrEnum):
    """What the calendar expects of a programme at a moment."""

    ON = "on"
    WINDOW = "window"
    CLOSED = "closed"
    UNSURE = "unsure"


class Column(StrEnum):
    """Where a second of a programme is counted; the table is in ``core/columns.py``."""

    ON_AIR = "on_air"
    DEGRADED = "degraded"
    OFF_AIR = "off_air"
    BLIND = "blind"
    BETWEEN = "between"
    PLANNED_OFF = "planned_off"
    CLOSED = "closed"


class Stream(StrEnum):
    """One chain of events of a record: the site as it is, or a drill on a fork of it."""

    SITE = "site"
    DRILL = "drill"


class Told(StrEnum):
    """The kind of a message; the ``event`` of the webhook's JSON."""

    OPENED = "opened"
    REVISED = "revised"
    RECOVERED = "recovered"
    CLOSED_BEFORE_TOLD = "closed_before_told"
    WORSENED = "worsened"
    FALLS_AGAIN = "falls_again"
    GROWN = "grown"
    ALSO = "also"
    PARTLY = "partly"
    DIGEST = "digest"
    STORM = "storm"
    HOURS_ENDED = "hours_ended"
    RECONFIGURED = "reconfigured"
    CONTINUED = "continued"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Answer:
    """One poll's decoded values of one device, in the order of its plan's points.

    ``repeats``: a run of so many equal answers, one each ``every`` microseconds. The k-th (from 0)
    was sent at ``sent_at + k * every`` and received at ``at + k * every``.

    ``suspected``: (place, value as received) of implausible values; ``values`` has None there. What
    they say counts once a second reading agrees (``unconfirmed.py``).
    """

    device: str
    sent_at: int
    at: int
    values: tuple[Value, ...]
    repeats: int = 1
    every: int = 0
    suspected: tuple[tuple[int, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """A poll that ended without an answer; ``kind`` is that of the ``ReadError``."""

    device: str
    kind: str
    sent_at: int
    at: int


@dataclass(frozen=True, slots=True)
class TrapSeen:
    """A device's own report (a trap) that ``condition`` (``device.condition``) has this value.

    Received at ``at``; ``device_time``: the device's own stamp, microseconds of its uptime. Once an
    answer agrees with it, it may narrow when the condition changed; alone it opens nothing.
    """

    device: str
    at: int
    device_time: int | None
    condition: str
    value: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision. ``id``: unique; a repeat of a known id has no second effect.

    ``via``: how it reached monitord, such as ``command``. ``basis``: what it rests on.
    """

    at: int
    id: str
    person: str
    via: str
    body: DecisionBody
    basis: Basis = NO_BASIS


@dataclass(frozen=True, slots=True)
class Attempted:
    """How one delivery attempt ended. ``permanent``: the same attempt cannot succeed later."""

    at: int
    person: str
    incident: str
    attempt: int
    delivered: bool
    permanent: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClockRead:
    """The wall clock (microseconds since 1970, UTC) read at site time ``at``, and its quality."""

    at: int
    wall: int
    quality: ClockQuality = SYNCHRONISED


@dataclass(frozen=True, slots=True)
class CalendarExtended:
    """What is expected of each programme by id, between two wall times.

    ``offsets``: of local time in that span. ``tzdata``: version of the rules that give them.
    """

    at: int
    hours: Mapping[str, Hours]
    known_to: int
    known_from: int
    offsets: tuple[Offset, ...]
    tzdata: str


@dataclass(frozen=True, slots=True)
class Base:
    """A new epoch begins with the whole state, because the one before is not folded on.

    ``epoch``, ``number``, ``head``: the last known event before, of a ``generation``. ``lost``:
    number of events known to be lost after it; None where that is not known. ``harm``: to the file
    of the record, None where the events before are only of another generation.
    """

    generation: int
    epoch: int
    number: int
    head: str
    lost: int | None
    harm: Harm | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """monitord begins a run. ``alive_at``: site time of its last known finished tick, if any.

    ``quality``: of the wall clock. ``built``: a wall time that this program's own files prove.
    ``booted_at``: site time of the computer's boot, None if not known.
    ``config_content``: hash of the configuration's stored files. ``differences``: to the
    configuration of the run before, None where that is the same or not known. ``base``: of a new
    epoch, which begins with this input. ``config_refused``: the present files have mistakes, and
    an earlier configuration counts.
    """

    at: int
    wall: int
    boot_id: str
    config_hash: str
    alive_at: int | None
    quality: ClockQuality = SYNCHRONISED
    built: int = 0
    config_content: str = ""
    differences: Differences | None = None
    base: Base | None = None
    booted_at: int | None = None
    config_refused: bool = False


@dataclass(frozen=True, slots=True)
class ConfigAdopted:
    """Another configuration counts from now on; monitord goes on running.

    After it no input of a device comes that ``plan`` does not have, and none of a changed device
    that was made by its old settings. A device is changed if it is read or evaluated otherwise,
    or if ``differences`` say so; other alarms and parents do not change it.
    """

    at: int
    plan: Plan
    config_hash: str = ""
    config_content: str = ""
    differences: Differences = NO_DIFFERENCES


@dataclass(frozen=True, slots=True)
class ConfigRefused:
    """A reload was refused: its files have mistakes, and the configuration of before goes on."""

    at: int


@dataclass(frozen=True, slots=True)
class RecordReplaced:
    """The file of the record is another one since ``at``, while monitord runs.

    ``lost``: number of events that are in no file any more.
    """

    at: int
    harm: Harm
    lost: int


@dataclass(frozen=True, slots=True)
class RoleTaken:
    """This node has ``role`` from now on. ``peer``: up to where the other node's record is known.

    ``told``: (person, place of the cause) of what the other node sent messages of.
    """

    at: int
    role: Role
    peer: Cursor | None = None
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Forwarded:
    """``consumer`` has the record of this node up to ``cursor``."""

    at: int
    consumer: str
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Late:
    """monitord itself did not run from ``at`` to ``until``: what was not read is no silence.

    Its loop was held up, its machine was suspended or its clock did not go on.
    """

    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Stopping:
    """monitord was asked to stop."""

    at: int


Input: TypeAlias = (
    Answer
    | Silence
    | TrapSeen
    | Decision
    | Attempted
    | ClockRead
    | CalendarExtended
    | Started
    | ConfigAdopted
    | ConfigRefused
    | RecordReplaced
    | RoleTaken
    | Forwarded
    | Late
    | Stopping
)


class Evidence(NamedTuple):
    """What one answer proves of one condition: it was ``value`` somewhere in the interval."""

    condition: str
    value: bool
    not_before: int
    not_after: int


class Event(NamedTuple):
    """One line of the record. ``body`` is canonical JSON (sorted keys, no spaces, UTF-8)."""

    epoch: int
    number: int
    at: int
    kind: str
    v: int
    subject: str
    stream: Stream
    body: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """What ``advance`` decided: its events in order."""

    events: tuple[Event, ...] = field(default=())
