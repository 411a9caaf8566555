"""The record equals a list, whatever is committed, fails, restarts or is rebuilt."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitord.core.apply import VERSIONS
from monitord.core.codec import canonical
from monitord.core.model import Event, Stream
from monitord.history import History
from monitord.journal import CommitFailed, Journal
from monitord.journal.projections import TABLES
from tests.fixtures.events import SHAPE, SITE, full_disk, opened, rows_in

LONG = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1

times = st.integers(0, 50)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
truths = st.booleans()
spans = st.sampled_from(["1-1", "1-2"])
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
"""Ids of decisions: visible ASCII characters."""
incident_ids = st.sampled_from(["1-1", "1-2"])
programmes = st.sampled_from(["fm", "tv"])
people = st.sampled_from(["ann", "bob"])
observed = st.lists(st.sampled_from(["good", "bad:silence", "unknown:absent"]), min_size=1)


@st.composite
def _intervals(draw: st.DrawFn) -> list[list[Any]]:
    cuts = sorted(draw(st.sets(times, max_size=6)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return [[a, b, draw(st.sampled_from(["on", "window"]))] for a, b in pairs]


def _shape(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


NUMBERED = {"programme": programmes, "number": st.integers(1, 2)}
ATTEMPT = {"incident": incident_ids, "attempt": st.integers(1, 3)}
faults = st.sampled_from(["off_air", "blind"])
severities = st.sampled_from(["critical", "major", "minor", "warning"])
outages = st.sampled_from(["1-3", "1-4", "1-5"])
moments = st.tuples(times, times)
places = _shape(id=texts, kind=texts)
OF_FAULT = {"programme": programmes, "fault": faults}
FALL = {**OF_FAULT, "number": st.integers(1, 3), "reason": texts, "column": texts}
FALL |= {"not_before": times, "not_after": times}
FIGURES = {"least": times, "most_seen": times, "most": times}
BEGAN = {"began_not_before": times, "began_not_after": times}
DECIDED = {"person": people, "via": texts, "kind": texts}
NO_BODY = (st.just(""), _shape(said=texts))


def _member_over(how: str, ends: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fixed = {"number": st.integers(1, 3), "over": times, "how": st.just(how)}
    return _shape(**OF_FAULT, **BEGAN, **FIGURES, **fixed, not_before=ends, not_after=ends)


BODIES: dict[str, tuple[st.SearchStrategy[str], st.SearchStrategy[dict[str, Any]]]] = {
    "clock_turned": (st.just(""), _shape(offset=st.integers(-9, 9), since=times)),
    "calendar_extended": (
        st.just(""),
        _shape(intervals=st.dictionaries(programmes, _intervals()), known_to=times),
    ),
    "piece_opened": (
        programmes,
        _shape(start=times, possible=observed, blind=st.none() | texts, presumed=truths),
    ),
    "programme_withdrawn": (programmes, _shape()),
    "base_adopted": (
        st.just(""),
        _shape(
            state=_shape(
                incidents=st.dictionaries(
                    incident_ids,
                    _shape(
                        number=st.integers(100, 999),
                        place=places,
                        members=st.dictionaries(
                            texts,
                            _shape(
                                **OF_FAULT,
                                count=st.integers(1, 2),
                                over=st.none() | times,
                                falls=st.lists(_shape(reason=texts, began=moments), min_size=1),
                            ),
                        ),
                    ),
                )
            )
        ),
    ),
    "incident_opened": (
        incident_ids,
        _shape(**OF_FAULT, severity=severities, reason=texts, stage=texts)
        | _shape(
            **OF_FAULT, severity=severities, reason=texts, stage=texts, place=places, number=times
        ),
    ),
    "incident_revised": (incident_ids, _shape(reason=texts, stage=texts)),
    "incident_moved": (incident_ids, _shape(reason=texts, stage=texts, place=places)),
    "incident_closed": (
        incident_ids,
        _shape(cause=texts) | _shape(how=texts, into=st.none() | incident_ids),
    ),
    "member_joined": (
        incident_ids,
        _shape(**FALL, severity=severities, falls=st.lists(outages, max_size=2, unique=True)),
    ),
    "member_fell": (incident_ids, _shape(**FALL)),
    "member_over": (
        incident_ids,
        st.one_of(_member_over("good", times), _member_over("continued", st.none())),
    ),
    "outage_ended": (
        outages,
        _shape(
            **OF_FAULT,
            reason=texts,
            layer=texts,
            stage=texts,
            owner=texts,
            devices=st.lists(texts, max_size=2),
            began=moments,
            ended=moments,
            figures=_shape(**FIGURES),
            how=texts,
            owners=st.just([]),
            incident=st.none() | incident_ids,
            suspected=truths,
        ),
    ),
    "incident_acknowledged": (incident_ids, _shape(person=people)),
    "impact_began": (
        incident_ids,
        _shape(**NUMBERED, reason=texts, column=texts, not_before=times, not_after=times),
    ),
    "impact_ended": (
        incident_ids,
        _shape(
            **NUMBERED,
            began_not_before=times,
            began_not_after=times,
            not_before=times,
            not_after=times,
            least=times,
            most_seen=times,
            most=times,
        ),
    ),
    "decision_taken": (keys, _shape(**DECIDED, body=_shape(incident=texts))),
    "decision_refused": (keys, _shape(**DECIDED, why=texts)),
    "suspicion_found": (
        spans,
        _shape(programme=programmes, sort=texts, begin=times, end=times, seconds=times).flatmap(
            lambda body: st.just(body | {"evidence": {}})
        ),
    ),
    "suspicion_refuted": (spans, _shape(by=texts)),
    "spans_settled": (
        keys,
        _shape(
            person=people,
            verdict=texts,
            spans=st.lists(st.tuples(spans, programmes, times), unique_by=lambda span: span[0]),
        ),
    ),
    "attempt_began": (
        people,
        _shape(**ATTEMPT, channel=texts, alert=_shape(told=texts))
        | _shape(
            **ATTEMPT,
            channel=texts,
            alert=_shape(told=texts),
            news=st.lists(_shape(incident=incident_ids), min_size=1, max_size=2),
        ),
    ),
    "attempt_ended": (people, _shape(**ATTEMPT, delivered=truths, lost=truths, detail=texts)),
}

Line = tuple[str, str, dict[str, Any]]


OF_THIS_PROGRAM = sorted({*VERSIONS} - {"base_adopted"})
"""Without the kind where a fold begins again."""
OF_ALL = sorted({*VERSIONS, *BODIES})
"""Those of earlier generations too."""


@st.composite
def lines(draw: st.DrawFn, kinds: list[str]) -> Line:
    """Draw kind, subject and body of an event of one of these kinds."""
    kind = draw(st.sampled_from(kinds))
    subject, body = BODIES.get(kind, NO_BODY)
    return kind, draw(subject), draw(body)


Facts = set[tuple[object, ...]]


class Order:
    """Leaves out what no core records: an event that needs an earlier one, or a second end."""

    def __init__(self, seen: Facts | None = None) -> None:
        self.seen: Facts = seen or set()

    def admit(self, given_lines: list[Line], *, begins: bool = False) -> list[Line]:
        """Return the possible lines. ``begins``: they are the first of their epoch."""
        found: list[Line] = []
        for kind, subject, drawn in given_lines:
            body = dict(drawn)
            if kind == "base_adopted" and (found or not begins):
                continue
            if kind == "member_joined":
                falls = [("outage", *_fault(body), fall) for fall in body["falls"]]
                body["falls"] = [fall[-1] for fall in falls if fall in self.seen]
            needed, once = _needed(kind, subject, body), _once(kind, subject, body)
            if needed <= self.seen and not once & self.seen:
                # A fault may go on for another cause again and again, until its outage has ended.
                self.seen |= once if kind != "member_over" else set()
                found.append((kind, subject, body))
        return found


def _fault(body: dict[str, Any]) -> tuple[str, str]:
    return body["programme"], body["fault"]


def _attempt(subject: str, body: dict[str, Any]) -> tuple[object, ...]:
    return subject, body["incident"], body["attempt"]


def _impact(subject: str, body: dict[str, Any]) -> tuple[object, ...]:
    return subject, body["programme"], body["number"]


def _needed(kind: str, subject: str, body: dict[str, Any]) -> Facts:
    """Return what must have been before an event."""
    if kind == "impact_ended":
        return {("impact_began", *_impact(subject, body))}
    if kind == "attempt_ended":
        return {("attempt_began", *_attempt(subject, body))}
    if kind == "impact_began" or kind.startswith("member_"):
        return {("incident", subject)}
    return set()


def _once(kind: str, subject: str, body: dict[str, Any]) -> Facts:
    """Return what may not have been before an event."""
    if kind == "incident_opened":
        return {("incident", subject)}
    if kind in {"impact_began", "impact_ended"}:
        return {(kind, *_impact(subject, body))}
    if kind in {"attempt_began", "attempt_ended"}:
        return {(kind, *_attempt(subject, body))}
    if kind == "member_joined":
        return {("joined", subject, *_fault(body))}
    if kind == "member_over" and body["how"] == "continued":
        return {("ended", *_fault(body), body["began_not_before"], body["began_not_after"])}
    if kind == "outage_ended":
        return {("outage", *_fault(body), subject), ("ended", *_fault(body), *body["began"])}
    return set()


def numbered(epoch: int, first: int, given_lines: list[Line], at: int) -> list[Event]:
    """Return the lines as events."""
    return [
        Event(epoch, number, at + number, kind, 1, subject, Stream.SITE, canonical(body))
        for number, (kind, subject, body) in enumerate(given_lines, start=first)
    ]


def tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every projection."""
    return {name: rows_in(folder, f"SELECT * FROM {name}") for name in TABLES}


