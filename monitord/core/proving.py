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
    gathered, present = memory.gathered, memory.settling.present
    for turn in memory.transitions:
        if turn not in gathered:
            gathered[turn] = present.gather()
            gathered[turn].store(present.leaf(turn.condition), Kind(turn.value))
            if situation.is_tied or turn.end < now:
                # Others may have answered after the turn already.
                _read(situation, memory, turn, now, None)
        _read(situation, memory, turn, now, memory.heard)
    memory.heard.clear()


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
