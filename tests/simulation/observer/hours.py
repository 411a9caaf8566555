"""Hours: nothing rings out of them, they end what runs into them, and the ledger counts them.

Wall time is as right as the clock was made to be: where it was uncertain, so much is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.simulation.facts import MINUTE, SECOND, ClockPlace, HoursFacts, Span
from tests.simulation.observer.clock import seen_within
from tests.simulation.observer.incidents import OFF
from tests.simulation.observer.ledger import Pieces
from tests.simulation.observer.truth import Truth, where
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import BY_HOURS, Member, Word

RINGING = ("opened", "worsened", "falls_again", "grown")
EDGE = 2 * MINUTE
"""So far around each end of hours a clock that is not read from the network may count as unsure."""


def check_words(truth: Truth, words: Iterable[Word], verdict: Verdict) -> None:
    """Check each message of programmes that have hours."""
    for word in words:
        off = [m for m in word.members if m.fault in OFF]
        if word.told in RINGING and off:
            _check_rings(truth, word, off, verdict)
        for member in off:
            if member.how in BY_HOURS:
                _check_end(truth, word, member, verdict)


def _check_rings(truth: Truth, word: Word, off: list[Member], verdict: Verdict) -> None:
    """Nothing rings for a programme that is closed."""
    since, last = word.composed - seen_within(truth), word.composed + 1
    open_now = [m for m in off if m.ended is None]
    scheduled = [m for m in open_now if truth.scheduled(m.programme, (since, last))]
    names = [m.programme for m in open_now]
    text = f"{word.told} {word.incident} rings at {word.composed} for {names}, which are closed"
    verdict.must("hours", bool(scheduled) or not open_now, text)


def _check_end(truth: Truth, word: Word, member: Member, verdict: Verdict) -> None:
    """What ended by hours ended at a close-down, or never was in hours."""
    verdict.counts["ended_by_hours"] += 1
    name = f"{word.told} {word.incident} of {member.programme} ended by {member.how}"
    if member.ended is None:
        verdict.must("hours", False, f"{name} at no time")
        return
    first, last = member.ended[0] - SECOND, member.ended[1] + seen_within(truth)
    begins = member.how == "withdrawn" and member.began[0] <= member.ended[1] <= member.began[1]
    holds = begins or truth.opens_in(member.programme, first, last)
    verdict.must("hours", holds, f"{name} at {member.ended}, where no hours end")


Columns = Mapping[str, Mapping[str, int]]
"""By programme, microseconds in each column of the ledger."""


def check_columns(truth: Truth, columns: Columns, pieces: Pieces, verdict: Verdict) -> None:
    """The ledger's closed time is that of the calendar, and what is off in it is no outage."""
    for name in truth.facts.hours:
        if name in columns and pieces[name]:
            span = pieces[name][0].start, pieces[name][-1].finish
            _check_columns(truth, name, columns[name], span, verdict)


def _check_columns(
    truth: Truth, name: str, counted: Mapping[str, int], span: Span, verdict: Verdict
) -> None:
    hours = truth.facts.hours[name]
    length, doubted = span[1] - span[0], _doubted(truth, hours, span)
    surely = where(hours.surely, *(truth.facts.begin, truth.facts.end)).within(*span)
    perhaps = where(hours.perhaps, *(truth.facts.begin, truth.facts.end)).within(*span)
    closed, off = counted.get("closed", 0), counted.get("off_air", 0)
    verdict.counts["closed_s"] += closed // SECOND
    verdict.counts["doubted_s"] += doubted // SECOND
    text = f"{name}: not {length - perhaps} <= closed {closed} <= {length - surely} +- {doubted}"
    holds = length - perhaps - doubted <= closed <= length - surely + doubted
    verdict.must("hours", holds, text)
    true = truth.off_perhaps[name].within(*span)
    text = f"{name}: the column counts {off} us off air, in its hours {true} +- {doubted} were"
    verdict.must("hours", off <= true + doubted, text)
    tiled = sum(counted.values())
    text = f"{name}: the columns have {tiled} us of {length} +- {doubted}"
    verdict.must("hours", abs(tiled - length) <= doubted, text)


def _doubted(truth: Truth, hours: HoursFacts, span: Span) -> int:
    """Return how much wall time may be counted otherwise than site time is scheduled.

    What never got a place, what the clock left out between two boots or showed twice, and what is
    unsure around each end of hours.
    """
    places, total = truth.facts.clock_places, 0
    ends = [*(place.at for place in places[1:]), truth.facts.end]
    placed = {place.boot for place in places if place.offsets}
    held: int | None = None
    for place, end in zip(places, ends, strict=True):
        if place.boot not in placed:
            total += end - place.at
        elif place.offsets:
            total += 0 if held is None else abs(place.offsets[0] - held)
            held = place.offsets[0]
        near = [edge for edge in hours.edges if place.at - EDGE <= edge < end + EDGE]
        total += len([edge for edge in near if span[0] <= edge < span[1]]) * _width(truth, place)
    return total


def _width(truth: Truth, place: ClockPlace) -> int:
    later = [p.boot for p in truth.facts.clock_places if p.boot > place.boot]
    mine = [t for t in truth.facts.clock_trusts if place.boot <= t.at < min(later, default=1 << 62)]
    is_trusted = all(trust == "trusted" for each in mine for trust in each.trusts)
    return SECOND if is_trusted else EDGE
