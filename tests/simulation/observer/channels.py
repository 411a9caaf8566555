"""Delivery: no more duplicates than unconfirmed messages, one opening, and a last word."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from tests.simulation.facts import MINUTE, PersonFacts
from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Message

TOLD_WITHIN = 10 * MINUTE


def check_duplicates(duplicates: int, unconfirmed: int, cut_off: int, verdict: Verdict) -> None:
    """A message comes twice only where nobody knew that it had arrived."""
    verdict.counts["duplicates"] += duplicates
    verdict.counts["unconfirmed"] += unconfirmed
    verdict.counts["in_flight_at_kill"] += cut_off
    verdict.must(
        "channels",
        duplicates <= unconfirmed + cut_off,
        f"{duplicates} duplicates, more than {unconfirmed} unconfirmed and {cut_off} cut off",
    )


def check_first_words(received: Sequence[Message], verdict: Verdict) -> None:
    """An incident is opened to a person once; whatever says so again is the same message."""
    openings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message in received:
        if message.alert["told"] in ("opened", "closed_before_told"):
            key = message.alert["incident"], message.person
            openings[key].add(message.alert["alert_id"])
    for (incident, person), ids in openings.items():
        # A crash may hide that the opening was sent: then the closing is sent as an opening.
        told = {alert_id.rpartition("-")[2] for alert_id in ids}
        one_each = len(ids) == len(told)
        verdict.must("channels", one_each, f"{person} was told of {incident} as new: {ids}")


def check_last_words(
    received: Sequence[Message],
    events: Sequence[Recorded],
    people: Sequence[PersonFacts],
    end: int,
    verdict: Verdict,
) -> None:
    """Every incident that closed well before the end was reported to its end, to each person.

    One that goes on as another, because that explains it, has no word to whom it was never sent.
    """
    last: dict[tuple[str, str], str] = {}
    for m in received:
        for incident in m.alert.get("incidents") or [m.alert["incident"]]:
            last[incident, m.person] = m.alert["told"]
    overs = [event for event in events if event.kind == "member_over"]
    left = {event.subject for event in overs if json.loads(event.body)["how"] == "continued"}
    for event in events:
        if event.kind != "incident_closed" or event.at > end - TOLD_WITHIN:
            continue
        for person in people:
            word = last.get((event.subject, person.id), "nothing")
            if word == "nothing" and event.subject in left:
                verdict.counts["explained_away"] += 1
                continue
            if word == "nothing" and json.loads(event.body)["how"] == "withdrawn":
                continue  # it never was, and nobody was due to get it yet
            text = f"{person.id} was told {word} of incident {event.subject} as the last word"
            verdict.must("channels", word in (*LAST, "storm"), text)
