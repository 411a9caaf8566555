"""Only the active node notifies people, and a consumer's cursor goes forward."""

from __future__ import annotations

import pytest

from monitord.core.codec import canonical, to_plain
from monitord.core.model import SECOND, Forwarded, RoleTaken
from monitord.core.node_events import Cursor, Role
from tests.support.seam import Watch, fm_site, fold

PEER = Cursor("peer-7", "site", 412, 99, "ab" * 32)


def take(watch: Watch, role: Role, *told: tuple[str, str]) -> list[str]:
    """Let the node take a role; return the kinds of the events."""
    at = watch.driver.now
    return [e.kind for e in watch.driver.tick([RoleTaken(at, role, PEER, told)], at)]


def forward(watch: Watch, number: int, consumer: str = "centre", epoch: int | None = None) -> bool:
    """Let a consumer have the record up to an event; return whether that was recorded."""
    at = watch.driver.now
    durable = watch.driver.situation.durable
    cursor = Cursor("own", "site", durable.epoch if epoch is None else epoch, number, "h")
    events = watch.driver.tick([Forwarded(at, consumer, cursor)], at)
    return [event.kind for event in events] == ["forwarded"]


def attempts(watch: Watch) -> list[tuple[str, bool]]:
    """Return (kind of message, whether the opening may have arrived) of every attempt."""
    alerts = [body["alert"] for body in watch.bodies("attempt_began")]
    return [(alert["told"], alert["restates"]) for alert in alerts if alert["person"] == "desk"]


def test_a_node_on_standby_sees_the_outage_and_notifies_nobody() -> None:
    """The incident is there, and its closing is nobody's due either."""
    watch = Watch(fm_site()).hold(20)
    assert take(watch, Role.STANDBY) == ["role_taken"]
    watch.hold(30, fm1="bad").hold(90)
    assert [len(watch.bodies(kind)) for kind in ("incident_opened", "incident_closed")] == [1, 1]
    assert watch.bodies("attempt_began") == []
    assert watch.driver.situation.durable.closed_incidents == {}


def test_a_node_that_becomes_the_active_one_notifies_of_what_is_open() -> None:
    """At once: it has lasted for longer than its person waits."""
    watch = Watch(fm_site()).hold(20)
    take(watch, Role.STANDBY)
    watch.hold(30, fm1="bad")
    began = watch.driver.now
    take(watch, Role.ACTIVE)
    watch.hold(2, fm1="bad")
    assert attempts(watch) == [("opened", False)]
    (event,) = [e for e in watch.driver.events if e.kind == "attempt_began" and e.subject == "desk"]
    assert event.at - began <= SECOND


def test_what_the_other_node_sent_has_perhaps_arrived() -> None:
    """At least once: it is said again, and says that it may have arrived before."""
    watch = Watch(fm_site()).hold(20)
    take(watch, Role.STANDBY)
    watch.hold(30, fm1="bad")
    (place,) = watch.driver.situation.durable.places
    told = (("stranger", place), ("engineer", "elsewhere/silent"), ("desk", place))
    take(watch, Role.ACTIVE, *told)
    (body,) = watch.bodies("role_taken")[1:]
    (incident,) = watch.driver.situation.durable.incidents
    assert body["told"] == [["desk", incident]]
    watch.hold(2, fm1="bad")
    assert attempts(watch) == [("opened", True)]


def test_the_same_role_again_is_no_event() -> None:
    """Unless the peer is known further, or sent more meanwhile."""
    watch = Watch(fm_site()).hold(20)
    assert take(watch, Role.STANDBY) == ["role_taken"]
    assert take(watch, Role.STANDBY) == []
    watch.hold(30, fm1="bad")
    (place,) = watch.driver.situation.durable.places
    assert take(watch, Role.STANDBY, ("desk", place)) == ["role_taken"]
    assert take(watch, Role.STANDBY, ("desk", place)) == []


def test_a_restart_keeps_the_role() -> None:
    """The other node notifies people until this one takes the role again."""
    watch = Watch(fm_site()).hold(20)
    take(watch, Role.STANDBY)
    assert canonical(to_plain(fold(watch.driver.events))) == canonical(
        to_plain(watch.driver.situation.durable)
    )
    watch.restart().hold(30, fm1="bad")
    assert watch.bodies("attempt_began") == []


def test_a_cursor_goes_forward_and_at_most_as_often_as_the_clock_is_marked() -> None:
    """A cursor is an event itself: each one recorded would be forwarded, and move the cursor."""
    watch = Watch(fm_site()).hold(20)
    assert forward(watch, 1)
    assert not forward(watch, 2)
    watch.hold(59)
    assert not forward(watch, 2)
    watch.hold(1)
    assert not forward(watch, 1)
    assert forward(watch, 2)
    held = watch.driver.situation.durable.forwarded["centre"]
    assert (held.cursor.number, held.at) == (2, watch.driver.now)


@pytest.mark.parametrize("ahead", [1, 1_000])
def test_a_cursor_ahead_of_the_record_counts_for_nothing(ahead: int) -> None:
    """It is one of another record, or of one that was lost."""
    watch = Watch(fm_site()).hold(20)
    durable = watch.driver.situation.durable
    assert not forward(watch, durable.number + ahead)
    assert not forward(watch, 1, epoch=durable.epoch + 1)
    at = watch.driver.now
    drill = Cursor("own", "drill", durable.epoch, 1, "h")
    assert watch.driver.tick([Forwarded(at, "centre", drill)], at) == ()
    assert forward(watch, durable.number)


def test_no_more_consumers_count_than_the_state_keeps() -> None:
    """A program that takes another name each time must not fill the state."""
    watch = Watch(fm_site()).hold(20)
    found = [forward(watch, 1, f"c{n}") for n in range(18)]
    assert found == [True] * 16 + [False] * 2
