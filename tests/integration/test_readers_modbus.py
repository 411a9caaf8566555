"""The Modbus reader against units that lie, stammer, hang up or are one answer behind."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from monitord.decoding.model import Decoding
from monitord.devices.bus.bus import Buses
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.blocks import plan_blocks
from monitord.devices.modbus.frames import ReadRequest, parse_frame
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import ReadError
from tests.support.agents import ModbusPlant
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.packets import recorded_packets
from tests.support.wire import LOCALHOST, Serve, StreamServer

NUMBER = Decoding("number")
AMPLE_S = 20.0
SOON_S = 0.5
UNIT = 247

Say = Callable[[bytes, int], bytes]


def holding(*addresses: int) -> tuple[ModbusPoint, ...]:
    return tuple(
        ModbusPoint(f"r{address}", "holding_register", address, "uint16", "big", NUMBER)
        for address in addresses
    )


def source_at(port: int, *addresses: int) -> ModbusSource:
    return ModbusSource(LOCALHOST, port, UNIT, holding(*addresses))


def true_answer(request: bytes, value: int) -> bytes:
    """ModbusAnswer a read of holding registers with value, value + 1, ..."""
    transaction_id, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", request)
    head = struct.pack(">HHHBBB", transaction_id, 0, 3 + 2 * count, unit, function, 2 * count)
    return head + struct.pack(f">{count}H", *range(value, value + count))


def saying(say: Say) -> Serve:
    """Serve a connection with ``say(request, number of the request on the connection)``."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = 0
        while True:
            request = await reader.readexactly(12)
            writer.write(say(request, number))
            await writer.drain()
            number += 1

    return serve


@asynccontextmanager
async def reading(
    serve: Serve, *addresses: int
) -> AsyncIterator[tuple[DecodedReader, StreamServer]]:
    """Give a reader whose unit serves so."""
    async with StreamServer(serve) as server:
        reader = decoded_reader(ModbusReader, source_at(server.port, *(addresses or (0, 1))))
        try:
            yield reader, server
        finally:
            await reader.close()


def patched(at: int, octets: bytes) -> Say:
    def say(request: bytes, _: int) -> bytes:
        answer = true_answer(request, 100)
        return answer[:at] + octets + answer[at + len(octets) :]

    return say


def other_count(count: int) -> Say:
    """Answer as if ``count`` registers were asked."""
    return lambda request, _: true_answer(request[:10] + struct.pack(">H", count), 100)


