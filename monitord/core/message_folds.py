"""The only writer of what people were sent and how channels do. Decides nothing."""

from __future__ import annotations

from monitord.core import message_events as events
from monitord.core.durable import Durable
from monitord.core.incident_state import Incident
from monitord.core.model import MINUTE, Event, Told
from monitord.core.person_state import (
    ChannelNow,
    Knowledge,
    PersonNow,
    Received,
    Sending,
    after_delivery,
)

KEPT = 10 * MINUTE
"""How long the storm limits count a message."""
NOT_NOTIFIED = (Told.CLOSED_BEFORE_TOLD.value, Told.STORM.value)
"""Messages that do not name each outage as open."""


def attempt_began(durable: Durable, event: Event, body: events.AttemptBegan) -> None:
    person = durable.people.setdefault(event.subject, PersonNow())
    person.sending.append(
        Sending(
            incident=body.incident,
            attempt=body.attempt,
            channel=body.channel,
            told=body.alert["told"],
            bucket=body.bucket,
            severity=body.severity,
            begun_at=event.at,
            news=list(body.news),
        )
    )
    if body.bucket == "storm":
        person.storm_at = event.at
    for news in body.news:
        incident = _incident(durable, news.incident)
        if incident is not None:
            known = incident.people.setdefault(event.subject, Knowledge())
            known.attempts = body.attempt if news.incident == body.incident else known.attempts


def attempt_ended(durable: Durable, event: Event, body: events.AttemptEnded) -> None:
    person = durable.people[event.subject]
    found = [s for s in person.sending if (s.incident, s.attempt) == (body.incident, body.attempt)]
    channel = durable.channels.setdefault(body.channel, ChannelNow())
    channel.failures = body.channel_failures
    channel.until = body.channel_until
    channel.tried_at = body.channel_tried_at
    if channel == ChannelNow():
        del durable.channels[body.channel]
    for sending in found:
        person.sending.remove(sending)
        if body.delivered:
            _arrived(durable, event, person, sending)
        else:
            _failed(durable, event.subject, sending, body)
    _drop_empty_person(durable, event.subject)


def _arrived(durable: Durable, event: Event, person: PersonNow, sending: Sending) -> None:
    for news in sending.news:
        incident = _incident(durable, news.incident)
        if incident is None:
            continue
        before = incident.people.get(event.subject, Knowledge())
        known = after_delivery(before, news, sending.begun_at)
        known.messages += 1
        incident.people[event.subject] = known
        if sending.told not in NOT_NOTIFIED:
            for member in news.falls:
                held = person.notified.get(member, 0)
                person.notified[member] = max(held, sending.begun_at)
        forget_closed(durable, news.incident)
    recent = {"critical": person.critical, "others": person.others}.get(sending.bucket)
    if recent is not None:
        recent[:] = [*(at for at in recent if at > event.at - KEPT), event.at]


def _failed(durable: Durable, person: str, sending: Sending, body: events.AttemptEnded) -> None:
    """What is sent without a receipt possibly arrived, unless the channel refused it for good."""
    for news in sending.news:
        incident = _incident(durable, news.incident)
        if incident is None:
            continue
        known = incident.people.setdefault(person, Knowledge())
        if known.received is Received.NO and not body.permanent and not news.last:
            known.received = Received.PERHAPS
        known.probed = True
        if body.lost:
            continue
        if body.channel not in known.tried:
            known.tried.append(body.channel)
        known.refusals += body.permanent and body.wait_until > 0
        known.wait_until = body.wait_until


def closing_due(durable: Durable, event: Event, body: events.ClosingDue) -> None:
    incident = durable.closed_incidents[event.subject]
    for person in body.people:
        incident.people.setdefault(person, Knowledge()).closing = True
    forget_closed(durable, event.subject)


def person_dropped(durable: Durable, event: Event, body: events.PersonDropped) -> None:
    durable.people.pop(event.subject, None)
    for incident in (*durable.incidents.values(), *durable.closed_incidents.values()):
        incident.people.pop(event.subject, None)
    for name in list(durable.closed_incidents):
        forget_closed(durable, name)
    del body


def forget_closed(durable: Durable, incident: str) -> None:
    """Keep a closed incident only while a person must still get its closing."""
    closed = durable.closed_incidents.get(incident)
    if closed is not None and not any(known.closing for known in closed.people.values()):
        del durable.closed_incidents[incident]


def _incident(durable: Durable, name: str) -> Incident | None:
    return durable.incidents.get(name) or durable.closed_incidents.get(name)


def _drop_empty_person(durable: Durable, person: str) -> None:
    if durable.people[person] == PersonNow():
        del durable.people[person]
