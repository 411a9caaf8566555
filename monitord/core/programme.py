"""From conditions to a programme: the verdict at a moment, its pieces, and proofs of bad.

Owns the logic of the chain. Reads timelines; knows no incident and no person.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.calendar import expected_span
from monitord.core.columns import is_bad, is_clear, reason_of
from monitord.core.events import BadProven, Draft, PieceOpened
from monitord.core.expression import Kind
from monitord.core.look import (
    Look,
    Looked,
    at_moment,
    failing_names,
    kinds_of,
    over_span,
    stage_kind,
)
from monitord.core.member_kinds import Kinds
from monitord.core.model import Expected
from monitord.core.opening_hold import is_held
from monitord.core.plan import ProgrammePlan
from monitord.core.present import (
    is_off_since_closed,
    may_be_of_before,
    outage,
    stays_presumed,
)
from monitord.core.proving import forget_proven, gather
from monitord.core.situation import Situation, Transition
from monitord.core.verdict import Verdict, Verdicts


def verdicts(situation: Situation, plan: ProgrammePlan) -> Verdicts:
    """Return the rules of a programme's verdict."""
    return Verdicts(plan, situation.programmes[plan.id].layers, situation.conditions)


def present_verdict(situation: Situation, plan: ProgrammePlan) -> Verdict:
    """Return the verdict of a programme by the last proven values."""
    settling, kinds = situation.programmes[plan.id].settling, situation.kept(plan.id)
    if settling.verdict is None:
        settling.verdict = verdicts(situation, plan).of(kinds)
    return settling.verdict


def settle(
    situation: Situation, plan: ProgrammePlan, now: int, *, limit: int | None = None
) -> Iterator[Draft]:
    """Settle the programme as far as every condition is known; yield the pieces that begin.

    ``limit``: settle no further than that moment.
    """
    memory = situation.programmes[plan.id]
    settling, timelines = memory.settling, situation.timelines
    settling.read(timelines, situation.durable.conditions, memory.settled_to)
    frontier = settling.known_to(timelines, now)
    frontier = frontier if limit is None else min(frontier, limit)
    begin = memory.settled_to
    if frontier > begin:
        rules = verdicts(situation, plan)
        for at in settling.moments(timelines, begin, frontier):
            yield from _open_piece(situation, plan, rules.of(settling.settled), at)
        memory.settled_to = frontier
    # A turn that arrived late lies before the settled time: it is read when that has moved on.
    waits = memory.unsettled and frontier <= begin
    waits = waits or settling.waits or memory.held is not None
    memory.unsettled = waits or memory.settled_to < memory.calendar_seen


def _open_piece(
    situation: Situation, plan: ProgrammePlan, verdict: Verdict, at: int
) -> Iterator[Draft]:
    state = situation.durable.programmes[plan.id]
    piece = state.piece
    before = tuple(piece.possible), piece.blind, piece.quality
    if before == (verdict.possible, verdict.blind, verdict.quality):
        return
    presumed = verdict.blind is not None and stays_presumed(state)
    opened = PieceOpened(at, verdict.possible, verdict.blind, presumed, verdict.quality)
    yield Draft(plan.id, opened)
    if is_bad(verdict.possible) and outage(state) is None:
        transition = Transition("", value=False, begin=at, end=at)
        look = at_moment(situation, at)
        proven = _proof(situation, plan, transition, verdict, look)
        yield from _open(situation, plan, proven, look)


def _open(
    situation: Situation, plan: ProgrammePlan, proven: BadProven, look: Look
) -> Iterator[Draft]:
    """Yield a proof, or hold it back while later stages have not answered since the start."""
    memory = situation.programmes[plan.id]
    if not is_held(situation, memory, Looked(look), proven.not_after):
        memory.held = None
        yield Draft(plan.id, proven)
    elif memory.held is None:
        memory.held = proven


