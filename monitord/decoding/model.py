"""The decoding rules of points, as data."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Floor:
    """A value is used only while ``point`` is above ``least``, in the unit of that point.

    ``of``: the point that ``least`` is a fraction of; empty: ``least`` is absolute.
    """

    point: str
    least: float
    of: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A value calculated from others. ``function``: a key of ``formulas.FUNCTIONS``.

    ``nominal``: the site's figure, in the unit of the first point, where the function needs one.
    """

    function: str
    points: tuple[str, ...]
    nominal: float | None = None


@dataclass(frozen=True, slots=True)
class CounterRule:
    """How a counter of ``width`` bits is decoded: its rate per second, or its increase.

    ``over``: microseconds of the window; 0: since the answer before. ``since``: the point with the
    running time of the device. ``rate_max``: in the unit per second, the maximum of a true
    increase; it separates a wrap from a counter that started at zero.
    """

    width: int
    counts: str = "rate"  # "rate" | "increase"
    over: int = 0
    since: str = ""
    rate_max: float | None = None


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a raw value becomes a ``Value``.

    number = raw * scale + offset, in ``unit``. ``labels``: (raw integer, label) of an enum; a raw
    value without a label is absent, never a number. ``truth``: integers that mean true.
    ``absent``: raw values that mean "no value" (sentinels); ``absent_ranges``: (first, last) of
    ranges of them.

    Dependencies on other points of the same answer: ``times_ten_to``: (sign, point); the sum of
    these points is an exponent of ten. ``times`` and ``divided_by``: ratios. ``only_if``: (point,
    label) of enums that must have that label, or this value is absent. ``only_above``: floors that
    must be exceeded, or this value is absent.

    ``charset``: of texts; empty: UTF-8 where they are valid, else latin-1. ``decimal_comma``: in
    numbers in texts. ``counter``: the raw value counts up and wraps. ``wraps``: bits of a running
    time that wraps. ``derived``: calculated from other points, without a raw value.

    Plausibility (``decoding/plausibility.py``): ``minimum`` and ``maximum`` in the unit, both
    inside the range; ``change_max`` in the unit per second; ``frozen_after`` in microseconds, 0:
    never.
    """

    kind: str  # "number" | "boolean" | "enum" | "text"
    unit: str = ""
    scale: float | Fraction = 1
    offset: float = 0
    labels: tuple[tuple[int, str], ...] = ()
    truth: tuple[int, ...] = (1,)
    absent: tuple[int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    absent_ranges: tuple[tuple[int, int], ...] = ()
    times_ten_to: tuple[tuple[int, str], ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()
    times: tuple[str, ...] = ()
    divided_by: tuple[str, ...] = ()
    only_above: tuple[Floor, ...] = ()
    charset: str = ""
    decimal_comma: bool = False
    counter: CounterRule | None = None
    wraps: int = 0
    derived: Formula | None = None
    change_max: float | None = None
    frozen_after: int = 0

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The points that must be decoded first."""
        named = [name for _, name in self.times_ten_to]
        named += [*self.times, *self.divided_by, *(name for name, _ in self.only_if)]
        for floor in self.only_above:
            named += [floor.point, *([floor.of] if floor.of else [])]
        if self.counter is not None and self.counter.since:
            named.append(self.counter.since)
        return (*named, *(self.derived.points if self.derived else ()))


class SourcePoint(Protocol):
    """One point of a device, of any protocol."""

    @property
    def id(self) -> str: ...

    @property
    def decoding(self) -> Decoding: ...

    @property
    def where(self) -> str:
        """The object or register it is read from, for people."""


@dataclass(frozen=True, slots=True)
class DerivedPoint:
    """A value calculated from other points of the same answer; no reader reads it."""

    id: str
    decoding: Decoding

    @property
    def where(self) -> str:
        """The formula, for people."""
        formula = self.decoding.derived
        return f"{formula.function}({', '.join(formula.points)})" if formula else ""
