"""The settings of a frame source: requests, answers, points. Data only; no I/O.

Places in a frame count octets from 0 at the first octet of its header; a negative place counts from
the end, as -1 for the last octet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from monitord.decoding.model import Decoding
from monitord.devices.bus.settings import PLAIN_MANNERS, Line, Manners

ByteOrder = Literal["big", "little"]

FRAME_MAX: Final = 512
"""The longest frame there may be, in octets. A frame of a serial line takes half a second then."""

CHECK_SIZES: Final = {
    "none": 0,
    "sum8": 1,
    "xor8": 1,
    "lrc8": 1,
    "sum16": 2,
    "crc16_modbus": 2,
    "crc16_ccitt": 2,
    "crc16_xmodem": 2,
}
"""Octets of each kind of check, before they are written as text."""

TYPE_SIZES: Final = {
    "uint8": 1,
    "int8": 1,
    "uint16": 2,
    "int16": 2,
    "uint24": 3,
    "int24": 3,
    "uint32": 4,
    "int32": 4,
    "float32": 4,
}
"""Octets of the types whose width is in their name."""

SIZED_TYPES: Final = {
    "bcd": 8,
    "signed_bcd": 8,
    "decimal": 16,
    "hex": 8,
    "binary": 32,
    "text": 64,
}
"""Maximum of octets of the types whose width a point must give."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Octets that must be there; None is any octet."""

    octets: tuple[int | None, ...]

    @property
    def lead(self) -> bytes:
        """The octets before the first that may be any."""
        fixed: list[int] = []
        for octet in self.octets:
            if octet is None:
                break
            fixed.append(octet)
        return bytes(fixed)

    def matches(self, octets: bytes, at: int = 0) -> bool:
        """Return whether the octets from ``at`` on match, as far as there are any."""
        there = octets[at : at + len(self.octets)]
        return all(due in (None, found) for due, found in zip(self.octets, there, strict=False))

    def __str__(self) -> str:
        return " ".join("??" if octet is None else f"{octet:02X}" for octet in self.octets)


@dataclass(frozen=True, slots=True)
class Check:
    """A checksum. ``kind``: a key of ``CHECK_SIZES``.

    It covers the octets from ``first`` up to, not including, ``last``; None: up to the check
    itself. ``at``: its place, counted from the end. ``as_text``: written as hexadecimal
    digits, two an octet.
    """

    kind: str
    first: int
    last: int | None
    at: int
    byte_order: ByteOrder
    as_text: bool

    @property
    def size(self) -> int:
        """How many octets of the frame it takes."""
        return CHECK_SIZES[self.kind] * (2 if self.as_text else 1)


@dataclass(frozen=True, slots=True)
class LengthField:
    """A length in the frame: the number of ``size`` octets at ``at``, and ``plus``.

    ``as_text``: the number is written in hexadecimal digits.
    """

    at: int
    size: int
    byte_order: ByteOrder
    plus: int
    as_text: bool = False

    @property
    def largest(self) -> int:
        """The longest frame that the field can give."""
        bits = 4 * self.size if self.as_text else 8 * self.size
        return int(2**bits - 1 + self.plus)


@dataclass(frozen=True, slots=True)
class Shift:
    """``value`` was added to each octet from ``first`` up to, not including, ``last``.

    ``last`` None: to the end of the frame.
    """

    first: int
    last: int | None
    value: int


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How an answer is recognised.

    ``length``: octets of the whole frame, a field that says so, or None: it goes to the first
    ``end`` after its header. ``least``, ``longest``: bounds of its length. ``match``: (place,
    pattern) that make it the answer to this request; ``refused``: that make it a refusal, empty
    where the device has none. ``separator``: between its text fields; ``field_count``: how many
    fields it must have.
    """

    header: Pattern
    length: int | LengthField | None
    end: bytes
    least: int
    longest: int
    check: Check
    match: tuple[tuple[int, Pattern], ...] = ()
    refused: tuple[tuple[int, Pattern], ...] = ()
    shift: Shift | None = None
    separator: bytes = b""
    field_count: int | None = None

    @property
    def tail(self) -> int:
        """How many octets at the end are no data."""
        return len(self.end) + self.check.size


@dataclass(frozen=True, slots=True)
class Request:
    """``octets``: sent unchanged; ``answer``: how the answer is recognised.

    ``probe``: what the profile has asked first after a lost answer.
    """

    id: str
    octets: bytes
    answer: AnswerRule
    probe: Request | None = None


@dataclass(frozen=True, slots=True)
class FramePoint:
    """One value in the answer to ``request``.

    It is at ``offset``, or it is text field ``field``, counted from 1. ``type``: a key of
    ``TYPE_SIZES`` or ``SIZED_TYPES``; ``size``: octets at an offset. ``bits``: (offset, width) of a
    part of an unsigned number, bit 0 the lowest.
    """

    id: str
    request: Request
    offset: int | None
    field: int | None
    type: str
    size: int
    byte_order: ByteOrder
    bits: tuple[int, int] | None
    decoding: Decoding

    @property
    def where(self) -> str:
        """Request, place, type and the bits of it."""
        place = f"field {self.field}" if self.offset is None else f"byte {self.offset}"
        bits = "" if self.bits is None else f" bits {self.bits[0]}+{self.bits[1]}"
        return f"{self.request.id} {place} {self.type}{bits}"


@dataclass(frozen=True, slots=True)
class FrameSource:
    """A device on a line. ``parameters``: values for the requests of its profile, by name.

    The parameter ``station`` is its address on the line; a device may have none.
    """

    line: Line
    points: tuple[FramePoint, ...]
    parameters: tuple[tuple[str, str], ...] = ()
    manners: Manners = PLAIN_MANNERS

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        return "frames"

    @property
    def station(self) -> str:
        """The device's own address on the line, empty for none."""
        return dict(self.parameters).get("station", "")

    @property
    def host(self) -> str:
        """Name or address of the device server, "" on a serial port."""
        return self.line.host

    @property
    def where(self) -> str:
        """The line, and the station on it."""
        return f"{self.line.where} station {self.station}" if self.station else self.line.where
