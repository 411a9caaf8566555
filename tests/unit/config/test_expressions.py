"""Expressions: what they parse to, how they bind, and what late sources do to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.config.devices.conditions import lags
from monitord.config.expressions.grammar import ExpressionError, parse
from monitord.config.expressions.name_resolution import read_chain_expression, read_true_when
from monitord.config.expressions.text import expression_text
from monitord.config.loader.errors import Scope
from monitord.core.expression import (
    All,
    AnyOf,
    Arithmetic,
    AtLeast,
    Compare,
    Expression,
    Label,
    Name,
    Not,
    Number,
    truth,
)
from monitord.core.plan import PointPlan
from monitord.decoding.model import Decoding
from tests.unit.config.samples import loaded

SECOND = 1_000_000
NUMBER, BOOLEAN = Decoding("number", "W"), Decoding("boolean")
MODE = Decoding("enum", labels=((1, "local"), (2, "remote"), (3, "mode")))
POINTS = {"p": NUMBER, "q": NUMBER, "a": BOOLEAN, "b": BOOLEAN, "c": BOOLEAN, "mode": MODE}
P, Q, A, B, C = (Name(name) for name in "pqabc")


def read(text: str) -> Expression:
    scope = Scope("f")
    made = read_true_when(text, POINTS, {"power_w": 1000}, scope)
    assert not scope.errors
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("not a", Not(A)),
        ("not not a", Not(Not(A))),
        ("a or b and c", AnyOf((A, All((B, C))))),
        ("(a or b) and c", All((AnyOf((A, B)), C))),
        ("not a and b", All((Not(A), B))),
        ("a and b and c", All((A, B, C))),
        ("all(a, b)", All((A, B))),
        ("any(a, not b)", AnyOf((A, Not(B)))),
        ("at_least(2, a, b, c)", AtLeast(2, (A, B, C))),
        ("p > 1.5", Compare(">", P, Number(1.5))),
        ("p>=-3", Compare(">=", P, Number(-3))),
        (
            "p + q * 2 < 7",
            Compare("<", Arithmetic("+", P, Arithmetic("*", Q, Number(2))), Number(7)),
        ),
        (
            "p - q - 1 == 0",
            Compare("==", Arithmetic("-", Arithmetic("-", P, Q), Number(1)), Number(0)),
        ),
        (
            "(p + 1) / 2 != q",
            Compare("!=", Arithmetic("/", Arithmetic("+", P, Number(1)), Number(2)), Q),
        ),
        (
            "p >= 0.1 * nominal.power_w",
            Compare(">=", P, Arithmetic("*", Number(0.1), Number(1000))),
        ),
        ("mode == remote", Compare("==", Name("mode"), Label("remote"))),
        ("local != mode", Compare("!=", Name("mode"), Label("local"))),
        ("mode == mode", Compare("==", Name("mode"), Label("mode"))),
        ("not p > 1", Not(Compare(">", P, Number(1)))),
    ],
)
def test_an_expression_means_this(text: str, tree: Expression) -> None:
    """Comparisons bind before not, not before and, and before or; sums and products as ever."""
    assert read(text) == tree


def expressions(depth: int = 3) -> st.SearchStrategy[Expression]:
    """Return statements over POINTS as the reader makes them."""
    operand = st.sampled_from([P, Q]) | st.integers(0, 99).map(Number)
    operand |= st.builds(Arithmetic, st.sampled_from("+-*/"), st.sampled_from([P, Q]), operand)
    compare = st.builds(
        Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.just(P), operand
    )
    leaf: st.SearchStrategy[Expression] = st.sampled_from([A, B, C]) | compare
    if depth == 0:
        return leaf
    inner = expressions(depth - 1)
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    made: st.SearchStrategy[Expression] = st.one_of(
        leaf,
        inner.map(Not),
        parts.map(All),
        parts.map(AnyOf),
        parts.map(lambda of: AtLeast(2, of)),
    )
    return made


@given(expressions(), st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3))
def test_what_is_written_back_means_the_same(
    expression: Expression, values: list[bool | None]
) -> None:
    """``check --explain`` prints what is judged, not something like it."""
    point_values = {**dict(zip("abc", values, strict=True)), "p": 3, "q": 0, "mode": None}
    again = read(expression_text(expression))
    assert truth(again, point_values) is truth(expression, point_values)
    assert expression_text(again) == expression_text(expression)


@given(st.text(alphabet="ab p1.(),<>=!+-*/ \tnotandrl_é'\"\\", max_size=60) | st.text(max_size=40))
def test_any_text_is_parsed_or_refused_with_a_place_in_it(text: str) -> None:
    """Nothing typed into a configuration can end in a traceback."""
    refused = None
    try:
        parse(text)
    except ExpressionError as error:
        refused = error.at
    assert refused is None or 0 <= refused <= len(text)


@pytest.mark.parametrize("opening", ["(", "not ", "all(", "at_least(1, ", "-"])
def test_depth_is_bounded_before_python_is(opening: str) -> None:
    """A thousand characters cannot exhaust the stack."""
    with pytest.raises(ExpressionError):
        parse((opening * 1000)[:990] + "a")


def test_a_long_sum_is_within_the_limits_of_the_core_too() -> None:
    """What is accepted can also be evaluated."""
    text = "+".join(["p"] * 90) + " > 1"
    assert truth(read(text), {"p": 1}) is True


def test_every_unknown_name_of_an_expression_is_reported() -> None:
    """One run is enough to fix an expression."""
    scope = Scope("f")
    assert read_true_when("x and y", POINTS, {}, scope) is None
    assert len(scope.errors) == 2


def test_conditions_of_a_broken_device_are_accepted() -> None:
    """A mistake in a device is reported there, not at every place that names it."""
    scope = Scope("f")
    made = read_chain_expression("fm1.radiating", {"fm1": None}, scope)
    assert made == Name("fm1.radiating")
    assert not scope.errors


LATE = {
    "a": PointPlan("a", agent_refresh_max=1, true_delay_max=10, false_delay_max=100),
    "b": PointPlan("b", agent_refresh_max=5, true_delay_max=0, false_delay_max=0),
    "p": PointPlan("p", agent_refresh_max=2, true_delay_max=20, false_delay_max=30),
}


@pytest.mark.parametrize(
    ("text", "true_lag", "false_lag"),
    [
        ("a", 101, 11),
        ("not a", 11, 101),
        ("not not a", 101, 11),
        ("b", 5, 5),
        ("a and b", 101, 11),
        ("b or not a", 11, 101),
        ("at_least(1, not a, b)", 11, 101),
        ("p > 1", 32, 32),
        ("not p > 1", 32, 32),
        ("b and p > 1", 32, 32),
    ],
)
def test_each_outcome_is_as_late_as_its_source(text: str, true_lag: int, false_lag: int) -> None:
    """True may be old by the delay of false, and the other way round; several by the latest."""
    assert lags(read(text), LATE) == (true_lag, false_lag)


def bounds(folder: Path, point: str, device: str = "") -> tuple[int, int, int]:
    settings = loaded(
        folder,
        ("true_delay_max: 10s, false_delay_max: 2s", point),
        ("    poll_every: 1s\n", f"    poll_every: 1s\n{device}"),
    )
    (condition,) = settings.plan.devices[1].conditions
    return condition.true_lag, condition.false_lag, condition.bound


def test_the_bound_is_two_slots_and_a_deadline(tmp_path: Path) -> None:
    """One lost poll may lie between two answers that still prove what is between them."""
    assert bounds(tmp_path, "true_delay_max: 10s, false_delay_max: 2s") == (
        10 * SECOND,
        2 * SECOND,
        2_800_000,
    )


def test_a_points_own_bound_wins(tmp_path: Path) -> None:
    """The station may know its source better."""
    assert bounds(tmp_path, "continuity_bound: 2s")[2] == 2 * SECOND


def test_of_several_bounds_the_smallest_wins(tmp_path: Path) -> None:
    """A statement is proven between two answers only as far as each of its points is."""
    settings = loaded(
        tmp_path,
        ("points: {", "points: {z: {table: coil, wire_address: 9, continuity_bound: 2500ms}, "),
        ("true_delay_max: 10s", "continuity_bound: 2s"),
        ("true_when: not audio_silent", "true_when: not audio_silent and z"),
    )
    assert settings.plan.devices[1].conditions[0].bound == 2 * SECOND


def test_a_devices_cache_is_that_of_its_points(tmp_path: Path) -> None:
    """A cache is mostly the agent's, and then every point's."""
    assert bounds(tmp_path, "true_delay_max: 1s", "    agent_refresh_max: 3s\n")[:2] == (
        4 * SECOND,
        3 * SECOND,
    )


def test_a_points_own_cache_wins_over_the_devices(tmp_path: Path) -> None:
    """Some objects are fresher than the rest of their agent."""
    assert bounds(tmp_path, "agent_refresh_max: 0s", "    agent_refresh_max: 3s\n")[:2] == (0, 0)
