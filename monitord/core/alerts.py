"""The codes and parameters of a message, as of one moment. Owns no text and no order."""

from __future__ import annotations

from collections.abc import Sequence

from monitord.core.chain import carrying, signs, stage_names
from monitord.core.clock_state import Trust
from monitord.core.expression import Kind, kind_of, names
from monitord.core.fault_plans import CLOCK_UNTRUSTED
from monitord.core.held_by import goes_on_under, held_by
from monitord.core.incident_state import (
    Fall,
    Incident,
    Member,
    changes,
    first_member,
    in_order,
    stage_of_cause,
)
from monitord.core.look import failing, hindering, present_kinds
from monitord.core.member_kinds import Kinds, member_kind, serves
from monitord.core.members import member_figures, member_own_figures
from monitord.core.message_events import Alert, AlertMember, AtWork, Cause, DeviceNow
from monitord.core.messages import knowledge_of, severity_of
from monitord.core.model import MINUTE, Column, Stream, Told
from monitord.core.person_state import Knowledge, Received
from monitord.core.places import device_of, devices_of
from monitord.core.plan import SEVERITIES, MemberPlan, StagePlan
from monitord.core.present import column_now, observed_of
from monitord.core.situation import Situation
from monitord.core.values import Layer


def alert_of(
    situation: Situation, person: str, incidents: Sequence[Incident], told: Told, at: int
) -> Alert:
    """Return the parameters of a message on the first incident; the others are of a digest."""
    incident = incidents[0]
    known = knowledge_of(incident, person)
    members = in_order(incident)
    described = [_member(situation, incident, member, person, at) for member in members]
    if told is Told.STORM:
        described = _members_of_all(situation, incidents, person, at)
    # What a receiver shows in one line is that of an open member (rule 5.3).
    first = first_member(incident)
    head = _member(situation, incident, first, person, at)
    # What goes on has the cause of the incident that goes on with it.
    source = goes_on_under(situation, incident)
    held = held_by(situation, source, source.members.get(first.id, first))
    return {
        "alert_id": f"{incident.id}-{person}-{known.messages + 1}-{told.value}",
        "incident": incident.id,
        "told": told.value,
        "person": person,
        "fault": first.fault.partition("/")[0],
        "programme": first.programme,
        "joined": [m.programme for m in members if m.programme and m is not first],
        "observed": head["observed"],
        "column": head["column"],
        "reason": held.reason,
        "severity": severity_of(incident, told),
        "cause": _cause(source, held.conditions, incident.place.id),
        "began": head["began"],
        "ended": head["ended"],
        "least": head["least"],
        "most_seen": head["most_seen"],
        "most": head["most"],
        "drill": situation.durable.stream is Stream.DRILL,
        "number": incident.number,
        "members": described,
        "devices_now": devices_now(situation, source),
        "into": _number(situation, incident.into),
        "revised_from": known.place if known.place not in ("", incident.place.id) else None,
        "restates": known.received is Received.PERHAPS,
        "incidents": [each.id for each in incidents],
        "several": [each.number for each in incidents] if len(incidents) > 1 else [],
        "falls": _new_falls(incident, known),
        "minutes": _minutes(situation, first, known, at),
        "changes": changes(incident, at),
        "acknowledged_by": source.acknowledged_by,
        "false_alarm_by": incident.quieted_by if incident.quiet else None,
        "site_state": _site_states(situation),
        "clock": situation.durable.clock.trust.value,
        "since_boot": _since_boot(situation, head["began"][0]),
    }


