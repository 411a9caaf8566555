"""What is kept of the stages of a chain against the same looked up after every change."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.chain import carrying
from monitord.core.expression import All, AnyOf, AtLeast, Expression, Kind, Name, Not, kind_of
from monitord.core.look import Looked, failing_names, kinds_of
from monitord.core.model import Layer
from monitord.core.plan import (
    DegradedPlan,
    Elsewhere,
    FaultPlan,
    MemberPlan,
    ProgrammePlan,
    StagePlan,
    WitnessPlan,
)
from monitord.core.stage_kinds import KeptKinds, Span

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
SPANS = st.tuples(st.integers(0, 9), st.integers(0, 9))
TURNS = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(Kind), SPANS), max_size=30)


def began(expression: Expression, known: dict[str, tuple[Kind, Span]], end: int) -> int | None:
    """Return when an expression took its kind: the moment of the last condition needed for it."""
    kind = kind_of(expression, lambda name: known[name][0])
    if kind not in (Kind.TRUE, Kind.FALSE):
        return None
    match expression:
        case Name(id=name):
            return known[name][1][end]
        case Not(of=inner):
            return began(inner, known, end)
        case All(of=parts):
            count = len(parts)
        case AnyOf(of=parts):
            count = 1
        case AtLeast(count=count, of=parts):
            pass
        case _:
            raise AssertionError
    alike = [part for part in parts if kind_of(part, lambda name: known[name][0]) is kind]
    moments = sorted(moment for part in alike if (moment := began(part, known, end)) is not None)
    return moments[(count if kind is Kind.TRUE else len(parts) - count + 1) - 1]


@given(EXPRESSIONS, EXPRESSIONS, TURNS)
def test_what_is_kept_of_a_stage_says_since_when_and_by_what(
    needs: Expression, other: Expression, turns: list[tuple[str, Kind, Span]]
) -> None:
    """Begin and failing conditions are those that a walk over the expression finds."""
    everything = AnyOf(tuple(Name(name) for name in IDS))
    chain = (
        StagePlan("link", "own", Layer.EMISSION, needs=needs),
        StagePlan("both", "own", Layer.EMISSION, needs=All((needs, other))),
        StagePlan("all", "own", Layer.EMISSION, needs=everything),
    )
    kept = KeptKinds(ProgrammePlan("one", chain, FAULT, FAULT, FAULT))
    known: dict[str, tuple[Kind, Span]] = dict.fromkeys(IDS, (Kind.BLIND, (0, 0)))
    kinds = kinds_of(lambda name: (known[name][0], ""))
    for name, kind, span in turns:
        known[name] = kind, span
        kept.set(name, kind, "", span)
        for stage in chain:
            failing = failing_names(stage, kinds)
            assert tuple(dict.fromkeys(kept.all_failing(stage))) == failing
            assert [each for each in IDS if kept.fails(stage, each)] == sorted(failing)
            found = kept.began(stage) or (None, None)
            assert found == tuple(began(carrying(stage), known, end) for end in (0, 1))


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS, CHANGES)
@example(Not(All((Name("a"),))), Name("a"), Name("a"), [("a", Kind.TRUE, "timeout")])
def test_what_is_kept_of_a_stage_is_what_a_look_shows(
    needs: Expression,
    other: Expression,
    worse: Expression,
    changes: list[tuple[str, Kind, str]],
) -> None:
    """Kind, first failing condition, first undecided one and cause are equal after each change."""
    # A condition that nothing uses has no place in a programme.
    everything = AnyOf(tuple(Name(name) for name in IDS))
    elsewhere = (Elsewhere("tv", worse),)
    members = (MemberPlan("one", needs, None), MemberPlan("two", other, None, elsewhere))
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
                found = kept.undecided(stage, undecided)
                assert found == looked.undecided(stage, undecided)
                assert found is not None
                assert kept.cause(found) == looked.cause(found)
        assert kept.degraded(chain[2], 0) is looked.degraded(chain[2], 0)
        if kept.degraded(chain[2], 0) is Kind.BLIND:
            assert kept.quality_blind(chain[2], 0) == looked.quality_blind(chain[2], 0)
        assert kept.witness(roof) == looked.witness(roof)
        assert kept.cause(name) == looked.cause(name) == cause


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS, st.permutations(IDS), st.lists(st.booleans()))
def test_what_is_gathered_of_stages_is_bad_where_a_look_shows_one_bad(
    needs: Expression, other: Expression, third: Expression, order: list[str], held: list[bool]
) -> None:
    """Conditions that are proven one after the other decide as all of them together do."""
    elsewhere = (Elsewhere("tv", third),)
    members = (MemberPlan("one", needs, None), MemberPlan("two", other, None, elsewhere))
    everything = AnyOf(tuple(Name(name) for name in IDS))
    chain = (
        StagePlan("pair", "own", Layer.EMISSION, members=members),
        StagePlan("link", "own", Layer.EMISSION, needs=third),
    )
    roof = WitnessPlan("roof", Layer.EMISSION, everything)
    kept = KeptKinds(ProgrammePlan("one", chain, FAULT, FAULT, FAULT, witnesses=(roof,)))
    known = dict.fromkeys(IDS, (Kind.BETWEEN, ""))
    looked, gathered = Looked(known.__getitem__), kept.gather()
    for name, value in zip(order, held, strict=False):
        known[name] = Kind(value), ""
        gathered.store(kept.leaf(name), Kind(value))
        assert gathered.has(kept.leaf(name))
        assert gathered.is_bad is any(looked.stage(stage) is Kind.FALSE for stage in chain)
