"""The state of a line: open, quiet, and in step with its requests. Finds no answer.

After a fault an octet that comes may belong to an earlier request. The line is *disturbed* until
nothing has come for a while. Where answers carry the number of their request, the line is closed
instead: a new connection carries nothing of the old one.
"""

from __future__ import annotations

import asyncio

import structlog

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.devices.bus.counts import LineCounts
from monitord.devices.bus.settings import Manners
from monitord.devices.bus.transports import Transport

_log = structlog.get_logger(__name__)

_SILENCES_MAX = 2
"""After so many faults without an octet a TCP connection may be dead, and is opened again."""
_DRAINS_MAX = 64
_SAMPLE_OCTETS = 16


class LineState:
    """One line. Times are microseconds of ``clock.now()``."""

    def __init__(self, transport: Transport, clock: Clock, counts: LineCounts) -> None:
        self.transport = transport
        self.is_disturbed = False
        self.last_octet = 0
        self._clock = clock
        self._counts = counts
        self._silences = 0
        self._warned_at = 1

    async def make_ready(self, manners: Manners) -> None:
        """Open the line, wait until it is quiet, and keep the pause that the device needs."""
        if self.transport.is_open:
            self._drain(manners)
        if not self.transport.is_open:
            await self._connect(manners)
        if self.is_disturbed:
            await self.wait_for_quiet(manners.quiet)
        if manners.pause_between_requests:
            await self.pause(manners)

    async def pause(self, manners: Manners) -> None:
        """Keep the device's pause between two requests."""
        await self._clock.sleep_until(self.last_octet + manners.pause_between_requests)

    async def wait_for_quiet(self, quiet: int) -> None:
        """Return when nothing has come for ``quiet`` microseconds; the line is in step then.

        Raises ConnectionError for a line that the other end closed.
        """
        while True:
            piece = self.transport.receive()
            if piece is None:
                raise ConnectionResetError
            if piece:
                self._counts.unasked_octets += len(piece)
                self.last_octet = self._clock.now()
            left = self.last_octet + quiet - self._clock.now()
            if left <= 0:
                self.is_disturbed = False
                return
            try:
                async with asyncio.timeout(left / SECOND):
                    await self.transport.wait()
            except TimeoutError:
                pass  # Nothing came; the next turn of the loop decides.

    def note_octets(self) -> None:
        """Record that octets of an answer came."""
        self.last_octet = self._clock.now()
        self._silences = 0

    def note_unsolicited(self, octets: bytes, manners: Manners) -> None:
        """Count octets without a request; require resynchronisation of the line."""
        if not octets:
            return
        counts = self._counts
        counts.unasked_octets += len(octets)
        self.last_octet = self._clock.now()
        if manners.numbered:
            self.close()
        else:
            self.is_disturbed = True
        if counts.unasked_octets >= self._warned_at:
            self._warned_at = 2 * counts.unasked_octets
            sample, where = octets[:_SAMPLE_OCTETS].hex(" "), self.transport.line.where
            count = counts.unasked_octets
            _log.warning("bus_unasked_octets", bus=where, octets=count, first=sample)

    def note_fault(self, manners: Manners) -> None:
        """Require resynchronisation after a request without its answer."""
        self.is_disturbed = not manners.numbered
        self._silences += 1
        may_be_dead = self.transport.is_reopened_on_silence and self._silences >= _SILENCES_MAX
        if manners.numbered or may_be_dead:
            self.close()

    def close(self) -> None:
        """Close the line; safe to call twice."""
        self.transport.close()

    async def _connect(self, manners: Manners) -> None:
        await self.transport.open()
        self._counts.connections += 1
        self._silences = 0
        if pause := manners.pause_after_connect:
            await self._clock.sleep_until(self._clock.now() + pause)

    def _drain(self, manners: Manners) -> None:
        """Remove unsolicited octets. A line that numbers its answers is closed by them."""
        for _ in range(_DRAINS_MAX):
            try:
                piece = self.transport.receive()
            except OSError:
                piece = None
            if piece is None:
                # The other end closed it: some devices close an idle connection.
                self.close()
            else:
                self.note_unsolicited(piece, manners)
            if not piece or not self.transport.is_open:
                return
