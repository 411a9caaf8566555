"""L6: the figures of every message are true at the moment it was composed.

least <= what was truly off the air <= most, begin and end lie in the intervals that are given.
"""

from __future__ import annotations

from tests.simulation.observer.incidents import OFF, SUSPECTED
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Figures, Member, Word


def check_figures(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """Check begin and figures of every member of every message."""
    for word in words:
        for member in word.members:
            if member.fault in OFF:
                if member.fault != SUSPECTED:
                    _check_begin(truth, word, member, verdict)
                if member.figures is not None:
                    _check_sums(truth, word, member, member.figures, verdict)


def _check_sums(truth: Truth, word: Word, member: Member, said: Figures, verdict: Verdict) -> None:
    verdict.counts["figures"] += 1
    last = word.composed if member.ended is None else member.ended[1]
    # Where the hours are not sure, what is off counts as what may be.
    true = truth.off_surely[member.programme].within(member.began[0], last)
    may_be = truth.off_perhaps[member.programme].within(member.began[0], last)
    name = f"{word.told} {word.incident} of {member.programme}"
    text = f"{name}: not least {said.least} <= true {true}..{may_be} <= most {said.most}"
    holds = said.least <= may_be and true <= said.most
    verdict.must("figures", holds, text)
    in_order = said.least <= said.most_seen <= said.most
    verdict.must("figures", in_order, f"{name}: figures out of order")


def _check_begin(truth: Truth, word: Word, member: Member, verdict: Verdict) -> None:
    off, (first, last) = truth.off[member.programme], member.began
    # A reload ends an outage that nobody sees then; what is still off begins again with it.
    again = any(first <= at <= last and off.holds(at) for at in truth.facts.reloads)
    # What is off when its hours begin is an outage from then on.
    since = truth.since_opening(member.programme, first, last)
    opens = since < first and bool(off.parts(since, last + 1))
    begun = again or opens or off.begins_in(first, last)
    text = f"{word.told} {word.incident} of {member.programme}: nothing began in {member.began}"
    verdict.must("figures", begun, text)