WRONG: dict[str, Say] = {
    "transaction id": patched(0, b"\x7f\xff"),
    "transaction id 0": patched(0, b"\0\0"),
    "protocol id": patched(2, b"\0\1"),
    "unit id": patched(6, b"\x01"),
    "unit id 0": patched(6, b"\0"),
    "function": patched(7, b"\x04"),
    "exception of another function": lambda request, _: request[:5] + b"\x03\xf7\x84\x02",
    "count of octets": patched(8, b"\x02"),
    "one register too few": other_count(1),
    "one register too many": other_count(3),
    "no register": other_count(0),
    "length 0": patched(4, b"\0\0"),
    "length 65535": patched(4, b"\xff\xff"),
    "the request itself": lambda request, _: request,
    "another protocol": lambda _, __: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "oversized": lambda _, __: b"\xaa" * 100_000,
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_frame_that_is_not_the_answer_fails_the_read_at_once(name: str) -> None:
    """On a stream nothing better can follow; the next read is on a new connection, and true."""

    def say(request: bytes, number: int) -> bytes:
        wrong = server.connections == 1
        return WRONG[name](request, number) if wrong else true_answer(request, 100)

    async with reading(saying(say)) as (reader, server):
        with pytest.raises(ReadError) as caught:
            await reader.read(AMPLE_S)
        assert caught.value.kind == "bad_answer"
        assert await reader.read(AMPLE_S) == (100, 101)
        assert server.connections == 2


async def test_an_answer_in_single_octets_is_put_together() -> None:
    """A stream has no frames but those we find in it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            request = await reader.readexactly(12)
            for octet in true_answer(request, 100):
                writer.write(bytes([octet]))
                await writer.drain()
                await asyncio.sleep(0)

    async with reading(serve) as (reader, server):
        for _ in range(3):
            assert await reader.read(AMPLE_S) == (100, 101)
        assert server.connections == 1


async def test_an_answer_after_the_deadline_is_not_taken_by_the_next_read() -> None:
    """The old answer comes first on every connection, and values only ever from their own read."""
    held: list[bytes] = []

    def say(request: bytes, _: int) -> bytes:
        held.append(true_answer(request, 100 * len(held)))
        # Odd reads get no answer; even ones get the answer to the one before, then their own.
        return b"" if len(held) % 2 else held[-2] + held[-1]

    async with reading(saying(say)) as (reader, server):
        for _ in range(3):
            with pytest.raises(ReadError, match="timeout"):
                await reader.read(SOON_S)
            with pytest.raises(ReadError, match="bad_answer: transaction id"):
                await reader.read(AMPLE_S)
        assert server.connections == 6


async def test_an_answer_that_nobody_asked_for_never_puts_the_reader_one_behind() -> None:
    """Each answer comes twice; each read has its own value."""
    value = 0

    def say(request: bytes, _: int) -> bytes:
        nonlocal value
        value += 1
        return true_answer(request, value) * 2

    async with reading(saying(say), 0) as (reader, _):
        seen = [(await reader.read(AMPLE_S))[0] for _ in range(6)]
    assert seen == [1, 2, 3, 4, 5, 6]


async def test_readers_that_share_a_connection_never_use_one_number_twice() -> None:
    """A doubled answer to one reader's request must not be another's, though both wait in line."""
    numbers: list[int] = []

    def say(request: bytes, _: int) -> bytes:
        numbers.append(int.from_bytes(request[:2], "big"))
        return true_answer(request, 100)

    async with StreamServer(saying(say)) as server:
        sources = [source_at(server.port, at) for at in (0, 10, 20)]
        bus = Buses().at(sources[0].line)
        readers = [decoded_reader(ModbusReader, source, bus) for source in sources]
        for _ in range(2):
            await asyncio.gather(*(reader.read_raw(5) for reader in readers))
        for reader in readers:
            await reader.close()
    assert len(set(numbers)) == len(numbers) == 6
    assert 0 not in numbers


async def test_a_frame_between_two_reads_is_dropped_with_its_connection() -> None:
    """The next read starts on a connection where nothing is pending."""
    go_on = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readexactly(12)
        writer.write(true_answer(request, 100))
        if server.connections == 1:
            await go_on.wait()
            writer.write(true_answer(request[:1] + b"\x02" + request[2:], 666))
        await reader.read()

    async with reading(serve, 0) as (reader, server):
        assert await reader.read(AMPLE_S) == (100,)
        go_on.set()
        await reader.bus.transport.wait()
        assert await reader.read(AMPLE_S) == (100,)
        assert server.connections == 2


async def test_a_unit_that_hangs_up_between_reads_is_simply_called_again() -> None:
    """Many gateways close idle connections; that is no failed read."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(true_answer(await reader.readexactly(12), 100))
        await writer.drain()

    async with reading(serve) as (reader, server):
        for _ in range(3):
            assert await reader.read(AMPLE_S) == (100, 101)
            await reader.bus.transport.wait()  # The end of the connection has come.
        assert server.connections == 3


@pytest.mark.parametrize("octets", [0, 1, 7, 12])
async def test_a_connection_closed_within_an_answer_is_a_bad_answer(octets: int) -> None:
    """Known at once, not at the deadline; the next read calls again."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = true_answer(await reader.readexactly(12), 100)
        writer.write(answer[:octets] if server.connections == 1 else answer)
        await writer.drain()

    counted = "1 octet of" if octets == 1 else f"{octets} octets of"
    async with reading(serve) as (reader, server):
        with pytest.raises(ReadError, match=f"closed the connection after {counted}"):
            await reader.read(AMPLE_S)
        assert await reader.read(AMPLE_S) == (100, 101)


async def test_a_reset_connection_is_a_bad_answer() -> None:
    """A reset is no traceback."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(12)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async with reading(serve) as (reader, _):
        with pytest.raises(ReadError) as caught:
            await reader.read(AMPLE_S)
    assert caught.value.kind == "bad_answer"


async def test_half_an_answer_ends_at_the_deadline() -> None:
    """What is missing may still come; when it does not, the read says how much did."""
    async with reading(saying(lambda request, _: true_answer(request, 100)[:9])) as (reader, _):
        with pytest.raises(ReadError, match=r"timeout: .*; 9 octets of it came"):
            await reader.read(4 * SOON_S)


async def test_an_answer_that_came_while_we_were_busy_is_not_called_silence() -> None:
    """Our own lateness is not the device's: what lies in the socket at the deadline counts."""
    loop = asyncio.get_running_loop()
    with socket.create_server((LOCALHOST, 0)) as listener:
        listener.setblocking(False)
        reader = decoded_reader(ModbusReader, source_at(listener.getsockname()[1], 0, 1))
        read = asyncio.create_task(reader.read(4 * SOON_S))
        sock, _ = await loop.sock_accept(listener)
        with sock:
            request = await loop.sock_recv(sock, 100)
            await loop.sock_sendall(sock, true_answer(request, 100))
            threading.Event().wait(4.4 * SOON_S)  # The loop is blocked past the deadline.
            assert await read == (100, 101)
    await reader.close()


async def test_only_the_register_a_unit_lacks_is_absent() -> None:
    """Its block is halved until it is alone, once per connection."""
    plant = ModbusPlant({}, unit_id=UNIT)
    plant.set_registers("holding_register", 0, *range(100, 120))
    del plant.cells["holding_register", 13]
    async with plant:
        reader = decoded_reader(ModbusReader, source_at(plant.port, *range(20)))
        values = await reader.read(AMPLE_S)
        assert values == tuple(None if n == 113 else n for n in range(100, 120))
        first = len(plant.requests)
        assert await reader.read(AMPLE_S) == values
        assert len(plant.requests) - first < first
        await reader.close()


async def test_a_unit_that_has_none_of_the_registers_fails_the_read() -> None:
    """Then the profile or the unit is the wrong one, and it is asked whole again next time."""
    plant = ModbusPlant({}, unit_id=UNIT)
    async with plant:
        reader = decoded_reader(ModbusReader, source_at(plant.port, 0, 1))
        with pytest.raises(ReadError, match="exception: unit 247 has none of the registers"):
            await reader.read(AMPLE_S)
        plant.set_registers("holding_register", 0, 1, 2)
        plant.requests.clear()
        assert await reader.read(AMPLE_S) == (1, 2)
        assert plant.requests == [("holding_register", 0, 2)]
        await reader.close()


@pytest.mark.parametrize(
    "code", [ExcCodes.ILLEGAL_FUNCTION, ExcCodes.DEVICE_FAILURE, ExcCodes.DEVICE_BUSY]
)
async def test_a_unit_that_refuses_fails_the_read_by_the_refusals_name(code: ExcCodes) -> None:
    """Only "no such register" is a matter of one point."""
    plant = ModbusPlant({("holding_register", 0): 1}, unit_id=UNIT)
    plant.refuse_with = code
    async with plant:
        reader = decoded_reader(ModbusReader, source_at(plant.port, 0))
        with pytest.raises(ReadError, match=code.name.lower()) as caught:
            await reader.read(AMPLE_S)
        assert caught.value.kind == "exception"
        plant.refuse_with = None
        assert await reader.read(AMPLE_S) == (1,)
        await reader.close()


async def test_an_unknown_exception_code_is_named_by_its_number() -> None:
    """A vendor's own code is no mistake of ours."""
    async with reading(
        saying(lambda request, _: request[:4] + b"\0\x03" + request[6:7] + b"\x83\x63")
    ) as (reader, _):
        with pytest.raises(ReadError, match="exception 99 \\(unknown\\)"):
            await reader.read(AMPLE_S)


@pytest.mark.needs_shared
async def test_no_recorded_packet_is_taken_for_an_answer(shared: Path) -> None:
    """Other people's traffic and broken frames: each fails its read, and the next one is true."""
    files = sorted((shared / "wire/modbus/hex").glob("*.tsv"))
    packets = list(dict.fromkeys(p for file in files for p in recorded_packets(file)))
    assert len(packets) > 500

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readexactly(12)
        writer.write(packets[server.connections - 1])
        await writer.drain()
        assert request[6] == UNIT

    async with reading(serve, 7001, 7002) as (reader, server):
        while server.connections < len(packets):
            with pytest.raises(ReadError, match="bad_answer"):
                await reader.read(AMPLE_S)


@pytest.mark.needs_shared
def test_recorded_answers_are_accepted_for_their_own_request_only(shared: Path) -> None:
    """Real units' register reads are understood; for another count, unit or id they are refused."""
    believed = 0
    for file in sorted((shared / "wire/modbus/hex").glob("*.tsv")):
        for packet in recorded_packets(file):
            count = whole_register_answer(packet)
            if not count:
                continue
            (block,) = plan_blocks(holding(*range(count)))
            ask = ReadRequest(block, int.from_bytes(packet[:2], "big"), packet[6])
            answer = parse_frame(packet, ask)
            assert answer == struct.unpack(f">{count}H", packet[9:])
            (longer,) = plan_blocks(holding(*range(count + 1)))
            for other in (replace(ask, block=longer), replace(ask, unit_id=UNIT),
                          replace(ask, transaction_id=ask.transaction_id ^ 1)):  # fmt: skip
                with pytest.raises(ReadError, match="bad_answer"):
                    parse_frame(packet, other)
            believed += 1
    assert believed >= 10


def whole_register_answer(packet: bytes) -> int:
    """Return how many registers a packet answers with, 0 for every other kind of packet."""
    whole = len(packet) > 9 and packet[2:4] == b"\0\0" and packet[7] == 3
    fits = whole and len(packet) == 9 + packet[8] == 6 + int.from_bytes(packet[4:6], "big")
    return packet[8] // 2 if fits and packet[8] % 2 == 0 and packet[8] <= 248 else 0
