"""A decision is answered taken or refused, once; it is recorded by name and changes no verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.decision_bodies import (
    Acknowledge,
    AdoptClock,
    Basis,
    ClearSiteState,
    DecisionBody,
    FalseAlarm,
    OtherKind,
    SetSiteState,
    Settle,
)
from monitord.core.decision_folds import KEPT_FOR, KEPT_MAX
from monitord.core.decisions import ID_MAX, TEXT_MAX
from monitord.core.durable import Durable, Incident
from monitord.core.model import SECOND, Decision, Event
from tests.support.seam import Watch, fm_site, fold, plant_site

KIND = "incident_acknowledged"


def acknowledge(watch: Watch, incident: str, person: str, after: int = 0) -> tuple[Event, ...]:
    at = watch.driver.now + after
    key = f"{person}-{at}"
    decision = Decision(at, key, person, "test", Acknowledge(incident))
    return watch.driver.tick([decision], at)


def answers(events: tuple[Event, ...]) -> list[tuple[str, str]]:
    """Return (kind, why) of each event; why is empty for one that refuses nothing."""
    return [(event.kind, json.loads(event.body).get("why", "")) for event in events]


def off_air() -> tuple[Watch, Incident]:
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    (incident,) = watch.driver.situation.durable.incidents.values()
    return watch, incident


def test_an_acknowledgement_is_recorded_by_name() -> None:
    """The record has the person and the time."""
    watch, incident = off_air()
    events = acknowledge(watch, incident.id, "desk", after=3)
    taken, effect = events
    body = json.loads(taken.body)
    assert (taken.kind, taken.subject) == ("decision_taken", f"desk-{taken.at}")
    assert (body["person"], body["via"], body["kind"]) == ("desk", "test", "acknowledge")
    assert body["body"] == {"incident": incident.id}
    seen = {"person": "desk", "members": ["fm/off_air"]}
    assert (effect.kind, effect.subject, json.loads(effect.body)) == (KIND, incident.id, seen)
    assert (incident.acknowledged_by, incident.acknowledged_at) == ("desk", taken.at)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (Acknowledge("1-9"), {"incident": "1-9"}),
        (
            Settle("on_air", ("s1",), "fm", "heard it", (("s1", "fm", 5),)),
            {"ids": ["s1"], "programme": "fm", "verdict": "on_air", "note": "heard it"},
        ),
        (FalseAlarm("1-9", "music"), {"incident": "1-9", "saw": "music"}),
        (AdoptClock(77), {"wall": 77}),
        (
            SetSiteState("inside", "fm1", "Li Si", "T-7"),
            {"where": "inside", "device": "fm1", "who": "Li Si", "ticket": "T-7"},
        ),
        (ClearSiteState(3), {"number": 3}),
        (OtherKind("sing"), {"name": "sing"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_decision_is_recorded_with_what_the_person_said(
    body: DecisionBody, asked: dict[str, object]
) -> None:
    """Word by word, whatever its kind: a command and the metrics read it by these names."""
    assert body.asked() == asked


def test_acknowledging_twice_is_refused() -> None:
    """The first person counts; another one may say that he has seen it too."""
    watch, incident = off_air()
    acknowledge(watch, incident.id, "desk")
    refused = [("decision_refused", "already_acknowledged")]
    assert answers(acknowledge(watch, incident.id, "desk", after=1)) == refused
    assert answers(acknowledge(watch, incident.id, "engineer", after=2))[-1][0] == KIND
    assert incident.acknowledged_by == "desk"
    assert list(incident.acknowledged) == ["desk", "engineer"]


def test_an_acknowledgement_covers_only_the_members_it_saw() -> None:
    """Rule 5.2: a programme that falls later is news, and is acknowledged again."""
    site = plant_site()
    watch = Watch(site).hold(30).hold(10, mux="one_lost").hold(10, mux="bad")
    (incident,) = watch.driver.situation.durable.incidents.values()
    acknowledge(watch, incident.id, "desk")
    assert answers(acknowledge(watch, incident.id, "desk", after=1))[0][0] == "decision_refused"
    assert incident.acknowledged["desk"] == ["one/off_air", "three/off_air", "two/off_air"]
    watch = Watch(site).hold(30).hold(10, mux="one_lost")
    (incident,) = watch.driver.situation.durable.incidents.values()
    acknowledge(watch, incident.id, "desk")
    watch.hold(10, mux="bad")
    assert answers(acknowledge(watch, incident.id, "desk"))[0][0] == "decision_taken"


def test_only_an_open_incident_is_acknowledged_and_only_by_a_configured_person() -> None:
    """An unknown incident or person, a closed incident, another kind: refused, and recorded so."""
    watch, incident = off_air()
    unknown = [("decision_refused", "unknown_incident")]
    assert answers(acknowledge(watch, "1-1", "desk")) == unknown
    stranger = acknowledge(watch, incident.id, "stranger")
    assert answers(stranger) == [("decision_refused", "unknown_person")]
    at = watch.driver.now
    other = watch.driver.tick([Decision(at, "x", "desk", "test", OtherKind("dance"))], at)
    assert answers(other) == [("decision_refused", "unknown_kind")]
    watch.hold(60)
    assert watch.bodies("incident_closed")
    assert answers(acknowledge(watch, incident.id, "desk")) == unknown
    assert not watch.bodies(KIND)


def test_the_same_id_decides_once() -> None:
    """A person whose answer was lost asks again; nothing happens twice, also in another tick."""
    watch, incident = off_air()
    at = watch.driver.now
    decision = Decision(at, "paper-7", "desk", "test", Acknowledge(incident.id))
    first = watch.driver.tick([decision, replace(decision, via="again")], at)
    assert answers(first) == [("decision_taken", ""), (KIND, "")]
    later = at + SECOND
    assert watch.driver.tick([replace(decision, at=later, person="engineer")], later) == ()


@pytest.mark.parametrize(
    ("basis", "why"),
    [
        (Basis("张三", "皖广〔2023〕12号", (1, 2), "1-1"), ""),
        (Basis(effective=(1, None), seen="0-999"), ""),
        (Basis("张" * 200, "x" * 200), ""),
        (Basis("张" * 201), "too_long"),
        (Basis(paper="x" * 201), "too_long"),
        (Basis(effective=(2, 2)), "ends_before_it_begins"),
        (Basis(effective=(3, 2)), "ends_before_it_begins"),
        (Basis(seen="1-999999"), "unknown_version"),
        (Basis(seen="2-1"), "unknown_version"),
        (Basis(seen="1"), "unknown_version"),
        (Basis(seen="1-"), "unknown_version"),
        (Basis(seen="-1"), "unknown_version"),
        (Basis(seen="a-1"), "unknown_version"),
        (Basis(seen=f"1-{'1' * 63}"), "unknown_version"),
    ],
)
def test_a_decision_whose_basis_cannot_be_is_refused(basis: Basis, why: str) -> None:
    """It ends before it begins, was seen in the future, or is longer than the record keeps."""
    watch, incident = off_air()
    at = watch.driver.now
    decision = Decision(at, "k1", "desk", "test", Acknowledge(incident.id), basis)
    (kind, found), *_ = answers(watch.driver.tick([decision], at))
    assert (kind, found) == ("decision_refused" if why else "decision_taken", why)


def test_the_record_keeps_the_begin_of_texts_that_it_refuses() -> None:
    """What is too long is not kept for ever because it was refused."""
    watch, incident = off_air()
    at = watch.driver.now
    basis = Basis("甲" * 3_000, "x" * 3_000, (1, 2), "1-" + "1" * 3_000)
    decision = Decision(at, "k1", "desk", "test", Acknowledge(incident.id), basis)
    (refused, *_) = watch.driver.tick([decision], at)
    kept = json.loads(refused.body)
    assert (kept["on_behalf_of"], kept["paper"]) == ("甲" * TEXT_MAX, "x" * TEXT_MAX)
    assert (len(kept["seen"]), kept["effective"]) == (ID_MAX, [1, 2])


def test_the_newest_event_is_the_newest_version_that_anybody_has_seen() -> None:
    """Its number is not in the future, the next one's is."""
    watch, incident = off_air()
    durable = watch.driver.situation.durable
    for ahead, kind in ((1, "decision_refused"), (0, "decision_taken")):
        at = watch.driver.now
        basis = Basis(seen=f"{durable.epoch}-{durable.number + ahead}")
        decision = Decision(at, f"k{ahead}", "desk", "test", Acknowledge(incident.id), basis)
        assert watch.driver.tick([decision], at)[0].kind == kind


