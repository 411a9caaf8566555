"""Devices with serial frames on one line: a port of 127.0.0.1, as behind a serial server, or a
pseudo-terminal. Owns their frames and the faults of such a line; knows no figure's meaning.

Facts: the Megatec protocol's query Q1; DL/T 645-2007, reads of single items and blocks; a made-up
transmitter, whose protocol sheet is in ``ExampleTransmitter``.
"""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

HOST = "127.0.0.1"
_RECEIVED_MAX = 512
_READ_MAX = 4096


@dataclass(slots=True)
class LineFaults:
    """Faults of every answer. All may be set while the line runs.

    ``noise_before``, ``noise_after``: octets around it; ``keep``: how many of its octets are sent;
    ``late_s``: its delay in seconds; ``wrong_check``: it has a wrong check; ``echoes``: the line
    returns each request; ``twice``: it is sent two times; ``piece``: octets of each piece, 0 for
    one piece.
    """

    noise_before: bytes = b""
    noise_after: bytes = b""
    keep: int | None = None
    late_s: float = 0.0
    wrong_check: bool = False
    echoes: bool = False
    twice: bool = False
    piece: int = 0


class LineDevice(Protocol):
    """One device on a line."""

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        """Return where a request to this device ends, and the answer, empty while it is silent."""

    def with_wrong_check(self, answer: bytes) -> bytes:
        """Return the answer with a wrong check; unchanged if its protocol has none."""


@dataclass(slots=True)
class MegatecUps:
    """Answers ``Q1`` and carriage return with one line of text.

    ``show``: input, fault and output volts, load percent, hertz, battery volts, degrees, and the
    eight status bits as text, b7 first; None while it does not answer.
    """

    show: Callable[[], tuple[float, float, float, int, float, float, float, str] | None]

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        at = received.find(b"Q1\r")
        if at < 0:
            return None
        figures = self.show()
        if figures is None:
            return at + 3, b""
        volts_in, fault, volts_out, load, hertz, battery, degrees, bits = figures
        text = f"({volts_in:05.1f} {fault:05.1f} {volts_out:05.1f} {load:03d} {hertz:04.1f}"
        return at + 3, f"{text} {battery:04.1f} {degrees:04.1f} {bits}\r".encode("ascii")

    def with_wrong_check(self, answer: bytes) -> bytes:
        return answer


_METER_BIAS = 0x33
_METER_READ, _METER_ANSWER, _METER_REFUSAL = 0x11, 0x91, 0xD1
_METER_NO_SUCH = 0x02


@dataclass(slots=True)
class EnergyMeter:
    """A meter by DL/T 645-2007. ``number``: its twelve digits.

    ``show``: by data identifier (such as 0x02010100) the digits of each number, and whether it is
    negative; None while it does not answer. Digits go out two an octet, the last ones first; a
    negative number has the highest bit set.
    """

    number: str
    show: Callable[[], Mapping[int, Sequence[tuple[str, bool]]] | None]

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        address = bytes.fromhex(self.number)[::-1]
        begin = b"\x68" + address + b"\x68" + bytes([_METER_READ, 4])
        at = received.find(begin)
        end = at + len(begin) + 6
        if at < 0 or len(received) < end:
            return None
        frame = received[at:end]
        if frame[-1] != 0x16 or sum(frame[:-2]) & 0xFF != frame[-2]:
            return at + 1, b""
        asked = bytes((octet - _METER_BIAS) & 0xFF for octet in frame[10:14])
        items = self.show()
        if items is None:
            return end, b""
        numbers = items.get(int.from_bytes(asked, "little"))
        if numbers is None:
            return end, self._frame(_METER_REFUSAL, bytes([_METER_NO_SUCH]))
        return end, self._frame(_METER_ANSWER, asked + b"".join(map(_meter_number, numbers)))

    def _frame(self, control: int, data: bytes) -> bytes:
        address = bytes.fromhex(self.number)[::-1]
        biased = bytes((octet + _METER_BIAS) & 0xFF for octet in data)
        frame = b"\x68" + address + b"\x68" + bytes([control, len(data)]) + biased
        return b"\xfe\xfe\xfe\xfe" + frame + bytes([sum(frame) & 0xFF, 0x16])

    def with_wrong_check(self, answer: bytes) -> bytes:
        return answer[:-2] + bytes([answer[-2] ^ 0x01, answer[-1]])


def _meter_number(number: tuple[str, bool]) -> bytes:
    digits, is_negative = number
    octets = bytearray(bytes.fromhex(digits)[::-1])
    octets[-1] |= 0x80 if is_negative else 0
    return bytes(octets)


@dataclass(frozen=True, slots=True)
class TransmitterFigures:
    """Values of the made-up transmitter, in the units of its sheet; ``alarms``: numbers of bits."""

    forward_w: int = 1000
    reflected_dw: int = 52
    final_stage_dv: int = 482
    final_stage_ca: int = 2510
    final_stage_degc: int = 46
    exhaust_degc: int = 38
    frequency_khz: int = 98_600
    is_on: bool = True
    is_remote: bool = True
    input: int = 2
    alarms: tuple[int, ...] = ()


