"""What a device reader needs to know, and what it gives. Owns shapes and ``ReadError``; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from monitord.core.model import Value


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a raw value becomes a ``Value``.

    number = raw * scale + offset, in ``unit``. ``labels`` (raw integer, label) makes an enum: a raw
    value without a label is absent, never a number. ``truth``: labels or integers that mean true.
    ``absent``: raw values that mean "no value" for this object (sentinels); ``absent_ranges``:
    (first, last) of runs of them.

    ``times_ten_to``: (sign, point) of the other points whose sum is an exponent of the scale.
    ``only_if``: (point, label) of enums that must say so, or this is no value.
    """

    kind: str  # "number" | "boolean" | "enum" | "text"
    unit: str = ""
    scale: float = 1
    offset: float = 0
    labels: tuple[tuple[int, str], ...] = ()
    truth: tuple[int, ...] = (1,)
    absent: tuple[int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    absent_ranges: tuple[tuple[int, int], ...] = ()
    times_ten_to: tuple[tuple[int, str], ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()

    @property
    def leans_on(self) -> tuple[str, ...]:
        """The points that must be decoded first."""
        return (*(name for _, name in self.times_ten_to), *(name for name, _ in self.only_if))


class SourcePoint(Protocol):
    """One thing read on a device, whatever the protocol."""

    @property
    def id(self) -> str: ...

    @property
    def decoding(self) -> Decoding: ...

    @property
    def where(self) -> str:
        """The object or register it is read from, for people."""


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
    """One polled device. ``source.points`` stand in the order of the core's ``DevicePlan.points``.

    ``poll_every``, ``deadline`` and ``slow_every`` in microseconds. ``slow``: places of the points
    that are read at their own, slower pace. ``burst``: whether it may be asked outside its slots.
    ``uptime``: place of the point that counts seconds since the device's start, if there is one.
    """

    id: str
    name: str
    poll_every: int
    deadline: int
    source: Source
    slow: tuple[int, ...] = ()
    slow_every: int = 0
    burst: bool = False
    uptime: int | None = None


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
