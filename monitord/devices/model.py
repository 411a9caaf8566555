"""The settings of a polled device, the Reader protocol and ``ReadError``. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from monitord.decoding.model import DerivedPoint, SourcePoint
from monitord.decoding.rules import Raw
from monitord.texts.phrases import Phrase


class Source(Protocol):
    """Where a device is read, and what: each protocol has its own, in its own ``model``."""

    @property
    def protocol(self) -> str:
        """The protocol as people write it, such as SNMP."""

    @property
    def points(self) -> tuple[SourcePoint, ...]: ...

    @property
    def host(self) -> str:
        """Name or address of the host that is asked, "" where no network leads to it."""

    @property
    def where(self) -> str:
        """Where it is, for people: an address and port, a serial line. No secret."""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """One polled device. ``points`` have the order of the core's ``DevicePlan.points``.

    ``poll_every``, ``deadline`` and ``slow_every``: microseconds. ``derived``: points calculated
    from others; no reader reads them. ``all_zero``: how an answer of zeros alone is treated, a mode
    of ``plausibility.AllZeroCheck``. ``slow``: places of the points read every ``slow_every``.
    ``burst``: whether the device may be polled outside its slots. ``uptime``: place of the point
    that counts the seconds since the device started, or None.
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
    """A read that gave no answer. The device's owner can fix it.

    ``kind``: timeout, refused, unreachable, bad_answer, error_status, exception. ``detail``: the
    text of ``phrase`` in English, for logs.
    """

    def __init__(self, kind: str, phrase: Phrase) -> None:
        self.kind = kind
        self.phrase = phrase
        self.detail = str(phrase)
        super().__init__(f"{kind}: {self.detail}")


class Remark(NamedTuple):
    """Something about a device besides its values that its owner should know.

    ``kind``: of ``remarks.KINDS``.
    """

    kind: str
    detail: str


class Reader(Protocol):
    """One bounded read of one device at a time: all its points, or ``ReadError``."""

    @property
    def proven_from(self) -> int | None:
        """The earliest moment that the last answer may be of; None where the read does not say."""

    @property
    def took(self) -> int | None:
        """Microseconds that the device took in the last read; None where nothing else took any."""

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the raw values in the order of the source's points, within ``deadline_s`` seconds.

        A point without a value is None. Raises ReadError where the device gave no answer.
        """

    async def close(self) -> None:
        """Release the socket; safe to call twice; the next read opens another."""
