"""Reduced power that leaves programmes on the air is reported as degraded, and nothing else is.

The observer cannot know this: nothing is degraded in the core's simulation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulators.plant.signals import both
from tests.simulation.facts import SECOND, FaultFacts, PersonFacts, Span
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.truth import Intervals, Truth, where
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word, read_word
from tests.simulation.site import SERVICES
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.lowered import FULL_W

DEGRADED = "degraded"
PLAN = FaultFacts("minor", 20 * SECOND, 30 * SECOND)
"""How it is configured."""
DEVICES = ("dtx", "mux", "enc")
"""Each of them shows whether a service is on the air: where one is silent, nothing is known."""
ALWAYS = SERVICES[:4]
"""The services that every configuration has."""
WIDE = 20 * SECOND
"""A begin is known to within so much: an answer, one that got lost, a second reading."""


def check_degraded(history: WholeHistory, verdict: Verdict) -> None:
    """Check every message of it, and every time of it that lasted."""
    truth = Truth(history.facts, history.up, history.lost_polls, history.attempts)
    words = sorted((read_word(one) for one in history.received), key=lambda word: word.at)
    reduced = history.plant.power.map(lambda watts: watts < FULL_W)
    for name in SERVICES:
        signal = both(reduced, truth.facts.on_air[name])
        true = where(signal, truth.facts.begin, truth.facts.end)
        _check_true(name, words, true, verdict)
        for person in truth.facts.people if name in ALWAYS else ():
            mine = [word for word in words if word.person == person.id]
            for span in true.spans:
                _check_told(truth, mine, _Case(name, span, person, true), verdict)


@dataclass(frozen=True, slots=True)
class _Case:
    """One time of reduced power of a programme, and who must get to know. ``true``: all of it."""

    programme: str
    span: Span
    person: PersonFacts
    true: Intervals

    def __str__(self) -> str:
        return f"{self.person.id} was not told that {self.programme} was degraded in {self.span}"


def _check_true(name: str, words: Iterable[Word], true: Intervals, verdict: Verdict) -> None:
    """Nothing is called degraded that never was."""
    for word in words:
        member = word.member(name, DEGRADED)
        if member is None:
            continue
        verdict.counts["degraded_told"] += 1
        last = word.composed if member.ended is None else member.ended[1]
        text = f"{word.told} {word.incident} tells that {name} was degraded at {member.began}"
        verdict.must(DEGRADED, bool(true.parts(member.began[0] - WIDE, last + 1)), text)


def _check_told(truth: Truth, mine: list[Word], case: _Case, verdict: Verdict) -> None:
    delay = PLAN.open_after + case.person.tell_after[PLAN.severity]
    delay += max(way.shortest for way in truth.facts.blind_by[case.programme])
    watched = truth.watched_devices(DEVICES, case.span)
    parts = _in_hours(truth, case.programme, watched)
    long = [part for part in parts if part[1] - part[0] > delay]
    if not long:
        return
    due = long[0][0] + delay
    latest = truth.running(due, channel_slack(truth, case.person, due, PLAN.severity))
    if latest >= truth.facts.end:
        return
    verdict.counts["degraded_demands"] += 1
    told = [
        word
        for word in mine
        if (m := word.member(case.programme, DEGRADED)) and word.covers(m, *case.span)
    ]
    in_time = any(word.at <= latest for word in told)
    verdict.must(DEGRADED, in_time, str(case))
    if in_time:
        incidents = {name for word in told for name in (word.incident, *word.incidents)}
        verdict.must(DEGRADED, _is_over(truth, mine, case, incidents), f"{case}, and is over")


def _in_hours(truth: Truth, name: str, watched: list[Span]) -> list[Span]:
    """Return the parts that are in the programme's hours by any place that its time may get."""
    hours = truth.facts.hours.get(name)
    if hours is None:
        return watched
    surely = where(hours.surely, truth.facts.begin, truth.facts.end)
    return [part for span in watched for part in surely.parts(*span)]


def _is_over(truth: Truth, mine: list[Word], case: _Case, incidents: set[str]) -> bool:
    """Return whether the end was reported, or is not due: it goes on, or was reduced again."""
    end = case.span[1]
    silent = truth.unseen[case.programme].within(end, end + 4 * CALM)
    off = truth.off[case.programme].within(end, end + 2 * CALM)
    slack = channel_slack(truth, case.person, end + CALM, "closed")
    latest = truth.running(end + CALM + 2 * silent + 2 * off, slack)
    if latest >= truth.facts.end or case.true.begins_in(end, latest):
        return True
    last = [w for w in mine if w.at <= latest and (w.told in LAST or w.told == "storm")]
    return any(incidents & {word.incident, *word.incidents} for word in last)
