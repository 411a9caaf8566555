"""Which cells are read in one request, and which of them are a point. Knows no frame.

A cell is a register or a bit.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from monitord.decoding.rules import Raw
from monitord.devices.modbus.cells import (
    BIT_TABLES,
    NUMBERS,
    REGISTER_TABLES,
    TYPES,
    decode_registers,
    is_plain,
    registers_of,
)
from monitord.devices.modbus.model import BITS_MAX, REGISTERS_MAX, ModbusPoint, RequestLimits

COUNT_MAX = {
    **dict.fromkeys(BIT_TABLES, BITS_MAX),
    **dict.fromkeys(REGISTER_TABLES, REGISTERS_MAX),
}
_ADDRESSES = 65_536
_OPEN_LIMITS = RequestLimits()

Placed = tuple[int, ModbusPoint]
"""A point and its place among the source's points."""


@dataclass(frozen=True, slots=True)
class Block:
    """One request: ``count`` cells of ``table`` from wire address ``start``.

    ``points``: (place among the source's points, point), by address. ``is_fixed``: the unit gives
    exactly this block or nothing.
    """

    table: str
    start: int
    count: int
    points: tuple[Placed, ...]
    is_fixed: bool = False

    @property
    def end(self) -> int:
        """The first wire address behind the block."""
        return self.start + self.count

    @property
    def of_bits(self) -> bool:
        """Whether its cells are bits."""
        return self.table in BIT_TABLES

    def __str__(self) -> str:
        return f"{self.table} {self.start}..{self.end - 1}"


def width(point: ModbusPoint) -> int:
    """Return how many cells a point has; raise ValueError for one that cannot be read."""
    of_bit_table = point.table in BIT_TABLES
    known = "bit" if of_bit_table else point.type if point.type in TYPES else ""
    if point.table not in COUNT_MAX or point.type != known:
        raise ValueError(f"point {point.id}: no type {point.type} in table {point.table}")
    cells = 1 if of_bit_table else registers_of(point.type, point.registers)
    if not 1 <= cells <= REGISTERS_MAX or not 0 <= point.wire_address <= _ADDRESSES - cells:
        raise ValueError(f"point {point.id}: no wire address {point.wire_address}")
    return cells


def plan_blocks(
    points: Sequence[ModbusPoint], limits: RequestLimits = _OPEN_LIMITS
) -> tuple[Block, ...]:
    """Group points into as few reads as the limits allow.

    A cell of no point is read only within ``limits.holes_max`` or ``limits.blocks``: it may not
    exist, and then the device refuses the whole read.
    """
    fixed, loose = _into_fixed(sorted(enumerate(points), key=_place_on_the_wire), limits)
    blocks: list[Block] = []
    for placed in loose:
        wider = _joined(blocks[-1], placed, limits) if blocks else None
        if wider is not None:
            blocks[-1] = wider
        else:
            blocks.append(_block_of((placed,)))
    return (*fixed, *blocks)


def _place_on_the_wire(placed: Placed) -> tuple[str, int]:
    return placed[1].table, placed[1].wire_address


def _into_fixed(
    placed: Sequence[Placed], limits: RequestLimits
) -> tuple[list[Block], list[Placed]]:
    """Return the fixed blocks with the points that lie in them, and the points that lie in none."""
    inside: list[list[Placed]] = [[] for _ in limits.blocks]
    loose: list[Placed] = []
    for one in placed:
        number = fixed_block_of(one[1], limits)
        (loose if number is None else inside[number]).append(one)
    blocks = [
        Block(*limits.blocks[number], tuple(held), is_fixed=True)
        for number, held in enumerate(inside)
        if held
    ]
    return blocks, loose


def fixed_block_of(point: ModbusPoint, limits: RequestLimits) -> int | None:
    """Return the number of the fixed block that holds the whole point, or None."""
    for number, (table, start, count) in enumerate(limits.blocks):
        at = point.wire_address - start
        if point.table == table and 0 <= at <= count - width(point):
            return number
    return None


def _joined(block: Block, placed: Placed, limits: RequestLimits) -> Block | None:
    """Return the block with the point in it, where it is near and the request stays allowed."""
    _, point = placed
    if point.table != block.table or point.wire_address > block.end + limits.holes_max:
        return None
    count = max(block.end, point.wire_address + width(point)) - block.start
    # Room for the spare registers is kept: a block that fills a request could not vary.
    registers = limits.registers_max - limits.spare_registers
    most = limits.bits_max if block.of_bits else registers
    if count > most or limits.one_point_per_request:
        return None
    return Block(block.table, block.start, count, (*block.points, placed))


