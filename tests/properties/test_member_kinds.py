"""What is kept of the members of a redundant stage, against a look at all after every change."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.expression import Kind, Name
from monitord.core.member_kinds import MemberKinds, Shown, shown_of
from monitord.core.model import Layer
from monitord.core.plan import Elsewhere, FaultPlan, MemberPlan, ProgrammePlan, StagePlan

IDS = ("a", "b", "c", "d", "e")
FAULT = FaultPlan(0, 0, "critical")
NAMES = st.sampled_from(IDS).map(Name)
MEMBERS = st.builds(
    MemberPlan,
    st.just("path"),
    NAMES,
    st.none() | NAMES,
    st.lists(NAMES.map(lambda name: Elsewhere("other", name)), max_size=2).map(tuple),
)
CHANGES = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(Kind)), max_size=30)


def stage_of(members: tuple[MemberPlan, ...]) -> StagePlan:
    """Return a redundant stage."""
    return StagePlan("tx", "own", Layer.EMISSION, members=members)


@given(st.lists(MEMBERS, min_size=1, max_size=5).map(tuple), CHANGES)
def test_the_counts_of_a_stage_are_those_of_its_members(
    members: tuple[MemberPlan, ...], changes: list[tuple[str, Kind]]
) -> None:
    """After every change each count is that of a look at all members."""
    stage = stage_of(members)
    kept = MemberKinds(ProgrammePlan("one", (stage,), FAULT, FAULT, FAULT))
    known = dict.fromkeys(IDS, Kind.BLIND)
    for name, kind in [("a", Kind.BLIND), *changes]:
        known[name] = kind
        kept.turned(name)
        counts = kept.of(stage, known.__getitem__).counts
        shown = [shown_of(each, known.__getitem__) for each in members]
        wanted = {field: sum(getattr(one, field) for one in shown) for field in Shown._fields}
        assert counts == Counter(wanted)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9), st.booleans()), max_size=30),
)
def test_members_are_bad_together_where_every_proof_reaches_the_last_begin(
    begins: list[int], changes: list[tuple[int, int, bool]]
) -> None:
    """Proofs move on, and members begin to be bad again: each time it is as all of them say."""
    members = tuple(MemberPlan(f"{n}", Name(f"{n}"), None) for n in range(len(begins)))
    stage = stage_of(members)
    kept = MemberKinds(ProgrammePlan("one", (stage,), FAULT, FAULT, FAULT))
    begun, proven = dict(enumerate(begins)), dict(enumerate(begins))
    for number, more, turns in [(0, 0, False), *changes]:
        place = number % len(members)
        proven[place] += more
        if turns:
            begun[place] = max(proven.values())
            kept.turned(f"{place}")
        found = kept.of(stage, lambda _: Kind.FALSE).is_held_bad(
            lambda one: begun[int(one.id)], lambda one: proven[int(one.id)]
        )
        assert found is (max(begun.values()) <= min(proven.values()))
