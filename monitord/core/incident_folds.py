"""The only writer of outages, causes and incidents: a function a kind. Decides nothing."""

from __future__ import annotations

from dataclasses import replace

from monitord.core import incident_events as events
from monitord.core.durable import Durable, incident_named
from monitord.core.figures import Figures
from monitord.core.incident_state import (
    CHANGING_MOVES,
    CLAIMS_KEPT,
    FALLS_KEPT,
    Claim,
    Fall,
    Incident,
    Member,
    Outage,
    Wrong,
    fault_id,
    owner_of,
)
from monitord.core.model import HOUR, MINUTE, Event

NUMBERS_KEPT = 7 * 24 * HOUR
"""A short number is not used again for seven days."""
MEMORY = 20 * MINUTE
"""How long an ended fall counts for the rules of the ten minutes before a fall."""


def outage_began(durable: Durable, event: Event, body: events.OutageBegan) -> None:
    durable.outages[event.subject] = Outage(
        id=body.id,
        began=body.began,
        proof=body.proof,
        reason=body.reason,
        stage=body.stage,
        layer=body.layer,
        conditions=list(body.conditions),
    )


def cause_claimed(durable: Durable, event: Event, body: events.CauseClaimed) -> None:
    claim = Claim(body.place, body.began, body.proof, body.open_at, list(body.falls))
    outage = durable.outages[event.subject]
    outage.claims[body.place.id] = claim
    times = [*outage.claimed.get(body.place.id, []), body.proof][-CLAIMS_KEPT:]
    claimed = outage.claimed | {body.place.id: times}
    outage.claimed = {p: each for p, each in claimed.items() if each[-1] > body.proof - MEMORY}


def cause_healed(durable: Durable, event: Event, body: events.CauseHealed) -> None:
    claim = durable.outages[event.subject].claims[body.place]
    claim.healed = body.healed
    if body.began is not None:
        claim.began = body.began


def cause_left(durable: Durable, event: Event, body: events.CauseLeft) -> None:
    claim = durable.outages[event.subject].claims.pop(body.place)
    incident = incident_named(durable, claim.incident)
    if incident is not None:
        incident.members[event.subject].explained = body.explained


def wrong_programme_turned(
    durable: Durable, event: Event, body: events.WrongProgrammeTurned
) -> None:
    claim = durable.outages[event.subject].claims[body.place]
    claim.wrong = None
    if body.conditions:
        claim.wrong = Wrong(body.stage, body.conditions, body.turned, body.proof)
    incident = incident_named(durable, claim.incident)
    if incident is not None:
        _put_on_air(incident, incident.members[event.subject], claim.wrong)


def _put_on_air(incident: Incident, member: Member, wrong: Wrong | None) -> None:
    """Note a wrong programme. Nobody has seen a new one: no earlier decision is about it."""
    if wrong is not None and member.wrong is None:
        member.wrongs += 1
        incident.quiet = False
        incident.acknowledged = {}
        incident.acknowledged_by = incident.acknowledged_at = None
    member.wrong = wrong


def outage_moved(durable: Durable, event: Event, body: events.OutageMoved) -> None:
    durable.outages[event.subject].owners.append((body.since, body.place, body.owner))


def outage_ended(durable: Durable, event: Event, body: events.OutageEnded) -> None:
    fault = fault_id(body.programme, body.fault)
    outage = durable.outages.pop(fault)
    ended = Fall(
        id=event.subject,
        began=outage.began,
        proof=outage.proof,
        reason=outage.reason,
        stage=outage.stage,
        place=owner_of(outage)[0],
        ended=body.ended,
        how=body.how,
        figures=body.figures,
        owned=bool(outage.incidents),
    )
    recent = [*durable.recent.get(fault, []), ended][-FALLS_KEPT:]
    durable.recent[fault] = [fall for fall in recent if _end(fall) > body.ended[1] - MEMORY]
    now = durable.programmes.get(body.programme)
    if now is not None and (body.fault, body.how) == ("off_air", "reconfigured"):
        # What proved it is not configured any more: the next outage needs a proof of its own.
        now.proven = None


def _end(fall: Fall) -> int:
    return fall.began[1] if fall.ended is None else fall.ended[1]


def incident_opened(durable: Durable, event: Event, body: events.IncidentOpened) -> None:
    durable.incidents[event.subject] = Incident(
        id=event.subject,
        number=body.number,
        place=body.place,
        place_at=body.opened_at,
        opened_at=body.opened_at,
    )
    durable.places[body.place.id] = event.subject
    durable.last_number = body.number
    old, numbers = event.at - NUMBERS_KEPT, durable.numbers
    # Thousands may be kept, and few of them are old: only those are touched.
    for number in [n for n, until in numbers.items() if until is not None and until <= old]:
        del numbers[number]
    numbers[str(body.number)] = None


