"""Lines without numbers: the core against a model of what a careful master accepts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.expression import Kind, Name
from monitord.core.inconsistent import DOUBT
from monitord.core.model import Answer, Layer
from monitord.core.plan import Plan
from monitord.core.values import Numbering
from monitord.polling.burst import BURST_EVERY
from tests.properties.scripts import examples
from tests.properties.test_timelines import closed_parts, keep_all, merged
from tests.support.seam import (
    BOUND,
    PEOPLE,
    SECOND,
    T0,
    Driver,
    condition,
    device,
    needs,
    programme,
)
from tests.support.unnumbered_model import ModelTimeline

KINDS = {
    "blind": Kind.BLIND,
    "between": Kind.BETWEEN,
    "True": Kind.TRUE,
    "False": Kind.FALSE,
}


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its value, how long after the one before, and how far back it may reach."""

    value: bool
    gap: int
    reach: int


TOLD = st.builds(
    Told,
    st.sampled_from([True, True, False]),
    st.sampled_from([200_000, SECOND, SECOND, SECOND, 2 * SECOND, 5 * SECOND, 40 * SECOND]),
    st.sampled_from([10_000, 400_000, 1_100_000]),
)


def one_shape() -> Plan:
    """Return one transmitter whose answers do not differ in form."""
    on = condition("tx.on", Layer.EMISSION, "no_carrier", Name("rf"))
    tx = replace(device("tx", ("rf",), on), numbering=Numbering.ONE_SHAPE)
    return Plan("hill", (tx,), (programme("fm", needs("tx", Layer.EMISSION, "tx.on")),), PEOPLE)


@examples(200)
@given(st.lists(TOLD, min_size=1, max_size=80))
def test_what_is_held_between_and_blind_is_as_in_the_model(said: list[Told]) -> None:
    """Two readings turn a condition, one taken back stays between, two taken back are blind."""
    driver = Driver(one_shape(), look=keep_all)
    driver.start(T0)
    model = ModelTimeline(BOUND, DOUBT, T0)
    at, gap = T0, 0
    for one in said:
        # A second reading comes by a burst, or in the next slot where no answer was lost before.
        soon = min(one.gap, SECOND) if gap <= SECOND else BURST_EVERY
        gap = soon if model.suspects else one.gap
        at += gap
        driver.tick([Answer("tx", at - one.reach, at, (one.value,))], at)
        model.believe(one.value, at - one.reach, at)
    expected = merged([(a, b, KINDS[kind]) for a, b, kind in model.end(at + 60 * SECOND)])
    driver.tick([], at + 60 * SECOND)
    found = closed_parts(driver.situation.timelines["tx.on"])
    # The last piece is open; where it is blind it may have a second cause.
    assert found[: len(expected) - 1] == expected[:-1]
    assert all(kind is Kind.BLIND for _, _, kind in found[len(expected) - 1 :])


def test_a_reading_that_nobody_repeats_within_the_bound_is_forgotten() -> None:
    """A later one that agrees is a first one again."""
    driver = Driver(one_shape(), look=keep_all)
    driver.start(T0)
    for after in (SECOND, SECOND + BOUND + 1):
        driver.tick([Answer("tx", T0 + after, T0 + after, (True,))], T0 + after)
    assert driver.situation.timelines["tx.on"].kind is Kind.BLIND
    again = T0 + SECOND + BOUND + 1 + BOUND
    driver.tick([Answer("tx", again, again, (True,))], again)
    line = driver.situation.timelines["tx.on"]
    assert (line.kind, line.start) == (Kind.TRUE, again - BOUND)
