"""Lines of faults, and the devices that show them: what every part of a simulated site is drawn by.

Pure: draws from the generator that it is given. Times in microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from simulators.plant.signals import Signal, either, pulses
from tests.simulation.facts import HOUR, MS, SECOND, ConditionFacts, Facts, Injected, Span


@dataclass(frozen=True)
class SimDevice:
    """One device: ``slot`` and ``deadline`` of its poll, its reported values in point order."""

    id: str
    slot: int
    deadline: int
    reported: tuple[Signal[bool] | Signal[int], ...]
    silent: Signal[bool]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things happen, each an hour."""

    faults: float = 0.8
    silences: float = 0.4
    changeovers: float = 0.7
    restarts: float = 0.8
    boots: float = 1.0
    reloads: float = 1.1


class Lines:
    """Draws when each line of faults is bad, and what was injected; collects the devices.

    ``short``: lines of which half of the states are too short to be surely seen.
    ``programmes_of``: what each line may take off the air. ``dark``: when devices do not answer
    besides, though they are well.
    """

    def __init__(
        self,
        random: Random,
        pace: Pace,
        facts: Facts,
        conditions: Mapping[str, ConditionFacts],
        *,
        programmes_of: Mapping[str, tuple[str, ...]],
        short: frozenset[str],
    ) -> None:
        self.random = random
        self.pace = pace
        self.facts = facts
        self.conditions = conditions
        self.programmes_of = programmes_of
        self.short = short
        self.devices: list[SimDevice] = []
        self.dark: dict[str, list[Span]] = {}

    def moments(self, per_hour: float) -> list[int]:
        facts = self.facts
        count = max(1, int((facts.end - facts.begin) / HOUR * per_hour))
        return sorted(
            self.random.randrange(facts.begin + 60 * SECOND, facts.end) for _ in range(count)
        )

    def line(self, line: str, condition: str) -> list[Span]:
        """Return when a line of faults is bad."""
        random, facts, honest = self.random, self.facts, line not in self.short
        shortest = self.conditions[condition].shortest
        found: list[Span] = []
        free_from = facts.begin + 60 * SECOND
        for at in self.moments(self.pace.faults):
            start = max(at, free_from)
            finish = start + self._duration(shortest, honest=honest)
            if finish >= facts.end - 600 * SECOND:
                continue
            found.append((start, finish))
            if finish - start < shortest:
                for name in self.programmes_of[line]:
                    facts.too_short.setdefault(name, []).append((start, finish))
            # Flapping is drawn too: the next fault may come as soon as the good state may end.
            calm = shortest + 1 if random.random() < 0.2 else 60 * SECOND
            free_from = finish + (calm if honest else random.randrange(100 * MS, calm + 200 * MS))
        return found

    def _duration(self, shortest: int, *, honest: bool) -> int:
        random = self.random
        if not honest and random.random() < 0.5:
            return random.randrange(100 * MS, shortest)
        scale = random.choice((SECOND, 10 * SECOND, 60 * SECOND, 600 * SECOND))
        return shortest + 1 + random.randrange(scale)

    def inject(
        self,
        what: str,
        place: str,
        span: Span,
        programmes: tuple[str, ...],
        *spans: Span,
        also: tuple[str, ...] = (),
        where_hidden: tuple[str, ...] = (),
    ) -> None:
        """Put one fault into the plant. ``also``, ``where_hidden``: see ``Injected``."""
        self.inject_at_once(what, span, [(place, programmes)], *spans)
        last = self.facts.injected[-1]
        self.facts.injected[-1] = replace(last, also=also, where_hidden=where_hidden)

    def inject_at_once(
        self, what: str, span: Span, parts: Sequence[tuple[str, tuple[str, ...]]], *spans: Span
    ) -> None:
        """Put one fault into the plant that is seen at several places, each with its programmes."""
        known = len(self.facts.injected) + 1
        self.facts.injected += [
            Injected(f"{what}-{known}", what, place, *span, programmes, spans or (span,))
            for place, programmes in parts
        ]

    def add_device(self, name: str, *reported: Signal[bool] | Signal[int]) -> None:
        watched = next(c for c in self.conditions.values() if c.device == name)
        random = self.random
        away = [
            (at, at + random.choice((2, 5, 20, 300)) * SECOND + random.randrange(SECOND))
            for at in self.moments(self.pace.silences)
        ]
        # Some silences hide a whole change and its reversal: the worst that silence can do.
        for signal in reported:
            for start, finish in pairwise(signal.times):
                if finish - start < 900 * SECOND and random.random() < 0.1:
                    away.append((start - random.randrange(30 * SECOND), finish + 5 * SECOND))
                elif name == "enc" and finish - start > 60 * SECOND and random.random() < 0.3:
                    # What happened is first seen by its consequence, then by itself.
                    seen_at = start + random.randrange(10 * SECOND, 60 * SECOND)
                    away.append((start - random.randrange(10 * SECOND), seen_at))
        self.devices.append(SimDevice(name, watched.slot, watched.deadline, reported, pulses(away)))
        shown = (c for c in self.conditions.values() if c.device == name)
        self.facts.shown |= {c.id: s.map(bool) for c, s in zip(shown, reported, strict=False)}

    def darkened(self, device: SimDevice) -> SimDevice:
        """Return a device that is silent also when it is dark."""
        dark = pulses(self.dark.get(device.id, []))
        return replace(device, silent=either(device.silent, dark))
