"""The observer's verdict: counts for the closing line, what was found wrong, what was excused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tests.simulation.observer.excuses import OF, SHARE_MAX_PER_MILLE, Excuse

DRAWN = ("faults", "restarts", "boots", "clock_steps", "reloads")
WRONG = ("missed", "false", "wrong_causes")


def excused_in(counts: Mapping[str, int], what: str = "demands") -> int:
    """Return how many demands, or pieces of the ledger, were excused."""
    return sum(counts.get(f"excused_{excuse.value}", 0) for excuse in OF[what])


def too_much_excused(counts: Mapping[str, int], what: str = "demands") -> list[str]:
    """Return what is excused beyond its share: one text or none."""
    excused, total = excused_in(counts, what), counts.get(what, 0)
    is_too_much = excused * 1000 > SHARE_MAX_PER_MILLE * total
    return [f"{excused} of {total} {what} are excused"] if is_too_much else []


def summary_of(counts: Mapping[str, int]) -> str:
    """Return what was drawn, what reporting got wrong, and the shares of excuses, in one line."""
    numbers = " ".join(f"{name}={counts.get(name, 0)}" for name in (*DRAWN, *WRONG, "demands"))
    shares = {w: 100 * excused_in(counts, w) / max(1, counts.get(w, 0)) for w in OF}
    of_others = " ".join(f"excused_{w}={shares[w]:.2f}%" for w in ("pieces", "sentences"))
    return f"{numbers} excused={shares['demands']:.2f}% {of_others}"


@dataclass
class Verdict:
    """``found``: (subject, text) of everything found wrong. ``known``: not corrected yet."""

    known: Collection[str] = ()
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: list[tuple[str, str]] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """What was found wrong, the shares of excused demands and sentences included.

        That of excused pieces is judged over many histories: in some all faults are drawn short.
        """
        texts = [f"{s}: {text}" for s, text in self.found if s not in self.known]
        for what in ("demands", "sentences"):
            if excused_in(self.counts, what) > 1:
                texts += [f"excuses: {text}" for text in too_much_excused(self.counts, what)]
        return texts

    @property
    def summary(self) -> str:
        """What was drawn, what reporting got wrong, and the shares of excuses, in one line."""
        return summary_of(self.counts)

    def subjects(self) -> Counter[str]:
        """Count the failures by subject."""
        return Counter(subject for subject, _ in self.found)

    def must(self, subject: str, holds: bool, text: str) -> None:
        """Note a failure unless it holds."""
        if not holds:
            self.found.append((subject, text))

    def excuse(self, excuse: Excuse) -> None:
        """Count an unmet demand, or a wrong piece, as excused."""
        self.counts[f"excused_{excuse.value}"] += 1
