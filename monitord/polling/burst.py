"""Polls outside the slots: which devices, when, and how many in a second. Starts no read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from monitord.core.model import SECOND
from monitord.polling.backoff import SILENCES_BEFORE_BACKOFF
from monitord.polling.slots import GRID
from monitord.polling.state import AnswerSink, DeviceState

BURST_EVERY = 200_000
"""Microseconds between two burst polls of a device or a line."""
BURST_PER_SECOND = 50
"""Burst polls of all devices together in any second. Ten suspected devices use all of it."""
ROOM_MIN = 100_000
"""A burst poll has at least this time, in microseconds, and ends before the next slot begins."""
SILENCES_MAX = 2
"""A device with more silences in a row is dead, not doubtful: no burst poll."""
CHECKS_AFTER_SILENCE = 2
"""Burst polls after a first silence. A device that answers again after backoff has one."""


class Budget:
    """At most ``limit`` burst polls in any window of one second."""

    def __init__(self, limit: int = BURST_PER_SECOND) -> None:
        self._limit = limit
        self._spent: deque[int] = deque()

    def spend(self, now: int) -> bool:
        """Spend one poll at site time ``now`` (microseconds); return False if none is left."""
        while self._spent and self._spent[0] <= now - SECOND:
            self._spent.popleft()
        if len(self._spent) >= self._limit:
            return False
        self._spent.append(now)
        return True

    def free_at(self, now: int) -> int:
        """Return the earliest time, in microseconds, at which one may be spent."""
        if self._limit == 0:
            return now + SECOND
        return now if len(self._spent) < self._limit else max(now, self._spent[0] + SECOND)


class Bursts:
    """Which devices are polled outside their slots, and when.

    There are three reasons, in this order: a request (a trap came), a check after a first silence
    or after backoff, and ``suspects``: ids of the devices that the core suspects.
    """

    def __init__(
        self,
        devices: Mapping[str, DeviceState],
        suspects: Callable[[], frozenset[str]],
        budget: Budget,
        inbox: AnswerSink,
    ) -> None:
        self.suspected: frozenset[str] = frozenset()
        self._devices = devices
        self._suspects = suspects
        self._budget = budget
        self._inbox = inbox
        self._requested: dict[str, None] = {}
        self._checks: dict[str, int] = {}

    @property
    def is_wanted(self) -> bool:
        """Return whether any device has a reason for a burst poll."""
        return bool(self.suspected or self._requested or self._checks)

    def request(self, device: str) -> None:
        """Ask for a burst poll of a device; a second request before it adds nothing."""
        self._requested[device] = None

    def drop(self, devices: Iterable[str]) -> None:
        """Forget the reasons to poll these devices."""
        for device in devices:
            self._requested.pop(device, None)
            self._checks.pop(device, None)

    def refresh_suspects(self) -> None:
        """Read the suspects again."""
        self.suspected = self._suspects()

    def note_slot_poll(self, device: DeviceState) -> None:
        """Drop the request for a device that is polled in its slot."""
        if self._requested:
            self._requested.pop(device.id, None)

    def note_answer(self, device: DeviceState, silences: int) -> None:
        """End the checks of a device that answers, after so many silences in a row."""
        if silences or self._checks:
            self._checks.pop(device.id, None)
        if silences >= SILENCES_BEFORE_BACKOFF:
            self._checks[device.id] = 1

    def note_silence(self, device: DeviceState) -> None:
        """Check a device after its first silence; end the checks of one that is dead."""
        silences = device.status.silent_in_a_row
        if silences == 1:
            self._checks[device.id] = CHECKS_AFTER_SILENCE
        elif silences > SILENCES_MAX:
            self._checks.pop(device.id, None)

    def earliest(self, now: int) -> int | None:
        """Return when the next burst poll may start, site time in microseconds, or None."""
        times = (self._start_of(device, now) for device in self._candidates())
        return min((at for at in times if at is not None), default=None)

    def start_due(self, now: int) -> Iterator[tuple[DeviceState, int]]:
        """Yield each device to read at once, with its deadline in microseconds.

        The device with the oldest burst poll comes first. The caller starts each read before it
        takes the next device: the first of a line may use the time of the second.
        """
        ready = [
            (device.burst_at, device.order, device)
            for device in self._candidates()
            if self._start_of(device, now) == now
        ]
        for _, _, device in sorted(ready):
            if self._start_of(device, now) != now or not self._inbox.has_room(device.id):
                continue
            if not self._budget.spend(now):
                break
            yield device, self._start(device, now)

    def _candidates(self) -> list[DeviceState]:
        ids = dict.fromkeys([*self._requested, *self._checks, *sorted(self.suspected)])
        return [self._devices[id_] for id_ in ids if id_ in self._devices]

    def _start_of(self, device: DeviceState, now: int) -> int | None:
        """Return when a burst poll of the device fits in, budget included; None: it does not."""
        at = burst_at(device, now, is_requested=device.id in self._requested)
        if at is None:
            return None
        at = max(at, self._budget.free_at(now))
        return at if burst_end(device) - at >= ROOM_MIN else None

    def _start(self, device: DeviceState, now: int) -> int:
        """Note a burst poll; return its deadline."""
        room = burst_end(device) - now
        device.polled_at = device.burst_at = now
        device.status.bursts += 1
        if device.line_group is not None:
            device.line_group.burst_at = now
        self._requested.pop(device.id, None)
        if (left := self._checks.pop(device.id, 0)) > 1:
            self._checks[device.id] = left - 1
        return min(device.settings.deadline, room)


def burst_at(device: DeviceState, now: int, *, is_requested: bool) -> int | None:
    """Return when a device may be polled outside its slots; None: it may not.

    ``is_requested``: a trap came from it; then neither its profile nor its silences matter.
    """
    if device.is_under_way or device.polled_at is None:
        return None
    silences = device.status.silent_in_a_row
    is_allowed = device.settings.burst and silences <= SILENCES_MAX and not device.is_spared(now)
    if not is_requested and not is_allowed:
        return None
    at = max(now, device.polled_at + BURST_EVERY)
    if device.line_group is not None and device.line_group.burst_at is not None:
        # A line has no more burst polls than one device would.
        at = max(at, device.line_group.burst_at + BURST_EVERY)
    return at


def burst_end(device: DeviceState) -> int:
    """Return when a burst poll must have ended: before the next slot of any device on its line."""
    return min(one.next_due() for one in (device, *device.neighbours())) - GRID
