"""The line of each key and item of a file. Owns lines; knows no key."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import cached_property
from typing import Any

Path = tuple[str, ...]


class Places:
    """Lines of a document's keys and items, found by their key path.

    ``lines``: in the order in which keys and items are read. The index by path is built at the
    first question: a file without errors never needs it.
    """

    def __init__(self, document: Any, lines: array[int]) -> None:
        self._document = document
        self._lines = lines

    def line(self, path: Path) -> int:
        """Return the line of the nearest key on the way to ``path``, 0 where there is none."""
        for length in range(len(path), 0, -1):
            if (line := self._by_path.get(path[:length])) is not None:
                return line
        return 0

    @cached_property
    def _by_path(self) -> dict[Path, int]:
        return dict(zip(paths(self._document), self._lines, strict=True))


def paths(value: Any, top: Path = ()) -> Iterator[Path]:
    """Yield the path of every key and item below ``value``, in the order they are read."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        path = (*top, str(key))
        yield path
        if isinstance(item, dict | list):
            yield from paths(item, path)
