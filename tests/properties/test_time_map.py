"""Trust of the wall clock, compared with an executable model over random lives of a computer.

The model is of the project's design and lies beside the repository; without it this is skipped.
"""

from __future__ import annotations

import importlib
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from monitord.core.clock_quality import ClockQuality, Kernel
from monitord.core.clock_state import ClockNow, Era, Trust
from monitord.core.columns import column_of
from monitord.core.model import Expected
from monitord.core.time_map import Reading, Turn, first_reading, next_reading, person_turn
from tests.properties.scripts import SCALE
from tests.properties.time_map_columns import columns_differ

MODEL = Path(__file__).resolve().parents[3] / "shared" / "model"
LIVES = 1_000
ERROR = 100_000
"""The model takes every synchronised kernel as right within 0.1 s."""
SLACK = 1_500_000
"""The model follows every reading within the bound, core only from 50 ms on; and drift between."""


class Held:
    """Core's side: what it holds after each reading, kept as its folds keep it."""

    def __init__(self, built: int) -> None:
        self.clock = ClockNow()
        self.built = built
        self.boot: int | None = None

    def read(self, r: Any) -> None:
        kernel = Kernel.SYNCHRONISED if r.synced else Kernel.NONE
        quality = ClockQuality(
            kernel, ERROR, r.source, r.rtc_read, second=r.second, second_source=r.second_source
        )
        reading = Reading(r.site, r.wall, quality, self.built)
        if r.boot != self.boot:
            self.boot = r.boot
            self.clock.eras = []
            self._take(first_reading(self.clock, reading), reading.offset)
        else:
            turn = next_reading(self.clock, reading)
            if turn is not None:
                self._take(turn, reading.offset)
            elif r.synced and self.era.trust is Trust.TRUSTED:
                self.era.fixed_at = r.site
        self.mark(r.site)

    def adopt(self, at: int, wall: int) -> None:
        turn = person_turn(self.clock, at, wall)
        if turn is not None:
            self._take(turn, self.clock.label)

    @property
    def era(self) -> Era:
        return self.clock.eras[-1]

    def mark(self, at: int) -> None:
        if self.clock.is_settled:
            self.clock.mark = at + self.era.offset
            self.clock.mark_bound = self.era.bound_at(at)

    def _take(self, turn: Turn, label: int) -> None:
        era = Era(0, turn.offset, turn.trust, turn.bound, turn.fixed_at, list(turn.rivals))
        self.clock.eras = [era]
        self.clock.battery, self.clock.label = turn.battery, label


def load(name: str) -> Any:
    """Return a module of the model."""
    sys.path.insert(0, str(MODEL))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(MODEL))


@pytest.mark.skipif(not (MODEL / "time_map.py").exists(), reason="the model is not here")
def test_core_trusts_the_clock_as_the_model_does() -> None:
    """The same trust, offset and rivals after every reading of every life, people included."""
    check, model = load("check_time_map"), load("time_map")
    seen: dict[str, int] = {}
    different = []
    for seed in range(LIVES):
        different += [f"seed {seed}: {found}" for found in compare(check, model, seed, seen)][:1]
    assert not different, "\n".join(different[:10])
    assert set(seen) == {trust.value for trust in Trust}, seen


@pytest.mark.skipif(not (MODEL / "time_map.py").exists(), reason="the model is not here")
@pytest.mark.parametrize("seed", range(LIVES if SCALE > 1 else 12))
def test_core_and_model_have_the_same_columns(seed: int) -> None:
    """All seconds of a life, but for three points of docs/decisions.md; the job has a thousand."""
    check, model = load("check_time_map"), load("time_map")
    assert columns_differ(check, model, seed) is not None


@pytest.mark.skipif(not (MODEL / "time_map.py").exists(), reason="the model is not here")
@pytest.mark.parametrize("seed", [7, 24, 38])
def test_two_minutes_in_a_wrong_column_are_a_difference(seed: int) -> None:
    """What an edge and a point leave open is less than that."""
    check, model = load("check_time_map"), load("time_map")
    assert columns_differ(check, model, seed) == ()
    assert columns_differ(check, model, seed, wrong=120 * 1_000_000) is None


EXPECTED = {
    "on": {Expected.ON: {"on"}},
    "window": {Expected.WINDOW: {"window"}},
    "closed": {Expected.CLOSED: {"closed"}},
    "unsure": {Expected.UNSURE: {"on", "closed"}},
}
"""What the core calls what may have been expected, and the model's set of it."""
SEEN = {"good": "good", "bad": "bad:no_carrier", "unknown": "unknown:timeout"}


@pytest.mark.skipif(not (MODEL / "time_map.py").exists(), reason="the model is not here")
@pytest.mark.parametrize("expected", EXPECTED)
@pytest.mark.parametrize(
    "possible", [set(found) for n in (1, 2, 3) for found in combinations(SEEN, n)], ids=sorted
)
def test_a_second_is_in_the_column_that_the_model_has_for_it(
    possible: set[str], expected: str
) -> None:
    """Each set of what was possible, with each of what was expected."""
    ((ours, theirs),) = EXPECTED[expected].items()
    found = column_of([SEEN[one] for one in sorted(possible)], ours)
    assert found.value == load("time_map").column(possible, theirs)


def compare(check: Any, model: Any, seed: int, seen: dict[str, int]) -> list[str]:
    """Live one life on both sides; return where they differ."""
    life = check.live(seed)
    ours = Held(check.BUILD)

    class Both(model.TimeMap):  # type: ignore[misc, name-defined]
        def read(self, r: Any) -> None:
            super().read(r)
            ours.read(r)
            span = self.spans[-1]
            held = self.fixes.get(r.boot)
            theirs = held[-1][1] if held else r.wall - r.site
            seen[span.quality] = seen.get(span.quality, 0) + 1
            if span.quality != ours.era.trust.value:
                found.append(f"boot {r.boot} at {r.site}: {span.quality}, {ours.era.trust.value}")
            elif span.quality != "untrusted" and abs(theirs - ours.era.offset) > SLACK:
                found.append(f"boot {r.boot} at {r.site}: offset {theirs - ours.era.offset}")
            elif len(span.rivals) != len(ours.era.rivals):
                found.append(f"boot {r.boot} at {r.site}: {span.rivals}, {ours.era.rivals}")

        def adopt(self, boot: int, site: int, wall: int, bound: int) -> None:
            if bound == model.PERSON:
                ours.adopt(site, wall)
            super().adopt(boot, site, wall, bound)

    found: list[str] = []
    original = check.TimeMap
    check.TimeMap = Both
    try:
        check.watch(life, model.Rules())
    finally:
        check.TimeMap = original
    return found
