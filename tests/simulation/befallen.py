"""What befell one run: stops of its loop, traps, a meter and slow points; noted for the observer.

Owns what of the weather is still to come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from monitord.core.model import Answer, Input, Late, Silence, TrapSeen
from simulators.plant.signals import Signal, either, pulses
from tests.simulation.befalls import Befalls
from tests.simulation.facts import SECOND, Span
from tests.simulation.lines import SimDevice
from tests.simulation.meter import METERED, Meter
from tests.simulation.slow_points import SLOW, SlowReads
from tests.simulation.weather import REPORTED, Report, Weather

BEFORE_END = 5 * SECOND
"""A stop that would end so shortly before the end of a run, or behind it, is left out."""
NEAR = 6 * SECOND
"""So much around a stop each poll is noted."""


class Befallen:
    """``lost_polls``: gets the polls by device that are as good as lost.

    ``stalls``: when the loop did not run. ``handed``: the traps that came in. ``asked``: around
    the stops, when each poll was sent and whether it was answered. ``answers``: of devices that
    send traps, when each was asked for and received. ``slow_failed``: when slow reads failed.
    ``wrong_readings``: when the meter was wrong once.
    """

    def __init__(
        self,
        weather: Weather,
        power: Signal[int],
        random: Random,
        lost_polls: dict[str, list[int]],
    ) -> None:
        self.stalls: list[Span] = []
        self.handed: list[Report] = []
        self.asked: dict[str, list[tuple[int, bool]]] = {}
        self.answers: dict[str, list[Span]] = {name: [] for name in REPORTED}
        self.slow_failed: dict[str, list[int]] = {name: [] for name in SLOW}
        self.wrong_readings: list[int] = []
        self.drawn: Counter[str] = Counter()
        self._weather = weather
        self._random = random
        self._lost_polls = lost_polls
        self._stalls = list(weather.stalls)
        self._reports = list(weather.reports)
        self._meter = Meter(power, weather.sticks, random, self._note_meter)
        self._stopping = pulses(weather.stalls)
        self._near_stops = pulses((a - NEAR, b + NEAR) for a, b in weather.stalls)

    @property
    def gaps(self) -> dict[str, tuple[Span, ...]]:
        """When slow points could not be read, by device."""
        return dict(self._weather.gaps)

    @property
    def counts(self) -> dict[str, int]:
        """What was drawn and done."""
        failed = sum(len(times) for times in self.slow_failed.values())
        drawn = {"stalls": len(self.stalls), "traps": len(self.handed), "slow_failed": failed}
        return {**self.drawn, **drawn}

    def of_device(self, device: SimDevice) -> Befalls:
        """Return what befalls a device from the first poll of a reader on."""
        busy = self._stopping
        if device.id == METERED:
            return Befalls(either(busy, self._meter.sticks), meter=self._meter)
        if device.id in SLOW:
            gaps = self._weather.gaps[device.id]
            slow = SlowReads(device, gaps, self._random, self.slow_failed[device.id])
            return Befalls(either(busy, pulses(gaps)), slow=slow)
        return Befalls(busy)

    def next_at(self) -> int:
        """Return when the loop stops or a trap comes next."""
        stalls = (begin for begin, _ in self._stalls[:1])
        return min([*stalls, *(report.at for report in self._reports[:1])], default=1 << 62)

    def stop_at(self, now: int, end: int) -> Late | None:
        """Return the stop that begins now, if one does and ends well before the end of the run."""
        stop = None
        while self._stalls and self._stalls[0][0] <= now:
            stop = self._stalls.pop(0)
        if stop is None or not now + 2 * SECOND < stop[1] < end - BEFORE_END:
            return None
        self.stalls.append((now, stop[1]))
        return Late(now, stop[1])

    def reports_by(self, now: int, since: int) -> list[TrapSeen]:
        """Take the traps that come in by now; those before ``since`` met nobody."""
        due = [report for report in self._reports if report.at <= now]
        del self._reports[: len(due)]
        found = [replace(report, at=now) for report in due if report.at >= since]
        self.handed += found
        return [TrapSeen(one.device, now, None, one.condition, one.value) for one in found]

    def note(self, polled: Iterable[Answer | Silence]) -> None:
        """Note what came of polls, as far as the observer asks for it."""
        for item in polled:
            is_answer = isinstance(item, Answer)
            if self._near_stops.at(item.sent_at):
                self.asked.setdefault(item.device, []).append((item.sent_at, is_answer))
            if is_answer and item.device in self.answers:
                last = (item.repeats - 1) * item.every
                self.answers[item.device].append((item.sent_at + last, item.at + last))

    def _note_meter(self, what: str, at: int) -> None:
        """Count what the meter showed; a wrong answer is as good as a lost one and the next."""
        self.drawn[what] += 1
        if what == "wrong_once":
            self._lost_polls.setdefault(METERED, []).extend((at, at + 2 * SECOND))
            self.wrong_readings.append(at)


def held_up(waiting: Sequence[Input], stop: Late) -> list[Input]:
    """Return what waits, as it comes in when the loop runs again."""
    return [replace(item, at=stop.until) if item.at < stop.until else item for item in waiting]
