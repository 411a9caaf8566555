"""What is kept of the stages of a chain against the same looked up after every change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.expression import All, AnyOf, AtLeast, Expression, Kind, Name, Not
from monitord.core.look import Looked
from monitord.core.model import Layer
from monitord.core.plan import (
    DegradedPlan,
    FaultPlan,
    MemberPlan,
    ProgrammePlan,
    StagePlan,
    WitnessPlan,
)
from monitord.core.stage_kinds import KeptKinds

IDS = ("a", "b", "c", "d")
FAULT = FaultPlan(0, 0, "critical")


def branches(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    parts = st.lists(inner, min_size=1, max_size=4).map(tuple)
    enough = parts.flatmap(
        lambda of: st.builds(AtLeast, st.integers(1, len(of)), st.just(of)),
    )
    return st.one_of(inner.map(Not), parts.map(All), parts.map(AnyOf), enough)


EXPRESSIONS = st.recursive(st.sampled_from(IDS).map(Name), branches, max_leaves=10)
CHANGES = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(Kind), st.sampled_from(("timeout", "absent"))),
    max_size=30,
)


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS, CHANGES)
def test_what_is_kept_of_a_stage_is_what_a_look_shows(
    needs: Expression,
    other: Expression,
    worse: Expression,
    changes: list[tuple[str, Kind, str]],
) -> None:
    """Kind, first failing condition, first undecided one and cause are equal after each change."""
    # A condition that nothing uses has no place in a programme.
    everything = AnyOf(tuple(Name(name) for name in IDS))
    members = (MemberPlan("one", needs, None), MemberPlan("two", other, None))
    chain = (
        StagePlan("pair", "own", Layer.EMISSION, members=members),
        StagePlan("link", "own", Layer.EMISSION, needs=needs),
        StagePlan("all", "own", Layer.EMISSION, everything, (), (DegradedPlan(worse, "poor"),)),
    )
    roof = WitnessPlan("roof", Layer.EMISSION, needs, other)
    kept = KeptKinds(ProgrammePlan("one", chain, FAULT, FAULT, FAULT, witnesses=(roof,)))
    known = dict.fromkeys(IDS, (Kind.BLIND, ""))
    looked = Looked(known.__getitem__)
    for name, kind, cause in changes:
        known[name] = kind, cause
        kept.set(name, kind, cause)
        for stage in chain:
            assert kept.stage(stage) is looked.stage(stage)
            assert kept.failing(stage) == looked.failing(stage)
            if (undecided := kept.stage(stage)) in (Kind.BETWEEN, Kind.BLIND):
                assert kept.undecided(stage, undecided) == looked.undecided(stage, undecided)
        assert kept.degraded(chain[2], 0) is looked.degraded(chain[2], 0)
        if kept.degraded(chain[2], 0) is Kind.BLIND:
            assert kept.quality_blind(chain[2], 0) == looked.quality_blind(chain[2], 0)
        assert kept.witness(roof) == looked.witness(roof)
        assert kept.cause(name) == looked.cause(name) == cause
