"""Polls all devices. ``Poller.run`` is the loop; one wake-up serves all that is due in a step.

A wake-up collects what came on the shared sockets, hands it over as one batch, then starts the due
polls. Each answer is decoded before it is handed over (``outcomes``). ``docs/polling.md`` has the
rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.decoding.rules import Raw
from monitord.devices.model import DeviceSettings, Reader
from monitord.polling.building import (
    SocketAssignment,
    build_socket_group,
    build_states,
    join_lines,
)
from monitord.polling.burst import Budget, Bursts
from monitord.polling.outcomes import DownTowards, Outcomes, nothing_down
from monitord.polling.reads import Reads, close_reader
from monitord.polling.scheduler import Scheduler
from monitord.polling.shared import SharedSockets
from monitord.polling.slots import BATCH_MAX, GRID, step_for
from monitord.polling.slow_reads import SlowReads
from monitord.polling.state import AnswerSink, DeviceState, PollStatus

__all__ = ["PollStatus", "Poller", "SocketAssignment"]

LATE_STEPS_MAX = 8
"""A late wake-up sends the batches of at most so many steps. With one batch a step, a short stall
of the daemon would leave slots out until all batches are sent."""


def no_suspects() -> frozenset[str]:
    """Suspect no device."""
    return frozenset()


class Poller:
    """Polls every device in its slots and hands each answer or silence to ``inbox``.

    ``assignments``: shared sockets; one takes over a device after a read with its reader.
    ``slow_readers``: of the devices with slow points, by id; ``readers`` then read the fast ones.
    ``suspects``: returns the ids of devices to poll outside their slots. ``down_towards``: a
    silence over such an interface is not the device's.
    """

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        readers: Mapping[str, Reader],
        clock: Clock,
        inbox: AnswerSink,
        *,
        assignments: Sequence[SocketAssignment] = (),
        slow_readers: Mapping[str, Reader] | None = None,
        suspects: Callable[[], frozenset[str]] = no_suspects,
        budget: Budget | None = None,
        down_towards: DownTowards = nothing_down,
    ) -> None:
        self.polls_skipped = 0
        self._clock = clock
        self._inbox = inbox
        self._devices = build_states(devices, readers, slow_readers or {})
        self.statuses = _statuses(self._devices)
        groups = [build_socket_group(one, self._devices) for one in assignments]
        per_second = sum(SECOND / one.settings.poll_every for one in self._devices.values())
        step = step_for(per_second) if groups else GRID
        self._scheduler = Scheduler(list(self._devices.values()), step)
        self._outcomes = Outcomes(inbox, down_towards)
        self._bursts = Bursts(self._devices, suspects, budget or Budget(), inbox)
        self._reads = Reads(clock, self)
        self._slow_reads = SlowReads(clock)
        self._sockets = SharedSockets(groups, clock, self, self._reads.start_in_turn)
        self._sleeps_to: int | None = None
        self._sleep: asyncio.Future[None] | None = None

    @property
    def polls_ended(self) -> int:
        """Polls that ended since the start, with or without an answer."""
        return self._outcomes.polls_ended

    @property
    def work_done(self) -> int:
        """Polls ended plus slots left out for a reason: the watchdog checks that this grows."""
        return self._outcomes.polls_ended + self._scheduler.slots_left_out

    def poll_now(self, device: str) -> None:
        """Poll a device outside its slots soon, because a trap came from it."""
        if device in self._devices:
            self._bursts.request(device)
            self.wake()

    def wake(self) -> None:
        """Calculate the next wake-up again, although nothing is due yet."""
        if self._sleep is not None:
            self._sleep.cancel()

    def answers_evaluated(self) -> None:
        """Read the suspects again: the core evaluated answers. Not if the next slot is near."""
        if self._sleep is not None and not self._is_near(self._sleeps_to):
            self._bursts.refresh_suspects()
            if self._bursts.suspected:
                self.wake()

    def _is_near(self, step: int | None) -> bool:
        return step is not None and self._scheduler.is_within_slot(step)

    async def run(self) -> None:
        """Poll until cancelled; then end all reads and close all readers and shared sockets."""
        self._scheduler.begin(self._clock.now())
        try:
            async with asyncio.TaskGroup() as tasks:
                self._reads.tasks = self._slow_reads.tasks = tasks
                while True:
                    if await self._sleep_until_due():
                        self._serve()
        finally:
            await self._close_all()

    async def _sleep_until_due(self) -> bool:
        """Sleep until something is due; return False if ``wake`` ended the sleep."""
        step = self._sleeps_to = self._next_step()
        if step is not None and self._is_near(step):
            # Nothing can be due earlier, and a plain sleep costs less.
            await self._clock.sleep_until(self._scheduler.time_of(step))
            return True
        sleep: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if step is not None:
            at = self._scheduler.time_of(step)
            sleep = asyncio.ensure_future(self._clock.sleep_until(at))
        self._sleep = sleep
        try:
            await asyncio.wait((sleep,))
        finally:
            self._sleep = None
            sleep.cancel()
        if sleep.cancelled():
            return False
        sleep.result()
        return True

    def _next_step(self) -> int | None:
        """Return the next step of the grid at which something is to be done, or None."""
        scheduler = self._scheduler
        if scheduler.has_pending or self._outcomes.has_batch or self._sockets.is_busy:
            return scheduler.next_step()
        step, burst = scheduler.first_due(), self._bursts.earliest(self._clock.now())
        if burst is None:
            return step
        burst_step = scheduler.step_at(burst)
        return burst_step if step is None else min(step, burst_step)

    def _serve(self) -> None:
        """Do all that is due in a step of the grid, once."""
        wakeup = self._scheduler.serve(self._clock.now())
        if wakeup is None:
            return
        self._sockets.collect()
        if wakeup.is_new_slot:
            self._outcomes.hand_over()
            self._bursts.refresh_suspects()
        for device in self._scheduler.pop_due(wakeup):
            self._poll(device, wakeup.now)
        for device, deadline in self._bursts.start_due(wakeup.now):
            self._reads.start(device, deadline, in_burst=True)
        self._sockets.send(BATCH_MAX * min(1 + wakeup.late_steps, LATE_STEPS_MAX))

    def _poll(self, device: DeviceState, now: int) -> None:
        """Poll a device in the slot that began last, unless the inbox has no room for it."""
        if not self._inbox.has_room(device.id):
            self.polls_skipped += 1
            return
        device.polled_slot = device.slot - 1
        device.polled_at = now
        self._bursts.note_slot_poll(device)
        if device.on_shared_socket and device.socket_group is not None:
            device.in_socket_queue = True
            device.socket_group.queue.append(device)
        else:
            self._reads.start_in_turn(device)

    def replace(
        self,
        added: Mapping[str, DeviceState],
        order: Sequence[str],
        assignments: Sequence[SocketAssignment],
    ) -> None:
        """Poll these devices from now on: those in ``added``, and the others as before.

        ``order``: every device. What is under way for a device that is left out, or that ``added``
        has again, is cancelled, and nothing of it is handed over any more.
        """
        before = dict(self._devices)
        states = {id_: added.get(id_) or before[id_] for id_ in order}
        gone = [one for id_, one in before.items() if states.get(id_) is not one]
        ids = frozenset(one.id for one in gone)
        for device in gone:
            if device.slow_reading is not None:
                device.slow_reading.cancel()
        self._reads.drop(gone)
        self._reads.close_later(gone)
        self._outcomes.drop(ids)
        self._bursts.drop(ids)
        # In place: bursts and health read the same mappings.
        self._devices.clear()
        self._devices.update(states)
        self.statuses.clear()
        self.statuses.update(_statuses(states))
        groups = [build_socket_group(one, self._devices) for one in assignments]
        self._sockets.replace(gone, groups)
        join_lines(states)
        per_second = sum(SECOND / one.settings.poll_every for one in states.values())
        step = step_for(per_second) if self._sockets.is_used else GRID
        self._scheduler.replace(list(states.values()), step, self._clock.now())
        self._bursts.refresh_suspects()
        self.wake()

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """Every device that is polled, by id."""
        return self._devices

    # What follows from the end of a poll: ``reads.PollEnds``.

    def answered(
        self,
        device: DeviceState,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> None:
        """Accept raw values; decode them for the inbox."""
        silences = device.status.silent_in_a_row
        if self._outcomes.add_answer(device, raws, sent_at, at, changed):
            self._bursts.note_answer(device, silences)
            if not device.on_shared_socket:
                self._sockets.adopt(device)
        if device.slow_reader is not None:
            self._slow_reads.start_if_due(device)

    def failed(self, device: DeviceState, kind: str, detail: str, sent_at: int, at: int) -> None:
        """Accept a poll without an answer."""
        self._outcomes.add_silence(device, kind, detail, sent_at, at)
        self._bursts.note_silence(device)
        self._slow_reads.start_if_due(device)

    def cut_short(self, device: DeviceState) -> None:
        """Accept a burst poll that ended for the next slot."""
        self._outcomes.add_cut_burst(device)

    def remarked(self, device: DeviceState) -> None:
        """Take over the remarks of a device on a shared socket."""
        self._outcomes.collect_remarks(device, self._clock.now())

    def read_ended(self, device: DeviceState) -> None:
        """Hand over what a read brought; poll a slot that came meanwhile."""
        self._outcomes.collect_remarks(device, self._clock.now())
        self._outcomes.hand_over()
        if device.slot_pending:
            device.slot_pending = False
            self._scheduler.postpone(device)
        if self._scheduler.has_pending or self._bursts.is_wanted:
            self.wake()

    async def _close_all(self) -> None:
        self._sockets.close()
        for device in self._devices.values():
            await close_reader(device.reader)
            if device.slow_reader is not None:
                await close_reader(device.slow_reader)


def _statuses(devices: Mapping[str, DeviceState]) -> dict[str, PollStatus]:
    return {id_: device.status for id_, device in devices.items()}
