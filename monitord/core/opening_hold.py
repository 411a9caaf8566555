"""Whether a bad programme may open yet, while stages have not answered since the start. Owns that.

Bad of a layer's last stage waits for nothing. Bad of an earlier one waits until the later stages of
its layer have answered once, at most their bound: their first answer may show that it is good.
Only new openings wait; who decides the verdict is not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from monitord.core.chain import stage_names
from monitord.core.expression import Kind
from monitord.core.plan import StagePlan
from monitord.core.situation import ProgrammeMemory, Situation
from monitord.core.verdict import StageKinds, decide


def is_held(situation: Situation, memory: ProgrammeMemory, kinds: StageKinds, at: int) -> bool:
    """Return whether every layer that is bad by these kinds waited for its later stages at ``at``.

    ``kinds``: as known of that moment.
    """
    decided = [(*decide(layer, kinds), layer.stages) for layer in memory.layers]
    bad = [stages[: stages.index(stage)] for kind, stage, stages in decided if kind is Kind.FALSE]
    return bool(bad) and all(_waits(situation, memory, later, at) for later in bad)


def _waits(
    situation: Situation, memory: ProgrammeMemory, later: Sequence[StagePlan], at: int
) -> bool:
    names = [name for stage in later for name in stage_names(stage)]
    conditions = [situation.conditions[name] for name in names]
    bound = max((condition.bound for condition in conditions), default=0)
    if at > _wait_from(situation, memory, bound) + bound:
        return False
    devices = dict.fromkeys(condition.device for condition in conditions)
    first = (situation.devices[device].first_at for device in devices)
    return any(answered is None or answered > at for answered in first)


def _wait_from(situation: Situation, memory: ProgrammeMemory, bound: int) -> int:
    """Return when the wait began; starts that follow one another within it share one."""
    if memory.begun != situation.started:
        return memory.begun
    starts = situation.durable.starts
    begun = starts[0]
    for before, start in pairwise(starts):
        if start - before > bound:
            begun = start
    return begun
