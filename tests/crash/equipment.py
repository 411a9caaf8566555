"""Equipment that outlives every kill, its script of outages, and notes of what it answered to whom.

Owns the truth, in microseconds of CLOCK_BOOTTIME. Knows nothing of the daemon but its requests.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Self

from tests.crash.configuration import (
    COMMUNITY,
    FALLEN_W,
    POWER_OID,
    PROGRAMMES,
    RADIATING_W,
    SECOND,
    TRANSMITTERS,
)
from tests.support.agents import SnmpAgent
from tests.support.wire import StreamServer

OUTAGE_S, PAUSE_S = (1.5, 6.0), (1.0, 2.5)
# Each longer than bound and widest evidence together, 0.72 s: none may be passed over.
_READ_DISCRETE_INPUTS = 2
_ILLEGAL_FUNCTION = 1


def boottime() -> int:
    """Return microseconds since boot, on the clock that the record's axis follows."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


@dataclass(frozen=True, slots=True)
class Outage:
    """What truly happened: no carrier, or no sound, over [``begin``, ``end``)."""

    programme: str
    carrier: bool
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer given: to whom (a socket's port), when the request came, who was shown as bad."""

    device: str
    peer: int
    at: int
    bad: tuple[str, ...]


class Script:
    """One programme's outages, drawn as time goes on until ``stop``."""

    def __init__(self, programme: str, random: Random, begin: int) -> None:
        self._programme = programme
        self._random = random
        self._stopped = False
        self._drawn_to = begin
        self.outages: list[Outage] = []

    def bad(self, at: int) -> Outage | None:
        """Return the outage under way at ``at``, which never decreases from call to call."""
        while not self._stopped and self._drawn_to <= at:
            self._draw()
        place = bisect_right(self.outages, at, key=lambda outage: outage.begin) - 1
        found = self.outages[place] if place >= 0 else None
        return found if found is not None and at < found.end else None

    def stop(self, at: int) -> None:
        """End what is under way: from ``at`` on all is well."""
        self._stopped = True
        begun = [outage for outage in self.outages if outage.begin < at]
        self.outages = [Outage(o.programme, o.carrier, o.begin, min(o.end, at)) for o in begun]

    def _draw(self) -> None:
        begin = self._drawn_to + self._span(PAUSE_S)
        end = begin + self._span(OUTAGE_S)
        carrier = self._random.random() < 0.5
        self.outages.append(Outage(self._programme, carrier, begin, end))
        self._drawn_to = end

    def _span(self, bounds: tuple[float, float]) -> int:
        return round(self._random.uniform(*bounds) * SECOND)


class Equipment:
    """Three transmitters' agents and the room's input module, on real sockets."""

    def __init__(self, random: Random) -> None:
        begin = boottime()
        self.scripts = {
            id_: Script(id_, Random(random.getrandbits(64)), begin) for id_ in PROGRAMMES
        }
        self.asked: list[Asked] = []
        self.transmitters = [
            _Transmitter(self, *pair) for pair in zip(TRANSMITTERS, PROGRAMMES, strict=True)
        ]
        self.room_io = StreamServer(self._serve_inputs)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for server in (*self.transmitters, self.room_io):
            await self._stack.enter_async_context(server)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def stop_outages(self) -> None:
        """Let all be well from now on."""
        now = boottime()
        for script in self.scripts.values():
            script.stop(now)

    def outages(self) -> Iterator[Outage]:
        """Return everything that truly happened."""
        for script in self.scripts.values():
            yield from script.outages

    async def _serve_inputs(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer = writer.get_extra_info("peername")[1]
        while True:
            head = await reader.readexactly(7)
            body = await reader.readexactly(int.from_bytes(head[4:6]) - 1)
            answer = self._inputs(peer, body)
            writer.write(head[:4] + (1 + len(answer)).to_bytes(2) + head[6:] + answer)
            await writer.drain()

    def _inputs(self, peer: int, body: bytes) -> bytes:
        if body[0] != _READ_DISCRETE_INPUTS:
            return bytes((0x80 | body[0], _ILLEGAL_FUNCTION))
        at = boottime()
        under_way = {id_: script.bad(at) for id_, script in self.scripts.items()}
        silent = [outage is not None and not outage.carrier for outage in under_way.values()]
        bad = tuple(id_ for id_, is_bad in zip(under_way, silent, strict=True) if is_bad)
        self.asked.append(Asked("room_io", peer, at, bad))
        start, count = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
        bits = sum(1 << place for place, bit in enumerate(silent[start : start + count]) if bit)
        data = bits.to_bytes(-(-count // 8), "little")
        return bytes((_READ_DISCRETE_INPUTS, len(data))) + data


class _Transmitter(SnmpAgent):
    """Shows the power of one programme's transmitter at the moment of the request."""

    def __init__(self, equipment: Equipment, device: str, programme: str) -> None:
        super().__init__({POWER_OID: RADIATING_W}, community=COMMUNITY)
        self._equipment = equipment
        self._device = device
        self._programme = programme

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        at = boottime()
        outage = self._equipment.scripts[self._programme].bad(at)
        fallen = outage is not None and outage.carrier
        self.values[POWER_OID] = FALLEN_W if fallen else RADIATING_W
        bad = (self._programme,) if fallen else ()
        self._equipment.asked.append(Asked(self._device, addr[1], at, bad))
        super().datagram_received(data, addr)
