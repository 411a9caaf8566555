"""The planned maximum age of a device's values. Pure arithmetic on settings.

The age of a value is counted from the moment its request was sent. It is greatest just before the
next answer is handed over. A device that answers within its deadline never exceeds this age,
however many others are dead: a shared socket loses one datagram to a dead device, a reader of its
own loses nothing. Only devices on one line wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from monitord.devices.bus.settings import OnALine
from monitord.devices.model import DeviceSettings
from monitord.polling.slots import GRID


def shared_lines(devices: Sequence[DeviceSettings]) -> dict[str, tuple[DeviceSettings, ...]]:
    """Return the devices of each line or connection with two or more, by where it is.

    SNMP agents are polled side by side, also at one address.
    """
    found: defaultdict[str, list[DeviceSettings]] = defaultdict(list)
    for device in devices:
        if (where := line_of(device)) is not None:
            found[where].append(device)
    return {where: tuple(sharing) for where, sharing in found.items() if len(sharing) > 1}


def line_of(device: DeviceSettings) -> str | None:
    """Return where the line of a device is, or None for a device without one."""
    source = device.source
    return source.line.where if isinstance(source, OnALine) else None


@dataclass(frozen=True, slots=True)
class AgeTerms:
    """The parts of the worst age, in microseconds.

    ``slots``: to the next poll; ``waits``: for neighbours on the line, in whole slots;
    ``deadline``: of the read; ``late``: to the next wake-up of the grid.
    """

    slots: int
    waits: int
    deadline: int
    late: int

    @property
    def total(self) -> int:
        """The worst age."""
        return self.slots + self.waits + self.deadline + self.late


def worst_age(
    device: DeviceSettings,
    neighbours: Sequence[DeviceSettings] = (),
    *,
    dead: int | None = None,
    slot_step: int = 1,
) -> AgeTerms:
    """Return the maximum age of the fast points of a device that answers.

    ``neighbours``: the others on its line; ``dead``: how many of them do not answer, None for all
    (the slowest are counted). ``slot_step``: the device is polled in every such slot.

    Its own slow points add nothing: they are read between its slots. A poll that waited for its
    neighbours may miss its slot; the next one is a whole slot later.
    """
    costs = sorted((_line_time(neighbour) for neighbour in neighbours), reverse=True)
    waiting = sum(costs if dead is None else costs[:dead])
    lost_slots = -(-waiting // device.poll_every)
    on_grid = device.poll_every % GRID == 0
    # Off the grid a request may leave late, and find the read before it still under way.
    is_tight = not on_grid and device.poll_every - device.deadline < GRID
    return AgeTerms(
        slots=(slot_step + is_tight) * device.poll_every,
        waits=lost_slots * device.poll_every,
        deadline=device.deadline,
        late=GRID if on_grid else 2 * GRID,
    )


def _line_time(neighbour: DeviceSettings) -> int:
    """Return how long the reads of a neighbour may hold the line in a row, in microseconds."""
    return neighbour.deadline * (2 if neighbour.slow else 1)


def worst_ages(devices: Sequence[DeviceSettings], dead: int | None = None) -> dict[str, int]:
    """Return the worst age of every device's fast points, in microseconds, by device id."""
    neighbours = {
        device.id: tuple(other for other in sharing if other.id != device.id)
        for sharing in shared_lines(devices).values()
        for device in sharing
    }
    return {
        device.id: worst_age(device, neighbours.get(device.id, ()), dead=dead).total
        for device in devices
    }
