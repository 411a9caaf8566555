"""Which message of one incident a person must get, and from when. Decides no order and no channel.

Rules 5.3 to 5.6 of the architecture; ``message_queue.py`` has the order, ``attempts.py`` sends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from monitord.core.calendar import expected_span
from monitord.core.durable import incident_named
from monitord.core.fault_plans import Sort
from monitord.core.faults import is_over_by
from monitord.core.gather import gathered
from monitord.core.incident_state import (
    Incident,
    Member,
    changes,
    changing_until,
    in_order,
    standing,
    worst,
)
from monitord.core.member_index import MemberIndex, MemberNews, Pending
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

FIRST: Final = (Told.OPENED, Told.WORSENED)
"""Kinds that may use a channel in its wait, and have their own storm limit when critical."""

REPORTS_WRONG: Final = (*FIRST, Told.FALLS_AGAIN, Told.ALSO)
"""Kinds of messages that give the reason: a wrong programme is reported by these alone."""

WITHDRAWN: Final = "withdrawn"
"""How an incident closes that was none: who got no message of it gets none."""

CLOSINGS: Final = {
    "recovered": Told.RECOVERED,
    "hours": Told.HOURS_ENDED,
    "reconfigured": Told.RECONFIGURED,
    WITHDRAWN: Told.WITHDRAWN,
    "continued": Told.CONTINUED,
}


def severity_index(severity: str) -> int:
    """Return the place in ``SEVERITIES``: 0 is the worst."""
    return SEVERITIES.index(severity)


def knowledge_of(incident: Incident, person: str) -> Knowledge:
    """Return what a person knows of an incident by the messages that arrived."""
    return incident.people.get(person) or Knowledge()


def person_of(situation: Situation, person: str) -> PersonNow:
    """Return the durable state of a person; one without any is new."""
    return situation.durable.people.get(person) or PersonNow()


def index_of(situation: Situation, person: PersonPlan, incident: Incident) -> MemberIndex:
    """Return what every member of an incident means for a person's messages, as facts are now.

    Of a closed one its members mean nothing any more.
    """
    known = knowledge_of(incident, person.id)
    under_way = _news_under_way(situation, person.id, incident.id)
    if under_way is None:
        index = MemberIndex(known)
    else:
        news, begun_at = under_way
        index = MemberIndex(after_delivery(known, news, begun_at), under_way=True)
    if incident.closed_at is None:
        look_at_members(situation, person, incident, index, incident.members)
    return index


def look_at_members(
    situation: Situation,
    person: PersonPlan,
    incident: Incident,
    index: MemberIndex,
    names: Collection[str],
) -> None:
    """Look again at what these members of an incident mean for a person's messages."""
    members = [incident.members[name] for name in names if name in incident.members]
    explaining = [member for member in members if not member.suppressed]
    _put(situation, person, incident, index, explaining)
    if explaining and index.speaking is index.explained:
        # What explained them may be over since another time.
        others = index.explained.names.union(member.id for member in members)
        members = [incident.members[name] for name in others]
    _put(situation, person, incident, index, (m for m in members if m.suppressed))


def _put(
    situation: Situation,
    person: PersonPlan,
    incident: Incident,
    index: MemberIndex,
    members: Iterable[Member],
) -> None:
    for member in members:
        index.put(member.id, _news_of_member(situation, person, incident, index, member))


def _news_of_member(
    situation: Situation,
    person: PersonPlan,
    incident: Incident,
    index: MemberIndex,
    member: Member,
) -> MemberNews:
    speaks = member.over is None or _is_unseen(member)
    message = _of_open_member(situation, person, incident, index, member) if speaks else None
    if message is not None and (
        (index.under_way and message.told is not Told.WORSENED)
        or _is_over(situation, member, message.due)
    ):
        message = None
    fell_again = member.count > index.known.falls.get(member.id, member.count)
    is_news = member.id not in index.known.over or member.count > index.known.falls.get(
        member.id, 0
    )
    ended = None
    if member.over is not None and is_news:
        ended = member.over + hold(situation, member)
    return MemberNews(
        speaks=speaks,
        suppressed=member.suppressed,
        named=_has_word_of(situation, person.id, member)
        and _has_word_of_wrong(situation, person.id, member),
        message=message,
        fell_again=fell_again,
        over=member.over,
        ended=ended,
        severity=severity_index(member.severity),
        rank=member.rank,
    )


def pending_messages(
    situation: Situation, incident: Incident, index: MemberIndex, now: int
) -> Iterator[Pending]:
    """Yield the messages of the incident that are or will be due: the first of them at least.

    While an attempt on the incident is under way only a worsening is due beside it.
    """
    known = index.known
    if incident.closed_at is not None:
        if known.closing and not index.under_way:
            yield Pending(incident.closed_at, closing_of(incident, known))
        return
    if incident.quiet:
        return
    # Of each open outage there was a message, under another cause.
    also = known.received is not Received.YES and not index.speaking.unnamed
    for message in index.speaking.messages(now):
        due = gathered(situation, incident, index.open_severity.least(0), message.due)
        yield Pending(due, Told.ALSO if also else message.told)
    if known.received is Received.YES and not index.under_way:
        yield from _of_known_incident(situation, incident, index)


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


