"""Incidents: opened by a cause, joined by its faults, moved, handed over, closed. Owns that step.

``outages.py`` follows each fault; ``messages.py`` finds who must get a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from monitord.core.causes import Cause
from monitord.core.claims import claim_fresh
from monitord.core.durable import incident_named
from monitord.core.events import Draft
from monitord.core.fault_plans import Fault, Sort
from monitord.core.incident_events import (
    CauseLeft,
    IncidentClosed,
    IncidentMoved,
    IncidentOpened,
    MemberFell,
    MemberJoined,
    MemberOver,
)
from monitord.core.incident_state import Claim, Incident, Member, Outage, Place, owner_of
from monitord.core.members import AT_ONCE, comes_and_goes, hold
from monitord.core.model import Column
from monitord.core.situation import Situation

FIRST_NUMBER, LAST_NUMBER, LAST_LONG_NUMBER = 100, 999, 9999
SHORT_NUMBERS = 500
"""While fewer numbers are in use, they have three digits."""


class Leaving(NamedTuple):
    """A fault whose cause has been good for ``clear_after``; ``stays``: it has other causes.

    ``explained``: the cause is a consequence of another one.
    """

    fault: Fault
    healed: int
    fresh: list[Cause]
    stays: bool
    explained: bool = False


def open_member(situation: Situation, fault: Fault, claim: Claim) -> Iterator[Draft]:
    """Make a claimed fault a member of its cause's incident, and open that if need be."""
    durable = situation.durable
    incident = incident_named(durable, durable.places.get(claim.place.id))
    held = durable.outages[fault.id]
    if incident is None:
        name = f"{durable.epoch}-{durable.number + 1}"
        yield _opened(situation, fault, claim, held, name)
        yield _joined(name, fault, claim, held)
    elif fault.id in incident.members:
        yield _fell(incident, fault, held)
    else:
        yield _joined(incident.id, fault, claim, held)


def _opened(situation: Situation, fault: Fault, claim: Claim, held: Outage, name: str) -> Draft:
    body = IncidentOpened(
        programme=fault.programme,
        fault=fault.name,
        severity=fault.severity,
        reason=held.reason,
        stage=claim.place.stage,
        conditions=claim.place.conditions,
        opened_at=situation.clock,
        since=held.proof,
        number=_next_number(situation),
        place=claim.place,
    )
    return Draft(name, body)


def _next_number(situation: Situation) -> int:
    """Return a short number that was not in use for seven days."""
    durable = situation.durable
    last = LAST_NUMBER if len(durable.numbers) < SHORT_NUMBERS else LAST_LONG_NUMBER
    number = durable.last_number
    for _ in range(last - FIRST_NUMBER + 1):
        number = number + 1 if FIRST_NUMBER <= number < last else FIRST_NUMBER
        if str(number) not in durable.numbers:
            break
    return number


def _column(fault: Fault) -> Column:
    if fault.sort is Sort.OFF_AIR:
        return Column.OFF_AIR
    if fault.sort is Sort.DEGRADED:
        return Column.DEGRADED
    return Column.BLIND if fault.sort is Sort.BLIND else Column.ON_AIR


def _joined(incident: str, fault: Fault, claim: Claim, held: Outage) -> Draft:
    body = MemberJoined(
        programme=fault.programme,
        fault=fault.name,
        severity=fault.severity,
        rank=fault.rank,
        number=1 + len(claim.falls),
        reason=held.reason,
        column=_column(fault),
        not_before=held.began[0],
        not_after=held.began[1],
        falls=tuple(claim.falls),
        explained=is_explained(fault, claim.place),
    )
    return Draft(incident, body)


def is_explained(fault: Fault, place: Place) -> bool:
    """Return whether the cause lies outside what a fault that is no outage is about."""
    match fault.sort:
        case Sort.ALARM:
            return place.conditions != (fault.subject,)
        case Sort.SILENT:
            return place.id != f"{fault.subject}/silent"
        case Sort.OFF_AIR | Sort.SITE_SILENT | Sort.CLOCK_UNTRUSTED:
            return False
        case Sort.CONFIG_REFUSED | Sort.RECORD_REPLACED:
            return False
        case Sort.SUSPECTED:
            return place.id == "site/silent"
        case _:
            return place.kind in ("feed", "network") or place.id == "site/silent"


def _fell(incident: Incident, fault: Fault, held: Outage) -> Draft:
    member = incident.members[fault.id]
    body = MemberFell(
        programme=fault.programme,
        fault=fault.name,
        number=member.count + (member.falls[-1].id != held.id),
        reason=held.reason,
        column=_column(fault),
        not_before=held.began[0],
        not_after=held.began[1],
    )
    return Draft(incident.id, body)


