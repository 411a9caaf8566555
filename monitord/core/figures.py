"""The three figures of an outage. Owns their shape; ``ledger.py`` adds the seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Figures:
    """The three figures of an outage, microseconds: least <= most_seen <= most."""

    least: int = 0
    most_seen: int = 0
    most: int = 0

    def add(self, other: Figures) -> None:
        """Add the figures of another outage."""
        self.least += other.least
        self.most_seen += other.most_seen
        self.most += other.most

    def within(self, whole: Figures) -> Figures:
        """Return these figures, of a part, no larger than those of the whole."""
        return Figures(
            min(self.least, whole.least),
            min(self.most_seen, whole.most_seen),
            min(self.most, whole.most),
        )
