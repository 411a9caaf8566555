"""Decides when each device is read and stamps what came. Knows nothing of the values' meaning."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from monitord.clock import Clock
from monitord.core.model import SECOND, Answer, Silence
from monitord.devices.model import DeviceSettings, Reader, ReadError

_log = structlog.get_logger(__name__)

# A reader keeps its own deadline. One that does not is a mistake of ours, and must not turn its
# device silent for good without a word.
_OVERRUN_S = 1.0


@dataclass(slots=True)
class PollState:
    """What metrics may know of one device.

    ``took``: microseconds of the last poll, ``took_total`` of all. ``results``: polls by how they
    ended, ``answer`` or the kind of the failed read.
    """

    last: Answer | Silence | None = None
    took: int = 0
    took_total: int = 0
    answers: int = 0
    silences: int = 0
    results: Counter[str] = field(default_factory=Counter)
    slots_skipped: int = 0
    silent_in_a_row: int = 0


class Poller:
    """Reads every device in its slot, and hands each answer or silence to ``inbox``.

    Due times are ``start + offset + k * poll_every``: a late poll makes the next no later. A slot
    that passed while the read before it was under way is skipped, never made up for.
    """

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        readers: Mapping[str, Reader],
        clock: Clock,
        inbox: Callable[[Answer | Silence], None],
    ) -> None:
        self.polls_ended = 0
        self.states: dict[str, PollState] = {device.id: PollState() for device in devices}
        self._devices = tuple(devices)
        self._readers = {device.id: readers[device.id] for device in devices}
        self._clock = clock
        self._inbox = inbox

    async def run(self) -> None:
        """Poll until cancelled; then end all reads and close the readers."""
        start = self._clock.now()
        try:
            async with asyncio.TaskGroup() as polls:
                for device, offset in spread(self._devices):
                    polls.create_task(self._poll_forever(device, start + offset))
                # Without a device there is nothing to do, and still an end to wait for.
                await asyncio.get_running_loop().create_future()
        finally:
            for device in self._devices:
                await self._close(device)

    async def _poll_forever(self, device: DeviceSettings, first: int) -> None:
        slot = 0
        while True:
            await self._clock.sleep_until(first + slot * device.poll_every)
            await self._poll(device)
            following = next_slot(slot, self._clock.now() - first, device.poll_every)
            self.states[device.id].slots_skipped += following - slot - 1
            slot = following

    async def _poll(self, device: DeviceSettings) -> None:
        """Read once, stamp what came, note it, hand it over."""
        sent_at = self._clock.now()
        try:
            seconds = device.deadline / SECOND
            async with asyncio.timeout(seconds + _OVERRUN_S):
                values = await self._readers[device.id].read(seconds)
        except ReadError as error:
            self._silence(device, error.kind, error.detail, sent_at)
        except TimeoutError:
            self._silence(device, "timeout", "reader overran its deadline", sent_at)
        except Exception as error:  # noqa: BLE001 - one reader's mistake is one device's silence
            self._silence(device, "bad_answer", _where(error), sent_at)
        else:
            self._answer(Answer(device.id, sent_at, self._clock.now(), values))

    def _answer(self, answer: Answer) -> None:
        state = self.states[answer.device]
        if state.silent_in_a_row:
            silent = state.silent_in_a_row
            _log.info("device_answered_again", device=answer.device, polls_silent=silent)
        state.answers += 1
        state.silent_in_a_row = 0
        self._end(state, answer)

    def _silence(self, device: DeviceSettings, kind: str, detail: str, sent_at: int) -> None:
        state = self.states[device.id]
        log = _log.debug if state.silent_in_a_row else _log.warning
        log("device_read_failed", device=device.id, kind=kind, detail=detail)
        state.silences += 1
        state.silent_in_a_row += 1
        self._end(state, Silence(device.id, kind, sent_at, self._clock.now()))

    def _end(self, state: PollState, outcome: Answer | Silence) -> None:
        state.last = outcome
        state.took = outcome.at - outcome.sent_at
        state.took_total += state.took
        state.results[outcome.kind if isinstance(outcome, Silence) else "answer"] += 1
        self.polls_ended += 1
        self._inbox(outcome)

    async def _close(self, device: DeviceSettings) -> None:
        try:
            await self._readers[device.id].close()
        except Exception as error:  # noqa: BLE001 - the others are still to be closed
            _log.warning("reader_close_failed", device=device.id, detail=_where(error))


def next_slot(slot: int, elapsed: int, every: int) -> int:
    """Return the first slot after ``slot`` that is not yet past, ``elapsed`` after slot 0."""
    return max(slot + 1, -(-elapsed // every))


def spread(devices: Sequence[DeviceSettings]) -> list[tuple[DeviceSettings, int]]:
    """Give each device an offset within its slot, so that those of equal slots stand evenly."""
    alike: defaultdict[int, list[DeviceSettings]] = defaultdict(list)
    for device in devices:
        alike[device.poll_every].append(device)
    return [
        (device, place * every // len(group))
        for every, group in alike.items()
        for place, device in enumerate(group)
    ]


def _where(error: Exception) -> str:
    """Say what went wrong in us and where. Its text stays out: it might quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{at}"
