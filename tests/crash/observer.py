"""Holds the record and the desk's messages against what truly happened. Touches no process."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from monitord.core.apply import apply
from monitord.core.codec import canonical, from_plain, shape_hash, to_plain
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Event
from monitord.history import History
from monitord.journal import Journal
from monitord.journal.alive import read_alive
from tests.crash.harness import Notes, Outage

SURELY_SEEN = 2 * SECOND
"""Well above bound and widest evidence (0.72 s), with room for a busy machine's own delays."""


@dataclass
class Verdict:
    """Counts and failures of one seed."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def must(self, *, holds: bool, text: str) -> None:
        """Note a failure unless it holds."""
        if not holds:
            self.failures.append(text)


def observe(notes: Notes) -> Verdict:
    """Check one seed's whole history."""
    verdict = Verdict()
    with History(notes.folder / "record") as history:
        events = list(history.all_events())
        verdict.failures += history.verify()
    alive = read_alive(notes.folder / "record")
    assert alive is not None, "a daemon that lived left a sign of life"
    to_site = alive.site - alive.boottime
    _check_order(events, verdict)
    _check_fold(notes, events, verdict)
    _check_outages(notes, events, to_site, verdict)
    _check_messages(notes, events, verdict)
    _check_counters(notes, verdict)
    verdict.must(holds=notes.exit_code == 0, text=f"the last life ended with {notes.exit_code}")
    verdict.counts["kills"] = len(notes.lives) - 1
    verdict.counts["steps_killed_at"] = len(notes.killed_at)
    verdict.counts["outages"] = len(notes.outages)
    verdict.counts["messages"] = len(notes.received)
    verdict.counts["events"] = len(events)
    return verdict


def _check_order(events: list[Event], verdict: Verdict) -> None:
    for before, after in pairwise(events):
        follows = after.number == before.number + 1 and after.at >= before.at
        verdict.must(holds=follows, text=f"event {after.number} does not follow {before.number}")
    verdict.must(holds={e.epoch for e in events} == {1}, text="a crash began a new epoch")


def _check_fold(notes: Notes, events: list[Event], verdict: Verdict) -> None:
    """The record folds from zero to what the last life left as its snapshot."""
    durable = Durable()
    for event in events:
        apply(durable, event)
    record = notes.folder / "record"
    journal = Journal.open(record, site="hill", shape=shape_hash(Durable))
    loaded = journal.load()
    plain = loaded.snapshot_plain()
    verdict.must(holds=plain is not None, text="the last life left no snapshot")
    if plain is not None:
        resumed = from_plain(Durable, plain)
        for event in loaded.events:
            apply(resumed, event)
        same = canonical(to_plain(resumed)) == canonical(to_plain(durable))
        verdict.must(holds=same, text="snapshot and record fold to different states")
    journal.close()


def _impacts(events: list[Event]) -> list[tuple[str, int, int]]:
    off_air = {
        event.subject
        for event in events
        if event.kind == "incident_opened" and json.loads(event.body)["fault"] == "off_air"
    }
    found = []
    for event in events:
        if event.kind == "impact_ended" and event.subject in off_air:
            body = json.loads(event.body)
            found.append((event.subject, body["began_not_before"], body["not_after"]))
    return found


def _check_outages(notes: Notes, events: list[Event], to_site: int, verdict: Verdict) -> None:
    impacts = _impacts(events)
    outages = [Outage(o.start + to_site, o.finish + to_site) for o in notes.outages]
    lives = [(begin + to_site, end + to_site) for begin, end in notes.lives]
    told = {(r["incident_id"], r["person"]) for r in notes.received}
    for number, begin, end in impacts:
        true = any(o.start <= end and begin <= o.finish for o in outages)
        verdict.must(holds=true, text=f"incident {number} tells of an outage that was none")
    for outage in outages:
        mine = [i for i in impacts if i[1] <= outage.finish and outage.start <= i[2]]
        if mine:
            heard = any((i[0], p) in told for i in mine for p in ("desk", "leader"))
            verdict.must(holds=heard, text=f"nobody was told of the outage at {outage.start}")
            continue
        verdict.counts["unseen"] += 1
        watched = max(
            (min(outage.finish, end) - max(outage.start, begin) for begin, end in lives), default=0
        )
        text = f"the outage at {outage.start} was watched for {watched} us and is not on record"
        verdict.must(holds=watched < SURELY_SEEN, text=text)


def _check_messages(notes: Notes, events: list[Event], verdict: Verdict) -> None:
    seen = Counter((r["person"], r["alert_id"]) for r in notes.received)
    duplicates = sum(count - 1 for count in seen.values())
    verdict.counts["duplicates"] = duplicates
    verdict.counts["in_flight_at_kill"] = notes.in_flight
    text = f"{duplicates} duplicates, {notes.in_flight} deliveries in flight at a kill"
    verdict.must(holds=duplicates <= notes.in_flight, text=text)
    begun = {
        json.loads(event.body)["alert"]["alert_id"]
        for event in events
        if event.kind == "attempt_began"
    }
    for received in notes.received:
        gate = received["unrecorded"] or received["alert_id"] in begun
        verdict.must(holds=gate, text=f"{received['alert_id']} was told and is not on record")
    _check_last_words(notes, events, verdict)


def _check_last_words(notes: Notes, events: list[Event], verdict: Verdict) -> None:
    confirmed: dict[tuple[str, str], str] = {}
    alerts: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        body = json.loads(event.body)
        if event.kind == "attempt_began":
            alerts[event.subject, body["incident"]] = body["alert"]
        elif event.kind == "attempt_ended" and body["delivered"]:
            key = event.subject, body["incident"]
            confirmed[key] = alerts[key]["told"]
    for event in events:
        if event.kind == "incident_closed":
            for person in ("desk", "leader"):
                word = confirmed.get((person, event.subject), "nothing")
                last = word in ("recovered", "closed_before_told")
                verdict.must(holds=last, text=f"{person}: last word of {event.subject} was {word}")
    still = {e.subject for e in events if e.kind == "incident_opened"} - {
        e.subject for e in events if e.kind == "incident_closed"
    }
    verdict.must(holds=not still, text=f"incidents never closed: {sorted(still)}")


def _check_counters(notes: Notes, verdict: Verdict) -> None:
    highest: dict[str, float] = {}
    watched = ("monitord_programme_state_seconds_total", "monitord_programme_off_air_seconds_total")
    for scrape in notes.counters:
        for name, value in scrape.items():
            if name.startswith(watched):
                back = highest.get(name, 0.0) - value
                verdict.must(holds=back <= 1e-6, text=f"{name} went back by {back} s")
                highest[name] = max(value, highest.get(name, 0.0))
    verdict.counts["scrapes"] = len(notes.counters)
