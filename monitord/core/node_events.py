"""Which of two nodes notifies people, and how far the record was forwarded. Owns these shapes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a node is of its site: only the active one begins attempts."""

    ACTIVE = "active"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a record: its newest event there, and ``head``, the hash of the chain with it.

    ``record``: its id. Site times of two records are never compared.
    """

    record: str
    stream: str
    epoch: int
    number: int
    head: str


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """This node has another role. Subject: none. ``peer``: up to where the other node is known.

    ``told``: (person, incident) of open incidents whose place the peer sent a message of: whether
    that arrived, this node cannot know.
    """

    role: Role
    peer: Cursor | None
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CursorMoved:
    """Subject, a consumer of this record, has everything up to ``cursor``."""

    cursor: Cursor


@dataclass(slots=True)
class NodeNow:
    """The node's role ``since`` a site time; ``peer``: up to where the other node was known."""

    role: Role = Role.ACTIVE
    since: int = 0
    peer: Cursor | None = None


@dataclass(slots=True)
class ForwardedNow:
    """How far a consumer has the record, and when that was recorded."""

    cursor: Cursor
    at: int
