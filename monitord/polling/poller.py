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
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.shared_socket import PollResult
from monitord.polling.ages import bus_of
from monitord.polling.backoff import ASKED_ALWAYS
from monitord.polling.building import LaneFor, berth_of, polled_by_id
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
from monitord.polling.state import Berth, Polled, PollState, RawReader, Tray

__all__ = ["LaneFor", "PollState", "Poller", "next_slot", "spread"]

_log = structlog.get_logger(__name__)

# A reader keeps its own deadline. One that does not is a mistake of ours, and must not turn its
# device silent for good without a word.
_OVERRUN_S = 1.0
CONTACTS_MAX = 256
"""Devices of a lane that are read by their readers at once: each takes a socket meanwhile. The
others stand in line."""
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
        readers: Mapping[str, RawReader],
        clock: Clock,
        inbox: Tray,
        *,
        lanes: Sequence[LaneFor] = (),
        slow_readers: Mapping[str, RawReader] | None = None,
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
        self._polled = polled_by_id(devices, readers, slow_readers or {})
        self._berths = [berth_of(lane_for, self._polled) for lane_for in lanes]
        self.states = {id_: polled.state for id_, polled in self._polled.items()}
        per_second = sum(SECOND / one.settings.poll_every for one in self._polled.values())
        self._step = step_for(per_second) if lanes else GRID
        self._start = self._served = 0
        self._agenda: Agenda[Polled] = Agenda()
        self._owed: list[Polled] = []
        self._wanted: dict[str, None] = {}
        self._doubted: dict[str, int] = {}
        self._contacts = 0
        self._line: deque[Polled] = deque()
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
        if device in self._polled:
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
        offsets = spread([one.settings for one in self._polled.values()], self._step, self._bus_of)
        for settings, offset in offsets:
            polled = self._polled[settings.id]
            polled.first = self._start + offset
            self._agenda.put(self._step_of(polled.first), polled)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                while True:
                    if await self._sleep():
                        self._serve()
        finally:
            await self._close_all()

    def _bus_of(self, settings: DeviceSettings) -> str | None:
        return None if self._polled[settings.id].bus is None else bus_of(settings)

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
        if busy or any(berth.waiting or berth.queue for berth in self._berths):
            return self._served + 1
        steps = [] if (first := self._agenda.first()) is None else [first]
        now = self._clock.now()
        bursts = [self._burst_at(polled, now) for polled in self._to_burst()]
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
        for berth in self._berths:
            self._collect(berth)
        slot = GRID // self._step
        if step // slot > passed // slot:
            self._outcomes.hand_over()
            self._suspected = self._suspects()
        due = self._agenda.first()
        late = 0 if due is None else max(0, step - due)
        owed, self._owed = self._owed, []
        for polled in owed:
            if not polled.is_under_way:
                self._ask(polled, now)
        for polled in self._agenda.take(step):
            self._visit(polled, now)
        self._burst(now)
        for berth in self._berths:
            self._send(berth, BATCH_MAX * min(1 + late, LATE_STEPS_MAX))

    def _visit(self, polled: Polled, now: int) -> None:
        """A slot of the device has come: ask it, or count why not."""
        state, every = polled.state, polled.settings.poll_every
        following = next_slot(polled.slot, now + 1 - polled.first, every)
        state.slots_skipped += following - polled.slot - 1
        polled.slot = following
        self._agenda.put(self._step_of(polled.due(following)), polled)
        if polled.is_under_way:
            polled.owed = polled.in_burst
            state.slots_skipped += not polled.owed
        elif following - 1 < polled.next_asked:
            state.slots_left_out += 1
            self.slots_done += 1
        else:
            self._ask(polled, now)

    def _ask(self, polled: Polled, now: int) -> None:
        """Ask in the slot that was begun last."""
        if not self._inbox.has_room(polled.id):
            self.polls_skipped += 1
            return
        polled.asked_slot = polled.slot - 1
        polled.asked_at = now
        if self._wanted:
            self._wanted.pop(polled.id, None)
        if polled.in_lane and polled.berth is not None:
            polled.at_lane = True
            polled.berth.queue.append(polled)
        else:
            self._line_up(polled)

    # Lanes.

    def _send(self, berth: Berth, room: int) -> None:
        """Send what is queued, at most ``room``; the rest leaves with the next step."""
        if not berth.queue:
            return
        batch = [berth.queue.popleft() for _ in range(min(room, len(berth.queue)))]
        berth.waiting += len(batch)
        try:
            berth.lane.send([polled.member for polled in batch], self._clock.now())
        except Exception as error:  # noqa: BLE001 - the readers can do without the lane
            self._abandon(berth, error)

    def _collect(self, berth: Berth) -> None:
        """Take what has come, and then what is overdue."""
        if not berth.waiting:
            return
        try:
            self._take_all(berth, berth.lane.drain(self._clock.now()))
            self._take_all(berth, berth.lane.sweep(self._clock.now()))
        except Exception as error:  # noqa: BLE001 - the readers can do without the lane
            self._abandon(berth, error)

    def _take_all(self, berth: Berth, came: Sequence[PollResult]) -> None:
        # Read after the sockets were: what came cannot have come later.
        at = self._clock.now()
        for one in came:
            polled = berth.members[one.member]
            if polled.at_lane:
                berth.waiting -= 1
                polled.at_lane = False
                self._take(polled, one, at)

    def _take(self, polled: Polled, came: PollResult, at: int) -> None:
        if came.raws is None:
            polled.in_lane = False
            self._line_up(polled)
        elif isinstance(came.raws, ReadError):
            self._silence(polled, came.raws.kind, came.raws.detail, came.sent_at, at)
        else:
            changed = None if polled.met_elsewhere else came.changed
            polled.met_elsewhere = False
            self._answer(polled, came.raws, came.sent_at, at, changed)

    def _let_learn(self, polled: Polled, berth: Berth) -> None:
        """Let the lane take the device over, if its reader has learned that it can."""
        try:
            polled.in_lane = berth.lane.learn(polled.member)
        except Exception as error:  # noqa: BLE001 - the readers can do without the lane
            self._abandon(berth, error)

    def _abandon(self, berth: Berth, error: Exception) -> None:
        """Go on with the readers alone: a lane that raises is a mistake of ours."""
        _log.error("lane_failed", detail=where(error))
        now = self._clock.now()
        berth.queue.clear()
        berth.waiting = 0
        berth.lane.close()
        for polled in berth.members:
            polled.berth, polled.in_lane = None, False
            if polled.at_lane:
                polled.at_lane = False
                detail = "the lane it was asked by failed"
                self._silence(polled, "bad_answer", detail, polled.asked_at or now, now)
        self._berths = [other for other in self._berths if other is not berth]

    # Readers.

    def _line_up(self, polled: Polled) -> None:
        """Let the reader read, or stand in line where too many devices of lanes are being read."""
        if polled.berth is None or self._contacts < CONTACTS_MAX:
            self._start_read(polled, polled.settings.deadline)
        else:
            polled.in_line = True
            self._line.append(polled)

    def _next_in_line(self) -> None:
        while self._line and self._contacts < CONTACTS_MAX:
            polled = self._line.popleft()
            polled.in_line = False
            self._start_read(polled, polled.settings.deadline)

    def _start_read(self, polled: Polled, deadline: int, *, in_burst: bool = False) -> None:
        polled.in_burst = in_burst
        is_contact = polled.berth is not None
        self._contacts += is_contact
        read = self._read(polled, deadline, is_contact=is_contact)
        polled.reading = self._tasks.create_task(read)

    async def _read(self, polled: Polled, deadline: int, *, is_contact: bool) -> None:
        """Read once, stamp what came, note it, hand it over."""
        try:
            await self._read_once(polled, deadline)
        finally:
            polled.reading = None
            polled.in_burst = False
            self._contacts -= is_contact
        self._next_in_line()
        self._outcomes.remarks_of(polled, self._clock.now())
        self._outcomes.hand_over()
        if polled.in_lane:
            await _close(polled.reader)
        if polled.owed:
            polled.owed = False
            self._owed.append(polled)
        if self._owed or self._suspected or self._wanted or self._doubted:
            self.stir()

    async def _read_once(self, polled: Polled, deadline: int) -> None:
        sent_at, seconds = self._clock.now(), deadline / SECOND
        cut = polled.in_burst and deadline < polled.settings.deadline
        polled.met_elsewhere = True
        try:
            async with asyncio.timeout(seconds + _OVERRUN_S):
                raws = await polled.reader.read_raw(seconds)
        except ReadError as error:
            if cut and error.kind == "timeout":
                self._outcomes.unheard_burst(polled)
                return
            kind, detail = error.kind, error.detail
        except TimeoutError:
            kind, detail = "timeout", "reader overran its deadline"
        except Exception as error:  # noqa: BLE001 - one reader's mistake is one device's silence
            kind, detail = "bad_answer", where(error)
        else:
            self._answer(polled, raws, sent_at, self._clock.now(), None)
            return
        self._silence(polled, kind, detail, sent_at, self._clock.now())

    async def _read_slow(self, polled: Polled, deadline: int) -> None:
        """Read the slow points once; a failure leaves them as they stand until they are too old."""
        sent_at, seconds = self._clock.now(), deadline / SECOND
        try:
            assert polled.slow_reader is not None
            async with asyncio.timeout(seconds + _OVERRUN_S):
                raws = await polled.slow_reader.read_raw(seconds)
            polled.values.take_slow(raws, sent_at, self._clock.now())
        except (ReadError, TimeoutError) as error:
            self._slow_failed(polled, str(error) or "reader overran its deadline")
        except Exception as error:  # noqa: BLE001 - one reader's mistake is one device's silence
            self._slow_failed(polled, where(error))
        else:
            polled.state.slow_failing = False
        finally:
            polled.slow_reading = None

    def _slow_failed(self, polled: Polled, detail: str) -> None:
        state = polled.state
        log = _log.debug if state.slow_failing else _log.warning
        log("slow_points_not_read", device=polled.id, detail=detail)
        state.slow_failing = True
        state.slow_failures += 1
        polled.slow_slot = polled.asked_slot + max(1, polled.ratio // SLOW_RETRIES)

    # What follows from an outcome.

    def _answer(
        self,
        polled: Polled,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> None:
        silent = polled.state.silent_in_a_row
        if self._outcomes.answer(polled, raws, sent_at, at, changed):
            if silent or self._doubted:
                self._doubted.pop(polled.id, None)
            if silent >= ASKED_ALWAYS:
                self._doubted[polled.id] = 1
            if not polled.in_lane and polled.berth is not None:
                self._let_learn(polled, polled.berth)
        if polled.slow_reader is not None:
            self._follow_slowly(polled)

    def _silence(self, polled: Polled, kind: str, detail: str, sent_at: int, at: int) -> None:
        self._outcomes.silence(polled, kind, detail, sent_at, at)
        if polled.state.silent_in_a_row == 1:
            self._doubted[polled.id] = QUICK_LOOKS
        elif polled.state.silent_in_a_row > SILENCES_MAX:
            self._doubted.pop(polled.id, None)
        self._follow_slowly(polled)

    def _follow_slowly(self, polled: Polled) -> None:
        """Read the slow points between two slots of the fast ones, where theirs has come."""
        is_due = polled.slow_reading is None and polled.asked_slot >= polled.slow_slot
        if polled.slow_reader is None or not is_due or polled.state.silent_in_a_row > 1:
            return  # Nothing to do, not yet, or nobody there.
        following = polled.asked_slot + 1
        polled.slow_slot = following + (polled.order - following) % polled.ratio
        room = max(polled.next_due() - GRID - self._clock.now(), ROOM_MIN)
        deadline = min(polled.settings.deadline, room)
        polled.slow_reading = self._tasks.create_task(self._read_slow(polled, deadline))

    # Bursts.

    def _to_burst(self) -> list[Polled]:
        """Return whoever is to be asked outside its slots, if the rules allow it."""
        asked = dict.fromkeys([*self._wanted, *self._doubted, *sorted(self._suspected)])
        return [self._polled[id_] for id_ in asked if id_ in self._polled]

    def _burst_at(self, polled: Polled, now: int) -> int | None:
        at = burst_at(polled, now, is_wanted=polled.id in self._wanted)
        return None if at is None else has_room_at(polled, max(at, self._budget.free_at(now)))

    def _burst(self, now: int) -> None:
        """Ask whoever may be asked and had its last burst longest ago, while the budget lasts."""
        ready = [
            (polled.burst_at, polled.order, polled)
            for polled in self._to_burst()
            if self._burst_at(polled, now) == now
        ]
        for _, _, polled in sorted(ready):
            # The first of a bus may have taken the time of the next.
            if self._burst_at(polled, now) != now or not self._inbox.has_room(polled.id):
                continue
            if not self._budget.take(now):
                break
            self._start_burst(polled, now)

    def _start_burst(self, polled: Polled, now: int) -> None:
        room = burst_until(polled) - now
        polled.asked_at = polled.burst_at = now
        polled.state.bursts += 1
        if polled.bus is not None:
            polled.bus.burst_at = now
        self._wanted.pop(polled.id, None)
        if (left := self._doubted.pop(polled.id, 0)) > 1:
            self._doubted[polled.id] = left - 1
        self._start_read(polled, min(polled.settings.deadline, room), in_burst=True)

    async def _close_all(self) -> None:
        for berth in self._berths:
            try:
                berth.lane.close()
            except Exception as error:  # noqa: BLE001 - the readers are still to be closed
                _log.warning("lane_close_failed", detail=where(error))
        for polled in self._polled.values():
            await _close(polled.reader)
            if polled.slow_reader is not None:
                await _close(polled.slow_reader)


async def _close(reader: RawReader) -> None:
    try:
        await reader.close()
    except Exception as error:  # noqa: BLE001 - the others are still to be closed
        _log.warning("reader_close_failed", detail=where(error))
