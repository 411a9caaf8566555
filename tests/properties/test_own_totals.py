"""Totals of filler and of a wrong programme, calculated again by definition from the pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.apply import encode, kind_of_body
from monitord.core.base import fold as fold_record
from monitord.core.calendar_values import Hours
from monitord.core.codec import from_plain, to_plain
from monitord.core.durable import Durable
from monitord.core.events import CalendarRecorded, PieceOpened
from monitord.core.figures import Figures
from monitord.core.ledger import OWN_REASONS, totals
from monitord.core.model import Event, Stream
from tests.properties.scripts import examples
from tests.support.calendars import UTC
from tests.support.seam import fold

GENERATION = 3
OBSERVED = ("good", "bad:filler", "bad:wrong_programme", "bad:no_carrier", "degraded:low")
Piece = tuple[int, tuple[str, ...], bool]
PIECES = st.lists(
    st.tuples(
        st.integers(1, 50),
        st.lists(st.sampled_from(OBSERVED), min_size=1, max_size=3, unique=True).map(tuple),
        st.booleans(),
    ),
    min_size=1,
    max_size=20,
)


def event(number: int, at: int, subject: str, body: PieceOpened | CalendarRecorded) -> Event:
    kind = kind_of_body(body)
    return Event(1, number, at, kind.name, kind.version, subject, Stream.SITE, encode(body))


def recorded(pieces: list[Piece], closes: int) -> list[Event]:
    """Return the events of a programme that is expected on until ``closes``."""
    hours = {"tv": Hours((), ((-1, closes, "on"),))}
    known = CalendarRecorded(hours, UTC, "", -1, -1, -1, 10**6, -1)
    events = [event(1, 0, "", known)]
    at = 0
    for length, possible, blind in pieces:
        cause = "timeout" if blind else None
        shown = ("unknown:timeout",) if blind else possible
        body = PieceOpened(at, shown, cause, presumed=False, quality=None)
        events.append(event(len(events) + 1, at, "tv", body))
        at += length
    return events


def by_definition(pieces: list[Piece], closes: int, reason: str) -> Figures:
    """Return the figures of a reason, microsecond by microsecond."""
    found, at = Figures(), 0
    for length, possible, blind in pieces:
        time = max(0, min(at + length, closes) - at)
        alike = [observed == f"bad:{reason}" for observed in possible]
        found.least += time if not blind and all(alike) else 0
        found.most_seen += time if not blind and any(alike) else 0
        found.most += time if blind or any(alike) else 0
        at += length
    return found


@examples(200)
@given(PIECES, st.integers(0, 600))
def test_own_totals_are_those_of_the_pieces(pieces: list[Piece], closes: int) -> None:
    """Least, most seen and most of each reason; never more than all reasons together."""
    durable = fold(recorded(pieces, closes))
    found = totals(durable, "tv", sum(length for length, _, _ in pieces))
    for reason in OWN_REASONS:
        own = found.own[reason]
        assert own == by_definition(pieces, closes, reason)
        assert 0 <= own.least <= own.most_seen <= own.most
        assert own.least <= found.figures.least
        assert own.most <= found.figures.most
    assert sum(found.own[reason].least for reason in OWN_REASONS) <= found.figures.least


@examples(60)
@given(PIECES, st.integers(0, 600), st.data())
def test_own_totals_do_not_depend_on_where_a_snapshot_was_taken(
    pieces: list[Piece], closes: int, data: st.DataObject
) -> None:
    """I1: a state of a program that did not have them yet goes on, its own totals from there."""
    events = recorded(pieces, closes)
    cut = data.draw(st.integers(1, len(events)))
    whole = fold(events)
    assert fold(events[cut:], from_plain(Durable, to_plain(fold(events[:cut])))) == whole
    older = to_plain(fold(events[:cut]))
    for programme in older["programmes"].values():
        del programme["own"]
    resumed = fold_record(GENERATION, older, events[cut:])
    for name, programme in resumed.programmes.items():
        assert programme.figures == whole.programmes[name].figures
        for reason, figures in programme.own.items():
            assert figures.least <= whole.programmes[name].own[reason].least
