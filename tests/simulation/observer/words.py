"""What each person received, read from the messages alone: cause, members, figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from tests.simulation.facts import Span

FIRST = ("opened", "worsened", "falls_again", "grown", "also", "closed_before_told")
LAST = (
    "recovered",
    "closed_before_told",
    "hours_ended",
    "reconfigured",
    "withdrawn",
    "continued",
)
"""Kinds of the last word about an incident."""
CLOCK = "site/clock"
"""The place of the clock, and of what only an uncertain clock puts into hours."""
BY_HOURS = ("hours", "withdrawn")
"""How an outage ends that is none any more though nothing was repaired."""


class Message(Protocol):
    """One message as a person got it."""

    @property
    def at(self) -> int: ...
    @property
    def person(self) -> str: ...
    @property
    def alert(self) -> dict[str, Any]: ...
    @property
    def composed(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The three figures of one member, microseconds."""

    least: int
    most_seen: int
    most: int


@dataclass(frozen=True, slots=True)
class Member:
    """What a message says of one programme. ``figures``: None where it gives none for it.

    ``how``: why it is over under this incident, None while it is not. ``falls``: how often it fell.
    """

    programme: str
    fault: str
    began: Span
    ended: Span | None
    figures: Figures | None
    severity: str
    how: str | None = None
    falls: int = 1


@dataclass(frozen=True, slots=True)
class Word:
    """One message. ``place``: where it says it broke; ``incidents``: all that a digest names.

    ``fault``: of the incident whose place it names; members of a digest are of all incidents.
    ``into``: the number of the one that this incident goes on in, where it closed so.
    """

    at: int
    composed: int
    person: str
    incident: str
    told: str
    place: str
    severity: str
    members: tuple[Member, ...]
    incidents: tuple[str, ...] = ()
    fault: str = ""
    into: int | None = None

    def member(self, programme: str, *faults: str) -> Member | None:
        """Return what it says of one programme's fault."""
        return next(
            (m for m in self.members if m.programme == programme and m.fault in faults), None
        )

    def seen_to(self, member: Member) -> int:
        """Return up to when its fault was held for true: withdrawn at the latest as it was said.

        The clock that put it out of its hours did so at its begin; until then people had it open.
        """
        if member.ended is None or member.how == "withdrawn":
            return self.composed
        return member.ended[1]

    def covers(self, member: Member, begin: int, end: int) -> bool:
        """Return whether what it says of a member overlaps [begin, end)."""
        last = self.composed if member.ended is None else member.ended[1]
        return member.began[0] < end and begin <= last


def read_word(received: Message) -> Word:
    """Read one received message."""
    alert = received.alert
    return Word(
        received.at,
        received.composed,
        received.person,
        alert["incident"],
        alert["told"],
        place_of(alert),
        alert["severity"],
        tuple(_members(alert)),
        tuple(alert.get("incidents", ())),
        alert["fault"],
        alert.get("into"),
    )


def place_of(alert: dict[str, Any]) -> str:
    """Return the place of the cause: the devices of its false conditions, and the stage."""
    cause = alert["cause"]
    if "place" in cause:
        return str(cause["place"])
    devices = sorted({name.partition(".")[0] for name in cause["conditions"]})
    return f"{'+'.join(devices)}/{cause['stage'] or ''}"


def _members(alert: dict[str, Any]) -> list[Member]:
    if "members" in alert:
        return [_member(part, alert) for part in alert["members"]]
    first = _member(alert, alert)
    # Without members of their own the joined programmes share begin and end, and give no figures.
    joined = [
        Member(name, first.fault, first.began, first.ended, None, first.severity)
        for name in alert["joined"]
    ]
    return [first, *joined]


def _member(part: dict[str, Any], alert: dict[str, Any]) -> Member:
    ended = part["ended"]
    return Member(
        part["programme"],
        part.get("fault", alert["fault"]).partition("/")[0],
        _span(part["began"]),
        None if ended is None else _span(ended),
        Figures(part["least"], part["most_seen"], part["most"]),
        part.get("severity", alert["severity"]),
        part.get("how"),
        part.get("falls", 1),
    )


def _span(pair: list[int]) -> Span:
    return pair[0], pair[1]
