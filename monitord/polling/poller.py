"""Decides when each device is read and stamps what came. Knows nothing of the values' meaning.

One wake-up serves all that is due in a slot: what came is taken from the lanes and handed over as
one batch, then what is due is asked. ``docs/pace.md`` has the rules.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.decoding.rules import Raw
from monitord.devices.model import DeviceSettings, Reader, ReadError
from monitord.devices.shared_socket import PollResult
from monitord.polling.ages import line_of
from monitord.polling.backoff import ASKED_ALWAYS
from monitord.polling.building import SocketAssignment, device_states, socket_group_of
from monitord.polling.burst import (
    ROOM_MIN,
    SILENCES_MAX,
    Budget,
    burst_at,
    burst_until,
    has_room_at,
)
from monitord.polling.outcomes import Outcomes, where
from monitord.polling.slots import BATCH_MAX, GRID, Agenda, next_slot, spread, step_for
from monitord.polling.state import AnswerSink, DeviceState, PollStatus, SocketGroup

__all__ = ["PollStatus", "Poller", "SocketAssignment", "next_slot", "spread"]

_log = structlog.get_logger(__name__)

# A reader keeps its own deadline. One that does not is a mistake of ours, and must not turn its
# device silent for good without a word.
_OVERRUN_S = 1.0
CONTACTS_MAX = 256
"""Devices with a shared socket that their own readers read at once: each takes a socket."""
LATE_STEPS_MAX = 8
"""A wake-up that comes late sends the batches of so many steps: else a busy moment of ours would
leave slots out for as long as it takes to send them one batch at a time."""
SLOW_RETRIES = 6
"""A slow read that failed is made again after this part of its pace."""
QUICK_LOOKS = 2
"""Burst polls after a first silence; one after a device that was left alone has come back."""


def nobody() -> frozenset[str]:
    """Suspect no device."""
    return frozenset()


class Poller:
    """Reads every device in its slots, and hands each answer or silence to ``inbox``.

    Due times are ``start + offset + k * poll_every``: a late poll makes the next no later. A slot
    that passed while the read before it was under way is skipped, never made up for.

    ``lanes``: they take over a device once its reader has read it. ``slow_readers``: of devices
    with slow points; ``readers`` then read the fast ones. ``suspects``: the devices that are to be
    asked outside their slots, read whenever the poller wakes.
    """

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        readers: Mapping[str, Reader],
        clock: Clock,
        inbox: AnswerSink,
        *,
        lanes: Sequence[SocketAssignment] = (),
        slow_readers: Mapping[str, Reader] | None = None,
        suspects: Callable[[], frozenset[str]] = nobody,
        budget: Budget | None = None,
    ) -> None:
        self.slots_done = 0
        self.polls_skipped = 0
        self._clock = clock
        self._inbox = inbox
        self._suspects = suspects
        self._budget = budget or Budget()
        self._outcomes = Outcomes(inbox)
        self._devices = device_states(devices, readers, slow_readers or {})
        self._socket_groups = [socket_group_of(lane_for, self._devices) for lane_for in lanes]
        self.states = {id_: device.state for id_, device in self._devices.items()}
        per_second = sum(SECOND / one.settings.poll_every for one in self._devices.values())
        self._step = step_for(per_second) if lanes else GRID
        self._start = self._served = 0
        self._agenda: Agenda[DeviceState] = Agenda()
        self._owed: list[DeviceState] = []
        self._wanted: dict[str, None] = {}
        self._doubted: dict[str, int] = {}
        self._contacts = 0
        self._line: deque[DeviceState] = deque()
        self._suspected: frozenset[str] = frozenset()
        self._napping_to: int | None = None
        self._tasks = asyncio.TaskGroup()
        self._nap: asyncio.Future[None] | None = None

    @property
    def polls_ended(self) -> int:
        """Polls that ended since the start, whatever they brought."""
        return self._outcomes.polls_ended

    @property
    def work_done(self) -> int:
        """Polls ended, and slots left out with a reason: what the watchdog sees move."""
        return self._outcomes.polls_ended + self.slots_done

    def poll_now(self, device: str) -> None:
        """Ask a device soon, outside its slots: something was heard of it. Coalesced."""
        if device in self._devices:
            self._wanted[device] = None
            self.stir()

    def stir(self) -> None:
        """Look at the suspects again, although nothing is due yet."""
        if self._nap is not None:
            self._nap.cancel()

    def judged(self) -> None:
        """Say that answers were judged: somebody may be suspected now, or no more."""
        if self._nap is not None and not self._is_soon(self._napping_to):
            self._suspected = self._suspects()
            if self._suspected:
                self.stir()

    def _is_soon(self, step: int | None) -> bool:
        """Return whether the next slot of the grid is waited for anyway."""
        return step is not None and step <= self._served + GRID // self._step

    async def run(self) -> None:
        """Poll until cancelled; then end all reads and close readers and lanes."""
        self._start, self._served = self._clock.now(), -1
        offsets = spread(
            [one.settings for one in self._devices.values()], self._step, self._line_of
        )
        for settings, offset in offsets:
            device = self._devices[settings.id]
            device.first = self._start + offset
            self._agenda.put(self._step_of(device.first), device)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                while True:
                    if await self._sleep():
                        self._serve()
        finally:
            await self._close_all()

    def _line_of(self, settings: DeviceSettings) -> str | None:
        return None if self._devices[settings.id].line_group is None else line_of(settings)

    def _step_of(self, at: int) -> int:
        """Return the first step at or after a moment, and not yet served."""
        return max(self._served + 1, -(-(at - self._start) // self._step))

    async def _sleep(self) -> bool:
        """Sleep until something is due; return False when somebody stirred before."""
        step = self._napping_to = self._next_step()
        if step is not None and self._is_soon(step):
            # Nobody can want it sooner, and a plain sleep costs less.
            await self._clock.sleep_until(self._start + step * self._step)
            return True
        nap: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if step is not None:
            at = self._start + step * self._step
            nap = asyncio.ensure_future(self._clock.sleep_until(at))
        self._nap = nap
        try:
            await asyncio.wait((nap,))
        finally:
            self._nap = None
            nap.cancel()
        if nap.cancelled():
            return False
        nap.result()
        return True

    def _next_step(self) -> int | None:
        busy = self._owed or self._outcomes.waiting
        if busy or any(
            socket_group.waiting or socket_group.queue for socket_group in self._socket_groups
        ):
            return self._served + 1
        steps = [] if (first := self._agenda.first()) is None else [first]
        now = self._clock.now()
        bursts = [self._burst_at(device, now) for device in self._to_burst()]
        steps += [self._step_of(at) for at in bursts if at is not None]
        return min(steps, default=None)

    def _serve(self) -> None:
        """Do all that a step of the grid brings, once."""
        step = (self._clock.now() - self._start) // self._step
        if step <= self._served:
            return
        # Decisions stand on the grid's time; what is stamped on a poll is the clock's.
        now = self._start + step * self._step
        passed, self._served = self._served, step
        for socket_group in self._socket_groups:
            self._collect(socket_group)
        slot = GRID // self._step
        if step // slot > passed // slot:
            self._outcomes.hand_over()
            self._suspected = self._suspects()
        due = self._agenda.first()
        late = 0 if due is None else max(0, step - due)
        owed, self._owed = self._owed, []
        for device in owed:
            if not device.is_under_way:
                self._ask(device, now)
        for device in self._agenda.take(step):
            self._visit(device, now)
        self._burst(now)
        for socket_group in self._socket_groups:
            self._send(socket_group, BATCH_MAX * min(1 + late, LATE_STEPS_MAX))

    def _visit(self, device: DeviceState, now: int) -> None:
        """A slot of the device has come: ask it, or count why not."""
        state, every = device.state, device.settings.poll_every
        following = next_slot(device.slot, now + 1 - device.first, every)
        state.slots_skipped += following - device.slot - 1
        device.slot = following
        self._agenda.put(self._step_of(device.due(following)), device)
        if device.is_under_way:
            device.owed = device.in_burst
            state.slots_skipped += not device.owed
        elif following - 1 < device.next_asked:
            state.slots_left_out += 1
            self.slots_done += 1
        else:
            self._ask(device, now)

    def _ask(self, device: DeviceState, now: int) -> None:
        """Ask in the slot that was begun last."""
        if not self._inbox.has_room(device.id):
            self.polls_skipped += 1
            return
        device.asked_slot = device.slot - 1
        device.asked_at = now
        if self._wanted:
            self._wanted.pop(device.id, None)
        if device.on_shared_socket and device.socket_group is not None:
            device.in_socket_queue = True
            device.socket_group.queue.append(device)
        else:
            self._line_up(device)

    # Lanes.

    def _send(self, socket_group: SocketGroup, room: int) -> None:
        """Send what is queued, at most ``room``; the rest leaves with the next step."""
        if not socket_group.queue:
            return
        batch = [socket_group.queue.popleft() for _ in range(min(room, len(socket_group.queue)))]
        socket_group.waiting += len(batch)
        try:
            socket_group.lane.send([device.member for device in batch], self._clock.now())
        except Exception as error:  # noqa: BLE001 - the readers can do without the lane
            self._abandon(socket_group, error)

    def _collect(self, socket_group: SocketGroup) -> None:
        """Take what has come, and then what is overdue."""
        if not socket_group.waiting:
            return
        try:
            self._take_all(socket_group, socket_group.lane.drain(self._clock.now()))
            self._take_all(socket_group, socket_group.lane.sweep(self._clock.now()))
        except Exception as error:  # noqa: BLE001 - the readers can do without the lane
            self._abandon(socket_group, error)

    def _take_all(self, socket_group: SocketGroup, came: Sequence[PollResult]) -> None:
        # Read after the sockets were: what came cannot have come later.
        at = self._clock.now()
        for one in came:
            device = socket_group.members[one.member]
            if device.in_socket_queue:
                socket_group.waiting -= 1
                device.in_socket_queue = False
                self._take(device, one, at)

    def _take(self, device: DeviceState, came: PollResult, at: int) -> None:
        if came.raws is None:
            device.on_shared_socket = False
            self._line_up(device)
        elif isinstance(came.raws, ReadError):
            self._silence(device, came.raws.kind, came.raws.detail, came.sent_at, at)
        else:
            changed = None if device.met_elsewhere else came.changed
            device.met_elsewhere = False
            self._answer(device, came.raws, came.sent_at, at, changed)

    def _let_learn(self, device: DeviceState, socket_group: SocketGroup) -> None:
        """Let the lane take the device over, if its reader has learned that it can."""
        try:
            device.on_shared_socket = socket_group.lane.learn(device.member)
        except Exception as error:  # noqa: BLE001 - the readers can do without the lane
            self._abandon(socket_group, error)

    def _abandon(self, socket_group: SocketGroup, error: Exception) -> None:
        """Go on with the readers alone: a lane that raises is a mistake of ours."""
        _log.error("lane_failed", detail=where(error))
        now = self._clock.now()
        socket_group.queue.clear()
        socket_group.waiting = 0
        socket_group.lane.close()
        for device in socket_group.members:
            device.socket_group, device.on_shared_socket = None, False
            if device.in_socket_queue:
                device.in_socket_queue = False
                detail = "the lane it was asked by failed"
                self._silence(device, "bad_answer", detail, device.asked_at or now, now)
        self._socket_groups = [other for other in self._socket_groups if other is not socket_group]

    # Readers.

    def _line_up(self, device: DeviceState) -> None:
        """Let the reader read, or stand in line where too many devices of lanes are being read."""
        if device.socket_group is None or self._contacts < CONTACTS_MAX:
            self._start_read(device, device.settings.deadline)
        else:
            device.in_line = True
            self._line.append(device)

    def _next_in_line(self) -> None:
        while self._line and self._contacts < CONTACTS_MAX:
            device = self._line.popleft()
            device.in_line = False
            self._start_read(device, device.settings.deadline)

    def _start_read(self, device: DeviceState, deadline: int, *, in_burst: bool = False) -> None:
        device.in_burst = in_burst
        is_contact = device.socket_group is not None
        self._contacts += is_contact
        read = self._read(device, deadline, is_contact=is_contact)
        device.reading = self._tasks.create_task(read)

    async def _read(self, device: DeviceState, deadline: int, *, is_contact: bool) -> None:
        """Read once, stamp what came, note it, hand it over."""
        try:
            await self._read_once(device, deadline)
        finally:
            device.reading = None
            device.in_burst = False
            self._contacts -= is_contact
        self._next_in_line()
        self._outcomes.remarks_of(device, self._clock.now())
        self._outcomes.hand_over()
        if device.on_shared_socket:
            await _close(device.reader)
        if device.owed:
            device.owed = False
            self._owed.append(device)
        if self._owed or self._suspected or self._wanted or self._doubted:
            self.stir()

    async def _read_once(self, device: DeviceState, deadline: int) -> None:
        sent_at, seconds = self._clock.now(), deadline / SECOND
        cut = device.in_burst and deadline < device.settings.deadline
        device.met_elsewhere = True
        try:
            async with asyncio.timeout(seconds + _OVERRUN_S):
                raws = await device.reader.read_raw(seconds)
        except ReadError as error:
            if cut and error.kind == "timeout":
                self._outcomes.unheard_burst(device)
                return
            kind, detail = error.kind, error.detail
        except TimeoutError:
            kind, detail = "timeout", "reader overran its deadline"
        except Exception as error:  # noqa: BLE001 - one reader's mistake is one device's silence
            kind, detail = "bad_answer", where(error)
        else:
            self._answer(device, raws, sent_at, self._clock.now(), None)
            return
        self._silence(device, kind, detail, sent_at, self._clock.now())

    async def _read_slow(self, device: DeviceState, deadline: int) -> None:
        """Read the slow points once; a failure leaves them as they stand until they are too old."""
        sent_at, seconds = self._clock.now(), deadline / SECOND
        try:
            assert device.slow_reader is not None
            async with asyncio.timeout(seconds + _OVERRUN_S):
                raws = await device.slow_reader.read_raw(seconds)
            device.values.take_slow(raws, sent_at, self._clock.now())
        except (ReadError, TimeoutError) as error:
            self._slow_failed(device, str(error) or "reader overran its deadline")
        except Exception as error:  # noqa: BLE001 - one reader's mistake is one device's silence
            self._slow_failed(device, where(error))
        else:
            device.state.slow_failing = False
        finally:
            device.slow_reading = None

    def _slow_failed(self, device: DeviceState, detail: str) -> None:
        state = device.state
        log = _log.debug if state.slow_failing else _log.warning
        log("slow_points_not_read", device=device.id, detail=detail)
        state.slow_failing = True
        state.slow_failures += 1
        device.slow_slot = device.asked_slot + max(1, device.ratio // SLOW_RETRIES)

    # What follows from an outcome.

    def _answer(
        self,
        device: DeviceState,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> None:
        silent = device.state.silent_in_a_row
        if self._outcomes.answer(device, raws, sent_at, at, changed):
            if silent or self._doubted:
                self._doubted.pop(device.id, None)
            if silent >= ASKED_ALWAYS:
                self._doubted[device.id] = 1
            if not device.on_shared_socket and device.socket_group is not None:
                self._let_learn(device, device.socket_group)
        if device.slow_reader is not None:
            self._follow_slowly(device)

    def _silence(self, device: DeviceState, kind: str, detail: str, sent_at: int, at: int) -> None:
        self._outcomes.silence(device, kind, detail, sent_at, at)
        if device.state.silent_in_a_row == 1:
            self._doubted[device.id] = QUICK_LOOKS
        elif device.state.silent_in_a_row > SILENCES_MAX:
            self._doubted.pop(device.id, None)
        self._follow_slowly(device)

    def _follow_slowly(self, device: DeviceState) -> None:
        """Read the slow points between two slots of the fast ones, where theirs has come."""
        is_due = device.slow_reading is None and device.asked_slot >= device.slow_slot
        if device.slow_reader is None or not is_due or device.state.silent_in_a_row > 1:
            return  # Nothing to do, not yet, or nobody there.
        following = device.asked_slot + 1
        device.slow_slot = following + (device.order - following) % device.ratio
        room = max(device.next_due() - GRID - self._clock.now(), ROOM_MIN)
        deadline = min(device.settings.deadline, room)
        device.slow_reading = self._tasks.create_task(self._read_slow(device, deadline))

    # Bursts.

    def _to_burst(self) -> list[DeviceState]:
        """Return whoever is to be asked outside its slots, if the rules allow it."""
        asked = dict.fromkeys([*self._wanted, *self._doubted, *sorted(self._suspected)])
        return [self._devices[id_] for id_ in asked if id_ in self._devices]

    def _burst_at(self, device: DeviceState, now: int) -> int | None:
        at = burst_at(device, now, is_wanted=device.id in self._wanted)
        return None if at is None else has_room_at(device, max(at, self._budget.free_at(now)))

    def _burst(self, now: int) -> None:
        """Ask whoever may be asked and had its last burst longest ago, while the budget lasts."""
        ready = [
            (device.burst_at, device.order, device)
            for device in self._to_burst()
            if self._burst_at(device, now) == now
        ]
        for _, _, device in sorted(ready):
            # The first of a bus may have taken the time of the next.
            if self._burst_at(device, now) != now or not self._inbox.has_room(device.id):
                continue
            if not self._budget.take(now):
                break
            self._start_burst(device, now)

    def _start_burst(self, device: DeviceState, now: int) -> None:
        room = burst_until(device) - now
        device.asked_at = device.burst_at = now
        device.state.bursts += 1
        if device.line_group is not None:
            device.line_group.burst_at = now
        self._wanted.pop(device.id, None)
        if (left := self._doubted.pop(device.id, 0)) > 1:
            self._doubted[device.id] = left - 1
        self._start_read(device, min(device.settings.deadline, room), in_burst=True)

    async def _close_all(self) -> None:
        for socket_group in self._socket_groups:
            try:
                socket_group.lane.close()
            except Exception as error:  # noqa: BLE001 - the readers are still to be closed
                _log.warning("lane_close_failed", detail=where(error))
        for device in self._devices.values():
            await _close(device.reader)
            if device.slow_reader is not None:
                await _close(device.slow_reader)


async def _close(reader: Reader) -> None:
    try:
        await reader.close()
    except Exception as error:  # noqa: BLE001 - the others are still to be closed
        _log.warning("reader_close_failed", detail=where(error))
