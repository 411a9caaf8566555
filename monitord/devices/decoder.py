"""Decodes the answers of one device, one after the other. Remembers its last; judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitord.core.model import Value
from monitord.devices.decode import Raw, decode_all
from monitord.devices.model import SourcePoint


class Reading(NamedTuple):
    """One answer's values, and (place, value) of those too implausible to be one."""

    values: tuple[Value, ...]
    suspected: tuple[tuple[int, Value], ...] = ()


class Decoder:
    """One device's; an unchanged answer returns the very same tuple of values."""

    def __init__(self, points: Sequence[SourcePoint]) -> None:
        self._points = tuple(points)
        self._last: Reading | None = None

    def take(self, raws: Sequence[Raw], at: int, changed: tuple[int, ...] | None) -> Reading:
        """Return what an answer received at ``at`` says.

        ``changed``: places that differ from the answer before, None when all may.
        """
        del at
        if self._last is None or changed != ():
            values = decode_all(raws, self._points)
            if self._last is None or self._last.values != values:
                self._last = Reading(values)
        return self._last
