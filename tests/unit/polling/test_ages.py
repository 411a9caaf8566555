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


def test_off_the_grid_a_request_may_leave_a_wake_up_late() -> None:
    """Every 47.33 s is no whole number of slots."""
    assert worst_age(device("a", 47.33)).late == 100 * MS


def test_where_the_deadline_leaves_no_room_a_slot_may_be_lost() -> None:
    """Off the grid, the read before may still be under way."""
    tight = replace(device("a", 0.12), deadline=96 * MS)
    assert worst_age(tight).slots == 240 * MS
    assert worst_age(replace(tight, poll_every=150 * MS)).slots == 150 * MS


def test_a_spared_device_is_known_two_slots_late() -> None:
    """It is asked in every second one."""
    assert worst_age(device("a"), slot_step=2).total == 2_550 * MS


def test_devices_of_one_connection_wait_for_all_that_are_dead() -> None:
    """Four neighbours at 300 ms are 1.2 s: two whole slots may pass."""
    mates = [unit(number) for number in range(2, 6)]
    assert worst_age(unit(1), mates).waits == 2 * SECOND
    assert worst_age(unit(1), mates, dead=3).waits == SECOND
    assert worst_age(unit(1), mates, dead=0).waits == 0


def test_the_slowest_neighbours_are_the_dead_ones() -> None:
    """The worst of all ways in which so many can be dead."""
    mates = [unit(2, 100 * MS), unit(3, 900 * MS), unit(4, 200 * MS)]
    assert worst_age(unit(1), mates, dead=1).waits == SECOND
    assert worst_age(unit(1), mates, dead=2).waits == 2 * SECOND


def test_a_neighbour_with_slow_points_may_hold_the_bus_twice() -> None:
    """Its two reads may follow each other."""
    mate = replace(unit(2, 600 * MS), slow=(0,), slow_every=30 * SECOND)
    assert worst_age(unit(1), [mate]).waits == 2 * SECOND


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