def test_an_id_is_forgotten_after_seven_days_and_beyond_a_number() -> None:
    """What is remembered is bounded, and the same from any snapshot."""
    watch, _ = off_air()
    at = watch.driver.now
    found = watch.driver.situation.durable.decisions

    def ask(key: str, moment: int) -> None:
        watch.driver.tick([Decision(moment, key, "nobody", "test", OtherKind("x"))], moment)

    ask("first", at)
    ask("second", at + KEPT_FOR)
    assert list(found) == ["first", "second"]
    ask("third", at + KEPT_FOR + 1)
    assert list(found) == ["second", "third"]
    at += KEPT_FOR + 2
    many = [Decision(at, f"{n}", "nobody", "test", OtherKind("x")) for n in range(KEPT_MAX)]
    watch.driver.tick(many, at)
    assert len(found) == KEPT_MAX
    assert not {"second", "third"} & set(found)


def test_an_acknowledgement_survives_the_restart() -> None:
    """It is in the folded state and in a snapshot."""
    watch, incident = off_air()
    acknowledge(watch, incident.id, "engineer")
    folded = fold(watch.driver.events)
    assert folded.incidents[incident.id].acknowledged_by == "engineer"
    plain = json.loads(canonical(to_plain(folded)))
    assert from_plain(Durable, plain) == folded


@pytest.mark.parametrize("key", ["", "\0", "k\0", "k 1", "键", "x" * 65])
def test_an_impossible_id_leaves_no_event(key: str) -> None:
    """The record keeps no subject with a NUL whole: such an event would break its chain."""
    watch, incident = off_air()
    at = watch.driver.now
    assert (
        watch.driver.tick([Decision(at, key, "desk", "test", Acknowledge(incident.id))], at) == ()
    )