def halves(block: Block) -> tuple[Block, Block]:
    """Split a block of several points in two."""
    half = len(block.points) // 2
    return _block_of(block.points[:half]), _block_of(block.points[half:])


def without_holes(block: Block) -> tuple[Block, ...]:
    """Split a block at every cell that no point of it names; one block where there is none."""
    runs: list[list[Placed]] = []
    end = -1
    for placed in block.points:
        if placed[1].wire_address > end:
            runs.append([])
            end = placed[1].wire_address
        runs[-1].append(placed)
        end = max(end, placed[1].wire_address + width(placed[1]))
    return tuple(_block_of(tuple(run)) for run in runs)


def _block_of(points: tuple[Placed, ...]) -> Block:
    """Return the block that holds these neighbours."""
    first = points[0][1]
    end = max(point.wire_address + width(point) for _, point in points)
    return Block(first.table, first.wire_address, end - first.wire_address, points)


def probe_of(blocks: Sequence[Block]) -> Block | None:
    """Return a read whose answer has the shape of no block's answer, or None where all are taken.

    Only shape separates answers without numbers: table and count of octets. The best probe is part
    of a block. Else it is one cell of another table, which the unit may not have: even its
    exception response names that table's function.
    """
    shapes = {(block.table, octets_of(block.table, block.count)) for block in blocks}
    for block in blocks:
        for count in () if block.is_fixed else range(block.count - 1, 0, -1):
            if (block.table, octets_of(block.table, count)) not in shapes:
                return Block(block.table, block.start, count, ())
    used = {block.table for block in blocks}
    for table in (*REGISTER_TABLES, *BIT_TABLES):
        if blocks and table not in used:
            return Block(table, blocks[0].start, 1, ())
    return None


def octets_of(table: str, count: int) -> int:
    """Return how many octets so many cells take in an answer."""
    return (count + 7) // 8 if table in BIT_TABLES else 2 * count


def raw_of(point: ModbusPoint, block: Block, cells: Sequence[int]) -> Raw:
    """Return one point's raw value out of its block's cells."""
    at = point.wire_address - block.start
    if point.type == "bit":
        return bool(cells[at])
    return decode_registers(point, cells[at : at + width(point)])


def cells_of(block: Block, octets: bytes) -> tuple[int, ...]:
    """Return a block's cells out of an answer's octets: bits lowest first, registers high first."""
    if block.of_bits:
        return tuple(octets[at >> 3] >> (at & 7) & 1 for at in range(block.count))
    return struct.unpack(f">{block.count}H", octets)


class BlockLayout:
    """Where the points of a block are in its octets.

    One ``struct`` call unpacks all plain numbers that do not overlap; the rest are decoded singly.
    """

    def __init__(self, block: Block) -> None:
        self._block = block
        plain: list[Placed] = []
        letters, end = ">", block.start
        for place, point in () if block.of_bits else block.points:
            if is_plain(point) and point.wire_address >= end:
                skipped = 2 * (point.wire_address - end)
                letters += f"{skipped}x{NUMBERS[point.type]}" if skipped else NUMBERS[point.type]
                end = point.wire_address + width(point)
                plain.append((place, point))
        self._plain = struct.Struct(letters)
        self._places = [place for place, _ in plain]
        self._first = self._places[0] if _are_neighbours(self._places) else None
        known = set(self._places)
        self._odd = [placed for placed in block.points if placed[0] not in known]

    def fill(self, octets: bytes, raws: list[Raw]) -> None:
        """Put the block's raw values at their places."""
        plain = self._plain.unpack_from(octets)
        if self._first is not None:
            raws[self._first : self._first + len(plain)] = plain
        else:
            for place, raw in zip(self._places, plain, strict=True):
                raws[place] = raw
        if self._odd:
            cells = cells_of(self._block, octets)
            for place, point in self._odd:
                raws[place] = raw_of(point, self._block, cells)


def _are_neighbours(places: Sequence[int]) -> bool:
    return bool(places) and list(places) == list(range(places[0], places[0] + len(places)))
