"""What is known of conditions and stages at a moment, and why a stage is bad."""

from __future__ import annotations

import pytest

from monitord.core.expression import All, AnyOf, AtLeast, Expression, Kind, Name, Not
from monitord.core.look import (
    at_moment,
    failing_names,
    kinds_of,
    over_span,
    present_kinds,
    stage_kind,
    undecided_name,
)
from monitord.core.member_kinds import Kinds
from monitord.core.model import SECOND, Layer
from monitord.core.plan import MemberPlan, StagePlan
from tests.support.seam import T0, Driver, Watch, fm_site

A, B, C = (Name(letter) for letter in "abc")


def stage(needs: Expression) -> StagePlan:
    return StagePlan("link", "own", Layer.EMISSION, needs=needs)


def known(spelled: str) -> Kinds:
    """Return kinds of a, b, c: ``+`` true, ``-`` false, ``~`` between, ``?`` blind."""
    kinds = [Kind("-+~?".index(sign)) for sign in spelled]
    return dict(zip("abc", kinds, strict=True)).__getitem__


@pytest.mark.parametrize(
    ("needs", "spelled", "expected"),
    [
        (Not(A), "+??", ("a",)),
        (Not(A), "-??", ()),
        (All((A, B, C)), "-+-", ("a", "c")),
        (All((A, B, C)), "~+-", ("c",)),
        (All((AnyOf((A, B)), C)), "+--", ("c",)),
        (AnyOf((A, B)), "-+?", ()),
        (AnyOf((A, B)), "-~?", ("a",)),
        (Not(All((A, Not(B)))), "+-?", ("a", "b")),
        (All((Not(AnyOf((A, B))), C)), "+-+", ("a",)),
        (AtLeast(2, (A, B, C)), "-+-", ("a", "c")),
        (All((A, A, Not(A))), "-??", ("a",)),
    ],
)
def test_a_stage_fails_by_the_conditions_on_their_bad_side(
    needs: Expression, spelled: str, expected: tuple[str, ...]
) -> None:
    """``not muted`` fails by muted; a part that is good is no reason, whatever it rests on."""
    assert failing_names(stage(needs), known(spelled)) == expected


def test_a_redundant_stage_fails_by_every_member() -> None:
    """It is good while one member carries, and then nothing of it fails."""
    members = (MemberPlan("one", A, None), MemberPlan("two", All((B, Not(C))), None))
    redundant = StagePlan("pair", "own", Layer.EMISSION, members=members)
    assert stage_kind(redundant, known("-++")) is Kind.FALSE
    assert failing_names(redundant, known("-++")) == ("a", "c")
    assert stage_kind(redundant, known("-+-")) is Kind.TRUE
    assert failing_names(redundant, known("-+-")) == ()


def test_the_first_undecided_condition_is_named() -> None:
    """In the order they are written, and only of the kind that is asked for."""
    needs = stage(All((A, B, C)))
    assert undecided_name(needs, known("+~~"), Kind.BETWEEN) == "b"
    assert undecided_name(needs, known("+~?"), Kind.BLIND) == "c"
    assert undecided_name(needs, known("+++"), Kind.BLIND) is None


def test_a_past_moment_is_judged_by_what_was_known_of_it() -> None:
    """Rule 5.1: the last answers say nothing of a moment before them."""
    site = fm_site()
    watch = Watch(site, Driver(site.plan)).hold(40)
    situation = watch.driver.situation
    before = watch.driver.now
    watch.hold(5, fm1="bad")
    bad = watch.driver.now - 2 * SECOND
    assert present_kinds(situation)("fm1.radiating") is Kind.FALSE
    assert over_span(situation, bad, bad, watch.driver.now)("fm1.radiating")[0] is Kind.FALSE
    assert at_moment(situation, before - 2 * SECOND)("fm1.radiating")[0] is Kind.TRUE
    assert kinds_of(at_moment(situation, before - 2 * SECOND))("fm1.radiating") is Kind.TRUE


def test_blindness_is_looked_at_with_its_cause() -> None:
    """A condition that is known has none."""
    site = fm_site()
    driver = Watch(site, Driver(site.plan)).hold(10, fm1="silent").driver
    situation = driver.situation
    look = at_moment(situation, driver.now - 3 * SECOND)
    assert look("fm1.radiating") == (Kind.BLIND, "timeout")
    assert look("io.sound") == (Kind.TRUE, "")
    assert at_moment(situation, T0)("io.sound")[0] is Kind.BLIND
