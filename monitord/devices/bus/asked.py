"""Which request an answer without a number may belong to, by its shape. Knows no protocol.

A shape is all by which one answer of a device differs from another, such as table and count of
octets. An answer of a shape that was asked long ago, or never, can only be that of its own request.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from monitord.core.model import SECOND

LATE_MAX: Final = 3 * SECOND
"""No answer comes later than this after its request."""
_SHAPES_MAX: Final = 256

Shape = TypeVar("Shape", bound=Hashable)


@dataclass(slots=True)
class AskedShapes:
    """When requests of each shape went to one device, last. Times in microseconds.

    ``last``: the shape of the last request.
    """

    last: Hashable = None
    _asked: dict[Hashable, tuple[int, int]] = field(default_factory=dict)

    def longest_ago(self, shapes: Iterable[Shape]) -> Shape:
        """Return the shape that was asked longest ago; one that never was goes first."""
        return min(shapes, key=lambda shape: self._asked.get(shape, (-1, -1))[1])

    def begin(self, shape: Hashable, now: int) -> int:
        """Note a request; return the earliest moment that an answer of its shape may be of.

        That is now, or the request of this shape before, if its answer may still come.
        """
        before, self.last = self.last, shape
        began, ended = self._asked.pop(shape, (now, -LATE_MAX))
        if len(self._asked) >= _SHAPES_MAX:
            self._asked.pop(next(iter(self._asked)))
        self._asked[shape] = now, now
        may_be_late = ended >= now - LATE_MAX or before == shape
        return began if may_be_late else now

    def end(self, shape: Hashable, now: int) -> None:
        """Note that the wait for an answer to the last request of this shape is over."""
        self._asked[shape] = self._asked.get(shape, (now, now))[0], now
