"""Devices for tests: an SNMP agent and a Modbus unit on 127.0.0.1 whose values a test may set."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any, Self

from pyasn1.codec.ber import decoder, encoder
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from pysnmp.proto.api import v2c

from tests.support.wire import LOCALHOST, DatagramServer, free_port

Oid = tuple[int, ...]

_INTEGER_MAX = 2**31
_TOO_BIG, _NO_SUCH_NAME = 1, 2
_TABLES = {1: "coil", 2: "discrete_input", 3: "holding_register", 4: "input_register"}


class SnmpAgent(DatagramServer):
    """An agent of v1 and v2c that answers GET, GETNEXT and GETBULK, each as its version has it.

    ``values`` by whole OID: int, str, bytes or one of pysnmp's types; an OID not in it is
    noSuchInstance. The successor of an object is the next one in ``values``, in whatever order
    that is. ``silent``: takes requests and answers none. ``varbinds_max``: more are tooBig;
    ``hangs_above``: more are not answered; ``answers_at_most``: more are left out.
    ``error_status``: refuses every request with it; ``refuses``: with the status by OID, and the
    place of the object. ``reverses``: answers in the other order. ``strips``: leaves a final .0 out
    of the names it answers. ``short``: knows objects by their names without the final .0 alone.
    """

    def __init__(self, values: dict[Oid, Any], *, community: str = "public", port: int = 0) -> None:
        super().__init__(self.answer, port)
        self.values = values
        self.community = community
        self.silent = False
        self.varbinds_max = self.hangs_above = self.answers_at_most = 1000
        self.error_status = 0
        self.refuses: dict[Oid, int] = {}
        self.reverses = self.strips = self.short = False

    def asked(self) -> list[list[Oid]]:
        """Return the objects of each request so far."""
        return [oids_of(request) for request in self.requests]

    def answer(self, request: bytes) -> list[bytes]:
        """Return the datagrams that answer ``request``: one, or none."""
        message, _ = decoder.decode(request, asn1Spec=v2c.Message())
        community = bytes(v2c.apiMessage.get_community(message)).decode()
        oids = oids_of(request)
        if self.silent or community != self.community or len(oids) > self.hangs_above:
            return []
        pdu = v2c.apiMessage.get_pdu(message)
        is_v1 = int(v2c.apiMessage.get_version(message)) == 0
        response = v2c.ResponsePDU()
        v2c.apiPDU.set_defaults(response)
        v2c.apiPDU.set_request_id(response, v2c.apiPDU.get_request_id(pdu))
        self._fill(response, pdu, oids, is_v1=is_v1)
        v2c.apiMessage.set_pdu(message, response)
        return [encoder.encode(message)]

    def _fill(self, response: Any, pdu: Any, oids: list[Oid], *, is_v1: bool) -> None:
        found = self._found(pdu, oids)
        status, index = self._status(found, oids, is_v1=is_v1)
        v2c.apiPDU.set_error_status(response, status)
        if status == _TOO_BIG:
            return
        if status:
            response["error-index"] = index
            found = [(oid, v2c.null) for oid in oids]
        found = found[: self.answers_at_most]
        names = [oid[:-1] if self.strips and oid[-1] == 0 else oid for oid, _ in found]
        varbinds = list(zip(names, [value for _, value in found], strict=True))
        v2c.apiPDU.set_varbinds(response, varbinds[::-1] if self.reverses else varbinds)

    def _status(
        self, found: list[tuple[Oid, Any]], oids: list[Oid], *, is_v1: bool
    ) -> tuple[int, int]:
        if len(found) > self.varbinds_max:
            return _TOO_BIG, 0
        for place, oid in enumerate(oids, 1):
            if oid in self.refuses:
                return self.refuses[oid], place
        for place, (_, value) in enumerate(found, 1):
            if is_v1 and isinstance(value, v2c.NoSuchInstance | v2c.EndOfMibView):
                return _NO_SUCH_NAME, place
        return self.error_status, 0

    def _found(self, pdu: Any, oids: list[Oid]) -> list[tuple[Oid, Any]]:
        if isinstance(pdu, v2c.GetRequestPDU):
            return [(oid, self.value_of(oid)) for oid in oids]
        repeats = 1
        if isinstance(pdu, v2c.GetBulkRequestPDU):
            repeats = min(int(v2c.apiBulkPDU.get_max_repetitions(pdu)), self.answers_at_most)
        found, after = [], oids[0]
        for _ in range(repeats):
            after, value = self.following(after)
            found.append((after, value))
        return found

    def following(self, after: Oid) -> tuple[Oid, Any]:
        """Return the object behind ``after``; a test may lead in circles."""
        order = list(self.values)
        if after in self.values:
            at = order.index(after) + 1
        else:
            behind = [oid for oid in order if oid > after]
            at = order.index(min(behind)) if behind else len(order)
        if at == len(order):
            return after, v2c.EndOfMibView()
        return order[at], self.value_of(order[at])

    def value_of(self, oid: Oid) -> Any:
        name = (*oid, 0) if self.short else oid
        if name not in self.values:
            return v2c.NoSuchInstance()
        value = self.values[name]
        if isinstance(value, int):
            wide = not -_INTEGER_MAX <= value < _INTEGER_MAX
            return v2c.Counter64(value) if wide else v2c.Integer32(value)
        if isinstance(value, str | bytes):
            return v2c.OctetString(value.encode() if isinstance(value, str) else value)
        return value


def oids_of(packet: bytes) -> list[Oid]:
    """Return the objects that a message names."""
    pdu = v2c.apiMessage.get_pdu(decoder.decode(packet, asn1Spec=v2c.Message())[0])
    return [tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu)]


class ModbusPlant:
    """One Modbus unit behind pymodbus's own server.

    ``cells``: (table, wire address) to a register or a bit; what is not in it is exception 2.
    ``refuse_with``: an exception code for every request. ``framing``: socket (Modbus TCP), rtu or
    ascii. ``serial_port``: the file of a serial port to serve on, instead of a TCP port.
    """

    def __init__(
        self,
        cells: dict[tuple[str, int], int],
        *,
        unit_id: int = 1,
        framing: str = "socket",
        serial_port: str = "",
    ) -> None:
        self.cells = cells
        self.unit_id = unit_id
        self.port = 0
        self.framing = FramerType(framing)
        self.serial_port = serial_port
        self.refuse_with: ExcCodes | None = None
        self.requests: list[tuple[str, int, int]] = []
        self._server: ModbusTcpServer | ModbusSerialServer | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        memory = SimDevice(self.unit_id, SimData(0, values=0, datatype=DataType.REGISTERS))
        if self.serial_port:
            self._server = ModbusSerialServer(memory, framer=self.framing, port=self.serial_port)
        else:
            self.port = self.port or free_port(socket.SOCK_STREAM)
            address = (LOCALHOST, self.port)
            self._server = ModbusTcpServer(memory, framer=self.framing, address=address)
        # The library's memory cannot lose a cell while it runs; ours is asked instead.
        self._server.context = self  # type: ignore[assignment]
        await self._server.serve_forever(background=True)

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            await self._server.shutdown()
        self._server = None

    def set_registers(self, table: str, wire_address: int, *registers: int) -> None:
        """Set neighbouring cells."""
        for place, register in enumerate(registers):
            self.cells[table, wire_address + place] = register

    async def async_getValues(  # noqa: N802 - the library's name
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """Answer the library's server."""
        table = _TABLES[func_code]
        self.requests.append((table, address, count))
        if device_id != self.unit_id:
            return ExcCodes.GATEWAY_NO_RESPONSE
        if self.refuse_with is not None:
            return self.refuse_with
        places = [(table, address + place) for place in range(count)]
        if any(place not in self.cells for place in places):
            return ExcCodes.ILLEGAL_ADDRESS
        if func_code <= 2:
            return [bool(self.cells[place]) for place in places]
        return [self.cells[place] for place in places]
