"""What is gathered of stages, over every pair of small expressions and every order of proofs."""

from __future__ import annotations

from itertools import product

import pytest

from monitord.core.chain import carrying
from monitord.core.expression import All, AnyOf, Expression, Kind, Name, Not, kind_of
from monitord.core.look import failing_names, kinds_of
from monitord.core.model import Layer
from monitord.core.plan import Elsewhere, FaultPlan, MemberPlan, ProgrammePlan, StagePlan
from monitord.core.stage_kinds import KeptKinds

A, B = Name("a"), Name("b")
FAULT = FaultPlan(0, 0, "critical")
EXPRESSIONS: tuple[Expression, ...] = (
    *(A, B, Not(A), Not(B), All((A, B)), AnyOf((A, B))),
    *(Not(AnyOf((A, B))), AnyOf((Not(A), B)), All((AnyOf((A, B)), B))),
)


@pytest.mark.parametrize("first", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_a_condition_under_several_stages_decides_each_of_them(first: Expression) -> None:
    """Also where it decides again what another condition has decided."""
    for second, order, values in product(
        EXPRESSIONS, ("ab", "ba"), product((False, True), repeat=2)
    ):
        both = StagePlan("both", "own", Layer.EMISSION, needs=AnyOf((A, B, Not(A))))
        chain = tuple(
            StagePlan(name, "own", Layer.EMISSION, needs=needs)
            for name, needs in (("first", first), ("second", second))
        )
        kept = KeptKinds(ProgrammePlan("one", (*chain, both), FAULT, FAULT, FAULT))
        gathered, known = kept.gather(), dict.fromkeys("ab", Kind.BETWEEN)
        for name, value in zip(order, values, strict=True):
            known[name] = Kind(value)
            gathered.store(kept.leaf(name), Kind(value))
            kinds = [kind_of(carrying(stage), known.__getitem__) for stage in chain]
            assert gathered.is_bad is (Kind.FALSE in kinds)


def test_a_condition_that_nothing_has_set_is_blind_for_no_cause() -> None:
    """A stage of it is blind, and names it."""
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=A)
    kept = KeptKinds(ProgrammePlan("one", (stage,), FAULT, FAULT, FAULT))
    assert (kept.stage(stage), kept.undecided(stage, Kind.BLIND)) == (Kind.BLIND, "a")
    assert kept.cause("a") == ""


def test_a_member_that_serves_another_programme_too_fails_by_what_it_carries_here() -> None:
    """Of every combination: those of a walk over the stage, and none of the other programme."""
    elsewhere = (Elsewhere("tv", Name("c")),)
    members = (MemberPlan("one", A, None), MemberPlan("two", B, None, elsewhere))
    stage = StagePlan("pair", "own", Layer.EMISSION, members=members)
    kept = KeptKinds(ProgrammePlan("one", (stage,), FAULT, FAULT, FAULT))
    for kinds in product(Kind, repeat=3):
        known = dict(zip("abc", kinds, strict=True))
        for name, kind in known.items():
            kept.set(name, kind, "")
        failing = failing_names(stage, kinds_of(lambda name, known=known: (known[name], "")))
        assert tuple(dict.fromkeys(kept.all_failing(stage))) == failing
        assert [name for name in "abc" if kept.fails(stage, name)] == sorted(failing)


@pytest.mark.parametrize("needs", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_a_stage_is_what_its_conditions_show_from_the_begin_on(needs: Expression) -> None:
    """Also while the first of them has not been set, and whichever is set first."""
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=needs)
    every = StagePlan("every", "own", Layer.EMISSION, needs=AnyOf((A, B)))
    for order, kinds in product(("ab", "ba"), product(Kind, repeat=2)):
        kept = KeptKinds(ProgrammePlan("one", (stage, every), FAULT, FAULT, FAULT))
        known = dict.fromkeys("ab", Kind.BLIND)
        looked = kinds_of(lambda name, known=known: (known[name], ""))
        for name, kind in zip(order, kinds, strict=True):
            known[name] = kind
            kept.set(name, kind, "")
            assert kept.stage(stage) is kind_of(needs, known.__getitem__)
            failing = failing_names(stage, looked)
            assert tuple(dict.fromkeys(kept.all_failing(stage))) == failing
            assert kept.failing(stage) == next(iter(failing), None)
