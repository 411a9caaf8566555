"""Ratios, floors and formulas over points of one answer."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.model import Value
from monitord.decoding.formulas import FUNCTIONS, VSWR_MAX, calculate
from monitord.decoding.model import Decoding, DerivedPoint, Floor, Formula
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint
from tests.support.decoding import decoded, value_of

NUMBER = Decoding("number", "W")


def taken(raws: list[Raw], *decodings: Decoding, **derived: Decoding) -> tuple[Value, ...]:
    points = [SnmpPoint(f"p{n}", (1, 3), decoding) for n, decoding in enumerate(decodings)]
    return decoded(raws, [*points, *(DerivedPoint(id_, d) for id_, d in derived.items())])


@pytest.mark.parametrize(
    ("ct", "pt", "value"),
    [(40, 1, 920.0), (40, 100, 92_000.0), (2.5, 1, 57.5), (0, 1, None), (None, 1, None)],
)
def test_a_meter_behind_transformers_is_multiplied_by_their_ratios(
    ct: Raw, pt: Raw, value: float | None
) -> None:
    """230 tenths, current transformer 40:1. A ratio that is missing or zero is no ratio."""
    power = Decoding("number", "W", scale=0.1, times=("p1", "p2"))
    assert taken([230, ct, pt], power, NUMBER, NUMBER)[0] == value


@pytest.mark.parametrize(("by", "value"), [(4, 2.5), (0, None), (-4, None), (None, None)])
def test_a_ratio_may_divide(by: Raw, value: float | None) -> None:
    """Never by zero."""
    assert taken([10, by], Decoding("number", "W", divided_by=("p1",)), NUMBER)[0] == value


@given(st.integers(-(2**40), 2**40), st.integers(1, 2**20))
def test_a_fraction_scales_exactly(raw: int, below: int) -> None:
    """1/256 and 1/3 alike: the nearest float to the true quotient."""
    assert value_of(raw, Decoding("number", scale=Fraction(1, below))) == raw / below


@pytest.mark.parametrize(
    ("forward", "reflected", "vswr"),
    [
        (1000, 0, 1.0),
        (1000, 40, 1.5),
        (1000, 250, 3.0),
        (1000, 1000, VSWR_MAX),
        (1000, 5000, VSWR_MAX),
        (0, 0, None),
        (1000, -1, None),
    ],
)
def test_vswr_follows_from_both_powers(forward: int, reflected: int, vswr: float | None) -> None:
    """4 % reflected is 1.5. All of it reflected is the worst there is, and so no "no value"."""
    found = calculate("vswr", [forward, reflected], None)
    assert found == (None if vswr is None else pytest.approx(vswr, abs=0.001))


@pytest.mark.parametrize(
    ("forward", "reflected", "nominal", "vswr"),
    [
        (51, 0, 1000, 1.0),
        (50, 0, 1000, None),  # not above it
        (None, 0, 1000, None),
        (500, 0, None, None),
    ],
)
def test_a_derived_point_counts_only_above_its_floor(
    forward: Raw, reflected: Raw, nominal: Raw, vswr: float | None
) -> None:
    """5 % of what the transmitter says it should put out."""
    decoding = Decoding(
        "number",
        "ratio",
        only_above=(Floor("p0", 0.05, "p2"),),
        derived=Formula("vswr", ("p0", "p1")),
    )
    assert taken([forward, reflected, nominal], NUMBER, NUMBER, NUMBER, v=decoding)[3] == vswr


@pytest.mark.parametrize(
    ("function", "values", "nominal", "result"),
    [
        ("percent_of_nominal", [300], 1000, 30.0),
        ("percent_of_nominal", [0.3], 1, 30.0),
        ("percent_of_nominal", [300], None, None),
        ("return_loss", [1000, 10], None, 20.0),
        ("return_loss", [1000, 0], None, None),
        ("unbalance", [220, 220, 220], None, 0.0),
        ("unbalance", [230, 220, 210], None, 100 * 10 / 220),
        ("unbalance", [0, 0, 0], None, None),
    ],
)
def test_functions_by_hand(
    function: str, values: list[float], nominal: float | None, result: float | None
) -> None:
    """Worked out on paper."""
    found = calculate(function, values, nominal)
    assert found == (None if result is None else pytest.approx(result))


@example("vswr", [1.0000000000000002, 1.0, 0.0], None)
@example("return_loss", [5e-324, 1e300, 0.0], None)
@given(
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(st.floats(allow_nan=False), min_size=3, max_size=3),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
)
def test_no_numbers_break_a_function(
    function: str, values: list[float], nominal: float | None
) -> None:
    """A finite value, or none."""
    if float("inf") in map(abs, values):
        return  # no point has an infinite value
    found = calculate(function, values[: FUNCTIONS[function].points], nominal)
    assert found is None or abs(found) < float("inf")
