"""The table of event kinds: complete, and its codec reads and writes the stored bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import get_args

import pytest

from monitord.core.apply import KINDS, VERSIONS, body_of, decode, encode, kind_of_body
from monitord.core.codec import canonical, from_plain
from monitord.core.events import Body, FaultTurned, MessageOwed, PieceOpened
from monitord.core.fault_states import FaultState
from monitord.core.model import Column, Event, Told
from tests.fixtures.make_record import expected_events
from tests.support.seam import Driver, Watch, reserve_site

NO_LONGER_STORED = {"incident_opened": {"discovered_at"}, "attempt_ended": {"order"}}
"""Keys that the first records have, and that nothing reads any more."""

ADDED_SINCE = {"started": {"config_content": ""}, "piece_opened": {"quality": None}}
"""Keys that the first records lack, with the value that is read for them."""


def test_the_table_has_one_row_for_each_body_type() -> None:
    """A type without a row could not be recorded, a row without a type not be folded."""
    assert [kind.body for kind in KINDS] == list(get_args(Body))
    assert len(VERSIONS) == len(KINDS)


@pytest.mark.parametrize("event", expected_events(), ids=lambda event: f"{event.kind}")
def test_a_body_of_schema_1_is_read_and_written_back(event: Event) -> None:
    """Every key that the type has keeps its name, its value and its place in the bytes."""
    body = body_of(event)
    stored = json.loads(event.body)
    kept = {key: stored[key] for key in stored.keys() - NO_LONGER_STORED.get(event.kind, set())}
    assert encode(body) == canonical(kept | ADDED_SINCE.get(event.kind, {}))
    assert kind_of_body(body).name == event.kind


def test_a_decoded_body_equals_the_one_that_was_recorded() -> None:
    """Enumerations and tuples come back as such: what folds the record sees the same types."""
    turned = FaultTurned("fm", "off_air", FaultState.CLEAR, FaultState.OPEN, 5, "1-7")
    piece = PieceOpened(5, ("good", "bad:no_carrier"), None, presumed=False)
    owed = MessageOwed("1-7", Told.REVISED, last=False)
    for body in (turned, piece, owed):
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
    assert {"bad_proven", "impact_ended", "attempt_ended"} <= {event.kind for event in events}
    assert [encode(body_of(event)) for event in events] == [event.body for event in events]
