"""Drives the production shared socket against a responder in a process of its own.

``python -m tests.benchmarks.snmp_driver saturated|paced --port P [--v3]``. Accounting as in the
peers' drivers: CPU of this process alone, by getrusage, divided by the polls that were answered.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import select
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitord.clock import SystemClock
from monitord.core.model import SECOND
from monitord.decoding.model import Decoding
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import build_get
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource, User
from monitord.devices.snmp.reader import SnmpReader
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from monitord.devices.snmp.single_get import SingleGet

OIDS = tuple((1, 3, 6, 1, 4, 1, 99999, 1, number, 0) for number in range(1, 21))
SECURITY = Community(V2C, "public")
NUMBER = Decoding("number")
DEADLINE = SECOND * 4 // 5
SLOT = SECOND // 20
SWEEP_EVERY = 2  # slots


# What the peers' v3 drivers ask of snmpd, and its user.
V3_OIDS = (
    *((1, 3, 6, 1, 2, 1, 1, number, 0) for number in (1, 3, 4, 5, 6, 7)),
    *((1, 3, 6, 1, 2, 1, 11, number, 0) for number in range(1, 15)),
)
V3_USER = User("authpriv", "sha1", "aes128", "authpass123", "privpass123")


class Known:
    """A device as a reader would have learned it: its address is known, its poll is one GET."""

    def __init__(self, address: str, port: int) -> None:
        wire, places = CommunityWire(SECURITY), tuple(range(len(OIDS)))
        target = (address, port)
        self.remarks = wire.remarks
        self.single_get = SingleGet(socket.AF_INET, target, wire, build_get(OIDS), places, ())


@dataclass(slots=True)
class Figures:
    """What a run gave. ``values``: how many came, so that nothing is left out unseen."""

    name: str
    polls: int = 0
    failed: int = 0
    values: int = 0
    took: list[int] = field(default_factory=list)
    began: float = 0.0
    cpu_began: float = 0.0

    def begin(self) -> None:
        gc.collect()
        gc.freeze()
        self.began, self.cpu_began = time.perf_counter(), _cpu_s()

    def note(self, ended: list[PollResult], now: int) -> None:
        """Count what ended and how long it took until handed over."""
        for _, sent_at, raws, _ in ended:
            if raws is None or isinstance(raws, ReadError):
                self.failed += 1
            else:
                self.values += len(raws)
                self.took.append(now - sent_at)
        self.polls += len(ended)

    def print(self) -> None:
        self.polls -= self.failed
        seconds, cpu = time.perf_counter() - self.began, _cpu_s() - self.cpu_began
        took = sorted(self.took)
        line = {
            "name": self.name,
            "polls": self.polls,
            "fail": self.failed,
            "polls_s": round(self.polls / seconds, 1),
            "values_s": round(self.values / seconds),
            "cpu_per_1000": round(cpu / max(1, self.polls) * 1000, 5),
            "cpu_frac": round(cpu / seconds, 3),
            "p50_ms": took[len(took) // 2] / 1000,
            "p99_ms": took[len(took) * 99 // 100] / 1000,
            "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }
        print(json.dumps(line), flush=True)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def built(count: int, port: int) -> SnmpSharedSocket:
    """Return a shared socket that has learned so many devices of the responder."""
    devices, known = [], []
    for number in range(count):
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        devices.append(_device(number, SnmpSource(address, port, SECURITY, _points(OIDS))))
        known.append(Known(address, port))
    return _learned(SnmpSharedSocket(devices, known), count)


async def built_v3(count: int, port: int) -> SnmpSharedSocket:
    """Return a shared socket whose readers read each address of one snmpd once."""
    devices, readers = [], []
    for number in range(count):
        source = SnmpSource(f"127.1.0.{number + 1}", port, V3_USER, _points(V3_OIDS))
        devices.append(_device(number, source))
        readers.append(SnmpReader(source))
        for _ in range(2):  # the first also asks for sysUpTime once more
            await readers[-1].read_raw(2.0)
    shared_socket = _learned(SnmpSharedSocket(devices, readers), count)
    for reader in readers:
        await reader.close()
    return shared_socket


def _device(number: int, source: SnmpSource) -> DeviceSettings:
    return DeviceSettings(f"d{number}", f"d{number}", SECOND, DEADLINE, source)


def _points(oids: Sequence[tuple[int, ...]]) -> tuple[SnmpPoint, ...]:
    return tuple(SnmpPoint(f"p{place}", oid, NUMBER) for place, oid in enumerate(oids))


def _learned(shared_socket: SnmpSharedSocket, count: int) -> SnmpSharedSocket:
    if not all(shared_socket.learn(number) for number in range(count)):
        raise SystemExit("the shared socket does not take the devices")
    return shared_socket


def saturated(
    shared_socket: SnmpSharedSocket, count: int, outstanding: int, seconds: float
) -> None:
    """Keep so many requests under way; wait only where nothing has come."""
    figures, clock = Figures("own"), SystemClock(None)
    free = deque(range(count))
    readable = select.poll()
    readable.register(shared_socket, select.POLLIN)
    figures.begin()
    end, under_way, swept = time.perf_counter() + seconds, 0, 0
    while True:
        now = clock.now()
        ended = shared_socket.drain(now)
        if now - swept >= SECOND // 10:
            ended += shared_socket.sweep(now)
            swept = now
        figures.note(ended, now)
        free.extend(came.member for came in ended)
        under_way -= len(ended)
        if time.perf_counter() < end:
            asked = [free.popleft() for _ in range(outstanding - under_way)]
            shared_socket.send(asked, clock.now())
            under_way = outstanding
        if not ended:
            if under_way == 0:
                break
            readable.poll(100)
    figures.print()


async def paced(shared_socket: SnmpSharedSocket, count: int, rate: int, seconds: float) -> None:
    """Make ``rate`` polls a second, woken once a slot as the poller is."""
    figures, clock = Figures("own_paced"), SystemClock(None)
    slots = SECOND // SLOT
    turns = count * slots // rate
    members = [range(turn, count, turns) for turn in range(turns)]
    under_way = bytearray(count)
    # One second untimed: first answers have nothing to differ from.
    start, slot = clock.now() + SLOT, 0
    while slot < slots * (1 + seconds):
        if slot == slots:
            figures.begin()
            figures.polls = figures.failed = figures.values = 0
            figures.took.clear()
        await clock.sleep_until(start + slot * SLOT)
        ended = shared_socket.drain(clock.now())
        if slot % SWEEP_EVERY == 0:
            ended += shared_socket.sweep(clock.now())
        figures.note(ended, clock.now())
        for came in ended:
            under_way[came[0]] = False
        # One request a member at a time: where the agent is slower than its turn, that is left out.
        asked = [member for member in members[slot % turns] if not under_way[member]]
        for member in asked:
            under_way[member] = True
        shared_socket.send(asked, clock.now())
        slot += 1
    figures.print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=("saturated", "paced"))
    parser.add_argument("--port", type=int, default=1161)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--outstanding", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--v3", action="store_true")
    asked = parser.parse_args()
    if asked.v3:
        shared_socket = asyncio.run(built_v3(asked.devices, asked.port))
    else:
        shared_socket = built(asked.devices, asked.port)
    if asked.way == "paced":
        asyncio.run(paced(shared_socket, asked.devices, asked.rate, asked.seconds))
    else:
        saturated(shared_socket, asked.devices, asked.outstanding, asked.seconds)
    shared_socket.close()


if __name__ == "__main__":
    main()
