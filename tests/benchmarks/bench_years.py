"""What a day, a year and ten years of record cost a tick, a snapshot, a scrape and a start.

Run: ``python -m tests.benchmarks.bench_years``. The goal is 1.1 times the cost of a day. The site
of ten devices has one outage a day. Decisions are remembered for seven days: what they add is in
the row of eight days. Asserts nothing.
"""

from __future__ import annotations

import copy
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from prometheus_client import generate_latest

from monitord.core.codec import canonical, shape_hash, to_plain
from monitord.core.durable import Durable
from monitord.core.model import SECOND, CalendarExtended, Event, Input, Started
from monitord.core.pipeline import advance
from monitord.core.situation import Situation
from monitord.journal import Journal
from monitord.record_opening import continue_record
from monitord.recording import SNAPSHOT_EVERY
from tests.benchmarks.figures import keep
from tests.long.results import BenchTable
from tests.support.seam import (
    ALWAYS,
    OFFSET,
    PEOPLE,
    SOUND_ANSWERS,
    T0,
    TRANSMITTER_ANSWERS,
    Site,
    polls,
)
from tests.support.years import DAY, Years, plan_apart
from tests.unit.metrics.test_exposition import Daemon

SPANS = (("a day", 1), ("eight days", 8), ("a year", 365), ("ten years", 3650))
PROGRAMMES = 5
"""Each with a silence detector and a transmitter of its own."""
FAULTY = "fm1"
RUNS = 15
TICKS_S = 60


def site_of(count: int) -> Site:
    """Return so many programmes that have nothing in common."""
    numbers = range(1, count + 1)
    answers = {f"io{n}": SOUND_ANSWERS for n in numbers}
    answers |= {f"fm{n}": TRANSMITTER_ANSWERS for n in numbers}
    return Site("years", plan_apart(numbers, PEOPLE), answers)


class Recorded:
    """Keeps a life in a record, with a snapshot as often as the daemon takes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.life = Years(site_of(PROGRAMMES), FAULTY, self._keep)
        self._since_snapshot = 0
        self._journal = self._open()
        self._journal.load()

    def _open(self) -> Journal:
        return Journal.open(self.folder, site="hill", shape=shape_hash(Durable))

    def _keep(self, events: Sequence[Event]) -> None:
        self._since_snapshot += len(events)
        snapshot = None
        if self._since_snapshot >= SNAPSHOT_EVERY:
            self._since_snapshot = 0
            snapshot = self._snapshot()
        self._journal.commit_sync(events, snapshot)

    def _snapshot(self) -> tuple[int, int, bytes]:
        durable = self.durable
        return durable.epoch, durable.number, canonical(to_plain(durable))

    @property
    def durable(self) -> Durable:
        """The state at the end of the last day."""
        return self.life.driver.situation.durable

    def stop(self) -> None:
        """End as the daemon does, with a snapshot."""
        self._journal.commit_sync((), self._snapshot())
        self._journal.close()

    def start(self) -> None:
        """Open and fold the record as the daemon does, and close it again."""
        journal = self._open()
        continue_record(journal, None)
        journal.close()

    def go_on(self) -> None:
        """Let the life go on in this record."""
        self._journal = self._open()


def shortest(do: Callable[[], object]) -> float:
    """Return the shortest of some runs in milliseconds: what it costs where nothing disturbs."""
    took = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        do()
        took.append(time.perf_counter() - begun)
    return min(took) * 1e3


def next_day(site: Site, durable: Durable, days: int) -> tuple[Situation, int]:
    """Return a Situation just started on a copy of the state, and that moment."""
    at = T0 + days * DAY
    situation = Situation(site.plan, copy.deepcopy(durable))
    calendar = CalendarExtended(at, tuple((p.id, ALWAYS) for p in site.plan.programmes), at * 2)
    begin: list[Input] = [Started(at, at + OFFSET, "boot", "config", at - SECOND), calendar]
    advance(situation, begin, at)
    return situation, at


def tick_ms(site: Site, durable: Durable, days: int) -> float:
    """Return the milliseconds of the ticks of a minute with an outage."""
    best = []
    for _ in range(RUNS):
        situation, at = next_day(site, durable, days)
        begun = time.perf_counter()
        for state in ("good", "bad", "good"):
            end = at + TICKS_S // 3 * SECOND
            for inputs in polls(site, {FAULTY: state}, at, end):
                at += SECOND
                advance(situation, inputs, at - 1)
        best.append(time.perf_counter() - begun)
    return min(best) * 1e3


def measure(recorded: Recorded) -> list[float]:
    """Return the milliseconds of ticks, a snapshot, a scrape and a start, and the state's KiB."""
    durable, days = recorded.durable, recorded.life.days
    site = recorded.life.site
    situation, at = next_day(site, durable, days)
    registry = Daemon(situation, at).registry
    return [
        tick_ms(site, durable, days),
        shortest(lambda: canonical(to_plain(durable))),
        shortest(lambda: generate_latest(registry)),
        shortest(recorded.start),
        len(canonical(to_plain(durable))) / 1024,
    ]


def main() -> int:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        recorded = Recorded(Path(folder))
        first: list[float] = []
        for name, days in SPANS:
            recorded.life.live_to(days)
            recorded.stop()
            found = measure(recorded)
            first = first or found
            ratios = [f"{a:.2f} ({a / b:.2f})" for a, b in zip(found, first, strict=True)]
            rows.append([name, f"{recorded.durable.number:,}", *ratios])
            recorded.go_on()
    columns = ["record", "events", "ticks of a minute", "snapshot", "scrape", "start", "state KiB"]
    title = "Milliseconds by the length of the record (and times those of a day)"
    keep("years", BenchTable(title, columns, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
