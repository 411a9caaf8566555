"""Modbus units whose frames or blocks are odd: each good register is read, none is bent."""

from __future__ import annotations

import asyncio
import struct

import pytest

from monitord.core.model import Value
from monitord.decoding.model import Decoding
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import ReadError
from tests.support.decoding import decoded_reader
from tests.support.wire import LOCALHOST, Serve, StreamServer

NUMBER = Decoding("number")
AMPLE_S = 20.0
SOON_S = 0.6
UNIT = 1
GOOD, BAD = 200, 100
TRUE = GOOD + 7
FRAME = struct.Struct(">HHHB")


def points(*addresses: int) -> tuple[ModbusPoint, ...]:
    return tuple(
        ModbusPoint(f"r{address}", "holding_register", address, "uint16", "big", NUMBER)
        for address in addresses
    )


def framed(request: bytes, pdu: bytes, more: int = 0) -> bytes:
    """Return a frame whose length says ``more`` octets than it has."""
    return FRAME.pack(int.from_bytes(request[:2], "big"), 0, 1 + len(pdu) + more, UNIT) + pdu


def true_pdu(request: bytes) -> bytes:
    """Return the answer of a unit whose registers hold their address plus 7."""
    address, count = struct.unpack(">HH", request[8:12])
    return struct.pack(f">BB{count}H", 3, 2 * count, *range(address + 7, address + 7 + count))


class Unit:
    """Answers reads; the block at ``BAD`` with what ``bad`` returns, nothing where it is None."""

    def __init__(self, bad: bytes | None, more: int = 0) -> None:
        self.bad = bad
        self.more = more
        self.asked: list[int] = []

    def serve(self) -> Serve:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                request = await reader.readexactly(12)
                address = int.from_bytes(request[8:10], "big")
                self.asked.append(address)
                pdu = self.bad if address == BAD else true_pdu(request)
                if pdu is not None:
                    writer.write(framed(request, pdu, self.more))
                    await writer.drain()

        return serve


async def reads(
    unit: Unit, addresses: tuple[int, ...], count: int = 1, within_s: float = AMPLE_S
) -> tuple[list[tuple[Value, ...] | str], set[tuple[str, str]]]:
    """Return what each read gives, values or the kind of its error, and all remarks."""
    found: list[tuple[Value, ...] | str] = []
    remarks: set[tuple[str, str]] = set()
    async with StreamServer(unit.serve()) as server:
        source = ModbusSource(LOCALHOST, server.port, UNIT, points(*addresses))
        reader = decoded_reader(ModbusReader, source)
        for _ in range(count):
            try:
                found.append(await reader.read(within_s))
            except ReadError as error:
                found.append(error.kind)
            remarks.update(reader.reader.take_remarks())
        await reader.close()
    return found, remarks


@pytest.mark.parametrize("parts", [1, 2], ids=["at_once", "in_two_parts"])
async def test_a_unit_that_says_everything_twice_is_read_in_all_its_blocks(parts: int) -> None:
    """The copy of an answer comes before the answer to the next block: no request is its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        copy = b""
        while True:
            request = await reader.readexactly(12)
            answer = framed(request, true_pdu(request))
            half = len(copy) // parts
            for piece in (copy[:half], copy[half:], answer):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            copy = answer

    class Doubling(Unit):
        def serve(self) -> Serve:
            return serve

    found, remarks = await reads(Doubling(None), (GOOD, BAD, 400, 600), 2)
    assert found == [(GOOD + 7, BAD + 7, 407, 607)] * 2
    assert remarks == set()


@pytest.mark.parametrize("more", [-1, 1, 2])
async def test_an_exception_is_two_octets_whatever_length_its_header_says(more: int) -> None:
    """``... 00 04 01 83 02`` of nine octets: the register is absent, the good ones are read."""
    found, remarks = await reads(Unit(b"\x83\x02", more), (GOOD, BAD), 2)
    assert found == [(TRUE, None), (TRUE, None)]
    assert ("odd_frame", f"its length says {3 + more}, 3 came") in remarks


@pytest.mark.parametrize("more", [-1, 1, 3])
async def test_an_answer_is_as_long_as_its_count_says(more: int) -> None:
    """Its count agrees with the request; the length in the header is remarked."""
    found, remarks = await reads(Unit(None, more), (GOOD, GOOD + 1), 3)
    assert found == [(TRUE, TRUE + 1)] * 3
    assert remarks == {("odd_frame", f"its length says {7 + more}, 7 came")}


async def test_octets_that_the_length_includes_are_left() -> None:
    """An exception with an octet behind it, counted in its length, is whole."""
    found, _ = await reads(Unit(b"\x83\x02\x00"), (GOOD, BAD), 2)
    assert found == [(TRUE, None), (TRUE, None)]


async def test_an_answer_that_ends_early_is_reported_by_what_it_said_and_what_came() -> None:
    """Half an answer is no value, and no bare silence either."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readexactly(12)
        writer.write(framed(request, true_pdu(request))[:-1])
        await writer.drain()
        await reader.read()

    async with StreamServer(serve) as server:
        reader = ModbusReader(ModbusSource(LOCALHOST, server.port, UNIT, points(0, 1)))
        with pytest.raises(ReadError, match=r"timeout: .*: its length says 7, 6 came"):
            await reader.read_raw(SOON_S)
        await reader.close()


