"""What was reported as off is reported as over, with the true moment, and no earlier."""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.facts import MINUTE, PersonFacts
from tests.simulation.observer.incidents import OFF, SUSPECTED
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import BY_HOURS, CLOCK, LAST, Word

SETTLING = MINUTE
"""Proof of good, blindness of one poll and a restart's first answers."""


def check_moments(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """A recovery says when each member truly came back."""
    for word in words:
        if word.told not in ("recovered", "closed_before_told"):
            continue
        for member in word.members:
            if member.fault not in OFF or member.fault == SUSPECTED:
                continue
            verdict.counts["recoveries"] += 1
            name = f"{word.told} {word.incident} of {member.programme}"
            ended = member.ended
            if member.how == "reconfigured":
                reloads = truth.facts.reloads
                holds = ended is not None and any(ended[0] <= at <= ended[1] for at in reloads)
                verdict.must("recovery", holds, f"{name}: nothing was reloaded in {ended}")
                continue
            if member.how in BY_HOURS:
                continue  # hours.py checks when they ended
            goes_on = member.how == "continued"
            text = f"{name} does not say when it ended"
            verdict.must("recovery", ended is not None or goes_on, text)
            if ended is not None:
                since = truth.since_opening(member.programme, *ended)
                true = truth.off[member.programme].ends_in(since, ended[1])
                text = f"{name}: nothing ended in {ended}"
                verdict.must("recovery", true, text)


def check_told(
    truth: Truth,
    words: list[Word],
    people: Sequence[PersonFacts],
    verdict: Verdict,
) -> None:
    """Every incident reported as off is reported as over, once its programmes stay on the air."""
    for person in people:
        last: dict[str, Word] = {}
        over: dict[str, int] = {}
        for word in words:
            if word.person == person.id and any(m.fault in OFF for m in word.members):
                last[word.incident] = word
                if word.told in LAST:
                    over[word.incident] = word.at
            if word.person == person.id and word.told == "storm":
                over |= dict.fromkeys(word.incidents, word.at)
        for incident, word in last.items():
            if word.place == CLOCK:
                continue  # open as long as the clock is
            off = [m for m in word.members if m.fault in OFF]
            names = [m.programme for m in off]
            calm = truth.calm(names, off[0].began[1], CALM)
            slack = channel_slack(truth, person, calm, "closed")
            latest = truth.running(calm + _blind_after(truth, names, calm), slack + SETTLING)
            if latest < truth.facts.end:
                in_time = over.get(incident, latest + 1) <= latest
                text = f"{person.id} was not told in time that {incident} of {names} is over"
                verdict.must("recovery", in_time, f"{text}: {word.told} was the last word")


def _blind_after(truth: Truth, names: list[str], calm: int) -> int:
    """Return how long nothing could show that they are on the air, around the calm time."""
    spans = (truth.unseen[name].within(calm - 2 * CALM, calm + 2 * CALM) for name in names)
    unseen = max(spans, default=0)
    return 2 * unseen + CALM if unseen else 0
