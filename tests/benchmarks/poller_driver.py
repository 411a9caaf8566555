"""Drives the production poller, its readers and its shared socket against a responder.

``python -m tests.benchmarks.poller_driver --port P --devices N``. Values are decoded and handed
over in batches as in the daemon; nobody judges them. Figures are counted after the first contacts.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
from collections.abc import Sequence
from contextlib import suppress

from monitord.clock import SystemClock
from monitord.core.model import SECOND, Answer, Silence
from monitord.decoding.model import Decoding
from monitord.devices import open_readers, open_shared_sockets
from monitord.devices.model import DeviceSettings
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.polling.poller import Poller, SocketAssignment
from tests.benchmarks.snmp_driver import DEADLINE, OIDS, Figures


class Tray:
    """Counts what is handed over."""

    def __init__(self, figures: Figures, clock: SystemClock) -> None:
        self._figures = figures
        self._clock = clock
        self.batches = 0

    def has_room(self, device: str) -> bool:
        del device
        return True

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        """Note how many answers came, and how long after their request they are handed over."""
        self.batches += 1
        now, figures = self._clock.now(), self._figures
        for item in items:
            if isinstance(item, Silence):
                figures.failed += 1
            else:
                figures.polls += 1
                figures.values += len(item.values)
                figures.took.append(now - item.sent_at)


def devices(count: int, port: int) -> list[DeviceSettings]:
    """Return so many devices of the responder, of 20 numbers each at one second."""
    points = tuple(
        SnmpPoint(f"p{place}", oid, Decoding("number", "W")) for place, oid in enumerate(OIDS)
    )
    found = []
    for number in range(count):
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        source = SnmpSource(address, port, Community(V2C, "public"), points)
        found.append(DeviceSettings(f"d{number}", f"d{number}", SECOND, DEADLINE, source))
    return found


async def run(count: int, port: int, warm_up: float, seconds: float) -> None:
    clock, figures = SystemClock(None), Figures(f"poller_{count}")
    tray = Tray(figures, clock)
    polled = devices(count, port)
    readers = open_readers(polled)
    lanes = [SocketAssignment(*found) for found in open_shared_sockets(polled, readers)]
    poller = Poller(polled, readers, clock, tray, assignments=lanes)
    task = asyncio.create_task(poller.run())
    start = clock.now()
    await clock.sleep_until(start + round(warm_up * SECOND))
    figures.begin()
    figures.polls = figures.failed = figures.values = tray.batches = 0
    figures.took.clear()
    await clock.sleep_until(start + round((warm_up + seconds) * SECOND))
    figures.print()
    skipped = sum(state.slots_skipped for state in poller.statuses.values())
    print(f'{{"batches": {tray.batches}, "skipped": {skipped}}}')
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=1161)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--warm-up", type=float, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.freeze()
    asyncio.run(run(asked.devices, asked.port, asked.warm_up, asked.seconds))


if __name__ == "__main__":
    main()
