"""Decodes the reads of one device: its fast points, its slow points, and both as one answer.

Fast and slow points have one ``Decoder`` each: a decoder must see every read of its points once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from monitord.core.model import Value
from monitord.decoding.decoder import Decoder, Reading, are_same
from monitord.decoding.model import SourcePoint
from monitord.decoding.rules import Raw


class DeviceDecoder:
    """The decoder of one device. Places are indexes into ``points``.

    ``points``: first the points that are read, then the derived ones. ``all_zero``: a mode of
    ``plausibility.AllZeroCheck``. ``slow``: places of the points with a read of their own.
    ``slow_valid_for``: microseconds after its request for which a slow read is used.
    """

    __slots__ = (
        "_fast",
        "_fast_places",
        "_merged",
        "_parts",
        "_slow",
        "_slow_places",
        "_slow_reading",
        "_slow_sent_at",
        "_slow_valid_for",
    )

    def __init__(
        self,
        points: Sequence[SourcePoint],
        all_zero: str,
        slow: Sequence[int] = (),
        slow_valid_for: int = 0,
    ) -> None:
        self._slow_places = tuple(slow)
        self._fast_places = fast = _others(len(points), self._slow_places)
        self._fast = Decoder([points[place] for place in fast], all_zero)
        # Most devices have no slow points, and a decoder of none takes 0.5 kB.
        self._slow = Decoder([points[place] for place in slow], all_zero) if slow else None
        self._slow_valid_for = slow_valid_for
        self._slow_reading: Reading | None = None
        self._slow_sent_at = 0
        self._parts: tuple[Reading, Reading | None] | None = None
        self._merged = Reading(())

    def decode(
        self, raws: Sequence[Raw], sent_at: int, at: int, changed: tuple[int, ...] | None
    ) -> Reading:
        """Return the reading of all points after a read of the fast points.

        ``sent_at``, ``at``: site time of request and answer, microseconds. ``changed``: places in
        ``raws`` that differ from the read before; None: any may. Slow points keep their last read;
        they are absent if its request left more than ``slow_valid_for`` before ``sent_at``. If
        nothing changed, the same values object is returned.
        """
        fast = self._fast.decode(raws, at, changed)
        if not self._slow_places:
            return fast
        slow = self._slow_reading
        if slow is not None and sent_at - self._slow_sent_at > self._slow_valid_for:
            slow = None
        if self._parts is None or not _are_equal(self._parts, (fast, slow)):
            self._merged = self._merge(fast, slow)
        self._parts = fast, slow
        return self._merged

    def decode_slow(self, raws: Sequence[Raw], sent_at: int, at: int) -> None:
        """Keep a read of the slow points; times as in ``decode``."""
        assert self._slow is not None
        self._slow_reading = self._slow.decode(raws, at, None)
        self._slow_sent_at = sent_at

    def _merge(self, fast: Reading, slow: Reading | None) -> Reading:
        merged: list[Value] = [None] * (len(self._fast_places) + len(self._slow_places))
        suspected: list[tuple[int, Value]] = []
        for places, reading in ((self._fast_places, fast), (self._slow_places, slow)):
            if reading is not None:
                for place, value in zip(places, reading.values, strict=True):
                    merged[place] = value
                suspected += [(places[place], value) for place, value in reading.suspected]
        values = tuple(merged)
        if are_same(values, self._merged.values):
            values = self._merged.values
        return Reading(values, tuple(sorted(suspected, key=lambda found: found[0])))


@cache
def _others(count: int, slow: tuple[int, ...]) -> tuple[int, ...]:
    """Return the other places; one object for all devices of a profile."""
    return tuple(place for place in range(count) if place not in slow)


def _are_equal(before: tuple[Reading, Reading | None], now: tuple[Reading, Reading | None]) -> bool:
    """Compare value tuples by identity: a decoder returns the same object while nothing changed."""
    fast, slow = now
    fast_before, slow_before = before
    if fast.values is not fast_before.values or fast.suspected != fast_before.suspected:
        return False
    if slow is None or slow_before is None:
        return slow is slow_before
    return slow.values is slow_before.values and slow.suspected == slow_before.suspected
