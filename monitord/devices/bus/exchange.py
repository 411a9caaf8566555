"""One request and its answer on a line. Knows no protocol, and not whose turn it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.devices.bus.counts import LineCounts
from monitord.devices.bus.fairness import LineShare
from monitord.devices.bus.line_state import LineState
from monitord.devices.bus.settings import Manners
from monitord.devices.model import ReadError
from monitord.devices.sockets import line_error
from monitord.texts.phrases import phrase

T = TypeVar("T")
FindAnswer = Callable[[bytes], tuple[T, int] | None]
"""Finds the answer in all octets since the request left. Returns the answer and where it ends, or
None while it is not whole. Raises ReadError as soon as no answer can follow. Keeps no state between
requests; an answer is never None."""

Probe = tuple[bytes, Callable[[bytes], tuple[object, int] | None]]
"""A request whose answer differs in shape from every other, and its ``find_answer``.

Devices answer in order: after the answer to a probe, no answer to an earlier request can come."""

_ENDLESS = 4096
RECEIVED_MAX = 8192
"""More octets without an answer are a fault of the line."""


class Others(Protocol):
    """Recognises answers to other requests of the device, where each has a shape of its own."""

    def after(self) -> int:
        """Return how long the right answer may come after a whole one to another request."""

    def are_in(self, received: bytes) -> bool:
        """Return whether a whole answer to another request is there."""

    def note(self, received: bytes) -> None:
        """Take note of all whole answers that came."""


class OtherAnswerError(ReadError):
    """The device answered another request and not this one: it is there, and the line too."""


class GatewayTimeoutError(ReadError):
    """The gateway reports that the device behind it gives no answer: the line is in step."""


@dataclass(slots=True)
class Request(Generic[T]):
    """A request of the device ``name``. ``is_open``: sent, and its answer may still come.

    ``others``: given where an answer shows by its shape which request it belongs to. ``is_known``:
    the reader knows that no late answer has the form of this one's. ``is_brief``: the reader asks
    again, so the wait is not longer than the device usually needs.
    """

    name: str
    manners: Manners
    share: LineShare
    octets: bytes
    find_answer: FindAnswer[T]
    probe: Probe | None = None
    others: Others | None = None
    is_known: bool = False
    is_brief: bool = False
    is_open: bool = False

    def replaced(self, octets: bytes, find_answer: FindAnswer[object]) -> Request[object]:
        """Return another request of the same device."""
        brief = self.is_brief
        return Request(self.name, self.manners, self.share, octets, find_answer, is_brief=brief)


class Exchange:
    """Sends requests of one line and finds their answers, one at a time.

    ``shares``: the devices of the line; with two or more, one device does not get a whole deadline.
    A late answer to an earlier request must not be used: while one may come, the device gets its
    probe first, or the next answer is thrown away. Numbered answers need neither.
    """

    def __init__(
        self, line: LineState, clock: Clock, counts: LineCounts, shares: Mapping[str, LineShare]
    ) -> None:
        self._line = line
        self._transport = line.transport
        self._now = clock.now
        self._counts = counts
        self._shares = shares
        self._received = b""
        self._last = b""

    async def run(self, request: Request[T], began: int, deadline: int) -> T:
        """Return the answer; at the deadline look once more at what has come. ``began``: now.

        Raises ReadError: timeout, refused, unreachable, bad_answer, and what ``find_answer``
        raises.
        """
        manners = request.manners
        try:
            async with asyncio.timeout(max(0, deadline - began) / SECOND):
                await self._line.make_ready(manners)
                if request.share.owes and not (manners.numbered or request.is_known):
                    await self._resynchronise(request, deadline)
                return await self._ask(request)
        except TimeoutError:
            return self._find_at_last(request, began)
        except OSError as error:
            raise self._broken(error) from error

    def forget(self) -> None:
        """Drop the octets of an answer that was not found.

        A connection that brings so many may bring them without end; another one does not.
        """
        if len(self._received) >= _ENDLESS and self._transport.is_reopened_on_silence:
            self._line.close()
        self._received = b""

    def _find_at_last(self, request: Request[T], began: int) -> T:
        """Return an answer that came before the deadline; raise ReadError without one.

        The event loop may have been late, and then the device is not silent.
        """
        try:
            if request.is_open and (answer := self._find(request)) is not None:
                return answer
        except OSError as error:
            raise self._broken(error) from error
        missed = self._no_answer(request, self._now() - began)
        if request.others is not None and request.others.are_in(self._received):
            request.others.note(self._received)
            raise OtherAnswerError("bad_answer", phrase("bus.other_answer", error=missed.phrase))
        raise missed from None

    def _broken(self, error: OSError) -> ReadError:
        self._line.close()
        return line_error(error, self._transport.line.where)

    async def _ask(self, request: Request[T]) -> T:
        """Send, and wait for the answer as long as the device may take."""
        if (within := self._patience(request)) is None:
            return await self._send_and_receive(request)
        async with asyncio.timeout(within / SECOND):
            return await self._send_and_receive(request)

    def _patience(self, request: Request[T]) -> int | None:
        """Return the longest wait for this answer, None for the rest of the deadline.

        On a shared line a device that usually answers fast does not hold it for a whole deadline.
        """
        within = request.manners.answer_within
        if request.is_brief and len(self._shares) < 2:
            usual = request.share.brief_patience(request.find_answer)
            return usual if within is None or usual is None else min(usual, within)
        if within is not None or len(self._shares) < 2:
            return within
        return request.share.patience(request.find_answer)

    async def _send_and_receive(self, request: Request[T]) -> T:
        self._received = b""
        self._counts.requests += 1
        request.share.owes = request.is_open = True
        sent = self._line.last_octet = self._now()
        await self._transport.send(request.octets)
        others = request.others
        while True:
            await self._transport.wait()
            if (answer := self._find(request)) is not None:
                request.share.note_took(request.find_answer, self._now() - sent)
                return answer
            if others is not None and others.are_in(self._received):
                return await self._receive_soon(request, sent, others.after())

    async def _receive_soon(self, request: Request[T], sent: int, within: int) -> T:
        """Return the answer that comes within so many microseconds behind another one."""
        async with asyncio.timeout(within / SECOND):
            while True:
                await self._transport.wait()
                if (answer := self._find(request)) is not None:
                    request.share.note_took(request.find_answer, self._now() - sent)
                    return answer

    def _find(self, request: Request[T]) -> T | None:
        """Return the answer if it has come whole; octets behind it are unsolicited."""
        piece = self._transport.receive()
        if piece is None:
            self._line.close()
            raise ReadError("bad_answer", phrase("bus.closed", octets=len(self._received)))
        if piece:
            self._received += piece
            self._line.note_octets()
        may_be_copy = self._last.startswith(self._received[:2])  # its number is another one
        if may_be_copy and request.manners.numbered and not self._pass_over_copy():
            return None
        try:
            found = request.find_answer(self._received)
        except GatewayTimeoutError:
            request.share.owes = request.is_open = False
            raise
        if found is None:
            if len(self._received) > RECEIVED_MAX:
                raise ReadError("bad_answer", phrase("bus.noise", octets=len(self._received)))
            return None
        answer, end = found
        request.share.owes = request.is_open = False
        self._counts.answers += 1
        if request.others is not None:
            request.others.note(self._received)
        self._line.note_unsolicited(self._received[end:], request.manners)
        self._last, self._received = self._received[:end], b""
        return answer

    def _pass_over_copy(self) -> bool:
        """Drop the last answer where it comes a second time; return False while it may be coming.

        Its number is not that of the request that waits. Some units say everything twice.
        """
        last = self._last
        if self._received.startswith(last):
            self._counts.unasked_octets += len(last)
            self._received = self._received[len(last) :]
        return not (self._received and last.startswith(self._received))

    async def _resynchronise(self, request: Request[T], deadline: int) -> None:
        """Let late answers to earlier requests go by, as far as that can be known.

        Without a probe the next answer is thrown away: it could be the late one.
        """
        manners, share, line = request.manners, request.share, self._line
        if request.probe is not None:
            await self._ask(request.replaced(*request.probe))
        else:
            await self._ask(request.replaced(request.octets, request.find_answer))
            line.is_disturbed = True
        if deadline - self._now() < share.took:
            raise self._timeout(request, "bus.not_asked", reason=phrase("bus.in_step"))
        if line.is_disturbed:
            await line.wait_for_quiet(max(manners.quiet, share.took))
        if manners.pause_between_requests:
            await line.pause(manners)

    def _no_answer(self, request: Request[T], waited: int) -> ReadError:
        self._counts.timeouts += 1
        key = "bus.part_of_answer" if self._received else "bus.no_answer"
        seconds = f"{waited / SECOND:.3g}"
        return self._timeout(request, key, seconds=seconds, octets=len(self._received))

    def _timeout(self, request: Request[T], key: str, **parameters: object) -> ReadError:
        where = self._transport.line.where
        return ReadError("timeout", phrase(key, where=where, device=request.name, **parameters))
