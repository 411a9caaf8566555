"""A3: a critical outage never waits for a message of lower severity that has not begun.

And the members of a message are in the order of restoration.
"""

from __future__ import annotations

from tests.simulation.facts import SECOND, PersonFacts
from tests.simulation.observer.incidents import Demand
from tests.simulation.observer.lateness import opening_due
from tests.simulation.observer.truth import Tried, Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word

SEVERITIES = ("critical", "major", "minor")
TURN = 4 * SECOND
"""The step of the simulation between two turns."""


def check_overtaken(
    truth: Truth,
    demand: Demand,
    person: PersonFacts,
    verdict: Verdict,
) -> None:
    """While a first word of a critical outage is pending, nothing less urgent is begun."""
    due = opening_due(demand, person) + TURN
    if demand.programme.off_air.severity != "critical" or demand.span[1] <= due:
        return
    mine = [t for t in truth.attempts if t.person == person.id]
    first = next((t.began for t in mine if t.began >= demand.span[0] and _about(t, demand)), None)
    if first is None or first <= due:
        return
    between = [t for t in mine if due < t.began < first and _is_lower(t)]
    # Before and behind a restart the queue is not what it was.
    if truth.down.parts(demand.span[0], first):
        return
    verdict.counts["waits"] += 1
    text = f"{len(between)} less urgent messages went to {person.id} before {demand}"
    verdict.must("order", not between, text)


def _about(tried: Tried, demand: Demand) -> bool:
    alert = tried.alert
    members = alert.get("members") or [alert]
    names = {m["programme"] for m in members} | set(alert["joined"])
    return demand.programme.id in names and alert["fault"] == "off_air"


def _is_lower(tried: Tried) -> bool:
    return tried.alert["severity"] != "critical" or tried.alert["told"] in LAST


def check_restoration(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """Members are in restoration order; in a digest what is open first, and the worst first."""
    programmes = truth.facts.programmes
    for word in words:
        members = [m for m in word.members if m.programme in programmes]
        keys = [(programmes[m.programme].rank,) for m in members]
        if word.told == "storm":
            urgencies = [(m.how is not None, SEVERITIES.index(m.severity)) for m in members]
            keys = [(*first, *then) for first, then in zip(urgencies, keys, strict=True)]
        if len(keys) > 1:
            verdict.counts["in_order"] += 1
            text = f"{word.incident}: members out of the order of restoration"
            verdict.must("order", keys == sorted(keys), text)
