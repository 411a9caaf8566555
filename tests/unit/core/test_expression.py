"""Expressions: the truth of a condition in one answer, and the kind of a stage over conditions."""

from __future__ import annotations

import pytest

from monitord.core.chain import proving_turns
from monitord.core.expression import (
    All,
    AnyOf,
    Arithmetic,
    AtLeast,
    Compare,
    Expression,
    Kind,
    Label,
    Name,
    Not,
    Number,
    Operand,
    kind_of,
    names,
    truth,
)
from monitord.core.look import failing_names
from monitord.core.model import Layer, Value
from monitord.core.moments import span_of
from monitord.core.plan import ProgrammePlan, StagePlan
from monitord.core.stage_kinds import KeptKinds
from tests.support.seam import BLIND, OFF_AIR, RESERVE, Watch, fm_site, needs

POWER, LIMIT, MODE = Name("power"), Name("limit"), Name("mode")
HALF = Arithmetic("*", LIMIT, Number(0.5))


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_a_comparison_is_true_on_its_side_of_the_limit(
    operator: str, below: bool, equal: bool, above: bool
) -> None:
    """Just below, at and just above the limit."""
    condition = Compare(operator, POWER, Number(7))
    found = [truth(condition, {"power": value}) for value in (6, 7, 8)]
    assert found == [below, equal, above]
    assert truth(condition, {"power": None}) is None


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_a_text_is_on_no_side_of_a_limit(operator: str) -> None:
    """A label is equal to another one or not; more it cannot be."""
    assert truth(Compare(operator, MODE, Number(1)), {"mode": "auto"}) is None
    assert truth(Compare(operator, Number(1), MODE), {"mode": "auto"}) is None
    assert truth(Compare("==", MODE, Label("auto")), {"mode": "auto"}) is True
    assert truth(Compare("!=", MODE, Label("auto")), {"mode": "auto"}) is False


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (Arithmetic("+", POWER, Number(2)), Number(10), True),
        (Arithmetic("-", POWER, Number(2)), Number(6), True),
        (Arithmetic("*", POWER, Number(2)), Number(16), True),
        (Arithmetic("/", POWER, Number(2)), Number(4), True),
        (Arithmetic("/", POWER, Number(0)), Number(4), None),
        (Arithmetic("+", Label("auto"), POWER), Number(8), None),
        (Arithmetic("+", POWER, Label("auto")), Number(8), None),
        (Arithmetic("-", Arithmetic("*", POWER, POWER), Number(4)), Number(60), True),
    ],
)
def test_arithmetic_is_undefined_where_it_has_no_number(
    left: Operand, right: Operand, expected: bool | None
) -> None:
    """A division by zero, or an operation with a label, proves nothing."""
    assert truth(Compare("==", left, right), {"power": 8}) is expected


def three(expression: Expression, spelled: str) -> bool | None:
    """Return the truth over a, b, c: ``+`` true, ``-`` false, ``?`` absent."""
    values: dict[str, Value] = {
        name: {"+": True, "-": False, "?": None}[sign]
        for name, sign in zip("abc", spelled, strict=True)
    }
    return truth(expression, values)


A, B, C = (Name(letter) for letter in "abc")
UNDECIDED = None


@pytest.mark.parametrize(
    ("expression", "spelled", "expected"),
    [
        (A, "+??", True),
        (A, "?++", UNDECIDED),
        (Not(A), "+??", False),
        (Not(A), "-??", True),
        (Not(A), "?++", UNDECIDED),
        (All((A, B, C)), "+++", True),
        (All((A, B, C)), "+-?", False),
        (All((A, B, C)), "++?", UNDECIDED),
        (AnyOf((A, B, C)), "?+-", True),
        (AnyOf((A, B, C)), "---", False),
        (AnyOf((A, B, C)), "--?", UNDECIDED),
        (AtLeast(2, (A, B, C)), "++-", True),
        (AtLeast(2, (A, B, C)), "+--", False),
        (AtLeast(2, (A, B, C)), "+-?", UNDECIDED),
        (AtLeast(2, (A, B, C)), "?--", False),
    ],
)
def test_absent_values_decide_nothing(
    expression: Expression, spelled: str, expected: bool | None
) -> None:
    """The others decide where they suffice, whatever the absent one is."""
    assert three(expression, spelled) is expected


def test_every_name_of_an_expression_is_found_once_and_in_order() -> None:
    """Names on both sides of a comparison, within arithmetic and below a negation."""
    low = Compare("<", POWER, Arithmetic("*", LIMIT, Number(0.5)))
    expression = All((low, Not(Compare("==", MODE, Label("off"))), AtLeast(1, (POWER, A))))
    assert names(expression) == ("power", "limit", "mode", "a")


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("++-", Kind.TRUE),
        ("+--", Kind.FALSE),
        ("+-~", Kind.BETWEEN),
        ("+~?", Kind.BLIND),
        ("++?", Kind.TRUE),
    ],
)
def test_a_count_is_read_over_conditions(spelled: str, expected: Kind) -> None:
    """Two of three; blind goes before between."""
    kinds = dict(zip("abc", (Kind("-+~?".index(sign)) for sign in spelled), strict=True))
    assert kind_of(AtLeast(2, (A, B, C)), kinds.__getitem__) is expected


LIMITED = StagePlan("tx", "own", Layer.EMISSION, needs=Compare(">", POWER, HALF))


def test_a_comparison_in_a_chain_is_a_mistake_of_the_program() -> None:
    """The configuration refuses it: each reader of a chain says so, and none passes over it."""
    plan = ProgrammePlan("fm", (LIMITED,), OFF_AIR, BLIND, RESERVE)
    nothing = Watch(fm_site()).driver.situation
    assert LIMITED.needs is not None
    for read in (
        lambda: kind_of(LIMITED.needs, {}.__getitem__),
        lambda: failing_names(LIMITED, {}.__getitem__),
        lambda: span_of(nothing, LIMITED.needs, value=False),
        lambda: proving_turns(plan),
        lambda: KeptKinds(plan),
    ):
        with pytest.raises(AssertionError, match="comparisons belong in conditions"):
            read()


def test_a_chain_without_comparisons_is_read() -> None:
    """The control of the refusals: the same readers take a name."""
    stage = needs("tx", Layer.EMISSION, "fm1.radiating")
    plan = ProgrammePlan("fm", (stage,), OFF_AIR, BLIND, RESERVE)
    situation = Watch(fm_site()).hold(3).driver.situation
    assert stage.needs is not None
    since = span_of(situation, stage.needs, value=True)
    assert since[0] <= since[1]
    assert proving_turns(plan)
    assert KeptKinds(plan).stage(stage) is Kind.BLIND
