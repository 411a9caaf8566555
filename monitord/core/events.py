"""What an event says, one frozen type a kind. Owns the fields; the table of kinds is ``apply.py``.

Times and durations are microseconds of site time where no other unit is given. The record
keeps the subject of an event beside its body; each type names it. A field name is the key in the
stored JSON and never changes; a new field needs a default for the records that lack it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypedDict

from monitord.core.base_event import BaseAdopted
from monitord.core.config_events import ConfigurationAdopted
from monitord.core.decision_events import DecisionRefused, DecisionTaken
from monitord.core.fault_states import FaultState
from monitord.core.model import Column, Told
from monitord.core.unsettled_events import SpansSettled, SuspicionFound, SuspicionRefuted

Interval: TypeAlias = tuple[int, int, str]
"""From, to (wall time) and what is expected between them, as ``Expected`` spells it."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """monitord began a run. Subject: none. ``wall``: microseconds since 1970, UTC.

    ``config_content``: of the stored files of the configuration, empty in older records.
    """

    wall: int
    boot_id: str
    config_hash: str
    alive_at: int | None
    config_content: str = ""


@dataclass(frozen=True, slots=True)
class RunStopped:
    """monitord ended in order. Subject: none. ``ends``: programme to its last settled moment."""

    ends: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClockMarked:
    """monitord was running at this moment. Subject: none. ``wall``: of the adopted clock."""

    wall: int


@dataclass(frozen=True, slots=True)
class ClockAdopted:
    """Wall time is now calculated with ``offset`` (wall minus site). Subject: none."""

    offset: int
    was: int


@dataclass(frozen=True, slots=True)
class ClockDisputed:
    """The wall clock made a step that only a person may adopt. Subject: none."""

    offset: int
    was: int


@dataclass(frozen=True, slots=True)
class CalendarRecorded:
    """What is expected of every programme, in wall time up to ``known_to``. Subject: none."""

    intervals: Mapping[str, tuple[Interval, ...]]
    known_to: int


@dataclass(frozen=True, slots=True)
class ConditionTurned:
    """Subject, a condition, is proven to be ``value``; ``was``: before, None after blindness.

    The evidence lies in [``not_before``, ``not_after``]; the old value held up to ``held_to``.
    """

    value: bool
    was: bool | None
    not_before: int
    not_after: int
    held_to: int


@dataclass(frozen=True, slots=True)
class ConditionLost:
    """Subject, a condition, has had no proof for longer than its bound."""

    was: bool
    held_to: int
    cause: str


@dataclass(frozen=True, slots=True)
class PieceOpened:
    """A piece of subject, a programme, begins. ``possible``: observed values, likeliest first.

    ``blind``: the cause, or None; ``presumed``: blind while an outage was open.
    ``quality``: why it is not known whether a programme on air is degraded, or None.
    """

    start: int
    possible: tuple[str, ...]
    blind: str | None
    presumed: bool
    quality: str | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeWithdrawn:
    """Subject, a programme, is no longer configured."""


@dataclass(frozen=True, slots=True)
class BadProven:
    """Subject, a programme, is proven bad. It became so in [``not_before``, ``not_after``].

    ``bad_at``: the latest moment known to be bad. ``stage`` and ``conditions``: where it broke.
    """

    reason: str
    not_before: int
    not_after: int
    bad_at: int
    stage: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultTurned:
    """A fault changes its state. Subject: ``programme/fault``. ``since``: start of its delay."""

    programme: str
    fault: str
    was: FaultState
    state: FaultState
    since: int
    incident: str | None


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """Subject, an incident, opens. ``since``: when its first fault was first proven."""

    programme: str
    fault: str
    severity: str
    reason: str
    stage: str
    conditions: tuple[str, ...]
    opened_at: int
    since: int


@dataclass(frozen=True, slots=True)
class IncidentRevised:
    """Another cause of subject, an incident, is proven."""

    reason: str
    stage: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentJoined:
    """Another programme has the cause of subject, an incident."""

    programme: str
    fault: str


@dataclass(frozen=True, slots=True)
class IncidentAcknowledged:
    """A person has acknowledged subject, an incident."""

    person: str


@dataclass(frozen=True, slots=True)
class ImpactBegan:
    """Subject, an incident, affects a programme. ``number``: 1 for the first time, and so on."""

    programme: str
    number: int
    reason: str
    column: Column
    not_before: int
    not_after: int


@dataclass(frozen=True, slots=True)
class ImpactEnded:
    """Subject, an incident, no longer affects a programme; the three figures of that impact."""

    programme: str
    number: int
    began_not_before: int
    began_not_after: int
    not_before: int
    not_after: int
    least: int
    most_seen: int
    most: int


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    """Subject, an incident, closes. ``cause``: cleared or withdrawn."""

    cause: str


@dataclass(frozen=True, slots=True)
class MessageWaiting:
    """Subject, a person, is to be informed of an incident at ``tell_at`` if it lasts."""

    incident: str
    tell_at: int


@dataclass(frozen=True, slots=True)
class MessageOwed:
    """Subject, a person, must now get a message. ``last``: the incident has closed."""

    incident: str
    told: Told
    last: bool


@dataclass(frozen=True, slots=True)
class MessageDropped:
    """Subject, a person, gets no more messages of an incident."""

    incident: str
    why: str


class Cause(TypedDict):
    """Where an incident broke: the stage (None: no stage) and its false conditions."""

    stage: str | None
    conditions: list[str]


class Alert(TypedDict):
    """Codes and parameters of one message; ``texts/`` composes sentences of them.

    ``began`` and ``ended``: (not before, not after). A dictionary, and read back unchecked: an
    older record may lack keys, and folding does not need them.
    """

    alert_id: str
    incident: str
    told: str
    person: str
    fault: str
    programme: str
    joined: list[str]
    observed: str
    column: str
    reason: str
    severity: str
    cause: Cause
    began: list[int]
    ended: list[int] | None
    least: int
    most_seen: int
    most: int
    drill: bool


@dataclass(frozen=True, slots=True)
class AttemptBegan:
    """An attempt to deliver a message to subject, a person, begins."""

    incident: str
    attempt: int
    channel: str
    alert: Alert


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """How an attempt for subject, a person, ended, and what follows.

    ``lost``: monitord stopped before the outcome was known; ``permanent``: the same attempt cannot
    succeed. ``channel_index``, ``failures``, ``next_at``: of the next attempt. ``to_the_end``: the
    message goes behind all others of this person.
    """

    incident: str
    attempt: int
    delivered: bool
    lost: bool
    permanent: bool
    detail: str
    channel_index: int
    failures: int
    next_at: int
    to_the_end: bool


Body: TypeAlias = (
    BaseAdopted
    | RunStarted
    | RunStopped
    | ConfigurationAdopted
    | DecisionTaken
    | DecisionRefused
    | SuspicionFound
    | SuspicionRefuted
    | SpansSettled
    | ClockMarked
    | ClockAdopted
    | ClockDisputed
    | CalendarRecorded
    | ConditionTurned
    | ConditionLost
    | PieceOpened
    | ProgrammeWithdrawn
    | BadProven
    | FaultTurned
    | IncidentOpened
    | IncidentRevised
    | IncidentJoined
    | IncidentAcknowledged
    | ImpactBegan
    | ImpactEnded
    | IncidentClosed
    | MessageWaiting
    | MessageOwed
    | MessageDropped
    | AttemptBegan
    | AttemptEnded
)


class Draft(NamedTuple):
    """What a step decided, before the event has a number."""

    subject: str
    body: Body
