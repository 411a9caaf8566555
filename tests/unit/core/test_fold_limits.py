"""Folds at their limits: long stretches, many falls, what is no longer there."""

from __future__ import annotations

from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

from monitord.core import events, folds, incident_folds
from monitord.core.apply import apply, encode, kind_of_body
from monitord.core.base import fold
from monitord.core.base_event import BaseAdopted, base_body
from monitord.core.codec import from_plain, to_plain
from monitord.core.durable import Durable, Proven
from monitord.core.generation1 import bodies as old_events
from monitord.core.generation1 import durable as old
from monitord.core.generation1 import folds as old_folds
from monitord.core.incident_events import IncidentMoved
from monitord.core.incident_state import Fall, Place
from monitord.core.incidents import close_if_over
from monitord.core.ledger import STRETCH_MAX, figures_of
from monitord.core.members import prior
from monitord.core.model import SECOND, Base, Event, Stream
from monitord.core.rebase import begin_epoch
from monitord.core.unsettled_events import SpansSettled, SuspicionFound, SuspicionRefuted
from monitord.core.unsettled_state import Unsettled
from tests.support.calendars import FAR, held
from tests.support.seam import Watch, fm_site, shared_site

PIECES = {
    "good": ("good",),
    "between": ("good", "bad:no_carrier"),
    "bad": ("bad:no_carrier",),
    "blind": ("unknown:x",),
}


def opened(module: ModuleType, start: int, sort: str) -> events.PieceOpened:
    blind = "x" if sort == "blind" else None
    body = module.PieceOpened(start, PIECES[sort], blind, presumed=False)
    assert isinstance(body, module.PieceOpened)
    return body


def lived(module: ModuleType, fold_of: ModuleType, durable: object, sorts: list[str]) -> object:
    """Return the state after one second of each of these pieces."""
    for number, sort in enumerate(sorts):
        event = Event(1, number + 1, number * SECOND, "piece_opened", 1, "fm", Stream.SITE, b"")
        fold_of.piece_opened(durable, event, opened(module, number * SECOND, sort))
    return durable


