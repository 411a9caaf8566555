"""The first message of an incident: as one that opens, or also, of one whose outage is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.durable import Durable
from monitord.core.incident_state import Fall, Incident, Member, Place
from monitord.core.messages import UNSEEN_WAIT, Pending, pending_messages
from monitord.core.model import Told
from monitord.core.person_state import PersonNow
from monitord.core.situation import Situation
from tests.support.seam import fm_site

BEGAN, PROVEN, OPEN = (5, 10), 20, 30
LASTS = Member("fm/off_air", "fm", "off_air", "major", 3, PROVEN, OPEN)
FOUND = Member("fm/suspected", "fm", "suspected", "major", 3, PROVEN, OPEN, over=19, how="good")


def first(member: Member, notified: dict[str, int], *others: Member) -> list[Pending]:
    """Return what the desk must get of an incident, which it knows nothing of yet."""
    # The programmes are not monitored any more, so that nothing is seen to be over.
    plan = replace(fm_site().plan, programmes=())
    situation = Situation(plan, Durable(people={"desk": PersonNow(notified=notified)}))
    for each in (member, *others):
        each.falls = [Fall("1-1", BEGAN, PROVEN, "doubted", "")]
    members = {each.id: each for each in (member, *others)}
    incident = Incident("1-9", 100, Place("tx/tx", "stage"), 1, 1, members)
    return list(pending_messages(situation, plan.people[0], incident))


@pytest.mark.parametrize(
    ("notified", "told"), [(None, Told.OPENED), (9, Told.OPENED), (10, Told.ALSO), (21, Told.ALSO)]
)
def test_an_outage_is_known_by_a_message_since_it_began(notified: int | None, told: Told) -> None:
    """One of an earlier fall names another outage."""
    known = {} if notified is None else {LASTS.id: notified}
    assert first(LASTS, known) == [Pending(OPEN, told)]


@pytest.mark.parametrize(
    ("notified", "told"), [(None, Told.OPENED), (19, Told.OPENED), (20, Told.ALSO)]
)
def test_an_outage_found_afterwards_is_known_by_a_message_since_it_was_found(
    notified: int | None, told: Told
) -> None:
    """One that came while it lasted could not name it."""
    known = {} if notified is None else {FOUND.id: notified}
    assert first(FOUND, known) == [Pending(PROVEN + UNSEEN_WAIT, told)]


def test_every_outage_of_an_incident_must_be_known() -> None:
    """One that the person has no message of opens it."""
    other = Member("tv/off_air", "tv", "off_air", "major", 3, PROVEN, OPEN)
    for known in ({LASTS.id: 15}, {other.id: 15}):
        assert {message.told for message in first(LASTS, known, other)} == {Told.OPENED}
    both = {LASTS.id: 15, other.id: 15}
    assert {message.told for message in first(LASTS, both, other)} == {Told.ALSO}
