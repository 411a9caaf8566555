"""One line, one request at a time: whose turn it is, and what may be believed to be an answer.

Owns turns, pauses and the state of the line after a fault.
Knows no protocol: a request is octets, and the protocol's ``find_answer`` finds its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from monitord.clock import Clock, SystemClock
from monitord.core.model import SECOND
from monitord.devices.bus.fairness import DEAD_AFTER, LineShare, pause_after
from monitord.devices.bus.settings import Line, Manners, SerialLine, TcpLine
from monitord.devices.bus.transports import Transport, open_transport
from monitord.devices.model import ReadError
from monitord.devices.sockets import line_error

_log = structlog.get_logger(__name__)

T = TypeVar("T")
FindAnswer = Callable[[bytes], tuple[T, int] | None]
"""From all that came since the request left: the answer and how many octets it ends at, or None
while it is not whole. Raises ReadError as soon as no answer can follow. Keeps nothing, and no
answer is None."""

Probe = tuple[bytes, Callable[[bytes], tuple[object, int] | None]]
"""A request whose answer differs in shape from every other, and its ``find_answer``.

Devices answer in order: after the answer to a probe, no answer to an earlier request can come."""

RECEIVED_MAX = 8192
"""More octets than that before an answer are babble."""
_NUMBERS = 65_535
_SILENCES_MAX = 2
_DRAINS_MAX = 64


class GatewayTimeoutError(ReadError):
    """The gateway says that the device behind it does not answer: the line itself is in step."""


@dataclass(slots=True)
class Counts:
    """What a line has seen. ``unasked_octets``: what came when nobody had asked, by a second master
    or too late. ``held``: microseconds in which it was taken by a request."""

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    not_asked: int = 0
    unasked_octets: int = 0
    connections: int = 0
    held: int = 0


@dataclass(slots=True, eq=False)
class BusMember:
    """One reader's place on a bus. ``name`` tells which of the bus's devices it is about.

    Two members of one name ask the same device, and share its ``share``.
    """

    bus: Bus
    name: str
    manners: Manners
    share: LineShare
    is_present: bool = False

    async def exchange(
        self, request: bytes, find_answer: FindAnswer[T], deadline: int, probe: Probe | None = None
    ) -> T:
        """Send one request when it is this device's turn, and return its answer.

        ``deadline``: in the time of ``bus.now()``. ``probe``: what to ask before it while the
        device owes an answer. Raises ReadError: timeout (no answer, no turn, or set aside as dead),
        refused, unreachable, bad_answer, and what ``find_answer`` raises.
        """
        return await self.bus.exchange(self, _Question(request, find_answer, probe), deadline)

    def rest(self) -> None:
        """End a read: a device that wants its connection closed after each gets that."""
        if self.manners.close_after_read:
            self.bus.leave(self)

    def close(self) -> None:
        """Leave the line; the last one out closes it. The next exchange comes back."""
        self.bus.leave(self)


@dataclass(slots=True)
class _Question(Generic[T]):
    """What is being asked. ``is_open``: sent, and its answer may be believed."""

    request: bytes
    find_answer: FindAnswer[T]
    probe: Probe | None = None
    is_open: bool = False


class Bus:
    """One line for its members. First come, first served; a read of many requests queues for each.

    After a fault the line is not believed until it is in step again. Where answers are numbered, a
    new connection brings that. Where they are not, nothing may come for a while; and the device
    that owed an answer is asked its probe first, or its next answer is thrown away.
    """

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self.transport = transport
        self.clock = clock
        self.now = clock.now
        """Returns the time that deadlines are in."""
        self.counts = Counts()
        self.members: list[BusMember] = []
        self.shares: dict[str, LineShare] = {}
        """By the name of the device."""
        self._number = 0
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._received = b""
        self._is_disturbed = False
        self._last_octet = 0
        self._silences = 0
        self._warned_at = 1

    def join(self, name: str, manners: Manners) -> BusMember:
        """Give a device its place; nothing is opened before its first exchange."""
        member = BusMember(self, name, manners, self.shares.setdefault(name, LineShare()))
        self.members.append(member)
        return member

    def next_number(self) -> int:
        """Return a number of 1 to 65535 for a request, another one each time for as long as can be.

        Of whoever asks on the line: what waits for its turn already has its own.
        """
        self._number = self._number % _NUMBERS + 1
        return self._number

    @property
    def where(self) -> str:
        """The line, for people."""
        return self.transport.line.where

    def leave(self, member: BusMember) -> None:
        """Close the line when no other device uses it."""
        member.is_present = False
        self._close_unused()

    async def exchange(self, member: BusMember, asked: _Question[T], deadline: int) -> T:
        """See ``BusMember.exchange``."""
        self._refuse_dead(member)
        member.is_present = True
        await self._queue(member, deadline)
        began = self.now()
        in_step = False
        try:
            answer = await self._speak(member, asked, deadline)
            in_step = True
        except GatewayTimeoutError:
            in_step = True
            self._failed(member, self.now() - began)
            raise
        except ReadError as error:
            if error.kind in ("timeout", "bad_answer"):
                self._failed(member, self.now() - began)
            raise
        finally:
            if not in_step:
                self._lose_step(member)
            self.counts.held += self.now() - began
            self._turn.release()
            self._close_unused()
        if member.share.failures:
            self._alive(member)
        return answer

    def _close_unused(self) -> None:
        if not self._turn.locked() and not any(member.is_present for member in self.members):
            self._drop()

    # Turns

    async def _queue(self, member: BusMember, deadline: int) -> None:
        """Wait for the device's turn; raises ReadError when its deadline passes before."""
        if not self._waiting and not self._turn.locked():
            await self._turn.acquire()
            return
        ahead = self._waiting + self._turn.locked()
        began = self.now()
        self._waiting += 1
        try:
            async with asyncio.timeout(max(0, deadline - began) / SECOND):
                await self._turn.acquire()
        except TimeoutError:
            waited = (self.now() - began) / SECOND
            self.counts.not_asked += 1
            detail = f"waited {waited:.3g} s for the bus behind {ahead} others"
            raise self._timeout(member, f"was not asked: {detail}") from None
        finally:
            self._waiting -= 1
        if deadline - self.now() < member.share.took:
            self._turn.release()
            self.counts.not_asked += 1
            detail = f"waited for the bus behind {ahead} others until no time was left to answer"
            raise self._timeout(member, f"was not asked: {detail}")

    def _refuse_dead(self, member: BusMember) -> None:
        wait = member.share.not_before - self.now() if member.share.not_before else 0
        if wait > 0:
            self.counts.not_asked += 1
            again = f"asked again in {wait / SECOND:.3g} s"
            times = member.share.failures
            detail = f"silent {times} times in a row, {again}, so that others get theirs"
            raise self._timeout(member, f"was not asked: {detail}")

    def _failed(self, member: BusMember, cost: int) -> None:
        """Set a device aside that keeps failing, where it costs living neighbours their time."""
        share = member.share
        share.failures += 1
        dead = sum(other.failures >= DEAD_AFTER for other in self.shares.values())
        if dead < len(self.shares) and (pause := pause_after(share.failures, cost, dead)):
            share.not_before = self.now() + pause
        if share.failures == DEAD_AFTER and len(self.shares) > 1:
            _log.warning("bus_device_dead", bus=self.where, device=member.name)

    def _alive(self, member: BusMember) -> None:
        if member.share.failures >= DEAD_AFTER and len(self.shares) > 1:
            _log.info("bus_device_alive", bus=self.where, device=member.name)
        member.share.failures = member.share.not_before = 0

    # One exchange

    async def _speak(self, member: BusMember, asked: _Question[T], deadline: int) -> T:
        """Ask once the line is ready; raises ReadError for whatever the system says of it."""
        try:
            return await self._speak_until(member, asked, deadline)
        except OSError as error:
            self._drop()
            raise line_error(error, self.where) from error

    async def _speak_until(self, member: BusMember, asked: _Question[T], deadline: int) -> T:
        """Ask; at the deadline look once more at what has come."""
        began = self.now()
        try:
            async with asyncio.timeout(max(0, deadline - began) / SECOND):
                await self._make_ready(member)
                if member.share.owes and not member.manners.numbered:
                    await self._get_in_step(member, asked, deadline)
                return await self._ask(member, asked)
        except TimeoutError:
            # Our own loop may have been late: then the answer lies in the line, and the device
            # must not be called silent for it.
            if asked.is_open and (answer := self._look(member, asked)) is not None:
                return answer
            raise self._no_answer(member, self.now() - began) from None

    async def _ask(self, member: BusMember, asked: _Question[T]) -> T:
        """Send, and wait for the answer as long as the device is given."""
        if (within := self._patience(member, asked)) is None:
            return await self._converse(member, asked)
        async with asyncio.timeout(within / SECOND):
            return await self._converse(member, asked)

    def _patience(self, member: BusMember, asked: _Question[T]) -> int | None:
        """Return the longest wait for one answer, None for as long as the read may take.

        What was answered quickly so far does not keep a shared line for a whole deadline.
        """
        if member.manners.answer_within is not None or len(self.shares) < 2:
            return member.manners.answer_within
        return member.share.patience(asked.find_answer)

    async def _converse(self, member: BusMember, asked: _Question[T]) -> T:
        self._received = b""
        self.counts.requests += 1
        member.share.owes = asked.is_open = True
        sent = self._last_octet = self.now()
        await self.transport.send(asked.request)
        while True:
            await self.transport.wait()
            if (answer := self._look(member, asked)) is not None:
                member.share.note_took(asked.find_answer, self.now() - sent)
                return answer

    def _look(self, member: BusMember, asked: _Question[T]) -> T | None:
        """Return the answer if it has come whole; what follows it is nobody's."""
        piece = self.transport.receive()
        if piece is None:
            self._drop()
            part = f"after {len(self._received)} octets of an answer"
            raise ReadError("bad_answer", f"device closed the connection {part}")
        if piece:
            self._received += piece
            self._last_octet = self.now()
            self._silences = 0
        taken = self._try(member, asked)
        if taken is None:
            if len(self._received) > RECEIVED_MAX:
                raise ReadError("bad_answer", f"{len(self._received)} octets and no answer in them")
            return None
        answer, end = taken
        member.share.owes = asked.is_open = False
        self.counts.answers += 1
        self._note_unasked(member, self._received[end:])
        self._received = b""
        return answer

    def _try(self, member: BusMember, asked: _Question[T]) -> tuple[T, int] | None:
        try:
            return asked.find_answer(self._received)
        except GatewayTimeoutError:
            member.share.owes = asked.is_open = False
            raise

    async def _get_in_step(self, member: BusMember, asked: _Question[T], deadline: int) -> None:
        """Let the late answers to requests before go by, as far as that can be known.

        Without a probe the next answer is thrown away: it could be the late one.
        """
        if asked.probe is not None:
            await self._ask(member, _Question(*asked.probe))
        else:
            await self._ask(member, _Question(asked.request, asked.find_answer))
            self._is_disturbed = True
        if deadline - self.now() < member.share.took:
            detail = "its line is in step again after a lost answer, and no time was left to ask"
            raise self._timeout(member, f"was not asked: {detail}")
        if self._is_disturbed:
            await self._wait_for_quiet(max(member.manners.quiet, member.share.took))
        await self._pause(member)

    # The state of the line

    async def _make_ready(self, member: BusMember) -> None:
        """Have a line that is open, quiet, and rested as long as the device wants."""
        if self.transport.is_open:
            self._drain(member)
        if not self.transport.is_open:
            await self._connect(member)
        if self._is_disturbed:
            await self._wait_for_quiet(member.manners.quiet)
        await self._pause(member)

    async def _pause(self, member: BusMember) -> None:
        if pause := member.manners.pause_between_requests:
            await self.clock.sleep_until(self._last_octet + pause)

    async def _connect(self, member: BusMember) -> None:
        await self.transport.open()
        self.counts.connections += 1
        self._silences = 0
        if pause := member.manners.pause_after_connect:
            await self.clock.sleep_until(self.now() + pause)

    def _drain(self, member: BusMember) -> None:
        """Take out what nobody asked for. Where answers are numbered that ends the connection."""
        for _ in range(_DRAINS_MAX):
            try:
                piece = self.transport.receive()
            except OSError:
                piece = None
            if piece is None:
                # Closed by a device that tires of idle clients.
                self._drop()
            else:
                self._note_unasked(member, piece)
            if not piece or not self.transport.is_open:
                return

    async def _wait_for_quiet(self, quiet: int) -> None:
        """Return when nothing has come for so long; raises ConnectionError for a closed line."""
        while True:
            piece = self.transport.receive()
            if piece is None:
                raise ConnectionResetError
            if piece:
                self.counts.unasked_octets += len(piece)
                self._last_octet = self.now()
            left = self._last_octet + quiet - self.now()
            if left <= 0:
                self._is_disturbed = False
                return
            try:
                async with asyncio.timeout(left / SECOND):
                    await self.transport.wait()
            except TimeoutError:
                pass  # So far nothing came; the next look decides.

    def _note_unasked(self, member: BusMember, octets: bytes) -> None:
        """Count what nobody asked for, and put the line out of belief for it."""
        if not octets:
            return
        self.counts.unasked_octets += len(octets)
        self._last_octet = self.now()
        if member.manners.numbered:
            self._drop()
        else:
            self._is_disturbed = True
        if self.counts.unasked_octets >= self._warned_at:
            self._warned_at = 2 * self.counts.unasked_octets
            sample = octets[:16].hex(" ")
            count = self.counts.unasked_octets
            _log.warning("bus_unasked_octets", bus=self.where, octets=count, first=sample)

    def _lose_step(self, member: BusMember) -> None:
        """After a fault nothing that comes may be taken for the next answer."""
        self._received = b""
        self._is_disturbed = not member.manners.numbered
        self._silences += 1
        tired = self.transport.is_reopened_on_silence and self._silences >= _SILENCES_MAX
        if member.manners.numbered or tired:
            self._drop()

    def _drop(self) -> None:
        self.transport.close()

    def _no_answer(self, member: BusMember, waited: int) -> ReadError:
        self.counts.timeouts += 1
        part = f"; {len(self._received)} octets of it came" if self._received else ""
        return self._timeout(member, f"gave no whole answer within {waited / SECOND:.3g} s{part}")

    def _timeout(self, member: BusMember, detail: str) -> ReadError:
        return ReadError("timeout", f"{self.where} {member.name} {detail}")


class Buses:
    """The buses of one set of devices: those that name the same line share one."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock(None)
        self._buses: dict[tuple[str, int] | str, Bus] = {}

    def at(self, line: Line) -> Bus:
        """Return the line's bus. Raises ValueError for other settings of a line that is known."""
        key = line_key(line)
        if key not in self._buses:
            self._buses[key] = Bus(open_transport(line), self._clock)
        bus = self._buses[key]
        if bus.transport.line != line:
            raise ValueError(f"{line.where} is set up twice, and differently")
        return bus

    @property
    def buses(self) -> Mapping[tuple[str, int] | str, Bus]:
        """Every bus by what makes two devices share it."""
        return self._buses


def line_key(line: Line) -> tuple[str, int] | str:
    """Return what two devices of one line have in common."""
    match line:
        case TcpLine():
            return line.address, line.port
        case SerialLine():
            return line.device
