"""The grid: how finely it is divided, the offsets of devices, and what is due when."""

from __future__ import annotations

from collections import Counter

import pytest

from monitord.core.model import SECOND
from monitord.polling.slots import BATCH_MAX, GRID, Agenda, spread, step_for
from tests.support.polling import device


@pytest.mark.parametrize(
    ("polls_per_second", "step"),
    [(0, 50_000), (1_000, 50_000), (1_280, 50_000), (1_281, 25_000), (10_000, 6_250)],
)
def test_a_slot_is_divided_so_that_batches_stay_small(polls_per_second: int, step: int) -> None:
    """1,280 polls a second are 64 a slot; ten thousand need eighths of one."""
    assert step_for(polls_per_second) == step


def test_ten_thousand_devices_are_spread_in_batches_of_at_most_64() -> None:
    """However many devices there are, no step of the grid asks more than a socket can take."""
    step = step_for(10_000)
    devices = [device(f"d{number}") for number in range(10_000)]
    batches = Counter(offset // step for _, offset in spread(devices, step))
    assert max(batches.values()) <= BATCH_MAX
    assert len(batches) == SECOND // step


def test_offsets_are_on_the_grid() -> None:
    """Devices due in one slot are polled at one wake-up."""
    offsets = [offset for _, offset in spread([device(name) for name in "abcdefg"])]
    assert all(offset % GRID == 0 for offset in offsets)
    assert len(set(offsets)) == 7


def test_devices_of_one_line_are_spread_evenly_among_themselves() -> None:
    """They cannot be read at the same time; other devices do not matter."""
    devices = [device(f"d{number}") for number in range(20)]
    on_bus = {"d3", "d4", "d5", "d6"}
    placed = spread(devices, GRID, lambda one: "bus" if one.id in on_bus else None)
    offsets = sorted(offset for one, offset in placed if one.id in on_bus)
    assert [later - offsets[0] for later in offsets] == [0, 250_000, 500_000, 750_000]


def test_an_agenda_gives_out_what_is_due_and_keeps_the_rest() -> None:
    """In the order of steps, and within one in the order they were put."""
    agenda: Agenda[str] = Agenda()
    for step, item in [(5, "c"), (2, "a"), (5, "d"), (3, "b"), (9, "e")]:
        agenda.put(step, item)
    assert agenda.first() == 2
    assert agenda.pop_due(5) == ["a", "b", "c", "d"]
    assert agenda.first() == 9
    assert agenda.pop_due(8) == []
