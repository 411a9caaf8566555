"""What is on the air and below its limit is reported as degraded, and nothing else is.

The ledger calls degraded only what was, and calls good nothing that was degraded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.simulation.facts import SECOND, DegradedFacts, PersonFacts, Span
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.ledger import Pieces
from tests.simulation.observer.truth import Intervals, Truth, where, without
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word

DEGRADED = "degraded"
WIDE = 20 * SECOND
"""A begin is known to within so much: an answer, one that got lost, a second reading."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One time in which a programme is degraded, and who must get to know. ``true``: all of it."""

    programme: str
    known: DegradedFacts
    span: Span
    person: PersonFacts
    true: Intervals

    def __str__(self) -> str:
        return f"{self.person.id} was not told that {self.programme} was degraded in {self.span}"


def degraded_in(truth: Truth, known: DegradedFacts) -> Intervals:
    """Return when a programme is degraded."""
    return where(known.reduced, truth.facts.begin, truth.facts.end)


def check_true(truth: Truth, words: Iterable[Word], verdict: Verdict) -> None:
    """Nothing is called degraded that never was."""
    true = {name: degraded_in(truth, known) for name, known in truth.facts.degraded.items()}
    for word in words:
        for member in word.members:
            if member.fault != DEGRADED:
                continue
            verdict.counts["degraded_told"] += 1
            last = word.composed if member.ended is None else member.ended[1]
            mine = true.get(member.programme)
            was = mine is not None and mine.parts(member.began[0] - WIDE, last + 1)
            text = f"{word.told} {word.incident} tells that {member.programme} was degraded"
            verdict.must(DEGRADED, bool(was), f"{text} at {member.began}")


def check_told(
    truth: Truth, words: list[Word], people: Sequence[PersonFacts], verdict: Verdict
) -> None:
    """Every time of it that lasts while it is watched is reported, and its end too."""
    for name, known in truth.facts.degraded.items():
        true = degraded_in(truth, known)
        for person in people:
            mine = [word for word in words if word.person == person.id]
            for span in true.spans:
                _check_case(truth, mine, _Case(name, known, span, person, true), verdict)


def _check_case(truth: Truth, mine: list[Word], case: _Case, verdict: Verdict) -> None:
    plan = case.known.plan
    delay = plan.open_after + case.person.tell_after[plan.severity]
    delay += max(way.shortest for way in truth.facts.blind_by[case.programme])
    watched = truth.watched_devices(case.known.devices, case.span)
    parts = _in_hours(truth, case.programme, watched)
    long = [part for part in parts if part[1] - part[0] > delay]
    if not long:
        return
    due = long[0][0] + delay
    latest = truth.running(due, channel_slack(truth, case.person, due, plan.severity))
    if latest >= truth.facts.end:
        return
    verdict.counts["degraded_demands"] += 1
    told = [
        word
        for word in mine
        if (m := word.member(case.programme, DEGRADED)) and word.covers(m, *case.span)
    ]
    in_time = any(word.at <= latest for word in told) or _is_held(mine, case, told)
    verdict.must(DEGRADED, in_time, str(case))
    if in_time:
        incidents = {name for word in told for name in (word.incident, *word.incidents)}
        verdict.must(DEGRADED, _is_over(truth, mine, case, incidents), f"{case}, and is over")


def _is_held(mine: list[Word], case: _Case, told: list[Word]) -> bool:
    """Return whether the person holds it to be degraded since before: nobody saw it good between.

    No second word is due then, as for what is off the air.
    """
    incidents = {word.incident for word in told}
    before = [w for w in mine if w.at <= case.span[0] and w.incident in incidents]
    member = before[-1].member(case.programme, DEGRADED) if before else None
    return member is not None and member.ended is None


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


def check_pieces(truth: Truth, pieces: Pieces, verdict: Verdict) -> None:
    """Check each piece of the ledger that is surely degraded, or surely good."""
    for name, known in truth.facts.degraded.items():
        true, too_short = degraded_in(truth, known), truth.facts.too_short.get(name, [])
        for piece in pieces[name]:
            was = true.parts(piece.start, piece.finish)
            text = f"{name}: what is called {piece.possible} at {piece.start} was degraded in {was}"
            if all(each.startswith(DEGRADED) for each in piece.possible):
                verdict.counts["degraded_pieces"] += 1
                span = piece.start, piece.finish
                other = [part for part in without(span, was) for part in without(part, too_short)]
                verdict.must(DEGRADED, not other, text)
            elif piece.possible == ("good",) and piece.is_quality_known:
                verdict.must(DEGRADED, not was, text)
