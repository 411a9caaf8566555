"""Roles of a node at any moments: who is notified, and what the record folds to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.apply import body_of
from monitord.core.codec import canonical, to_plain
from monitord.core.model import RoleTaken
from monitord.core.node_events import Role, RoleChanged
from tests.properties.scripts import examples
from tests.support.seam import Watch, fm_site, fold

STEPS = st.lists(
    st.tuples(st.sampled_from(Role), st.integers(1, 40), st.sampled_from(["good", "bad"])),
    min_size=1,
    max_size=6,
)


@examples(60)
@given(STEPS, st.booleans())
def test_only_the_active_node_begins_attempts(
    steps: list[tuple[Role, int, str]], told: bool
) -> None:
    """Whatever the roles, folding the record gives the state, and at the end people have word."""
    watch = Watch(fm_site()).hold(10)
    for role, seconds, state in steps:
        at = watch.driver.now
        places = watch.driver.situation.durable.places
        known = tuple(("desk", place) for place in places) if told else ()
        watch.driver.tick([RoleTaken(at, role, None, known)], at)
        watch.hold(seconds, fm1=state)
    role = Role.ACTIVE
    for event in watch.driver.events:
        body = body_of(event)
        role = body.role if isinstance(body, RoleChanged) else role
        assert event.kind != "attempt_began" or role is Role.ACTIVE
    at = watch.driver.now
    watch.driver.tick([RoleTaken(at, Role.ACTIVE)], at)
    watch.hold(10, fm1="bad")
    durable = watch.driver.situation.durable
    assert canonical(to_plain(fold(watch.driver.events))) == canonical(to_plain(durable))
    (incident,) = durable.incidents.values()
    assert "desk" in incident.people
