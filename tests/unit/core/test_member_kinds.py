"""What is shown of one member of a redundant stage, over every combination of what is known."""

from __future__ import annotations

from itertools import product

import pytest

from monitord.core.expression import Kind, Name
from monitord.core.member_kinds import NOTHING, Shown, serves, shown_of
from monitord.core.plan import Elsewhere, MemberPlan

SHARED = [(), *product(Kind), *product(Kind, Kind)]
"""What is known of up to two other programmes that the member can serve."""


def wanted(own: Kind, ready: Kind | None, others: tuple[Kind, ...]) -> Shown:
    """Return what a person would say of a member: the rules one by one, in their own words."""
    used = Kind.TRUE in others
    if own is Kind.TRUE and not used:
        return Shown(True, False, False, False, False, False, False)
    free = all(other is Kind.FALSE for other in others)
    refused = used or ready is Kind.FALSE
    unseen = not refused and (ready in (None, Kind.BLIND) or Kind.BLIND in others)
    return Shown(
        carries=False,
        twice=own is Kind.TRUE,
        ready=ready is Kind.TRUE and free,
        unseen=unseen,
        monitored=unseen and ready is not None,
        used=used,
        maybe=not free,
    )


@pytest.mark.parametrize("others", SHARED)
def test_each_member_is_shown_by_its_own_rules(others: tuple[Kind, ...]) -> None:
    """Carrying, carrying two, ready, unseen, used and perhaps used, of every combination."""
    elsewhere = tuple(Elsewhere(f"p{n}", Name(f"p{n}")) for n in range(len(others)))
    known = {f"p{n}": kind for n, kind in enumerate(others)}
    for own, ready in product(Kind, (None, *Kind)):
        named = None if ready is None else Name("ready")
        member = MemberPlan("one", Name("own"), named, elsewhere)
        kinds = {**known, "own": own, "ready": ready or Kind.FALSE}
        assert shown_of(member, kinds.__getitem__) == wanted(own, ready, others)
        carried = [f"p{n}" for n, kind in enumerate(others) if kind is Kind.TRUE]
        assert serves(member, kinds.__getitem__) == (carried[0] if carried else "")


def test_nothing_is_shown_of_a_member_before_it_is_looked_at() -> None:
    """It counts nowhere."""
    assert tuple(NOTHING) == (False,) * 7
