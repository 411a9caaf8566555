"""A3: a critical outage never waits for a message of lower severity that has not begun.

And the members of a message are in the order of restoration.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby

from tests.simulation.facts import MINUTE, SECOND, Injected, PersonFacts
from tests.simulation.observer.incidents import Demand
from tests.simulation.observer.lateness import GROWN, opening_due
from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.truth import Tried, Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word, place_of

SEVERITIES = ("critical", "major", "minor")
LAST_RANK = 100
TURN = 4 * SECOND
"""The step of the simulation between two turns."""


def check_overtaken(
    truth: Truth,
    demand: Demand,
    person: PersonFacts,
    verdict: Verdict,
) -> None:
    """While a first word of a critical outage is pending, nothing less urgent is begun."""
    due = opening_due(demand, person) + TURN + GROWN * demand.place.is_shared
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


def check_alike(truth: Truth, people: Sequence[PersonFacts], verdict: Verdict) -> None:
    """What falls in one moment, with one severity, is opened to a person in restoration order."""
    for person in people:
        mine = [t for t in truth.attempts if t.person == person.id]
        for first, second in _pairs_alike(truth):
            numbers = [_opening(mine, fault) for fault in (first, second)]
            shown = [n for n in numbers if n is not None]
            if len(shown) < 2 or truth.down.parts(first.begin, mine[max(shown)].began):
                continue
            if not all(_in_hours(truth, fault) for fault in (first, second)):
                continue
            if any(_fell_before(truth, fault) for fault in (first, second)):
                continue
            verdict.counts["alike"] += 1
            name = f"{second.place} before {first.place}, which fell in the same moment"
            verdict.must("order", shown[0] < shown[1], f"{person.id} was told of {name}")


def _pairs_alike(truth: Truth) -> Iterator[tuple[Injected, Injected]]:
    """Yield what fell in one moment with one severity, the programme to restore first before."""
    programmes = truth.facts.programmes
    for _, parts in groupby(truth.facts.injected, key=lambda fault: fault.id):
        alike: dict[str, list[Injected]] = {}
        for part in parts:
            if len(part.programmes) == 1:
                severity = programmes[part.programmes[0]].off_air.severity
                alike.setdefault(severity, []).append(part)
        for faults in alike.values():
            for one, other in combinations(faults, 2):
                ranks = [programmes[f.programmes[0]].rank for f in (one, other)]
                if ranks[0] != ranks[1]:
                    yield (one, other) if ranks[0] < ranks[1] else (other, one)


def _fell_before(truth: Truth, fault: Injected) -> bool:
    """Return whether its programme was off in the ten minutes before: its delay is shorter then."""
    off = truth.off[fault.programmes[0]]
    return bool(off.parts(fault.begin - 10 * MINUTE, fault.begin))


def _in_hours(truth: Truth, fault: Injected) -> bool:
    """Return whether it is reported from its begin on."""
    return bool(truth.scheduled(fault.programmes[0], (fault.begin, fault.begin + 1)))


def _opening(mine: list[Tried], fault: Injected) -> int | None:
    """Return the number of the attempt that first opened this fault to the person."""
    return next(
        (
            number
            for number, tried in enumerate(mine)
            if fault.begin <= tried.began <= fault.end
            and tried.alert["told"] == "opened"
            and tried.alert["programme"] == fault.programmes[0]
            and place_of(tried.alert) == fault.place
        ),
        None,
    )


def check_closings(
    truth: Truth, events: Iterable[Recorded], people: Sequence[PersonFacts], verdict: Verdict
) -> None:
    """Of what closes in one moment the worse is reported first, then what is to be restored first.

    A closing whose incident has failed attempts may wait for another channel. Two inputs may have
    one moment: a message that began before the second was taken knows nothing of what that closes.
    """
    closed: dict[int, list[str]] = {}
    places: dict[tuple[str, ...], int] = {}
    for place, event in enumerate(events):
        if event.kind == "incident_closed":
            closed.setdefault(event.at, []).append(event.subject)
            places[event.subject,] = place
        if event.kind == "attempt_began":
            alert = json.loads(event.body)["alert"]
            places.setdefault((event.subject, alert["alert_id"]), place)
    for at, incidents in closed.items():
        for person in people if len(incidents) > 1 else ():
            mine = [t for t in truth.attempts if t.person == person.id]
            found = [(_closing(mine, incident, at), incident) for incident in incidents]
            known = [(n, incident) for n, incident in found if n is not None]
            for one, other in combinations(known, 2):
                (first, _), (second, closing) = sorted((one, other))
                if truth.down.parts(at, mine[second].began + 1):
                    continue
                begun = places[person.id, mine[first].alert["alert_id"]]
                if begun < places[closing,]:
                    verdict.counts["closed_by_another_input"] += 1
                    continue
                verdict.counts["closed_at_once"] += 1
                keys = [_closing_key(truth, mine[number]) for number in (first, second)]
                text = f"{person.id} was told of {mine[first].alert['incident']} as over before"
                worse = mine[second].alert["incident"]
                verdict.must("order", keys[0] <= keys[1], f"{text} {worse}, which is more urgent")


def _closing(mine: list[Tried], incident: str, closed_at: int) -> int | None:
    """Return the number of the attempt that first reports an incident as over, if none failed."""
    about = [n for n, tried in enumerate(mine) if incident in tried.alert["incidents"]]
    before = [mine[n] for n in about if mine[n].began < closed_at]
    if any(not tried.delivered or tried.ends > closed_at for tried in before):
        return None
    # An opening may have begun in the same moment, before the incident closed.
    last = (*LAST, "storm")
    ends = (n for n in about if mine[n].began >= closed_at and mine[n].alert["told"] in last)
    first = next(ends, None)
    return None if first is None or mine[first].alert["told"] == "storm" else first


def _closing_key(truth: Truth, tried: Tried) -> tuple[int, int]:
    alert = tried.alert
    programmes = truth.facts.programmes
    ranks = [programmes[m["programme"]].rank for m in alert["members"] if m["programme"]]
    # The clock is no programme that could be restored first.
    return SEVERITIES.index(alert["severity"]), min(ranks, default=LAST_RANK)


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
