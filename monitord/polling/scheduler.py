"""Which devices are due in which step of the grid. Starts no read and reads no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from monitord.devices.model import DeviceSettings
from monitord.polling.ages import line_of
from monitord.polling.slots import GRID, Agenda, next_slot, spread
from monitord.polling.state import DeviceState


class Wakeup(NamedTuple):
    """One step of the grid. ``now``: its time on the grid, site time in microseconds.

    ``is_new_slot``: a slot of the grid began since the step before. ``late_steps``: steps since the
    oldest due poll that was not started.
    """

    step: int
    now: int
    is_new_slot: bool
    late_steps: int


class Scheduler:
    """The due slots of all devices. ``step``: microseconds between two wake-ups.

    Due times are ``start + offset + k * poll_every``: a late poll does not make the next one late.
    A slot that passes while a read is under way is skipped and never made up for.
    """

    def __init__(self, devices: Sequence[DeviceState], step: int) -> None:
        self.slots_left_out = 0
        self._devices = {device.id: device for device in devices}
        self._step = step
        self._start = 0
        self._served = -1
        self._agenda: Agenda[DeviceState] = Agenda()
        self._pending: list[DeviceState] = []

    @property
    def has_pending(self) -> bool:
        """Return whether a slot that came during a burst poll is still to be polled."""
        return bool(self._pending)

    def begin(self, now: int) -> None:
        """Put the first slot of each device on the grid, which starts at site time ``now``."""
        self._start, self._served = now, -1
        settings = [device.settings for device in self._devices.values()]
        for one, offset in spread(settings, self._step, self._line_of):
            device = self._devices[one.id]
            device.first_due = now + offset
            self._agenda.put(self.step_at(device.first_due), device)

    def replace(self, devices: Sequence[DeviceState], step: int, now: int) -> None:
        """Go on with these devices, on the same grid or one with another step.

        Those that were there keep their slots; the others begin at ``now`` or soon after.
        """
        known = self._devices
        self._devices = {device.id: device for device in devices}
        self._pending = [d for d in self._pending if self._devices.get(d.id) is d]
        served_to = self.time_of(self._served)
        self._step = step
        self._served = (served_to - self._start) // step
        self._agenda = Agenda()
        settings = [device.settings for device in devices]
        for one, offset in spread(settings, step, self._line_of):
            device = self._devices[one.id]
            if known.get(one.id) is not device:
                device.first_due = now + offset
            self._agenda.put(self.step_at(device.due(device.slot)), device)

    def step_at(self, at: int) -> int:
        """Return the first step at or after ``at`` that is not served yet."""
        return max(self._served + 1, -(-(at - self._start) // self._step))

    def _line_of(self, one: DeviceSettings) -> str | None:
        return line_of(one) if self._devices[one.id].line_group is not None else None

    def time_of(self, step: int) -> int:
        """Return the site time of a step, in microseconds."""
        return self._start + step * self._step

    def is_within_slot(self, step: int) -> bool:
        """Return whether a step is at most one slot of the grid away."""
        return step <= self._served + GRID // self._step

    def next_step(self) -> int:
        """Return the step after the one served last."""
        return self._served + 1

    def first_due(self) -> int | None:
        """Return the first step with a due slot, or None without devices."""
        return self._agenda.first()

    def serve(self, now: int) -> Wakeup | None:
        """Begin the step of site time ``now``; None if it was served already."""
        step = (now - self._start) // self._step
        if step <= self._served:
            return None
        steps_per_slot = GRID // self._step
        is_new_slot = step // steps_per_slot > self._served // steps_per_slot
        self._served = step
        first = self._agenda.first()
        late = 0 if first is None else max(0, step - first)
        return Wakeup(step, self.time_of(step), is_new_slot, late)

    def pop_due(self, wakeup: Wakeup) -> Iterator[DeviceState]:
        """Yield each device to poll now; count each slot that is not polled.

        The caller starts each poll before it takes the next device.
        """
        pending, self._pending = self._pending, []
        for device in pending:
            if not device.is_under_way:
                yield device
        for device in self._agenda.pop_due(wakeup.step):
            if self._advance(device, wakeup.now):
                yield device

    def postpone(self, device: DeviceState) -> None:
        """Poll the device at the next wake-up: its slot came during a burst poll."""
        self._pending.append(device)

    def _advance(self, device: DeviceState, now: int) -> bool:
        """Put the next slot of a device on the agenda; return whether to poll it in this one."""
        status, every = device.status, device.settings.poll_every
        following = next_slot(device.slot, now + 1 - device.first_due, every)
        status.slots_skipped += following - device.slot - 1
        device.slot = following
        self._agenda.put(self.step_at(device.due(following)), device)
        if device.is_under_way:
            device.slot_pending = device.in_burst
            status.slots_skipped += not device.slot_pending
            return False
        if following - 1 < device.next_polled_slot:
            status.slots_left_out += 1
            self.slots_left_out += 1
            return False
        return True
