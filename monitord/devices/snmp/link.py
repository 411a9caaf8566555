"""One request at a time to one agent over UDP: sends it and waits for its response. No retries."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
from typing import Any

from monitord.clock import Clock
from monitord.devices.snmp.messages import PduTemplate, Response, read_response, request_id_from
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError, Wire
from monitord.devices.sockets import connect_socket, peer_address, wait_readable
from monitord.names import NAMES, Names

# Many times the largest response of 64 varbinds that was seen in the field.
PACKET_SIZE_MAX = 16_384
# Datagrams between two checks of the deadline: a flood must not block the loop.
_DRAIN_MAX = 64
# Discovery and time synchronisation need two; an agent that needs more loops.
_RESENDS_MAX = 3


class Link:
    """A connected socket: the kernel drops datagrams of other sources. One request at a time.

    ``mismatch``: the gravest reason why a datagram since ``begin`` was no response. ``took``: the
    response time of the last response, in microseconds.
    """

    def __init__(
        self, address: str, port: int, wire: Wire, clock: Clock, names: Names = NAMES
    ) -> None:
        self.mismatch: ResponseMismatchError | None = None
        self.took = 0
        self.wire = wire
        self._address, self._port = address, port
        self._clock = clock
        self._names = names
        self._counter = itertools.count(secrets.randbits(30))
        self._sock: socket.socket | None = None
        self._asked: tuple[PduTemplate, int] | None = None
        self._asked_at = 0
        self._resends = 0
        self._is_answered = False

    @property
    def target(self) -> tuple[socket.AddressFamily, Any] | None:
        """Family and address as a socket takes them, resolved; None while there is no socket."""
        return None if self._sock is None else (self._sock.family, self._sock.getpeername())

    @property
    def waiting_for(self) -> int:
        """How long the request under way has no response, in microseconds; 0 where none is."""
        return 0 if self._asked is None else self.now - self._asked_at

    @property
    def now(self) -> int:
        """Site time in microseconds."""
        return self._clock.now()

    def begin(self) -> None:
        """Forget the request and the mismatch of an earlier read."""
        self._asked = self.mismatch = None

    def close(self) -> None:
        """Close the socket; the kernel drops what still arrives at its port.

        Of a host with several addresses the next request asks another, where this one was silent.
        """
        if self._sock is not None:
            if not self._is_answered:
                self._names.try_last(self._address, peer_address(self._sock))
            self._sock.close()
        self._sock = self._asked = None

    async def request(self, pdu: PduTemplate) -> Response:
        """Send a request; return its response, without a time limit. Raises OSError."""
        if self._sock is None:
            self._sock = await connect_socket(
                self._address, self._port, socket.SOCK_DGRAM, self._names
            )
            self._is_answered = False
        self._asked = pdu, request_id_from(next(self._counter))
        self._resends = 0
        self._send()
        while (response := self.received()) is None:
            await wait_readable(self._sock)
        return response

    async def request_within(self, pdu: PduTemplate, timeout_s: float) -> Response | None:
        """Send a request; return its response, None where none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.request(pdu)
        except TimeoutError:
            # Our own loop may be late: then the response is in the socket.
            return self.received()

    def received(self) -> Response | None:
        """Read the datagrams that arrived; return the response to the last request, if any."""
        for _ in range(_DRAIN_MAX):
            if self._sock is None or self._asked is None:
                return None
            try:
                # One octet more shows a message that is too long: it is cut short then.
                response = self._checked(self._sock.recv(PACKET_SIZE_MAX + 1), *self._asked)
            except BlockingIOError:
                return None
            except AskAgainError:
                self._send_again()
            except ResponseMismatchError as mismatch:
                # A faulty datagram outweighs a late one.
                if self.mismatch is None or mismatch.faulty:
                    self.mismatch = mismatch
            else:
                self._asked = None
                self._is_answered = True
                self.took = self.now - self._asked_at
                return response
        return None

    def _checked(self, datagram: bytes, asked: PduTemplate, request_id: int) -> Response:
        response = read_response(self.wire.unwrap(datagram, self.now), request_id, asked)
        self.wire.remarks.extend(response.remarks)
        return response

    def _send(self) -> None:
        assert self._sock is not None
        assert self._asked is not None
        pdu, request_id = self._asked
        datagram = self.wire.opening(request_id)
        self._asked_at = self.now
        if datagram is None:
            datagram = self.wire.wrap(pdu.pdu(request_id), request_id, self._asked_at)
        self._sock.send(datagram)

    def _send_again(self) -> None:
        self._resends += 1
        if self._resends <= _RESENDS_MAX:
            self._send()
