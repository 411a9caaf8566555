"""Incidents and messages of generation 1 as those of this program: nobody is rung twice.

Owns that mapping. An earlier incident knew one cause by its conditions, and one fault at a time.
"""

from __future__ import annotations

from monitord.core.durable import Durable
from monitord.core.figures import Figures
from monitord.core.generation1 import durable as old
from monitord.core.generation1.states import FaultState, RowState
from monitord.core.incident_state import (
    FALLS_KEPT,
    Claim,
    Fall,
    Incident,
    Member,
    Outage,
    Place,
    fault_id,
)
from monitord.core.incidents import FIRST_NUMBER
from monitord.core.person_state import Knowledge, PersonNow, Received
from monitord.core.plan import COUNTY_RANK, SEVERITIES

OVER = (FaultState.CLEARING, FaultState.STALLED)


def map_incidents(found: old.Durable, durable: Durable) -> None:
    """Give ``durable`` the incidents, and what each person knows of them."""
    everything = [*found.incidents.values(), *found.closed_incidents.values()]
    for incident in sorted(everything, key=lambda one: (one.opened_at, one.id)):
        durable.last_number = max(durable.last_number + 1, FIRST_NUMBER)
        mapped = _incident(found, incident, durable)
        durable.numbers[str(mapped.number)] = mapped.closed_at
        if incident.id in found.incidents:
            durable.incidents[incident.id] = mapped
            durable.places[mapped.place.id] = incident.id
            _open_outages(found, mapped, durable)
        else:
            durable.closed_incidents[incident.id] = mapped
    for person, rows in found.lanes.items():
        for row in rows:
            _know(found, durable, person, row)


def _incident(found: old.Durable, incident: old.Incident, durable: Durable) -> Incident:
    place = _place(incident)
    if place.id in durable.places:
        place = Place(f"site/{incident.id}", place.kind, place.reason, place.stage)
    open_now = incident.id in found.incidents
    programmes = dict.fromkeys([incident.programme, *incident.joined])
    members = [_member(found, incident, name) for name in programmes]
    by = incident.acknowledged_by
    return Incident(
        id=incident.id,
        number=durable.last_number,
        place=place,
        place_at=incident.opened_at,
        opened_at=incident.opened_at,
        members={member.id: member for member in members},
        closed_at=None if open_now else found.last_at,
        how="" if open_now else "recovered",
        acknowledged={by: [member.id for member in members]} if by else {},
        acknowledged_by=by,
        acknowledged_at=incident.acknowledged_at,
    )


def _place(incident: old.Incident) -> Place:
    devices = "+".join(sorted({name.partition(".")[0] for name in incident.conditions})) or "site"
    sort = incident.fault.partition("/")[0]
    if sort == "off_air" and incident.stage:
        what, kind = incident.stage, "stage"
    elif sort == "reserve_lost":
        what, kind = f"{incident.stage}_reserve", "device"
    else:
        return Place(f"site/{incident.programme}.{sort}", "site", incident.reason)
    return Place(
        f"{devices}/{what}",
        kind,
        incident.reason,
        incident.stage if kind == "stage" else "",
        conditions=tuple(incident.conditions),
    )


def _member(found: old.Durable, incident: old.Incident, programme: str) -> Member:
    now = found.programmes.get(programme)
    fault = None if now is None else now.faults.get(incident.fault)
    mine = fault is not None and fault.incident == incident.id
    falls = [
        Fall(
            id=f"{incident.id}-{programme}-{impact.number}",
            began=(impact.not_before, impact.not_after),
            proof=impact.not_after,
            reason=impact.reason,
            stage=incident.stage,
            ended=impact.ended,
            how=None if impact.ended is None else "good",
            figures=Figures(impact.figures.least, impact.figures.most_seen, impact.figures.most),
            owned=True,
        )
        for impact in incident.impacts
        if impact.programme == programme
    ] or [_only_fall(incident, programme)]
    over = None
    if fault is None or not mine:
        over = found.last_at
    elif fault.state in OVER:
        over = fault.since
    past = Figures()
    for fall in falls[1 : 1 - FALLS_KEPT]:
        past.add(fall.figures)
    return Member(
        id=fault_id(programme, incident.fault),
        programme=programme,
        fault=incident.fault,
        severity=incident.severity,
        rank=COUNTY_RANK,
        proof=falls[-1].proof,
        open_at=incident.opened_at,
        falls=falls if len(falls) <= FALLS_KEPT else [falls[0], *falls[1 - FALLS_KEPT :]],
        count=len(falls),
        past=past,
        over=over,
        how="" if over is None else "good",
    )


def _only_fall(incident: old.Incident, programme: str) -> Fall:
    began = (incident.since, incident.since)
    return Fall(
        f"{incident.id}-{programme}-1", began, incident.since, incident.reason, incident.stage
    )


def _open_outages(found: old.Durable, incident: Incident, durable: Durable) -> None:
    for member in incident.members.values():
        if member.over is not None:
            continue
        last = member.falls[-1]
        if last.ended is not None:
            began = (last.ended[1], last.ended[1])
        else:
            began = last.began
        proven = found.programmes[member.programme].proven
        durable.outages[member.id] = Outage(
            id=last.id,
            began=began,
            proof=last.proof,
            reason=last.reason,
            stage=last.stage,
            layer="",
            conditions=list(proven.conditions) if proven is not None else [],
            claims={
                incident.place.id: Claim(
                    incident.place, began, last.proof, member.open_at, incident=incident.id
                )
            },
            owners=[(began[1], incident.place.id, incident.place.owner)],
            incidents=[incident.id],
        )


def _know(found: old.Durable, durable: Durable, person: str, row: old.Row) -> None:
    incident = durable.incidents.get(row.incident) or durable.closed_incidents.get(row.incident)
    if incident is None:
        return
    received = Received(row.ever_told)
    if row.state is RowState.TELLING and received is Received.NO:
        # It was being sent when the record ends: it possibly arrived.
        received = Received.PERHAPS
    knows = received is Received.YES
    members = incident.members.values()
    incident.people[person] = Knowledge(
        received=received,
        severity=min(SEVERITIES.index(member.severity) for member in members) if knows else 9,
        place=incident.place.id if knows else "",
        falls={member.id: member.count for member in members} if knows else {},
        over=[member.id for member in members if member.over is not None] if knows else [],
        at=incident.opened_at,
        attempts=row.attempts,
        messages=row.messages,
        closing=row.closed and incident.closed_at is not None,
    )
    if knows:
        state = durable.people.setdefault(person, PersonNow())
        state.notified |= {member.id: found.last_at for member in members}
