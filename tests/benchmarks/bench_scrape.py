"""What a scrape of 10,000 devices with 20 points costs, and how long it holds up the loop.

``python -m tests.benchmarks.bench_scrape`` prints and keeps; nothing is asserted. The peer in the
same run is prometheus_client's own writer, which writes all in one piece. CPU time of the thread.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitord.core.durable import Durable
from monitord.core.model import SECOND, Started
from monitord.core.pipeline import advance
from monitord.core.situation import Situation
from monitord.decoding.model import Decoding
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.metrics.devices import device_metrics
from monitord.metrics.page import MetricsPage
from monitord.metrics.points import PointMetrics
from tests.benchmarks.figures import keep
from tests.benchmarks.scale_plan import DEADLINE, POINTS, SLOT, scale_plan
from tests.long.results import BenchTable

COUNT = 10_000
RUNS = 5
T0 = 1_700_000_000 * SECOND


class Site(Collector):
    """Devices that all answer."""

    def __init__(self, count: int) -> None:
        self.situation = Situation(scale_plan(count), Durable())
        advance(self.situation, [Started(T0, T0, "boot", "config", None)], T0)
        for number, memory in enumerate(self.situation.devices.values()):
            memory.values = tuple(float(number + place) for place in range(POINTS))
            memory.answered_at, memory.silent = T0, None
        watts = Decoding("number", "W")
        points = tuple(
            ModbusPoint(f"p{place}", "holding_register", place, "uint16", "big", watts)
            for place in range(POINTS)
        )
        source = ModbusSource("127.0.0.1", 502, 1, points)
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
    rendering = asyncio.create_task(MetricsPage(registry).pieces())
    begin = before = time.thread_time()
    longest = 0.0
    while not rendering.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    return longest * 1e3, (before - begin) * 1e3, sum(map(len, await rendering))


def main() -> None:
    """Measure, print and keep the table."""
    registry = CollectorRegistry()
    registry.register(Site(COUNT))
    rows = []
    for run in range(RUNS):
        gc.collect()
        hold, cost, octets = asyncio.run(measure(registry))
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
