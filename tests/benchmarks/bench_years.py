"""What a day, a year and ten years of record cost a tick, a snapshot, a scrape and a start.

Run: ``python -m tests.benchmarks.bench_years``. The goal is 1.1 times the cost of a day. The site
of ten devices has one outage a day. A state keeps the decisions and numbers of the last seven days
and the newest starts, by design: a year is compared with one day that had as many of them. The day
with one outage is in the first row. All are measured in turns, in CPU time. Asserts nothing.
"""

from __future__ import annotations

import copy
import gc
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from prometheus_client import generate_latest

from monitord.core.codec import canonical, shape_hash, to_plain
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Event, Input, Started
from monitord.core.pipeline import advance
from monitord.core.situation import Situation
from monitord.journal import Journal
from monitord.record_opening import continue_record
from monitord.recording import SNAPSHOT_EVERY
from tests.benchmarks.figures import keep
from tests.long.results import BenchTable
from tests.support.calendars import given
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

WEEK = 8
"""Outages of one day that leave as much in the state as one a day does."""
SPANS = (("eight days", 8), ("a year", 365), ("ten years", 3650))
PROGRAMMES = 5
"""Each with a silence detector and a transmitter of its own."""
FAULTY = "fm1"
RUNS = 25
COMMIT_AT = 4_000
"""Events of one commit while the record is made."""
TICKS_S = 60


def site_of(count: int) -> Site:
    """Return so many programmes that have nothing in common."""
    numbers = range(1, count + 1)
    answers = {f"io{n}": SOUND_ANSWERS for n in numbers}
    answers |= {f"fm{n}": TRANSMITTER_ANSWERS for n in numbers}
    return Site("years", plan_apart(numbers, PEOPLE), answers)


def record_in(folder: Path) -> Journal:
    """Open the record of a folder."""
    return Journal.open(folder, site="hill", shape=shape_hash(Durable))


class Recorded:
    """Keeps a life in a record, with a snapshot as often as the daemon takes one."""

    def __init__(self, folder: Path, day: int = DAY) -> None:
        self.folder = folder
        self.life = Years(site_of(PROGRAMMES), FAULTY, self._keep, day)
        self._since_snapshot = 0
        self._waiting: list[Event] = []
        self._journal = record_in(folder)
        self._journal.load()

    def _keep(self, events: Sequence[Event]) -> None:
        """Commit some weeks at once: thousands of waits for the disk are no part of the record."""
        self._waiting += events
        if len(self._waiting) >= COMMIT_AT:
            self._commit()

    def _commit(self) -> None:
        self._since_snapshot += len(self._waiting)
        snapshot = None
        if self._since_snapshot >= SNAPSHOT_EVERY:
            self._since_snapshot = 0
            snapshot = self._snapshot()
        self._journal.commit_sync(self._waiting, snapshot)
        self._waiting = []

    def _snapshot(self) -> tuple[int, int, bytes]:
        durable = self.durable
        return durable.epoch, durable.number, canonical(to_plain(durable))

    @property
    def durable(self) -> Durable:
        """The state at the end of the last day."""
        return self.life.driver.situation.durable

    def kept_as(self, name: str, folder: Path) -> Kept:
        """End as the daemon does, with a snapshot; return a copy of what is there, and go on."""
        self._commit()
        self._journal.commit_sync((), self._snapshot())
        self._journal.close()
        shutil.copytree(self.folder, folder)
        self._journal = record_in(self.folder)
        at = T0 + self.life.days * self.life.day
        return Kept(name, folder, copy.deepcopy(self.durable), self.life.site, at)

    def close(self) -> None:
        """Close the record."""
        self._journal.close()


class Kept(NamedTuple):
    """A record, its state, and the moment at which its life would go on."""

    name: str
    folder: Path
    durable: Durable
    site: Site
    at: int

    def situation(self) -> Situation:
        """Return a Situation just started on a copy of the state."""
        at, programmes = self.at, self.site.plan.programmes
        situation = Situation(self.site.plan, copy.deepcopy(self.durable))
        calendar = given(at, {p.id: ALWAYS for p in programmes})
        begin: list[Input] = [Started(at, at + OFFSET, "boot", "config", at - SECOND), calendar]
        advance(situation, begin, at)
        return situation


def took_ms(do: Callable[[], object]) -> float:
    """Return milliseconds of CPU time."""
    gc.collect()
    begun = time.process_time()
    do()
    return (time.process_time() - begun) * 1e3


def ticks(kept: Kept) -> Callable[[], None]:
    """Return the ticks of a minute with an outage."""
    situation = kept.situation()

    def run() -> None:
        at = kept.at
        for state in ("good", "bad", "good"):
            end = at + TICKS_S // 3 * SECOND
            for inputs in polls(kept.site, {FAULTY: state}, at, end):
                at += SECOND
                advance(situation, inputs, at - 1)

    return run


def snapshot(kept: Kept) -> Callable[[], object]:
    """Return a snapshot's encoding."""
    return lambda: canonical(to_plain(kept.durable))


def scrape(kept: Kept) -> Callable[[], object]:
    """Return a scrape."""
    registry = Daemon(kept.situation(), kept.at).registry
    return lambda: generate_latest(registry)


def start(kept: Kept) -> Callable[[], object]:
    """Return the opening and folding of the record, as the daemon does it."""

    def run() -> None:
        journal = record_in(kept.folder)
        continue_record(journal, None)
        journal.close()

    return run


COSTS = {"ticks of a minute": ticks, "snapshot": snapshot, "scrape": scrape, "start": start}


def lives(folder: Path) -> list[Kept]:
    """Return the records to compare."""
    recorded = Recorded(folder / "life")
    recorded.life.live_to(1)
    found = [recorded.kept_as("a day, one outage", folder / "first")]
    busy = Recorded(folder / "busy", DAY // WEEK)
    busy.life.live_to(WEEK)
    found.append(busy.kept_as("a day, as many as in a week", folder / "day"))
    busy.close()
    for name, days in SPANS:
        recorded.life.live_to(days)
        found.append(recorded.kept_as(name, folder / str(days)))
    recorded.close()
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        records = lives(Path(folder))
        spent: dict[tuple[str, str], list[float]] = {}
        for _ in range(RUNS):
            for kept in records:
                for cost, prepare in COSTS.items():
                    spent.setdefault((kept.name, cost), []).append(took_ms(prepare(kept)))
    rows = []
    day = records[1].name
    for kept in records:
        # The least is what it costs where nothing disturbs.
        cells = [
            f"{min(spent[kept.name, cost]):.2f} "
            f"({min(spent[kept.name, cost]) / min(spent[day, cost]):.2f})"
            for cost in COSTS
        ]
        size = len(canonical(to_plain(kept.durable))) / 1024
        rows.append([kept.name, f"{kept.durable.number:,}", *cells, f"{size:.1f}"])
    columns = ["record", "events", *COSTS, "state KiB"]
    title = "CPU milliseconds by the length of the record (and times those of the second row)"
    keep("years", BenchTable(title, columns, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
