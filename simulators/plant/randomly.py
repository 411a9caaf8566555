"""Faults by chance, the same for the same seed. Owns how often and how long; not what they do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from simulators.plant.faults import HOUR, MILLISECOND, SECOND, Fault, What
from simulators.plant.site import SiteFacts

_SHORTEST = 100 * MILLISECOND
_LONGEST = 3 * HOUR


@dataclass(frozen=True, slots=True)
class Pace:
    """How one line of faults goes. Faults of one line never overlap; lines run side by side.

    ``apart_mean``: from the end of one to the start of the next, on the average.
    """

    kinds: tuple[What, ...]
    apart_mean: int
    devices: tuple[str, ...] = ("fm1",)


def random_faults(
    seed: int,
    hours: int,
    *,
    honest: bool,
    facts: SiteFacts | None = None,
    state_min: int = 60 * SECOND,
    faults_per_hour: float = 2.0,
) -> list[Fault]:
    """Return the faults of ``hours``, in order of time, none reaching past the end.

    Durations go from 100 ms to three hours, short ones as likely as long ones on a logarithmic
    scale. ``honest``: every state of carrier and sound, good or bad, lasts ``state_min`` or longer,
    so that a plant whose lags are as declared can be judged without a miss. Answers may fail for
    any time either way: silence is no state of the plant.
    """
    facts = facts or SiteFacts()
    end = hours * HOUR
    faults: list[Fault] = []
    for number, pace in enumerate(_paces(facts, faults_per_hour)):
        is_answers = pace.kinds[0] in {What.AGENT_SILENT, What.AGENT_RESTART}
        shortest = state_min if honest and not is_answers else _SHORTEST
        # A text as seed is hashed the same in every process, unlike a tuple.
        line = _Line(Random(f"{seed}/{number}"), pace, facts, shortest)
        faults += line.until(end)
    return sorted(faults, key=lambda fault: (fault.at, fault.until, fault.what))


def _paces(facts: SiteFacts, faults_per_hour: float) -> tuple[Pace, ...]:
    """Return the independent lines: the carrier's, the sound's, the answers'."""
    apart = max(1, round(3 * HOUR / faults_per_hour))
    emission: tuple[What, ...] = (
        What.CARRIER_TRIP,
        What.CARRIER_TRIP,
        What.POWER_DROP_TO,
        What.MAINS_DIP,
    )
    agents: tuple[str, ...] = ("fm1", "room_io")
    if facts.has_reserve:
        emission += (What.CHANGEOVER_CLEAN, What.CHANGEOVER_GAP)
        agents = ("fm1", "fm2", "room_io")
    return (
        Pace(emission, apart),
        Pace((What.SILENCE,), apart),
        Pace((What.AGENT_SILENT,), apart, agents),
        Pace((What.AGENT_RESTART,), 4 * apart, agents[:-1]),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """Faults one after the other. ``shortest`` holds for faults and for what lies between."""

    random: Random
    pace: Pace
    facts: SiteFacts
    shortest: int

    def until(self, end: int) -> Iterator[Fault]:
        at = self._pause()
        while True:
            fault = self._fault(at)
            if fault.until > end:
                return
            yield fault
            # What a fault leaves behind (a start after mains) is a state of its own, before good.
            at = fault.until + self.facts.rf_start + self._pause()

    def _pause(self) -> int:
        mean = max(1, self.pace.apart_mean)
        return self.shortest + round(self.random.expovariate(1 / mean))

    def _length(self, shortest: int) -> int:
        low, high = math.log(shortest), math.log(max(_LONGEST, 2 * shortest))
        return round(math.exp(self.random.uniform(low, high)))

    def _fault(self, at: int) -> Fault:
        what = self.random.choice(self.pace.kinds)
        device = self.random.choice(self.pace.devices)
        match what:
            case What.POWER_DROP_TO:
                # Well above the least that reaches anybody: reduced power, not an outage.
                left_w = self.random.randint(30, 70) * self.facts.wanted_power_w // 100
                return Fault(at, at + self._length(self.shortest), what, left_w, device)
            case What.CHANGEOVER_GAP:
                gap = min(self._length(self.shortest), 10 * self.shortest)
                on_reserve = self._length(self.shortest)
                return Fault(at, at + 2 * gap + on_reserve, what, gap, device)
            case What.CHANGEOVER_CLEAN:
                overlap = round(self.random.uniform(0, 2 * SECOND))
                on_reserve = self._length(self.shortest)
                return Fault(at, at + 2 * overlap + on_reserve, what, overlap, device)
            case _:
                return Fault(at, at + self._length(self.shortest), what, 0, device)
