"""Every habit of a device on a line without numbers, and the goals that its lines must meet.

A *cell* is one kind of device with one habit. ``python -m tests.simulation.unnumbered`` prints all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from simulators.agents.fault_injection import ANSWER_FAULTS, ProtocolTraits
from simulators.agents.protocol_traits import FrameTraits, ModbusAsciiTraits, ModbusRtuTraits
from tests.simulation.facts import SECOND
from tests.simulation.unnumbered.line import (
    Behind,
    Doubled,
    Habit,
    LostThenLate,
    ReadsAhead,
    SecondMaster,
    Sticks,
    injected,
)
from tests.simulation.unnumbered.run import Device, Result, drawn_outages, watch
from tests.support.seam import T0

SPARE: Final = 15
LIES_MIN: Final = 100
SECONDS: Final = 900
SHARES: Final = (25, 50)
BLIND_MAX: Final = 2.0
LATE_BLIND_FACTOR: Final = 3
SLOW_LINES: Final = frozenset({"late", "lost then late", "dripping"})
"""All that comes behind such an answer is late too."""
TRAITS: Final[dict[str, ProtocolTraits]] = {
    "rtu": ModbusRtuTraits(),
    "ascii": ModbusAsciiTraits(),
    "frame": FrameTraits(),
}
VARIED: Final = tuple(Device(framing, SPARE) for framing in ("rtu", "ascii"))
STORED: Final = tuple(Device(framing, SPARE, refresh="20s") for framing in ("rtu", "ascii"))
"""Devices with varied lengths behind a gateway that reads ahead, as their points say."""
FIXED: Final = (Device("rtu"), Device("ascii"), Device("frame"))
DECLARED: Final = tuple(
    Device(framing, keys=(("answers_behind_max", depth),))
    for framing in ("rtu", "ascii", "frame")
    for depth in (2, 3)
)
"""Devices of which the configuration says how many true answers late they may be."""
"""Devices whose answers have always the same length: one of Modbus, two in turn of frames."""
HABITS: Final[dict[str, Callable[[int, Random], Habit]]] = {
    "lost then late": LostThenLate,
    "doubled": Doubled,
    "sticks": Sticks,
    "two masters": SecondMaster,
}
"""Habits with a share, from share and dice."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of device with one habit. ``make``: the habit, from a seed."""

    device: Device
    name: str
    share: int
    make: Callable[[int], Habit]
    is_once_true: bool = True

    @property
    def kind(self) -> str:
        """The device in words, and what its lies are made of."""
        lengths = "varied" if self.device.is_varied else "fixed"
        declared = "".join(f", {value} behind" for _, value in self.device.keys)
        refresh = f", {self.device.refresh} old" if self.device.refresh else ""
        return f"{self.device.framing} {lengths}{declared}{refresh}"

    def run(self, seed: int, seconds: int = SECONDS) -> Result:
        """Poll the device for so long; return what came of it."""
        until = T0 + seconds * SECOND
        outages = drawn_outages(Random(seed), until)
        with tempfile.TemporaryDirectory() as folder:
            return watch(self.device, self.make(seed), outages, until, Path(folder))


def fault_cells(device: Device, *, is_once_true: bool = False) -> Iterator[Cell]:
    """Yield a cell for each fault of the simulators and each share."""
    traits = TRAITS[device.framing]
    for fault in ANSWER_FAULTS:
        for share in SHARES:

            def make(seed: int, fault: str = fault, share: int = share) -> Habit:
                return injected(fault, traits, share, seed, is_once_true=is_once_true)

            name = f"{fault}, once true" if is_once_true else fault
            yield Cell(device, name, share, make, is_once_true)


def habit_cells(device: Device) -> Iterator[Cell]:
    """Yield a cell for each other habit: always late, read ahead, stuck, doubled, two masters."""
    for depth in (1, 2, 3):
        yield Cell(device, f"always {depth} late", 100, lambda _, depth=depth: Behind(depth))
    yield Cell(device, "reads ahead", 100, lambda _: ReadsAhead())
    for name, habit in HABITS.items():
        for share in SHARES:

            def make(seed: int, share: int = share, habit: Callable[..., Habit] = habit) -> Habit:
                return habit(share, Random(seed))

            yield Cell(device, name, share, make)


def all_cells() -> Iterator[Cell]:
    """Yield every cell."""
    for device in (*VARIED, *FIXED):
        yield from fault_cells(device)
        if not device.is_varied:
            yield from fault_cells(device, is_once_true=True)
        yield from habit_cells(device)
    yield from declared_cells()


def declared_cells() -> Iterator[Cell]:
    """Yield a cell for each depth of a device whose depth is declared, up to that one."""
    for device in DECLARED:
        ((_, most),) = device.keys
        for cell in habit_cells(device):
            if cell.name in [f"always {depth} late" for depth in range(1, most + 1)]:
                yield cell


def failures(cell: Cell, result: Result) -> list[str]:
    """Return the goals of a device with varied lengths that a result does not meet."""
    is_slow = cell.name in SLOW_LINES
    blind_max = LATE_BLIND_FACTOR * cell.share if is_slow else BLIND_MAX
    found = [
        (result.lies < LIES_MIN, f"{result.lies} lies only"),
        (bool(result.false), f"{len(result.false)} false outages"),
        (bool(result.wrong), f"{len(result.wrong)} pieces are wrong"),
        (bool(result.missed), f"{len(result.missed)} outages missed"),
        (bool(result.slow), f"{len(result.slow)} outages told after a minute"),
        (result.blind_percent > blind_max, f"blind {result.blind_percent:.1f} %"),
    ]
    return [text for is_so, text in found if is_so]
