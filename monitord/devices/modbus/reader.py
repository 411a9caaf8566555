"""Reads all points of one Modbus TCP unit within a deadline. Judges nothing, retries nothing.

pymodbus's client is not used: it reconnects and retries on its own clock, takes transaction id 0
for ours, and cannot say whether an answer had come when the deadline passed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from monitord.core.model import Value
from monitord.devices.decode import Raw, decode_all
from monitord.devices.modbus.blocks import Block, halves, plan_blocks, raw_of
from monitord.devices.modbus.frames import Ask, Cells, Refusal, parse_frame, split_frame
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import ReadError
from monitord.devices.sockets import connect_socket, read_error, wait_readable

_ILLEGAL_ADDRESS = 2
_TRANSACTION_ID_MAX = 65_535
_RECEIVE_MAX = 4096
_NAMED_MAX = 3


class ModbusReader:
    """One unit behind one connection, one request at a time.

    After a failed read the connection is dropped: whatever still comes on it could be the answer to
    the request before, and every later answer would be one out of step. Points whose registers the
    device does not have are None. One read at a time: the poller sees to that.
    """

    def __init__(self, source: ModbusSource) -> None:
        self._source = source
        self._planned = plan_blocks(source.points)
        self._blocks = list(self._planned)
        self._transaction_id = 0
        self._sock: socket.socket | None = None
        self._received = b""
        self._asked: Ask | None = None

    def __repr__(self) -> str:
        return f"ModbusReader({self._source!r})"

    async def read(self, deadline_s: float) -> tuple[Value, ...]:
        """Return the decoded values in the order of the points, within ``deadline_s`` seconds.

        Raises ReadError: timeout, refused, unreachable, bad_answer, exception.
        """
        return decode_all(await self.read_raw(deadline_s), self._source.points)

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return what the unit sent, undecoded; else as ``read``."""
        raws: dict[int, Raw] = {}
        whole = False
        try:
            await self._read_until(deadline_s, raws)
            whole = True
        except OSError as error:
            raise read_error(error, self._source.address, self._source.port) from error
        finally:
            if not whole:
                await self.close()
        return tuple(raws[place] for place in range(len(self._source.points)))

    async def close(self) -> None:
        """Drop the connection; the next read opens another."""
        if self._sock is not None:
            self._sock.close()
        self._sock = self._asked = None
        self._received = b""

    async def _read_until(self, deadline_s: float, raws: dict[int, Raw]) -> None:
        """Fill ``raws``; at the deadline look once more at what has come but was not yet seen."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._read_all(raws)
        except TimeoutError:
            # Our own loop may have been late: then the answer lies in the socket, and the device
            # must not be called silent for it.
            asked = self._asked
            answer = self._take()
            if asked is not None and answer is not None:
                _keep(asked.block, answer, raws)
            if len(raws) < len(self._source.points):
                raise self._no_answer(deadline_s) from None

    async def _read_all(self, raws: dict[int, Raw]) -> None:
        """Ask for one block after another; where a device lacks a register, find out which."""
        if self._sock is None:
            # What a unit lacked before the connection was lost, it may have now.
            self._blocks = list(self._planned)
        number = answered = 0
        while number < len(self._blocks):
            block = self._blocks[number]
            answer = await self._ask(block)
            if _is_out_of_range(answer) and len(block.points) > 1:
                self._blocks[number : number + 1] = halves(block)
                continue
            _keep(block, answer, raws)
            answered += not isinstance(answer, Refusal)
            number += 1
        if self._blocks and not answered:
            unit, asked = self._source.unit_id, _named(self._source.points)
            raise ReadError("exception", f"unit {unit} has none of the registers: {asked}")

    async def _ask(self, block: Block) -> Cells | Refusal:
        """Send one request and wait for its answer."""
        sock = await self._connection()
        self._transaction_id = self._transaction_id % _TRANSACTION_ID_MAX + 1
        self._asked = Ask(block, self._transaction_id, self._source.unit_id)
        await asyncio.get_running_loop().sock_sendall(sock, self._asked.frame())
        while (answer := self._take()) is None:
            await wait_readable(sock)
        return answer

    async def _connection(self) -> socket.socket:
        """Return a connection on which nothing is pending."""
        if self._sock is not None and _is_stirring(self._sock):
            # Closed by a device that tires of idle clients, or an answer nobody asked for.
            await self.close()
        if self._sock is None:
            address, port = self._source.address, self._source.port
            self._sock = await connect_socket(address, port, socket.SOCK_STREAM)
        return self._sock

    def _take(self) -> Cells | Refusal | None:
        """Return the answer to what was asked last if it has come whole."""
        if self._sock is None or self._asked is None:
            return None
        try:
            piece = self._sock.recv(_RECEIVE_MAX)
        except BlockingIOError:
            return None
        if not piece:
            part = f"after {len(self._received)} octets of an answer"
            raise ReadError("bad_answer", f"device closed the connection {part}")
        self._received += piece
        if (split := split_frame(self._received)) is None:
            return None
        frame, self._received = split
        answer = parse_frame(frame, self._asked)
        self._asked = None
        if self._received:
            # The answer is ours by every mark; what follows it is nobody's.
            self._sock.close()
            self._sock, self._received = None, b""
        return answer

    def _no_answer(self, deadline_s: float) -> ReadError:
        where = f"{self._source.address}:{self._source.port} unit {self._source.unit_id}"
        part = f"; {len(self._received)} octets of it came" if self._received else ""
        return ReadError("timeout", f"{where} gave no whole answer within {deadline_s:g} s{part}")


def _named(points: Sequence[ModbusPoint]) -> str:
    """Return where points were looked for, in the words of their configuration."""
    named = [f"{point.table} {point.wire_address}" for point in points[:_NAMED_MAX]]
    return ", ".join([*named, *(["..."] if len(points) > _NAMED_MAX else [])])


def _is_out_of_range(answer: Cells | Refusal) -> bool:
    return isinstance(answer, Refusal) and answer.code == _ILLEGAL_ADDRESS


def _is_stirring(sock: socket.socket) -> bool:
    """Say whether something waits on a connection where nothing was asked, be it its end."""
    try:
        sock.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _keep(block: Block, answer: Cells | Refusal, raws: dict[int, Raw]) -> None:
    """Put a block's raw values at their places; raises ReadError for a refusal of the device."""
    if isinstance(answer, Refusal) and not _is_out_of_range(answer):
        raise ReadError("exception", f"device refused {block} with {answer}")
    for place, point in block.points:
        raws[place] = None if isinstance(answer, Refusal) else raw_of(point, block, answer)
