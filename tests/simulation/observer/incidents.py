"""Every true outage that could be detected must be reported, and nothing else.

A demand: one fault that took one programme off the air, for longer than the shortest outage that
its condition can show, while it was watched; to one person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.simulation.facts import MINUTE, Injected, PersonFacts, PlaceFacts, ProgrammeFacts, Span
from tests.simulation.observer.excuses import Excuse
from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Member, Word

SUSPECTED = "suspected"
OFF = ("off_air", SUSPECTED)
AT_THE_END = 20 * MINUTE
"""What happens later may still be unreported when the history ends."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One outage of one programme. ``proven_by``: when it must have been proven."""

    fault: Injected
    programme: ProgrammeFacts
    place: PlaceFacts
    span: Span
    watched: Span

    @property
    def proven_by(self) -> int:
        """When its proof must have come."""
        return self.watched[0] + self.place.condition.shortest

    def __str__(self) -> str:
        """Return the programme, the place and the time in seconds from its begin."""
        length = (self.span[1] - self.span[0]) / 1e6
        return f"{self.programme.id} off by {self.fault.id} {self.place.place} {length:.1f} s"


def demands(truth: Truth, verdict: Verdict) -> Iterator[Demand]:
    """Yield what must be reported; count the rest."""
    facts = truth.facts
    for fault in facts.injected:
        place = facts.places[fault.place]
        for name, span in _in_hours(truth, fault, verdict):
            verdict.counts["true_outages"] += 1
            stretches = truth.watched(place, span)
            longest = max(stretches, key=lambda s: s[1] - s[0], default=(0, 0))
            if span[1] - span[0] <= place.condition.shortest:
                verdict.counts["too_short"] += 1
            elif longest[1] - longest[0] <= place.condition.shortest:
                verdict.counts["unwatched"] += 1
            else:
                first = next(s for s in stretches if s[1] - s[0] > place.condition.shortest)
                yield Demand(fault, facts.programmes[name], place, span, first)


def _in_hours(truth: Truth, fault: Injected, verdict: Verdict) -> Iterator[tuple[str, Span]]:
    """Yield (programme, span) of a fault, cut where its hours end; at the next opening again."""
    for span in fault.spans:
        for name in fault.programmes:
            parts = truth.scheduled(name, span)
            verdict.counts["out_of_hours"] += not parts
            verdict.counts["cut_by_hours"] += sum(end < span[1] for _, end in parts)
            verdict.counts["off_at_opening"] += sum(begin > span[0] for begin, _ in parts)
            yield from ((name, part) for part in parts)


def words_of(words: list[Word], person: PersonFacts, demand: Demand) -> list[Word]:
    """Return what this person received about this programme at that time, whatever the cause."""
    return [w for w in words if w.person == person.id and _tells(w, demand)]


def words_of_same(words: list[Word], person: PersonFacts, some: list[Word]) -> list[Word]:
    """Return all that this person received about the incidents of some words."""
    names = {word.incident for word in some}
    return [w for w in words if w.person == person.id and w.incident in names]


def _tells(word: Word, demand: Demand) -> bool:
    member = word.member(demand.programme.id, *OFF)
    return member is not None and word.covers(member, *demand.span)


def is_held_off(words: list[Word], person: PersonFacts, demand: Demand, told: list[Word]) -> bool:
    """Return whether the person holds the programme to be off since before this fault.

    What went blind while off remains off until it is seen good: no second word is due.
    """
    incidents = {word.incident for word in told}
    before = [w for w in words if w.person == person.id and w.at <= demand.span[0]]
    mine = [w for w in before if w.incident in incidents]
    member = mine[-1].member(demand.programme.id, *OFF) if mine else None
    return member is not None and member.ended is None


def excuse_of(truth: Truth, demand: Demand) -> Excuse | None:
    """Return why a demand may be unmet."""
    if demand.span[1] > truth.facts.end - AT_THE_END:
        return Excuse.AT_THE_END
    if truth.polls_lost_in_a_row(demand.place, demand.watched):
        return Excuse.LOST_POLLS
    return None


def check_turns(
    truth: Truth, events: Iterable[Recorded], words: list[Word], verdict: Verdict
) -> None:
    """Where one condition decides alone: each time it is proven false, a message reports it."""
    for event in events:
        programme = truth.facts.decided_by.get(event.subject, "")
        if event.kind != "condition_turned" or event.at > truth.facts.end - AT_THE_END:
            continue
        body = json.loads(event.body)
        span = body["not_before"], body["not_after"]
        is_on = bool(truth.scheduled(programme, (span[1], span[1] + 1)))
        if programme and not body["value"] and is_on:
            verdict.counts["turns"] += 1
            members = [(w, w.member(programme, *OFF)) for w in words]
            told = any(
                m is not None and m.began[0] < span[1] and span[0] <= w.seen_to(m)
                for w, m in members
            )
            if not told and _is_withdrawn(truth, programme, span):
                verdict.counts["withdrawn_turns"] += 1
                continue
            text = f"{programme} was proven bad at {span[1]} and no message tells of it"
            verdict.must("incidents", told, text)


def _is_withdrawn(truth: Truth, programme: str, turn: Span) -> bool:
    """Return whether the clock put a turn out of its hours before anybody was due to get it.

    As ``lateness.is_withdrawn``, with the configured delays alone: no channel adds to them.
    """
    off_air = truth.facts.programmes[programme].off_air
    first = min(person.tell_after[off_air.severity] for person in truth.facts.people)
    due = turn[1] + off_air.open_after + first
    return truth.is_unsure(programme, turn[1]) and truth.placed_out_of_hours(programme, turn, due)


def check_false(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """Nothing is reported off the air that was on the air all the time."""
    for word in words:
        for member in word.members:
            if member.fault in OFF:
                verdict.counts["members_told"] += 1
                _check_member(truth, word, member, verdict)


def _check_member(truth: Truth, word: Word, member: Member, verdict: Verdict) -> None:
    last = word.composed if member.ended is None else member.ended[1]
    since = truth.since_opening(member.programme, *member.began)
    off = truth.off[member.programme].within(since, last + 1)
    if since == member.began[0]:
        off = truth.off_perhaps[member.programme].within(since, last + 1)
    text = (
        f"{word.told} {word.incident} tells of {member.programme} off at {member.began}: it was on"
    )
    holds = off > 0 or member.fault == SUSPECTED
    verdict.counts["false"] += not holds
    verdict.must("incidents", holds, text)
