"""Puts what a device's fast and slow reads brought into one answer. Owns how long slow ones stand.

Each pace has its own decoder, because a decoder that remembers must see each read once.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitord.core.model import Value
from monitord.decoding.decoder import Decoder, Reading
from monitord.decoding.rules import Raw
from monitord.devices.model import DeviceSettings


class Values:
    """The values of one device. Places are those of ``settings.points``."""

    def __init__(self, settings: DeviceSettings) -> None:
        points = settings.points
        self._slow_places = settings.slow
        slow = set(settings.slow)
        self.fast_places = tuple(place for place in range(len(points)) if place not in slow)
        self._fast = Decoder([points[place] for place in self.fast_places], settings.all_zero)
        self._slow = Decoder([points[place] for place in settings.slow], settings.all_zero)
        self._stands = settings.slow_every + settings.deadline
        self._slow_reading: Reading | None = None
        self._slow_sent_at = 0
        self._parts: tuple[Reading, Reading | None] | None = None
        self._whole = Reading(())

    def take(
        self, raws: Sequence[Raw], sent_at: int, at: int, changed: tuple[int, ...] | None
    ) -> Reading:
        """Return the whole answer that a read of the fast points makes.

        Slow points stand in it as last read, and are absent where that was sent longer than
        ``slow_every`` and the deadline before this. Unchanged, the very same values are returned.
        """
        fast = self._fast.decode(raws, at, changed)
        if not self._slow_places:
            return fast
        slow = self._slow_reading
        if slow is not None and sent_at - self._slow_sent_at > self._stands:
            slow = None
        if self._parts is None or not _same(self._parts, (fast, slow)):
            self._whole = self._merge(fast, slow)
        self._parts = fast, slow
        return self._whole

    def take_slow(self, raws: Sequence[Raw], sent_at: int, at: int) -> None:
        """Keep what a read of the slow points brought."""
        self._slow_reading = self._slow.decode(raws, at, None)
        self._slow_sent_at = sent_at

    def _merge(self, fast: Reading, slow: Reading | None) -> Reading:
        whole: list[Value] = [None] * (len(self.fast_places) + len(self._slow_places))
        suspected: list[tuple[int, Value]] = []
        for places, reading in ((self.fast_places, fast), (self._slow_places, slow)):
            if reading is not None:
                for place, value in zip(places, reading.values, strict=True):
                    whole[place] = value
                suspected += [(places[place], value) for place, value in reading.suspected]
        values = tuple(whole)
        if values == self._whole.values:
            values = self._whole.values
        return Reading(values, tuple(sorted(suspected, key=lambda found: found[0])))


def _same(before: tuple[Reading, Reading | None], now: tuple[Reading, Reading | None]) -> bool:
    fast, slow = now
    fast_before, slow_before = before
    if fast.values is not fast_before.values or fast.suspected != fast_before.suspected:
        return False
    if slow is None or slow_before is None:
        return slow is slow_before
    return slow.values is slow_before.values and slow.suspected == slow_before.suspected
