"""Finds rows of tables by the text of one of their cells, and detects when they move. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from monitord.decoding.charsets import text_of
from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import Oid
from monitord.devices.snmp.model import RowKey
from monitord.devices.snmp.walk import COMPLETE, Walk

CELLS_MAX = 4_096
_SEEK_AGAIN_FIRST, _SEEK_AGAIN_LAST = 8, 512  # reads


def is_row(raw: Raw, wanted: str) -> bool:
    """Return whether a key's cell has this text, without blanks around it; numbers compare as text.

    False for an absent cell.
    """
    text = text_of(raw)
    return text is not None and text.strip() == wanted


class RowSearch:
    """The indexes of one agent's rows. ``missing``: rows that are not found, with the reason.

    It walks one column at a time, over as many reads as needed.
    """

    def __init__(self, keys: Iterable[RowKey], version: int) -> None:
        self.missing: dict[RowKey, str] = {}
        self._places: dict[RowKey, Oid] = {}
        self._keys = tuple(dict.fromkeys(keys))
        self._version = version
        self._walk: tuple[Oid, Walk] | None = None
        self._reads = 0
        self._seek_at = dict.fromkeys(self._keys, 0)
        self._seek_in = dict.fromkeys(self._keys, _SEEK_AGAIN_FIRST)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def begin_read(self) -> None:
        """Count a read."""
        self._reads += 1

    def place(self, key: RowKey) -> Oid | None:
        """Return the row's index, None where unknown."""
        return self._places.get(key)

    def note_lost(self, key: RowKey) -> None:
        """Note that the cell at the row's index has another text; the next read searches for it.

        Another row may have this index now, so the values of this read are not the row's own.
        """
        self._places.pop(key, None)
        self._seek_at[key] = self._reads + 1

    def walk(self) -> Walk | None:
        """Return the walk to continue, None where no row is searched for."""
        if self._walk is None:
            due = (key for key in self._keys if self._is_due(key))
            if (key := next(due, None)) is None:
                return None
            self._walk = key.column, Walk(key.column, self._version, cells_max=CELLS_MAX)
        return self._walk[1]

    def end_walk(self) -> bool:
        """Use the cells of a walk that ended; return whether a row was found."""
        if self._walk is None or not self._walk[1].ended:
            return False
        (column, walk), self._walk = self._walk, None
        before = len(self._places)
        for key in self._keys:
            if key.column == column and self._is_due(key):
                self._search(key, walk)
        return len(self._places) > before

    def _is_due(self, key: RowKey) -> bool:
        return key not in self._places and self._reads >= self._seek_at[key]

    def _search(self, key: RowKey, walk: Walk) -> None:
        length = len(key.column)
        found = [one.oid[length:] for one in walk.cells if one.oid and is_row(one.raw, key.value)]
        if len(found) == 1:
            self._places[key] = found[0]
            self.missing.pop(key, None)
            self._seek_in[key] = _SEEK_AGAIN_FIRST
            return
        self._seek_at[key] = self._reads + self._seek_in[key]
        self._seek_in[key] = min(_SEEK_AGAIN_LAST, 2 * self._seek_in[key])
        self.missing[key] = _why(key, len(found), walk)


def _why(key: RowKey, found: int, walk: Walk) -> str:
    if found:
        return f"{found} rows have {key.value!r}: {key.where} is not unique"
    end = "" if walk.ended == COMPLETE else f"; the walk ended early: {walk.detail}"
    return f"none of {len(walk.cells)} rows has {key.value!r} ({key.where}){end}"
