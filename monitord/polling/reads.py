"""Reads under way with each device's own reader. Decides neither when to read nor what follows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

import structlog

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.decoding.rules import Raw
from monitord.devices.model import Reader, ReadError
from monitord.logs import error_place
from monitord.polling.state import DeviceState

_log = structlog.get_logger(__name__)

OVERRUN_S = 1.0
"""A reader keeps its own deadline. One that exceeds it by this time is cancelled: a defect of a
reader must not make its device silent for good without a report."""
SOCKETS_MAX = 256
"""Devices of shared sockets that their own readers read at once: each takes a socket meanwhile.
The others wait."""


class PollEnds(Protocol):
    """Receives how each poll ended. Times are site time in microseconds."""

    def answered(
        self,
        device: DeviceState,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> None:
        """Accept raw values. ``changed``: places that differ from before, None: any may."""

    def failed(self, device: DeviceState, kind: str, detail: str, sent_at: int, at: int) -> None:
        """Accept a poll without an answer. ``kind``: as in ``ReadError``."""

    def cut_short(self, device: DeviceState) -> None:
        """Accept a burst poll that ended without an answer before the device's deadline."""

    def remarked(self, device: DeviceState) -> None:
        """Accept that a device's reader has remarks, without a read of its own."""

    def read_ended(self, device: DeviceState) -> None:
        """Accept that the device's reader is free again."""


class Reads:
    """Starts reads and reports how they ended. ``tasks``: the group that the reads run in."""

    def __init__(self, clock: Clock, ends: PollEnds) -> None:
        self.tasks = asyncio.TaskGroup()
        self._clock = clock
        self._ends = ends
        self._sockets = 0
        self._waiting: deque[DeviceState] = deque()

    def start_in_turn(self, device: DeviceState) -> None:
        """Read the device now, or when one of ``SOCKETS_MAX`` sockets is free."""
        if device.socket_group is None or self._sockets < SOCKETS_MAX:
            self.start(device, device.settings.deadline)
        else:
            device.in_read_queue = True
            self._waiting.append(device)

    def drop(self, devices: Collection[DeviceState]) -> None:
        """Cancel the reads of these devices; nothing follows from them."""
        self._waiting = deque(device for device in self._waiting if device not in devices)
        for device in devices:
            device.in_read_queue = False
            if device.reading is not None:
                device.reading.cancel()

    def close_later(self, devices: Iterable[DeviceState]) -> None:
        """Close the readers of devices that are gone, once their reads have ended."""
        for device in devices:
            self.tasks.create_task(_close_gone(device))

    def start(self, device: DeviceState, deadline: int, *, in_burst: bool = False) -> None:
        """Read the device within ``deadline`` microseconds."""
        device.in_burst = in_burst
        takes_socket = device.socket_group is not None
        self._sockets += takes_socket
        read = self._read(device, deadline, takes_socket=takes_socket)
        device.reading = self.tasks.create_task(read)

    async def _read(self, device: DeviceState, deadline: int, *, takes_socket: bool) -> None:
        try:
            await self._read_once(device, deadline)
        finally:
            device.reading = None
            device.in_burst = False
            self._sockets -= takes_socket
        self._start_waiting()
        if device.on_shared_socket:
            await close_reader(device.reader)
        self._ends.read_ended(device)

    def _start_waiting(self) -> None:
        while self._waiting and self._sockets < SOCKETS_MAX:
            device = self._waiting.popleft()
            device.in_read_queue = False
            self.start(device, device.settings.deadline)

    async def _read_once(self, device: DeviceState, deadline: int) -> None:
        sent_at, seconds = self._clock.now(), deadline / SECOND
        is_cut = device.in_burst and deadline < device.settings.deadline
        device.read_elsewhere = True
        device.note_asked(sent_at)
        try:
            async with asyncio.timeout(seconds + OVERRUN_S):
                raws = await device.reader.read_raw(seconds)
        except ReadError as error:
            if is_cut and error.kind == "timeout":
                self._ends.cut_short(device)
                return
            kind, detail = error.kind, error.detail
        except TimeoutError:
            kind, detail = "timeout", "reader overran its deadline"
        except Exception as error:  # noqa: BLE001 - a defect of a reader silences one device only
            kind, detail = "bad_answer", error_place(error)
        else:
            self._ends.answered(device, raws, sent_at, self._clock.now(), None)
            return
        self._ends.failed(device, kind, detail, sent_at, self._clock.now())


async def _close_gone(device: DeviceState) -> None:
    under_way = [task for task in (device.reading, device.slow_reading) if task is not None]
    if under_way:
        await asyncio.wait(under_way)
    for reader in (device.reader, device.slow_reader):
        if reader is not None:
            await close_reader(reader)


async def close_reader(reader: Reader) -> None:
    """Close a reader; log an error of it."""
    try:
        await reader.close()
    except Exception as error:  # noqa: BLE001 - the others are still to be closed
        _log.warning("reader_close_failed", detail=error_place(error))