def _minutes(situation: Situation, member: Member, known: Knowledge, at: int) -> int:
    """Return the minutes since the last message; of a clock: by how much it was corrected."""
    if f"/{member.fault}" == CLOCK_UNTRUSTED:
        return (situation.durable.clock.moved + MINUTE // 2) // MINUTE
    return (at - known.at) // MINUTE if known.received is Received.YES else 0


def _since_boot(situation: Situation, at: int) -> int | None:
    """Return the time since the computer's boot, while wall time is not known; negative before."""
    clock = situation.durable.clock
    if clock.trust is not Trust.UNTRUSTED or clock.booted_at is None:
        return None
    return at - clock.booted_at


def _site_states(situation: Situation) -> list[AtWork]:
    """Return who is at work where, the first first."""
    return [
        {"where": each.where, "device": each.device, "who": each.who, "since": each.since}
        for each in sorted(situation.durable.site_states.values(), key=lambda one: one.number)
    ]


def _members_of_all(
    situation: Situation, incidents: Sequence[Incident], person: str, at: int
) -> list[AlertMember]:
    """Return the members of all incidents of a digest: the open ones first, and the worst first."""
    found = [(each, member) for each in incidents for member in in_order(each)]
    found.sort(key=_urgency)
    return [_member(situation, each, member, person, at) for each, member in found]


def _urgency(pair: tuple[Incident, Member]) -> tuple[bool, int, int, str, int]:
    incident, member = pair
    severity = SEVERITIES.index(member.severity)
    return member.over is not None, severity, member.rank, member.id, incident.number


def _new_falls(incident: Incident, known: Knowledge) -> int:
    members = incident.members.values()
    return sum(max(0, member.count - known.falls.get(member.id, 0)) for member in members)


def _number(situation: Situation, incident: str | None) -> int | None:
    if incident is None:
        return None
    durable = situation.durable
    found = durable.incidents.get(incident) or durable.closed_incidents.get(incident)
    return None if found is None else found.number


def _member(
    situation: Situation, incident: Incident, member: Member, person: str, at: int
) -> AlertMember:
    known = knowledge_of(incident, person)
    figures = member_figures(situation, member, at)
    first, last = member.falls[0], member.falls[-1]
    held = held_by(situation, incident, member)
    observed, column = _observed(situation, member.programme, at)
    return {
        "programme": member.programme,
        "fault": member.fault,
        "severity": member.severity,
        "reason": held.reason,
        "stage": held.stage,
        "began": list(first.began),
        "ended": None if last.ended is None else list(last.ended),
        "how": _how(member, last),
        "least": figures.least,
        "most_seen": figures.most_seen,
        "most": figures.most,
        "falls": member.count,
        "observed": observed,
        "column": column.value,
        "off_under": _off_under(situation, incident, member),
        "last_began": list(last.began),
        "own": {
            reason: [own.least, own.most_seen, own.most]
            for reason, own in member_own_figures(member).items()
        },
        "wrong_began": None if member.wrong is None else list(member.wrong.began),
        "is_new": member.over is None and member.count > known.falls.get(member.id, 0),
    }


def _how(member: Member, last: Fall) -> str | None:
    if member.over is None:
        return None
    return last.how or member.how


def _off_under(situation: Situation, incident: Incident, member: Member) -> int | None:
    """Return the lowest number of another open incident of the same fault of the programme."""
    if member.over is None:
        return None
    others = (one for one in situation.durable.incidents.values() if one.id != incident.id)
    same = ((one.number, one.members.get(member.id)) for one in others)
    open_ones = (number for number, found in same if found is not None and found.over is None)
    return min(open_ones, default=None)


def _observed(situation: Situation, programme: str, at: int) -> tuple[str, Column]:
    now = situation.durable.programmes.get(programme)
    if now is None:
        return "unknown:withdrawn", Column.BLIND
    return observed_of(situation.durable, programme), column_now(situation.durable, programme, at)


def _cause(incident: Incident, conditions: Sequence[str], known_as: str) -> Cause:
    """Return a cause; ``known_as``: the place of the incident that the message is about."""
    place = incident.place
    return {
        "stage": stage_of_cause(incident) or None,
        "conditions": list(conditions),
        "place": known_as,
        "devices": devices_of(place),
        "kind": place.kind,
    }


def devices_now(situation: Situation, incident: Incident) -> list[DeviceNow]:
    """Return what each device of the stages in question does now, each device once.

    The stage of an outage is that of this cause: it may have begun by another one.
    """
    found: dict[str, DeviceNow] = {}
    for member in in_order(incident):
        memory = situation.programmes.get(member.programme)
        stages = () if memory is None else memory.plan.chain
        about = held_by(situation, incident, member).stage
        for stage in stages:
            if stage.id == about:
                for now in _devices_of(situation, stage):
                    found.setdefault(now["device"], now)
    return list(found.values())


def _devices_of(situation: Situation, stage: StagePlan) -> list[DeviceNow]:
    look = present_kinds(situation)
    if not stage.members:
        return _of_needs(situation, stage, look)
    found: list[DeviceNow] = []
    for member in stage.members:
        device = device_of(names(member.carries)[0])
        found.append(_of_member(situation, device, member, look))
    return found


def _of_needs(situation: Situation, stage: StagePlan, look: Kinds) -> list[DeviceNow]:
    """Return what the devices of a stage without members do: only one that emits is on air.

    And only while the stage is good: else what is right in it runs well, and another one keeps it
    off or is not seen. Of one that has shown nothing yet, as behind a start, nothing is known.
    """
    is_good = kind_of(carrying(stage), look) is Kind.TRUE
    emits, known = stage.layer is Layer.EMISSION, (Kind.TRUE, Kind.FALSE)
    unseen = {device_of(name) for name in stage_names(stage) if look(name) not in known}
    fails: dict[str, list[str]] = {device_of(name): [] for name in stage_names(stage)}
    for name in failing(carrying(stage), look):
        fails[device_of(name)].append(name)
    found: list[DeviceNow] = []
    for device, conditions in fails.items():
        if _is_silent(situation, device):
            found.append({"device": device, "does": "silent"})
        elif conditions and emits:
            found.append({"device": device, "does": "no_output"})
        elif conditions:
            bad = list(dict.fromkeys(conditions))
            found.append({"device": device, "does": "bad", "conditions": bad})
        elif device in unseen and not is_good:
            found.append({"device": device, "does": "unknown"})
        else:
            found.append({"device": device, "does": "on_air" if emits and is_good else "good"})
    return found


def _of_member(situation: Situation, device: str, member: MemberPlan, look: Kinds) -> DeviceNow:
    carries = member_kind(member, look)
    other = serves(member, look)
    if other and carries is Kind.FALSE:
        return {"device": device, "does": "in_use", "programme": other}
    ready = Kind.BLIND if member.ready is None else kind_of(member.ready, look)
    # A reserve that two programmes claim is at work for one of them, nobody knows which.
    does = "unknown" if other else _does(situation, device, carries, ready)
    if does in ("standby", "failed", "no_output") and _has_output(member, device, look):
        does = "unswitched" if carries is Kind.FALSE else "unknown"
    found: DeviceNow = {"device": device, "does": does}
    if does == "failed" and member.ready is not None:
        found["conditions"] = list(dict.fromkeys(hindering(member.ready, look)))
    return found


def _does(situation: Situation, device: str, carries: Kind, ready: Kind) -> str:
    if carries is Kind.TRUE:
        return "on_air"
    if _is_silent(situation, device):
        return "silent"
    if ready is Kind.TRUE:
        return "standby"
    if ready is Kind.FALSE:
        return "failed"
    return "no_output" if carries is Kind.FALSE else "unknown"


def _has_output(member: MemberPlan, device: str, look: Kinds) -> bool:
    """Return whether all that is of the device itself is as it must be to carry the programme.

    If it does not, what is behind it, as a switch, keeps it off. Nobody may take it for one that
    waits: it is under power.
    """
    own = [(name, wanted) for name, wanted in signs(member.carries) if device_of(name) == device]
    return all(look(name) is (Kind.TRUE if wanted else Kind.FALSE) for name, wanted in own)


def _is_silent(situation: Situation, device: str) -> bool:
    memory = situation.devices.get(device)
    return memory is not None and memory.silent is not None
