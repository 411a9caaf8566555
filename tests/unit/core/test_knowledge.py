"""What a person knows of an incident: by the newest message that arrived, in whatever order."""

from __future__ import annotations

import pytest

from monitord.core.durable import Durable
from monitord.core.incident_state import Incident, Place
from monitord.core.message_events import AttemptEnded
from monitord.core.message_folds import attempt_ended
from monitord.core.model import SECOND, Event, Stream
from monitord.core.person_state import News, PersonNow, Received, Sending

PLACE = Place("mux/services", "stage")


def news(severity: int, *members: str) -> News:
    falls = dict.fromkeys(members, 1)
    return News("1-5", severity, PLACE.id, falls, (), 600 * SECOND, last=False)


def under_way() -> Durable:
    """Return the state with a minor opening under way and, beside it, its worsening."""
    incident = Incident("1-5", 100, PLACE, 0, 0)
    first = Sending("1-5", 1, "desk", "opened", "others", 2, 10 * SECOND, [news(2, "a/off_air")])
    second = Sending(
        "1-5",
        2,
        "phone",
        "worsened",
        "critical",
        0,
        12 * SECOND,
        [news(0, "a/off_air", "b/off_air")],
    )
    person = PersonNow(sending=[first, second])
    return Durable(incidents={"1-5": incident}, people={"duty": person})


def end(durable: Durable, attempt: int, channel: str, at: int, *, delivered: bool) -> None:
    body = AttemptEnded(
        incident="1-5",
        attempt=attempt,
        channel=channel,
        delivered=delivered,
        lost=False,
        permanent=False,
        detail="",
        channel_failures=0,
        channel_until=0,
        channel_tried_at=0,
        wait_until=0,
    )
    attempt_ended(durable, Event(1, 9, at, "attempt_ended", 2, "duty", Stream.SITE, b""), body)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_an_older_message_that_arrives_late_takes_nothing_back(order: tuple[int, int]) -> None:
    """Rule 5.5: a worsening goes beside an attempt; it is not sent again behind it."""
    durable = under_way()
    for number, attempt in enumerate(order):
        channel = {1: "desk", 2: "phone"}[attempt]
        end(durable, attempt, channel, (20 + number) * SECOND, delivered=True)
    known = durable.incidents["1-5"].people["duty"]
    assert (known.received, known.severity, known.at) == (Received.YES, 0, 12 * SECOND)
    assert known.falls == {"a/off_air": 1, "b/off_air": 1}
    assert known.messages == 2
    assert durable.people["duty"].notified == {"a/off_air": 12 * SECOND, "b/off_air": 12 * SECOND}


def test_an_older_message_that_fails_late_takes_nothing_back() -> None:
    """What arrived is known; the channel that failed is tried last."""
    durable = under_way()
    end(durable, 2, "phone", 20 * SECOND, delivered=True)
    end(durable, 1, "desk", 21 * SECOND, delivered=False)
    known = durable.incidents["1-5"].people["duty"]
    assert (known.received, known.severity, known.tried) == (Received.YES, 0, ["desk"])
