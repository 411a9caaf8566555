"""What answers prove over the span of each turn that may prove a programme bad. Owns that memory.

A stage may rest on thousands of devices. An answer is read for the turns that wait, and no turn
asks every device again at each answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitord.core.expression import Kind
from monitord.core.situation import ProgrammeMemory, Situation, Transition

_DECIDED = (Kind.FALSE, Kind.TRUE)


def note_heard(situation: Situation, device: str) -> None:
    """Read a device that answered for every turn that waits."""
    for memory in situation.devices[device].watched_by:
        if memory.transitions:
            memory.heard[device] = None


def gather(situation: Situation, memory: ProgrammeMemory, now: int, *, is_open: bool) -> None:
    """Read what was proven since the last time over the span of each turn.

    ``is_open``: an outage lasts, so that no proof is news: the devices are read when it is over.
    """
    if is_open:
        return
    # The ends of its new turns are added meanwhile, and read too.
    for turn in memory.transitions:
        if turn not in memory.gathered:
            _begin(situation, memory, turn, now)
        _read(situation, memory, turn, now, memory.heard)
    memory.heard.clear()


def _begin(situation: Situation, memory: ProgrammeMemory, turn: Transition, now: int) -> None:
    """Begin to gather for a turn, and let its end wait beside it where that may prove more."""
    present = memory.settling.present
    found = memory.gathered[turn] = present.gather()
    if turn.condition:
        found.store(present.leaf(turn.condition), Kind(turn.value))
    if situation.is_tied or turn.end < now:
        # Others may have answered after the turn already.
        _read(situation, memory, turn, now, None)
    if turn.condition and not found.is_bad:
        memory.transitions.append(_just_after(turn))


def _just_after(turn: Transition) -> Transition:
    """Return the moment at which a turn is over, as one that no condition is taken to turn at.

    Where two turn at once, neither is proven over the other's whole span. From its end on the value
    holds if a further answer has it too, as in the ledger; so the moment ends a microsecond later.
    """
    return turn._replace(condition="", begin=turn.end, end=turn.end + 1)


def _read(
    situation: Situation,
    memory: ProgrammeMemory,
    turn: Transition,
    now: int,
    devices: Iterable[str] | None,
) -> None:
    """Store what the answers of these devices, or of all, prove over the span of a turn.

    One that is proven bad stays so, and nothing more is read for it.
    """
    found = memory.gathered[turn]
    if found.is_bad:
        return
    for leaf in memory.settling.present.leaves(devices):
        if not found.has(leaf):
            kind, _ = situation.timelines[leaf.name].over(turn.begin, turn.end, now)
            if kind in _DECIDED:
                found.store(leaf, kind)


def forget_proven(memory: ProgrammeMemory) -> None:
    """Drop what belongs to turns that do not wait any more."""
    if memory.gathered:
        gathered, waiting = memory.gathered, memory.transitions
        memory.gathered = {turn: gathered[turn] for turn in waiting if turn in gathered}
    if not memory.transitions:
        memory.heard.clear()