@pytest.mark.parametrize("code", [1, 4, 8, 99])
async def test_a_block_that_is_refused_does_not_hide_the_others(code: int) -> None:
    """Any exception concerns its own block; its points are absent, with the reason."""
    found, remarks = await reads(Unit(bytes((0x83, code))), (BAD, GOOD), 2)
    assert found == [(None, TRUE), (None, TRUE)]
    (remark,) = remarks
    assert remark[0] == "unreadable"
    assert "holding_register 100..100: device refused" in remark[1]
    assert f"exception {code} " in remark[1]


@pytest.mark.parametrize("bad", [None, b"\x03\x01\x00", b"\x04\x02\x00\x00"])
async def test_a_block_that_is_silent_or_wrong_hides_the_others_for_two_reads(
    bad: bytes | None,
) -> None:
    """Two failures may be chance and fail the read; the third names the block alone."""
    unit = Unit(bad)
    found, remarks = await reads(unit, (BAD, GOOD), 6, SOON_S)
    assert set(found[:2]) <= {"timeout", "bad_answer"}
    assert found[2:] == [(None, TRUE)] * 4
    assert [kind for kind, _ in remarks] == ["unreadable"]
    assert unit.asked.count(BAD) == 3
    assert unit.asked.count(GOOD) == 5


async def test_a_block_that_answers_again_is_read_again() -> None:
    """A bad block is asked again after a while."""
    unit = Unit(b"\x03\x01\x00")
    async with StreamServer(unit.serve()) as server:
        source = ModbusSource(LOCALHOST, server.port, UNIT, points(BAD, GOOD))
        reader = decoded_reader(ModbusReader, source)
        for _ in range(2):
            with pytest.raises(ReadError):
                await reader.read(AMPLE_S)
        assert await reader.read(AMPLE_S) == (None, TRUE)
        unit.bad = b"\x03\x02\x00\x6b"
        seen = [await reader.read(AMPLE_S) for _ in range(10)]
        await reader.close()
    assert seen[0] == (None, TRUE)
    assert seen[-1] == (107, TRUE)


@pytest.mark.parametrize("code", [5, 6])
@pytest.mark.parametrize("times", [1, 3])
async def test_a_busy_unit_is_asked_again_until_it_is_ready(code: int, times: int) -> None:
    """Acknowledge and busy say: ask later. The unit says when it is ready by its answer."""
    left = times

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        while True:
            request = await reader.readexactly(12)
            pdu = bytes((0x83, code)) if left else true_pdu(request)
            left = max(0, left - 1)
            writer.write(framed(request, pdu))
            await writer.drain()

    async with StreamServer(serve) as server:
        reader = ModbusReader(ModbusSource(LOCALHOST, server.port, UNIT, points(0)))
        assert await reader.read_raw(AMPLE_S) == (7,)
        await reader.close()


async def test_a_block_that_stays_busy_leaves_time_for_the_others() -> None:
    """The time left is divided among the blocks; the busy one is absent with its exception."""
    found, remarks = await reads(Unit(b"\x83\x06"), (BAD, GOOD), 1, SOON_S)
    assert found == [(None, TRUE)]
    assert "exception 6 (device_busy)" in next(iter(remarks))[1]
