"""Holds what the desks received against the messages on record, and against the incidents."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import cast

from tests.crash.configuration import PEOPLE, WALL
from tests.crash.evidence import Evidence, Verdict

LAST_WORDS = ("recovered", "closed_before_told", "continued", "storm")


def check_mail(evidence: Evidence, verdict: Verdict) -> None:
    """Each person got every incident to its end, and nothing that was not on disk.

    What came while the disk took nothing says so, and has no number to be found by.
    """
    received = evidence.run.desks.received
    numbered = [one for one in received if not one.unrecorded]
    last_words = Counter(
        one.person for one in received if one.unrecorded and one.event in LAST_WORDS
    )
    verdict.counts["unrecorded"] += len(received) - len(numbered)
    for one in numbered:
        text = f"{one.person} got {one.alert_id} before its attempt was on disk"
        verdict.must(one.on_disk or evidence.may_lose, text)
    numbers = [one.alert_id for one in received if one.unrecorded and one.alert_id != "None"]
    verdict.must(not numbers, f"not on disk, and yet with a number: {numbers[:3]}")
    said = _said_in_digests(evidence)
    last: dict[tuple[str, str], str] = {}
    for one in numbered:
        # A digest says something of several incidents, and of each whether it is the last word.
        for incident_id, word in said.get(one.alert_id, {one.incident: one.event}).items():
            last[incident_id, one.person] = word
    for incident in evidence.incidents:
        for person in PEOPLE:
            word = last.pop((incident.id, person), "nothing")
            if word in LAST_WORDS or incident.id in evidence.kept_open:
                continue
            last_words[person] -= 1
            verdict.must(
                last_words[person] >= 0, f"{person}'s last word of {incident.id} is {word}"
            )
    verdict.counts["of_lost_incidents"] += len(last)
    text = f"people heard of incidents that are not on record: {list(last)[:3]}"
    verdict.must(evidence.may_lose or not last, text)
    _check_numbers(evidence, verdict)


def _said_in_digests(evidence: Evidence) -> dict[str, dict[str, str]]:
    """Return, by the number of a digest, what it says of each incident: storm as last word."""
    found: dict[str, dict[str, str]] = {}
    for event, body in zip(evidence.events, evidence.bodies, strict=True):
        if event.kind == "attempt_began":
            alert = cast(dict[str, str], body["alert"])
            news = cast(list[dict[str, object]], body["news"])
            if alert["told"] == "storm":
                found[alert["alert_id"]] = {
                    str(one["incident"]): "storm" if one["last"] else "storm, not the last"
                    for one in news
                }
    return found


def _check_numbers(evidence: Evidence, verdict: Verdict) -> None:
    """No number is given twice: the record has an attempt with each number, about the same."""
    begun: dict[str, set[str]] = defaultdict(set)
    for event, body in zip(evidence.events, evidence.bodies, strict=True):
        if event.kind == "attempt_began":
            alert = cast(dict[str, str], body["alert"])
            begun[alert["alert_id"]].add(alert["programme"])
    for one in evidence.run.desks.received:
        if not one.unrecorded and one.alert_id in begun:
            text = f"{one.alert_id} was about {one.programme}: its number was given twice"
            verdict.must(one.programme in begun[one.alert_id], text)


@dataclass
class _Alert:
    """One message by its id: its attempts in the record by how they ended, and its receipts."""

    received: int = 0
    begun: int = 0
    not_on_record: int = 0
    """Attempts of it before the first one on record, where events may have been taken; or received
    while their begin was in no file of the folder: then that was in the one that was taken."""
    person: str = ""
    delivered: int = 0
    refused: int = 0
    unknown: int = 0
    """Ended by a kill, or by a deadline: the desk may or may not have had it."""


def check_alerts(evidence: Evidence, verdict: Verdict) -> None:
    """A confirmed message was received; one is received twice only where its end was not seen."""
    alerts = _alerts(evidence)
    unnumbered: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for one in evidence.run.desks.received:
        if one.unrecorded:
            unnumbered[one.person] += 1
        else:
            alerts[one.alert_id].received += 1
            taken[one.alert_id] += evidence.may_lose and not one.on_disk
    for alert_id, count in taken.items():
        alerts[alert_id].not_on_record = max(alerts[alert_id].not_on_record, count)
    for alert_id, alert in alerts.items():
        if alert.delivered and not alert.received and unnumbered[alert.person]:
            unnumbered[alert.person] -= 1  # it came without its number
            continue
        if evidence.may_lose and not alert.begun:
            verdict.counts["of_lost_events"] += 1
            continue
        _check_alert(alert_id, alert, verdict)
    in_flight, timeouts = _in_flight_at_kills(evidence), _timeouts(evidence)
    in_flight += sum(alert.not_on_record for alert in alerts.values())
    verdict.counts["in_flight_at_kills"] = in_flight
    verdict.counts["timeouts"] = timeouts
    text = f"{verdict.counts['duplicates']} duplicates, more than {in_flight} in flight at kills"
    verdict.must(verdict.counts["duplicates"] <= in_flight + timeouts, text)


def _check_alert(alert_id: str, alert: _Alert, verdict: Verdict) -> None:
    verdict.must(alert.begun > 0, f"{alert_id} was received and never begun")
    verdict.must(alert.delivered <= 1, f"{alert_id} was confirmed {alert.delivered} times")
    text = f"{alert_id} is on record as delivered and was never received"
    verdict.must(alert.delivered <= alert.received, text)
    text = f"{alert_id} was received {alert.received} times: {alert}"
    ends_not_seen = alert.unknown + alert.not_on_record
    verdict.must(alert.received <= alert.delivered + ends_not_seen, text)
    verdict.counts["duplicates"] += max(0, alert.received - 1)


def _alerts(evidence: Evidence) -> dict[str, _Alert]:
    alerts: dict[str, _Alert] = defaultdict(_Alert)
    begun: dict[tuple[str, object, object], str] = {}
    for event, body in zip(evidence.events, evidence.bodies, strict=True):
        if event.subject == WALL:  # nobody counts what a terminal shows
            continue
        if event.kind == "attempt_began":
            alert_id = json.loads(event.body)["alert"]["alert_id"]
            begun[event.subject, body["incident"], body["attempt"]] = alert_id
            if evidence.may_lose and not alerts[alert_id].begun:
                alerts[alert_id].not_on_record = _attempts_before(alert_id, body["attempt"])
            alerts[alert_id].begun += 1
            alerts[alert_id].person = event.subject
        elif event.kind == "attempt_ended":
            attempt = event.subject, body["incident"], body["attempt"]
            if evidence.may_lose and attempt not in begun:
                continue  # its begin is among the events that were taken; the base knew of it
            alert = alerts[begun.pop(attempt)]
            if body["delivered"]:
                alert.delivered += 1
            elif body["lost"] or _is_timeout(body):
                alert.unknown += 1
            else:
                alert.refused += 1
    for alert_id in begun.values():
        alerts[alert_id].unknown += 1
    return alerts


def _attempts_before(alert_id: str, attempt: object) -> int:
    """Return how many attempts of a message came before this one: its id has the first's number."""
    *_, first, _ = alert_id.rsplit("-", 2)
    return cast(int, attempt) - int(first) if first.isdecimal() else 0


def _is_timeout(body: dict[str, object]) -> bool:
    return "no whole answer within" in str(body["detail"])


def _timeouts(evidence: Evidence) -> int:
    pairs = zip(evidence.events, evidence.bodies, strict=True)
    return sum(event.kind == "attempt_ended" and _is_timeout(body) for event, body in pairs)


def _in_flight_at_kills(evidence: Evidence) -> int:
    """Return how many attempts had begun and not ended at the starts that follow kills."""
    under_way: set[tuple[str, object]] = set()
    found = 0
    for event, body in zip(evidence.events, evidence.bodies, strict=True):
        if event.kind == "started":
            found += len(under_way)
        elif event.kind == "attempt_began":
            under_way.add((event.subject, body["incident"]))
        elif event.kind == "attempt_ended":
            under_way.discard((event.subject, body["incident"]))
    return found
