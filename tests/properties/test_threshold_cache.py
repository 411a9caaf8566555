"""The threshold cache changes no truth of any condition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.expression import All, Compare, Expression, Label, Name, Not, Number, truth
from monitord.core.model import SECOND, Answer, Layer, Value
from monitord.core.plan import ConditionPlan, DevicePlan, PointPlan
from monitord.core.threshold_cache import NO_RANGE, thresholds_of
from monitord.core.truths import truths_of

POINTS = ("a", "b", "c")
OPERATORS = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from((-0.5, 0.5, 1.5, 2.0)),
    st.sampled_from(("on", "off")),
)


def statements() -> st.SearchStrategy[Expression]:
    """Return thresholds on one point, either way round, and expressions without a range."""
    name = st.sampled_from(POINTS).map(Name)
    number = st.sampled_from((-1, 0, 0.5, 1, 2.0)).map(Number)
    threshold = st.builds(Compare, OPERATORS, name, number)
    turned = st.builds(Compare, OPERATORS, number, name)
    other = st.one_of(
        name,
        st.builds(Compare, OPERATORS, name, name),
        st.builds(Compare, st.sampled_from(("==", "!=")), name, st.just(Label("on"))),
    )
    leaf = st.one_of(threshold, turned, threshold, other)
    return st.one_of(leaf, leaf.map(Not), st.lists(leaf, min_size=1, max_size=3).map(_all))


def _all(parts: list[Expression]) -> Expression:
    return All(tuple(parts))


@given(
    st.lists(statements(), min_size=1, max_size=5),
    st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=20),
)
def test_truths_are_the_same_with_and_without_the_cache(
    expressions: list[Expression], answers: list[tuple[Value, ...]]
) -> None:
    """After any sequence of answers the cached truths equal those evaluated again."""
    conditions = tuple(
        ConditionPlan(f"d.c{n}", "d", Layer.EMISSION, "no_carrier", when, 0, 0, SECOND)
        for n, when in enumerate(expressions)
    )
    plan = DevicePlan("d", tuple(map(PointPlan, POINTS)), conditions, SECOND, SECOND // 2)
    seen = thresholds_of(plan)
    ranges, values, truths = [], None, []
    for answer in answers:
        asked = list(truths_of(plan, Answer("d", 0, 0, answer)))
        if values is None:
            ranges, truths = [NO_RANGE] * len(POINTS), asked
        else:
            for number in seen.update_ranges(ranges, values, answer):
                by_id = dict(zip(POINTS, answer, strict=True))
                truths[number] = truth(conditions[number].true_when, by_id)
        values = answer
        assert truths == asked


def test_a_number_between_the_same_thresholds_evaluates_no_condition() -> None:
    """Noise on a reading costs no evaluation."""
    hot = ConditionPlan(
        "d.hot", "d", Layer.EMISSION, "no_carrier", Compare(">", Name("a"), Number(70)), 0, 0, 1
    )
    seen = thresholds_of(DevicePlan("d", (PointPlan("a"),), (hot,), SECOND, SECOND // 2))
    ranges = [NO_RANGE]
    assert seen.update_ranges(ranges, (0,), (41.0,)) == {0}
    assert seen.update_ranges(ranges, (41.0,), (42.5,)) == set()
    assert seen.update_ranges(ranges, (42.5,), (70.5,)) == {0}
    assert seen.update_ranges(ranges, (70.5,), (70,)) == {0}
