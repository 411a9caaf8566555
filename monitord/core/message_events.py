"""What an event says of messages and attempts, one frozen type a kind. See ``events.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from monitord.core.person_state import News


class Cause(TypedDict):
    """Where an incident broke: its place, its stage, the conditions that make its first member bad.

    ``kind``: stage, feed, network, line, device, site or alarm.
    """

    stage: str | None
    conditions: list[str]
    place: NotRequired[str]
    devices: NotRequired[list[str]]
    kind: NotRequired[str]


class AlertMember(TypedDict):
    """One member of the incident, as of the message. Times are (not before, not after).

    ``how``: how its last fall ended, or None. ``off_under``: the short number of the incident under
    which its programme is off air now, if that is another one. ``last_began``: of its newest fall.
    ``is_new``: no message that arrived has named this fall to the person. ``wrong_began``: of the
    wrong programme that is on air. ``own``: by reason that has totals of its own, the three figures
    of the falls that have ended. An older record has none of them.
    """

    programme: str
    fault: str
    severity: str
    reason: str
    stage: str
    began: list[int]
    ended: list[int] | None
    how: str | None
    least: int
    most_seen: int
    most: int
    falls: int
    observed: str
    column: str
    off_under: int | None
    last_began: NotRequired[list[int]]
    is_new: NotRequired[bool]
    wrong_began: NotRequired[list[int] | None]
    own: NotRequired[dict[str, list[int]]]


class DeviceNow(TypedDict):
    """What a device of the cause does now: on_air, standby, no_output, failed, silent, unknown.

    Of one that emits nothing, like a detector: good, or bad by its ``conditions``. good also of one
    that emits, in a stage without members that is bad by another device.
    Or in_use: a shared reserve that carries another ``programme``, which only then is there; or
    unswitched: it has output, which something behind it, as a switch, does not pass on.
    failed: it cannot take over, because of its ``conditions``; broken, or left in local mode.
    """

    device: str
    does: str
    programme: NotRequired[str]
    conditions: NotRequired[list[str]]


class AtWork(TypedDict):
    """Somebody is at work: no power, no radio frequency. ``since``: site time."""

    where: str
    device: str
    who: str
    since: int


class Alert(TypedDict):
    """Codes and parameters of one message; ``texts/`` composes sentences of them.

    ``began`` and ``ended``: (not before, not after). The keys up to ``drill`` describe the first
    member in restoration order, and an older record has only these. A dictionary, and read back
    unchecked: folding does not need it.

    ``number``: the short number. ``into``: the short number of the incident that goes on.
    ``revised_from``: the place named before. ``restates``: an earlier message possibly arrived.
    ``several`` and ``incidents``: short numbers and ids of a digest. ``falls`` in ``minutes``:
    since the last message. ``changes``: moves of the cause in ten minutes while it is changing.
    ``false_alarm_by``: the person whose mark as a false alarm holds still.
    ``clock``: quality of wall time; ``since_boot``: of ``began``, in microseconds, where it is
    not trusted; negative for what began before this boot.
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
    number: NotRequired[int]
    members: NotRequired[list[AlertMember]]
    devices_now: NotRequired[list[DeviceNow]]
    into: NotRequired[int | None]
    revised_from: NotRequired[str | None]
    restates: NotRequired[bool]
    several: NotRequired[list[int]]
    incidents: NotRequired[list[str]]
    falls: NotRequired[int]
    minutes: NotRequired[int]
    changes: NotRequired[int]
    acknowledged_by: NotRequired[str | None]
    false_alarm_by: NotRequired[str | None]
    clock: NotRequired[str]
    since_boot: NotRequired[int | None]
    site_state: NotRequired[list[AtWork]]


@dataclass(frozen=True, slots=True)
class AttemptBegan:
    """An attempt to deliver a message to subject, a person, begins.

    ``incident``: the first of ``news``, which has what the message says of each incident.
    ``bucket``: the storm limit it counts in (critical, others, storm). ``severity``: index, 0 is
    the worst.
    """

    incident: str
    attempt: int
    channel: str
    alert: Alert
    bucket: str
    severity: int
    news: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """How an attempt for subject, a person, ended, and what follows.

    ``lost``: monitord stopped before the outcome was known; ``permanent``: the same attempt cannot
    succeed. ``channel_*``: the state of the channel from now on. ``wait_until``: no attempt of this
    message before, 0 for none.
    """

    incident: str
    attempt: int
    channel: str
    delivered: bool
    lost: bool
    permanent: bool
    detail: str
    channel_failures: int
    channel_until: int
    channel_tried_at: int
    wait_until: int


@dataclass(frozen=True, slots=True)
class ClosingDue:
    """Subject, an incident, has closed; these people must get its closing."""

    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonDropped:
    """Subject, a person, is no longer configured, and gets no more messages."""
