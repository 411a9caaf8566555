"""What a device reader needs to know, and what it gives. Owns shapes and ``ReadError``; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from monitord.core.model import Value
from monitord.decoding.model import DerivedPoint, SourcePoint


class Source(Protocol):
    """Where a device is read, and what: each protocol has its own, in its own ``model``."""

    @property
    def protocol(self) -> str:
        """The protocol as people write it, such as SNMP."""

    @property
    def points(self) -> tuple[SourcePoint, ...]: ...

    @property
    def where(self) -> str:
        """Where it is, for people: an address and port, a serial line. No secret."""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """One polled device. ``points`` stand in the order of the core's ``DevicePlan.points``.

    ``poll_every``, ``deadline`` and ``slow_every`` in microseconds. ``derived``: points that no
    reader asks for. ``all_zero``: what an answer of zeros alone means, see ``devices/gate.py``.
    ``slow``: places of the points that are read at their own, slower pace. ``burst``: whether it
    may be asked outside its slots. ``uptime``: place of the point that counts the seconds since
    the device's start, if there is one.
    """

    id: str
    name: str
    poll_every: int
    deadline: int
    source: Source
    derived: tuple[DerivedPoint, ...] = ()
    all_zero: str = "confirm"
    slow: tuple[int, ...] = ()
    slow_every: int = 0
    burst: bool = False
    uptime: int | None = None

    @property
    def points(self) -> tuple[SourcePoint, ...]:
        """Every point: those that are read, then those that are derived from them."""
        return (*self.source.points, *self.derived)


class ReadError(Exception):
    """A read that gave no answer. The device's owner can mend it.

    ``kind``: timeout, refused, unreachable, bad_answer, error_status, exception.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class Reader(Protocol):
    """One bounded read of one device: all points at once, or ``ReadError``."""

    async def read(self, deadline_s: float) -> tuple[Value, ...]:
        """Return the decoded values in the order of the source's points; absent ones are None."""

    async def close(self) -> None:
        """Release the socket; safe to call twice."""
