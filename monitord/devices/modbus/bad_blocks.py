"""Blocks of one Modbus unit that fail while its others are answered. No I/O.

A unit may be silent, or answer wrongly, at one block only. That must not hide the others: such a
block is asked last, and after it failed ``CERTAIN`` times in a row more and more rarely.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from monitord.devices.modbus.blocks import Block

T = TypeVar("T")

CERTAIN = 3
"""Fewer failures may be chance: then the whole read fails, as for a unit of one block."""
_AGAIN_FIRST, _AGAIN_LAST = 8, 512  # reads

_Key = tuple[str, int, int]


class BadBlocks:
    """Failures in a row of each block, and when a block is asked again."""

    def __init__(self) -> None:
        self._failures: dict[_Key, int] = {}
        self._not_before: dict[_Key, int] = {}
        self._reads = 0

    def begin_read(self) -> None:
        """Count a read."""
        self._reads += 1

    def in_order(self, blocks: Iterable[tuple[Block, T]]) -> list[T]:
        """Return what belongs to the blocks that are due, those that failed last."""
        due = [pair for pair in blocks if self._reads >= self._not_before.get(_key(pair[0]), 0)]
        return [one for _, one in sorted(due, key=lambda pair: _key(pair[0]) in self._failures)]

    def note_answered(self, block: Block) -> None:
        """Forget the failures of a block."""
        if self._failures:
            self._failures.pop(_key(block), None)
            self._not_before.pop(_key(block), None)

    def note_failed(self, block: Block, *, others_answered: bool) -> bool:
        """Note a failure; return whether it is certain that this block alone is bad."""
        key = _key(block)
        self._failures[key] = failures = self._failures.get(key, 0) + 1
        if failures < CERTAIN or not others_answered:
            return False
        wait = min(_AGAIN_LAST, _AGAIN_FIRST << min(failures - CERTAIN, 6))
        self._not_before[key] = self._reads + wait
        return True

    def forget(self) -> None:
        """Ask every block again: the unit as a whole gave no answer."""
        self._not_before.clear()


def _key(block: Block) -> _Key:
    return block.table, block.start, block.count
