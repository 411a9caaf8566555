"""What a decision rests on is in the record word for word, and changes nothing that it decides."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.apply import body_of
from monitord.core.codec import canonical, to_plain
from monitord.core.decision_bodies import NO_BASIS, Acknowledge, Basis
from monitord.core.decision_events import DecisionRefused, DecisionTaken
from monitord.core.model import Decision, Event
from tests.properties.scripts import examples
from tests.support.seam import Watch, fm_site, fold

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.integers(0, 2**52)
SPANS = st.tuples(MOMENTS, st.none() | MOMENTS)
BASES = st.builds(Basis, TEXTS, TEXTS, st.none() | SPANS, st.sampled_from(["", "1-1"]) | TEXTS)


def decide(basis: Basis) -> tuple[Watch, tuple[Event, ...]]:
    """Let a person take the incident of an outage, on this basis."""
    watch = Watch(fm_site()).hold(20).hold(10, fm1="bad")
    (incident,) = watch.driver.situation.durable.incidents
    at = watch.driver.now
    decision = Decision(at, "k1", "desk", "test", Acknowledge(incident), basis)
    return watch, watch.driver.tick([decision], at)


@examples(60)
@given(BASES)
def test_the_record_keeps_the_basis_of_a_decision(basis: Basis) -> None:
    """On behalf of whom, by which paper, from when to when, and what the person saw."""
    watch, (answer, *_) = decide(basis)
    body = body_of(answer)
    assert isinstance(body, DecisionTaken | DecisionRefused)
    assert {key: getattr(body, key) for key in asdict(basis)} == asdict(basis)
    durable = watch.driver.situation.durable
    folded = fold(watch.driver.events)
    assert canonical(to_plain(folded)) == canonical(to_plain(durable))


@examples(60)
@given(BASES)
def test_a_decision_of_an_older_record_rests_on_nothing(basis: Basis) -> None:
    """Its event has none of the fields; everything else is read as it was written."""
    _, (answer, *_) = decide(basis)
    plain = {k: v for k, v in json.loads(answer.body).items() if k not in asdict(basis)}
    found = body_of(answer._replace(body=canonical(plain)))
    assert isinstance(found, DecisionTaken | DecisionRefused)
    assert found == replace(body_of(answer), **asdict(NO_BASIS))


@examples(60)
@given(BASES)
def test_what_a_decision_rests_on_decides_nothing_else(basis: Basis) -> None:
    """A basis that is possible has the same effect as none; any other is refused whole."""
    _, events = decide(basis)
    _, without = decide(NO_BASIS)
    if events[0].kind == "decision_taken":
        assert [(e.kind, e.subject, e.at) for e in events] == [
            (e.kind, e.subject, e.at) for e in without
        ]
        assert events[1:] == without[1:]
    else:
        assert [event.kind for event in events] == ["decision_refused"]
