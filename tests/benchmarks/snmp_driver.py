"""Drives the production lane against a responder, in a process of its own; prints one JSON line.

``python -m tests.benchmarks.snmp_driver saturated|paced --port P``. The accounting is that of the
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
from dataclasses import dataclass, field

from monitord.clock import SystemClock
from monitord.core.model import SECOND
from monitord.devices.lane import Came
from monitord.devices.model import Decoding, DeviceSettings, ReadError
from monitord.devices.snmp.lane import SnmpLane
from monitord.devices.snmp.messages import build_get
from monitord.devices.snmp.model import SnmpPoint, SnmpSource

OIDS = tuple((1, 3, 6, 1, 4, 1, 99999, 1, number, 0) for number in range(1, 21))
DEADLINE = SECOND * 4 // 5
SLOT = SECOND // 20
SWEEP_EVERY = 2  # slots


class Known:
    """A device as a reader would have learned it: its address is known, its poll is one GET."""

    def __init__(self, address: str, port: int) -> None:
        self.single_get = build_get(b"public", OIDS)
        self.target = (socket.AF_INET, (address, port))


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

    def note(self, ended: list[Came], now: int) -> None:
        """Count what ended and how long it took until handed over."""
        for _, sent_at, raws, _ in ended:
            if raws is None or isinstance(raws, ReadError):
                self.failed += 1
            else:
                self.polls += 1
                self.values += len(raws)
                self.took.append(now - sent_at)

    def print(self) -> None:
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


def built(count: int, port: int) -> SnmpLane:
    """Return a lane that has learned so many devices of the responder."""
    points = tuple(
        SnmpPoint(f"p{place}", oid, Decoding("number")) for place, oid in enumerate(OIDS)
    )
    devices, known = [], []
    for number in range(count):
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        source = SnmpSource(address, port, "public", points)
        name = f"d{number}"
        devices.append(DeviceSettings(name, name, SECOND, DEADLINE, source))
        known.append(Known(address, port))
    lane = SnmpLane(devices, known)
    if not all(lane.learn(number) for number in range(count)):
        raise SystemExit("the lane does not take the devices")
    return lane


def saturated(lane: SnmpLane, count: int, outstanding: int, seconds: float) -> None:
    """Keep so many requests under way; wait only where nothing has come."""
    figures, clock = Figures("own"), SystemClock(None)
    free = deque(range(count))
    readable = select.poll()
    for port in lane._ports:
        readable.register(port.shared.sock, select.POLLIN)
    figures.begin()
    end, under_way, swept = time.perf_counter() + seconds, 0, 0
    while True:
        now = clock.now()
        ended = lane.drain(now)
        if now - swept >= SECOND // 10:
            ended += lane.sweep(now)
            swept = now
        figures.note(ended, now)
        free.extend(came.member for came in ended)
        under_way -= len(ended)
        if time.perf_counter() < end:
            asked = [free.popleft() for _ in range(outstanding - under_way)]
            lane.send(asked, clock.now())
            under_way = outstanding
        if not ended:
            if under_way == 0:
                break
            readable.poll(100)
    figures.print()


async def paced(lane: SnmpLane, count: int, seconds: float) -> None:
    """Poll every device once a second, woken once a slot as the poller is."""
    figures, clock = Figures("own_paced"), SystemClock(None)
    slots = SECOND // SLOT
    members = [range(slot, count, slots) for slot in range(slots)]
    # One second untimed: first answers have nothing to differ from.
    start, slot = clock.now() + SLOT, 0
    while slot < slots * (1 + seconds):
        if slot == slots:
            figures.begin()
            figures.polls = figures.failed = figures.values = 0
            figures.took.clear()
        await clock.sleep_until(start + slot * SLOT)
        ended = lane.drain(clock.now())
        if slot % SWEEP_EVERY == 0:
            ended += lane.sweep(clock.now())
        figures.note(ended, clock.now())
        lane.send(members[slot % slots], clock.now())
        slot += 1
    figures.print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=("saturated", "paced"))
    parser.add_argument("--port", type=int, default=1161)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--outstanding", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=2)
    asked = parser.parse_args()
    lane = built(asked.devices, asked.port)
    if asked.way == "paced":
        asyncio.run(paced(lane, asked.devices, asked.seconds))
    else:
        saturated(lane, asked.devices, asked.outstanding, asked.seconds)
    lane.close()


if __name__ == "__main__":
    main()
