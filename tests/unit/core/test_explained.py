"""Which faults that are no outage have their cause outside of what they are about."""

from __future__ import annotations

import pytest

from monitord.core.fault_plans import Fault, Sort
from monitord.core.incident_state import Place
from monitord.core.incidents import is_explained


def fault(sort: Sort, subject: str = "") -> Fault:
    """Return a fault of this sort."""
    return Fault(f"/{sort}/{subject}", "", f"{sort}/{subject}", sort, subject, "major", 0, 0, 100)


@pytest.mark.parametrize(
    ("conditions", "explained"),
    [(("ups.mains",), False), (("feed.mains",), True), (("ups.mains", "feed.mains"), True)],
)
def test_an_alarm_is_explained_by_every_place_but_its_own_condition(
    conditions: tuple[str, ...], *, explained: bool
) -> None:
    """A supply that failed explains the alarm of what it feeds (rule 5.1)."""
    place = Place("feed/mains", "power", "lost", "", "", conditions)
    assert is_explained(fault(Sort.ALARM, "ups.mains"), place) is explained
