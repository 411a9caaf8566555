"""What a message is about: an alert of the core read into its parts. Owns defaults, no words.

An alert of an older record lacks the newer keys; it is read as an incident with one member and
those that joined it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from monitord.core.incident_state import WORST_FIRST

Span: TypeAlias = tuple[int, int]
"""Not before, not after: microseconds of site time."""

WITHDRAWN: Final = "unknown:withdrawn"
OFF_AIR: Final = "off_air"
SECOND: Final = 1_000_000
CLOSING: Final = ("recovered", "closed_before_told", "reconfigured", "withdrawn", "hours_ended")
"""Kinds of messages about something that is over."""

UNSEEN: Final = ("blind", "site_silent", "silent", "disputed", "reserve_unknown", "reserve_used")
"""Faults of whose conditions none is proven to be on its bad side."""
ASSIGNMENT: Final = "assignment"
"""The reason of a contradiction between two programmes, and of no condition."""


@dataclass(frozen=True, slots=True)
class Member:
    """One programme's fault, or one alarm. ``subject``: what follows the fault's name in its id.

    ``figures``: least, most_seen, most, in microseconds; None where the alert does not say.
    ``column``: where the programme's seconds are counted now; "" where the alert does not say.
    ``off_under``: the short number under which the programme is off air now. ``last_began``: of its
    newest fall. ``is_new``: the person gets it in this message for the first time. ``wrong_began``:
    of the wrong programme on air. ``own``: by reason, the figures of what was filler or wrong.
    """

    programme: str
    fault: str
    subject: str
    severity: str
    reason: str
    stage: str
    began: Span
    last_began: Span
    ended: Span | None
    how: str | None
    figures: tuple[int, int, int] | None
    falls: int
    observed: str
    column: str
    off_under: int | None
    is_new: bool
    wrong_began: Span | None = None
    own: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AtWork:
    """Somebody is at work ``since`` a site time: no power, no radio frequency."""

    where: str
    device: str
    who: str
    since: int


@dataclass(frozen=True, slots=True)
class News:
    """One alert. ``devices``: ids of the cause's devices; ``does``: by device, what it does now.

    ``conditions``: those proven to be on their bad side.

    ``changes``: how often the cause moved in ten minutes, while it is changing.
    ``number``: how people name the incident. ``boot``: site time of the boot while the clock is
    not trusted, so that moments count from there. ``uses``: shared reserves in use, each with the
    programme that it carries. ``hinders``: by device that cannot take over, the conditions why;
    not of an alert that does not say them. ``false_alarm_by``: the person who called it one.
    """

    told: str
    person: str
    fault: str
    severity: str
    reason: str
    column: str
    stage: str
    conditions: tuple[str, ...]
    place: str
    kind: str
    devices: tuple[str, ...]
    does: tuple[tuple[str, str], ...]
    members: tuple[Member, ...]
    number: str
    into: int | None
    several: tuple[int, ...]
    falls: int
    minutes: int
    changes: int
    restates: bool
    acknowledged_by: str | None
    boot: int | None
    drill: bool
    site_states: tuple[AtWork, ...]
    uses: tuple[tuple[str, str], ...] = ()
    hinders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    false_alarm_by: str | None = None

    @property
    def standing(self) -> tuple[Member, ...]:
        """The members that last, in restoration order."""
        return tuple(member for member in self.members if member.ended is None)

    @property
    def to_acknowledge(self) -> str:
        """The number to acknowledge: of an incident that goes on under another one, the other."""
        return str(self.into or self.number) if self.told == "continued" else self.number

    @property
    def named(self) -> tuple[Member, ...]:
        """The members that the core of the message speaks of: of the fault that names it.

        Those that last, or all once none does; of what is no longer configured nothing is known, so
        that it is named where nothing else is.
        """
        from_ = self.standing or self.members
        found = tuple(member for member in from_ if member.fault == self.fault) or from_[:1]
        return tuple(member for member in found if member.observed != WITHDRAWN) or found


def read_alert(alert: Mapping[str, Any]) -> News:
    """Return the parts of an alert of this version or an older one."""
    members = _members(alert)
    cause = alert["cause"]
    conditions = tuple(cause["conditions"])
    fault = _fault(alert, members)
    # What goes on elsewhere names the place that is over, and nothing is wrong there any more. Once
    # all of it is over that place is what it was about: what is off since then has another cause.
    place = cause.get("place") or ""
    if alert["told"] == "continued" and any(member.ended is None for member in members):
        place = ""
    elif alert["told"] == "continued" and place:
        conditions, cause = (), {"stage": members[0].stage}
    since_boot = alert.get("since_boot")
    return News(
        told=_told(alert),
        person=alert["person"],
        fault=fault,
        severity=alert["severity"],
        reason=alert["reason"],
        column=alert["column"],
        stage=cause["stage"] or "",
        conditions=() if fault in UNSEEN or alert["reason"] == ASSIGNMENT else conditions,
        place=place,
        kind=cause.get("kind") or "stage",
        devices=_devices(cause, conditions, place),
        does=tuple((now["device"], now["does"]) for now in alert.get("devices_now") or ()),
        members=members,
        number=str(alert.get("number") or alert["incident"]),
        into=alert.get("into"),
        several=tuple(alert.get("several") or ()),
        falls=alert.get("falls") or 1,
        minutes=alert.get("minutes") or 0,
        changes=alert.get("changes") or 0,
        restates=bool(alert.get("restates")),
        acknowledged_by=alert.get("acknowledged_by"),
        boot=None if since_boot is None else alert["began"][0] - since_boot,
        drill=alert["drill"],
        site_states=tuple(_at_work(each) for each in alert.get("site_state") or ()),
        uses=tuple(
            (now["device"], now["programme"])
            for now in alert.get("devices_now") or ()
            if now.get("programme")
        ),
        hinders={
            now["device"]: tuple(now["conditions"])
            for now in alert.get("devices_now") or ()
            if now.get("conditions")
        },
        false_alarm_by=alert.get("false_alarm_by"),
    )


def _at_work(found: Mapping[str, Any]) -> AtWork:
    return AtWork(found["where"], found["device"], found["who"], found["since"])


def _told(alert: Mapping[str, Any]) -> str:
    told: str = alert["told"]
    # A newer alert says so itself, and nothing is observed of what is no programme.
    is_older = not alert.get("members")
    if is_older and alert["observed"] == WITHDRAWN and told in ("recovered", "closed_before_told"):
        return "reconfigured"
    return told


def _fault(alert: Mapping[str, Any], members: Sequence[Member]) -> str:
    """Return the worst fault: of the members that last, or of all once none does."""
    found = {member.fault for member in members if member.ended is None}
    found = found or {member.fault for member in members}
    ordered = [fault for fault in WORST_FIRST if fault in found]
    return ordered[0] if ordered else alert["fault"].partition("/")[0]


def _devices(cause: Mapping[str, Any], conditions: Sequence[str], place: str) -> tuple[str, ...]:
    """Return the cause's devices; an older alert has them in the names of its conditions."""
    devices = cause.get("devices")
    if devices:
        return tuple(device for device in devices if device != "site")
    if conditions:
        return tuple(dict.fromkeys(name.partition(".")[0] for name in conditions if "." in name))
    head = place.rpartition("/")[0]
    return () if head in ("", "site") else tuple(head.split("+"))