def member_joined(durable: Durable, event: Event, body: events.MemberJoined) -> None:
    incident = durable.incidents[event.subject]
    fault = fault_id(body.programme, body.fault)
    outage = durable.outages[fault]
    claim = outage.claims[incident.place.id]
    claim.incident = event.subject
    outage.incidents.append(event.subject)
    short = [fall for fall in durable.recent.get(fault, ()) if fall.id in claim.falls]
    for fall in short:
        fall.owned = True
    # A false alarm was about what was known then: another fault, or another cause, is news.
    incident.quiet = False
    member = incident.members[fault] = Member(
        id=fault,
        programme=body.programme,
        fault=body.fault,
        severity=body.severity,
        rank=body.rank,
        proof=claim.proof,
        open_at=claim.open_at,
        falls=[*(_copy(fall) for fall in short), _fall_of(outage)],
        count=body.number,
        suppressed=body.explained,
    )
    _put_on_air(incident, member, claim.wrong)


def _copy(fall: Fall) -> Fall:
    own = {reason: replace(figures) for reason, figures in fall.own.items()}
    return replace(fall, figures=replace(fall.figures), own=own)


def _fall_of(outage: Outage) -> Fall:
    return Fall(outage.id, outage.began, outage.proof, outage.reason, outage.stage, owned=True)


def member_fell(durable: Durable, event: Event, body: events.MemberFell) -> None:
    incident = durable.incidents[event.subject]
    fault = fault_id(body.programme, body.fault)
    outage, member = durable.outages[fault], incident.members[fault]
    claim = outage.claims[incident.place.id]
    claim.incident = event.subject
    if event.subject not in outage.incidents:
        outage.incidents.append(event.subject)
    member.proof = claim.proof
    member.over, member.how, member.explained = None, "", False
    _put_on_air(incident, member, claim.wrong)
    if member.falls[-1].id == outage.id:
        return
    # A false alarm was about the falls that were known then.
    incident.quiet = False
    member.count = body.number
    member.falls.append(_fall_of(outage))
    if len(member.falls) > FALLS_KEPT:
        # The first one stays: it says since when.
        past = member.falls.pop(1)
        member.past.add(past.figures)
        for reason, figures in past.own.items():
            member.past_own.setdefault(reason, Figures()).add(figures)


def member_over(durable: Durable, event: Event, body: events.MemberOver) -> None:
    incident = durable.incidents.get(event.subject) or durable.closed_incidents[event.subject]
    member = incident.members[fault_id(body.programme, body.fault)]
    member.wrong = None
    if member.over is None or body.how == "withdrawn":
        member.over, member.how, member.flaps = body.over, body.how, body.flaps
    if body.not_before is None or body.not_after is None:
        # It goes on with another cause: so long it had this one.
        member.longest = max(member.longest, body.over - member.proof)
        return
    last = member.falls[-1]
    last.began = (body.began_not_before, body.began_not_after)
    last.ended = (body.not_before, body.not_after)
    last.how = body.how
    last.figures = Figures(body.least, body.most_seen, body.most)
    last.own = {reason: Figures(*each) for reason, each in body.own.items()}
    # With another cause it went on: that is no time of this one.
    member.longest = max(member.longest, min(member.over, body.not_after) - member.proof)


def incident_moved(durable: Durable, event: Event, body: events.IncidentMoved) -> None:
    incident = durable.incidents[event.subject]
    old = incident.place.id
    del durable.places[old]
    durable.places[body.place.id] = event.subject
    incident.place, incident.place_at = body.place, event.at
    incident.quiet = False
    incident.moves = [*incident.moves, event.at][-CHANGING_MOVES:]
    for fault in incident.members:
        outage = durable.outages.get(fault)
        claim = None if outage is None else outage.claims.pop(old, None)
        if outage is not None and claim is not None:
            claim.place, claim.healed = body.place, None
            outage.claims[body.place.id] = claim


def incident_closed(durable: Durable, event: Event, body: events.IncidentClosed) -> None:
    incident = durable.incidents.pop(event.subject)
    incident.closed_at, incident.how, incident.into = event.at, body.how, body.into
    durable.places.pop(incident.place.id, None)
    durable.numbers[str(incident.number)] = event.at
    durable.closed_incidents[event.subject] = incident
    for fault in incident.members:
        durable.closed_at[fault] = event.at


def incident_acknowledged(
    durable: Durable, event: Event, body: events.IncidentAcknowledged
) -> None:
    incident = durable.incidents[event.subject]
    incident.acknowledged[body.person] = list(body.members)
    if incident.acknowledged_by is None:
        incident.acknowledged_by = body.person
        incident.acknowledged_at = event.at


def incident_quieted(durable: Durable, event: Event, body: events.IncidentQuieted) -> None:
    incident = durable.incidents[event.subject]
    incident.quiet, incident.quieted_by = True, body.person
