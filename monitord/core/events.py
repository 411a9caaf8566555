"""What an event says, one frozen type a kind. Owns the fields; the table of kinds is ``apply.py``.

Times and durations are microseconds of site time where no other unit is given. The record
keeps the subject of an event beside its body; each type names it. A field name is the key in the
stored JSON and never changes; a new field needs a default for the records that lack it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from monitord.core import incident_events, message_events
from monitord.core.base_event import BaseAdopted
from monitord.core.calendar_values import Hours, Offset
from monitord.core.clock_events import ClockTurned
from monitord.core.config_events import ConfigurationAdopted
from monitord.core.decision_events import DecisionRefused, DecisionTaken
from monitord.core.lateness_events import OwnLateness
from monitord.core.node_events import CursorMoved, RoleChanged
from monitord.core.record_events import RecordHarmed
from monitord.core.site_state import SiteStateCleared, SiteStateSet
from monitord.core.unsettled_events import SpansSettled, SuspicionFound, SuspicionRefuted


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
class CalendarRecorded:
    """What is expected of every programme, in wall time up to ``known_to``. Subject: none.

    It counts from ``since``; of a programme that had no hours before, from ``given_from``. All that
    is recorded now begins at ``known_from``; before ``kept_from`` nobody asks any more.
    ``offsets``: of local time; ``tzdata``: the version of the rules that they are taken from.
    """

    hours: Mapping[str, Hours]
    offsets: tuple[Offset, ...]
    tzdata: str
    since: int
    given_from: int
    known_from: int
    known_to: int
    kept_from: int


class ConditionTurned(NamedTuple):
    """Subject, a condition, is proven to be ``value``; ``was``: before, None after blindness.

    The evidence lies in [``not_before``, ``not_after``]; the old value held up to ``held_to``.
    A tuple: a start makes one for nearly each condition.
    """

    value: bool
    was: bool | None
    not_before: int
    not_after: int
    held_to: int


TURNS_KEPT: Final = 16
"""So many newest turns are kept to be used again: the conditions of a device turn at once, and
differ in their values and lags alone."""

# Typed, as where they are encoded: true and 1 are equal, and are not written alike.
turned = lru_cache(maxsize=TURNS_KEPT, typed=True)(ConditionTurned)
"""Return a turn, the same one again for equal fields: a start has thousands of each."""


@dataclass(frozen=True, slots=True)
class ConditionLost:
    """Subject, a condition, has had no proof for longer than its bound."""

    was: bool
    held_to: int
    cause: str


lost = lru_cache(maxsize=TURNS_KEPT, typed=True)(ConditionLost)
"""Return a loss, the same one again for equal fields: those of a device are lost together."""


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


TURNS: Final = (ConditionTurned, ConditionLost)
"""What happens to one condition: nearly all events of a start or a mass fall."""

Body: TypeAlias = (
    BaseAdopted
    | RunStarted
    | RunStopped
    | ConfigurationAdopted
    | DecisionTaken
    | DecisionRefused
    | SuspicionFound
    | SuspicionRefuted
    | SiteStateSet
    | SiteStateCleared
    | SpansSettled
    | ClockMarked
    | ClockTurned
    | CalendarRecorded
    | OwnLateness
    | RecordHarmed
    | RoleChanged
    | CursorMoved
    | ConditionTurned
    | ConditionLost
    | PieceOpened
    | ProgrammeWithdrawn
    | BadProven
    | incident_events.OutageBegan
    | incident_events.CauseClaimed
    | incident_events.CauseHealed
    | incident_events.CauseLeft
    | incident_events.WrongProgrammeTurned
    | incident_events.OutageMoved
    | incident_events.OutageEnded
    | incident_events.IncidentOpened
    | incident_events.MemberJoined
    | incident_events.MemberFell
    | incident_events.MemberOver
    | incident_events.IncidentMoved
    | incident_events.IncidentClosed
    | incident_events.IncidentAcknowledged
    | incident_events.IncidentQuieted
    | message_events.AttemptBegan
    | message_events.AttemptEnded
    | message_events.ClosingDue
    | message_events.PersonDropped
)


class Draft(NamedTuple):
    """What a step decided, before the event has a number."""

    subject: str
    body: Body
