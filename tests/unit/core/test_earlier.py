"""States of earlier programs: folded as those programs did, then mapped field by field.

The lives of generation 2 were played with reloads by the last program before generation 3.
"""

from __future__ import annotations

from dataclasses import make_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from monitord.core.base import base_of, fold
from monitord.core.codec import canonical, shape_hash, to_plain
from monitord.core.durable import Durable
from monitord.core.earlier import SHAPES, Earlier, apply, from_snapshot
from monitord.core.generation1.durable import Durable as Durable1
from monitord.core.generation1.states import FaultState, RowState
from monitord.core.model import Stream
from monitord.journal.chain import digest_of
from tests.fixtures.generation1 import HISTORIES, HISTORIES_2, history_of

INCIDENTS = ("incidents", "closed_incidents", "lanes")
"""Fields that ``map_incidents`` maps, with the faults; the others are mapped one to one."""


def plain_of(found: Earlier) -> dict[str, Any]:
    """Return the state as the last program of generation 2 stored it."""
    added = {"stream": Stream.SITE.value, "config_content": found.config_content}
    return to_plain(found.durable) | added


@pytest.mark.parametrize("path", HISTORIES_2, ids=lambda path: path.name[:-8])
def test_a_history_of_generation_2_folds_to_the_same_states(path: Path) -> None:
    """Reloads and stored configurations included, event by event to the same canonical bytes."""
    history = history_of(path)
    found = Earlier()
    for event, digest in zip(history.events, history.states, strict=True):
        apply(found, event)
        assert digest_of(canonical(plain_of(found)))[:16] == digest, (event.number, event.kind)
    assert plain_of(found) == history.state


def test_the_histories_of_generation_2_show_what_the_frozen_fold_does_not_know() -> None:
    """Else the test before proves nothing of it."""
    lives = [history_of(path) for path in HISTORIES_2]
    adopted = [e.body for life in lives for e in life.events if e.kind == "config_adopted"]
    assert any(b'"removed":{"device"' in body for body in adopted)
    assert any(b'"changed":{"device"' in body for body in adopted)
    assert {life.state["config_content"] for life in lives} == {"stored1"}


def test_the_snapshots_of_earlier_programs_are_known() -> None:
    """Names and types of their states give the digests that their snapshots carry."""
    hints = get_type_hints(Durable1)
    shape: list[tuple[str, Any]] = [("stream", Stream)]
    for name, hint in hints.items():
        shape.append((name, hint))
        if name == "config_hash":
            shape.append(("config_content", str))
    assert (shape_hash(Durable1), shape_hash(make_dataclass("Durable", shape))) == SHAPES


@pytest.mark.parametrize("path", HISTORIES_2, ids=lambda path: path.name[:-8])
def test_an_earlier_state_is_the_same_folded_on_from_a_snapshot(path: Path) -> None:
    """A start folds only what comes after the newest snapshot."""
    history = history_of(path)
    half = len(history.events) // 2
    before = Earlier()
    for event in history.events[:half]:
        apply(before, event)
    assert from_snapshot(plain_of(before)) == before
    whole = fold(2, None, history.events)
    assert fold(2, plain_of(before), history.events[half:]) == whole
    assert whole.config_content == "stored1"


@pytest.mark.parametrize("path", [*HISTORIES, *HISTORIES_2], ids=lambda path: path.name[:-8])
def test_every_field_of_an_earlier_state_is_carried_over(path: Path) -> None:
    """Totals, pieces, proofs, faults, calendar and clock: after each event, to the microsecond."""
    found = Earlier()
    for event in history_of(path).events:
        apply(found, event)
        old, new = plain_of(found), to_plain(base_of(found))
        disputed = old.pop("clock_disputed")
        assert new["clock"]["mark"] == (None if disputed else old["last_at"] + old["clock_offset"])
        for programme in new["programmes"].values():
            assert programme["piece"].pop("quality") is None, "earlier programs did not judge it"
            assert (programme.pop("booked_to"), programme.pop("held")) == (None, [])
            own = programme.pop("own"), programme.pop("own_stretch")
            assert own == ({}, {}), "earlier programs did not divide it by reason"
        for programme in old["programmes"].values():
            programme.pop("faults")
        hours = new.pop("calendar")
        kept = {name: [part["hours"]["dated"] for part in parts] for name, parts in hours.items()}
        assert kept == {name: [parts] for name, parts in old.pop("calendar").items()}
        for condition in new["conditions"].values():
            assert condition.pop("not_before") == condition["since"]
        assert {k: new[k] for k in old if k not in INCIDENTS} == {
            k: old[k] for k in old if k not in INCIDENTS
        }


@pytest.mark.parametrize("path", [*HISTORIES, *HISTORIES_2], ids=lambda path: path.name[:-8])
def test_every_incident_of_an_earlier_state_is_carried_over(path: Path) -> None:
    """It keeps its id, its programmes, the falls with their seconds, and who acknowledged it."""
    found = Earlier()
    for event in history_of(path).events:
        apply(found, event)
        old, new = found.durable, base_of(found)
        assert new.incidents.keys() == old.incidents.keys()
        assert new.closed_incidents.keys() == old.closed_incidents.keys()
        for name, incident in [*new.incidents.items(), *new.closed_incidents.items()]:
            before = old.incidents.get(name) or old.closed_incidents[name]
            programmes = {before.programme, *before.joined}
            assert {m.programme for m in incident.members.values()} == programmes
            assert incident.acknowledged_by == before.acknowledged_by
            for member in incident.members.values():
                impacts = [i for i in before.impacts if i.programme == member.programme]
                assert member.count == max(1, len(impacts))
                whole = sum(fall.figures.most for fall in member.falls) + member.past.most
                assert whole == sum(impact.figures.most for impact in impacts)
        check_open_faults(old, new)


def check_open_faults(old: Durable1, new: Durable) -> None:
    """Every open fault is an outage with its incident's cause, and nothing else is."""
    open_faults = {
        f"{programme}/{name}": fault.incident
        for programme, now in old.programmes.items()
        for name, fault in now.faults.items()
        if fault.state is FaultState.OPEN and fault.incident in old.incidents
    }
    assert {name: held.incidents[0] for name, held in new.outages.items()} == open_faults
    for name, held in new.outages.items():
        (claim,) = held.claims.values()
        incident = new.incidents[claim.incident or ""]
        assert incident.place == claim.place
        assert incident.members[name].over is None
        assert new.places[claim.place.id] == incident.id


@pytest.mark.parametrize("path", [*HISTORIES, *HISTORIES_2], ids=lambda path: path.name[:-8])
def test_what_each_person_received_from_an_earlier_program_is_carried_over(path: Path) -> None:
    """What was delivered is known, what was being sent possibly arrived: nobody gets it twice."""
    found = Earlier()
    for event in history_of(path).events:
        apply(found, event)
        old, new = found.durable, base_of(found)
        for person, rows in old.lanes.items():
            for row in rows:
                incident = new.incidents.get(row.incident) or new.closed_incidents[row.incident]
                known = incident.people[person]
                sending = row.ever_told == "no" and row.state is RowState.TELLING
                assert known.received.value == ("perhaps" if sending else row.ever_told)
                assert (known.attempts, known.messages) == (row.attempts, row.messages)
                if row.ever_told == "yes":
                    assert known.falls == {m.id: m.count for m in incident.members.values()}
                    assert known.place == incident.place.id
