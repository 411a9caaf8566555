"""The text of /metrics: rendered at most once a second for all that ask, in slices.

All that ask while it is rendered get the same text. Knows no metric.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from monitord.clock import let_others_run, monotonic
from monitord.metrics.families import SAMPLES_AT_ONCE, SlicedMetric

RENDER_EVERY: Final = 1_000_000
"""Microseconds: the shortest time between the begins of two renderings."""
HEAD_LINES: Final = 2
PIECE_BYTES: Final = 64 << 10
PAUSE_S: Final = 0.002
"""Behind every piece. A poll takes several turns of the loop: a slice in each makes it long."""


class MetricsPage:
    """``now``: a clock in microseconds."""

    def __init__(self, registry: CollectorRegistry, now: Callable[[], int] = monotonic) -> None:
        self._registry = registry
        self._now = now
        self._begun: int | None = None
        self._task: asyncio.Task[list[bytes]] | None = None

    async def text(self) -> bytes:
        """Return the text in one piece."""
        return b"".join(await self.pieces())

    async def pieces(self) -> Sequence[bytes]:
        """Return the text: a new one, or that of the last second.

        In pieces: twelve megabytes in one would hold up the loop while they are copied.
        """
        now = self._now()
        is_old = self._begun is None or now >= self._begun + RENDER_EVERY
        if self._task is None or (is_old and self._task.done()) or self._has_failed():
            self._begun = now
            self._task = asyncio.create_task(self._render())
        # A client that is gone must not end the rendering for the others.
        return await asyncio.shield(self._task)

    async def close(self) -> None:
        """End a rendering that is under way; safe to call twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _has_failed(self) -> bool:
        task = self._task
        return (
            task is not None and task.done() and (task.cancelled() or task.exception() is not None)
        )

    async def _render(self) -> list[bytes]:
        pieces: list[bytes] = []
        piece = bytearray()
        for metric in self._registry.collect():
            for part in text_parts(metric):
                piece += part
                is_whole = len(piece) >= PIECE_BYTES
                if is_whole:
                    pieces.append(bytes(piece))
                    piece = bytearray()
                await let_others_run(PAUSE_S if is_whole else 0)
        return [*pieces, bytes(piece)]


async def write_in_turns(
    pieces: Iterable[bytes], write: Callable[[bytes], Awaitable[None]]
) -> None:
    """Write the pieces one after the other; the loop is free after each.

    All that waited for one rendering go on in the same turn of the loop: what a socket takes
    without a wait would be written for all of them at once.
    """
    for piece in pieces:
        await write(piece)
        await let_others_run()


class _One(Collector):
    """A collector of one metric, for the library's own writer."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterator[Metric]:
        yield self._metric


def text_parts(metric: Metric) -> Iterator[bytes]:
    """Yield the text of a metric, at most ``SAMPLES_AT_ONCE`` samples a part."""
    if isinstance(metric, SlicedMetric):
        yield generate_latest(_One(_part(metric, [])))
        for lines in metric.texts():
            yield lines.encode()
        return
    samples = metric.samples
    yield generate_latest(_One(_part(metric, samples[:SAMPLES_AT_ONCE])))
    for start in range(SAMPLES_AT_ONCE, len(samples), SAMPLES_AT_ONCE):
        part = _part(metric, samples[start : start + SAMPLES_AT_ONCE])
        yield generate_latest(_One(part)).split(b"\n", HEAD_LINES)[HEAD_LINES]


def _part(metric: Metric, samples: list[Sample]) -> Metric:
    part = Metric(metric.name, metric.documentation, metric.type)
    part.samples = samples
    return part
