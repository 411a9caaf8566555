"""Folds by example: what a wrong programme leaves in the state, and the figures of each reason."""

from __future__ import annotations

import json
from typing import Any

from monitord.core import incident_events as events
from monitord.core import incident_folds as folds
from monitord.core.apply import decode, encode, kind_of_body
from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.durable import Durable, Piece, ProgrammeNow
from monitord.core.events import PieceOpened
from monitord.core.figures import Figures
from monitord.core.folds import piece_opened
from monitord.core.incident_state import FALLS_KEPT, Wrong
from monitord.core.model import Column
from monitord.core.person_state import Knowledge, Received
from tests.unit.core.test_fold_examples import (
    AT,
    FM,
    began,
    claim,
    event,
    fall,
    incident,
    member,
    news,
    outage,
)


def turned(*conditions: str) -> events.WrongProgrammeTurned:
    return events.WrongProgrammeTurned("tx/tx", "tx", conditions, (AT - 2, AT - 1), AT)


def test_a_wrong_programme_that_begins_is_new_to_all_who_took_the_incident() -> None:
    """Nobody has seen it: no acknowledgement and no false alarm is about it."""
    durable = Durable(outages={FM: outage(claim(incident="1-45"))})
    taken: dict[str, Any] = {"desk": [FM]}
    durable.incidents["1-45"] = incident(
        members={FM: member(falls=[fall("1-40", AT)])},
        acknowledged=taken,
        acknowledged_by="desk",
        acknowledged_at=AT - 3,
        quiet=True,
    )
    folds.wrong_programme_turned(durable, event(FM), turned("io.right"))
    wrong = Wrong("tx", ("io.right",), (AT - 2, AT - 1), AT)
    assert durable.outages[FM].claims["tx/tx"].wrong == wrong
    found = durable.incidents["1-45"]
    assert found == incident(members={FM: member(falls=[fall("1-40", AT)], wrong=wrong, wrongs=1)})


def test_what_a_wrong_programme_leaves_is_that_there_was_one() -> None:
    """It goes on with other conditions, ends, and another one is the second."""
    durable = Durable(outages={FM: outage(claim(incident="1-45"))})
    durable.incidents["1-45"] = incident(members={FM: member()})
    for conditions, wrongs in ((("a.right",), 1), (("b.right",), 1), ((), 1), (("a.right",), 2)):
        durable.incidents["1-45"].acknowledged_by = "desk"
        folds.wrong_programme_turned(durable, event(FM), turned(*conditions))
        found = durable.incidents["1-45"].members[FM]
        now = found.wrong.conditions if found.wrong is not None else ()
        assert (now, found.wrongs) == (conditions, wrongs)
        is_taken = durable.incidents["1-45"].acknowledged_by is not None
        assert is_taken is (conditions in ((), ("b.right",)))


def test_a_fault_joins_and_falls_with_the_wrong_programme_of_its_cause() -> None:
    """One that begins before the incident opens is known to it from the first."""
    wrong = Wrong("tx", ("io.right",), (AT - 2, AT - 1), AT)
    durable = Durable(outages={FM: outage(claim(wrong=wrong))})
    durable.incidents["1-45"] = incident()
    joined = events.MemberJoined(
        "fm", "off_air", "critical", 4, 1, "filler", Column.OFF_AIR, AT - 6, AT - 5
    )
    folds.member_joined(durable, event("1-45"), joined)
    found = durable.incidents["1-45"].members[FM]
    assert (found.wrong, found.wrongs) == (wrong, 1)
    over = events.MemberOver("fm", "off_air", AT, "good", 1, 1, 2, 3, 4, 5, 6, 7, False)
    folds.member_over(durable, event("1-45"), over)
    assert (found.wrong, found.wrongs) == (None, 1)
    fell = events.MemberFell("fm", "off_air", 2, "filler", Column.OFF_AIR, AT - 6, AT - 5)
    folds.member_fell(durable, event("1-45"), fell)
    assert (found.wrong, found.wrongs) == (wrong, 2)


def test_the_figures_of_each_reason_stay_with_the_fall_and_behind_it() -> None:
    """Also those of falls that are no longer listed."""
    durable = Durable(outages={FM: outage(claim())})
    own = {"filler": Figures(1, 2, 3)}
    falls = [fall(f"1-{n}", AT, own=dict(own)) for n in range(FALLS_KEPT)]
    durable.incidents["1-45"] = incident(members={FM: member(falls=falls)})
    fell = events.MemberFell("fm", "off_air", 9, "filler", Column.OFF_AIR, AT - 6, AT - 5)
    folds.member_fell(durable, event("1-45"), fell)
    found = durable.incidents["1-45"].members[FM]
    assert found.past_own == own
    over = events.MemberOver(
        "fm", "off_air", AT, "good", 9, 1, 2, 3, 4, 5, 6, 7, False, {"filler": (4, 5, 6)}
    )
    folds.member_over(durable, event("1-45"), over)
    assert found.falls[-1].own == {"filler": Figures(4, 5, 6)}


def test_the_pieces_of_each_reason_are_kept_until_the_programme_is_on_the_air() -> None:
    """What may be of another reason is between; what may be good, or nobody sees, is of none."""
    durable = Durable()
    for start, possible, blind in (
        (0, ["good"], None),
        (10, ["good", "bad:filler"], None),
        (12, ["bad:filler"], None),
        (20, ["bad:filler", "bad:wrong_programme"], None),
        (21, ["bad:wrong_programme"], None),
        (30, ["unknown:silent"], "silent"),
        (40, ["bad:freeze"], None),
        (50, ["good"], None),
    ):
        piece_opened(durable, event("fm", start), PieceOpened(start, tuple(possible), blind, False))
    assert durable.programmes["fm"].own_stretch == {
        "filler": [(12, 20, "bad"), (20, 21, "between")],
        "wrong_programme": [(20, 21, "between"), (21, 30, "bad")],
    }
    piece_opened(durable, event("fm", 60), PieceOpened(60, ("bad:freeze",), None, False))
    assert durable.programmes["fm"].own_stretch == {}


LATER_KEYS = ("own", "own_stretch", "past_own", "wrong", "wrongs")
"""Keys of events and states that earlier programs of this generation did not write."""


def without_later_keys(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {k: without_later_keys(v) for k, v in plain.items() if k not in LATER_KEYS}
    return [without_later_keys(each) for each in plain] if isinstance(plain, list) else plain


def test_events_and_states_without_wrong_programmes_are_read_with_none() -> None:
    """Records of this generation exist that were written before."""
    durable = Durable(outages={FM: outage(claim())})
    durable.programmes["fm"] = ProgrammeNow(Piece(1, ["good"], None, presumed=False), 0)
    people = {"desk": Knowledge(received=Received.YES)}
    durable.incidents["1-45"] = incident(
        members={FM: member(falls=[fall("1-40", AT)])}, people=people
    )
    earlier = without_later_keys(json.loads(canonical(to_plain(durable))))
    assert from_plain(Durable, earlier) == durable
    over = events.MemberOver("fm", "off_air", AT, "good", 1, 1, 2, 3, 4, 5, 6, 7, False)
    for body in (over, began(1, "critical", news())):
        stored = without_later_keys(json.loads(encode(body)))
        assert decode(kind_of_body(body).name, json.dumps(stored)) == body
