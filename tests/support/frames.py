"""Frames of three kinds of device, written out by hand, and a device that speaks one of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Self

from monitord.decoding.model import Decoding
from monitord.devices.frames.model import (
    AnswerRule,
    Check,
    FramePoint,
    LengthField,
    Pattern,
    Request,
    Shift,
)
from tests.support.modbus import crc as crc16
from tests.support.wire import StreamServer

NO_CHECK = Check("none", 0, None, -1, "big", as_text=False)
SUM8 = Check("sum8", 0, None, -2, "big", as_text=False)


def octets(text: str) -> bytes:
    """Return octets written as hexadecimal pairs."""
    return bytes.fromhex(text)


def pattern(text: str) -> Pattern:
    """Return a pattern written as hexadecimal pairs, ``??`` for any octet."""
    return Pattern(tuple(None if part == "??" else int(part, 16) for part in text.split()))


# Megatec Q1: one line of text, 47 octets, without a check.
UPS_ANSWER = b"(220.1 140.0 219.8 034 50.0 27.4 25.0 00001001\r"
UPS = Request(
    "status",
    b"Q1\r",
    AnswerRule(pattern("28"), 47, b"\r", 47, 47, NO_CHECK, separator=b" ", field_count=8),
)

# DL/T 645-2007, meter 000012345678, voltages (0201FF00): 220.1, 219.8 and 221.5 V.
#   68 + 78 + 56 + 34 + 12 + 0 + 0 + 68 + 11 + 04 + 33 + 32 + 34 + 35 = 2C7
#   68 + 78 + 56 + 34 + 12 + 0 + 0 + 68 + 91 + 0A + 33 + 32 + 34 + 35
#      + 34 + 55 + CB + 54 + 48 + 55 = 592
METER_REQUEST = octets("FE FE FE FE 68 78 56 34 12 00 00 68 11 04 33 32 34 35 C7 16")
METER_ANSWER = octets("68 78 56 34 12 00 00 68 91 0A 33 32 34 35 34 55 CB 54 48 55 92 16")
# It does not have that: control D1, one octet of error, 02 + 33; the sum is 1E4 + D1 + 01 + 35.
METER_REFUSAL = octets("68 78 56 34 12 00 00 68 D1 01 35 EB 16")
METER = Request(
    "voltages",
    METER_REQUEST,
    AnswerRule(
        pattern("68 78 56 34 12 00 00 68"),
        LengthField(9, 1, "big", 12),
        b"\x16",
        12,
        64,
        SUM8,
        match=((8, pattern("91")), (10, pattern("33 32 34 35"))),
        refused=((8, pattern("D1")),),
        shift=Shift(10, -2, 0x33),
    ),
)

# A made-up transmitter: EB 90, count of octets, address, command, data, CRC-16 low octet first.
CRC = Check("crc16_modbus", 2, None, -2, "little", as_text=False)
TRANSMITTER_ANSWER = octets("EB 90 0C 01 10 03 E8 00 05 2D E0 E3")
TRANSMITTER = Request(
    "state",
    octets("EB 90 07 01 10 C0 5D"),
    AnswerRule(
        pattern("EB 90"),
        LengthField(2, 1, "big", 0),
        b"",
        5,
        64,
        CRC,
        match=((3, pattern("01 10")),),
    ),
)


def without_check(request: Request) -> Request:
    """Return the same request whose answers have no check."""
    rule = request.answer
    return replace(request, answer=replace(rule, check=replace(NO_CHECK, at=-len(rule.end))))


class FramePlant:
    """A device behind a serial server: one command for each value, EB 90 frames with a CRC.

    ``values`` by command; one that is not there is refused. Each request is kept.
    """

    def __init__(self, values: dict[int, int], address: int = 1) -> None:
        self.values = values
        self.address = address
        self.requests: list[bytes] = []
        self.port = 0
        self._server: StreamServer | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._server = StreamServer(self._serve, self.port)
        await self._server.__aenter__()
        self.port = self._server.port

    async def stop(self) -> None:
        """Close the port and every connection."""
        server, self._server = self._server, None
        if server is not None:
            await server.__aexit__(None, None, None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await reader.readexactly(7)
            self.requests.append(request)
            if request == framed(bytes([self.address, request[4]])):
                writer.write(self._answer(request[4]))

    def _answer(self, command: int) -> bytes:
        value = self.values.get(command)
        if value is None:
            return framed(bytes([self.address, command | 0x80, 1]))
        return framed(bytes([self.address, command]) + value.to_bytes(4, "big"))


def framed(body: bytes) -> bytes:
    """Return address, command and data with header, length and CRC."""
    counted = bytes([len(body) + 5]) + body
    return b"\xeb\x90" + counted + crc16(counted)


def plant_request(command: int, address: int = 1) -> Request:
    """Return the request for one value of a ``FramePlant``."""
    rule = replace(
        TRANSMITTER.answer,
        match=((3, Pattern((address, command))),),
        refused=((3, Pattern((address, command | 0x80))),),
    )
    return Request(f"c{command:02x}", framed(bytes([address, command])), rule)


def plant_point(id_: str, command: int, address: int = 1) -> FramePoint:
    """Return the point of one value of a ``FramePlant``."""
    request = plant_request(command, address)
    return FramePoint(id_, request, 5, None, "uint32", 4, "big", None, Decoding("number"))
