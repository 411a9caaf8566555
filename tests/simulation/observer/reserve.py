"""A reserve that could not take over, or serves another, is reported, and again when it could."""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.facts import MINUTE, SECOND, PersonFacts, ReserveFacts
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.truth import Intervals, Truth, where
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word

FAULTS = ("reserve_lost", "reserve_used")


def lost_in(truth: Truth, known: ReserveFacts) -> Intervals:
    """Return when there was no reserve."""
    return where(known.lost, truth.facts.begin, truth.facts.end)


def check_told(
    truth: Truth,
    words: list[Word],
    people: Sequence[PersonFacts],
    verdict: Verdict,
) -> None:
    """Every loss that lasted its delays while watched is reported, its end too."""
    for known in truth.facts.reserves:
        for person in people:
            mine = [word for word in words if word.person == person.id]
            _check_person(truth, known, mine, person, verdict)


def _check_person(
    truth: Truth, known: ReserveFacts, mine: list[Word], person: PersonFacts, verdict: Verdict
) -> None:
    plan = truth.facts.programmes[known.programme].reserve_lost
    delay = plan.open_after + person.tell_after[plan.severity] + 2 * known.shortest
    for span in lost_in(truth, known).spans:
        stretches = truth.watched_devices(known.devices, span)
        long = [s for s in stretches if s[1] - s[0] > delay]
        if not long:
            continue
        due = long[0][0] + delay
        latest = truth.running(due, channel_slack(truth, person, due, plan.severity))
        if latest >= truth.facts.end:
            continue
        verdict.counts["demands"] += 1
        verdict.counts[f"{known.fault}_demands"] += 1
        told = [w for w in mine if _tells(w, known, span)]
        in_time = any(w.at <= latest for w in told)
        text = f"{person.id} was not told of {known.fault} of {known.programme} from {span[0]}"
        verdict.must("reserve", in_time, text)
        if in_time:
            _check_over(truth, known, person, (told, mine), verdict)


def _check_over(
    truth: Truth,
    known: ReserveFacts,
    person: PersonFacts,
    words: tuple[list[Word], list[Word]],
    verdict: Verdict,
) -> None:
    """Check that the end of what these words report was reported. ``words``: these, and all."""
    told, mine = words
    name, lost = known.programme, lost_in(truth, known)
    begun = min(m.began for w in told if (m := w.member(name, known.fault)))
    later = [b for _, b in lost.spans if b > begun[0]]
    # A loss that follows within the clearing time belongs to the same incident.
    calm = next((b for b in later if not lost.within(b, b + CALM)), later[-1])
    silent = sum(truth.silent[d].within(begun[0], calm + 4 * CALM) for d in known.devices)
    off = truth.off[name].within(begun[0], calm + 2 * CALM)
    slack = channel_slack(truth, person, calm + CALM, "closed")
    latest = truth.running(calm + CALM + 2 * silent + 2 * off + 10 * MINUTE, slack)
    if latest >= truth.facts.end:
        return
    incidents = {w.incident for w in told}
    by_then = [w for w in mine if w.at <= latest]
    over = any(
        (w.told in LAST and w.incident in incidents) or _is_over_in_storm(w, known) for w in by_then
    )
    verdict.must("reserve", over, f"{person.id} was not told that the reserve is back: {incidents}")


def _is_over_in_storm(word: Word, known: ReserveFacts) -> bool:
    """Return whether one message of many incidents says that the reserve is back."""
    member = word.member(known.programme, known.fault) if word.told == "storm" else None
    return member is not None and member.ended is not None


def _tells(word: Word, known: ReserveFacts, span: tuple[int, int]) -> bool:
    member = word.member(known.programme, known.fault)
    return member is not None and word.covers(member, *span)


def check_true(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """No reserve is called lost, or used elsewhere, that was never so."""
    lost = {(known.programme, known.fault): lost_in(truth, known) for known in truth.facts.reserves}
    for word in words:
        for member in word.members:
            if member.fault not in FAULTS:
                continue
            verdict.counts["reserve_told"] += 1
            verdict.counts[f"{member.fault}_told"] += 1
            last = word.composed if member.ended is None else member.ended[1]
            mine = lost.get((member.programme, member.fault))
            was = mine is not None and mine.parts(member.began[0] - 20 * SECOND, last + 1)
            text = f"{word.incident} tells of {member.fault} of {member.programme}"
            verdict.must("reserve", bool(was), f"{text} at {member.began} that was none")
