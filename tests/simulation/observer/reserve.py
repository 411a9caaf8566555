"""A reserve that could not take over is reported, and reported again when it could."""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.facts import MINUTE, SECOND, PersonFacts
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word

DEVICES = ("fm1", "fm2")


def check_told(
    truth: Truth,
    words: list[Word],
    people: Sequence[PersonFacts],
    verdict: Verdict,
) -> None:
    """Every loss that lasted its delays while watched is reported, its end too."""
    facts = truth.facts
    for name, lost in truth.reserve_lost.items():
        plan = facts.programmes[name].reserve_lost
        detected = 2 * facts.places["fm1+fm2/transmitter"].condition.shortest
        for span in lost.spans:
            stretches = truth.watched_devices(DEVICES, span)
            for person in people:
                delay = plan.open_after + person.tell_after[plan.severity] + detected
                long = [s for s in stretches if s[1] - s[0] > delay]
                if not long:
                    continue
                due = long[0][0] + delay
                latest = truth.running(due, channel_slack(truth, person, due, plan.severity))
                if latest >= facts.end:
                    continue
                verdict.counts["demands"] += 1
                told = [w for w in words if w.person == person.id and _tells(w, name, span)]
                in_time = any(w.at <= latest for w in told)
                text = f"{person.id} was not told that {name} has no reserve from {span[0]}"
                verdict.must("reserve", in_time, text)
                if in_time:
                    _check_over(truth, person, told, words, verdict)


def _check_over(
    truth: Truth,
    person: PersonFacts,
    told: list[Word],
    words: list[Word],
    verdict: Verdict,
) -> None:
    """Check that the end of what these words report was reported."""
    span = min(m.began for w in told if (m := w.member("fm", "reserve_lost")))
    later = [b for _, b in truth.reserve_lost["fm"].spans if b > span[0]]
    # A loss that follows within the clearing time belongs to the same incident.
    calm = next((b for b in later if not truth.reserve_lost["fm"].within(b, b + CALM)), later[-1])
    silent = sum(truth.silent[d].within(span[0], calm + 4 * CALM) for d in DEVICES)
    off = truth.off["fm"].within(span[0], calm + 2 * CALM)
    slack = channel_slack(truth, person, calm + CALM, "closed")
    latest = truth.running(calm + CALM + 2 * silent + 2 * off + 10 * MINUTE, slack)
    if latest >= truth.facts.end:
        return
    incidents = {w.incident for w in told}
    mine = [w for w in words if w.person == person.id and w.at <= latest]
    over = any((w.told in LAST and w.incident in incidents) or _is_over_in_storm(w) for w in mine)
    verdict.must("reserve", over, f"{person.id} was not told that the reserve is back: {incidents}")


def _is_over_in_storm(word: Word) -> bool:
    """Return whether one message of many incidents says that the reserve is back."""
    member = word.member("fm", "reserve_lost") if word.told == "storm" else None
    return member is not None and member.ended is not None


def _tells(word: Word, programme: str, span: tuple[int, int]) -> bool:
    member = word.member(programme, "reserve_lost")
    return member is not None and word.covers(member, *span)


def check_true(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """No reserve is called lost that was never so."""
    for word in words:
        member = word.member("fm", "reserve_lost")
        if member is None:
            continue
        verdict.counts["reserve_told"] += 1
        last = word.composed if member.ended is None else member.ended[1]
        lost = truth.reserve_lost["fm"].parts(member.began[0] - 20 * SECOND, last + 1)
        text = f"{word.incident} tells of a lost reserve at {member.began} that was none"
        verdict.must("reserve", bool(lost), text)
