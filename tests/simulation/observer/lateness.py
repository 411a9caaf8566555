"""How late a first word may come: the delays that are configured, and what was drawn.

What was drawn: monitord down, attempts that failed, a message already under way.
"""

from __future__ import annotations

from tests.simulation.facts import MINUTE, SECOND, PersonFacts
from tests.simulation.observer.incidents import OFF, Demand, is_held_off
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Word

UNDER_WAY = 5 * SECOND
"""An attempt on the same channel that has begun is waited for."""
CRITICAL_WAIT = 10 * SECOND
"""While a critical message is pending, a channel that failed is tried again after so long."""
OTHER_WAIT = 10 * MINUTE
"""A message that is not critical waits behind others, a digest and a channel that backs off."""
STORM = 40 * SECOND
"""Beyond ten first words in ten minutes, a digest gathers what came in 30 s."""
GROWN = MINUTE
"""A further programme of an incident, or a further fall, rings a minute later at the latest."""
CALM = 11 * MINUTE
"""So long without a fall closes every incident, one that flapped included."""


def opening_due(demand: Demand, person: PersonFacts) -> int:
    """Return by when the word of what is still off must be pending."""
    off_air = demand.programme.off_air
    due = demand.proven_by + off_air.open_after + person.tell_after[off_air.severity]
    return due + GROWN * demand.fault.again


def allowed(truth: Truth, demand: Demand, person: PersonFacts, grows: tuple[int, ...] = ()) -> int:
    """Return the latest moment at which the first word may be received.

    ``grows``: until when a word of the same incident, of other programmes only, holds back more.
    """
    due = opening_due(demand, person)
    if demand.span[1] <= max((due, *grows)):
        # Over within the delay: reported afterwards, when the incident is closed.
        due = truth.calm(demand.fault.programmes, demand.span[1], CALM)
        due += demand.place.condition.shortest
        severity = "closed"
    else:
        severity = demand.programme.off_air.severity
        if demand.place.is_shared:
            due += GROWN  # it may be proven just behind the first word of another programme
    return truth.running(due, channel_slack(truth, person, due, severity))


def channel_slack(truth: Truth, person: PersonFacts, due: int, severity: str) -> int:
    """Return how much the channels may add to what is pending at ``due``."""
    slack = UNDER_WAY + STORM if severity == "critical" else OTHER_WAIT
    wait = CRITICAL_WAIT if severity == "critical" else MINUTE
    for tried in truth.attempts:
        if tried.person == person.id and tried.ends >= due - UNDER_WAY:
            if tried.began > due + slack:
                break
            if not tried.delivered:
                slack += tried.ends - tried.began + wait
    return slack + 5 * SECOND


def is_withdrawn(truth: Truth, demand: Demand, person: PersonFacts) -> bool:
    """Return whether the clock put it out of its hours before the person was due to get it.

    While it was off, or before monitord had surely seen that it was on again.
    """
    name, off_air = demand.programme.id, demand.programme.off_air
    due = opening_due(demand, person) + channel_slack(
        truth, person, demand.proven_by, off_air.severity
    )
    if not truth.is_unsure(name, demand.span[0]) or demand.span[1] > due:
        return False
    seen_by = demand.span[1] + demand.place.condition.shortest
    ends_off = truth.off[name].holds(demand.span[1])
    return ends_off or truth.placed_out_of_hours(name, demand.span, min(due, seen_by))


def check_first_word(
    truth: Truth,
    demand: Demand,
    person: PersonFacts,
    words: tuple[list[Word], list[Word]],
    verdict: Verdict,
) -> None:
    """The first word of an outage comes in time. ``words``: of it, and all of its incidents."""
    told, same = words
    opening = opening_due(demand, person)
    before = [word.composed for word in same if word.composed <= opening]
    grows = tuple(at + GROWN for at in before) if demand.place.is_shared else ()
    latest = allowed(truth, demand, person, grows)
    first = min(word.at for word in told)
    late = (first - latest) / SECOND
    verdict.must("lateness", first <= latest, f"{person.id} was told {late:.0f} s late of {demand}")


def is_known_off(demand: Demand, person: PersonFacts, words: list[Word], told: list[Word]) -> bool:
    """Return whether it ended before its place was due, and the person knew it to be off before.

    What is known to be off gets another place at most once a minute.
    """
    due = max(demand.proven_by + MINUTE, opening_due(demand, person))
    return is_held_off(words, person, demand, told) and demand.span[1] <= due


def check_moved(
    truth: Truth, demand: Demand, person: PersonFacts, words: list[Word], verdict: Verdict
) -> None:
    """The cause is renamed by a reload, or seen late: who has a message of it gets that too."""
    severity = demand.programme.off_air.severity
    due = max(demand.proven_by + MINUTE, opening_due(demand, person))
    latest = truth.running(due, channel_slack(truth, person, due, severity))
    if demand.span[1] <= latest or truth.is_unsure(demand.programme.id, demand.span[0]):
        return  # what only an uncertain clock puts into hours is named by the clock
    if _goes_on_unseen(truth, demand, words):
        verdict.counts["went_on_unseen"] += 1
        return
    verdict.counts["moved"] += 1
    named = any(word.place == demand.fault.place and word.at <= latest for word in words)
    verdict.must("cause", named, f"{person.id} was not told in time what it was: {demand}")


def _goes_on_unseen(truth: Truth, demand: Demand, words: list[Word]) -> bool:
    """Return whether what a shared cause takes along is reported off since before, by its place.

    Nobody saw it good in between: then it did not fall again, and keeps its place.
    """
    name, begin = demand.programme.id, demand.span[0]
    since = max((b for _, b in truth.off[name].parts(truth.facts.begin, begin)), default=begin)
    shows = set(truth.devices_of(name))
    kept = set()
    for place in (truth.facts.places[one] for one in demand.place.seen_first_at):
        seen = truth.watched_devices(place.devices, (since, begin))
        if shows.issuperset(place.devices) and all(b - a <= place.condition.slot for a, b in seen):
            kept.add(place.place)
    members = [(w, w.member(name, *OFF)) for w in words if w.place in kept]
    return demand.place.is_shared and any(
        m is not None and m.began[1] <= begin <= w.seen_to(m) for w, m in members
    )