@dataclass(slots=True)
class ExampleTransmitter:
    """EB 90, count of all octets, address, command, data, CRC-16 of Modbus, its low octet first.

    The CRC is over everything from the count to the last octet of data. Command 10 answers with
    readings, 11 with states; another with command + 80 and error 1.
    """

    address: int
    show: Callable[[], TransmitterFigures | None]

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        at = received.find(b"\xeb\x90")
        if at < 0 or len(received) < at + 7:
            return None
        request = received[at : at + 7]
        is_good = request[2] == 7 and request[5:] == _crc16(request[2:5])
        if not is_good or request[3] != self.address:
            return None
        figures = self.show()
        if figures is None:
            return at + 7, b""
        return at + 7, self._frame(*_transmitter_answer(request[4], figures))

    def _frame(self, command: int, data: bytes) -> bytes:
        counted = bytes([7 + len(data), self.address, command]) + data
        return b"\xeb\x90" + counted + _crc16(counted)

    def with_wrong_check(self, answer: bytes) -> bytes:
        return answer[:-1] + bytes([answer[-1] ^ 0x01])


def _transmitter_answer(command: int, shown: TransmitterFigures) -> tuple[int, bytes]:
    if command == 0x10:
        readings = (
            (shown.forward_w, 2),
            (shown.reflected_dw, 2),
            (shown.final_stage_dv, 2),
            (shown.final_stage_ca, 2),
            (shown.final_stage_degc & 0xFF, 1),
            (shown.exhaust_degc & 0xFF, 1),
            (shown.frequency_khz, 3),
        )
        return command, b"".join(number.to_bytes(size, "big") for number, size in readings)
    if command == 0x11:
        states = shown.is_on | shown.is_remote << 1 | shown.input << 4
        alarms = sum(1 << bit for bit in shown.alarms)
        return command, bytes([states]) + alarms.to_bytes(2, "big")
    return command | 0x80, b"\x01"


def _crc16(octets: bytes) -> bytes:
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


@dataclass(slots=True)
class FrameLine:
    """One line and the devices on it. ``answers``: how many were sent.

    ``port`` of 127.0.0.1 once it listens; ``path`` of its pseudo-terminal once that is open.
    """

    devices: Sequence[LineDevice]
    faults: LineFaults = field(default_factory=LineFaults)
    port: int = 0
    path: str = ""
    answers: int = 0
    _received: bytes = b""
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _pending: set[asyncio.Task[None]] = field(default_factory=set)
    _ends: tuple[int, int] | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on ``port`` or a free one, unless it already does. OSError when taken."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, port)
            self.port = self._server.sockets[0].getsockname()[1]

    def open_terminal(self) -> str:
        """Open a pseudo-terminal instead, and return the path of its other end."""
        own, other = os.openpty()
        tty.setraw(other)
        os.set_blocking(own, False)
        self._ends = own, other
        self.path = os.ttyname(other)
        asyncio.get_running_loop().add_reader(own, self._read_terminal, own)
        return self.path

    async def stop(self) -> None:
        """Close it; safe to call twice."""
        for task in self._pending:
            task.cancel()
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await server.wait_closed()
        ends, self._ends = self._ends, None
        if ends is not None:
            asyncio.get_running_loop().remove_reader(ends[0])
            for end in ends:
                os.close(end)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while octets := await reader.read(_READ_MAX):
                self._receive(octets, writer.write)
        except ConnectionError:
            pass  # The client closed the connection.
        finally:
            self._writers.discard(writer)
            writer.close()

    def _read_terminal(self, own: int) -> None:
        try:
            octets = os.read(own, _READ_MAX)
        except OSError:
            return  # The other end is not open.
        self._receive(octets, lambda answer: _write(own, answer))

    def _receive(self, octets: bytes, send: Callable[[bytes], object]) -> None:
        """Give received octets to every device, and send the first answer."""
        if self.faults.echoes:
            send(octets)
        self._received = (self._received + octets)[-_RECEIVED_MAX:]
        for device in self.devices:
            found = device.answer_to(self._received)
            if found is not None:
                end, answer = found
                self._received = self._received[end:]
                if answer:
                    self._answer(device, answer, send)
                return

    def _answer(self, device: LineDevice, answer: bytes, send: Callable[[bytes], object]) -> None:
        faults = self.faults
        self.answers += 1
        body = device.with_wrong_check(answer) if faults.wrong_check else answer
        whole = faults.noise_before + body[: faults.keep] + faults.noise_after
        whole *= 1 + faults.twice
        size = faults.piece or len(whole) or 1
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        task = asyncio.get_running_loop().create_task(_send(pieces, faults.late_s, send))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)


async def _send(pieces: list[bytes], late_s: float, send: Callable[[bytes], object]) -> None:
    if late_s:
        await asyncio.sleep(late_s)
    for piece in pieces:
        send(piece)
        await asyncio.sleep(0.001 if len(pieces) > 1 else 0)


def _write(own: int, octets: bytes) -> None:
    """Write to a terminal; what does not fit into its buffer is lost, as on a line."""
    try:
        os.write(own, octets)
    except OSError:
        return
