"""Suspicions that evidence disproves. Owns what disproves one, and what follows from it.

A healthy witness that received the programme over the whole span, or a running time of the
equipment that spans it. The newest suspicion of each programme waits in memory for the next
answer of its devices; after a start a person settles it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitord.core.events import Draft
from monitord.core.expression import Kind, kind_of
from monitord.core.fast_path import leave_fast_path
from monitord.core.fault_plans import Sort
from monitord.core.incident_events import MemberOver
from monitord.core.incident_state import Incident, Member, fault_id
from monitord.core.look import kinds_of, over_span
from monitord.core.model import SECOND
from monitord.core.plan import ProgrammePlan
from monitord.core.situation import Doubt, Situation
from monitord.core.suspicions import Sign, run_of
from monitord.core.unsettled_events import (
    SpansSettled,
    SuspicionFound,
    SuspicionRefuted,
    SuspicionSort,
)

SLACK: Final = 10 * SECOND
SLACK_PARTS: Final = 100
"""A running time may be wrong by 10 s and by one part in so many."""


def refuted_at_once(situation: Situation, span: SuspicionFound, sign: Sign) -> str | None:
    """Return what disproves a suspicion in the moment in which it is found, or None."""
    plan = situation.programmes[span.programme].plan
    heard = _heard_through(situation, plan, span, sign)
    if heard is not None or not _is_of_running(sign):
        return heard
    return _ran_through(situation, sign.devices, span.begin)


def keep_doubt(situation: Situation, subject: str, span: SuspicionFound, sign: Sign) -> None:
    """Have the next answers of its devices asked about a suspicion."""
    if not _is_of_running(sign):
        return
    doubt = Doubt(subject, span.begin, span.seconds, sign.devices, situation.clock)
    situation.doubts[span.programme] = doubt
    for name in sign.devices:
        situation.devices[name].doubted = True
        leave_fast_path(situation.devices[name])


def _is_of_running(sign: Sign) -> bool:
    """Return whether running times can disprove it: equipment that runs may give no output."""
    return sign.sort is not SuspicionSort.DOUBTED


def refute(situation: Situation, device: str) -> Iterator[Draft]:
    """Withdraw the suspicions that an answer of the device disproves."""
    memory = situation.devices[device]
    if not memory.doubted:
        return
    for programme in memory.programmes:
        doubt = situation.doubts.get(programme)
        if doubt is None or device not in doubt.devices:
            continue
        if not all(_answered(situation, name, doubt.found_at) for name in doubt.devices):
            continue
        del situation.doubts[programme]
        by = _ran_through(situation, doubt.devices, doubt.begin)
        if by is not None:
            yield Draft(doubt.span, SuspicionRefuted(programme, doubt.seconds, by))
            yield from _withdraw(situation, programme)
    waiting = (situation.doubts.get(programme) for programme in memory.programmes)
    memory.doubted = any(doubt is not None and device in doubt.devices for doubt in waiting)


def forget_settled(situation: Situation, body: SpansSettled) -> None:
    """Ask no more about what a person has settled: his word counts."""
    settled = {span for span, _, _ in body.spans}
    for programme, doubt in list(situation.doubts.items()):
        if doubt.span in settled:
            del situation.doubts[programme]


def _answered(situation: Situation, device: str, after: int) -> bool:
    answered_at = situation.devices[device].answered_at
    return answered_at is not None and answered_at > after


def _ran_through(situation: Situation, devices: tuple[str, ...], begin: int) -> str | None:
    """Return the running times that span [begin, now]: those of all devices, or None."""
    found = []
    for name in devices:
        device = situation.devices[name]
        run = run_of(situation, device)
        if run is None:
            return None
        booted, answered_at = run
        slack = max(SLACK, (answered_at - booted) // SLACK_PARTS)
        if booted >= begin - slack:
            return None
        found.append(f"{name}.{device.plan.points[situation.uptimes[name]].id}")
    return "+".join(found) or None


def _heard_through(
    situation: Situation, plan: ProgrammePlan, span: SuspicionFound, sign: Sign
) -> str | None:
    """Return the witnesses that held good over the whole span, in each layer of the devices."""
    kinds = kinds_of(over_span(situation, span.begin, span.end, situation.clock))
    found = []
    for layer in sign.layers:
        good = (
            witness.id
            for witness in plan.witnesses
            if witness.layer is layer
            and kind_of(witness.needs, kinds) is Kind.TRUE
            and (witness.healthy is None or kind_of(witness.healthy, kinds) is Kind.TRUE)
        )
        first = next(good, None)
        if first is None:
            return None
        found.append(first)
    return "+".join(dict.fromkeys(found)) or None


def _withdraw(situation: Situation, programme: str) -> Iterator[Draft]:
    """End the suspected outage in the incidents that list it: it was none."""
    name = fault_id(programme, Sort.SUSPECTED)
    for incident in list(situation.durable.incidents.values()):
        member = incident.members.get(name)
        if member is not None and member.over is not None:
            yield _withdrawn(situation, incident, member)


def _withdrawn(situation: Situation, incident: Incident, member: Member) -> Draft:
    last = member.falls[-1]
    ended = last.ended or last.began
    body = MemberOver(
        programme=member.programme,
        fault=member.fault,
        over=situation.clock,
        how="withdrawn",
        number=member.count,
        began_not_before=last.began[0],
        began_not_after=last.began[1],
        not_before=ended[0],
        not_after=ended[1],
        least=0,
        most_seen=0,
        most=0,
        flaps=False,
    )
    return Draft(incident.id, body)
