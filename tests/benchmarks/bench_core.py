"""What evaluation costs: microseconds an answer of the production core, by how much changes.

Run: ``python -m tests.benchmarks.bench_core``. Prints and keeps; nothing is asserted, and no limit
of wall time ends it. Answers of ten thousand devices in slots of 50 ms.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Iterator

from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Input, Started, Value
from monitord.core.pipeline import advance
from monitord.core.plan import Plan
from monitord.core.situation import Situation
from tests.benchmarks.figures import keep
from tests.benchmarks.scale_plan import POINTS, scale_plan, wide_plan
from tests.long.results import BenchTable
from tests.support.calendars import given

T0 = 1_000_000 * SECOND
WALL = 1_700_000_000 * SECOND
SLOTS = 20


def started(plan: Plan) -> Situation:
    """Return a Situation at the moment of a start."""
    situation = Situation(plan, Durable())
    always = ((WALL - 10**12, WALL + 10**15, "on"),)
    calendar = given(T0, {programme.id: always for programme in plan.programmes})
    begin = Started(T0, WALL, "boot", "config", None)
    advance(situation, [begin, calendar], T0)
    return situation


class Site:
    """Devices that answer each second; ``share`` of them with ``changed`` values moved."""

    def __init__(self, count: int, share: float, changed: int) -> None:
        self.count = count
        self.values: list[tuple[Value, ...]] = [(50.0,) * POINTS] * count
        self._random = random.Random(1)
        self._share = share
        self._changed = changed

    def slot(self, second: int, slot: int) -> Iterator[Input]:
        """Yield the answers that one slot of a second brings."""
        at = T0 + second * SECOND + slot * SECOND // SLOTS
        for number in range(slot, self.count, SLOTS):
            if self._random.random() < self._share:
                values = list(self.values[number])
                for place in self._random.sample(range(POINTS), self._changed):
                    values[place] = 20.0 + self._random.random() * 60
                self.values[number] = tuple(values)
            yield Answer(f"d{number}", at - 20_000, at, self.values[number])


def measure(count: int, share: float, changed: int, seconds: int = 5) -> float:
    """Return microseconds of CPU that the core takes for one answer."""
    situation, site = started(scale_plan(count)), Site(count, share, changed)
    spent = 0.0
    for second in range(1, seconds + 8):
        for slot in range(SLOTS):
            inputs = list(site.slot(second, slot))
            begun = time.process_time()
            advance(situation, inputs, T0 + second * SECOND + slot * SECOND // SLOTS)
            if second > 7:
                spent += time.process_time() - begun
    return spent / (seconds * count) * 1e6


SIZES = (1_000, 10_000)
CHANGES = {
    "none": (0.0, 0),
    "5 %, 8 values each": (0.05, 8),
    "half, 8 values each": (0.5, 8),
    "all, 15 values each": (1.0, 15),
}


def cost_of_evaluating_an_answer() -> None:
    """Print and keep what one answer costs the core."""
    gc.collect()
    gc.freeze()
    rows = [
        [name, *(f"{measure(count, share, changed):.2f}" for count in SIZES)]
        for name, (share, changed) in CHANGES.items()
    ]
    title = "Microseconds of CPU an answer, 20 conditions a device"
    columns = ["of the answers change", *(f"{count:,} devices" for count in SIZES)]
    keep("core", BenchTable(title, columns, rows))


WIDE = ((500, 20), (1_000, 20), (5_000, 20), (5_000, 5))
"""Devices, and conditions of each: as many as points, and as many as in the bench of the daemon."""


def start_of_one_stage(count: int, conditions: int) -> tuple[float, float]:
    """Return seconds of CPU from a start until the stage is judged, and until all answered twice.

    Judged: every device answered, and the record says that the programme is on air.
    """
    begun = time.process_time()
    situation, site = started(wide_plan(count, conditions)), Site(count, 0.0, 0)
    judged = 0.0
    for second in (1, 2):
        for slot in range(SLOTS):
            at = T0 + second * SECOND + slot * SECOND // SLOTS
            advance(situation, list(site.slot(second, slot)), at)
            if not judged and situation.durable.programmes["programme0"].piece.possible == ["good"]:
                judged = time.process_time() - begun
    return judged, time.process_time() - begun


def cost_of_a_start_with_one_wide_stage() -> None:
    """Print and keep how the start grows with the devices behind one stage."""
    gc.collect()
    spent = {wide: start_of_one_stage(*wide) for wide in WIDE}
    first = spent[WIDE[0]][1] / WIDE[0][0]
    rows = [
        [
            f"{count:,}",
            str(conditions),
            f"{judged:.2f}",
            f"{both:.2f}",
            f"{both / count / first:.2f}",
        ]
        for (count, conditions), (judged, both) in spent.items()
    ]
    title = "CPU seconds of a start with one stage behind all devices"
    columns = ["devices", "conditions of each", "until it is judged", "two answers of each"]
    columns.append("a device, ratio to row 1")
    keep("core", BenchTable(title, columns, rows))


def main() -> int:
    cost_of_evaluating_an_answer()
    cost_of_a_start_with_one_wide_stage()
    return 0


if __name__ == "__main__":
    sys.exit(main())
