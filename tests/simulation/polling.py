"""A poller on virtual time: slots, losses, late answers, silence; quiet stretches become runs.

Draws nothing that it has not been given a random generator for; reads no clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from monitord.core.model import SECOND, Answer, Silence, Value
from tests.simulation.befalls import Befalls
from tests.simulation.facts import MS
from tests.simulation.lines import SimDevice

BUSY = 30 * SECOND
"""Around a change every poll is drawn by itself."""
OVERTAKEN = 0.05
"""How often a request is sent again, and its answer comes in before that to the first one."""


@dataclass(frozen=True, slots=True)
class Overtaking:
    """An answer that came in before that to an earlier request, which was sent ``asked_at``."""

    device: str
    asked_at: int
    sent_at: int
    at: int


def overtakings(polled: Sequence[Answer | Silence]) -> Iterator[Overtaking]:
    """Yield the answers of one device that overtook an older one."""
    for younger, older in pairwise(polled):
        if isinstance(younger, Answer) and older.sent_at < younger.sent_at:
            yield Overtaking(younger.device, older.sent_at, younger.sent_at, younger.at)


@dataclass
class VirtualDevice:
    """One device's polls, from its next slot on. ``odd``: draws answers out of their order.

    ``befalls``: what its answers show besides what is so.
    """

    device: SimDevice
    next_slot: int
    random: Random
    odd: Random | None = None
    befalls: Befalls | None = None

    def polls(self, until: int) -> Iterator[Answer | Silence]:
        """Yield what comes of every poll sent before ``until``; it may be received after."""
        while self.next_slot < until:
            run = self._quiet_run(until)
            if run is not None:
                self.next_slot += run.repeats * self.device.slot
                yield run
            else:
                yield from self._poll(self.next_slot)
                self.next_slot += self.device.slot

    def poll_now(self, at: int) -> Answer | Silence:
        """Return what comes of a poll between two slots, as a report of the device asks for."""
        return self._poll_once(at)

    def stop_until(self, at: int) -> None:
        """Ask nothing before a moment: its slots go on behind it."""
        slot = self.device.slot
        self.next_slot += max(0, -((self.next_slot - at) // slot)) * slot

    def _quiet_run(self, until: int) -> Answer | None:
        slot, at = self.device.slot, self.next_slot
        latency = 12 * MS
        last = min(until, self._next_change(at) - BUSY) - latency
        repeats = (last - at) // slot
        if repeats < 2 or self.device.silent.at(at) or self._last_change(at) > at - BUSY:
            return None
        if self.befalls is not None and not self.befalls.begins_run(at, at + (repeats - 1) * slot):
            return None
        return Answer(self.device.id, at, at + latency, self._values(at), repeats, slot)

    def _poll(self, sent_at: int) -> Iterator[Answer | Silence]:
        odd = None if self.device.silent.at(sent_at) else self.odd
        if odd is not None and odd.random() < OVERTAKEN:
            yield from self._overtaken(sent_at, odd)
        else:
            yield self._poll_once(sent_at)

    def _overtaken(self, sent_at: int, random: Random) -> Iterator[Answer]:
        """Yield the answer to a request that was sent again, then that to the first one."""
        last = sent_at + self.device.deadline
        again = sent_at + random.randrange(10 * MS, self.device.deadline // 2)
        soon = again + random.randrange(MS, 40 * MS)
        late = random.randrange(soon + 1, last)
        yield Answer(self.device.id, again, soon, self._values(random.randrange(again, soon)))
        yield Answer(self.device.id, sent_at, late, self._values(random.randrange(sent_at, late)))

    def _poll_once(self, sent_at: int) -> Answer | Silence:
        device = self.device
        luck = self.random.random()
        if device.silent.at(sent_at) or luck < 0.03:
            kind = self.random.choice(("timeout", "timeout", "refused"))
            waited = device.deadline if kind == "timeout" else 3 * MS
            if self.befalls is not None:
                self.befalls.polled(sent_at, sent_at + waited, answered=False)
            return Silence(device.id, kind, sent_at, sent_at + waited)
        slow = luck < 0.08
        latency = self.random.randrange(MS, device.deadline if slow else 40 * MS)
        # The agent answers somewhere between the question and the answer's arrival.
        looked, at = sent_at + self.random.randrange(latency), sent_at + latency
        values = self._values(looked)
        if self.befalls is None:
            return Answer(device.id, sent_at, at, values)
        values, suspected = self.befalls.shown(values, sent_at, looked)
        self.befalls.polled(sent_at, at, answered=True)
        return Answer(device.id, sent_at, at, values, suspected=suspected)

    def _values(self, at: int) -> tuple[Value, ...]:
        return tuple(signal.at(at) for signal in self.device.reported)

    def _next_change(self, at: int) -> int:
        signals = [*self.device.reported, self.device.silent]
        if self.befalls is not None:
            signals.append(self.befalls.busy)
        changes = [signal.next_change(at) for signal in signals]
        return min((c for c in changes if c is not None), default=1 << 62)

    def _last_change(self, at: int) -> int:
        befell = 0 if self.befalls is None else _last(self.befalls.busy.times, at)
        return max(last_change(self.device, at), befell)


def asked_from(
    device: SimDevice,
    at: int,
    random: Random,
    odd: Random | None,
    befalls: Befalls | None = None,
) -> VirtualDevice:
    """Return a device that is asked from a moment within a slot on."""
    return VirtualDevice(device, at + 1 + random.randrange(device.slot), random, odd, befalls)


def last_change(device: SimDevice, at: int) -> int:
    """Return when what the device shows changed last, 0 where it never did."""
    return max(_last(signal.times, at) for signal in (*device.reported, device.silent))


def _last(times: tuple[int, ...], at: int) -> int:
    index = bisect_right(times, at)
    return times[index - 1] if index else 0
