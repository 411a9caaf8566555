"""The greatest age of what is known of a device, as the plan alone decides it. Pure reckoning.

The age of a reading is counted from the moment its request was sent. It is greatest just before the
next answer is handed over. A device that answers within its deadline is never known worse than so,
however many others are dead: a lane loses only a datagram to a dead device, a reader of its own
nothing at all. Only those that share a bus wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from monitord.devices.bus.settings import OnALine
from monitord.devices.model import DeviceSettings
from monitord.polling.slots import GRID


def shared_lines(devices: Sequence[DeviceSettings]) -> dict[str, tuple[DeviceSettings, ...]]:
    """Return the devices that share a line or a connection, by where that is; two or more each.

    SNMP agents are asked side by side, also where they share an address.
    """
    found: defaultdict[str, list[DeviceSettings]] = defaultdict(list)
    for device in devices:
        if (where := line_of(device)) is not None:
            found[where].append(device)
    return {where: tuple(shared) for where, shared in found.items() if len(shared) > 1}


def line_of(device: DeviceSettings) -> str | None:
    """Return the one thing that the device's requests must pass through, if there is one."""
    source = device.source
    return source.line.where if isinstance(source, OnALine) else None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the worst age is made of, in microseconds.

    ``late``: until the grid's next wake-up; ``waits``: for others on the bus, in whole slots.
    """

    slots: int
    waits: int
    deadline: int
    late: int

    @property
    def whole(self) -> int:
        """The worst age."""
        return self.slots + self.waits + self.deadline + self.late


def worst_age(
    device: DeviceSettings,
    mates: Sequence[DeviceSettings] = (),
    *,
    dead: int | None = None,
    stretch: int = 1,
) -> Terms:
    """Return how old the fast points of a device that answers may be at most.

    ``mates``: the others on its bus; ``dead``: how many of them do not answer, None for all (the
    slowest are taken). ``stretch``: every how many slots it is asked.

    Its own slow points cost it nothing: they are read between its slots.

    A poll that waited for its mates may have lost its slot by that; the next is a whole slot later.
    """
    costs = sorted((_costs(mate) for mate in mates), reverse=True)
    waiting = sum(costs if dead is None else costs[:dead])
    lost = -(-waiting // device.poll_every)
    on_grid = device.poll_every % GRID == 0
    # Off the grid a request may leave late, and find the read before it still under way.
    tight = not on_grid and device.poll_every - device.deadline < GRID
    return Terms(
        slots=(stretch + tight) * device.poll_every,
        waits=lost * device.poll_every,
        deadline=device.deadline,
        late=GRID if on_grid else 2 * GRID,
    )


def _costs(mate: DeviceSettings) -> int:
    """Return how long a mate's reads may hold the bus in a row."""
    return mate.deadline * (2 if mate.slow else 1)


def worst_ages(devices: Sequence[DeviceSettings], dead: int | None = None) -> dict[str, int]:
    """Return the worst age of every device's fast points in microseconds."""
    shared = {
        device.id: tuple(mate for mate in group if mate.id != device.id)
        for group in shared_lines(devices).values()
        for device in group
    }
    return {
        device.id: worst_age(device, shared.get(device.id, ()), dead=dead).whole
        for device in devices
    }
