"""The table of event kinds: complete, and its codec reads and writes the stored bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import get_args

import pytest

from monitord.core.apply import KINDS, VERSIONS, body_of, decode, encode, kind_of_body, plain_of
from monitord.core.codec import canonical, from_plain
from monitord.core.events import Body, ConditionTurned, PieceOpened
from monitord.core.incident_events import CauseClaimed, MemberJoined
from monitord.core.incident_state import Place
from monitord.core.model import Column, Event
from tests.fixtures.make_record import expected_events
from tests.support.seam import Driver, Watch, reserve_site

NO_LONGER_STORED = {"incident_opened": {"discovered_at"}, "attempt_ended": {"order"}}
"""Keys that the first records have, and that nothing reads any more."""

ADDED_SINCE = {
    "started": {"config_content": ""},
    "piece_opened": {"quality": None},
}
"""Keys that the first records lack, with the value that is read for them."""


def test_the_table_has_one_row_for_each_body_type() -> None:
    """A type without a row could not be recorded, a row without a type not be folded."""
    assert [kind.body for kind in KINDS] == list(get_args(Body))
    assert len(VERSIONS) == len(KINDS)


def test_a_version_is_one_until_a_body_changes_its_meaning() -> None:
    """These have a second one: a record with it is refused by programs that know the first."""
    second = {"incident_opened", "incident_closed", "incident_acknowledged"}
    second |= {"attempt_began", "attempt_ended", "calendar_extended"}
    assert {name: number for name, number in VERSIONS.items() if number != 1} == dict.fromkeys(
        second, 2
    )


SAME = [event for event in expected_events() if VERSIONS.get(event.kind) == event.v]
"""Events of kinds that are still as they were; generation 1 reads the others."""


@pytest.mark.parametrize("event", SAME, ids=lambda event: f"{event.kind}")
def test_a_body_of_schema_1_is_read_and_written_back(event: Event) -> None:
    """Every key that the type has keeps its name, its value and its place in the bytes."""
    body = body_of(event)
    stored = json.loads(event.body)
    kept = {key: stored[key] for key in stored.keys() - NO_LONGER_STORED.get(event.kind, set())}
    assert encode(body) == canonical(kept | ADDED_SINCE.get(event.kind, {}))
    assert kind_of_body(body).name == event.kind


def test_a_decoded_body_equals_the_one_that_was_recorded() -> None:
    """Enumerations and tuples come back as such: what folds the record sees the same types."""
    place = Place("fm1/transmitter", "stage", "no_carrier", "transmitter", "own", ("fm1.on",))
    claimed = CauseClaimed(place, (3, 5), 5, 6, ("1-7",))
    joined = MemberJoined("fm", "off_air", "critical", 3, 1, "no_carrier", Column.OFF_AIR, 3, 5)
    piece = PieceOpened(5, ("good", "bad:no_carrier"), None, presumed=False)
    for body in (claimed, joined, piece):
        again = decode(kind_of_body(body).name, encode(body))
        assert again == body
        assert [type(value) for value in asdict(again).values()] == [
            type(value) for value in asdict(body).values()
        ]


def test_a_missing_key_is_an_error_and_not_a_default() -> None:
    """A record of another program's making must not fold to something plausible."""
    with pytest.raises(KeyError, match="held_to"):
        decode("condition_lost", b'{"cause":"timeout","was":true}')


def test_a_later_field_has_its_default_where_a_record_lacks_it() -> None:
    """How a kind of event gets a new field: the bodies stored before it are still read."""

    @dataclass(frozen=True)
    class Grown:
        was: bool
        column: Column | None = None

    assert from_plain(Grown, {"was": True}) == Grown(was=True)
    assert from_plain(Grown, {"was": True, "column": "off_air"}) == Grown(True, Column.OFF_AIR)
    with pytest.raises(KeyError, match="was"):
        from_plain(Grown, {"column": "off_air"})


def test_every_event_of_a_night_with_a_changeover_is_written_back_byte_for_byte() -> None:
    """What the core decides and what is read from the record are the same bodies."""
    site = reserve_site()
    watch = Watch(site, Driver(site.plan)).hold(20, b="idle").hold(20, a="bad", b="idle").hold(60)
    watch.hold(80, a="silent", b="silent").hold(60).restart()
    events = watch.driver.events
    assert {"bad_proven", "outage_ended", "attempt_ended"} <= {event.kind for event in events}
    assert [encode(body_of(event)) for event in events] == [event.body for event in events]


def test_turns_that_are_equal_and_of_other_types_are_not_written_alike() -> None:
    """A start writes many equal turns one after the other, and the last one is remembered."""
    one, other = ConditionTurned(True, None, 5, 7, 6), ConditionTurned(True, False, 5, 7, 6)
    odd = ConditionTurned(1, 0, 5, 7, 6)  # type: ignore[arg-type]  # equal to ``other``
    for body in (one, other, odd, other, one, one):
        assert encode(body) == canonical(plain_of(body))
