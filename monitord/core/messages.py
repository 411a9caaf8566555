"""Which message of one incident a person must get, and from when. Decides no order and no channel.

Rules 5.3 to 5.6 of the architecture; ``message_queue.py`` has the order, ``attempts.py`` sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from monitord.core.calendar import expected_span
from monitord.core.fault_plans import Sort
from monitord.core.faults import is_over_by
from monitord.core.incident_state import (
    Incident,
    Member,
    changes,
    changing_until,
    in_order,
    standing,
    worst,
)
from monitord.core.members import hold, prior
from monitord.core.model import HOUR, MINUTE, SECOND, Expected, Told
from monitord.core.person_state import Knowledge, News, PersonNow, Received, after_delivery
from monitord.core.plan import SEVERITIES, PersonPlan
from monitord.core.situation import Situation
from monitord.core.unsettled_events import UNSEEN

DIGEST_FIRST: Final = 10 * MINUTE
DIGEST_LAST: Final = HOUR
"""The digest of falls comes at most every 10 min; the wait doubles up to an hour (rule 5.6)."""
BETWEEN_NEWS: Final = MINUTE
"""A grown, partly ended or revised incident is sent at most once a minute (rules 5.2 and 5.3)."""

UNSEEN_WAIT: Final = 3 * SECOND
"""What was found afterwards waits for the next answers: one wrong running time calls nobody."""

URGENCY: Final = (
    Told.OPENED,
    Told.WORSENED,
    Told.FALLS_AGAIN,
    Told.GROWN,
    Told.ALSO,
    Told.REVISED,
    Told.PARTLY,
    Told.DIGEST,
)
"""Kinds of messages of an open incident; of several that are due the first one is sent."""
FIRST: Final = (Told.OPENED, Told.WORSENED)
"""Kinds that may use a channel in its wait, and have their own storm limit when critical."""

WITHDRAWN: Final = "withdrawn"
"""How an incident closes that was none: who got no message of it gets none."""

CLOSINGS: Final = {
    "recovered": Told.RECOVERED,
    "hours": Told.HOURS_ENDED,
    "reconfigured": Told.RECONFIGURED,
    WITHDRAWN: Told.WITHDRAWN,
    "continued": Told.CONTINUED,
}


class Pending(NamedTuple):
    """A message that is due from a site time on."""

    due: int
    told: Told


def severity_index(severity: str) -> int:
    """Return the place in ``SEVERITIES``: 0 is the worst."""
    return SEVERITIES.index(severity)


def knowledge_of(incident: Incident, person: str) -> Knowledge:
    """Return what a person knows of an incident by the messages that arrived."""
    return incident.people.get(person) or Knowledge()


def person_of(situation: Situation, person: str) -> PersonNow:
    """Return the durable state of a person; one without any is new."""
    return situation.durable.people.get(person) or PersonNow()


def pending_messages(
    situation: Situation, person: PersonPlan, incident: Incident
) -> Iterator[Pending]:
    """Yield every message of the incident that is or will be due, as facts are now.

    While an attempt on the incident is under way only a worsening is due beside it.
    """
    under_way = _news_under_way(situation, person.id, incident.id)
    if under_way is None:
        yield from _messages(situation, person, incident, knowledge_of(incident, person.id))
        return
    news, begun_at = under_way
    assumed = after_delivery(knowledge_of(incident, person.id), news, begun_at)
    for message in _messages(situation, person, incident, assumed):
        if message.told is Told.WORSENED:
            yield message


def _news_under_way(situation: Situation, person: str, incident: str) -> tuple[News, int] | None:
    found = None
    for sending in person_of(situation, person).sending:
        for news in sending.news:
            if news.incident == incident:
                found = news, sending.begun_at
    return found


def is_known(situation: Situation, person: str, incident: Incident) -> bool:
    """Return whether a message of the incident arrived, may have, or is under way."""
    received = knowledge_of(incident, person).received is not Received.NO
    return received or _news_under_way(situation, person, incident.id) is not None


def _messages(
    situation: Situation, person: PersonPlan, incident: Incident, known: Knowledge
) -> Iterator[Pending]:
    if incident.closed_at is not None:
        if known.closing:
            yield Pending(incident.closed_at, closing_of(incident, known))
        return
    if incident.quiet:
        return
    for member in _speaking(incident):
        for message in _of_open_member(situation, person, incident, known, member):
            if not _is_over(situation, member, message.due):
                yield message
    if known.received is Received.YES:
        yield from _of_known_incident(situation, incident, known)


def _speaking(incident: Incident) -> list[Member]:
    """Return the members that are news: open, or not seen when they were.

    What another one explains is no news.
    """
    members = [m for m in in_order(incident) if m.over is None or _is_unseen(m)]
    return [member for member in members if not member.suppressed] or members


def severity_of(incident: Incident, told: Told) -> str:
    """Return the severity of a message: of its worst open member, or of what was not seen.

    What is over adds nothing to that; a closing has the worst of all.
    """
    if standing(incident) or told in CLOSINGS.values() or told is Told.CLOSED_BEFORE_TOLD:
        return worst(incident)
    unseen = [member.severity for member in in_order(incident) if _is_unseen(member)]
    return min(unseen, key=SEVERITIES.index, default=worst(incident))


def _explained_until(incident: Incident) -> int:
    """Return when the last member that explains others was over; 0 where none ever did."""
    return max((m.over or 0 for m in incident.members.values() if not m.suppressed), default=0)


def _is_unseen(member: Member) -> bool:
    """Return whether the member was found when it was over: that it is good now is no answer."""
    suspected = member.fault == Sort.SUSPECTED and member.how == "good" and not member.suppressed
    return suspected and member.falls[-1].reason in UNSEEN


def _is_over(situation: Situation, member: Member, due: int) -> bool:
    """Return whether the fault is seen to be over by then, though that is not settled yet."""
    fault = situation.faults.get(member.id)
    return fault is not None and is_over_by(situation, fault, due)


def closing_of(incident: Incident, known: Knowledge) -> Told:
    """Return the kind of the last message: what a person never got is reported as closed."""
    if known.received is Received.NO:
        return Told.CLOSED_BEFORE_TOLD
    return CLOSINGS[incident.how]


def _of_open_member(
    situation: Situation,
    person: PersonPlan,
    incident: Incident,
    known: Knowledge,
    member: Member,
) -> Iterator[Pending]:
    delay = person.delay(member.severity)
    if delay is None:
        return
    worse = severity_index(member.severity) < known.severity
    if known.received is Received.YES and member.id in known.falls and not worse:
        # As long as an earlier fall lasted, this one may end by itself (rule 5.6).
        stayed = member.proof + delay + min(member.longest, MINUTE)
        if member.count > known.falls[member.id]:
            yield Pending(stayed, Told.FALLS_AGAIN)
        elif _is_held_again(situation, incident, known, member):
            yield Pending(stayed, Told.ALSO)
        return
    due = _first_due(situation, person, member, delay)
    if due is None:
        return
    if member.suppressed:
        # What explained it said so: its own delay begins when that is over (rule 5.2).
        due = max(due, _explained_until(incident) + delay)
    if known.received is not Received.YES:
        told = Told.ALSO if _has_word_of_all(situation, person.id, incident) else Told.OPENED
        yield Pending(due, told)
    elif worse:
        yield Pending(due, Told.WORSENED)
    else:
        yield Pending(max(due, known.at + BETWEEN_NEWS), Told.GROWN)


def _is_held_again(
    situation: Situation, incident: Incident, known: Knowledge, member: Member
) -> bool:
    """Return whether the same outage left this cause and has it again since the last message.

    It was reported as left, or the cause comes and goes. One that is good holds it no more.
    """
    held = situation.durable.outages.get(member.id)
    claim = None if held is None else held.claims.get(incident.place.id)
    is_healed = claim is not None and claim.healed is not None
    is_news = member.id in known.over or member.flaps
    return is_news and member.proof > known.at and not is_healed


def _of_known_incident(
    situation: Situation, incident: Incident, known: Knowledge
) -> Iterator[Pending]:
    members = incident.members.values()
    if any(m.count > known.falls.get(m.id, m.count) for m in members):
        yield Pending(known.at + known.digest_every, Told.DIGEST)
    yield from _of_cause(situation, incident, known)
    ended = [
        member.over + hold(situation, member)
        for member in members
        if member.over is not None
        and (member.id not in known.over or member.count > known.falls.get(member.id, 0))
    ]
    if ended and standing(incident):
        yield Pending(max(*ended, known.at + BETWEEN_NEWS), Told.PARTLY)


def _of_cause(situation: Situation, incident: Incident, known: Knowledge) -> Iterator[Pending]:
    """Yield when another cause is news. A changing one is news once, and what it is at the end."""
    changing = changes(incident, situation.clock) > 0
    news_at = known.at + BETWEEN_NEWS
    if changing and known.changing:
        yield Pending(max(changing_until(incident) or 0, news_at), Told.REVISED)
    elif changing or known.changing or incident.place.id != known.place:
        yield Pending(max(incident.place_at, news_at), Told.REVISED)


def _first_due(situation: Situation, person: PersonPlan, member: Member, delay: int) -> int | None:
    """Return when a member is due as news: its own proof and delay, and never before it is open.

    The delay is shorter by the off-air time of the ten minutes before, less what the person
    received of it, and zero at the third fall in them (the three delays of §3). None for
    an outage that began just before close-down: its hours end it, and the closing says so (rule
    5.4).
    """
    fall = member.falls[-1]
    told_at = person_of(situation, person.id).notified.get(member.id, 0)
    total, count = prior(situation.durable, member.id, fall.began[1], told_at)
    unseen = _is_unseen(member)
    # It counts itself, for it has ended.
    waits = 0 if count - unseen >= 2 else max(0, delay - total)
    if unseen and waits:
        return None  # shorter than what this person is called for
    due = max(member.open_at, member.proof + (UNSEEN_WAIT if unseen else waits))
    if not member.programme:
        return due
    _, closes, expected = expected_span(situation.durable, member.programme, fall.began[1])
    late = closes is not None and closes - fall.began[1] <= situation.plan.close_lag
    return None if late and expected is Expected.ON else due


def _has_word_of_all(situation: Situation, person: str, incident: Incident) -> bool:
    """Return whether the person got a message of each open outage under another cause."""
    notified = person_of(situation, person).notified
    return all(
        member.id in notified
        and notified[member.id]
        >= (member.proof if _is_unseen(member) else member.falls[-1].began[1])
        for member in _speaking(incident)
    )


def gets_closing(situation: Situation, person: PersonPlan, incident: Incident) -> bool:
    """Return whether a closed incident is news to a person: not of severities without a delay."""
    severities = (member.severity for member in incident.members.values())
    return is_known(situation, person.id, incident) or any(
        person.delay(severity) is not None for severity in severities
    )


def news_of(incident: Incident, known: Knowledge, told: Told, now: int, *, last: bool) -> News:
    """Return what a message on the incident says, as of ``now``."""
    open_now = [severity_index(m.severity) for m in standing(incident) or _speaking(incident)]
    every = known.digest_every or DIGEST_FIRST
    return News(
        incident=incident.id,
        severity=min(open_now, default=known.severity),
        place=incident.place.id,
        falls={member.id: member.count for member in incident.members.values()},
        over=tuple(sorted(m.id for m in incident.members.values() if m.over is not None)),
        digest_every=min(2 * every, DIGEST_LAST) if told is Told.DIGEST else every,
        last=last,
        changing=changes(incident, now) > 0 and (told is Told.REVISED or known.changing),
    )
