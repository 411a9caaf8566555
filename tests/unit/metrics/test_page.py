"""All that ask for /metrics share one rendering a second, and the loop is free meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitord.metrics.families import SAMPLES_AT_ONCE, Family, MetricType, Sample
from monitord.metrics.page import RENDER_EVERY, MetricsPage, text_parts, write_in_turns

MANY = 5_000
MANY_PIECES = 20


class Counted(Collector):
    """Yields two families, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def collect(self) -> Iterator[Metric]:
        self.asked += 1
        if self.fails:
            raise RuntimeError
        gauge = GaugeMetricFamily("monitord_point", 'a "point"\\', labels=("device", "point"))
        for number in range(MANY):
            gauge.add_metric((f"fm{number}", '发射"机\n'), number / 7)
        yield gauge
        polls = CounterMetricFamily("monitord_polls", "polls", labels=("device",))
        polls.add_metric(("fm1",), 3)
        yield polls
        yield GaugeMetricFamily("monitord_empty", "none", labels=("device",))


class Page:
    """A page whose clock the test moves."""

    def __init__(self) -> None:
        self.at = 0
        self.counted = Counted()
        self.registry = CollectorRegistry()
        self.registry.register(self.counted)
        self.counted.asked = 0  # a registry asks once for the names
        self.page = MetricsPage(self.registry, lambda: self.at)


@pytest.fixture
def page() -> Page:
    return Page()


async def test_the_text_is_that_of_the_library(page: Page) -> None:
    """Whatever letters a label has."""
    assert await page.page.text() == generate_latest(page.registry)


async def test_eight_readers_within_a_second_share_one_rendering(page: Page) -> None:
    """Together, and one after the other."""
    texts = await asyncio.gather(*(page.page.text() for _ in range(8)))
    page.at += RENDER_EVERY - 1
    texts.append(await page.page.text())
    assert (len(set(texts)), page.counted.asked) == (1, 1)
    page.at += 1
    await page.page.text()
    assert page.counted.asked == 2


async def test_the_loop_is_free_between_two_slices(page: Page) -> None:
    """Others run at least once for every few samples."""
    turns = 0
    rendering = asyncio.create_task(page.page.text())
    while not rendering.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns >= MANY / SAMPLES_AT_ONCE


async def test_samples_are_calculated_only_while_they_are_written() -> None:
    """200,000 samples take half a second: between a few hundred of them others have their turn."""
    calculated: list[int] = []
    turns: list[int] = []
    family = Family("monitord_many", MetricType.GAUGE, ("device",), "", "many", "many")

    def rows() -> Iterator[Sample]:
        for number in range(MANY):
            calculated.append(number)
            yield (f"fm{number}",), number

    class Sliced(Collector):
        def collect(self) -> Iterator[Metric]:
            yield family.sliced(rows)

    registry = CollectorRegistry()
    registry.register(Sliced())
    rendering = asyncio.create_task(MetricsPage(registry).text())
    while not rendering.done():
        turns.append(len(calculated))
        await asyncio.sleep(0)
    assert max(after - before for before, after in pairwise(turns)) <= SAMPLES_AT_ONCE
    assert await rendering == generate_latest(registry)


async def test_eight_readers_write_one_piece_each_in_a_turn_of_the_loop() -> None:
    """All that waited for one rendering begin in the same turn, and no socket makes them wait."""
    turn = 0
    written: list[tuple[int, int]] = []

    async def reader(number: int) -> None:
        async def write(piece: bytes) -> None:
            del piece
            written.append((turn, number))

        await write_in_turns([b"x"] * MANY_PIECES, write)

    readers = [asyncio.create_task(reader(number)) for number in range(8)]
    while not all(task.done() for task in readers):
        await asyncio.sleep(0)
        turn += 1
    assert len(written) == 8 * MANY_PIECES
    assert len(set(written)) == len(written)


LETTERS = st.text(st.characters(codec="utf-8"), max_size=6)
NUMBERS = st.floats() | st.integers(-(2**64), 2**64)


@given(
    st.sampled_from([MetricType.GAUGE, MetricType.COUNTER]),
    st.lists(st.sampled_from("abc"), unique=True),
    st.lists(st.tuples(st.tuples(LETTERS, LETTERS, LETTERS), NUMBERS), max_size=5),
)
def test_samples_calculated_as_they_are_written_are_written_as_by_the_library(
    kind: MetricType, names: list[str], rows: list[tuple[tuple[str, ...], float]]
) -> None:
    """Whatever order the labels have, whatever letters are in them, whatever the numbers are."""
    family = Family("monitord_drawn_total", kind, tuple(names), "", "drawn", "drawn")
    metric = family.sliced(lambda: [(labels[: len(names)], number) for labels, number in rows])
    assert b"".join(text_parts(metric)) == whole(metric)


@given(st.lists(st.tuples(LETTERS, st.integers(0, 2**64), st.floats()), max_size=5))
def test_a_summary_calculated_as_it_is_written_is_written_as_by_the_library(
    rows: list[tuple[str, int, float]],
) -> None:
    """Its counts and sums."""
    family = Family("monitord_drawn", MetricType.SUMMARY, ("device",), "", "drawn", "drawn")
    metric = family.sliced_summary(lambda: [((name,), count, sum_) for name, count, sum_ in rows])
    assert b"".join(text_parts(metric)) == whole(metric)


def whole(metric: Metric) -> bytes:
    """Return what the library writes of a family."""

    class One(Collector):
        def collect(self) -> Iterator[Metric]:
            yield metric

    return generate_latest(One())


async def test_a_reader_that_goes_away_ends_no_rendering(page: Page) -> None:
    """The others still get their text."""
    first, second = (asyncio.create_task(page.page.text()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == generate_latest(page.registry)


async def test_a_failed_rendering_is_tried_again(page: Page) -> None:
    """Within the same second too."""
    page.counted.fails = True
    with pytest.raises(RuntimeError):
        await page.page.text()
    page.counted.fails = False
    assert b"monitord_polls_total" in await page.page.text()
