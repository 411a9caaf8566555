"""Where two faults happen at once, each message names what is to blame at its own moment.

What is open names it as it was composed; what is over as it was at the end. Where a change of what
is watched may not have been seen, what was broken up to then may be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.facts import SECOND, BlameFacts, OutageFacts, Span
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Member, Word

BEFORE = 15 * SECOND
"""What is not seen so shortly before an outage may hide what fell then."""


def check_moments(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """Check the place of each message of one incident about these programmes."""
    for word in words:
        for member in word.members:
            known = truth.facts.blames.get(member.programme)
            is_alone = word.fault == member.fault == "off_air" and len(word.incidents) < 2
            if known is not None and is_alone:
                _check_word(truth, word, member, known, verdict)


def _check_word(
    truth: Truth, word: Word, member: Member, known: BlameFacts, verdict: Verdict
) -> None:
    right, is_unseen = allowed(truth, word, member, known)
    if not right:
        return  # that nothing was off the air another check finds
    verdict.counts["blames"] += 1
    verdict.counts["blames_unseen"] += is_unseen
    holds = word.place in right
    text = f"{word.told} {word.incident} of {member.programme} names {word.place!r}"
    verdict.counts["wrong_causes"] += not holds
    verdict.must("blame", holds, f"{text} at {word.composed}, not {sorted(right)}")


def allowed(truth: Truth, word: Word, member: Member, known: BlameFacts) -> tuple[set[str], bool]:
    """Return the places that may be named, none where nothing was off; whether any was unseen."""
    met = [o for o in known.outages if word.covers(member, o.begin, o.end)]
    found: set[str] = set()
    is_unseen = False
    for outage in _last_of(truth, met, (word, member), known):
        at = outage.end if member.ended is not None else min(word.composed, outage.end)
        since = at - known.seen_within
        found |= {b.place for b in outage.named if b.begin <= at and since <= b.end}
        if any(_hidden(truth, known, outage, at)):
            is_unseen = True
            found |= {name for begin, name in outage.listed if begin <= at}
    if word.into is not None:
        # What it goes on in has another cause by then.
        found |= {b.place for o in met for b in o.named if b.begin <= word.composed}
    return found, is_unseen


def _last_of(
    truth: Truth, met: Sequence[OutageFacts], said: tuple[Word, Member], known: BlameFacts
) -> Iterator[OutageFacts]:
    """Yield the last outage, and those before it as long as nothing surely showed a later one."""
    word, member = said
    for outage in reversed(met):
        yield outage
        span = outage.begin, min(outage.end, word.composed)
        watched = truth.watched_devices(known.devices, span)
        is_seen = any(b - a > known.seen_within for a, b in watched)
        if is_seen and (member.ended is None or outage.end <= member.ended[0] + known.seen_within):
            return


def _hidden(truth: Truth, known: BlameFacts, outage: OutageFacts, at: int) -> Iterator[Span]:
    """Yield the parts of an outage up to then in which a change may not have been seen."""
    span = outage.since - BEFORE, at
    parts = truth.down.parts(*span)
    for device in known.devices:
        parts += truth.silent[device].parts(*span)
        parts += truth.not_asked[device].parts(*span) if device in truth.not_asked else []
        parts += truth.lost_twice(device, known.slot, span)
    for a, b in parts:
        near = a - known.seen_within, b + known.seen_within
        if any(near[0] <= change <= near[1] for change in known.changes):
            yield a, b
