"""What is known of stages, kept condition by condition: the same as a look from scratch."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from monitord.core.expression import All, AnyOf, AtLeast, Expression, Kind, Name, Not, kind_of
from monitord.core.look import ASSIGNED_TWICE, failing_names, stage_kind, undecided_name
from monitord.core.model import Layer
from monitord.core.plan import DegradedPlan, Elsewhere, MemberPlan, StagePlan, WitnessPlan
from monitord.core.stage_kinds import KeptKinds
from tests.support.seam import programme

A, B, C = (Name(letter) for letter in "abc")
EXPRESSIONS: tuple[Expression, ...] = (
    A,
    Not(A),
    Not(Not(A)),
    All((A, B, C)),
    AnyOf((A, B, C)),
    AtLeast(2, (A, B, C)),
    Not(AnyOf((A, B))),
    All((Not(AnyOf((A, B))), C)),
    All((AnyOf((A, Not(B))), AtLeast(1, (B, C)))),
    AnyOf((All((A, B)), Not(C))),
)


@pytest.mark.parametrize("needs", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_every_combination_of_three_conditions_is_kept_as_it_is_looked_up(
    needs: Expression,
) -> None:
    """All 64, each reached from the one before: kind, first failing and first undecided."""
    stage = StagePlan("link", "own", Layer.EMISSION, needs, (), (DegradedPlan(needs, "low"),))
    kept = KeptKinds(programme("tv", stage))
    used = failing_leaves(needs)
    for kinds in product(Kind, repeat=3):
        known = dict(zip("abc", kinds, strict=True))
        for name in used:
            kept.set(name, known[name], f"why_{name}")
        look = known.__getitem__
        assert kept.stage(stage) is kept.degraded(stage, 0) is kind_of(needs, look)
        failing = failing_names(stage, look)
        assert tuple(dict.fromkeys(kept.all_failing(stage))) == failing
        assert [name for name in "abc" if kept.fails(stage, name)] == sorted(failing)
        if kept.stage(stage) is Kind.FALSE:
            assert kept.failing(stage) == failing[0]
        if kept.stage(stage) is Kind.TRUE:
            assert kept.failing(stage) is None
        for kind in (Kind.BETWEEN, Kind.BLIND):
            if kept.stage(stage) is kind:
                assert kept.undecided(stage, kind) == undecided_name(stage, look, kind)
        if kept.stage(stage) is Kind.BLIND:
            name = kept.quality_blind(stage, 0)
            assert name is not None
            assert kept.cause(name) == f"why_{name}"


def failing_leaves(expression: Expression) -> list[str]:
    """Return the letters of an expression."""
    return [letter for letter in "abc" if f"id='{letter}'" in repr(expression)]


def test_a_shared_member_is_kept_as_it_is_looked_up() -> None:
    """Proven for two programmes at once it is blind for this one, and says so."""
    shared = MemberPlan("spare", A, None, (Elsewhere("tv2", B),))
    stage = StagePlan("tx", "own", Layer.EMISSION, members=(shared, MemberPlan("own", C, None)))
    kept = KeptKinds(programme("tv", stage))
    twice = set()
    for kinds in product(Kind, repeat=3):
        known = dict(zip("abc", kinds, strict=True))
        for name, kind in known.items():
            kept.set(name, kind, f"why_{name}")
        look = known.__getitem__
        assert kept.stage(stage) is stage_kind(stage, look)
        assert tuple(dict.fromkeys(kept.all_failing(stage))) == failing_names(stage, look)
        for kind in (Kind.BETWEEN, Kind.BLIND):
            found = undecided_name(stage, look, kind)
            if kept.stage(stage) is kind:
                assert kept.undecided(stage, kind) == found
            if found == ASSIGNED_TWICE:
                twice.add((known["a"], known["b"], kind))
    assert twice == {(Kind.TRUE, Kind.TRUE, Kind.BLIND)}
    assert undecided_name(stage, lambda _: Kind.TRUE, Kind.BETWEEN) is None


@pytest.mark.parametrize("kind", Kind)
def test_a_witness_is_healthy_where_nothing_says_otherwise(kind: Kind) -> None:
    """With a reference, its health is what is known of the reference."""
    plain = WitnessPlan("roof", Layer.EMISSION, A)
    checked = WitnessPlan("mast", Layer.EMISSION, A, Not(B))
    stage = StagePlan("tx", "own", Layer.EMISSION, C)
    kept = KeptKinds(replace(programme("tv", stage), witnesses=(plain, checked)))
    kept.set("a", kind, "")
    kept.set("b", Kind.FALSE, "")
    assert kept.witness(plain) == (kind, Kind.TRUE)
    assert kept.witness(checked) == (kind, Kind.TRUE)
    kept.set("b", Kind.TRUE, "")
    assert kept.witness(checked) == (kind, Kind.FALSE)
