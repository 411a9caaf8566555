"""The end of monitord's own runs in the record; ``adoption.py`` starts them."""

from __future__ import annotations

from monitord.core.chain import programme_names
from monitord.core.events import Draft, RunStopped
from monitord.core.plan import ProgrammePlan
from monitord.core.situation import Situation
from monitord.core.values import Numbering


def margin(situation: Situation, plan: ProgrammePlan) -> int:
    """Return how long before its last finished tick a run may have lost a programme.

    Bound, deadline and lag of the widest condition: a last good answer may be that old.
    """
    return max(reach(situation, name) for name in programme_names(plan))


def widest_margin(situation: Situation) -> int:
    """Return the same where the chain is not known any more: of the widest condition there is."""
    return max((reach(situation, name) for name in situation.conditions), default=0)


def reach(situation: Situation, name: str) -> int:
    """Return how old the last proof of a condition may be while it is held: one good answer."""
    condition = situation.conditions[name]
    plan = situation.devices[condition.device].plan
    reach = condition.bound + plan.deadline
    # Without numbers the evidence of an answer begins at the request before its own.
    reach = reach if plan.numbering is Numbering.NUMBERED else 2 * reach
    return reach + max(condition.true_lag, condition.false_lag)


def settled_end(situation: Situation, programme: str, at: int) -> int:
    """Return up to when the present devices and chain settle a programme."""
    memory = situation.programmes[programme]
    known = situation.known_to(programme, at)
    settled = memory.settled_to if memory.unsettled else max(known, memory.settled_to)
    return max(settled, situation.durable.programmes[programme].piece.start)


def stop(situation: Situation, at: int) -> Draft:
    """End a run in order: record how far each programme is settled."""
    ends = {name: settled_end(situation, name, at) for name in situation.programmes}
    return Draft("", RunStopped(ends))
