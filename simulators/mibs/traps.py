"""Equipment that sends traps, as its makers define them. Owns which change is a trap.

A trap comes from a change between two readings of the agent's objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulators.agents.responder import Typed
from simulators.mibs.system import ENTERPRISES, SYSTEM, Oid
from simulators.mibs.transmitters import DEVA, IRT

Shown = Mapping[Oid, Typed]
Trap = tuple[Oid, list[tuple[Oid, Typed]]]
Reports = Callable[[Shown, Shown], list[Trap]]

# IRT: the trap of value .1.N.0 is .0.N. Each has the system's texts, a priority and a count in it.
IRT_TRAPS: Oid = (*IRT[:-1], 0)
IRT_NUMBERS = (3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14)
EVENT_PRIORITY: Oid = (*ENTERPRISES, 19831, 1, 1, 7, 1, 3)
EVENT_COUNTER: Oid = (*ENTERPRISES, 19831, 1, 1, 7, 1, 4)

# DB8008-MIB: source change, audio loss and recovery, with the source each is about.
DEVA_TRAPS: Oid = (*DEVA[:-1], 254, 0)
_SOURCE, _CHOSEN_BY = (*DEVA, 1, 0), (*DEVA, 2, 0)
_SOURCE_CHANGE, _AUDIO_LOSS, _AUDIO_RECOVER = 2, 5, 6
_LOSSES = {(*DEVA, 53, 0): 14, (*DEVA, 54, 0): 16}  # main and auxiliary, digital
_LOST = 2

COLD_START: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 5, 1)


def irt_transmitter(before: Shown, after: Shown) -> list[Trap]:
    """One trap for each object that has changed. The sender fills in the counter."""
    texts = [((*SYSTEM, n, 0), after[*SYSTEM, n, 0]) for n in (1, 5)]
    found: list[Trap] = []
    for number in IRT_NUMBERS:
        oid = (*IRT, number, 0)
        if before[oid] != after[oid]:
            found.append(((*IRT_TRAPS, number), [*texts, (oid, after[oid])]))
    return found


def silence_switcher(before: Shown, after: Shown) -> list[Trap]:
    """Silence and sound on each input, and another source on the output."""
    found: list[Trap] = []
    for oid, source in _LOSSES.items():
        if before[oid] != after[oid]:
            is_lost = after[oid][1] == _LOST
            kind = _AUDIO_LOSS if is_lost else _AUDIO_RECOVER
            found.append(((*DEVA_TRAPS, kind), [(_SOURCE, ("integer", source))]))
    if before[_SOURCE] != after[_SOURCE]:
        varbinds = [(oid, after[oid]) for oid in (_SOURCE, _CHOSEN_BY)]
        found.append(((*DEVA_TRAPS, _SOURCE_CHANGE), varbinds))
    return found


REPORTS: dict[str, Reports] = {
    "dtmb_transmitter": irt_transmitter,
    "silence_switcher": silence_switcher,
}
COUNTED = frozenset({"dtmb_transmitter"})
"""Kinds that number their traps."""
