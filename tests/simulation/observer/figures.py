"""L6: the figures of every message are true at the moment it was composed.

least <= what was truly off the air <= most, begin and end lie in the intervals that are given.
"""

from __future__ import annotations

from tests.simulation.facts import Span
from tests.simulation.observer.incidents import OFF, SUSPECTED
from tests.simulation.observer.truth import Truth, without
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Figures, Member, Word


def check_figures(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """Check begin and figures of every member of every message."""
    proven, of_others = _proven(words), _of_incidents(words)
    for word in words:
        for member in word.members:
            if member.fault in OFF:
                if member.fault != SUSPECTED:
                    _check_begin(truth, word, member, verdict)
                if member.figures is not None:
                    is_again = member.fault == SUSPECTED and member.falls > 1
                    elsewhere = proven.get(member.programme, []) if is_again else []
                    if member.programme in truth.facts.blames:
                        elsewhere = _left_to_others(truth, word, member, of_others)
                    _check_sums(truth, word, member, (member.figures, elsewhere), verdict)


def _proven(words: list[Word]) -> dict[str, list[Span]]:
    """Return, by programme, what any message reports as off the air and proven."""
    found: dict[str, list[Span]] = {}
    for word in words:
        for member in word.members:
            if member.fault in OFF and member.fault != SUSPECTED:
                last = word.seen_to(member)
                found.setdefault(member.programme, []).append((member.began[0], last))
    return found


def _of_incidents(words: list[Word]) -> dict[tuple[str, str], list[tuple[Word, Member]]]:
    """Return, by incident and programme, what messages say of it."""
    found: dict[tuple[str, str], list[tuple[Word, Member]]] = {}
    for word in words:
        for member in word.members:
            if member.fault in OFF and len(word.incidents) < 2:
                found.setdefault((word.incident, member.programme), []).append((word, member))
    return found


def _left_to_others(
    truth: Truth,
    word: Word,
    member: Member,
    of_others: dict[tuple[str, str], list[tuple[Word, Member]]],
) -> list[Span]:
    """Return the outages that are another incident's, or that nothing surely showed.

    Of a programme whose outages move from one cause to another.
    """
    last = word.composed if member.ended is None else member.ended[1]
    others = [
        pair
        for (incident, programme), mine in of_others.items()
        if programme == member.programme and incident != word.incident
        for pair in mine
    ]
    known = truth.facts.blames[member.programme]
    return [
        (a, b)
        for a, b in truth.off[member.programme].parts(member.began[0], last + 1)
        if any(other.covers(said, a, b) for other, said in others)
        or all(d - c <= known.seen_within for c, d in truth.watched_devices(known.devices, (a, b)))
    ]


def _check_sums(
    truth: Truth,
    word: Word,
    member: Member,
    figures: tuple[Figures, list[Span]],
    verdict: Verdict,
) -> None:
    """``figures``: of the member, and what counts under an outage of its own between its falls."""
    verdict.counts["figures"] += 1
    said, elsewhere = figures
    last = word.composed if member.ended is None else member.ended[1]
    # Where the hours are not sure, what is off counts as what may be.
    own = without((member.began[0], last), elsewhere)
    true = sum(truth.off_surely[member.programme].within(*part) for part in own)
    verdict.counts["counted_elsewhere"] += own != [(member.began[0], last)]
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
