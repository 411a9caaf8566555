"""Plays random readings of a line without numbers to the core and to the executable model.

Owns the draw and the mapping; ``unnumbered_line.py`` beside the architecture has the model's rules.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from monitord.core.expression import Kind, Name
from monitord.core.inconsistent import DOUBT
from monitord.core.model import Answer, Layer
from monitord.core.plan import Plan
from monitord.core.values import Numbering
from tests.properties.test_timelines import closed_parts, keep_all, merged
from tests.support.incident_model import module
from tests.support.seam import (
    BOUND,
    PEOPLE,
    SECOND,
    T0,
    Driver,
    condition,
    device,
    needs,
    programme,
)

Part = tuple[int, int, Kind]
KINDS = {True: Kind.TRUE, False: Kind.FALSE, "between": Kind.BETWEEN, "blind": Kind.BLIND}
GAPS = (200_000, SECOND, SECOND, SECOND, 2 * SECOND, 5 * SECOND, 40 * SECOND)
"""Between two readings: a burst, a slot, lost answers, a line that was out."""
STEADY = (200_000, 400_000, SECOND)
"""Gaps of a line on which no answer is lost: two in a row lie within the bound."""
REACHES = (10_000, 400_000, 1_100_000)
"""How far back of its answer a reading may begin."""


class Reading(NamedTuple):
    value: bool
    not_before: int
    not_after: int


def drawn(seed: int, *, steady: bool = False) -> list[Reading]:
    """Return up to 80 readings of one condition, two of three good. ``steady``: none is lost."""
    dice = random.Random(seed)
    found, at = [], 0
    for _ in range(dice.randrange(1, 80)):
        at += dice.choice(STEADY if steady else GAPS)
        found.append(Reading(dice.random() < 0.66, at - dice.choice(REACHES), at))
    return found


def one_shape() -> Plan:
    """Return one transmitter whose answers do not differ in form."""
    on = condition("tx.on", Layer.EMISSION, "no_carrier", Name("rf"))
    tx = replace(device("tx", ("rf",), on), numbering=Numbering.ONE_SHAPE)
    return Plan("hill", (tx,), (programme("fm", needs("tx", Layer.EMISSION, "tx.on")),), PEOPLE)


def core_parts(readings: list[Reading]) -> list[Part]:
    """Return what the core holds of the condition, up to the last answer."""
    driver = Driver(one_shape(), look=keep_all)
    driver.start(T0)
    for one in readings:
        answer = Answer("tx", T0 + one.not_before, T0 + one.not_after, (one.value,))
        driver.tick([answer], T0 + one.not_after)
    end = T0 + readings[-1].not_after + 60 * SECOND
    driver.tick([], end)
    found = closed_parts(driver.situation.timelines["tx.on"])
    return [(begin - T0, finish - T0, kind) for begin, finish, kind in found]


POINTS = {
    "lost": "the old value is lost after the bound, though the second reading of a new one comes",
    "forgotten": "a reading that none repeats within the bound is a first one no more",
}
"""Points of "a line without numbers" in docs/decisions.md: the model has no bound there."""


@cache
def _master() -> Any:
    """Return the model's master with our rule in the place of the points that it is given."""
    line = module("unnumbered_line")
    line.BOUND, line.DOUBT = BOUND, DOUBT  # type: ignore[attr-defined]

    class Losing(line.Timeline):  # type: ignore[misc, name-defined]
        def lose(self, now: int) -> None:
            if self.value is not None and now - self.after > BOUND:
                self._close(self.before, self.value)
                self.value, self.is_widened = None, False

    class OurMaster(line.Master):  # type: ignore[misc, name-defined]
        def __init__(self, rules: Any, points: Collection[str]) -> None:
            super().__init__(rules, "vendor", None)
            self.points = points
            self.timeline = Losing()

        def believe(self, one: Reading) -> None:
            if "lost" in self.points:
                self.timeline.lose(one.not_after)
            late = self.suspects and one.not_after - self.suspects[-1][2] > BOUND
            if "forgotten" in self.points and late:
                self.suspects = []
            self._believe(*one)

    return OurMaster


def model_parts(readings: list[Reading], points: Collection[str]) -> list[Part]:
    """Return what the model holds with these of our points in it."""
    line = module("unnumbered_line")
    rules = line.Rules("planned", reach=1, is_alternating=True, agree=2, is_careful=True)
    master = _master()(rules, points)
    for one in readings:
        master.believe(one)
    master.timeline.end(readings[-1].not_after + 60 * SECOND)
    return merged([(a, b, KINDS[kind]) for a, b, kind in master.timeline.pieces])


def difference(readings: list[Reading], core: list[Part]) -> tuple[str, ...] | None:
    """Return the fewest points that make the model equal to the core; None where they do not.

    The last part is open in the core: it is blind there, if it is in the model.
    """
    for points in ((), ("lost",), ("forgotten",), tuple(POINTS)):
        theirs = model_parts(readings, points)
        last = len(theirs) - 1
        if core[:last] == theirs[:-1] and all(kind is Kind.BLIND for _, _, kind in core[last:]):
            return points
    return None
