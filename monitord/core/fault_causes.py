"""The one cause of a fault that is no outage: silent, degraded, left in manual, in alarm.

Owns these places; ``causes.py`` follows them to what broke first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from monitord.core.calendar import sure_at
from monitord.core.causes import (
    Cause,
    climb,
    is_explained_by,
    is_silence,
    with_bounced,
)
from monitord.core.chain import carrying, silencers_of
from monitord.core.durable import ConditionNow
from monitord.core.expression import Expression, Kind, kind_of, names
from monitord.core.fault_plans import DOUBTED, SITE_SILENT, Fault, Sort
from monitord.core.faults import assigned_twice, spare_members, stage_of
from monitord.core.incident_state import Claim, Outage, Place, fault_id
from monitord.core.look import hindering, present_kinds, stage_kind
from monitord.core.member_kinds import serves
from monitord.core.model import Expected
from monitord.core.places import SILENT, UNSEEN, device_of, devices_of
from monitord.core.plan import MemberPlan, ProgrammePlan, StagePlan
from monitord.core.situation import Situation
from monitord.core.stage_kinds import Span
from monitord.core.suspicions import SITE, feed_place, hint_place, hinted_at, power_lost
from monitord.core.unsettled_events import SuspicionSort
from monitord.core.verdict import NOT_WATCHED, against

_NOT_WATCHED = Place("site/not_watched", "site", "absent")
CLOCK = Place("site/clock", "site", "clock")
OWN_NETWORK = Place("site/own_network", "network", "unreachable")
"""Our own side: no request even leaves."""


def fault_cause(situation: Situation, fault: Fault, held: Outage) -> Cause | None:
    """Return where the fault comes from, as the last answers show it; None where they do not."""
    if fault.sort is Sort.SITE_SILENT:
        return Cause(SITE, held.began)
    if fault.sort is Sort.CLOCK_UNTRUSTED:
        return Cause(CLOCK, held.began)
    if fault.sort is Sort.CONFIG_REFUSED:
        return Cause(Place("site/configuration", "site", str(fault.sort)), held.began)
    if fault.sort is Sort.RECORD_REPLACED:
        return Cause(Place(f"site/record_{fault.subject}", "site", held.reason), held.began)
    if fault.sort is Sort.INCONSISTENT:
        line = Place(f"{fault.subject}/{Sort.INCONSISTENT}", "device", Sort.INCONSISTENT)
        return Cause(line, held.began)
    held = replace(held, claims=with_bounced(situation, held.claims, fault.clear_after))
    if fault.sort is Sort.ALARM:
        device, _, name = fault.subject.partition(".")
        reason = situation.conditions[fault.subject].reason
        own = Place(f"{device}/{name}", "alarm", reason, conditions=(fault.subject,))
        turned = situation.durable.conditions[fault.subject]
        return climb(situation, own, (turned.not_before, turned.since), held.claims)
    if fault.sort is Sort.SILENT:
        return _silence_cause(situation, fault.subject, held)
    plan = situation.programmes[fault.programme].plan
    kept = _kept(situation, plan, fault, held) if _is_of_blindness(fault, held) else None
    if kept is not None:
        return kept
    place = _place(situation, plan, fault, held)
    if place is None:
        return None
    if not _is_of_blindness(fault, held):
        return climb(situation, place, held.began, held.claims)
    fell = _fell_silent(situation, place, held)
    cause = _link_of(situation, climb(situation, place, fell, held.claims), fell)
    return Cause(place, held.began) if cause.place.id == place.id else cause


def _silence_cause(situation: Situation, device: str, held: Outage) -> Cause:
    """Return why a device is silent: by what is above it, or together with others of a chain."""
    own = _silent_place(situation, device)
    cause = climb(situation, own, held.began, held.claims)
    cause = _link_of(situation, cause, held.began)
    if cause.place.id != own.id:
        return cause
    return _silent_with(situation, device, held) or cause


def _silent_with(situation: Situation, device: str, held: Outage) -> Cause | None:
    """Return the lost monitoring of a programme that names this device, or fell silent with it.

    Its message says that this device is silent, so that a second one would say nothing more. What
    was reported by it stays a part of it, also once the programme is seen again.
    """
    for _, claim in sorted(held.claims.items()):
        if claim.incident is not None and device in devices_of(claim.place):
            return Cause(claim.place, claim.began)
    for programme in situation.carried_by.get(device, ()):
        blind = situation.durable.outages.get(fault_id(programme, Sort.BLIND))
        if blind is None:
            continue
        for _, claim in sorted(blind.claims.items()):
            place = claim.place
            if place.kind != "device" or not place.id.endswith(f"/{SILENT}"):
                continue
            fell = _fell_silent(situation, place, blind)
            together = held.began[0] <= fell[1] and fell[0] <= held.began[1]
            if together or device in devices_of(place):
                return Cause(place, claim.began)
    return None


def _silent_place(situation: Situation, device: str) -> Place:
    """Return the place of a silent device; one that others are reached over is the network."""
    memory = situation.devices[device]
    names = tuple(condition.id for condition in memory.plan.conditions)
    kind = "network" if device in situation.links else "device"
    return Place(f"{device}/{SILENT}", kind, memory.silent or "timeout", conditions=names)


def _link_of(situation: Situation, cause: Cause, began: Span) -> Cause:
    """Return the silence of the link that all devices of a silent place are reached over.

    As everywhere, a cause did not certainly begin after what it explains.
    """
    seen: list[str] = []
    link = _silent_link(situation, cause.place, began)
    while link is not None and link not in seen:
        seen.append(link)
        cause = Cause(_silent_place(situation, link), began)
        link = _silent_link(situation, cause.place, began)
    return cause


def _silent_link(situation: Situation, place: Place, began: Span) -> str | None:
    """Return the first link of all devices of a place that does not answer itself."""
    if not place.id.endswith(f"/{SILENT}") or place.id == SITE.id:
        return None
    plans = [situation.devices[name].plan for name in devices_of(place)]
    over = [[device_of(name) for name in plan.behind] for plan in plans]
    for name in over[0]:
        link = situation.devices[name]
        fell_first = link.silent is not None and (link.answered_at or 0) <= began[1]
        if fell_first and all(name in names for names in over):
            return name
    return None


def doubted_hours(situation: Situation, fault: Fault, held: Outage) -> Cause | None:
    """Return the clock as the cause of an outage that only the uncertain hours made one.

    Then the programme was off before, out of its hours: one message says both.
    """
    durable = situation.durable
    proven = durable.programmes[fault.programme].proven
    if not durable.clock.alarm or proven is None:
        return None
    since = durable.clock.eras[-1].since
    is_older = proven.not_after < since <= held.began[0]
    unsure = sure_at(durable, fault.programme, situation.clock) is Expected.UNSURE
    return Cause(CLOCK, held.began) if is_older and unsure else None


def _is_of_blindness(fault: Fault, held: Outage) -> bool:
    return fault.sort is Sort.BLIND or held.reason == SuspicionSort.PRESUMED


def _kept(situation: Situation, plan: ProgrammePlan, fault: Fault, held: Outage) -> Cause | None:
    """Return the supply or link that blindness was claimed on, while that explains some of it.

    It is bad, or nobody has seen it good since. Another device that is not seen either is no
    second cause before it is good again. Before a message is sent, what was silent with it has its
    clearing time to come back.
    """
    kinds = present_kinds(situation)
    unseen = [s for s in plan.chain if stage_kind(s, kinds) not in (Kind.TRUE, Kind.FALSE)]
    for _, claim in sorted(held.claims.items()):
        known = [name for name in claim.place.conditions if name in situation.timelines]
        is_good = all(kinds(name) is Kind.TRUE for name in known)
        if claim.healed is not None or (is_good and not _returns(situation, fault, claim, known)):
            continue
        if any(is_explained_by(situation, s, claim.place, silencers_of) for s in unseen):
            return Cause(claim.place, claim.began)
    return None


def _returns(situation: Situation, fault: Fault, claim: Claim, known: list[str]) -> bool:
    """Return whether a place that nobody has word of is good for less than the clearing time."""
    since = max((situation.durable.conditions[name].since for name in known), default=0)
    return claim.incident is None and since + fault.clear_after > situation.clock


def _fell_silent(situation: Situation, place: Place, held: Outage) -> Span:
    """Return between which moments a place fell silent: its last proof, and when it was overdue.

    Blindness begins at the last proof; what fell a moment later may still be what ended the
    answers.
    """
    timelines = [situation.timelines[n] for n in place.conditions if n in situation.timelines]
    overdue = max((t.last_after + t.bound + 1 for t in timelines), default=held.began[1])
    return held.began[0], max(held.began[1], min(overdue, held.proof))


def _place(situation: Situation, plan: ProgrammePlan, fault: Fault, held: Outage) -> Place | None:
    kinds = present_kinds(situation)
    if _is_of_blindness(fault, held):
        return _blind_place(situation, plan, held)
    if fault.sort is Sort.SUSPECTED and held.reason == SuspicionSort.POWER:
        feed = power_lost(situation, plan, held.began[0], until=situation.clock)
        return None if feed is None else feed_place(situation, feed)
    if fault.sort is Sort.SUSPECTED and held.reason == SuspicionSort.DOUBTED:
        hinted = hinted_at(situation, plan, held.began[0], situation.clock)
        return hint_place(situation, hinted) if hinted else None
    if fault.sort in DOUBTED:
        twice = assigned_twice(situation, plan) if fault.sort is Sort.DISPUTED else []
        heard = _paths(twice) or _heard(situation, plan, held)
        return _joined(heard, str(fault.sort), "device", str(fault.sort)) if heard else None
    if fault.sort is Sort.DEGRADED:
        for stage in plan.chain:
            for degraded in stage.degraded:
                if kind_of(degraded.when, kinds) is Kind.TRUE:
                    found = _known(situation, degraded.when)
                    return _joined(found, stage.id, "stage", degraded.reason, stage)
        return None
    stage = stage_of(plan, fault)
    if fault.sort is Sort.MANUAL and stage.manual is not None:
        return _joined(names(stage.manual), f"{stage.id}_manual", "device", str(fault.sort))
    spare = spare_members(situation, stage)
    if fault.sort is Sort.RESERVE_USED:
        taken = [member for member in spare if serves(member, kinds)]
        return _joined(_paths(taken), "in_use", "device", str(fault.sort)) if taken else None
    used = [m.ready if m.ready is not None else m.carries for m in spare]
    if fault.sort is Sort.RESERVE_UNKNOWN:
        return _unseen_reserve(situation, [n for e in used for n in names(e)])
    found = [name for expression in used for name in names(expression)]
    place = _joined(found, f"{stage.id}_reserve", "device", str(fault.sort)) if found else None
    # A path is made of several conditions: what is wrong is only what fails of them.
    hinders = tuple(dict.fromkeys(name for e in used for name in hindering(e, kinds)))
    return replace(place, conditions=hinders) if place and hinders else place


def _unseen_reserve(situation: Situation, conditions: Iterable[str]) -> Place | None:
    """Return what is not seen of the reserves; one that answers without its values is not silent.

    Our own stop, or the first moments of a run, are no cause: then they count as silent.
    """
    kinds = present_kinds(situation)
    unseen = [name for name in conditions if kinds(name) is Kind.BLIND]
    causes = (situation.timelines[name].cause for name in unseen)
    cause = next((each for each in causes if each not in NOT_WATCHED), "timeout")
    return _joined(unseen, UNSEEN.get(cause, SILENT), "device", cause) if unseen else None


def _heard(situation: Situation, plan: ProgrammePlan, held: Outage) -> list[str]:
    """Return what the witnesses need that speak against the chain.

    Where none does now, of those that did; of all where that is not known.
    """
    memory = situation.programmes[plan.id]
    now = against(memory.layers, situation.kept(plan.id))
    found = [name for witness in now or plan.witnesses for name in names(witness.needs)]
    claimed = {name for claim in held.claims.values() for name in claim.place.conditions}
    return found if now or not claimed else [name for name in found if name in claimed]


def _paths(members: Iterable[MemberPlan]) -> list[str]:
    """Return the conditions of shared members: the same by whichever programme they are asked."""
    found = [member.carries for member in members]
    found += [other.carries for member in members for other in member.elsewhere]
    return sorted({name for expression in found for name in names(expression)})


def _known(situation: Situation, expression: Expression) -> list[str]:
    kinds = present_kinds(situation)
    return [name for name in names(expression) if kinds(name) is not Kind.BLIND]


def _joined(
    conditions: Iterable[str],
    what: str,
    kind: str,
    reason: str,
    stage: StagePlan | None = None,
) -> Place:
    found = tuple(dict.fromkeys(conditions))
    devices = "+".join(sorted({device_of(name) for name in found}))
    name, owner = ("", "") if stage is None else (stage.id, stage.owner)
    return Place(f"{devices}/{what}", kind, reason, name, owner, found)


def _unseen_place(situation: Situation, plan: ProgrammePlan) -> Place | None:
    """Return the devices that were not seen where the last blindness began: all is seen since.

    The ledger shows blindness later than the answers that ended it.
    """
    piece = situation.durable.programmes[plan.id].piece
    known = situation.durable.conditions
    unseen = [
        name
        for stage in plan.chain
        for name in names(carrying(stage))
        if name in known and _is_unseen_at(known[name], piece.start)
    ]
    cause = piece.blind or ""
    found = _joined(unseen, UNSEEN.get(cause, SILENT), "device", cause) if unseen else None
    return _NOT_WATCHED if cause in NOT_WATCHED else found


def _is_unseen_at(known: ConditionNow, moment: int) -> bool:
    """Return whether a condition is blind since, or took its value at some moment around it."""
    return (
        known.since <= moment if known.value is None else known.not_before <= moment < known.since
    )


def _blind_place(situation: Situation, plan: ProgrammePlan, held: Outage) -> Place | None:
    """Return the devices that are not seen; the site where all of it is not."""
    if SITE_SILENT in situation.durable.outages:
        return SITE
    if situation.silent_for("unreachable"):
        return OWN_NETWORK
    kinds = present_kinds(situation)
    blind = [
        name
        for stage in plan.chain
        if stage_kind(stage, kinds) not in (Kind.TRUE, Kind.FALSE)
        for name in names(carrying(stage))
        if kinds(name) is Kind.BLIND
    ]
    if not blind:
        unseen = _unseen_place(situation, plan)
        return None if unseen is _NOT_WATCHED and held.claims else unseen
    seen = [name for name in blind if situation.timelines[name].cause not in NOT_WATCHED]
    if not seen:
        # Our own stop says nothing of a cause that is known: it is kept.
        return None if held.claims else _NOT_WATCHED
    cause = situation.timelines[seen[0]].cause
    place = _joined(seen, UNSEEN.get(cause, SILENT), "device", cause)
    for claim in sorted(held.claims.values(), key=lambda claim: claim.place.id):
        mine = devices_of(claim.place)
        if is_silence(claim.place) and set(mine) <= set(devices_of(place)):
            return claim.place
    return place
