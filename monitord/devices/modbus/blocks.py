"""Which cells are read together, and which of them make a point. Knows no frame and no socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pymodbus.client.mixin import ModbusClientMixin

from monitord.devices.decode import Raw
from monitord.devices.modbus.model import ModbusPoint

# Limits of one request: Modbus Application Protocol V1.1b3, 6.1 to 6.4.
COUNT_MAX = {
    "coil": 2000,
    "discrete_input": 2000,
    "holding_register": 125,
    "input_register": 125,
}
BIT_TABLES = ("coil", "discrete_input")
_ADDRESSES = 65_536

_TYPES = {
    "uint16": ModbusClientMixin.DATATYPE.UINT16,
    "int16": ModbusClientMixin.DATATYPE.INT16,
    "uint32": ModbusClientMixin.DATATYPE.UINT32,
    "int32": ModbusClientMixin.DATATYPE.INT32,
    "float32": ModbusClientMixin.DATATYPE.FLOAT32,
    "uint64": ModbusClientMixin.DATATYPE.UINT64,
    "int64": ModbusClientMixin.DATATYPE.INT64,
    "float64": ModbusClientMixin.DATATYPE.FLOAT64,
}


@dataclass(frozen=True, slots=True)
class Block:
    """One request: ``count`` cells of ``table`` from wire address ``start``.

    ``points``: (place among the source's points, point), by address.
    """

    table: str
    start: int
    count: int
    points: tuple[tuple[int, ModbusPoint], ...]

    @property
    def end(self) -> int:
        """The first wire address behind the block."""
        return self.start + self.count

    def __str__(self) -> str:
        return f"{self.table} {self.start}..{self.end - 1}"


def width(point: ModbusPoint) -> int:
    """Return how many cells a point takes; raises ValueError for one that cannot be read."""
    of_bit_table = point.table in BIT_TABLES
    if point.table not in COUNT_MAX or of_bit_table != (point.type == "bit"):
        raise ValueError(f"point {point.id}: no type {point.type} in table {point.table}")
    cells = 1 if of_bit_table else _TYPES[point.type].value[1]
    if not 0 <= point.wire_address <= _ADDRESSES - cells:
        raise ValueError(f"point {point.id}: no wire address {point.wire_address}")
    return cells


def plan_blocks(points: Sequence[ModbusPoint]) -> tuple[Block, ...]:
    """Group points into as few reads as touch or overlap, and never read a cell nobody named.

    Cells between two points may not exist, and then the device refuses the whole read.
    """
    blocks: list[Block] = []
    for place, point in sorted(enumerate(points), key=_place_on_the_wire):
        if blocks and (wider := _joined(blocks[-1], place, point)):
            blocks[-1] = wider
        else:
            blocks.append(Block(point.table, point.wire_address, width(point), ((place, point),)))
    return tuple(blocks)


def _place_on_the_wire(placed: tuple[int, ModbusPoint]) -> tuple[str, int]:
    return placed[1].table, placed[1].wire_address


def _joined(block: Block, place: int, point: ModbusPoint) -> Block | None:
    """Return the block with the point in it, where it adjoins and the request stays allowed."""
    if point.table != block.table or point.wire_address > block.end:
        return None
    count = max(block.end, point.wire_address + width(point)) - block.start
    if count > COUNT_MAX[block.table]:
        return None
    return Block(block.table, block.start, count, (*block.points, (place, point)))


def halves(block: Block) -> tuple[Block, Block]:
    """Split a block of several points in two."""
    half = len(block.points) // 2
    return _block_of(block.points[:half]), _block_of(block.points[half:])


def _block_of(points: tuple[tuple[int, ModbusPoint], ...]) -> Block:
    """Return the block that holds these neighbours."""
    first = points[0][1]
    end = max(point.wire_address + width(point) for _, point in points)
    return Block(first.table, first.wire_address, end - first.wire_address, points)


def raw_of(point: ModbusPoint, block: Block, cells: Sequence[int]) -> Raw:
    """Return one point's raw value out of its block's cells."""
    at = point.wire_address - block.start
    if point.type == "bit":
        return bool(cells[at])
    order: Literal["big", "little"] = "little" if point.word_order == "little" else "big"
    registers = list(cells[at : at + width(point)])
    raw = ModbusClientMixin.convert_from_registers(registers, _TYPES[point.type], word_order=order)
    assert isinstance(raw, int | float)
    return raw if point.bits is None else _field(raw, *point.bits)


def _field(raw: float, offset: int, width: int) -> int:
    """Return a field of an unsigned number."""
    assert isinstance(raw, int)
    return raw >> offset & (1 << width) - 1
