"""Who gets the next message by which channel, and what an outcome means. Sends nothing itself.

An attempt is on disk before the dispatcher carries it out. Rules 5.5 and 5.6 of the architecture:
a critical opening waits for nothing lesser, a channel that fails waits as a channel, and a storm
becomes one digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final, NamedTuple

from monitord.core.alerts import alert_of
from monitord.core.clock_events import ClockTurned
from monitord.core.events import (
    BadProven,
    CalendarRecorded,
    Draft,
    PieceOpened,
)
from monitord.core.fault_plans import COUNTED
from monitord.core.gather import note_claim
from monitord.core.incident_events import (
    CauseClaimed,
    CauseHealed,
    IncidentClosed,
    MemberFell,
    MemberJoined,
    MemberOver,
    WrongProgrammeTurned,
)
from monitord.core.incident_state import Incident, fault_id
from monitord.core.message_events import AttemptBegan, AttemptEnded, ClosingDue, PersonDropped
from monitord.core.message_queue import MessageQueue, Ready
from monitord.core.messages import (
    FIRST,
    WITHDRAWN,
    gets_closing,
    is_known,
    knowledge_of,
    news_of,
    person_of,
)
from monitord.core.model import MINUTE, SECOND, Attempted, Told
from monitord.core.node_events import RoleChanged
from monitord.core.nodes import is_standby
from monitord.core.pending import all_incidents, incident_of, look_again, queue_of
from monitord.core.person_state import ChannelNow, Knowledge, News, PersonNow, Sending
from monitord.core.plan import ChannelPlan, PersonPlan
from monitord.core.situation import Situation

STORM_WINDOW: Final = 10 * MINUTE
STORM_MAX: Final = 10
"""Messages of one sort to one person in ten minutes; more become a digest (rule 5.6)."""
DIGEST_EVERY: Final = 30 * SECOND
CRITICAL_WAIT_MAX: Final = 10 * SECOND
"""While a critical message must be sent, a failing channel waits no longer (rule 5.5)."""

CRITICAL, OTHERS, STORM = "critical", "others", "storm"
"""Storm limits: first messages of critical causes, all others, and the digest itself."""


class Choice(NamedTuple):
    """The next attempt of a person."""

    entry: Ready
    channel: str
    bucket: str


def due_of_person(situation: Situation, person: str) -> int | None:
    """Return when a person's next attempt may begin or a message falls due; None: never so far.

    A node that is not the active one begins none.
    """
    if is_standby(situation):
        return None
    plan = situation.people[person]
    now = situation.clock
    queue = queue_of(situation, plan, now)
    choice, wait = _choose(situation, plan, queue, now)
    if choice is not None:
        return now
    return min((at for at in (wait, queue.next_due) if at is not None), default=None)


def begin_attempts(situation: Situation, person: str, at: int) -> Iterator[Draft]:
    """Begin every attempt that may begin now."""
    plan = situation.people[person]
    while True:
        queue = queue_of(situation, plan, at)
        choice, _ = _choose(situation, plan, queue, at)
        if choice is None:
            return
        yield _begin(situation, plan, queue, choice, at)


def follow(situation: Situation, draft: Draft) -> Iterator[Draft]:
    """After an event: note which messages to look at again; yield who must get a closing."""
    match draft.body:
        case IncidentClosed():
            yield Draft(draft.subject, ClosingDue(_must_get_closing(situation, draft.subject)))
            look_again(situation, [draft.subject])
        case AttemptBegan(news=news):
            look_again(situation, [each.incident for each in news])
        case AttemptEnded():
            # What arrived decides whether another incident is news to this person.
            look_again(situation, all_incidents(situation))
        case CalendarRecorded() | ClockTurned() | RoleChanged():
            look_again(situation, all_incidents(situation))
        case PieceOpened() | BadProven():
            _look_at_programme(situation, draft.subject)
        case (
            MemberJoined(programme=programme, fault=fault)
            | MemberFell(programme=programme, fault=fault)
            | MemberOver(programme=programme, fault=fault)
        ):
            look_again(situation, [draft.subject], fault_id(programme, fault))
        case CauseClaimed(place=place):
            note_claim(situation, draft.subject, place.id)
            look_again(situation, _at(situation, [place.id]), draft.subject)
        case CauseHealed() | WrongProgrammeTurned():
            incidents = situation.durable.outages[draft.subject].incidents
            look_again(situation, incidents, draft.subject)
        case _ if incident_of(situation, draft.subject) is not None:
            look_again(situation, [draft.subject])


def look_at_watchers(situation: Situation, condition: str) -> None:
    """Look again at the messages of every programme that a turn of a condition may concern."""
    for programme in situation.watchers.get(condition, ()):
        _look_at_programme(situation, programme)


def _must_get_closing(situation: Situation, name: str) -> tuple[str, ...]:
    """Return who must get the closing of an incident.

    Of what is withdrawn, or was a mere consequence of another cause: only who knows it. What fell
    more than once was none: its earlier falls ended by this cause. Nobody gets it from a node that
    is not the active one.
    """
    if is_standby(situation):
        return ()
    incident = situation.durable.closed_incidents[name]
    people = situation.people.values()
    members = incident.members.values()
    is_consequence = all(member.explained and member.count == 1 for member in members)
    if incident.how != WITHDRAWN and not is_consequence:
        return tuple(person.id for person in people if gets_closing(situation, person, incident))
    return tuple(person.id for person in people if is_known(situation, person.id, incident))


def _look_at_programme(situation: Situation, programme: str) -> None:
    """Have the messages of its outages found again: an open one may be over, or not any more."""
    for sort in COUNTED:
        fault = fault_id(programme, sort)
        held = situation.durable.outages.get(fault)
        if held is not None:
            # One that is not open yet may hold back the message of others.
            names = dict.fromkeys([*held.incidents, *_at(situation, held.claims)])
            look_again(situation, names, fault)


def _at(situation: Situation, places: Iterable[str]) -> list[str]:
    """Return the open incidents of these places."""
    durable = situation.durable
    return [durable.places[place] for place in places if place in durable.places]


def _choose(
    situation: Situation, person: PersonPlan, queue: MessageQueue, now: int
) -> tuple[Choice | None, int | None]:
    """Return the attempt that may begin now, or when one may that waits for a time."""
    state = person_of(situation, person.id)
    waits: list[int] = []
    paced = False
    for entry in queue.ready:
        bucket = CRITICAL if entry.told in FIRST and entry.severity == 0 else OTHERS
        if paced and bucket == OTHERS:
            continue  # what waits for the digest is not overtaken
        found = _channel_for(situation, person, state, entry, now)
        if found is None:
            continue
        at, channel = found
        if at > now:
            waits.append(at)
            continue
        recent = [t for t in getattr(state, bucket) if t > now - STORM_WINDOW]
        if len(recent) < STORM_MAX:
            return Choice(entry, channel, bucket), None
        digest_at = 0 if state.storm_at is None else state.storm_at + DIGEST_EVERY
        if digest_at <= now:
            return Choice(entry, channel, STORM), None
        paced = True
        waits += [digest_at, recent[-STORM_MAX] + STORM_WINDOW]
    return None, min(waits, default=None)


def _channel_for(
    situation: Situation, person: PersonPlan, state: PersonNow, entry: Ready, now: int
) -> tuple[int, str] | None:
    """Return when which channel may take a message; None while an attempt under way decides.

    Of several that may now, the first one that the person names.
    """
    first = entry.severity == 0 and entry.told in FIRST
    beside = first and all(_may_go_beside(entry, sending) for sending in state.sending)
    if state.sending and not beside:
        return None
    incident = incident_of(situation, entry.incident)
    known = Knowledge() if incident is None else knowledge_of(incident, person.id)
    found = [
        (max(now, _free_at(situation, name, entry, known)), name)
        for name in [c for c in person.tell if c not in known.tried] or person.tell
        if not (_is_single(situation, name) and _is_busy(situation, name))
    ]
    return min(found, key=itemgetter(0), default=None)


def _free_at(situation: Situation, name: str, entry: Ready, known: Knowledge) -> int:
    """Return from when on a channel takes a message, by its failures and those of the message."""
    channel = situation.durable.channels.get(name, ChannelNow())
    if entry.severity > 0:
        return max(channel.until, known.wait_until)
    if entry.told in FIRST and not known.probed:
        return known.wait_until
    return max(min(channel.until, channel.tried_at + CRITICAL_WAIT_MAX), known.wait_until)


def _may_go_beside(entry: Ready, sending: Sending) -> bool:
    """Return whether a critical first message need not wait for an attempt under way."""
    return sending.severity > 0 or any(news.incident == entry.incident for news in sending.news)


def _is_single(situation: Situation, channel: str) -> bool:
    plans: tuple[ChannelPlan, ...] = situation.plan.channels
    return any(plan.id == channel and plan.single for plan in plans)


def _is_busy(situation: Situation, channel: str) -> bool:
    people = situation.durable.people.values()
    return any(sending.channel == channel for one in people for sending in one.sending)


def _begin(
    situation: Situation, person: PersonPlan, queue: MessageQueue, choice: Choice, at: int
) -> Draft:
    entry, bucket = choice.entry, choice.bucket
    named = [e.incident for e in queue.ready] if bucket == STORM else [entry.incident]
    found = [incident_of(situation, name) for name in named]
    incidents = [incident for incident in found if incident is not None]
    told = Told.STORM if bucket == STORM else entry.told
    known = knowledge_of(incidents[0], person.id)
    began = AttemptBegan(
        incident=entry.incident,
        attempt=known.attempts + 1,
        channel=choice.channel,
        alert=alert_of(situation, person.id, incidents, told, at),
        bucket=bucket,
        severity=entry.severity,
        news=tuple(_news(person.id, incident, told, at) for incident in incidents),
    )
    return Draft(person.id, began)


def _news(person: str, incident: Incident, told: Told, at: int) -> News:
    last = incident.closed_at is not None
    return news_of(incident, knowledge_of(incident, person), told, at, last=last)


def record_outcome(situation: Situation, outcome: Attempted) -> Iterator[Draft]:
    """Record how an attempt ended; one that is not under way any more is left out."""
    for sending in person_of(situation, outcome.person).sending:
        if (sending.incident, sending.attempt) == (outcome.incident, outcome.attempt):
            yield _ended(situation, outcome, sending, lost=False)
            return


def fail_interrupted_attempts(situation: Situation, at: int) -> Iterator[Draft]:
    """After a start: the attempts that were under way possibly arrived, and are repeated."""
    for person, state in sorted(situation.durable.people.items(), key=lambda pair: pair[0]):
        for sending in list(state.sending):
            outcome = Attempted(at, person, sending.incident, sending.attempt, delivered=False)
            yield _ended(situation, outcome, sending, lost=True)


def drop_unknown_people(situation: Situation) -> Iterator[Draft]:
    """Drop the messages, and what they know, of people who are no longer configured."""
    durable = situation.durable
    incidents = (*durable.incidents.values(), *durable.closed_incidents.values())
    known = {person for incident in incidents for person in incident.people}
    for person in sorted(known | durable.people.keys()):
        if person not in situation.people:
            yield Draft(person, PersonDropped())


def _ended(situation: Situation, outcome: Attempted, sending: Sending, *, lost: bool) -> Draft:
    """Return what an outcome means for the channel and for this message.

    A refusal for good is no failure of the channel: this message waits, others use it meanwhile. A
    failure within the wait of a channel does not lengthen it.
    """
    channel = situation.durable.channels.get(sending.channel, ChannelNow())
    failures, until, tried_at = channel.failures, channel.until, channel.tried_at
    wait_until = 0
    if outcome.delivered:
        failures, until, tried_at = 0, 0, 0
    elif outcome.permanent:
        wait_until = outcome.at + _refusal_wait(situation, outcome.person, sending)
    elif not lost:
        tried_at = outcome.at
        if until <= outcome.at:
            failures += 1
            until = outcome.at + _wait(situation, failures)
    ended = AttemptEnded(
        incident=outcome.incident,
        attempt=outcome.attempt,
        channel=sending.channel,
        delivered=outcome.delivered,
        lost=lost,
        permanent=outcome.permanent,
        detail=outcome.detail,
        channel_failures=failures,
        channel_until=until,
        channel_tried_at=tried_at,
        wait_until=wait_until,
    )
    return Draft(outcome.person, ended)


def _wait(situation: Situation, failures: int) -> int:
    plan = situation.plan
    return min(plan.retry_max, plan.retry_first << min(failures - 1, 30))


def _refusal_wait(situation: Situation, person: str, sending: Sending) -> int:
    incident = incident_of(situation, sending.incident)
    known = Knowledge() if incident is None else knowledge_of(incident, person)
    channels = situation.people[person].tell
    if any(name not in known.tried and name != sending.channel for name in channels):
        return 0  # the next channel takes it at once
    return _wait(situation, known.refusals + 1)