def severity_of(incident: Incident, told: Told) -> str:
    """Return the severity of a message: of its worst open member, or of what was not seen.

    What is over adds nothing to that; a closing has the worst of all.
    """
    if standing(incident) or told in CLOSINGS.values() or told is Told.CLOSED_BEFORE_TOLD:
        return worst(incident)
    unseen = [member.severity for member in _unseen(incident)]
    return min(unseen, key=SEVERITIES.index, default=worst(incident))


def _unseen(incident: Incident) -> list[Member]:
    return [member for member in in_order(incident) if _is_unseen(member)]


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
    index: MemberIndex,
    member: Member,
) -> Pending | None:
    """Return the message of a member that speaks; one of an incident that is new opens it."""
    known, delay = index.known, person.delay(member.severity)
    if delay is None:
        return None
    if _is_wrong(known, member):
        return _of_wrong_programme(situation, person, known, member, delay)
    worse = severity_index(member.severity) < known.severity
    if known.received is Received.YES and member.id in known.falls and not worse:
        # As long as an earlier fall lasted, this one may end by itself (rule 5.6).
        stayed = member.proof + delay + min(member.longest, MINUTE)
        if member.count > known.falls[member.id]:
            return Pending(stayed, Told.FALLS_AGAIN)
        is_held = _is_held_again(situation, incident, known, member)
        return Pending(stayed, Told.ALSO) if is_held else None
    due = _first_due(situation, person, member, delay)
    if due is None:
        return None
    if member.suppressed:
        # What explained it said so: its own delay begins when that is over (rule 5.2).
        due = max(due, index.explained_until + delay)
    if known.received is not Received.YES:
        return Pending(due, Told.OPENED)
    if worse:
        return Pending(due, Told.WORSENED)
    return Pending(max(due, known.at + BETWEEN_NEWS), Told.GROWN)


def _is_wrong(known: Knowledge, member: Member) -> bool:
    """Return whether a wrong programme is on air of which the person got no message.

    One more fall of a member that was reported so is reported like any other fall.
    """
    if known.received is not Received.YES or member.wrong is None:
        return False
    reported = known.wrongs.get(member.id, 0)
    falls_again = member.count > known.falls.get(member.id, member.count)
    return member.wrongs > reported and not (reported and falls_again)


def _of_wrong_programme(
    situation: Situation, person: PersonPlan, known: Knowledge, member: Member, delay: int
) -> Pending:
    """Return that an incident is worse: by its own delay, and again once a minute at most."""
    assert member.wrong is not None
    due = max(member.open_at, member.wrong.proof + delay)
    if member.id not in known.falls:
        first = _first_due(situation, person, member, delay)
        due = due if first is None else max(due, first)
    if known.wrongs.get(member.id, 0):
        due = max(due, known.at + BETWEEN_NEWS)
    return Pending(due, Told.WORSENED)


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
    situation: Situation, incident: Incident, index: MemberIndex
) -> Iterator[Pending]:
    known = index.known
    if index.fell_again:
        yield Pending(known.at + known.digest_every, Told.DIGEST)
    yield from _of_cause(situation, incident, known)
    if index.ended and index.open_rank:
        yield Pending(max(-index.ended.least(0), known.at + BETWEEN_NEWS), Told.PARTLY)


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


def _has_word_of(situation: Situation, person: str, member: Member) -> bool:
    """Return whether the person got a message of an outage, under whatever cause."""
    notified_at = person_of(situation, person).notified.get(member.id)
    since = member.proof if _is_unseen(member) else member.falls[-1].began[1]
    return notified_at is not None and notified_at >= since


def _has_word_of_wrong(situation: Situation, person: str, member: Member) -> bool:
    """Return whether the wrong programme of a member was reported, under whatever cause."""
    if member.wrong is None:
        return True
    held = situation.durable.outages.get(member.id)
    names = () if held is None else held.incidents
    others = (incident_named(situation.durable, name) for name in names)
    return any(
        is_reported(knowledge_of(other, person), other.members[member.id])
        for other in others
        if other is not None
    )


def is_reported(known: Knowledge, member: Member) -> bool:
    """Return whether a person got a message of the wrong programme that is on air now."""
    return member.wrong is not None and member.wrongs <= known.wrongs.get(member.id, 0)


def gets_closing(situation: Situation, person: PersonPlan, incident: Incident) -> bool:
    """Return whether a closed incident is news to a person: not of severities without a delay."""
    severities = (member.severity for member in incident.members.values())
    return is_known(situation, person.id, incident) or any(
        person.delay(severity) is not None for severity in severities
    )


def news_of(incident: Incident, known: Knowledge, told: Told, now: int, *, last: bool) -> News:
    """Return what a message on the incident says, as of ``now``."""
    open_now = [severity_index(m.severity) for m in standing(incident) or _unseen(incident)]
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
        wrongs=_reported_wrongs(incident, known, told),
    )


def _reported_wrongs(incident: Incident, known: Knowledge, told: Told) -> dict[str, int]:
    """Return how many wrong programmes of each member were reported, with this message."""
    if told not in REPORTS_WRONG:
        return dict(known.wrongs)
    return {member.id: member.wrongs for member in incident.members.values() if member.wrongs}
