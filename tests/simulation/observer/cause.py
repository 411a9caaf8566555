"""Every message names a place that truly took the programme off the air at that time.

And every fault is named to each person: two causes at once are two incidents; one cause of several
programmes is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tests.simulation.facts import SECOND, Injected, PersonFacts
from tests.simulation.observer.excuses import Excuse
from tests.simulation.observer.incidents import OFF, SUSPECTED, Demand
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import CLOCK, LAST, Member, Word

BEFORE = 10 * SECOND
"""So long after a start the first answers of all devices may not be there yet."""


def check_named(
    truth: Truth,
    demand: Demand,
    words: tuple[list[Word], list[Word]],
    person: PersonFacts,
    verdict: Verdict,
) -> None:
    """The place of this fault was named to the person, not only another one.

    ``words``: of this fault, and earlier ones of the same incidents, which may have been open
    by a fault that ended unseen. What only an uncertain clock put into hours is named by the clock.
    What is composed behind a reload names the place as it is called then. One message of many
    incidents names the first only, and gives the numbers of all. Whose first message comes when the
    fault is over, of an outage that goes on as nobody saw its end, reads what is known to be bad.
    """
    mine, before = words
    named = sorted({word.place for word in (*mine, *before)})
    fault = demand.fault
    renamed = all(word.composed >= fault.end for word in mine)
    holds = not set(_names(truth, fault, fault.end)).isdisjoint(named) or (
        renamed and not set(named).isdisjoint(fault.later)
    )
    holds = holds or (CLOCK in named and truth.is_unsure(demand.programme.id, demand.span[0]))
    if demand.place.is_shared and not _is_seen(truth, fault, fault.shown[1]):
        holds = holds or not set(named).isdisjoint(_consequences(truth, fault, demand.programme.id))
    if not holds and any(len(word.incidents) > 1 for word in mine):
        verdict.counts["named_by_number"] += 1
        return
    is_over = mine and all(word.composed >= fault.end for word in (*mine, *before))
    if not holds and is_over and truth.unseen[demand.programme.id].holds(fault.end):
        verdict.excuse(Excuse.OVER_BEFORE_FIRST_WORD)
        return
    verdict.counts["untold_causes"] += not holds
    verdict.must("cause", holds, f"{person.id} was told {named} of {demand}")


def check_places(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """No message names a place that did nothing to its members."""
    faults = by_programme(truth)
    for word in words:
        met = [
            (member, [f for f in faults.get(member.programme, []) if _meets(f, word, member)])
            for member in word.members
            if member.fault in OFF and member.fault != SUSPECTED
        ]
        if len(word.incidents) > 1 and met:
            _check_digest(truth, word, met, verdict)
            continue
        for member, found in met:
            _check_place(truth, word, member, found, verdict)


def by_programme(truth: Truth) -> dict[str, list[Injected]]:
    """Return the faults of each programme."""
    found: dict[str, list[Injected]] = {}
    for fault in truth.facts.injected:
        for name in fault.programmes:
            found.setdefault(name, []).append(fault)
    return found


def allowed(
    truth: Truth, word: Word, member: Member, faults: dict[str, list[Injected]]
) -> set[str]:
    """Return the places that a word may name for a member; none where no fault met it."""
    met = (f for f in faults.get(member.programme, []) if _meets(f, word, member))
    return {place for fault in met for place in _places(truth, word, member, fault)}


def _check_digest(
    truth: Truth, word: Word, met: list[tuple[Member, list[Injected]]], verdict: Verdict
) -> None:
    """Of several incidents a digest names the place of the first: it did something to a member.

    Where the first one is no outage its place is checked as what it is: the clock, a silence. The
    place of a suspicion is what was not seen, as in a message of that alone.
    """
    verdict.counts["digests"] += 1
    allowed = {
        place
        for member, faults in met
        for fault in faults
        for place in _places(truth, word, member, fault)
    }
    text = f"the digest {word.incident} names {word.place!r}, not {allowed}"
    is_outage = word.fault in OFF and word.fault != SUSPECTED
    holds = word.place in allowed or not is_outage or not any(faults for _, faults in met)
    verdict.must("cause", holds, text)


def _meets(fault: Injected, word: Word, member: Member) -> bool:
    """Return whether a fault took the programme off while it was, by this word, off.

    What the clock put out of its hours ends at its begin; its cause may have joined it later.
    """
    if member.how == "withdrawn":
        return any(a < word.composed and member.began[0] < b for a, b in fault.spans)
    return any(word.covers(member, *span) for span in fault.spans)


def _check_place(
    truth: Truth, word: Word, member: Member, faults: list[Injected], verdict: Verdict
) -> None:
    allowed = {place for fault in faults for place in _places(truth, word, member, fault)}
    holds = not faults or word.place in allowed
    text = f"{word.told} {word.incident} of {member.programme} names {word.place!r}, not {allowed}"
    verdict.counts["wrong_causes"] += not holds
    verdict.must("cause", holds, text)


def _places(truth: Truth, word: Word, member: Member, fault: Injected) -> Iterator[str]:
    yield from _names(truth, fault, word.composed)
    if truth.is_unsure(member.programme, member.began[1]):
        yield CLOCK
    place = truth.facts.places[fault.place]
    if any(fault.begin < at <= word.composed for at in truth.facts.reloads):
        # A reload may have renamed it since, also where the fault was over and nobody knew it yet.
        alike = truth.facts.places.values()
        yield from (other.place for other in alike if other.condition == place.condition)
        since = fault.begin, word.composed + 1
        if any(truth.not_asked[one].parts(*since) for one in place.devices):
            yield from fault.later  # its device is gone, and with it the name
    first = _consequences(truth, fault, member.programme)
    if word.into is not None or not _is_seen(truth, fault, word.composed):
        # That one says which place the outage left for its cause.
        yield from first


def _names(truth: Truth, fault: Injected, by: int) -> Iterator[str]:
    """Yield what its place may be called by then; it has others where nobody saw which of it fell.

    monitord was down meanwhile or shortly before, or one of its devices was silent as it began.
    """
    yield fault.place
    yield from fault.also
    since, devices = fault.begin - BEFORE, truth.facts.places[fault.place].devices
    was_silent = any(truth.no_answer(one, (since, fault.begin + BEFORE)) for one in devices)
    if was_silent or truth.down.parts(since, by):
        yield from fault.where_hidden


def _is_seen(truth: Truth, fault: Injected, by: int) -> bool:
    """Return whether the place itself was surely seen: until then the consequence may be named."""
    place, (begin, end) = truth.facts.places[fault.place], fault.shown
    watched = truth.watched(place, (begin, min(end, by)))
    is_seen = any(b - a > place.condition.shortest for a, b in watched)
    return is_seen and not truth.polls_lost_in_a_row(place, (fault.begin, fault.end))


def _consequences(truth: Truth, fault: Injected, programme: str) -> list[str]:
    """Return the places that show a fault to one of its programmes before its own does."""
    shows, places = set(truth.devices_of(programme)), truth.facts.places
    first = places[fault.place].seen_first_at
    return [name for name in first if shows.issuperset(places[name].devices)]


def check_one_incident(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """The programmes of one fault are reported as one incident."""
    for fault in truth.facts.injected:
        place = truth.facts.places[fault.place]
        if len(fault.programmes) < 2 or fault.end - fault.begin <= place.condition.shortest:
            continue
        told = [
            w
            for w in words
            if w.place == fault.place and _is_about(w, fault) and w.told not in LAST
        ]
        pairs = combinations(sorted({w.incident for w in told}), 2)
        several = [pair for pair in pairs if _at_once(told, *pair)]
        verdict.must(
            "cause", not several, f"{fault.id} at {fault.place} is told as incidents {several[:2]}"
        )


def _is_about(word: Word, fault: Injected) -> bool:
    members = (word.member(name, *OFF) for name in fault.programmes)
    return any(m is not None and word.covers(m, fault.begin, fault.end) for m in members)


def _at_once(words: list[Word], one: str, other: str) -> bool:
    """Return whether the first word of one came while the other was last reported as open."""
    first = [w.composed for w in words if w.incident == one]
    second = [w.composed for w in words if w.incident == other]
    return min(first) <= max(second) and min(second) <= max(first)
