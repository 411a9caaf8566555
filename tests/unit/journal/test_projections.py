"""The projections after the events that change them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitord.core.model import Event
from monitord.history import (
    History,
    PastDelivery,
    PastImpact,
    PastIncident,
    PastInterval,
    PastPiece,
)
from monitord.journal.database import NAME
from tests.fixtures.events import behind_its_back, event, opened, piece, recorded


def calendar(number: int, at: int, known_to: int = 10**6, **intervals: list[list[object]]) -> Event:
    """Return an extended calendar."""
    body = {"intervals": intervals, "known_to": known_to}
    return event(number, "calendar_extended", at=at, **body)


GOOD, BAD, SILENT = ["good"], ["bad:x"], ["bad:silence", "good"]
WITHDRAWN = event(2, "programme_withdrawn", "fm", at=5_000, why="")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            [piece(1, 10, GOOD), piece(2, 15, GOOD, programme="tv"), piece(3, 20, SILENT)],
            [(10, 20, GOOD), (20, None, SILENT)],
        ),
        (
            [piece(1, 10, GOOD), piece(2, 20, BAD), piece(3, 20, GOOD)],
            [(10, 20, GOOD), (20, None, GOOD)],
        ),
        (
            [piece(1, 10, GOOD), WITHDRAWN, piece(3, 9_000, GOOD)],
            [(10, 5_000, GOOD), (9_000, None, GOOD)],
        ),
    ],
    ids=["another-programme", "replaced-at-its-own-start", "withdrawn"],
)
def test_a_piece_ends_where_the_next_of_its_programme_starts(
    tmp_path: Path,
    given: list[Event],
    expected: list[tuple[int, int | None, list[str]]],
) -> None:
    """No gap and no overlap; the last one is open, unless its programme is withdrawn."""
    with recorded(tmp_path, *given) as history:
        assert history.pieces("fm", 0, 10_000) == [
            PastPiece("fm", start, finish, tuple(possible), None, presumed=False)
            for start, finish, possible in expected
        ]


@pytest.mark.parametrize(
    ("begin", "end", "starts"),
    [
        (0, 10, []),
        (0, 11, [10]),
        (19, 20, [10]),
        (20, 21, [20]),
        (29, 31, [20, 30]),
        (99, 100, [30]),
    ],
)
def test_pieces_are_those_that_overlap_the_given_time(
    tmp_path: Path, begin: int, end: int, starts: list[int]
) -> None:
    """From is included, to is not."""
    given = [piece(number, 10 * number, ["good"]) for number in (1, 2, 3)]
    with recorded(tmp_path, *given) as history:
        assert [found.start for found in history.pieces("fm", begin, end)] == starts


def incident(number: int, name: str, at: int) -> Event:
    """Return an opened incident."""
    return event(
        number,
        "incident_opened",
        name,
        at=at,
        programme="fm",
        fault="off_air",
        severity="critical",
        reason="no_carrier",
        stage="transmitter",
        conditions=["fm1.radiating"],
        opened_at=at - 7,
    )


def test_an_incident_of_an_earlier_generation_keeps_its_last_cause_and_its_end(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """A revision replaces the reason; the closing adds the end. It has no short number."""
    given = [
        incident(1, "1-1", 100),
        event(2, "incident_revised", "1-1", reason="a", stage="a", conditions=[]),
        event(3, "incident_revised", "1-1", reason="silence", stage="studio", conditions=[]),
        incident(4, "1-4", 200),
        event(5, "incident_closed", "1-1", at=300, cause="cleared"),
    ]
    opened_at: dict[str, Any] = {"programme": "fm", "fault": "off_air", "severity": "critical"}
    opened_at |= {"number": None, "place": None, "continued_in": None, "continued_number": None}
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        found = history.incidents(9)
        assert history.incidents(1) == found[:1]
    assert found == [
        PastIncident(
            "1-4",
            **opened_at,
            reason="no_carrier",
            stage="transmitter",
            opened_at=193,
            closed_at=None,
            close_cause=None,
        ),
        PastIncident(
            "1-1",
            **opened_at,
            reason="silence",
            stage="studio",
            opened_at=93,
            closed_at=300,
            close_cause="recovered",
        ),
    ]


def test_an_impact_of_an_earlier_generation_gets_its_end_and_its_figures(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """The end may narrow the start. Each ended one is an outage of the statements."""
    begun = {"programme": "fm", "number": 1, "not_before": 10, "not_after": 20}
    ended = {"began_not_before": 15, "began_not_after": 20, "not_before": 90, "not_after": 95}
    figures = {"least": 70, "most_seen": 75, "most": 80}
    given = [
        incident(1, "1-1", 10),
        event(2, "impact_began", "1-1", **begun, reason="silence", column="off_air"),
        event(3, "impact_ended", "1-1", programme="fm", number=1, **ended, **figures),
        event(4, "impact_began", "1-1", **{**begun, "number": 2}, reason="r", column="off_air"),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        assert history.impacts("1-1") == [
            impact(1, reason="silence", began=(15, 20), ended=(90, 95), figures=(70, 75, 80)),
            impact(2, reason="r", began=(10, 20)),
        ]
        assert history.impacts("1-2") == []
        (outage,) = history.outages(0, 10_000)
    assert (outage.id, outage.fault, outage.stage) == ("1-1-1", "off_air", "transmitter")
    assert (outage.reason, outage.most, outage.incident) == ("silence", 80, "1-1")
    assert (outage.how, outage.owners, outage.suspected) == (None, (), False)


def impact(
    number: int,
    *,
    reason: str = "no_carrier",
    began: tuple[int, int],
    ended: tuple[int | None, int | None] = (None, None),
    figures: tuple[int | None, int | None, int | None] = (None, None, None),
    over: int | None = None,
    how: str | None = None,
) -> PastImpact:
    """Return a fall of fm in incident 1-1."""
    return PastImpact(
        "1-1", "fm", "off_air", number, reason, "off_air", *began, *ended, *figures, over, how
    )


FM = {"programme": "fm", "fault": "off_air"}
PLACE = {"id": "fm1/transmitter", "kind": "stage"}


def opening(number: int, name: str = "1-1", at: int = 10) -> Event:
    """Return an opened incident of this generation."""
    cause = {"reason": "no_carrier", "stage": "transmitter", "conditions": ["fm1.radiating"]}
    given = FM | cause | {"severity": "major", "opened_at": at, "since": at - 5}
    return event(number, "incident_opened", name, at=at, **given, number=101, place=PLACE)


def member(
    number: int, kind: str = "member_joined", name: str = "1-1", fall: int = 1, **more: object
) -> Event:
    """Return a fault that joins an incident or falls again in it."""
    given = FM | {"severity": "major", "rank": 3, "reason": "no_carrier", "column": "off_air"}
    given |= {"number": fall, "not_before": 10, "not_after": 20}
    return event(number, kind, name, at=10 * number, **given | more)


def over(number: int, how: str = "good", fall: int = 1, **more: object) -> Event:
    """Return the end of a member."""
    given = FM | {"over": 95, "how": how, "number": fall, "flaps": False}
    given |= {"began_not_before": 10, "began_not_after": 20, "not_before": 90, "not_after": 95}
    given |= {"least": 70, "most_seen": 75, "most": 80}
    return event(number, "member_over", "1-1", at=10 * number, **given | more)


CONTINUED = {"not_before": None, "not_after": None, "least": 0, "most_seen": 0, "most": 0}


def ended_outage(number: int, name: str, ended: tuple[int, int], **more: object) -> Event:
    """Return the row of an outage that has ended."""
    given = FM | {"reason": "no_carrier", "layer": "output", "stage": "transmitter"}
    given |= {"devices": ["fm1"], "owner": "tower", "began": [10, 20], "ended": [*ended]}
    given |= {"figures": {"least": 70, "most_seen": 75, "most": 80}, "how": "good"}
    given |= {"owners": [[20, ended[1], "fm1/transmitter", "tower"]], "incident": None}
    given |= {"suspected": False}
    return event(number, "outage_ended", name, at=10 * number, **given | more)


def test_an_incident_has_its_number_its_place_and_the_worst_severity_of_its_faults(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """It keeps its first fault; a move replaces cause and place; it closes into another one."""
    tv = {"programme": "tv", "severity": "critical"}
    radio = {"programme": "am", "severity": "minor"}
    moved = {"reason": "silence", "stage": "studio", "conditions": [], "was": "fm1/transmitter"}
    given = [
        opening(1),
        member(2),
        member(3, **tv),
        member(4, **radio),
        event(5, "incident_moved", "1-1", **moved, place={"id": "io/studio", "kind": "stage"}),
        event(6, "incident_closed", "1-1", at=300, how="continued", into="1-9"),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        (found,) = history.incidents()
    assert (found.number, found.programme, found.severity) == (101, "fm", "critical")
    assert (found.reason, found.stage, found.place) == ("silence", "studio", "io/studio")
    assert (found.closed_at, found.close_cause, found.continued_in) == (300, "continued", "1-9")


def test_every_fall_of_a_member_has_its_begin_its_end_and_its_figures(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """A fall that goes on is open: an outage that comes back under its cause is open again."""
    given = [
        opening(1),
        member(2),
        over(3),
        member(4, "member_fell", fall=2, not_before=100, not_after=110),
        over(5, "continued", fall=2, **CONTINUED),
        member(6, "member_fell", fall=2, not_before=100, not_after=110),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        first, second = history.impacts("1-1")
    figures = (70, 75, 80)
    assert first == impact(1, began=(10, 20), ended=(90, 95), figures=figures, over=95, how="good")
    assert second == impact(2, began=(100, 110))


def test_a_continued_fall_ends_with_its_outage(tmp_path: Path, *, one_by_one: bool) -> None:
    """Its figures come with the end, though its incident closed long before (rule 5.2)."""
    given = [
        opening(1),
        member(2),
        over(3, "continued", over=50, **CONTINUED),
        ended_outage(4, "fm-1", (200, 210), incident="1-4"),
        event(5, "incident_closed", "1-1", how="continued", into="1-4"),
    ]
    with recorded(tmp_path, *given[:3]) as history:
        lasts = impact(1, began=(10, 20), over=50, how="continued")
        assert history.impacts("1-1") == [lasts]
    folder = tmp_path / "all"
    folder.mkdir()
    with recorded(folder, *given, one_by_one=one_by_one) as history:
        assert history.impacts("1-1") == [
            replace(
                lasts,
                ended_not_before=200,
                ended_not_after=210,
                least=70,
                most_seen=75,
                most=80,
            )
        ]


def test_the_short_falls_before_a_member_joined_belong_to_its_incident(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """Each was too short to open an incident; the sums of the incident contain them."""
    given = [
        ended_outage(1, "fm-1", (30, 31)),
        ended_outage(2, "fm-2", (50, 51)),
        ended_outage(3, "fm-3", (60, 61)),
        opening(4),
        member(5, fall=3, not_before=70, not_after=80, falls=["fm-2", "fm-3"]),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        falls = history.impacts("1-1")
        owned = {outage.id: outage.incident for outage in history.outages(0, 1_000)}
    assert [(fall.number, fall.ended_not_after) for fall in falls] == [(1, 51), (2, 61), (3, None)]
    assert owned == {"fm-1": None, "fm-2": "1-1", "fm-3": "1-1"}


def test_outages_are_those_that_overlap_the_given_time(tmp_path: Path) -> None:
    """From is included, to is not; each has its devices and whose seconds they are."""
    given = [ended_outage(1, "fm-1", (90, 100)), ended_outage(2, "fm-2", (95, 200))]
    with recorded(tmp_path, *given) as history:
        assert [one.id for one in history.outages(99, 1_000)] == ["fm-1", "fm-2"]
        assert [one.id for one in history.outages(100, 1_000)] == ["fm-2"]
        assert history.outages(0, 10) == []
        first, _ = history.outages(0, 11)
    assert (first.devices, first.owner) == (("fm1",), "tower")
    assert first.owners == ((20, 100, "fm1/transmitter", "tower"),)


def test_the_open_incidents_of_an_earlier_generation_go_on_after_the_base(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """They get short numbers there, and a fault that had no begin gets one."""
    fall = {"reason": "no_reserve", "began": [40, 50]}
    reserve = {"programme": "fm", "fault": "reserve_lost/transmitter", "count": 1, "over": None}
    known = {"number": 107, "place": PLACE, "members": {"fm/r": reserve | {"falls": [fall]}}}
    begun = FM | {"number": 1, "not_before": 10, "not_after": 20}
    before = [
        incident(1, "1-1", 100),
        event(2, "impact_began", "1-1", **begun, reason="no_carrier", column="off_air"),
    ]
    moved = {"reason": "silence", "stage": "studio", "conditions": [], "was": "fm1/transmitter"}
    after = [
        event(1, "base_adopted", "", state={"incidents": {"1-1": known}}),
        event(2, "incident_moved", "1-1", **moved, place={"id": "io/studio", "kind": "stage"}),
        over(3),
        event(4, "incident_closed", "1-1", at=400, how="recovered", into=None),
    ]
    with opened(tmp_path) as journal:
        journal.commit_sync(before)
        epoch = journal.next_epoch("another generation")
        begun_there = [each._replace(epoch=epoch) for each in after]
        for batch in [[e] for e in begun_there] if one_by_one else [begun_there]:
            journal.commit_sync(batch)
    with History(tmp_path) as history:
        (found,) = history.incidents()
        off_air, lost = history.impacts("1-1")
    assert (found.number, found.place, found.closed_at) == (107, "io/studio", 400)
    assert (off_air.fault, off_air.ended_not_after, off_air.most) == ("off_air", 95, 80)
    assert (lost.fault, lost.reason, lost.began_not_after) == (
        "reserve_lost/transmitter",
        "no_reserve",
        50,
    )
    assert (lost.column, lost.ended_not_after) == (None, None)


def test_each_incident_of_a_message_lists_it(tmp_path: Path, *, one_by_one: bool) -> None:
    """A storm's digest is one message about several incidents (rule 5.6)."""
    one = {"incident": "1-1", "attempt": 1}
    storm = {"incident": "1-1", "attempt": 2}
    both = [{"incident": "1-1"}, {"incident": "1-2"}]
    own = {"incident": "1-2", "attempt": 2}
    ended = {"delivered": True, "lost": False, "detail": ""}
    given = [
        event(
            1, "attempt_began", "ann", at=10, **one, channel="c", alert={"told": "opened"},
            news=both[:1],
        ),
        event(
            2, "attempt_began", "ann", at=20, **storm, channel="c", alert={"told": "storm"},
            news=both,
        ),
        event(
            3, "attempt_began", "ann", at=30, **own, channel="c", alert={"told": "partly"},
            news=both[1:],
        ),
        event(4, "attempt_ended", "ann", at=40, **storm, **ended),
    ]  # fmt: skip
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        first, second = history.deliveries("1-1"), history.deliveries("1-2")
    assert [(each.told, each.ended_at) for each in first] == [("opened", None), ("storm", 40)]
    assert [(each.told, each.ended_at) for each in second] == [("storm", 40), ("partly", None)]


