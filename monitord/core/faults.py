"""What can go wrong with a programme, and what the ledger shows of it at a moment.

Three sorts of fault: off air, blind, and the lost reserve of a redundant stage. Owns their names,
their delays and these findings; ``fault_states.py`` has the table, ``incidents.py`` applies it.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.calendar import expected_span
from monitord.core.columns import is_clear
from monitord.core.durable import Fault, ProgrammeNow
from monitord.core.expression import Kind, kind_of
from monitord.core.fault_states import ON_DELAY, FaultState, Seen
from monitord.core.look import present_kinds
from monitord.core.model import Expected
from monitord.core.plan import FaultPlan, MemberPlan, ProgrammePlan, StagePlan
from monitord.core.present import blind_since, is_presumed, outage
from monitord.core.programme import present_verdict
from monitord.core.situation import Situation

OFF_AIR, BLIND, RESERVE_LOST = "off_air", "blind", "reserve_lost"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the ledger shows of one fault. ``since``: from when, site time."""

    seen: Seen
    since: int
    reason: str


def fault_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return the faults a programme can have; each redundant stage has its own reserve."""
    stages = (f"{RESERVE_LOST}/{stage.id}" for stage in plan.chain if len(stage.members) > 1)
    return (OFF_AIR, BLIND, *stages)


def sort_of_fault(fault: str) -> str:
    """Return off_air, blind or reserve_lost."""
    return fault.partition("/")[0]


def fault_plan(plan: ProgrammePlan, fault: str) -> FaultPlan:
    """Return the delays and the severity of a fault."""
    plans = {OFF_AIR: plan.off_air, BLIND: plan.blind, RESERVE_LOST: plan.reserve_lost}
    return plans[sort_of_fault(fault)]


def fault_of(situation: Situation, programme: str, fault: str) -> Fault:
    """Return the state of a fault; one never seen is clear."""
    now = situation.durable.programmes.get(programme)
    return now.faults.get(fault, Fault()) if now is not None else Fault()


def due_of(situation: Situation, plan: ProgrammePlan, fault: str) -> int | None:
    """Return when the delay of a fault ends; None where no delay runs."""
    held = fault_of(situation, plan.id, fault)
    if held.state not in ON_DELAY:
        return None
    delay: int = getattr(fault_plan(plan, fault), ON_DELAY[held.state][0])
    due = held.since + delay
    qualifying = held.state is FaultState.QUALIFYING and fault in (OFF_AIR, BLIND)
    return None if qualifying and _is_over_by(situation, plan, fault, due) else due


def _is_over_by(situation: Situation, plan: ProgrammePlan, fault: str, due: int) -> bool:
    """Return whether the fault is over before ``due``, though the ledger has not settled it yet.

    After blindness that means: everything is seen again.
    """
    proven = outage(situation.durable.programmes[plan.id])
    known_to = situation.programmes[plan.id].settled_to
    if due <= max(known_to, proven.not_after if proven is not None else 0):
        return False
    present = present_verdict(situation, plan)
    return is_clear(present.possible) if fault == OFF_AIR else present.blind is None


def find(situation: Situation, plan: ProgrammePlan, fault: str, moment: int) -> Finding:
    """Return what the ledger shows of a fault at ``moment``."""
    now = situation.durable.programmes[plan.id]
    if fault == OFF_AIR:
        return _in_hours(situation, plan, moment, _find_off_air(now))
    if fault == BLIND:
        return _in_hours(situation, plan, moment, _find_blind(now))
    return _find_reserve(situation, redundant_stage(plan, fault), moment)


def _find_off_air(now: ProgrammeNow) -> Finding:
    proven, piece = outage(now), now.piece
    if proven is not None:
        seen = Seen.BLIND if is_presumed(now) else Seen.BAD
        return Finding(seen, proven.not_after, proven.reason)
    if piece.blind is not None:
        return Finding(Seen.BLIND, piece.start, "")
    return Finding(Seen.GOOD if is_clear(piece.possible) else Seen.BETWEEN, piece.start, "")


def _find_blind(now: ProgrammeNow) -> Finding:
    proven, piece = outage(now), now.piece
    if piece.blind is None:
        return Finding(Seen.GOOD, piece.start, "")
    if proven is None:
        return Finding(Seen.BAD, blind_since(now), piece.blind)
    if not piece.presumed and not is_presumed(now):
        # Proven ahead of the ledger, which does not show yet when the blindness ended.
        return Finding(Seen.BETWEEN, piece.start, "")
    # Presumed time belongs to the outage before it.
    return Finding(Seen.GOOD, max(piece.start, proven.not_after), "")


def _in_hours(situation: Situation, plan: ProgrammePlan, moment: int, finding: Finding) -> Finding:
    start, _, expected = expected_span(situation.durable, plan.id, moment)
    if finding.seen is Seen.GOOD:
        return finding
    if expected is not Expected.ON:
        return Finding(Seen.OUT_OF_HOURS, start, finding.reason)
    return Finding(finding.seen, max(finding.since, start), finding.reason)


def redundant_stage(plan: ProgrammePlan, fault: str) -> StagePlan:
    """Return the stage whose reserve the fault is about."""
    return next(stage for stage in plan.chain if fault == f"{RESERVE_LOST}/{stage.id}")


def spare_members(situation: Situation, stage: StagePlan) -> list[MemberPlan]:
    """Return the members that do not carry the programme now."""
    kinds = present_kinds(situation)
    return [m for m in stage.members if kind_of(m.carries, kinds) is not Kind.TRUE]


def _find_reserve(situation: Situation, stage: StagePlan, moment: int) -> Finding:
    kinds = present_kinds(situation)
    spare = spare_members(situation, stage)
    ready = [Kind.BLIND if m.ready is None else kind_of(m.ready, kinds) for m in spare]
    if len(stage.members) - len(spare) > 1 or Kind.TRUE in ready:
        return Finding(Seen.GOOD, moment, "")
    if len(spare) == len(stage.members):
        # With no member carrying it is an outage, and no matter of the reserve.
        return Finding(Seen.BETWEEN, moment, "")
    if Kind.BLIND in ready:
        return Finding(Seen.BLIND, moment, "")
    return Finding(Seen.BAD, moment, RESERVE_LOST)
