"""What a person knows of an incident once a message of it has arrived."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.person_state import Knowledge, News, Received, after_delivery

NEWS = News(
    *("1-9", 1, "tx/tx", {"fm/off_air": 2}, ("tv/off_air",), 77),
    last=False,
    changing=True,
    wrongs={"fm/off_air": 1},
)
BEFORE = Knowledge(
    received=Received.NO,
    severity=3,
    place="mains/off",
    falls={"fm/off_air": 1},
    over=["dab/off_air"],
    at=50,
    digest_every=5,
    tried=["webhook"],
    probed=True,
    attempts=4,
    messages=6,
    refusals=2,
    wait_until=90,
    closing=True,
    changing=False,
)
AFTER = Knowledge(
    received=Received.YES,
    severity=1,
    place="tx/tx",
    falls={"fm/off_air": 2},
    over=["tv/off_air"],
    at=50,
    digest_every=77,
    tried=[],
    probed=False,
    attempts=4,
    messages=6,
    refusals=0,
    wait_until=0,
    closing=True,
    changing=True,
    wrongs={"fm/off_air": 1},
)


@pytest.mark.parametrize("received", Received)
@pytest.mark.parametrize("begun_at", [49, 50, 51])
def test_a_message_that_arrives_replaces_what_was_known(received: Received, begun_at: int) -> None:
    """All that it says; not where one that began later has arrived already."""
    known = replace(BEFORE, received=received)
    found = after_delivery(known, NEWS, begun_at)
    if received is Received.YES and begun_at < 50:
        assert found == known
        assert found is not known
    else:
        assert found == replace(AFTER, at=begun_at)


@pytest.mark.parametrize(("due", "last"), [(True, True), (True, False), (False, False)])
def test_only_the_closing_itself_makes_the_closing_no_longer_due(due: bool, last: bool) -> None:
    """A message that began before the incident closed does not."""
    found = after_delivery(replace(BEFORE, closing=due), replace(NEWS, last=last), 60)
    assert found.closing is (due and not last)


def test_a_person_of_whom_nothing_is_known_has_no_changing_cause() -> None:
    """And a message says that a cause is changing only where it does."""
    assert not Knowledge().changing
    assert not News("1-9", 1, "tx/tx", {}, (), 0, last=False).changing
