"""The worst age, calculated by hand from the plan; properties compare it with a simulation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.model import SECOND
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.polling.ages import AgeTerms, shared_lines, worst_age, worst_ages
from tests.support.polling import device

MS = 1_000


def unit(number: int, deadline: int = 300 * MS, port: int = 502) -> DeviceSettings:
    source = ModbusSource("127.0.0.1", port, number, ())
    return DeviceSettings(f"io{number}", "io", SECOND, deadline, source)


def test_alone_it_is_a_slot_a_deadline_and_a_wake_up() -> None:
    """The last answer was asked for a slot ago, and the next comes at its deadline."""
    assert worst_age(device("a")) == AgeTerms(SECOND, 0, SECOND // 2, 50 * MS)
    assert worst_age(device("a")).total == 1_550 * MS


TIGHT = replace(device("a", 0.12), deadline=96 * MS)
FOUR = [unit(number) for number in range(2, 6)]
UNLIKE = [unit(2, 100 * MS), unit(3, 900 * MS), unit(4, 200 * MS)]
SLOW = [replace(unit(2, 600 * MS), slow=(0,), slow_every=30 * SECOND)]


@pytest.mark.parametrize(
    ("found", "age"),
    [
        # Every 47.33 s is no whole number of slots: a request may leave a wake-up late.
        (worst_age(device("a", 47.33)).late, 100 * MS),
        # Off the grid, the read before may still be under way, and a slot is lost.
        (worst_age(TIGHT).slots, 240 * MS),
        (worst_age(replace(TIGHT, poll_every=150 * MS)).slots, 150 * MS),
        # A spared device is asked in every second slot.
        (worst_age(device("a"), slot_step=2).total, 2_550 * MS),
        # Four dead neighbours at 300 ms are 1.2 s: two whole slots may pass.
        (worst_age(unit(1), FOUR).waits, 2 * SECOND),
        (worst_age(unit(1), FOUR, dead=3).waits, SECOND),
        (worst_age(unit(1), FOUR, dead=0).waits, 0),
        # The slowest neighbours are the dead ones.
        (worst_age(unit(1), UNLIKE, dead=1).waits, SECOND),
        (worst_age(unit(1), UNLIKE, dead=2).waits, 2 * SECOND),
        # The two reads of a neighbour with slow points may follow each other.
        (worst_age(unit(1), SLOW).waits, 2 * SECOND),
    ],
)
def test_slots_and_dead_neighbours_make_an_answer_older(found: int, age: int) -> None:
    """The worst of all ways in which so many can be dead."""
    assert found == age


def test_devices_share_a_line_by_where_it_is() -> None:
    """Agents of SNMP are asked side by side, whatever their address."""
    devices = [device("a"), device("b"), unit(1), unit(2), unit(3, port=503)]
    assert [tuple(one.id for one in group) for group in shared_lines(devices).values()] == [
        ("io1", "io2")
    ]


@pytest.mark.parametrize("dead", [0, 7, 10_000])
def test_the_dead_make_no_difference_to_those_that_share_nothing(dead: int) -> None:
    """A shared socket loses one datagram to a dead device, and nothing else."""
    devices = [device(f"d{number}") for number in range(50)]
    assert set(worst_ages(devices, dead).values()) == {1_550 * MS}