class RecordIsAList(RuleBasedStateMachine):
    """Commits, failures, restarts and rebuilds, beside a list."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model: list[Event] = []
        self.snapshot: tuple[int, bytes] | None = None
        self.epoch, self.number, self.shape = 1, 0, SHAPE
        self.order = Order()
        self.journal = Journal.open(self.folder, site=SITE, shape=self.shape)

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    def _events(self, given_lines: list[Line]) -> list[Event]:
        return numbered(self.epoch, self.number + 1, given_lines, self.epoch * 10**6)

    @rule(given_lines=st.lists(lines(OF_THIS_PROGRAM), min_size=1, max_size=12), taken=truths)
    def commit(self, given_lines: list[Line], *, taken: bool) -> None:
        """A commit that succeeds."""
        events = self._events(self.order.admit(given_lines, begins=self.number == 0))
        self.number += len(events)
        self.model += events
        snapshot = None
        if taken and events:
            snapshot = (self.epoch, self.number, canonical({"events": len(self.model)}))
            self.snapshot = (len(self.model), snapshot[2])
        self.journal.commit_sync(events, snapshot)

    @rule(given_lines=st.lists(lines(OF_THIS_PROGRAM), min_size=1, max_size=12))
    def fail(self, given_lines: list[Line]) -> None:
        """A commit on a full disk."""
        possible = Order(set(self.order.seen)).admit(given_lines, begins=self.number == 0)
        big = [*possible, ("marked", "", {"said": "x" * 100_000})]
        with full_disk(), pytest.raises(CommitFailed):
            self.journal.commit_sync(self._events(big), (self.epoch, self.number + len(big), b"{}"))

    @rule()
    def restart(self) -> None:
        """A clean stop and a start; an epoch without events is not on disk."""
        self.journal.close()
        self.journal = Journal.open(self.folder, site=SITE, shape=self.shape)
        last = self.model[-1] if self.model else None
        self.epoch, self.number = (last.epoch, last.number) if last else (1, 0)

    @precondition(lambda self: self.model)
    @rule(skipped=st.integers(1, 3))
    def begin_epoch(self, skipped: int) -> None:
        """A restored record was detected."""
        self.epoch, self.number = self.journal.next_epoch("restored", self.epoch + skipped), 0

    @rule()
    def rebuild(self) -> None:
        """The projections come from the events alone."""
        before = tables(self.folder)
        self.journal.rebuild()
        assert tables(self.folder) == before

    @invariant()
    def the_events_are_the_list(self) -> None:
        """A reader beside the daemon gets exactly what was committed."""
        with History(self.folder) as history:
            assert [*history.all_events()] == self.model

    @invariant()
    def loading_gives_the_snapshot_and_the_rest(self) -> None:
        """The snapshot and the events after it are everything."""
        loaded = self.journal.load()
        count, body = self.snapshot or (0, None)
        assert loaded.snapshot == body
        assert [*loaded.events] == self.model[count:]
        assert (loaded.epoch, loaded.number) == (self.epoch, self.number)

    @invariant()
    def the_record_is_sound(self) -> None:
        """Nothing that the journal does looks like a changed record."""
        assert self.journal.verify() == []


TestRecordIsAList = RecordIsAList.TestCase
TestRecordIsAList.settings = settings(
    max_examples=50 * LONG,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@settings(max_examples=80 * LONG, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines(OF_ALL), max_size=30), st.sets(st.integers(0, 30)))
def test_projections_do_not_depend_on_how_events_were_batched(
    given_lines: list[Line], cuts: set[int]
) -> None:
    """One batch, many batches and a rebuild give the same rows."""
    events = numbered(1, 1, Order().admit(given_lines, begins=True), 0)
    ends = sorted({cut for cut in cuts if cut < len(events)} | {len(events)})
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as split:
        with opened(Path(whole)) as journal:
            journal.commit_sync(events)
            expected = tables(Path(whole))
        with opened(Path(split)) as journal:
            begin = 0
            for end in ends:
                journal.commit_sync(events[begin:end])
                begin = end
            found = tables(Path(split))
            journal.rebuild()
            rebuilt = tables(Path(split))
    assert found == rebuilt == expected


@settings(max_examples=60 * LONG, deadline=None)
@given(st.lists(st.tuples(times, _intervals()), max_size=6))
def test_the_calendar_is_that_of_the_latest_event_that_covers_a_moment(
    calendars: list[tuple[int, list[list[Any]]]],
) -> None:
    """Compared moment by moment with a fold in plain Python."""
    calendars = sorted(calendars, key=lambda calendar: calendar[0])
    moments: dict[int, str] = {}
    events = []
    for number, (at, intervals) in enumerate(calendars, start=1):
        begins = min([at, *(part[0] for part in intervals)])
        moments = {wall: said for wall, said in moments.items() if wall < begins}
        moments |= {wall: said for a, b, said in intervals for wall in range(a, b)}
        body = canonical({"intervals": {"fm": intervals}, "known_to": 99})
        events.append(Event(1, number, at, "calendar_extended", 1, "", Stream.SITE, body))
    with tempfile.TemporaryDirectory() as name:
        with opened(Path(name)) as journal:
            journal.commit_sync(events)
        with History(Path(name)) as history:
            found = history.calendar("fm", 0, 99)
    assert {wall: p.expected for p in found for wall in range(p.start, p.finish)} == moments
