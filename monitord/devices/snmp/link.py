"""One question at a time to one agent over UDP: sent, waited for, believed or not. No retries."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
from typing import Any

from monitord.clock import Clock
from monitord.devices.snmp.messages import PduTemplate, Response, read_response, request_id_from
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError, Wire
from monitord.devices.sockets import DATAGRAM_SIZE_MAX, connect_socket, wait_readable

# The largest answer of 64 objects that an agent in the field gives fits many times into this.
PACKET_SIZE_MAX = 16_384
# Between two looks at the deadline: a flood of datagrams must not hold the loop.
_DRAIN_MAX = 64
# An engine is discovered, its clock is learned; what asks for more goes in circles.
_AGAIN_MAX = 3


class Link:
    """A connected socket, so that only the agent that is asked can answer; one question at a time.

    ``unbelieved``: the gravest reason why a datagram was no answer since ``begin``. ``took``: how
    long the last answer took, in microseconds.
    """

    def __init__(self, address: str, port: int, wire: Wire, clock: Clock) -> None:
        self.unbelieved: ResponseMismatchError | None = None
        self.took = 0
        self.wire = wire
        self._address, self._port = address, port
        self._clock = clock
        self._counter = itertools.count(secrets.randbits(30))
        self._sock: socket.socket | None = None
        self._asked: tuple[PduTemplate, int] | None = None
        self._asked_at = 0
        self._again = 0

    @property
    def target(self) -> tuple[socket.AddressFamily, Any] | None:
        """Family and address as a socket takes them, resolved; None while there is no socket."""
        return None if self._sock is None else (self._sock.family, self._sock.getpeername())

    @property
    def waiting_for(self) -> int:
        """How long the answer to what was asked last has not come, in microseconds; else 0."""
        return 0 if self._asked is None else self.now - self._asked_at

    @property
    def now(self) -> int:
        """Site time in microseconds."""
        return self._clock.now()

    def begin(self) -> None:
        """Forget what an earlier read asked, and what it would not believe."""
        self._asked = self.unbelieved = None

    def close(self) -> None:
        """Drop the socket: what still comes to its port reaches nobody."""
        if self._sock is not None:
            self._sock.close()
        self._sock = self._asked = None

    async def ask(self, question: PduTemplate) -> Response:
        """Return the answer, however long it takes. Raises OSError where there is no way."""
        if self._sock is None:
            self._sock = await connect_socket(self._address, self._port, socket.SOCK_DGRAM)
        self._asked = question, request_id_from(next(self._counter))
        self._again = 0
        self._send()
        while (response := self.take()) is None:
            await wait_readable(self._sock)
        return response

    async def ask_within(self, question: PduTemplate, patience_s: float) -> Response | None:
        """Return the answer, or None where none came in time."""
        try:
            async with asyncio.timeout(patience_s):
                return await self.ask(question)
        except TimeoutError:
            # Our own loop may have been late: then the answer lies in the socket.
            return self.take()

    def take(self) -> Response | None:
        """Look through the datagrams that have come for the answer to what was asked last."""
        for _ in range(_DRAIN_MAX):
            if self._sock is None or self._asked is None:
                return None
            try:
                response = self._believed(self._sock.recv(DATAGRAM_SIZE_MAX), *self._asked)
            except BlockingIOError:
                return None
            except AskAgainError:
                self._send_again()
            except ResponseMismatchError as unbelieved:
                # A late answer is no fault of the agent's words; keep the graver remark.
                if self.unbelieved is None or unbelieved.faulty:
                    self.unbelieved = unbelieved
            else:
                self._asked = None
                self.took = self.now - self._asked_at
                return response
        return None

    def _believed(self, datagram: bytes, asked: PduTemplate, request_id: int) -> Response:
        if len(datagram) > PACKET_SIZE_MAX:
            raise ResponseMismatchError(
                f"datagram of {len(datagram)} octets is too long", faulty=True
            )
        return read_response(self.wire.unwrap(datagram, self.now), request_id, asked)

    def _send(self) -> None:
        assert self._sock is not None
        assert self._asked is not None
        question, request_id = self._asked
        datagram = self.wire.opening(request_id)
        self._asked_at = self.now
        if datagram is None:
            datagram = self.wire.wrap(question.pdu(request_id), request_id, self._asked_at)
        self._sock.send(datagram)

    def _send_again(self) -> None:
        self._again += 1
        if self._again <= _AGAIN_MAX:
            self._send()
