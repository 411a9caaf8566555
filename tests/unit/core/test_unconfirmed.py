"""Readings that count only with a second one, rule by rule: each on the one that waits."""

from __future__ import annotations

import pytest

from monitord.core.model import Evidence
from monitord.core.unconfirmed import Unconfirmed, Weighed, Weight, weigh

BOUND = 10


def read(value: bool, at: int = 20) -> Evidence:
    """Return a reading received at a moment."""
    return Evidence("tx.radiating", value, at - 1, at)


def waits(value: bool, *, at: int = 15, widens: bool = False) -> Unconfirmed:
    return Unconfirmed(read(value, at), widens)


@pytest.mark.parametrize("held", [True, False, None])
def test_a_sure_reading_counts_by_itself(held: bool | None) -> None:
    """Whatever is held, and nothing waits behind it."""
    assert weigh(None, read(False), Weight.SURE, held, BOUND) == Weighed((read(False),))


def test_an_unsure_reading_counts_where_it_agrees_with_the_value_that_is_held() -> None:
    """The first one and the second agree already."""
    assert weigh(None, read(True), Weight.UNSURE, True, BOUND) == Weighed((read(True),))


@pytest.mark.parametrize(("held", "widens"), [(True, True), (None, False)])
def test_an_unsure_reading_that_would_turn_a_condition_waits(
    held: bool | None, widens: bool
) -> None:
    """It widens what is possible where something else is held, and narrows nothing."""
    found = weigh(None, read(False), Weight.UNSURE, held, BOUND)
    assert found == Weighed((), Unconfirmed(read(False), widens), widens)


@pytest.mark.parametrize("weight", [Weight.UNSURE, Weight.SURE])
def test_two_that_agree_count_from_the_first_on(weight: Weight) -> None:
    """Also where the second one would count by itself."""
    found = weigh(waits(False), read(False), weight, None, BOUND)
    assert found == Weighed((read(False, 15), read(False)))


def test_the_second_one_must_come_within_the_bound() -> None:
    """Later it is a first one again."""
    near = weigh(waits(False, at=10), read(False), Weight.UNSURE, None, BOUND)
    assert len(near.counts) == 2
    late = weigh(waits(False, at=9), read(False), Weight.UNSURE, None, BOUND)
    assert late == Weighed((), Unconfirmed(read(False), widens=False))


def test_a_weak_reading_never_confirms_and_never_counts() -> None:
    """What spoils one such reading spoils the next: a dead sensor repeats itself."""
    found = weigh(waits(True), read(True), Weight.WEAK, None, BOUND)
    weak = Unconfirmed(read(True), widens=False, may_count=False)
    assert found == Weighed((), weak, is_weak=True)
    held = weigh(None, read(True), Weight.WEAK, True, BOUND)
    assert (held.counts, held.is_weak) == ((), True)
    sure = weigh(weak, read(True, 25), Weight.SURE, False, BOUND)
    assert sure.counts == (read(True, 25),)
    assert weigh(weak, read(True, 25), Weight.UNSURE, None, BOUND).counts == ()


def test_a_contradiction_stays_possible_when_what_was_held_comes_back() -> None:
    """One reading said otherwise between the two: what counts now widens what was before it."""
    first = weigh(None, read(False, 15), Weight.UNSURE, True, BOUND)
    assert first.waits is not None
    back = weigh(first.waits, read(True), Weight.UNSURE, True, BOUND)
    assert back == Weighed((read(True),), None, widens=True, takes_back=True)


def test_only_a_reading_that_would_have_turned_something_is_taken_back() -> None:
    """One that waited though it agreed with what was held is none; nor is one that is repeated."""
    assert not weigh(waits(True), read(False), Weight.UNSURE, True, BOUND).takes_back
    assert weigh(waits(True), read(False), Weight.UNSURE, None, BOUND).takes_back
    assert weigh(waits(True, widens=True), read(False), Weight.SURE, False, BOUND).takes_back
    assert not weigh(waits(False), read(False), Weight.UNSURE, None, BOUND).takes_back
    assert not weigh(waits(True, at=9), read(False), Weight.UNSURE, None, BOUND).takes_back


def test_a_contradiction_is_remembered_through_a_further_reading_that_waits() -> None:
    """A weak one between them takes nothing of it back."""
    found = weigh(waits(False, widens=True), read(True), Weight.WEAK, True, BOUND)
    assert found.waits == Unconfirmed(read(True), widens=True, may_count=False)
