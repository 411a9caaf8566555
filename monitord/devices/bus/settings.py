"""The settings of a line and of how a device uses it. Data only; no I/O.

A line carries octets to one or more devices: a TCP connection to a gateway or a serial server, or a
serial port. Devices that name the same line share it. Times are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from monitord.core.model import SECOND

PARITIES = ("none", "even", "odd")


@dataclass(frozen=True, slots=True)
class TcpLine:
    """A TCP connection to ``address``:``port``."""

    address: str
    port: int

    @property
    def host(self) -> str:
        """Name or address that it leads to."""
        return self.address

    @property
    def where(self) -> str:
        """Address and port, for people."""
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial port by its device file. ``parity``: none, even or odd; ``stop_bits``: 1 or 2."""

    device: str
    baud_rate: int = 9600
    data_bits: int = 8
    parity: str = "none"
    stop_bits: int = 1

    @property
    def host(self) -> str:
        """Always "": no network leads to it."""
        return ""

    @property
    def where(self) -> str:
        """The device file, for people."""
        return self.device

    @property
    def character(self) -> int:
        """Microseconds of one character on the wire, with start, parity and stop bits."""
        bits = 1 + self.data_bits + (self.parity != "none") + self.stop_bits
        return -(-bits * SECOND // self.baud_rate)


Line = TcpLine | SerialLine


def line_key(line: Line) -> tuple[str, int] | str:
    """Return what identifies a line: address and port, or the device file."""
    match line:
        case TcpLine():
            return line.address, line.port
        case SerialLine():
            return line.device


@runtime_checkable
class OnALine(Protocol):
    """A source on a line that others may share: its reader gets the bus of the line."""

    @property
    def line(self) -> Line: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """What a device needs of its line. Times in microseconds.

    ``numbered``: its answers carry the number of their request, so a late one is recognised.
    ``answer_within``: the longest wait for one answer; None: the rest of the read's deadline, and
    on a line of several devices ten times the usual response time, at least 0.3 s.
    ``quiet``: after a fault the line is in step again when nothing came for this time.
    ``answers_behind_max``: without numbers an answer may be a true one to a request that many
    requests earlier.
    """

    numbered: bool = False
    pause_after_connect: int = 0
    pause_between_requests: int = 0
    close_after_read: bool = False
    answer_within: int | None = None
    quiet: int = 50_000
    answers_behind_max: int = 1


PLAIN_MANNERS = Manners()
"""A device without special needs."""
