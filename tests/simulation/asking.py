"""All devices that are asked in one run of monitord, and what has not come in yet.

Owns what is under way between the devices and the core; decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from monitord.core.model import Answer, Input, Late, Silence, TrapSeen
from tests.simulation.befallen import Befallen, held_up
from tests.simulation.lines import SimDevice
from tests.simulation.polling import Overtaking, VirtualDevice, asked_from, overtakings


@dataclass
class Notes:
    """What is noted of polls for the observer.

    ``lost_polls``: when each device was asked in vain. ``overtaken``: answers that came in before
    that to an earlier request. ``befallen``: see there; None where nothing befalls.
    """

    lost_polls: dict[str, list[int]] = field(default_factory=dict)
    overtaken: list[Overtaking] = field(default_factory=list)
    befallen: Befallen | None = None

    def note(self, device: str, polled: list[Answer | Silence]) -> list[Answer | Silence]:
        """Note what was asked in vain, and return all of it."""
        lost = self.lost_polls.setdefault(device, [])
        lost += [item.sent_at for item in polled if isinstance(item, Silence)]
        self.overtaken += overtakings(polled)
        if self.befallen is not None:
            self.befallen.note(polled)
        return polled


class Asking:
    """Asks devices from ``begin`` on. ``odd``: draws answers out of their order.

    ``arriving``: what has not come in yet.
    """

    def __init__(self, notes: Notes, random: Random, odd: Random | None, begin: int) -> None:
        self.arriving: list[Input] = []
        self.begin = begin
        self._notes = notes
        self._random = random
        self._odd = odd
        self._devices: dict[str, VirtualDevice] = {}

    def ask(self, devices: Iterable[SimDevice], kept: Collection[str], now: int) -> None:
        """Go on with these devices: with ``kept`` as before, with others from now on.

        What is under way from others is not used.
        """
        for name in set(self._devices) - set(kept):
            del self._devices[name]
        self.arriving = [
            item
            for item in self.arriving
            if not isinstance(item, Answer | Silence) or item.device in kept
        ]
        befallen = self._notes.befallen
        for device in devices:
            if device.id not in self._devices:
                befalls = None if befallen is None else befallen.of_device(device)
                asked = asked_from(device, now, self._random, self._odd, befalls)
                self._devices[device.id] = asked

    def come_in(self, now: int) -> list[Input]:
        """Take what is received by ``now``: of a run only the answers up to then."""
        taken = [item for item in self.arriving if _last_at(item) <= now]
        self.arriving = [item for item in self.arriving if _last_at(item) > now]
        return taken

    def held_up(self, found: Sequence[Input], now: int) -> list[Input]:
        """Return what came of attempts: known where a stop ends now no earlier than its end."""
        stalls = self._notes.befallen.stalls[-1:] if self._notes.befallen is not None else []
        ended = [Late(*stall) for stall in stalls if stall[1] == now]
        return held_up(found, ended[0]) if ended else [*found]

    def reports(self, now: int) -> list[TrapSeen]:
        """Return what devices report by themselves; each is polled at once, as the gear does."""
        befallen = self._notes.befallen
        found = [] if befallen is None else befallen.reports_by(now, self.begin)
        for report in found:
            device = self._devices.get(report.device)
            if device is not None:
                self.arriving += self._notes.note(report.device, [device.poll_now(now)])
        return found

    def stop(self, now: int, end: int) -> Late | None:
        """Return the stop of the loop that begins now, if one does.

        Nothing is asked in it, and what comes meanwhile comes in behind it.
        """
        befallen = self._notes.befallen
        stop = None if befallen is None else befallen.stop_at(now, end)
        if stop is not None:
            for device in self._devices.values():
                device.stop_until(stop.until)
            self.arriving = [stop, *held_up(self.arriving, stop)]
        return stop

    def poll_until(self, until: int) -> None:
        """Poll every device up to ``until``."""
        for name, device in self._devices.items():
            self.arriving += self._notes.note(name, list(device.polls(until)))

    def next_at(self) -> int:
        """Return when the loop stops or a device reports next."""
        befallen = self._notes.befallen
        return 1 << 62 if befallen is None else befallen.next_at()


def _last_at(item: Input) -> int:
    if isinstance(item, Answer):
        return item.at + (item.repeats - 1) * item.every
    return item.at