def _release(situation: Situation, plan: ProgrammePlan, now: int) -> Iterator[Draft]:
    """Yield the proof that was held back once its wait is over, unless it is good by then."""
    memory = situation.programmes[plan.id]
    if memory.held is None:
        return
    kinds = situation.kept(plan.id)
    if is_held(situation, memory, kinds, now):
        return
    proven, memory.held = memory.held, None
    if not is_clear(verdicts(situation, plan).of(kinds).possible):
        yield Draft(plan.id, proven)


def prove(situation: Situation, plan: ProgrammePlan, now: int) -> Iterator[Draft]:
    """Yield a proof for each transition that proves a bad moment before the ledger settles it.

    A redundant stage is bad only where one member's bad evidence lies inside the others' held bad;
    judging by the last answers alone would call every clean changeover an outage.
    """
    memory = situation.programmes[plan.id]
    rules = verdicts(situation, plan)
    waiting: list[Transition] = []
    lasts = _lasts(situation, plan)
    gather(situation, memory, now, is_open=lasts)
    for transition in memory.transitions:
        may_open = not lasts and memory.gathered[transition].is_bad
        if may_open and not _is_open(situation, plan, transition.end):
            look = _look_over(situation, transition, now)
            verdict = rules.bad(Looked(look))
            if verdict is not None:
                if _is_news(situation, plan, transition):
                    proven = _proof(situation, plan, transition, verdict, look)
                    yield from _open(situation, plan, proven, look)
                    lasts = _lasts(situation, plan)
                continue
        # While an outage is open another proof is no news; the next one may be.
        if transition.end > memory.settled_to:
            waiting.append(transition)
    memory.transitions = waiting
    forget_proven(memory)
    if _is_open(situation, plan, now):
        memory.held = None
    else:
        yield from _release(situation, plan, now)


def _lasts(situation: Situation, plan: ProgrammePlan) -> bool:
    """Return whether an outage is open whatever the hours of a proof say."""
    durable = situation.durable
    is_off = outage(durable.programmes[plan.id]) is not None
    return is_off and not may_be_of_before(durable, plan.id)


def _is_open(situation: Situation, plan: ProgrammePlan, at: int) -> bool:
    """Return whether an outage is open, so that a proof of that moment is no news.

    In its hours a programme that was proven off only before they began is off again by the first
    proof in them (rule 5.4).
    """
    durable = situation.durable
    if outage(durable.programmes[plan.id]) is None:
        return False
    is_older = is_off_since_closed(durable, plan.id, at)
    return not (is_older and expected_span(durable, plan.id, at)[2] is Expected.ON)


def _is_news(situation: Situation, plan: ProgrammePlan, transition: Transition) -> bool:
    """Return whether a proof is not overtaken: by a clear piece, or by the hours it lies before."""
    state = situation.durable.programmes[plan.id]
    if outage(state) is not None:
        return transition.begin >= expected_span(situation.durable, plan.id, transition.end)[0]
    return not (is_clear(state.piece.possible) and state.piece.start >= transition.end)


def _look_over(situation: Situation, transition: Transition, now: int) -> Look:
    over = over_span(situation, transition.begin, transition.end, now)

    def look(name: str) -> tuple[Kind, str]:
        if name == transition.condition:
            return (Kind.TRUE if transition.value else Kind.FALSE), ""
        return over(name)

    return look


def _proof(
    situation: Situation,
    plan: ProgrammePlan,
    transition: Transition,
    verdict: Verdict,
    look: Look,
) -> BadProven:
    stage, conditions = bad_stage(plan, kinds_of(look))
    return BadProven(
        reason=reason_of(verdict.possible[0]),
        not_before=min(_clear_until(situation, plan, transition), transition.end),
        not_after=transition.end,
        bad_at=transition.begin,
        stage=stage,
        conditions=conditions,
    )


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


def bad_stage(plan: ProgrammePlan, kinds: Kinds) -> tuple[str, tuple[str, ...]]:
    """Return the first stage from the source that is bad, and its failing conditions.

    Later stages are bad as a consequence. An empty stage: nothing is bad.
    """
    bad = (stage for stage in plan.chain if stage_kind(stage, kinds) is Kind.FALSE)
    return next(((stage.id, failing_names(stage, kinds)) for stage in bad), ("", ()))
