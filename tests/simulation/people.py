"""The channels and the people behind them, on virtual time: who received what, and when."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from monitord.core.model import SECOND, Attempted, Event
from tests.simulation.plant import MS


@dataclass(frozen=True)
class Received:
    """One message as a person saw it."""

    at: int
    person: str
    alert: dict[str, Any]


@dataclass
class People:
    """Sends what the core began, with failures; what a crash cuts off may or may not be seen."""

    random: Random
    received: list[Received] = field(default_factory=list)
    under_way: list[tuple[int, Attempted, Received | None]] = field(default_factory=list)
    cut_off: int = 0
    unconfirmed: int = 0

    def begin(self, events: Sequence[Event]) -> None:
        """Start every attempt that these (committed) events began."""
        for event in events:
            if event.kind == "attempt_began":
                self._begin(event)

    def _begin(self, event: Event) -> None:
        body = json.loads(event.body)
        takes = self.random.choice((10 * MS, 100 * MS, 2 * SECOND, 5 * SECOND))
        # Between 0.8 and 0.85 it arrives and the confirmation is lost.
        luck = self.random.random()
        arrives = luck < 0.85
        self.unconfirmed += 0.8 <= luck < 0.85
        at = event.at + takes
        outcome = Attempted(
            at,
            event.subject,
            body["incident"],
            body["attempt"],
            delivered=luck < 0.8,
            permanent=luck > 0.97,
            detail="" if luck < 0.8 else "500",
        )
        seen = Received(event.at + takes // 2, event.subject, body["alert"]) if arrives else None
        self.under_way.append((at, outcome, seen))

    def outcomes(self, until: int) -> list[Attempted]:
        """Take the outcomes that come in by ``until``."""
        due = [entry for entry in self.under_way if entry[0] <= until]
        self.under_way = [entry for entry in self.under_way if entry[0] > until]
        self.received += [seen for _, _, seen in due if seen is not None]
        return [outcome for _, outcome, _ in due]

    def next_outcome(self) -> int:
        """Return when the next outcome comes in."""
        return min((at for at, _, _ in self.under_way), default=1 << 62)

    def cut(self, at: int) -> None:
        """End with what is under way at a crash: seen when it had arrived by then."""
        for _, _, seen in self.under_way:
            self.cut_off += 1
            if seen is not None and seen.at <= at:
                self.received.append(seen)
        self.under_way = []

    def duplicates(self) -> int:
        """Count messages that somebody received more than once."""
        seen = Counter((r.person, r.alert["alert_id"]) for r in self.received)
        return sum(count - 1 for count in seen.values())
