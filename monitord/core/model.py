"""The nouns of the core: what goes in, what comes out. Owns no rule and reads no clock.

Every time and duration is an int: microseconds of site time (see ``clock.py`` for that axis).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

Value: TypeAlias = bool | int | float | str | None
"""A decoded point: a truth, a number in the profile's unit, an enum label, or None when absent."""


class Layer(StrEnum):
    """What a condition proves: a carrier, the right service in it, or living content.

    ``EQUIPMENT`` proves nothing of a programme (a UPS, a room, a reserve that could take over): no
    stage has it, so no verdict rests on it; only ``ready`` may.
    """

    EMISSION = "emission"
    SERVICE = "service"
    CONTENT = "content"
    EQUIPMENT = "equipment"


class Expected(StrEnum):
    """What the calendar asks of a programme at a moment."""

    ON = "on"
    WINDOW = "window"
    CLOSED = "closed"


class Column(StrEnum):
    """Where a second of a programme is counted; the table is in ``core/columns.py``."""

    ON_AIR = "on_air"
    DEGRADED = "degraded"
    OFF_AIR = "off_air"
    BLIND = "blind"
    BETWEEN = "between"
    PLANNED_OFF = "planned_off"
    CLOSED = "closed"


class Told(StrEnum):
    """What a message says; the ``event`` of the webhook's JSON."""

    OPENED = "opened"
    REVISED = "revised"
    RECOVERED = "recovered"
    CLOSED_BEFORE_TOLD = "closed_before_told"


@dataclass(frozen=True, slots=True)
class Answer:
    """One poll's decoded values of one device, in the order of its plan's points.

    ``repeats`` equal answers stand for one each ``every`` microseconds: the k-th (from 0) was sent
    at ``sent_at + k * every`` and received at ``at + k * every``.

    ``suspected``: (place, value as it came) of values too implausible to believe; ``values`` has
    None there. What they say of bad counts all the same, what they say of good proves nothing.
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
    """A device's own report that ``condition`` (``device.condition``) has this value.

    Received at ``at``; ``device_time``: the device's own stamp, microseconds of its uptime. It may
    only pull a bound in, once an answer agrees with it; it opens nothing alone.
    """

    device: str
    at: int
    device_time: int | None
    condition: str
    value: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A person's decision, by name; kinds arrive with the issues that bring them."""

    at: int
    person: str
    kind: str
    body: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attempted:
    """How one delivery attempt ended. ``permanent``: trying the same again cannot help."""

    at: int
    person: str
    incident: str
    attempt: int
    delivered: bool
    permanent: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClockRead:
    """The wall clock (microseconds since 1970, UTC) read at site time ``at``."""

    at: int
    wall: int


@dataclass(frozen=True, slots=True)
class CalendarExtended:
    """What is expected of each programme, as ordered disjoint intervals of wall time.

    ``intervals``: (programme, ((from, to, Expected), ...)); outside every interval: closed.
    ``known_to``: wall time up to which the intervals were expanded.
    """

    at: int
    intervals: tuple[tuple[str, tuple[tuple[int, int, str], ...]], ...]
    known_to: int


@dataclass(frozen=True, slots=True)
class Started:
    """monitord runs (again). ``alive_at``: last site time it is known to have judged, if any."""

    at: int
    wall: int
    boot_id: str
    config_hash: str
    alive_at: int | None


@dataclass(frozen=True, slots=True)
class Stopping:
    """monitord is asked to end in order."""

    at: int


Input: TypeAlias = (
    Answer
    | Silence
    | TrapSeen
    | Command
    | Attempted
    | ClockRead
    | CalendarExtended
    | Started
    | Stopping
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one answer proves for one condition: ``value`` held somewhere in the interval."""

    condition: str
    value: bool
    not_before: int
    not_after: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record. ``body`` is canonical JSON (sorted keys, no spaces, UTF-8)."""

    epoch: int
    number: int
    at: int
    kind: str
    v: int
    subject: str
    drill: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """What ``advance`` decided: the events, in order, and nothing else."""

    events: tuple[Event, ...] = field(default=())
