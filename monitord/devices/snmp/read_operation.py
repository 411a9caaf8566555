"""One read of one agent, request by request, until all is answered or the deadline passes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from monitord.core.model import SECOND
from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.snmp.learned import Learned
from monitord.devices.snmp.link import Link
from monitord.devices.snmp.messages import (
    NO_SUCH_NAME,
    TOO_BIG,
    Oid,
    Response,
    build_get,
    error_status,
    match,
)
from monitord.devices.snmp.model import V1
from monitord.devices.snmp.request_plan import ReadProgress
from monitord.devices.snmp.request_size import OBJECTS_MAX
from monitord.devices.snmp.wire import no_answer

# The timeout of a request that the agent may drop, as a multiple of its last response time.
_TIMEOUT_TIMES, _TIMEOUT_MIN_S = 10, 0.25


class ReadOperation:
    """Sends the requests of one read and updates what is learned of the agent.

    ``where``: the agent's address for errors. ``deadline_s``: for the whole read, from now.
    """

    def __init__(
        self, link: Link, learned: Learned, progress: ReadProgress, *, where: str, deadline_s: float
    ) -> None:
        self._link = link
        self._learned = learned
        self._progress = progress
        self._where = where
        self._deadline_s = deadline_s
        self._ends_at = link.now + round(deadline_s * SECOND)

    async def run(self) -> None:
        """Read. Raises ReadError and OSError."""
        progress = self._progress
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._read_known()
                await self._read_more()
        except TimeoutError:
            # Our own loop may be late: then the response is in the socket, and the agent answered.
            if not progress.is_whole and (response := self._link.received()) is not None:
                self._accept(response)
            if not progress.is_whole and progress.todo:
                if self._link.waiting_for > self._deadline_s * SECOND / 2:
                    self._learned.size.note_silence(len(progress.requested))
                raise self._no_answer() from None
        self._check_answered()

    async def _read_known(self) -> None:
        """Request what the agent is known to have."""
        while self._progress.todo:
            await self._request_next()
        self._check_answered()
        self._progress.is_whole = True

    def _check_answered(self) -> None:
        if self._progress.rejection is not None and not self._progress.has_answer:
            raise self._progress.rejection

    async def _request_next(self) -> None:
        size, progress = self._learned.size, self._progress
        room = min(size.room, progress.cap or OBJECTS_MAX)
        progress.requested = self._learned.plan.next_oids(progress.todo, room)
        request = build_get(progress.requested)
        if not size.is_trial(len(progress.requested)):
            self._accept(await self._link.request(request))
            return
        response = await self._link.request_within(request, self._timeout_s())
        if response is None:
            size.note_silent_trial()
        else:
            self._accept(response)

    def _timeout_s(self) -> float:
        """Return how long to wait for a response that may not come."""
        return min(self._left_s(self._ends_at) / 2, self._usual_timeout_s)

    @property
    def _usual_timeout_s(self) -> float:
        return max(_TIMEOUT_MIN_S, self._link.took * _TIMEOUT_TIMES / SECOND)

    def _left_s(self, ends_at: int) -> float:
        return max(0, ends_at - self._link.now) / SECOND

    def _accept(self, response: Response) -> None:
        """Store the response to the last request."""
        requested = self._progress.requested
        self._progress.slowest = max(self._progress.slowest, self._link.took)
        if response.error_status:
            self._handle_error_status(response)
            return
        found, remarks = match(response, requested)
        self._link.wire.remarks.extend(remarks)
        if len(found) < len(requested):
            self._learned.size.note_too_big(len(found))
        else:
            self._learned.size.note_answered(len(requested))
        self._progress.add(found)

    def _handle_error_status(self, response: Response) -> None:
        """Divide the request, or continue without the OID that the agent rejects."""
        progress, index = self._progress, response.error_index
        requested = progress.requested
        if response.error_status == TOO_BIG and len(requested) > 1:
            self._learned.size.note_too_big(len(requested) // 2)
            return
        is_named = 1 <= index <= len(requested)
        if not is_named and len(requested) > 1:
            progress.cap = len(requested) // 2
            return
        rejected = requested[index - 1] if is_named else requested[0]
        progress.cap = progress.cap if is_named else None
        progress.has_answer |= is_named and response.error_status == NO_SUCH_NAME
        progress.rejection = progress.rejection or error_status(response)
        progress.leave_out(rejected)
        self._learned.rejected.note(rejected)

    async def _read_more(self) -> None:
        """Use the time left for what was unknown before; from here on nothing fails the read."""
        progress, learned = self._progress, self._learned
        if await self._find_rows():
            progress.todo = [one for one in learned.due() if one.oid not in progress.values]
            while progress.todo:
                await self._request_next()
        if (oid := learned.rejected.due()) is not None:
            found = await self._try((oid,))
            learned.rejected.note(oid)
            if found is not None:
                learned.rejected.remove(oid)
                progress.values |= found
        if untried := learned.plan.untried(progress.values):
            # A v1 agent rejects all of them for one that it does not have.
            room = 1 if self._link.wire.version == V1 else learned.size.room
            oids = tuple(untried[:room])
            found = await self._try(oids) or {}
            learned.plan.note_tried(oids, found)
            progress.values |= found

    async def _find_rows(self) -> bool:
        """Continue the walks for rows; return whether a row was found."""
        is_found = False
        until = self._link.now + (self._ends_at - self._link.now) // 2
        while self._link.now < until and (walk := self._learned.rows.walk()) is not None:
            request = walk.next_request()
            if request is None:
                is_found |= self._learned.rows.end_walk()
                continue
            timeout_s = min(self._left_s(until), self._usual_timeout_s)
            response = await self._link.request_within(request, timeout_s)
            if response is None:
                walk.note_silence(is_sure=timeout_s >= self._usual_timeout_s)
            else:
                walk.add(response)
                self._progress.slowest = max(self._progress.slowest, self._link.took)
        return is_found

    async def _try(self, oids: tuple[Oid, ...]) -> Mapping[Oid, Raw] | None:
        """Return the values of a request that the agent may reject or drop."""
        response = await self._link.request_within(build_get(oids), self._timeout_s())
        if response is None or response.error_status:
            return None
        try:
            found, remarks = match(response, oids)
        except ReadError:
            return None
        self._link.wire.remarks.extend(remarks)
        return found

    def _no_answer(self) -> ReadError:
        hint = self._link.wire.silence
        return no_answer(self._where, self._deadline_s, self._link.mismatch, hint)