def _members(alert: Mapping[str, Any]) -> tuple[Member, ...]:
    if alert.get("members"):
        return tuple(_member(found, alert) for found in alert["members"])
    first = _member(dict(alert) | {"stage": alert["cause"]["stage"] or ""}, alert)
    others = (
        {"programme": programme, "least": None, "column": ""} for programme in alert["joined"]
    )
    joined = [_member(dict(alert) | {"stage": ""} | other, alert) for other in others]
    return (first, *joined)


def _member(found: Mapping[str, Any], alert: Mapping[str, Any]) -> Member:
    fault, _, subject = found["fault"].partition("/")
    ended = found["ended"]
    least = found.get("least")
    return Member(
        programme=found["programme"] or "",
        fault=fault,
        subject=subject,
        severity=found["severity"],
        reason=found["reason"] or "",
        stage=found["stage"] or "",
        began=_span(found["began"]),
        last_began=_span(found.get("last_began") or found["began"]),
        ended=None if ended is None else _span(ended),
        how=found.get("how"),
        figures=None if least is None else (least, found["most_seen"], found["most"]),
        falls=found.get("falls") or 1,
        observed=found.get("observed") or alert["observed"],
        column=found.get("column") or "",
        off_under=found.get("off_under"),
        is_new=bool(found.get("is_new")),
        wrong_began=_span(found["wrong_began"]) if found.get("wrong_began") else None,
        own={
            reason: (least, seen, most)
            for reason, (least, seen, most) in (found.get("own") or {}).items()
        },
    )


def _span(found: Sequence[int]) -> Span:
    return found[0], found[1]
