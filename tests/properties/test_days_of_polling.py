"""The poller over days, on a clock of our own: slots stay where they were."""

from __future__ import annotations

from tests.support.polling import Bench, TimedReader, device


async def test_nothing_drifts_in_three_days() -> None:
    """Due times are facts; the 259,200th poll is sent as many slots after the first."""
    bench = Bench([device("a", 60), device("b", 47.33)], a=TimedReader(0), b=TimedReader(0))
    await bench.run_to(3 * 86_400)
    assert bench.sent_s("a") == [60 * number for number in range(4321)]
    grid = [-(-number * 47_330_000 // 50_000) * 0.05 for number in range(5477)]
    late = [abs(a - b) for a, b in zip(bench.sent_s("b"), grid, strict=False)]
    assert max(late) < 1e-6
    assert len(bench.sent_s("b")) == 5477
    await bench.stop()
