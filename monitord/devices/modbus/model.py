"""The settings of a Modbus source. Data only; no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.decoding.model import Decoding
from monitord.devices.bus.settings import PLAIN_MANNERS, Line, Manners, SerialLine, TcpLine

# Limits of one request: Modbus Application Protocol V1.1b3, 6.1 to 6.4.
REGISTERS_MAX = 125
BITS_MAX = 2000


@dataclass(frozen=True, slots=True)
class ModbusPoint:
    """One point. ``table``: coil, discrete_input, input_register or holding_register.

    ``wire_address`` counts from 0. ``type``: bit, one of the ``cells.TYPES``, or text.
    ``word_order``: big (first register is the high word) or little; ``byte_order``: the same of the
    two octets of a register. ``bits``: (offset, width) of a field in an unsigned number, bit 0 the
    lowest; the field is the raw value. ``registers``: how many a text takes.
    """

    id: str
    table: str
    wire_address: int
    type: str
    word_order: str
    decoding: Decoding
    bits: tuple[int, int] | None = None
    byte_order: str = "big"
    registers: int = 0

    @property
    def where(self) -> str:
        """Table, wire address, type, and the bits of it."""
        bits = "" if self.bits is None else f" bits {self.bits[0]}+{self.bits[1]}"
        return f"{self.table} {self.wire_address} {self.type}{bits}"


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What a unit accepts. Counts are of one request.

    ``holes_max``: maximum of cells without a point between two points of a request.
    ``blocks``: (table, start, count) of cells that the unit gives only as exactly this block.
    ``spare_registers``: so many registers behind those of points may be read too.
    """

    registers_max: int = REGISTERS_MAX
    bits_max: int = BITS_MAX
    holes_max: int = 0
    blocks: tuple[tuple[str, int, int], ...] = ()
    one_point_per_request: bool = False
    spare_registers: int = 0


@dataclass(frozen=True, slots=True)
class ModbusSource:
    """A unit on a line: a TCP connection to ``address``:``port``, or ``serial``.

    ``framing``: tcp, rtu or ascii. Points without an order of their own were given the unit's.
    """

    address: str
    port: int
    unit_id: int
    points: tuple[ModbusPoint, ...]
    framing: str = "tcp"
    serial: SerialLine | None = None
    limits: RequestLimits = RequestLimits()
    manners: Manners = PLAIN_MANNERS
    word_order: str = "big"
    byte_order: str = "big"

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        return "Modbus"

    @property
    def line(self) -> Line:
        """The line; other units may share it."""
        return TcpLine(self.address, self.port) if self.serial is None else self.serial

    @property
    def host(self) -> str:
        """Name or address of unit or gateway, "" on a serial port."""
        return self.line.host

    @property
    def where(self) -> str:
        """Address and port, or the serial port."""
        return self.line.where
