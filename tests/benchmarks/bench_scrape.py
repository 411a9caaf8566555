"""What a scrape of 10,000 devices with 20 points costs, and how long it holds up the loop.

``python -m tests.benchmarks.bench_scrape`` prints and keeps; nothing is asserted. The peer in the
same run is prometheus_client's own writer, which writes all in one piece. CPU time of the thread.
The second table is eight that scrape without a pause, while devices are polled: how long a turn of
the loop takes at most, and how long polls take with and without them.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitord.clock import SystemClock
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Silence, Started
from monitord.core.pipeline import advance
from monitord.core.situation import Situation
from monitord.decoding.model import Decoding
from monitord.devices import open_readers
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.garbage import leave_out_what_is_in_use
from monitord.metrics.devices import device_metrics
from monitord.metrics.page import MetricsPage
from monitord.metrics.points import PointMetrics
from monitord.polling.poller import Poller
from monitord.web import Web
from tests.benchmarks.figures import keep
from tests.benchmarks.scale_plan import DEADLINE, POINTS, SLOT, scale_plan
from tests.benchmarks.scrape_load import HOSTS, scraped, units
from tests.long.results import BenchTable

COUNT = 10_000
RUNS = 5
SCRAPERS = 8
POLL_EVERY = SECOND // 2
WARM_UP_S, WINDOW_S = 3.0, 12.0
T0 = 1_700_000_000 * SECOND


def unit_of(port: int, host: str = "127.0.0.1") -> ModbusSource:
    """Return how the points of one device are read."""
    watts = Decoding("number", "W")
    points = tuple(
        ModbusPoint(f"p{place}", "holding_register", place, "uint16", "big", watts)
        for place in range(POINTS)
    )
    return ModbusSource(host, port, 1, points)


class MeasuredLoop(asyncio.SelectorEventLoop):
    """Notes the CPU time of every turn: so long did nothing else come to its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0

    def _run_once(self) -> None:
        begin = time.thread_time()
        super()._run_once()  # type: ignore[misc]
        self.longest = max(self.longest, time.thread_time() - begin)


class Tray:
    """Keeps how long polls took until they are handed over."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self.took: list[int] = []
        self.failed = 0

    def has_room(self, device: str) -> bool:
        del device
        return True

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        """Note how long after their requests these are handed over."""
        now = self._clock.now()
        self.took += [now - item.sent_at for item in items if isinstance(item, Answer)]
        self.failed += sum(isinstance(item, Silence) for item in items)


class Site(Collector):
    """Devices that all answer."""

    def __init__(self, count: int) -> None:
        self.situation = Situation(scale_plan(count), Durable())
        advance(self.situation, [Started(T0, T0, "boot", "config", None)], T0)
        for number, memory in enumerate(self.situation.devices.values()):
            memory.values = tuple(float(number + place) for place in range(POINTS))
            memory.answered_at, memory.silent = T0, None
        source = unit_of(502)
        names = self.situation.devices
        self.points = PointMetrics(
            [DeviceSettings(name, name, SLOT, DEADLINE, source) for name in names]
        )

    def collect(self) -> Iterator[Metric]:
        """Yield the families of devices and points."""
        yield from device_metrics(self.situation)
        yield from self.points.metrics(self.situation)


async def measure(registry: CollectorRegistry) -> tuple[float, float, int]:
    """Return the longest hold and the whole cost in milliseconds of CPU, and the octets."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MeasuredLoop)
    begin, loop.longest = time.thread_time(), 0.0
    pieces = await MetricsPage(registry).pieces()
    cost = time.thread_time() - begin
    return loop.longest * 1e3, cost * 1e3, sum(map(len, pieces))


def polled(port: int) -> list[DeviceSettings]:
    """Return the devices that are polled meanwhile."""
    return [
        DeviceSettings(f"fm{number}", f"fm{number}", POLL_EVERY, DEADLINE // 2, unit_of(port, host))
        for number, host in enumerate(HOSTS)
    ]


async def beside_scrapers(registry: CollectorRegistry, port: int, count: int) -> list[str]:
    """Return what so many scrapers do to the loop and to polls, as texts of a row."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MeasuredLoop)
    clock = SystemClock(None)
    tray, devices = Tray(clock), polled(port)
    poller = Poller(devices, open_readers(devices), clock, tray)
    web = Web("127.0.0.1", 0, registry, lambda: (True, ""), lambda: (True, ""))
    await web.start()
    polling = asyncio.create_task(poller.run())
    try:
        leave_out_what_is_in_use()
        await asyncio.sleep(WARM_UP_S)
        tray.took.clear()
        tray.failed, loop.longest = 0, 0.0
        pages: Sequence[int] = ()
        if count:
            pages = await scraped(web.port, count, WINDOW_S)
        else:
            await asyncio.sleep(WINDOW_S)
        took = sorted(tray.took)
        return [
            str(count),
            str(len(pages)),
            f"{loop.longest * 1e3:.1f}",
            str(len(took)),
            str(tray.failed),
            f"{took[len(took) // 2] / 1e3:.1f}",
            f"{took[len(took) * 99 // 100] / 1e3:.1f}",
        ]
    finally:
        polling.cancel()
        await asyncio.wait([polling])
        await web.close()


def keep_eight(registry: CollectorRegistry) -> None:
    """Measure, print and keep what eight scrapers do; each row beside one without any."""
    rows: list[list[str]] = []
    with units() as port, asyncio.Runner(loop_factory=MeasuredLoop) as runner:
        rows += [runner.run(beside_scrapers(registry, port, count)) for count in (0, SCRAPERS) * 2]
    columns = [
        "scrapers",
        "pages",
        "longest turn of the loop, ms",
        "polls",
        "silent",
        "half of them within, ms",
        "99 % within, ms",
    ]
    title = f"Scrapers of {COUNT * POINTS:,} points, and {len(HOSTS)} devices polled twice a second"
    keep("scrape", BenchTable(title, columns, rows))


def main() -> None:
    """Measure, print and keep the tables."""
    registry = CollectorRegistry()
    registry.register(Site(COUNT))
    keep_eight(registry)
    rows = []
    for run in range(RUNS):
        gc.collect()
        with asyncio.Runner(loop_factory=MeasuredLoop) as runner:
            hold, cost, octets = runner.run(measure(registry))
        begin = time.thread_time()
        generate_latest(registry)
        peer = (time.thread_time() - begin) * 1e3
        rows.append(
            [
                str(run + 1),
                f"{hold:.1f}",
                f"{cost:.0f}",
                f"{peer:.0f}",
                f"{hold / peer:.4f}",
                f"{octets / 1e6:.1f}",
            ]
        )
    columns = [
        "run",
        "longest hold, ms",
        "all, ms",
        "prometheus_client in one piece, ms",
        "hold / peer",
        "MB",
    ]
    title = f"A scrape of {COUNT:,} devices with {POINTS} points, CPU time"
    keep("scrape", BenchTable(title, columns, rows))


if __name__ == "__main__":
    main()