@pytest.mark.parametrize(
    ("sorts", "joined"),
    [
        (["between", "bad"], "between"),
        (["blind", "bad"], "blind"),
        (["bad", "blind"], "blind"),
    ],
)
def test_a_stretch_that_is_too_long_joins_its_oldest_pieces(sorts: list[str], joined: str) -> None:
    """The least figure loses seconds and the most figure keeps them; blind stays blind."""
    many = [*sorts * (STRETCH_MAX // 2), *sorts, "bad"]
    before = Durable(calendar=held({"fm": ((0, 10**6 * SECOND, "on"),)}), calendar_known_to=FAR)
    current = lived(events, folds, before, many)
    earlier = lived(old_events, old_folds, old.Durable(), many)
    for durable in (current, earlier):
        stretch = durable.programmes["fm"].stretch  # type: ignore[attr-defined]
        assert len(stretch) == STRETCH_MAX
        assert stretch[0][0] == 0
        assert stretch[0][2] == joined
        assert all(before[1] == after[0] for before, after in pairwise(stretch))
    end = len(many) * SECOND
    assert isinstance(current, Durable)
    figures = figures_of(current, "fm", begin=0, end=end, settled_to=end)
    bad = many.count("bad") * SECOND
    assert bad - 4 * SECOND <= figures.least < bad
    assert figures.most == end


def test_a_suspicion_that_is_refuted_is_no_longer_unsettled() -> None:
    """Count and time go back; what a person settled as off air is kept apart."""
    durable = Durable(last_at=1, epoch=1)
    found = SuspicionFound("fm", "restart", 10, 20, 8, {})  # type: ignore[arg-type]
    refuted = SuspicionRefuted("fm", 8, "witness")
    settled = SpansSettled("desk", "off_air", "", (("1-1", "fm", 8),))  # type: ignore[arg-type]
    for number, body in enumerate((found, found, refuted, settled), 1):
        kind = kind_of_body(body)
        event = Event(1, number, 1, kind.name, kind.version, "1-1", Stream.SITE, encode(body))
        apply(durable, event, body)
    assert durable.unsettled["fm"] == Unsettled(off_count=1, off_time=8, until=20)


def test_an_event_of_another_stream_is_refused() -> None:
    """A drill never changes the state of the site."""
    (event, *_) = Watch(fm_site()).driver.events
    drill = Event(
        event.epoch, event.number, event.at, event.kind, event.v, event.subject, Stream.DRILL, b""
    )
    with pytest.raises(ValueError, match="stream"):
        apply(Durable(), drill)


def test_an_epoch_that_begins_with_a_base_needs_nothing_before_it() -> None:
    """The whole state is in the event; a state already there is replaced, not added to."""
    before = Watch(fm_site()).hold(30).hold(10, fm1="bad").driver.situation.durable
    body = base_body(Base(3, before.epoch, before.number, "head", None), before)
    kind = kind_of_body(body)
    event = Event(2, 1, before.last_at, kind.name, kind.version, "", Stream.SITE, encode(body))
    there = Watch(fm_site()).hold(5, fm1="bad").driver.situation.durable
    for durable in (Durable(), there):
        durable.epoch, durable.number = 2, 0
        apply(durable, event, body)
        assert (durable.epoch, durable.number) == (2, 1)
        after = to_plain(durable)
        expected = to_plain(before)
        assert {k: v for k, v in after.items() if k not in ("epoch", "number")} == {
            k: v for k, v in expected.items() if k not in ("epoch", "number")
        }
    assert isinstance(body, BaseAdopted)


def test_a_record_of_this_generation_folds_on_from_its_snapshot() -> None:
    """From the beginning, and from a snapshot at any event, it is the same state."""
    driver = Watch(fm_site()).hold(30).hold(10, fm1="bad").hold(30).driver
    whole = to_plain(driver.situation.durable)
    assert to_plain(fold(3, None, driver.events)) == whole
    half = len(driver.events) // 2
    snapshot = to_plain(fold(3, None, driver.events[:half]))
    assert to_plain(fold(3, snapshot, driver.events[half:])) == whole


@pytest.mark.parametrize(
    ("module", "fold_of", "durable", "proven"),
    [
        (events, folds, Durable(), Proven),
        (old_events, old_folds, old.Durable(), old.Proven),
    ],
    ids=["now", "generation 1"],
)
def test_a_proof_is_not_dated_behind_itself(
    module: ModuleType, fold_of: ModuleType, durable: Any, proven: Any
) -> None:
    """The ledger shows good up to a later moment than the proof: the proof keeps its own dates."""
    lived(module, fold_of, durable, ["good"])
    now = durable.programmes["fm"]
    now.proven = proven("no_carrier", 1, 2, 2, "tx", [])
    event = Event(1, 9, 9, "piece_opened", 1, "fm", Stream.SITE, b"")
    fold_of.piece_opened(durable, event, opened(module, 5, "bad"))
    assert (now.proven.not_before, now.proven.not_after) == (1, 2)


def test_an_outage_is_dated_in_the_incidents_that_have_it_now() -> None:
    """A closed incident keeps what it said, and one with a later fall keeps that one's begin."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    durable = watch.driver.situation.durable
    held = durable.outages["fm/off_air"]
    (name,) = held.incidents
    incident = durable.incidents[name]
    began = incident.members["fm/off_air"].falls[-1].began
    held.incidents = ["1-999", name]
    incident.members["fm/off_air"].falls[-1].id = "another"
    now = durable.programmes["fm"]
    now.piece = folds.Piece(now.piece.start, ["good"], None, presumed=False)
    assert now.proven is not None
    event = Event(1, 9, durable.last_at, "piece_opened", 1, "fm", Stream.SITE, b"")
    folds.piece_opened(durable, event, opened(events, now.proven.not_after - 5, "bad"))
    assert held.began[0] == now.proven.not_after - 5
    assert incident.members["fm/off_air"].falls[-1].began == began


def test_an_incident_that_moves_takes_only_what_lasts_with_it() -> None:
    """A member that has ended had the old place as its cause."""
    watch = Watch(shared_site()).hold(30).hold(10, fm1="bad")
    durable = watch.driver.situation.durable
    (name,) = durable.incidents
    old = durable.incidents[name].place
    new = Place("mains/feed", "feed", "mains")
    ended = durable.outages.pop("two/off_air")
    body = IncidentMoved(new.reason, new.stage, new.conditions, old.id, new)
    event = Event(1, 9, durable.last_at, "incident_moved", 1, name, Stream.SITE, b"")
    incident_folds.incident_moved(durable, event, body)
    assert list(durable.outages["one/off_air"].claims) == [new.id]
    assert list(ended.claims) == [old.id]
    assert durable.places == {new.id: name}


def test_an_incident_is_not_closed_before_its_members_are_over() -> None:
    """Whatever asks, and whenever."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    situation = watch.driver.situation
    (name,) = situation.durable.incidents
    assert list(close_if_over(situation, name)) == []
    watch.hold(15)
    member = situation.durable.incidents[name].members["fm/off_air"]
    assert member.over is not None
    assert (member.how, [fall.how for fall in member.falls]) == ("good", ["good"])
    assert list(close_if_over(situation, name)) == []
    assert list(close_if_over(situation, "1-999")) == []


def test_the_first_event_of_an_epoch_begun_while_running_has_the_whole_state() -> None:
    """What could not be written is in the state; the state itself is not changed."""
    durable = Watch(fm_site()).hold(30).hold(10, fm1="bad").driver.situation.durable
    before = to_plain(durable)
    last = durable.last_at
    event = begin_epoch(durable, 7, Base(3, 1, durable.number, "head", lost=2), last - 5)
    assert (event.epoch, event.number, event.kind, event.at) == (7, 1, "base_adopted", last)
    assert event.subject == ""
    after = to_plain(durable)
    assert (after.pop("epoch"), after.pop("number")) == (7, 1)
    assert after == {k: v for k, v in before.items() if k not in ("epoch", "number")}
    other = Durable()
    apply(other, event)
    assert to_plain(other) == to_plain(durable)


def test_a_withdrawn_fall_shortens_no_delay() -> None:
    """It was none: neither its time nor its number counts for the fall after it."""
    fall = Fall("1-1", (0, 5), 5, "no_carrier", "tx", "fm1/tx", (9, 9), "good")
    durable = Durable(recent={"fm/off_air": [fall]})
    assert prior(durable, "fm/off_air", 20, 0) == (4, 1)
    fall.how = "withdrawn"
    assert prior(durable, "fm/off_air", 20, 0) == (0, 0)


def test_a_state_of_an_earlier_program_knows_of_no_time_that_was_placed_again() -> None:
    """Its outages are not withdrawn by what that program did not record."""
    durable = Watch(fm_site()).hold(30).hold(10, fm1="bad").driver.situation.durable
    plain = to_plain(durable)
    for field in ("placed_at", "placed_from"):
        del plain["clock"][field]
    assert to_plain(from_plain(Durable, plain)) == to_plain(durable)
