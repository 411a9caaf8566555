"""A Modbus TCP unit on 127.0.0.1 that answers from one function for each table.

Owns the protocol; refuses every write and counts it. Must not know what a register means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

HOST = "127.0.0.1"
_BITS = 16  # pymodbus keeps bits sixteen to a register
_WRITES = frozenset({5, 6, 15, 16, 22, 23})
_TABLE_OF = {1: "coils", 2: "discrete_inputs", 3: "holding_registers", 4: "input_registers"}


@dataclass(frozen=True, slots=True)
class Tables:
    """Functions of the present cells, by wire address from 0; None is a table that does not exist.

    The length of each table is fixed at the start. Bits are served in sixteens: addresses up to the
    next multiple of 16 read as false rather than as an error.
    """

    coils: Callable[[], Sequence[bool]] | None = None
    discrete_inputs: Callable[[], Sequence[bool]] | None = None
    holding_registers: Callable[[], Sequence[int]] | None = None
    input_registers: Callable[[], Sequence[int]] | None = None


class ModbusAgent:
    """One unit. All of these may be set while it runs.

    ``is_silent``: a function or a flag; connections are taken, requests never answered.
    ``exception_code``: answer everything with this exception (2 is illegal address).
    ``mangle``: a function that changes the bytes of each answer, whole TCP frames; empty bytes send
    nothing. ``writes``: the number of write requests, each of which was refused.
    """

    def __init__(self, tables: Tables, unit_id: int = 1) -> None:
        self.tables = tables
        self.port = 0
        self.is_silent: bool | Callable[[], bool] = False
        self.exception_code: int | None = None
        self.mangle: Callable[[bytes], bytes] | None = None
        self.writes = 0
        self._unit_id = unit_id
        self._server: ModbusTcpServer | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on ``port``, or on a free one; ``self.port`` is its number.

        Raises RuntimeError when the port is taken.
        """
        server = ModbusTcpServer(
            self._device(), address=(HOST, port), trace_packet=self._pass_packet
        )
        await server.serve_forever(background=True)
        self._server = server
        self.port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def stop(self) -> None:
        """Close the listener and every connection; safe to call twice."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await server.shutdown()  # type: ignore[no-untyped-call]

    def _device(self) -> SimDevice:
        tables = self.tables
        return SimDevice(
            id=self._unit_id,
            simdata=(
                [_bits(tables.coils)],
                [_bits(tables.discrete_inputs)],
                [_registers(tables.holding_registers)],
                [_registers(tables.input_registers)],
            ),
            action=self._act,
        )

    async def _act(
        self,
        function_code: int,
        _start: int,
        _address: int,
        _count: int,
        registers: list[int],
        _values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Copy the present values into the table from which pymodbus answers."""
        if function_code in _WRITES:
            self.writes += 1
            return ExcCodes.ILLEGAL_FUNCTION
        if self.exception_code is not None:
            return ExcCodes(self.exception_code)
        show = getattr(self.tables, _TABLE_OF[function_code])
        if show is None:
            return ExcCodes.ILLEGAL_FUNCTION
        shown = _packed(show()) if function_code in {1, 2} else list(show())
        registers[: len(shown)] = shown
        return None

    def _pass_packet(self, sending: bool, data: bytes) -> bytes:
        silent = self.is_silent() if callable(self.is_silent) else self.is_silent
        if not sending:
            return b"" if silent else data
        return self.mangle(data) if self.mangle else data


def _bits(show: Callable[[], Sequence[bool]] | None) -> SimData:
    count = len(show()) if show else 1
    return SimData(0, values=[False] * (-(-count // _BITS) * _BITS), datatype=DataType.BITS)


def _registers(show: Callable[[], Sequence[int]] | None) -> SimData:
    return SimData(0, values=[0] * (len(show()) if show else 1), datatype=DataType.REGISTERS)


def _packed(bits: Sequence[bool]) -> list[int]:
    """Return bits sixteen to a register, the first in the lowest."""
    return [
        sum(1 << place for place, bit in enumerate(bits[at : at + _BITS]) if bit)
        for at in range(0, len(bits), _BITS)
    ]


def constant_table(values: Mapping[int, int], length: int) -> Callable[[], list[int]]:
    """Return a table that shows ``values`` by wire address, 0 elsewhere."""
    return lambda: [values.get(address, 0) for address in range(length)]
