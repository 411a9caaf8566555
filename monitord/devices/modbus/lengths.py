"""One block of a unit, read in several lengths by turns, so that an answer shows its request.

RTU and ASCII do not number their answers. Spare registers behind a block make its answers differ in
length: one that comes too late is dropped, because another length is asked by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from monitord.devices.bus.asked import AskedShapes
from monitord.devices.bus.exchange import FindAnswer, GatewayTimeoutError
from monitord.devices.modbus.blocks import Block, octets_of
from monitord.devices.modbus.cells import REGISTER_TABLES
from monitord.devices.modbus.frames import QUERIES, ExceptionResponse, ModbusAnswer, Query
from monitord.devices.modbus.model import RequestLimits
from monitord.texts.phrases import phrase

LENGTHS_MIN: Final = 8
"""With fewer lengths, an answer that is late by a whole round may pass for the one that is due."""

_GATEWAY: Final = (10, 11)

Shape = tuple[str, int]
"""Table and octets of an answer."""


def lengths_of(block: Block, limits: RequestLimits, framing: str) -> range:
    """Return the counts of registers in which a block may be read; one where it must not vary."""
    spare = limits.spare_registers if block.table in REGISTER_TABLES else 0
    if framing == "tcp" or block.is_fixed or limits.one_point_per_request:
        spare = 0
    most = min(block.count + spare, limits.registers_max, 65_536 - block.start)
    return range(block.count, max(block.count, most) + 1)


def living(query: Query) -> FindAnswer[ModbusAnswer]:
    """Return the query's ``find_answer``; a gateway exception is not an answer of the unit.

    Codes 10 and 11 mean that the unit is silent: it holds the line for the gateway's timeout.
    """

    def take(received: bytes) -> tuple[ModbusAnswer, int] | None:
        taken = query.find_answer(received)
        if (
            taken is not None
            and isinstance(taken[0], ExceptionResponse)
            and taken[0].code in _GATEWAY
        ):
            raise GatewayTimeoutError("exception", phrase("modbus.gateway", exception=taken[0]))
        return taken

    return take


@dataclass(frozen=True, slots=True, eq=False)
class Length:
    """One length of a block. ``shape``: of its answers; ``octets``: those of the block itself."""

    block: Block
    count: int
    shape: Shape
    octets: int
    query: Query
    find: FindAnswer[ModbusAnswer]

    def find_answer(self, received: bytes) -> tuple[ModbusAnswer, int] | None:
        """Return the octets of the block, without the spare ones; raises ReadError."""
        found = self.find(received)
        if found is None or isinstance(found[0], ExceptionResponse):
            return found
        return found[0][: self.octets], found[1]


def _length(block: Block, count: int, framing: str, unit_id: int) -> Length:
    query = QUERIES[framing](replace(block, count=count), unit_id)
    shape = block.table, octets_of(block.table, count)
    return Length(block, count, shape, octets_of(block.table, block.count), query, living(query))


class Lengths:
    """The lengths of one block."""

    def __init__(self, block: Block, counts: range, framing: str, unit_id: int) -> None:
        self.block = block
        self._all = [_length(block, count, framing, unit_id) for count in counts]
        self._open = list(self._all)

    @property
    def shapes(self) -> Iterator[Shape]:
        """The shapes of all its answers."""
        return (one.shape for one in self._all)

    def next(self, asked: AskedShapes) -> Length:
        """Return the length that was asked longest ago."""
        shape = asked.longest_ago(one.shape for one in self._open)
        return next(one for one in self._open if one.shape == shape)

    def refuse(self, length: Length) -> bool:
        """Use only shorter lengths from now on; False: there is none."""
        if length is self._all[0]:
            return False
        self._open = [one for one in self._open if one.count < length.count]
        return True

    def open_all(self) -> None:
        """Use every length again: the unit failed, and may have changed."""
        self._open = list(self._all)
