"""One request at a time to one agent over UDP: sends it and waits for its response. No retries."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
from collections.abc import Iterable
from typing import Any

from monitord.clock import Clock
from monitord.devices.snmp.agent_socket import (
    AgentSocket,
    OpenAgentSocket,
    open_agent_socket,
    plain_ip,
)
from monitord.devices.snmp.messages import PduTemplate, Response, read_response, request_id_from
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError, Wire
from monitord.devices.sockets import wait_readable
from monitord.names import NAMES, Names

# Many times the largest response of 64 varbinds that was seen in the field.
PACKET_SIZE_MAX = 16_384
# Datagrams between two checks of the deadline: a flood must not block the loop.
_DRAIN_MAX = 64
# Discovery and time synchronisation need two; an agent that needs more loops.
_RESENDS_MAX = 3


class Link:
    """The socket to one agent. One request at a time.

    ``sources``: IP addresses that the agent may answer from beside its own; an authentic answer of
    v3 adds its own (``is_authentic``: the wire checks a digest). After a first silence the socket
    listens to all sources once, to name where an answer comes from.
    ``mismatch``: the gravest reason why a datagram since ``begin`` was no response. ``took``: the
    response time of the last response, in microseconds. ``open_socket``: opens the socket.
    """

    __slots__ = (
        "_address",
        "_asked",
        "_asked_at",
        "_clock",
        "_counter",
        "_is_answered",
        "_is_authentic",
        "_names",
        "_open_socket",
        "_port",
        "_resends",
        "_silences",
        "_sock",
        "_sources",
        "mismatch",
        "took",
        "wire",
    )

    def __init__(
        self,
        address: str,
        port: int,
        wire: Wire,
        clock: Clock,
        names: Names = NAMES,
        *,
        sources: Iterable[str] = (),
        is_authentic: bool = False,
        open_socket: OpenAgentSocket = open_agent_socket,
    ) -> None:
        self.mismatch: ResponseMismatchError | None = None
        self.took = 0
        self.wire = wire
        self._address, self._port = address, port
        self._clock = clock
        self._names = names
        self._counter = itertools.count(secrets.randbits(30))
        self._sources = frozenset(map(plain_ip, sources))
        self._is_authentic = is_authentic
        self._open_socket = open_socket
        self._silences = 0
        self._sock: AgentSocket | None = None
        self._asked: tuple[PduTemplate, int] | None = None
        self._asked_at = 0
        self._resends = 0
        self._is_answered = False

    @property
    def target(self) -> tuple[socket.AddressFamily, Any] | None:
        """Family and address as a socket takes them, resolved.

        None while there is no socket, or where answers may come from elsewhere.
        """
        if self._sock is None or self._sock.is_open:
            return None
        return self._sock.address.family, self._sock.peer

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
        if self._sock is not None and self._sock.is_open and not self._sources:
            self.close()

    def close(self) -> None:
        """Close the socket; the kernel drops what still arrives at its port.

        Of a host with several addresses the next request asks another, where this one was silent.
        """
        if self._sock is not None:
            self._silences += self._asked is not None
            if not self._is_answered:
                self._names.try_last(self._address, self._sock.address)
            self._sock.close()
        self._sock = self._asked = None

    async def request(self, pdu: PduTemplate) -> Response:
        """Send a request; return its response, without a time limit. Raises OSError."""
        if self._sock is None:
            is_open = bool(self._sources) or self._silences == 1
            self._sock = await self._open_socket(
                self._address, self._port, self._names, is_open=is_open
            )
            self._is_answered = False
        self._asked = pdu, request_id_from(next(self._counter))
        self._resends = 0
        self._send()
        while (response := self.received()) is None:
            await wait_readable(self._sock.sock)
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
                datagram, source = self._sock.receive(PACKET_SIZE_MAX + 1)
                response = self._checked(datagram, source, *self._asked)
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
                self._is_answered, self._silences = True, 0
                self.took = self.now - self._asked_at
                return response
        return None

    def _checked(
        self, datagram: bytes, source: str, asked: PduTemplate, request_id: int
    ) -> Response:
        response = read_response(self.wire.unwrap(datagram, self.now), request_id, asked)
        if source and source not in self._sources:
            if not self._is_authentic:
                text = f"it came from {source}; answers_from may allow that address"
                raise ResponseMismatchError(text, faulty=False)
            self._sources |= {source}
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
