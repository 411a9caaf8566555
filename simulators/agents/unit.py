"""A Modbus TCP unit on 127.0.0.1 whose registers lie far apart, with holes between them.

Owns the protocol; refuses every write. Must not know what a register means. A hole is answered with
exception 2, as real units do: a reader that reads across a hole must fail here, not at the station.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from simulators.agents.fault_injection import FaultInjector

HOST = "127.0.0.1"
_BITS = 16
_FUNCTIONS = {1: "coils", 2: "discrete_inputs", 3: "holding_registers", 4: "input_registers"}


@dataclass(frozen=True, slots=True)
class Registers:
    """The cells of a unit at one moment, by wire address from 0; an empty table does not exist.

    Every moment must have the same addresses.
    """

    coils: Mapping[int, bool] = field(default_factory=dict)
    discrete_inputs: Mapping[int, bool] = field(default_factory=dict)
    holding_registers: Mapping[int, int] = field(default_factory=dict)
    input_registers: Mapping[int, int] = field(default_factory=dict)


class ModbusUnit:
    """One unit. ``show``: its present registers, None while it does not answer.

    ``requests``: reads that it answered; ``writes``: writes that it refused.
    ``injector``: the faults of its answers; may be set at any time. Late answers are not sent.
    """

    def __init__(
        self, show: Callable[[], Registers | None], layout: Registers, unit_id: int = 1
    ) -> None:
        """``layout``: the registers of any moment, which give the addresses."""
        self.port = 0
        self.requests = 0
        self.writes = 0
        self._show = show
        self._layout = layout
        self._unit_id = unit_id
        self._server: ModbusTcpServer | None = None
        self.injector: FaultInjector | None = None
        self._request = b""

    async def start(self, port: int = 0) -> None:
        """Listen on ``port``, or on a free one; ``self.port`` is its number. OSError when taken."""
        server = ModbusTcpServer(
            self._device(), address=(HOST, port), trace_packet=self._pass_packet
        )
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:
            raise OSError(f"port {port} on {HOST} cannot be listened on") from error
        self._server = server
        self.port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def stop(self) -> None:
        """Close the listener and every connection; safe to call twice."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await server.shutdown()  # type: ignore[no-untyped-call]

    def _device(self) -> SimDevice:
        layout = self._layout
        return SimDevice(
            id=self._unit_id,
            simdata=(
                list(_blocks(layout.coils, DataType.BITS)),
                list(_blocks(layout.discrete_inputs, DataType.BITS)),
                list(_blocks(layout.holding_registers, DataType.REGISTERS)),
                list(_blocks(layout.input_registers, DataType.REGISTERS)),
            ),
            action=self._act,
        )

    async def _act(
        self,
        function_code: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        _values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Copy the present values into the registers from which pymodbus answers."""
        if function_code not in _FUNCTIONS:
            self.writes += 1
            return ExcCodes.ILLEGAL_FUNCTION
        shown = self._show()
        if shown is None:
            return ExcCodes.DEVICE_FAILURE  # it became silent after the request
        table = getattr(shown, _FUNCTIONS[function_code])
        if not table:
            return ExcCodes.ILLEGAL_FUNCTION
        self.requests += 1
        if function_code in {1, 2}:
            # pymodbus keeps bits sixteen to a register, and counts ``start`` in registers.
            for word in range(address // _BITS, address // _BITS + count):
                bits = (table.get(word * _BITS + place, False) for place in range(_BITS))
                registers[word - start] = sum(1 << place for place, bit in enumerate(bits) if bit)
        else:
            for at in range(address, address + count):
                registers[at - start] = table.get(at, 0)
        return None

    def _pass_packet(self, sending: bool, data: bytes) -> bytes:
        if not sending:
            self._request = data
            return b"" if self._show() is None else data
        if self.injector is None:
            return data
        return b"".join(
            sent.octets for sent in self.injector.outgoing(self._request, data) if not sent.after_s
        )


def _blocks(table: Mapping[int, object], datatype: DataType) -> Iterator[SimData]:
    """Yield a block for each run of addresses without a hole; an empty table still needs one."""
    empty: list[int] | list[bool]
    if not table:
        empty = [False] * _BITS if datatype is DataType.BITS else [0]
        yield SimData(0, values=empty, datatype=datatype)
        return
    if datatype is DataType.BITS:
        count = -(-(max(table) + 1) // _BITS) * _BITS
        yield SimData(0, values=[False] * count, datatype=datatype)
        return
    for begin, count in _runs(table):
        yield SimData(begin, values=[0] * count, datatype=datatype)


def _runs(addresses: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield (first address, count) of each run."""
    for _, run in groupby(enumerate(sorted(addresses)), key=lambda pair: pair[1] - pair[0]):
        members = [address for _, address in run]
        yield members[0], len(members)
