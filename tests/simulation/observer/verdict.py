"""The observer's verdict: counts for the closing line, what was found wrong, what was excused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tests.simulation.observer.excuses import SHARE_MAX_PER_MILLE, Excuse

DRAWN = ("faults", "restarts", "boots", "clock_steps", "reloads")
WRONG = ("missed", "false", "wrong_causes")


def excused_in(counts: Mapping[str, int]) -> int:
    """Return how many demands were excused."""
    return sum(counts.get(f"excused_{excuse.value}", 0) for excuse in Excuse)


def summary_of(counts: Mapping[str, int]) -> str:
    """Return what was drawn, what reporting got wrong, and the share of excuses, in one line."""
    numbers = " ".join(f"{name}={counts.get(name, 0)}" for name in (*DRAWN, *WRONG, "demands"))
    share = 100 * excused_in(counts) / max(1, counts.get("demands", 0))
    return f"{numbers} excused={share:.2f}%"


@dataclass
class Verdict:
    """``found``: (subject, text) of everything found wrong. ``known``: not corrected yet."""

    known: Collection[str] = ()
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: list[tuple[str, str]] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """What was found wrong, the share of excuses included."""
        texts = [f"{s}: {text}" for s, text in self.found if s not in self.known]
        excused = excused_in(self.counts)
        if excused * 1000 > SHARE_MAX_PER_MILLE * self.counts["demands"] and excused > 1:
            texts.append(f"excuses: {excused} of {self.counts['demands']} demands are excused")
        return texts

    @property
    def summary(self) -> str:
        """What was drawn, what reporting got wrong, and the share of excuses, in one line."""
        return summary_of(self.counts)

    def subjects(self) -> Counter[str]:
        """Count the failures by subject."""
        return Counter(subject for subject, _ in self.found)

    def must(self, subject: str, holds: bool, text: str) -> None:
        """Note a failure unless it holds."""
        if not holds:
            self.found.append((subject, text))

    def sees(self, subject: str, holds: bool, text: str, *, lenient: bool) -> None:
        """Note a failure, or a miss where states were too short to be surely seen."""
        if lenient and not holds:
            self.counts["misses"] += 1
        else:
            self.must(subject, holds, text)

    def excuse(self, excuse: Excuse) -> None:
        """Count an unmet demand as excused."""
        self.counts[f"excused_{excuse.value}"] += 1
