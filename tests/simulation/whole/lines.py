"""Modbus units over lines in memory: each reports what the plant has at that moment.

Of the answers 3 % get lost, 5 % are late, up to the deadline, 1 % come after it, and 2 % come once
more, some behind the next request. Draws from the generator that it is given; sends nothing over a
network.
"""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from monitord.devices.bus.settings import Line
from tests.simulation.facts import MS, SECOND
from tests.simulation.lines import SimDevice
from tests.simulation.meter import Meter
from tests.simulation.whole.virtual_clock import WholeClock
from tests.support.virtual_time import BufferedLine

LOST, LATE, TOO_LATE, AGAIN = 0.03, 0.05, 0.01, 0.02
AGAIN_WITHIN = 1500 * MS

_HEADER = struct.Struct(">HHHB")
_REQUEST = struct.Struct(">BHH")
_BITS = (1, 2)


class PlantLine(BufferedLine):
    """A connection to the unit of one simulated device.

    ``is_there``: whether the device has this address now; at another one nobody answers. ``drawn``:
    counts what befell its answers. ``meter``: what shows its values.
    """

    def __init__(
        self,
        line: Line,
        device: SimDevice,
        clock: WholeClock,
        random: Random,
        *,
        is_there: Callable[[], bool],
        drawn: Counter[str],
        meter: Meter | None = None,
    ) -> None:
        super().__init__(line)
        self._device = device
        self._is_there = is_there
        self._drawn = drawn
        self._meter = meter
        self._clock = clock
        self._random = random

    async def send(self, octets: bytes) -> None:
        now, device, random = self._clock.now(), self._device, self._random
        luck = random.random()
        if device.silent.at(now) or luck < LOST or not self._is_there():
            return
        latency = random.randrange(MS, device.deadline if luck < LOST + LATE else 40 * MS)
        looked = now + random.randrange(latency)
        values = [int(signal.at(looked)) for signal in device.reported]
        if self._meter is not None:
            values = [self._meter.shows(watts, looked) for watts in values]
        answer = answer_to(octets, values)
        self._drawn["slow_reads"] += _REQUEST.unpack_from(octets, _HEADER.size)[1] > 0
        if luck > 1 - TOO_LATE:
            latency += device.deadline
            self._drawn["too_late"] += 1
        self._arrive_after(latency, answer)
        if random.random() < AGAIN:
            self._arrive_after(latency + random.randrange(AGAIN_WITHIN), answer)
            self._drawn["again"] += 1

    def _arrive_after(self, latency: int, answer: bytes) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(latency / SECOND, self._arrive, answer, self.opened)

    def _arrive(self, octets: bytes, connection: int) -> None:
        """Let an answer arrive, if the connection that asked for it is still open."""
        if connection == self.opened:
            self.take(octets)


def answer_to(request: bytes, values: Sequence[int]) -> bytes:
    """Return a unit's answer to a read of bits or registers; cell n holds value n."""
    number, protocol, _, unit = _HEADER.unpack_from(request)
    function, start, count = _REQUEST.unpack_from(request, _HEADER.size)
    cells = values[start : start + count]
    if function in _BITS:
        octets = bytearray((count + 7) // 8)
        for place, value in enumerate(cells):
            octets[place // 8] |= bool(value) << place % 8
        data = bytes(octets)
    else:
        data = struct.pack(f">{count}h", *cells)
    pdu = bytes((function, len(data))) + data
    return _HEADER.pack(number, protocol, len(pdu) + 1, unit) + pdu
