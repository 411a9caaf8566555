"""What a run left behind, read once, and the verdict on it. Judges nothing."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from monitord.core.model import Event
from monitord.history import History, PastImpact, PastIncident, PastPiece
from tests.crash.configuration import PROGRAMMES
from tests.crash.harness import Run, fold, kept_open
from tests.crash.sufferings import OF_THE_RECORD

EVER = 10**18


@dataclass
class Verdict:
    """Counts for the closing line, and what was found wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def must(self, holds: bool, text: str) -> None:
        """Note a failure unless it holds."""
        if not holds:
            self.failures.append(text)


@dataclass
class Evidence:
    """The record of a run, read once. ``offset``: site time minus boot time."""

    run: Run
    events: list[Event]
    bodies: list[dict[str, object]]
    pieces: dict[str, list[PastPiece]]
    incidents: list[PastIncident]
    impacts: dict[str, list[PastImpact]]
    kept_open: frozenset[str]
    offset: int

    @property
    def suffers(self) -> bool:
        """Whether the surroundings suffered."""
        return self.run.lives.around is not None

    @property
    def may_lose(self) -> bool:
        """Whether something was done to the record itself: events that were on disk may be gone."""
        return any(life.plan.suffers in OF_THE_RECORD for life in self.run.lives.lived)


def gather(run: Run) -> Evidence:
    with History(run.lives.record) as history:
        events = list(history.all_events())
        incidents = history.incidents(limit=100_000)
        return Evidence(
            run=run,
            events=events,
            bodies=[json.loads(event.body) for event in events],
            pieces={name: history.pieces(name, 0, EVER) for name in PROGRAMMES},
            incidents=incidents,
            impacts={one.id: history.impacts(one.id) for one in incidents},
            kept_open=kept_open(fold(run.lives.record)),
            offset=offsets(run)[-1],
        )


def offsets(run: Run) -> list[int]:
    """Return site time minus boot time after each life that wrote its alive file."""
    found = [life.alive for life in run.lives.lived if life.alive is not None]
    return [alive.site - alive.boottime for alive in found] or [0]
