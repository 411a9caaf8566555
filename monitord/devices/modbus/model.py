"""What the Modbus reader needs to know. Owns shapes; no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.devices.model import Decoding


@dataclass(frozen=True, slots=True)
class ModbusPoint:
    """``table``: coil, discrete_input, input_register or holding_register.

    ``wire_address`` counts from 0. ``type``: bit, or uint, int or float with its width in bits.
    ``word_order``: big (first register is the high word) or little. ``bits``: (offset, width) of a
    field in an unsigned register, bit 0 the lowest; the field is the raw value.
    """

    id: str
    table: str
    wire_address: int
    type: str
    word_order: str
    decoding: Decoding
    bits: tuple[int, int] | None = None

    @property
    def where(self) -> str:
        """Table, wire address, type, and the bits of it."""
        bits = "" if self.bits is None else f" bits {self.bits[0]}+{self.bits[1]}"
        return f"{self.table} {self.wire_address} {self.type}{bits}"


@dataclass(frozen=True, slots=True)
class ModbusSource:
    """A Modbus TCP server's unit."""

    address: str
    port: int
    unit_id: int
    points: tuple[ModbusPoint, ...]

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        return "Modbus"

    @property
    def where(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"
