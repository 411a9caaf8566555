"""A device on a line without numbers, with every fault of the simulators, in varied lengths."""

from __future__ import annotations

import pytest

from tests.simulation.unnumbered.cells import (
    FIXED,
    STORED,
    VARIED,
    Cell,
    declared_cells,
    failures,
    fault_cells,
    habit_cells,
)
from tests.simulation.unnumbered.run import Device

SEED, SECONDS = 1, 480
RTU, ASCII = VARIED
QUARTER = [
    cell
    for place, pair in enumerate(zip(fault_cells(RTU), fault_cells(ASCII), strict=True))
    if (cell := pair[place // 2 % 2]).share == 25
]
AHEAD = "reads ahead"
HABITS = [cell for cell in habit_cells(RTU) if cell.share != 50 and cell.name != AHEAD]


@pytest.mark.parametrize(
    "cell", [*QUARTER, *HABITS], ids=lambda cell: f"{cell.device.framing} {cell.name}"
)
def test_with_lengths_by_turns_nothing_is_false_and_nothing_is_missed(cell: Cell) -> None:
    """No false outage, bounds hold, outages found within 60 s, blind at most 2 %."""
    assert failures(cell, cell.run(SEED, SECONDS)) == []


@pytest.mark.parametrize("device", FIXED, ids=lambda device: device.framing)
def test_a_device_of_one_length_that_is_always_one_answer_late_is_followed(device: Device) -> None:
    """It answers no probe in time; the request itself is sent twice, and evidence reaches back."""
    (cell,) = [one for one in habit_cells(device) if one.name == "always 1 late"]
    assert failures(cell, cell.run(SEED, SECONDS)) == []


@pytest.mark.parametrize(
    "name", ["always 2 late", "always 3 late", "behind", "repeated", "endless"]
)
def test_a_device_of_two_forms_in_turn_shows_which_answer_is_late(name: str) -> None:
    """A lost request is sent again behind one of the other form; nothing is taken for it."""
    frame = FIXED[2]
    cells = [*fault_cells(frame), *habit_cells(frame)]
    (cell,) = [one for one in cells if one.name == name and one.share != 50]
    assert failures(cell, cell.run(SEED, SECONDS)) == []


@pytest.mark.parametrize("cell", [*declared_cells()], ids=lambda cell: f"{cell.kind}, {cell.name}")
def test_a_device_as_late_as_its_configuration_says_is_followed(cell: Cell) -> None:
    """Its answers are true ones: evidence reaches so many requests back, and nothing is wrong."""
    assert failures(cell, cell.run(SEED, SECONDS)) == []


def ahead(device: Device) -> Cell:
    """Return the cell of a gateway that reads ahead before this device."""
    (cell,) = [one for one in habit_cells(device) if one.name == AHEAD]
    return cell


@pytest.mark.parametrize(
    "device", [*FIXED, *STORED], ids=lambda device: f"{device.framing} {device.refresh}"
)
def test_a_gateway_that_reads_ahead_hides_nothing_and_shows_nothing_false(device: Device) -> None:
    """In one length its answer is that of the request before; in many it is declared how old."""
    cell = ahead(device)
    assert failures(cell, cell.run(SEED, SECONDS)) == []


def test_a_gateway_that_reads_ahead_undeclared_is_found_wrong_in_varied_lengths() -> None:
    """Control: the age of what it keeps is that of the length, not of the answer."""
    cell = ahead(RTU)
    assert failures(cell, cell.run(SEED, SECONDS))


def test_the_same_faults_are_found_false_where_the_length_never_changes() -> None:
    """Control: the judgement can fail, and only the lengths make the difference."""
    cells = [one for one in fault_cells(Device("rtu")) if (one.name, one.share) == ("behind", 50)]
    assert failures(cells[0], cells[0].run(SEED, SECONDS))
