"""Reads all points of one v2c agent within a deadline. Judges nothing, retries nothing."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
from typing import Any

from monitord.core.model import Value
from monitord.devices.decode import Raw, decode_all
from monitord.devices.model import ReadError
from monitord.devices.snmp.messages import (
    TOO_BIG,
    GetTemplate,
    Response,
    UnbelievedError,
    build_get,
    parse_response,
    request_id_from,
)
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.sockets import (
    DATAGRAM_SIZE_MAX,
    connect_socket,
    read_error,
    wait_readable,
)

BATCH_MAX = 24
# Between two looks at the deadline: a flood of datagrams must not hold the loop.
_DRAIN_MAX = 64


class SnmpReader:
    """One agent. At most one request is outstanding; a failed read drops the socket.

    Points that the agent does not have (noSuchObject, noSuchInstance) are None. One read at a time:
    the poller sees to that.
    """

    def __init__(self, source: SnmpSource) -> None:
        self._source = source
        oids = [point.oid for point in source.points]
        self._gets = [
            self._get(tuple(oids[at : at + BATCH_MAX])) for at in range(0, len(oids), BATCH_MAX)
        ]
        self._counter = itertools.count(secrets.randbits(30))
        self._sock: socket.socket | None = None
        self._asked: tuple[GetTemplate, int] | None = None
        self._unbelieved: UnbelievedError | None = None

    def __repr__(self) -> str:
        return f"SnmpReader({self._source!r})"

    async def read(self, deadline_s: float) -> tuple[Value, ...]:
        """Return the decoded values in the order of the points, within ``deadline_s`` seconds.

        Raises ReadError: timeout, refused, unreachable, bad_answer, error_status.
        """
        return decode_all(await self.read_raw(deadline_s), self._source.points)

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return what the agent sent, undecoded; else as ``read``."""
        raws: list[Raw] = []
        whole = False
        try:
            await self._read_until(deadline_s, raws)
            whole = True
        except OSError as error:
            raise read_error(error, self._source.address, self._source.port) from error
        finally:
            # A fresh port after a failure: what still comes to the old one reaches nobody.
            if not whole:
                await self.close()
        return tuple(raws)

    @property
    def single_get(self) -> GetTemplate | None:
        """The one GET that is the whole poll of this agent; None where it takes several."""
        return self._gets[0] if len(self._gets) == 1 else None

    @property
    def target(self) -> tuple[socket.AddressFamily, Any] | None:
        """Family and address as a socket takes them, resolved; None while there is no socket."""
        return None if self._sock is None else (self._sock.family, self._sock.getpeername())

    async def close(self) -> None:
        """Release the socket; the next read opens another."""
        if self._sock is not None:
            self._sock.close()
        self._sock = self._asked = None

    def _get(self, oids: tuple[tuple[int, ...], ...]) -> GetTemplate:
        return build_get(self._source.community.encode(), oids)

    async def _read_until(self, deadline_s: float, raws: list[Raw]) -> None:
        """Fill ``raws``; at the deadline look once more at what has come but was not yet seen."""
        self._asked = self._unbelieved = None
        try:
            async with asyncio.timeout(deadline_s):
                await self._read_all(raws)
        except TimeoutError:
            # Our own loop may have been late: then the answer lies in the socket, and the device
            # must not be called silent for it.
            if (response := self._take()) is not None:
                check_status(response)
                raws += response.raws
            if len(raws) < len(self._source.points):
                raise self._no_answer(deadline_s) from None

    async def _read_all(self, raws: list[Raw]) -> None:
        """Ask one batch after another; a batch that is too big is halved for good."""
        if self._sock is None:
            address, port = self._source.address, self._source.port
            self._sock = await connect_socket(address, port, socket.SOCK_DGRAM)
        number = 0
        while number < len(self._gets):
            get = self._gets[number]
            response = await self._ask(get)
            if response.error_status == TOO_BIG and len(get.oids) > 1:
                half = len(get.oids) // 2
                parts = [self._get(get.oids[:half]), self._get(get.oids[half:])]
                self._gets[number : number + 1] = parts
                continue
            check_status(response)
            raws += response.raws
            number += 1

    async def _ask(self, get: GetTemplate) -> Response:
        """Send one GET and wait for its answer."""
        assert self._sock is not None
        self._asked = (get, request_id_from(next(self._counter)))
        self._sock.send(get.packet(self._asked[1]))
        while (response := self._take()) is None:
            await wait_readable(self._sock)
        return response

    def _take(self) -> Response | None:
        """Look through the datagrams that have come for the answer to what was asked last."""
        if self._sock is None or self._asked is None:
            return None
        for _ in range(_DRAIN_MAX):
            try:
                response = parse_response(self._sock.recv(DATAGRAM_SIZE_MAX), *self._asked)
            except BlockingIOError:
                return None
            except UnbelievedError as unbelieved:
                # A late answer is no fault of the agent's words; keep the graver remark.
                if self._unbelieved is None or unbelieved.faulty:
                    self._unbelieved = unbelieved
            else:
                self._asked = None
                return response
        return None

    def _no_answer(self, deadline_s: float) -> ReadError:
        """Name a deadline that passed: nothing came, or nothing that could be believed."""
        where = f"{self._source.address}:{self._source.port}"
        if self._unbelieved is None:
            return ReadError("timeout", f"{where} gave no answer within {deadline_s:g} s")
        kind = "bad_answer" if self._unbelieved.faulty else "timeout"
        return ReadError(
            kind, f"{where} gave none to believe in {deadline_s:g} s: {self._unbelieved}"
        )


def check_status(response: Response) -> None:
    """Raise ReadError("error_status") where the agent refused."""
    if response.error_status != 0:
        name = f"{response.error_name} ({response.error_status})"
        at = f" at object {response.error_index} of the request" if response.error_index else ""
        raise ReadError("error_status", f"agent refused with {name}{at}")
