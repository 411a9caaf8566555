"""One site over a year of virtual time with a fault a day: how long a core takes to simulate it.

Run: ``python -m tests.benchmarks.bench_site_year [--days 365] [--profile]``. The goal is 5 minutes
for 50 devices polled each second. The history is driven as those of ``tests.simulation`` are: core,
record on disk, people and channels that fail. Ends with a verdict on the outages, and asserts no
time.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from monitord.core.dues import Rank
from monitord.core.model import SECOND, Event
from monitord.core.plan import Plan
from simulators.plant.signals import Signal, inverted, pulses
from tests.benchmarks.figures import keep
from tests.long.results import BenchTable
from tests.simulation.clocks import NETWORK, ClockLife, Shown
from tests.simulation.facts import HOUR, BootFacts, Facts
from tests.simulation.lines import SimDevice
from tests.simulation.plant import SimPlant
from tests.simulation.run import Simulation
from tests.simulation.setups import FIRST, Setup
from tests.simulation.site import build_plan
from tests.support.seam import DEADLINE, SLOT
from tests.support.years import plan_apart

PROGRAMMES = 25
"""Each with a silence detector and a transmitter of its own: 50 devices."""
DAY = 24 * HOUR
RESTARTS_EVERY = 30 * DAY
FAULTS = ("silence", "trip", "no_answer")
SEED = 1
Span = tuple[int, int]


def site_plan() -> Plan:
    """Return the plan of so many programmes that have nothing in common."""
    return plan_apart(range(PROGRAMMES), build_plan(FIRST).people)


def draw_faults(random: Random, begin: int, days: int) -> list[tuple[str, int, Span]]:
    """Return one fault a day: what it is, of which programme, from when to when."""
    found = []
    for day in range(days):
        at = begin + day * DAY + random.randrange(HOUR, 22 * HOUR)
        lasts = random.choice((30, 60, 600, 3000)) * SECOND + random.randrange(SECOND)
        found.append((random.choice(FAULTS), random.randrange(PROGRAMMES), (at, at + lasts)))
    return found


def site_plant(seed: int, days: int) -> tuple[SimPlant, list[tuple[str, int, Span]]]:
    """Return the plant over so many days, and its faults."""
    random = Random(seed)
    begin = 1_700_000_000 * SECOND
    end = begin + days * DAY
    faults = draw_faults(random, begin, days)

    def bad(what: str, number: int) -> Signal[bool]:
        return pulses(span for sort, place, span in faults if (sort, place) == (what, number))

    never: Signal[bool] = pulses(())
    devices = []
    for n in range(PROGRAMMES):
        trip = bad("trip", n)
        silent = bad("no_answer", n)
        devices += [
            SimDevice(f"io{n}", SLOT, DEADLINE, (bad("silence", n),), never),
            SimDevice(f"fm{n}", SLOT, DEADLINE, (inverted(trip), trip, never), silent),
        ]
    starts = range(begin + RESTARTS_EVERY, end - HOUR, RESTARTS_EVERY)
    restarts = tuple((at, at + 20 * SECOND, "clean") for at in starts)
    clock = ClockLife([Shown(begin, 0, NETWORK)], boots=[BootFacts(begin, begin - HOUR)])
    plant = SimPlant(Facts(begin, end), begin, end, tuple(devices), restarts, clock)
    return plant, faults


def problems(faults: Sequence[tuple[str, int, Span]], events: Sequence[Event]) -> list[str]:
    """Return every outage that nobody caused, and every fault without its outage."""
    ended = [json.loads(event.body) for event in events if event.kind == "outage_ended"]
    off = [body for body in ended if body["fault"] == "off_air" and not body["suspected"]]
    wanted = [(f"p{n}", span) for what, n, span in faults if what != "no_answer"]
    found = []
    for name, (start, finish) in wanted:
        alike = [b for b in off if b["programme"] == name and _meets(b, start, finish)]
        if not alike:
            found.append(f"{name}: no outage for the fault from {start} to {finish}")
        elif sum(b["figures"]["least"] for b in alike) > finish - start:
            found.append(f"{name}: more than the fault from {start} to {finish} is booked")
    found += [
        f"{body['programme']}: an outage that nobody caused, {body['began']}"
        for body in off
        if not any(n == body["programme"] and _meets(body, *span) for n, span in wanted)
    ]
    return found


def _meets(body: dict[str, list[int]], start: int, finish: int) -> bool:
    # A silence detector reports up to ten seconds late.
    return body["began"][0] <= finish and start <= body["ended"][1]


class SiteYear(Simulation):
    """Steps of an hour where nothing happens; the marks of each minute are made in them."""

    passed = frozenset({Rank.OVERDUE, Rank.CLOCK_MARK})

    def plan_of(self, setup: Setup) -> Plan:
        """Return the one plan of this site."""
        del setup
        return site_plan()

    def polled(self) -> list[SimDevice]:
        """Return all devices."""
        return list(self.plant.devices)


def simulate(days: int) -> tuple[int, float, list[str]]:
    """Return the number of events, the CPU seconds, and what is wrong."""
    plant, faults = site_plant(SEED, days)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        history = SiteYear(plant, SEED, Path(folder)).run()
        took = time.process_time() - begun
    return len(history.events), took, [*history.problems, *problems(faults, history.events)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_site_year")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    if options.profile:
        profile = cProfile.Profile()
        events, took, wrong = profile.runcall(simulate, options.days)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    else:
        events, took, wrong = simulate(options.days)
    for line in wrong[:20]:
        print(line)
    word = "FAILED" if wrong else "passed"
    devices = 2 * PROGRAMMES
    row = [f"{options.days}", f"{devices}", f"{events:,}", f"{took:.0f} s", word]
    columns = ["days", "devices", "events", "CPU time", "outages"]
    if options.profile or options.days != 365:
        print("  ".join(columns), "  ".join(row), sep="\n")
    else:
        keep("site_year", BenchTable("A year of one site, at most a fault a day", columns, [row]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
