"""From conditions to a programme: the verdict at a moment, its pieces, and proofs of bad.

Owns the logic of the chain. Reads timelines; knows no incident and no person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitord.core.chain import stage_names
from monitord.core.columns import is_bad, is_clear, reason_of
from monitord.core.events import BadProven, Draft, PieceOpened
from monitord.core.expression import Kind, at_least, kind_of
from monitord.core.model import Layer
from monitord.core.plan import ProgrammePlan, StagePlan
from monitord.core.present import outage
from monitord.core.situation import Situation, Transition

Lookup = Callable[[str], tuple[Kind, str]]
"""From a condition id to what is known of it, and the cause where it is blind."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``possible``: observed values, likeliest first; ``blind``: the cause, or None."""

    possible: tuple[str, ...]
    blind: str | None


def stage_kind(stage: StagePlan, kinds: Callable[[str], Kind]) -> Kind:
    """Return whether the stage passes the programme on: its needs, or any member that carries."""
    if stage.needs is not None:
        return kind_of(stage.needs, kinds)
    return at_least(1, (kind_of(member.carries, kinds) for member in stage.members))


def judge(situation: Situation, plan: ProgrammePlan, look: Lookup) -> Verdict:
    """Return the verdict: in each layer the known stage nearest the antenna decides."""
    kinds: Callable[[str], Kind] = lambda name: look(name)[0]  # noqa: E731 - a view of look
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


def _reason(situation: Situation, stage: StagePlan, kinds: Callable[[str], Kind]) -> str:
    # A condition proven false gives the reason before one that may be false: a slower detector
    # that is still undecided is no reason while another has decided.
    uses = stage_names(stage)
    for kind in (Kind.FALSE, Kind.BETWEEN):
        for name in uses:
            if kinds(name) is kind:
                return situation.conditions[name].reason
    return situation.conditions[uses[0]].reason


def _blind_cause(stage: StagePlan, look: Lookup) -> str:
    for name in stage_names(stage):
        kind, cause = look(name)
        if kind is Kind.BLIND:
            return cause
    raise AssertionError("a blind stage has a blind condition")


def _good_or_degraded(plan: ProgrammePlan, kinds: Callable[[str], Kind]) -> tuple[str, ...]:
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
            verdict = judge(situation, plan, _look_at(situation, at))
            yield from _open_piece(situation, plan, verdict, at)
        memory.settled_to = frontier
    # A turn that arrived late lies before the settled time: it is read when that has moved on.
    waits = memory.unsettled and frontier <= begin
    turned = any(timeline.start >= memory.settled_to for timeline in timelines)
    memory.unsettled = waits or turned or memory.settled_to < memory.calendar_seen


def _look_at(situation: Situation, at: int) -> Lookup:
    return lambda name: situation.timelines[name].segment_at(at)


def _open_piece(
    situation: Situation, plan: ProgrammePlan, verdict: Verdict, at: int
) -> Iterator[Draft]:
    now = situation.durable.programmes[plan.id]
    if list(verdict.possible) == now.piece.possible and verdict.blind == now.piece.blind:
        return
    presumed = verdict.blind is not None and outage(now) is not None
    yield Draft(plan.id, PieceOpened(at, verdict.possible, verdict.blind, presumed))
    if is_bad(verdict.possible) and outage(now) is None:
        yield _proof(situation, plan, Transition("", value=False, begin=at, end=at), verdict)


def prove(situation: Situation, plan: ProgrammePlan, now: int) -> Iterator[Draft]:
    """Yield a proof for each transition that proves a bad moment before the ledger settles it.

    A redundant stage is bad only where one member's bad evidence lies inside the others' held bad;
    judging by the last answers alone would call every clean changeover an outage.
    """
    memory = situation.programmes[plan.id]
    waiting: list[Transition] = []
    for transition in memory.transitions:
        verdict = judge(situation, plan, _look_over(situation, transition, now))
        if is_bad(verdict.possible):
            if _is_news(situation, plan, transition):
                yield _proof(situation, plan, transition, verdict)
        elif transition.end > memory.settled_to:
            waiting.append(transition)
    memory.transitions = waiting


def _is_news(situation: Situation, plan: ProgrammePlan, transition: Transition) -> bool:
    now = situation.durable.programmes[plan.id]
    if outage(now) is not None:
        return False
    return not (is_clear(now.piece.possible) and now.piece.start >= transition.end)


def _look_over(situation: Situation, transition: Transition, now: int) -> Lookup:
    def look(name: str) -> tuple[Kind, str]:
        if name == transition.condition:
            return (Kind.TRUE if transition.value else Kind.FALSE), ""
        return situation.timelines[name].over(transition.begin, transition.end, now)

    return look


def _proof(
    situation: Situation, plan: ProgrammePlan, transition: Transition, verdict: Verdict
) -> Draft:
    stage, conditions = cause_of(situation, plan)
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


def present_kinds(situation: Situation) -> Callable[[str], Kind]:
    """Return a lookup of the last proven value of each condition, blind where there is none."""
    return lambda name: situation.timelines[name].kind


def cause_of(situation: Situation, plan: ProgrammePlan) -> tuple[str, tuple[str, ...]]:
    """Return the first stage from the source that is bad now, and its false conditions.

    Later stages are bad as a consequence. An empty stage: nothing is bad any more.
    """
    kinds = present_kinds(situation)
    for stage in plan.chain:
        if stage_kind(stage, kinds) is Kind.FALSE:
            uses = stage_names(stage)
            return stage.id, tuple(n for n in uses if kinds(n) is Kind.FALSE) or uses
    return "", ()
