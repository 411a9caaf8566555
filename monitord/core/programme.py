"""From conditions to a programme: the verdict at a moment, its pieces, and proofs of bad.

Owns the logic of the chain. Reads timelines; knows no incident and no person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitord.core.chain import carrying
from monitord.core.columns import is_bad, is_clear, reason_of
from monitord.core.events import BadProven, Draft, PieceOpened
from monitord.core.expression import Kind, kind_of
from monitord.core.look import (
    Kinds,
    Look,
    at_moment,
    blind_cause,
    failing_names,
    kinds_of,
    over_span,
    present_kinds,
    stage_kind,
    undecided_name,
)
from monitord.core.model import Layer
from monitord.core.plan import ProgrammePlan, StagePlan
from monitord.core.present import outage
from monitord.core.situation import Situation, Transition


@dataclass(frozen=True, slots=True)
class Verdict:
    """``possible``: observed values, likeliest first; ``blind``: the cause, or None."""

    possible: tuple[str, ...]
    blind: str | None


def judge(situation: Situation, plan: ProgrammePlan, look: Look) -> Verdict:
    """Return the verdict: in each layer the known stage nearest the antenna decides."""
    kinds = kinds_of(look)
    deciding: dict[Layer, tuple[Kind, StagePlan]] = {}
    for stage in reversed(plan.chain):
        held = deciding.get(stage.layer)
        if held is None or held[0] is Kind.BLIND:
            kind = stage_kind(stage, kinds)
            if held is None or kind is not Kind.BLIND:
                deciding[stage.layer] = (kind, stage)
    in_order = [deciding[layer] for layer in Layer if layer in deciding]
    for kind, stage in in_order:
        if kind is Kind.FALSE:
            return Verdict((f"bad:{_reason(situation, stage, kinds)}",), None)
    for kind, stage in in_order:
        if kind is Kind.BLIND:
            cause = _blind_cause(stage, look)
            return Verdict((f"unknown:{cause}",), cause)
    good = _good_or_degraded(plan, kinds)
    undecided = [stage for kind, stage in in_order if kind is Kind.BETWEEN]
    bad = dict.fromkeys(f"bad:{_reason(situation, stage, kinds)}" for stage in undecided)
    return Verdict((*good, *bad), None)


def _reason(situation: Situation, stage: StagePlan, kinds: Kinds) -> str:
    # A condition proven bad gives the reason before one that may be: a slower detector that is
    # still undecided is no reason while another has decided.
    name = next(iter(failing_names(stage, kinds)), None)
    name = name or undecided_name(stage, kinds, Kind.BETWEEN)
    if name is None:
        raise AssertionError("a stage that may be bad has a condition that may be")
    return situation.conditions[name].reason


def _blind_cause(stage: StagePlan, look: Look) -> str:
    cause = blind_cause(carrying(stage), look)
    if cause is None:
        raise AssertionError("a blind stage has a blind condition")
    return cause


def _good_or_degraded(plan: ProgrammePlan, kinds: Kinds) -> tuple[str, ...]:
    undecided: tuple[str, ...] = ()
    for stage in plan.chain:
        for degraded in stage.degraded:
            kind = kind_of(degraded.when, kinds)
            if kind is Kind.TRUE:
                return (f"degraded:{degraded.reason}",)
            if kind is not Kind.FALSE:
                undecided = (*undecided, f"degraded:{degraded.reason}")
    return ("good", *dict.fromkeys(undecided))


def settle(
    situation: Situation, plan: ProgrammePlan, now: int, *, limit: int | None = None
) -> Iterator[Draft]:
    """Settle the programme as far as every condition is known; yield the pieces that begin.

    ``limit``: settle no further than that moment.
    """
    memory = situation.programmes[plan.id]
    timelines = [situation.timelines[name] for name in memory.uses]
    frontier = min(timeline.known_to(now) for timeline in timelines)
    frontier = frontier if limit is None else min(frontier, limit)
    begin = memory.settled_to
    if frontier > begin:
        edges = {edge for timeline in timelines for edge in timeline.edges(begin, frontier)}
        for at in sorted({begin, *edges}):
            memory.settled_to = at
            yield from _open_piece(situation, plan, at_moment(situation, at), at)
        memory.settled_to = frontier
    # A turn that arrived late lies before the settled time: it is read when that has moved on.
    waits = memory.unsettled and frontier <= begin
    turned = any(timeline.start >= memory.settled_to for timeline in timelines)
    memory.unsettled = waits or turned or memory.settled_to < memory.calendar_seen


def _open_piece(situation: Situation, plan: ProgrammePlan, look: Look, at: int) -> Iterator[Draft]:
    verdict = judge(situation, plan, look)
    now = situation.durable.programmes[plan.id]
    if list(verdict.possible) == now.piece.possible and verdict.blind == now.piece.blind:
        return
    presumed = verdict.blind is not None and outage(now) is not None
    yield Draft(plan.id, PieceOpened(at, verdict.possible, verdict.blind, presumed))
    if is_bad(verdict.possible) and outage(now) is None:
        yield _proof(situation, plan, Transition("", value=False, begin=at, end=at), look)


def prove(situation: Situation, plan: ProgrammePlan, now: int) -> Iterator[Draft]:
    """Yield a proof for each transition that proves a bad moment before the ledger settles it.

    A redundant stage is bad only where one member's bad evidence lies inside the others' held bad;
    judging by the last answers alone would call every clean changeover an outage.
    """
    memory = situation.programmes[plan.id]
    waiting: list[Transition] = []
    for transition in memory.transitions:
        look = _look_over(situation, transition, now)
        verdict = judge(situation, plan, look)
        if is_bad(verdict.possible):
            if _is_news(situation, plan, transition):
                yield _proof(situation, plan, transition, look)
        elif transition.end > memory.settled_to:
            waiting.append(transition)
    memory.transitions = waiting


def _is_news(situation: Situation, plan: ProgrammePlan, transition: Transition) -> bool:
    now = situation.durable.programmes[plan.id]
    if outage(now) is not None:
        return False
    return not (is_clear(now.piece.possible) and now.piece.start >= transition.end)


def _look_over(situation: Situation, transition: Transition, now: int) -> Look:
    over = over_span(situation, transition.begin, transition.end, now)

    def look(name: str) -> tuple[Kind, str]:
        if name == transition.condition:
            return (Kind.TRUE if transition.value else Kind.FALSE), ""
        return over(name)

    return look


def _proof(situation: Situation, plan: ProgrammePlan, transition: Transition, look: Look) -> Draft:
    verdict = judge(situation, plan, look)
    stage, conditions = bad_stage(plan, kinds_of(look))
    proven = BadProven(
        reason=reason_of(verdict.possible[0]),
        not_before=min(_clear_until(situation, plan, transition), transition.end),
        not_after=transition.end,
        bad_at=transition.begin,
        stage=stage,
        conditions=conditions,
    )
    return Draft(plan.id, proven)


def _clear_until(situation: Situation, plan: ProgrammePlan, transition: Transition) -> int:
    """Return the earliest moment at which the outage may have begun.

    While slower conditions keep the ledger from settling, this is the last good moment of the
    condition that turned; the piece that settles later dates it exactly.
    """
    state = situation.durable.programmes[plan.id]
    if not is_clear(state.piece.possible):
        return state.clear_to
    settled_to = max(state.piece.start, situation.programmes[plan.id].settled_to)
    return settled_to if transition.other_until is None else max(settled_to, transition.other_until)


def cause_of(situation: Situation, plan: ProgrammePlan) -> tuple[str, tuple[str, ...]]:
    """Return the first bad stage by the last proven values; see ``bad_stage``."""
    return bad_stage(plan, present_kinds(situation))


def bad_stage(plan: ProgrammePlan, kinds: Kinds) -> tuple[str, tuple[str, ...]]:
    """Return the first stage from the source that is bad, and its failing conditions.

    Later stages are bad as a consequence. An empty stage: nothing is bad.
    """
    for stage in plan.chain:
        if stage_kind(stage, kinds) is Kind.FALSE:
            return stage.id, failing_names(stage, kinds)
    return "", ()