def test_everyone_who_acknowledged_is_listed_the_first_one_first(
    tmp_path: Path, *, one_by_one: bool
) -> None:
    """The first one stopped the calls; a second one of the same person covers more members."""
    seen = [("bob", 10, ["fm"]), ("ann", 20, ["fm"]), ("bob", 30, ["fm", "tv"])]
    given = [
        event(number, "incident_acknowledged", "1-1", at=at, person=person, members=members)
        for number, (person, at, members) in enumerate(seen, start=1)
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        assert history.acknowledgements("1-1") == [
            ("bob", 10, ("fm", "tv")),
            ("ann", 20, ("fm",)),
        ]
        assert history.acknowledgements("1-2") == []


def test_a_record_of_another_program_is_folded_beside_it(tmp_path: Path) -> None:
    """Reports show what this program's tables have, and change nothing in the record."""
    recorded(tmp_path, opening(1), member(2), over(3)).close()
    behind_its_back(
        tmp_path,
        "DROP TABLE outage",
        "DELETE FROM impact",
        "UPDATE header SET value = 'older' WHERE key = 'projections'",
    )
    with History(tmp_path) as history:
        assert [found.most for found in history.impacts("1-1")] == [80]
        assert history.outages(0, 1_000) == []
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM impact").fetchone() == (0,)


def test_every_attempt_has_its_outcome(tmp_path: Path, *, one_by_one: bool) -> None:
    """Person, message, channel, times, and whether it was delivered."""
    first = {"incident": "1-1", "attempt": 1}
    second = {"incident": "1-1", "attempt": 2}
    ended = {"delivered": False, "lost": True, "detail": "HTTP 500"}
    told = {"told": "opened"}
    given = [
        event(1, "attempt_began", "ann", at=10, **first, channel="desk", alert=told),
        event(2, "attempt_ended", "ann", at=20, **first, **ended),
        event(3, "attempt_began", "ann", at=30, **second, channel="sms", alert=told),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        one, two = history.deliveries("1-1")
    assert one == PastDelivery(
        "ann", "1-1", 1, "desk", "opened", 10, 20, delivered=False, lost=True, detail="HTTP 500"
    )
    assert (two.attempt, two.channel, two.ended_at, two.delivered) == (2, "sms", None, None)


ADOPTED = event(1, "clock_adopted", at=1, offset=1_000, was=0)
# Events, and the intervals of fm that are expected after them.
CALENDARS: dict[str, tuple[list[Event], list[tuple[int, int, str]]]] = {
    "a changed calendar does not change what was expected before it": (
        [
            calendar(1, 0, fm=[[0, 100, "on"], [200, 300, "on"]], tv=[[0, 100, "on"]]),
            calendar(2, 50, fm=[[60, 90, "window"]], tv=[[20, 400, "on"]]),
        ],
        [(0, 50, "on"), (60, 90, "window")],
    ),
    "the part before now is that of the earlier calendar": (
        [calendar(1, 0, fm=[[0, 100, "on"]]), calendar(2, 50, fm=[[20, 400, "on"]])],
        [(0, 20, "on"), (20, 400, "on")],
    ),
    "a programme that the latest calendar omits is not expected any more": (
        [calendar(1, 0, fm=[[0, 100, "on"]]), calendar(2, 50, tv=[[60, 90, "on"]])],
        [(0, 50, "on")],
    ),
    "a calendar is cut at the wall time adopted before it": (
        [
            ADOPTED,
            calendar(2, 2, fm=[[900, 2_000, "on"]]),
            calendar(3, 50, fm=[]),
            event(4, "clock_adopted", at=60, offset=5_000, was=1_000),
        ],
        [(900, 1_050, "on")],
    ),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_the_latest_calendar_is_valid_from_when_it_was_recorded(
    tmp_path: Path, name: str, *, one_by_one: bool
) -> None:
    """Events have site time, calendars wall time; the adopted offset relates them."""
    given, expected = CALENDARS[name]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        found = history.calendar("fm", 0, 9_000)
        offsets = history.clock_offsets()
    assert found == [PastInterval("fm", *interval) for interval in expected]
    assert offsets == ([(1, 1_000), (60, 5_000)] if ADOPTED in given else [])
