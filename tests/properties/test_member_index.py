"""What is kept of each member for a person's messages is what the facts give, at every moment."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.durable import Durable
from monitord.core.incident_state import Fall, Incident, Member, Place
from monitord.core.member_index import MemberIndex
from monitord.core.message_queue import MessageQueue
from monitord.core.messages import index_of, look_at_members, pending_messages
from monitord.core.model import MINUTE, SECOND
from monitord.core.pending import all_incidents
from monitord.core.person_state import Knowledge, Received
from monitord.core.situation import Situation
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import DESK, Driver, Site, shared_site


class WholeQueue(MessageQueue):
    """Has every member of an incident looked at, whichever changed."""

    def look_again(self, incident: str, member: str | None) -> None:
        super().look_again(incident, None)
        del member


def ask_all(driver: Driver) -> None:
    """Give every person such a queue from now on."""
    situation = driver.situation
    for person, queue in situation.queues.items():
        if not isinstance(queue, WholeQueue):
            situation.queues[person] = WholeQueue()
            situation.queues[person].changed.update(all_incidents(situation))


@examples(60)
@given(lives())
def test_no_message_is_another_where_all_members_are_asked_at_each_event(
    life: tuple[Site, Script],
) -> None:
    """A member that is looked at alone gives the record that a look at all of them gives."""
    assert play(*life).events == play(*life, ask_all).events


NAMES = ("one/off_air", "two/off_air", "one/suspected", "/alarm/feed.mains")
CHANGES = st.tuples(
    st.sampled_from(NAMES),
    st.none() | st.integers(1, 90),
    st.sampled_from(("good", "hours")),
    st.integers(1, 3),
    st.booleans(),
)
"""Of a member: since when it is over, in seconds, and why; its falls, and whether it flaps."""


def member(name: str, *, suppressed: bool) -> Member:
    """Return an open member; a suspicion is of what nobody saw."""
    programme, _, fault = name.partition("/")
    fall = Fall("1-1", (1, 2), SECOND, "restart" if fault == "suspected" else "no_carrier", "")
    severity = "critical" if fault == "off_air" else "minor"
    found = Member(name, programme, fault, severity, 4, SECOND, SECOND, [fall])
    found.suppressed = suppressed
    return found


@examples(300)
@given(
    st.lists(st.lists(CHANGES, min_size=1, max_size=2), max_size=6),
    st.tuples(*[st.booleans()] * len(NAMES)),
    st.none() | st.integers(1, 200),
)
def test_a_member_that_changes_changes_what_is_kept_alone(
    steps: list[list[tuple[str, int | None, str, int, bool]]],
    suppressed: tuple[bool, ...],
    known_at: int | None,
) -> None:
    """Also where what explained the others is over, at another time, or lasts again."""
    pairs = zip(NAMES, suppressed, strict=True)
    members = {name: member(name, suppressed=explained) for name, explained in pairs}
    incident = Incident("1-9", 100, Place("feed/mains", "feed"), 1, 1, members)
    if known_at is not None:
        falls = dict.fromkeys(NAMES[:3], 1)
        incident.people["desk"] = Knowledge(
            Received.YES, 0, "feed/mains", falls, at=known_at * SECOND, digest_every=10 * MINUTE
        )
    situation = Situation(replace(shared_site().plan, programmes=()), Durable())
    kept = index_of(situation, DESK, incident)
    for number, changes in enumerate(steps):
        situation.clock = number * 30 * SECOND
        for name, over, how, count, flaps in changes:
            changed = members[name]
            changed.over = None if over is None else over * SECOND
            changed.how, changed.count, changed.flaps = how, count, flaps
        look_at_members(situation, DESK, incident, kept, {name for name, *_ in changes})
        fresh = index_of(situation, DESK, incident)
        assert means(situation, incident, kept) == means(situation, incident, fresh)


def means(situation: Situation, incident: Incident, index: MemberIndex) -> tuple[object, ...]:
    """Return all that an index says of its incident now."""
    found = list(pending_messages(situation, incident, index, situation.clock))
    sums = (index.open_severity, index.open_rank, index.ended)
    return (
        found,
        [each.least(10**18) for each in sums],
        (index.fell_again, index.speaking.names, index.speaking.unnamed),
        (index.explained_until, index.known, index.under_way),
    )
