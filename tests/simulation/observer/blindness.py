"""Blindness that lasts is reported, and only blindness that was; what was before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from tests.simulation.facts import PersonFacts, Span
from tests.simulation.observer.excuses import Excuse
from tests.simulation.observer.incidents import OFF
from tests.simulation.observer.lateness import channel_slack
from tests.simulation.observer.ledger import Pieces, Recorded
from tests.simulation.observer.truth import Truth, without
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Word


def check_told(
    truth: Truth,
    words: list[Word],
    people: Sequence[PersonFacts],
    verdict: Verdict,
) -> None:
    """Every programme that nobody could see for its delay, while monitord ran, is reported so."""
    facts = truth.facts
    for name, unseen in truth.unseen.items():
        plan, ways = facts.programmes[name].blind, facts.blind_by[name]
        detected = max(way.bound + way.widest for way in ways)
        for span in unseen.spans:
            # A programme that is off, or was when blindness began, is reported as that.
            since = _last_seen(truth, name, span[0], detected) - detected
            off = [(a - detected, b + detected) for a, b in truth.off[name].parts(since, span[1])]
            # What falls while it is blind is presumed to be off until it is seen again.
            seen_to = min((a for a, _ in off), default=span[1])
            if seen_to <= span[0]:
                continue
            left = without((span[0], seen_to), truth.down.parts(*span))
            long = [s for s in left if s[1] - s[0] > plan.open_after + detected]
            for person in people:
                delay = person.tell_after[plan.severity]
                due = span[1] if not long else long[0][0] + plan.open_after + detected + delay
                if not long or due >= long[0][1]:
                    continue
                verdict.counts["demands"] += 1
                slack = channel_slack(truth, person, due, plan.severity)
                latest = truth.running(due, slack)
                # What was off before its hours, and is not seen at the opening, is suspected.
                faults = ("blind", *OFF) if truth.opens_in(name, *[span[0]] * 2) else ("blind",)
                told = any(
                    w.person == person.id and w.at <= latest and _tells(w, name, span, faults)
                    for w in words
                )
                text = f"{person.id} was not told that {name} was blind from {long[0][0]}"
                in_history = latest < facts.end
                verdict.must("blindness", told or not in_history, text)


def _last_seen(truth: Truth, name: str, begin: int, detected: int) -> int:
    """Return when the programme was last seen: before stops and silences that end at ``begin``.

    Time between them that is too short for a first answer shows nothing.
    """
    at = begin
    while True:
        dark = (truth.down, truth.unseen[name])
        earlier = min((a for d in dark for a, _ in d.parts(at - detected, at)), default=at)
        if earlier == at:
            return at
        at = earlier


def _tells(word: Word, programme: str, span: Span, faults: Sequence[str]) -> bool:
    members = [m for m in word.members if m.programme == programme and m.fault in faults]
    return any(word.covers(member, *span) for member in members)


def check_true(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """No programme is called blind while its own devices answered and monitord ran."""
    for word in words:
        for member in word.members:
            if member.fault == "blind":
                verdict.counts["blind_told"] += 1
                last = word.seen_to(member)
                since = member.began[0]
                real = (
                    truth.down.parts(since - 1, last + 1)  # a start may open its hours
                    or any(
                        truth.silent[device].parts(since, last + 1)
                        for device in truth.devices_of(member.programme)
                    )
                    or any(since <= at <= last for at in truth.facts.reloads)
                    or truth.lost_any_poll(member.programme, (since, last + 1))
                )
                text = f"{word.incident} tells of blindness of {member.programme} that was none"
                verdict.must("blindness", bool(real), text)


def check_presumed(
    truth: Truth, events: Iterable[Recorded], pieces: Pieces, verdict: Verdict
) -> None:
    """Blindness that follows an outage is presumed to be one, until something else is seen."""
    proofs = [event for event in events if event.kind == "bad_proven"]
    for name, seen in pieces.items():
        proven = [event.at for event in proofs if event.subject == name]
        good_at = 0
        for before, after in pairwise(seen):
            good_at = good_at if before.bad_possible else before.opened_at
            # What was not configured in between is known no more.
            if after.blind and before.finish == after.start:
                stood = before.presumed if before.blind else before.all_bad
                if after.presumed or not stood:
                    continue
                is_open = any(good_at <= at <= after.opened_at for at in proven)
                if not (before.blind or is_open) and _is_of_a_start(truth, name, before.start):
                    verdict.excuse(Excuse.HELD_AT_START)
                    continue
                text = f"{name}: blind at {after.start} after an outage, and not presumed"
                verdict.must("blindness", False, text)


def _is_of_a_start(truth: Truth, name: str, at: int) -> bool:
    """Return whether a proof of that moment may wait: later stages may not have answered yet.

    An earlier stage that is bad opens nothing before they have, or their bound is over.
    """
    bound = max(way.bound for way in truth.facts.blind_by[name])
    return any(begin <= at <= begin + bound for begin, _ in truth.up.spans)