def hand_over(
    situation: Situation, place: str, incident: Incident | None, leaving: list[Leaving]
) -> Iterator[Draft]:
    """End a healed cause: the incident moves if all its faults go to one new cause alike.

    Otherwise, and where something has ended by the place already, each fault leaves it as
    continued, and goes on under its other causes (rule 5.2).
    """
    targets = {
        each.fresh[0].place.id if each.fresh and not each.stays else None for each in leaving
    }
    # What fell and ended by the place had it as its cause: it keeps the incident.
    members = {} if incident is None else incident.members
    ended_there = any(members[each.fault.id].count > 1 for each in leaving if members)
    target = next(iter(targets)) if len(targets) == 1 else None
    alike = incident is not None and len(incident.members) == len(leaving) and not ended_there
    if (
        incident is not None
        and alike
        and target is not None
        and target not in situation.durable.places
    ):
        to = leaving[0].fresh[0].place
        moved = IncidentMoved(to.reason, to.stage, to.conditions, place, to)
        yield Draft(incident.id, moved)
    else:
        for each in leaving:
            yield from _leave(situation, place, each)
    for each in leaving:
        held = situation.durable.outages[each.fault.id]
        yield from claim_fresh(situation, each.fault, held, _new(held, each), each.healed)


def _new(held: Outage, leaving: Leaving) -> list[Cause]:
    return [cause for cause in leaving.fresh if cause.place.id not in held.claims]


def _leave(situation: Situation, place: str, leaving: Leaving) -> Iterator[Draft]:
    fault = leaving.fault
    held = situation.durable.outages[fault.id]
    claim = held.claims[place]
    yield Draft(fault.id, CauseLeft(place, leaving.explained))
    incident = incident_named(situation.durable, claim.incident)
    if incident is None:
        return
    body = MemberOver(
        programme=fault.programme,
        fault=fault.name,
        over=leaving.healed,
        how="continued",
        number=incident.members[fault.id].count,
        began_not_before=held.began[0],
        began_not_after=held.began[1],
        not_before=None,
        not_after=None,
        least=0,
        most_seen=0,
        most=0,
        flaps=comes_and_goes(held, place),
    )
    yield Draft(incident.id, body)


# -- closing ------------------------------------------------------------------------------------


def closes_at(situation: Situation, incident: Incident) -> int | None:
    """Return when an incident closes: every member over for its clearing time; None while not."""
    members = incident.members.values()
    if not members or _is_any_open(situation, incident):
        return None
    return max(one.over + hold(situation, one) for one in members if one.over is not None)


def _is_any_open(situation: Situation, incident: Incident) -> bool:
    """Return whether a member is open.

    Those that were, when all were asked last, are asked one by one: as hundreds recover, none that
    is over is asked again at the end of each other one.
    """
    waiting = situation.open_members.setdefault(incident.id, [])
    while waiting:
        if incident.members[waiting[-1]].over is None:
            return True
        waiting.pop()
    waiting += [member.id for member in incident.members.values() if member.over is None]
    return bool(waiting)


def close_if_over(situation: Situation, name: str) -> Iterator[Draft]:
    """Close an incident whose members are over for their clearing times."""
    incident = situation.durable.incidents.get(name)
    due = None if incident is None else closes_at(situation, incident)
    if due is not None and due <= situation.clock:
        yield from close_at_once(situation, name)


def close_at_once(situation: Situation, name: str) -> Iterator[Draft]:
    """Close an incident whose members are over, whatever their clearing times."""
    incident = situation.durable.incidents[name]
    into = _goes_on_in(situation, incident)
    hows = {member.how for member in incident.members.values()}
    if into is not None and "continued" in hows:
        how = "continued"
    else:
        ends = hows & {"hours", *AT_ONCE}
        how = min(ends) if hows == ends else "recovered"
    situation.open_members.pop(name, None)
    yield Draft(name, IncidentClosed(how, into))


def _goes_on_in(situation: Situation, incident: Incident) -> str | None:
    """Return the open incident that owns an outage of a member, or owned it to its end."""
    for _, member in sorted(incident.members.items()):
        into = situation.durable.places.get(_last_place(situation, member))
        if into is not None and into != incident.id:
            return into
    return None


def _last_place(situation: Situation, member: Member) -> str:
    """Return the place that a member's last outage belongs to, or belonged to when it ended."""
    held = situation.durable.outages.get(member.id)
    if held is not None:
        return owner_of(held)[0]
    recent = situation.durable.recent.get(member.id, ())
    return next((fall.place for fall in recent if fall.id == member.falls[-1].id), "")
