"""What befell the station, asked for by word and device. Owns that index; no physics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.plant.county.vocabulary import SITE, StationFault
from simulators.plant.signals import Signal, pulses, signal


@dataclass(frozen=True, slots=True)
class History:
    """Every fault, whatever its order."""

    faults: Sequence[StationFault]

    def of(self, what: str, device: str = SITE) -> list[StationFault]:
        """Return those of one word and device, in order of time."""
        found = [m for m in self.faults if m.what == what and m.device == device]
        return sorted(found, key=lambda fault: (fault.at, fault.until))

    def during(self, what: str, device: str = SITE) -> Signal[bool]:
        """Return where at least one of them holds."""
        return pulses((fault.at, fault.until) for fault in self.of(what, device))

    def amount(self, what: str, device: str) -> Signal[int]:
        """Return the sum of the amounts of those that hold."""
        found = self.of(what, device)
        edges = sorted({edge for fault in found for edge in (fault.at, fault.until)})
        return signal(0, ((t, sum(m.amount for m in found if m.at <= t < m.until)) for t in edges))
