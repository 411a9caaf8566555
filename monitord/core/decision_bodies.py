"""What a person can decide, one frozen type a kind, and what it rests on. Owns the fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeAlias


class Verdict(StrEnum):
    """What a person says was on air in an unsettled span."""

    OFF_AIR = "off_air"
    ON_AIR = "on_air"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision rests on, as the person said. All of it may be missing.

    ``on_behalf_of``: who decided, where the person only entered it. ``paper``: the document with
    the decision. ``effective``: from when to when it counts, wall time in microseconds since 1970;
    without an end until another one. ``seen``: ``EPOCH-NUMBER`` of the newest event of what the
    person had before him.
    """

    on_behalf_of: str = ""
    paper: str = ""
    effective: tuple[int, int | None] | None = None
    seen: str = ""


NO_BASIS: Final = Basis()


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The person takes this incident."""

    kind: ClassVar[str] = "acknowledge"
    incident: str

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        return {"incident": self.incident}


@dataclass(frozen=True, slots=True)
class Settle:
    """The person settles spans as ``verdict``, named one by one or all of a programme.

    ``spans``: (id, programme, microseconds in hours) of those that are unsettled by their rows.
    """

    kind: ClassVar[str] = "settle"
    verdict: str
    ids: tuple[str, ...]
    programme: str
    note: str
    spans: tuple[tuple[str, str, int], ...]

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        given = {"ids": list(self.ids), "programme": self.programme}
        return given | {"verdict": self.verdict, "note": self.note}


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """The person looked at the content that this incident is about, and ``saw`` nothing wrong."""

    kind: ClassVar[str] = "false_alarm"
    incident: str
    saw: str

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        return {"incident": self.incident, "saw": self.saw}


@dataclass(frozen=True, slots=True)
class AdoptClock:
    """The person says that it is ``wall``, microseconds since 1970 UTC."""

    kind: ClassVar[str] = "adopt_clock"
    wall: int

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        return {"wall": self.wall}


@dataclass(frozen=True, slots=True)
class SetSiteState:
    """``who`` is at work ``where`` (``Where``), in or at ``device``; ``ticket``: of the work."""

    kind: ClassVar[str] = "site_state_set"
    where: str
    device: str
    who: str
    ticket: str

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        given = {"where": self.where, "device": self.device}
        return given | {"who": self.who, "ticket": self.ticket}


@dataclass(frozen=True, slots=True)
class ClearSiteState:
    """Nobody is at work any more where the site state of this number says."""

    kind: ClassVar[str] = "site_state_cleared"
    number: int

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        return {"number": self.number}


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind that this program does not know; it is refused."""

    kind: ClassVar[str] = "other"
    name: str

    def asked(self) -> dict[str, Any]:
        """Return what the person said, as it is recorded."""
        return {"name": self.name}


DecisionBody: TypeAlias = (
    Acknowledge | AdoptClock | Settle | FalseAlarm | SetSiteState | ClearSiteState | OtherKind
)
