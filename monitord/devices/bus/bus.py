"""A line and its members: each gets its turn, and its answer. Knows no protocol.

A request is octets, and the protocol's ``find_answer`` finds its answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from monitord.clock import Clock, SystemClock
from monitord.core.model import SECOND
from monitord.devices.bus.counts import LineCounts
from monitord.devices.bus.exchange import (
    Exchange,
    FindAnswer,
    GatewayTimeoutError,
    OtherAnswerError,
    Others,
    Probe,
    Request,
)
from monitord.devices.bus.fairness import LineShare
from monitord.devices.bus.line_state import LineState
from monitord.devices.bus.settings import Line, Manners, line_key
from monitord.devices.bus.transports import Transport, open_transport
from monitord.devices.bus.turns import Turns
from monitord.devices.model import ReadError
from monitord.devices.sockets import NoHostError

T = TypeVar("T")
_ROOM_MIN = SECOND // 10
_NUMBERS = 65_535


@dataclass(slots=True, eq=False)
class BusMember:
    """One reader's place on a bus. ``name``: the device that it reads, as the line knows it.

    Two members with one name read the same device, and have the same ``share``.
    """

    bus: Bus
    name: str
    manners: Manners
    share: LineShare
    is_present: bool = False

    @property
    def is_alone(self) -> bool:
        """Return whether no other device is on the line."""
        return self.bus.devices == 1

    def may_ask_again(self, error: ReadError, deadline: int) -> bool:
        """Return whether the rest of a read has room for another request after this error.

        On a shared line a silent device is not asked again: that would cost its neighbours.
        """
        if isinstance(error, GatewayTimeoutError) or error.kind not in ("timeout", "bad_answer"):
            return False
        is_allowed = isinstance(error, OtherAnswerError) or self.is_alone
        return is_allowed and deadline - self.bus.now() >= max(_ROOM_MIN, 2 * self.share.took)

    def exchange(
        self,
        request: bytes,
        find_answer: FindAnswer[T],
        deadline: int,
        probe: Probe | None = None,
        others: Others | None = None,
        *,
        is_known: bool = False,
        is_brief: bool = False,
    ) -> Awaitable[T]:
        """Send one request when it is this device's turn, and return its answer.

        ``deadline``: in the time of ``bus.now()``. ``probe``: is sent first while a late answer of
        the device may come. ``others``, ``is_known``, ``is_brief``: see ``Request``. Raises
        ReadError: timeout (no answer, no turn, or set aside as dead), refused, unreachable,
        bad_answer, and what ``find_answer`` raises.
        """
        name, manners, share = self.name, self.manners, self.share
        asked = Request(
            name, manners, share, request, find_answer, probe, others, is_known, is_brief
        )
        return self.bus.exchange(self, asked, deadline)

    def read_within(self, deadline_s: float, read: Callable[[int], Awaitable[T]]) -> Awaitable[T]:
        """Return what ``read`` returns: one read of one or more exchanges.

        ``read`` gets its deadline, ``deadline_s`` seconds from now, in the time of ``bus.now()``.
        After it the line is closed if the device needs that.
        """
        reading = read(self.bus.now() + round(deadline_s * SECOND))
        # No coroutine more than needed: a read is made for each device and second.
        return self._leave_after(reading) if self.manners.close_after_read else reading

    async def _leave_after(self, reading: Awaitable[T]) -> T:
        try:
            return await reading
        finally:
            self.bus.leave(self)

    def close(self) -> None:
        """Leave the line; the last one out closes it. The next exchange comes back."""
        self.bus.leave(self)


class Bus:
    """One line for its members."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self.transport = transport
        self.clock = clock
        self.now = clock.now
        """Returns the time that deadlines are in, microseconds."""
        self.counts = LineCounts()
        self.members: list[BusMember] = []
        self._turns = Turns(self.where, clock.now, self.counts)
        self._line = LineState(transport, clock, self.counts)
        self._exchange = Exchange(self._line, clock, self.counts, self._turns.shares)
        self._number = 0

    @property
    def where(self) -> str:
        """The line, for people."""
        return self.transport.line.where

    @property
    def devices(self) -> int:
        """How many devices are on the line."""
        return len(self._turns.shares)

    def join(self, name: str, manners: Manners) -> BusMember:
        """Return a place for a device; nothing is opened before its first exchange."""
        share = self._turns.shares.setdefault(name, LineShare())
        member = BusMember(self, name, manners, share)
        self.members.append(member)
        return member

    def next_number(self) -> int:
        """Return the next transaction id of the line, 1 to 65535, wrapping.

        A request that waits for its turn has its own already.
        """
        self._number = self._number % _NUMBERS + 1
        return self._number

    def leave(self, member: BusMember) -> None:
        """Close the line when no other device uses it."""
        member.is_present = False
        self._close_unused()

    async def exchange(self, member: BusMember, request: Request[T], deadline: int) -> T:
        """See ``BusMember.exchange``."""
        turns, share = self._turns, member.share
        if share.not_before:
            turns.refuse_dead(member.name, share)
        # Before the wait for a turn: a neighbour that leaves must not close the line meanwhile.
        member.is_present = True
        await turns.take(member.name, share, deadline)
        began = self.now()
        is_in_step = False
        try:
            answer = await self._exchange.run(request, began, deadline)
            is_in_step = True
        except GatewayTimeoutError:
            is_in_step = True
            turns.note_failure(member.name, share, self.now() - began)
            raise
        except OtherAnswerError:
            raise  # It is not dead.
        except ReadError as error:
            # Where nobody is at the address of the line, no device of it is at fault.
            if error.kind in ("timeout", "bad_answer") and not isinstance(error, NoHostError):
                turns.note_failure(member.name, share, self.now() - began)
            raise
        finally:
            if not is_in_step:
                self._exchange.forget()
                self._line.note_fault(member.manners)
            self.counts.held += self.now() - began
            turns.release()
            self._close_unused()
        if share.failures:
            turns.note_answer(member.name, share)
        return answer

    def _close_unused(self) -> None:
        if not self._turns.is_taken and not any(member.is_present for member in self.members):
            self._line.close()


class Buses:
    """The buses of one set of devices: devices on the same line share one."""

    def __init__(self, clock: Clock | None = None, known: Iterable[Bus] = ()) -> None:
        """``known``: buses that are in use already."""
        self._clock = clock or SystemClock(None)
        self._buses = {line_key(bus.transport.line): bus for bus in known}

    def at(self, line: Line) -> Bus:
        """Return the line's bus. Raises ValueError for other settings of a known line."""
        key = line_key(line)
        if key not in self._buses:
            self._buses[key] = Bus(open_transport(line), self._clock)
        bus = self._buses[key]
        if bus.transport.line != line:
            raise ValueError(f"{line.where} is set up twice, and differently")
        return bus
