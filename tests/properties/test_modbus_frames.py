"""Answers over Modbus TCP with octets changed: what is taken, pymodbus reads alike."""

from __future__ import annotations

import struct
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU

from monitord.decoding.model import Decoding
from monitord.devices.modbus.blocks import cells_of, plan_blocks
from monitord.devices.modbus.frames import TcpQuery
from monitord.devices.modbus.model import ModbusPoint
from monitord.devices.model import ReadError
from tests.properties.packets.modbus_answers import with_true_length
from tests.properties.scripts import examples

UNIT = 17
NUMBER = Decoding("number")


@examples(500)
@given(
    count=st.integers(1, 125),
    table=st.sampled_from(["coil", "holding_register", "input_register", "discrete_input"]),
    data=st.data(),
)
def test_what_is_accepted_over_tcp_is_what_pymodbus_decodes(
    count: int, table: str, data: st.DataObject
) -> None:
    """Good answers and answers with some octets changed: what we take, the library reads alike."""
    kind = "uint16" if table.endswith("register") else "bit"
    points = [ModbusPoint(str(n), table, n, kind, "big", NUMBER) for n in range(count)]
    (asked,) = plan_blocks(points)
    query = TcpQuery(asked, UNIT)
    number = query.request(data.draw(st.integers(1, 65535)))[:2]
    octets = 2 * count if kind == "uint16" else (count + 7) // 8
    body = data.draw(st.binary(min_size=octets, max_size=octets))
    code = {"coil": 1, "discrete_input": 2, "holding_register": 3, "input_register": 4}[table]
    pdu = bytes((code, octets)) + body
    answer = bytearray(number + struct.pack(">HHB", 0, 1 + len(pdu), UNIT) + pdu)
    changes = st.tuples(st.integers(0, len(answer) - 1), st.integers(0, 255))
    for at, octet in data.draw(st.lists(changes, max_size=2)):
        answer[at] = octet
    with suppress(ReadError):
        taken = query.find_answer(bytes(answer))
        if taken is not None and isinstance(taken[0], bytes):
            framer = FramerSocket(DecodePDU(is_server=False))
            frame = with_true_length(bytes(answer), taken[0])
            _, decoded = framer.handleFrame(frame, UNIT, 0)
            assert decoded is not None
            cells = decoded.registers if kind == "uint16" else decoded.bits
            assert list(cells_of(asked, taken[0])) == [int(cell) for cell in cells[:count]]
