"""A line in memory to one device whose answers carry no number, and what such devices do.

A ``Habit`` decides what goes out for a request. The faults of the simulators are habits; the others
are those of real devices, gateways and second masters. Draws from the generator that it is given.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from typing import Protocol

from monitord.devices.bus.settings import Line
from simulators.agents.fault_injection import FaultInjector, ProtocolTraits, TimedOctets
from simulators.agents.faulty import StreamDevice
from tests.support.virtual_time import BufferedLine

LATE_S = (0.2, 2.5)
STUCK_S = 0.3


@dataclass(frozen=True, slots=True)
class Asked:
    """One request with its true and its false answer, ``at_s`` seconds after the begin."""

    request: bytes
    answer: bytes
    false: bytes
    at_s: float


class Habit(Protocol):
    """What a device sends for a request. ``lies``: how often it did not send the plain answer."""

    lies: int

    def outgoing(self, asked: Asked) -> Iterator[TimedOctets]:
        """Yield octets, each with its delay behind the octets before."""


@dataclass
class Injected:
    """A fault of the simulators. ``is_once_true``: it is made of true answers.

    ``neighbour``: the injector of another unit, whose answers are swapped with ours.
    """

    injector: FaultInjector
    is_once_true: bool = False
    neighbour: FaultInjector | None = None

    @property
    def lies(self) -> int:
        return self.injector.injected

    def outgoing(self, asked: Asked) -> Iterator[TimedOctets]:
        false = asked.answer if self.is_once_true else asked.false
        if self.neighbour is not None:
            self.neighbour.last_false = self.injector.traits.with_wrong_id(asked.false)
        return self.injector.outgoing(asked.request, asked.answer, false)


@dataclass
class Behind:
    """Always so many true answers late."""

    depth: int
    lies: int = 0
    _queue: deque[bytes] = field(default_factory=deque)

    def outgoing(self, asked: Asked) -> Iterator[TimedOctets]:
        self.lies += 1
        self._queue.append(asked.answer)
        if len(self._queue) > self.depth:
            yield TimedOctets(0, self._queue.popleft())


@dataclass
class ReadsAhead:
    """A gateway that gives what it has for a request, and then asks the device for the next one."""

    lies: int = 0
    _kept: dict[bytes, bytes] = field(default_factory=dict)

    def outgoing(self, asked: Asked) -> Iterator[TimedOctets]:
        self.lies += 1
        kept = self._kept.get(asked.request, asked.answer)
        self._kept[asked.request] = asked.answer
        yield TimedOctets(0, kept)


@dataclass
class Drawn:
    """A habit that shows in ``share`` of a hundred answers. ``beside``: sent out of order."""

    share: int
    random: Random
    lies: int = 0
    before: Asked | None = None
    beside: list[TimedOctets] = field(default_factory=list)

    def outgoing(self, asked: Asked) -> Iterator[TimedOctets]:
        before, self.before = self.before, asked
        if before is None or self.random.randrange(100) >= self.share:
            return iter([TimedOctets(0, asked.answer)])
        self.lies += 1
        return iter(self.lie(asked, before))

    def lie(self, asked: Asked, before: Asked) -> list[TimedOctets]:
        """Return what is sent instead."""
        raise NotImplementedError


class LostThenLate(Drawn):
    """Some answers come up to 2.5 s late, and all behind them later."""

    def lie(self, asked: Asked, before: Asked) -> list[TimedOctets]:
        return [TimedOctets(self.random.uniform(*LATE_S), asked.answer)]


class Doubled(Drawn):
    """A true answer comes again, up to 1.5 s later, between others."""

    def lie(self, asked: Asked, before: Asked) -> list[TimedOctets]:
        self.beside.append(TimedOctets(self.random.uniform(0.005, 1.5), asked.answer))
        return [TimedOctets(0, asked.answer)]


class Sticks(Drawn):
    """The same old answer for 0.3 s."""

    stuck: tuple[float, bytes] = (0.0, b"")

    def outgoing(self, asked: Asked) -> Iterator[TimedOctets]:
        if asked.at_s < self.stuck[0]:
            self.lies += 1
            return iter([TimedOctets(0, self.stuck[1])])
        return super().outgoing(asked)

    def lie(self, asked: Asked, before: Asked) -> list[TimedOctets]:
        self.stuck = asked.at_s + STUCK_S, before.answer
        return [TimedOctets(0, before.answer)]


class SecondMaster(Drawn):
    """Another master reads the same registers of another unit, always in the length first asked.

    Its unit answers under the number of ours, with either value.
    """

    foreign: tuple[bytes, bytes] | None = None

    def lie(self, asked: Asked, before: Asked) -> list[TimedOctets]:
        self.foreign = self.foreign or (before.answer, before.false)
        sent = [TimedOctets(0.01, self.foreign[self.random.randrange(2)])]
        if self.random.randrange(2):
            sent.append(TimedOctets(0.03, asked.answer))
        return sent


def injected(fault: str, traits: ProtocolTraits, share: int, seed: int, **how: bool) -> Injected:
    """Return a fault of the simulators as a habit."""
    neighbour = FaultInjector(fault, traits)
    injector = FaultInjector(fault, traits, seed, share, late_s=1.5, partner=neighbour)
    return Injected(injector, neighbour=neighbour, **how)


class UnnumberedLine(BufferedLine):
    """A connection to ``truth``, which answers as ``habit`` says; ``false``: with other values.

    Answers go out in order. ``is_forgetful``: closing the connection ends what is under way.
    """

    def __init__(
        self,
        line: Line,
        truth: StreamDevice,
        false: StreamDevice,
        habit: Habit,
        random: Random,
        *,
        is_forgetful: bool,
    ) -> None:
        super().__init__(line)
        self.requests = 0
        self._devices = truth, false
        self._habit = habit
        self._random = random
        self._is_forgetful = is_forgetful
        self._heard = b""
        self._queue: deque[tuple[float, Iterator[TimedOctets]]] = deque()
        self._is_sending = False

    async def open(self) -> None:
        await super().open()
        self._heard = b""
        if self._is_forgetful:
            self._queue.clear()
            self._is_sending = False

    async def send(self, octets: bytes) -> None:
        truth, false = self._devices
        self._heard += octets
        # The device looks at its values some time after the request came.
        await asyncio.sleep(0.015)
        while (found := truth.answer_to(self._heard)) is not None:
            end, answer = found
            request, self._heard = self._heard[:end], self._heard[end:]
            if answer:
                self.requests += 1
                other = false.answer_to(request)
                asked = Asked(request, answer, other[1] if other else b"", self._now())
                ready = self._now() + self._random.uniform(0.015, 0.045)
                self._queue.append((ready, self._habit.outgoing(asked)))
        beside: list[TimedOctets] = getattr(self._habit, "beside", [])
        for piece in beside:
            asyncio.get_running_loop().call_later(0.03 + piece.after_s, self.take, piece.octets)
        beside.clear()
        if not self._is_sending:
            self._send_next()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _send_next(self) -> None:
        """Send the next octets when their time comes: one answer after the other."""
        while self._queue:
            ready, sending = self._queue[0]
            for piece in sending:
                self._is_sending = True
                at = max(self._now(), ready) + piece.after_s
                # What goes out without a pause arrives together, as over a socket.
                whole = piece.octets
                if not piece.after_s:
                    whole += b"".join(self._at_once(sending))
                asyncio.get_running_loop().call_at(at, self._arrive, whole, self.opened)
                return
            self._queue.popleft()
        self._is_sending = False

    def _at_once(self, sending: Iterator[TimedOctets]) -> Iterator[bytes]:
        """Yield the pieces that follow at once; put back the one that does not."""
        for piece in sending:
            if piece.after_s:
                _, rest = self._queue.popleft()
                self._queue.appendleft((0.0, chain([piece], rest)))
                return
            yield piece.octets

    def _arrive(self, octets: bytes, connection: int) -> None:
        if not self._is_forgetful or connection == self.opened:
            self.take(octets)
            self._send_next()
