"""What a line is and how a device wants it to be used. Owns shapes; no I/O.

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
    def where(self) -> str:
        """The device file, for people."""
        return self.device

    @property
    def character(self) -> int:
        """How long one character takes, start, parity and stop bits included."""
        bits = 1 + self.data_bits + (self.parity != "none") + self.stop_bits
        return -(-bits * SECOND // self.baud_rate)


Line = TcpLine | SerialLine


@runtime_checkable
class OnALine(Protocol):
    """A source that may share its line with others: its reader is given the line's bus too."""

    @property
    def line(self) -> Line: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """How a device wants its line to be used; each device has its own.

    ``numbered``: its answers carry the number of their request, so that a late one can be told.
    ``answer_within``: the longest wait for one answer; None: as long as the read may take, and on
    a line of several devices ten times as long as that answer usually takes, at least 0.3 s.
    ``quiet``: for so long nothing may come before a line counts as quiet after a fault.
    """

    numbered: bool = False
    pause_after_connect: int = 0
    pause_between_requests: int = 0
    close_after_read: bool = False
    answer_within: int | None = None
    quiet: int = 50_000


PLAIN_MANNERS = Manners()
"""A device that wants nothing in particular."""
