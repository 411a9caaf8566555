"""What a person can decide, one frozen type a kind. Owns the fields and the kinds' names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The person takes this incident."""

    kind: ClassVar[str] = "acknowledge"
    incident: str


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind that this program does not know; it is refused."""

    kind: ClassVar[str] = "other"
    name: str


DecisionBody: TypeAlias = Acknowledge | OtherKind
