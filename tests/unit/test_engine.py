"""The engine takes a bounded part of its inputs, and evaluates no later time than these have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from monitord.core.apply import body_of
from monitord.core.model import (
    SECOND,
    Attempted,
    ConfigAdopted,
    Input,
)
from monitord.engine import INPUTS_MAX
from monitord.inbox import Inbox
from monitord.journal.alive import read_alive
from tests.fixtures.events import full_disk
from tests.support.engine_bench import Bench, good, off_air
from tests.support.seam import OFFSET, T0, fm_site


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Return an engine that has started."""
    bench = Bench(tmp_path)
    await bench.start()
    yield bench
    bench.close()


@pytest.mark.parametrize("delivered", [True, False])
async def test_an_attempt_begins_when_its_event_is_on_disk(
    bench: Bench, *, delivered: bool
) -> None:
    """The outbox gets what is recorded; only a delivered attempt counts as confirmed."""
    for second in range(1, 8):
        await bench.second(second, good(second) if second < 4 else off_air(second))
    (person, began, recorded) = bench.outbox.begun[0]
    (event,) = (event for event in bench.events() if event.kind == "attempt_began")
    assert (person, began, recorded) == (event.subject, body_of(event), True)
    ended = Attempted(bench.clock.at + 1, person, began.incident, began.attempt, delivered)
    await bench.second(8, [ended, *off_air(8)])
    assert bench.engine.confirmed == ({person: 1} if delivered else {})


async def test_an_attempt_begins_unrecorded_while_the_disk_is_full(bench: Bench) -> None:
    """Nobody waits for the disk; the message is marked, and its event is committed later."""
    for second in range(1, 7):
        await bench.second(second, good(second) if second < 4 else off_air(second))
    assert bench.outbox.begun == []
    with full_disk():
        await bench.second(7, off_air(7))
    assert [recorded for _, _, recorded in bench.outbox.begun] == [False]
    assert "attempt_began" not in {event.kind for event in bench.events()}
    await bench.second(8, off_air(8))
    assert "attempt_began" in {event.kind for event in bench.events()}


async def test_a_backlog_is_evaluated_in_parts_and_makes_no_device_silent(bench: Bench) -> None:
    """A device whose answers wait is not overdue: a tick ends at the last answer it took.

    The three clocks of the alive file are of that moment, too.
    """
    bench.wait_for_tick(INPUTS_MAX, T0 + INPUTS_MAX * SECOND + 1)
    await bench.engine.tick()
    assert len(bench.inbox) == 2 * INPUTS_MAX - INPUTS_MAX
    half = T0 + INPUTS_MAX // 2 * SECOND
    alive = read_alive(bench.folder)
    assert alive is not None
    assert bench.engine.finished_at == alive.site == half
    assert (alive.boottime - alive.site, alive.wall - alive.site) == (10**12 - T0, OFFSET)
    await bench.engine.tick()
    assert len(bench.inbox) == 0
    assert bench.engine.finished_at == bench.clock.at
    assert "condition_lost" not in {event.kind for event in bench.events()}


async def test_a_stop_comes_after_all_waiting_inputs(bench: Bench) -> None:
    """A stop first evaluates everything that was received."""
    bench.wait_for_tick(INPUTS_MAX, T0 + INPUTS_MAX * SECOND + 1)
    await bench.engine.stop()
    assert len(bench.inbox) == 0
    durable = bench.engine.situation.durable
    assert not durable.running
    assert durable.stopped_ends["fm"] == T0 + INPUTS_MAX * SECOND - 9 - 10 * SECOND


@pytest.mark.parametrize("at_most", [0, 1, 3])
def test_a_part_is_taken_from_the_oldest_inputs(at_most: int) -> None:
    """The others keep their order."""
    inbox = Inbox()
    waiting = [one for second in range(1, 4) for one in good(second)]
    for one in waiting:
        inbox.put(one)
    assert inbox.drain(at_most) == waiting[:at_most]
    assert inbox.drain() == waiting[at_most:]


@pytest.mark.parametrize("is_on_disk", [True, False])
async def test_a_configuration_is_swapped_in_the_tick_that_committed_its_event(
    bench: Bench, is_on_disk: bool
) -> None:
    """Its inputs have the tick's own time. Without a disk it counts too: its event waits."""
    await bench.second(1, good(1))
    seen: list[tuple[int, bool]] = []
    plan = fm_site().plan

    def inputs(now: int) -> Sequence[Input]:
        return [ConfigAdopted(now, plan, "new", "content")]

    def swap() -> None:
        kinds = [event.kind for event in bench.events()]
        seen.append((len(kinds), "config_adopted" in kinds))

    adopting = asyncio.create_task(bench.engine.adopt(inputs, swap))
    await asyncio.sleep(0)
    if is_on_disk:
        await bench.second(2, good(2))
    else:
        with full_disk():
            await bench.second(2, good(2))
    await adopting
    ((_, was_there),) = seen
    assert was_there is is_on_disk
    assert bench.engine.unrecorded == 0 or not is_on_disk
    assert bench.engine.situation.durable.config_hash == "new"
    await bench.second(3, good(3))
    assert len(seen) == 1


async def test_events_of_a_commit_under_way_refuse_no_reload(bench: Bench) -> None:
    """Only a disk that does not take them does, from its first failure to its next success."""
    await bench.second(1, good(1))
    await bench.second(2, off_air(2))
    assert len(bench.unrecorded) >= 2
    assert set(bench.unrecorded) == {0}
    with full_disk():
        await bench.second(3, good(3))
    assert bench.engine.unrecorded > 0
    await bench.second(4, good(4))
    assert bench.engine.unrecorded == 0


async def test_the_end_adopts_no_configuration_that_waits(bench: Bench) -> None:
    """Its parts have ended: they follow nothing any more, and the end is recorded all the same."""
    swapped: list[str] = []
    waiting = asyncio.create_task(bench.engine.adopt(lambda _: [], lambda: swapped.append("x")))
    await asyncio.sleep(0)
    waiting.cancel()
    await bench.engine.stop()
    assert swapped == []
    assert not bench.engine.situation.durable.running
