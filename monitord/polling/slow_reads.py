"""Reads of slow points, between two slots of the fast ones. Owns when they are due."""

from __future__ import annotations

import asyncio

import structlog

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.devices.model import ReadError
from monitord.logs import error_place
from monitord.polling.burst import ROOM_MIN
from monitord.polling.reads import OVERRUN_S
from monitord.polling.slots import GRID
from monitord.polling.state import DeviceState

_log = structlog.get_logger(__name__)

RETRIES_PER_INTERVAL = 6
"""A slow read that failed is made again after this part of ``slow_every``."""


class SlowReads:
    """Reads the slow points of each device. ``tasks``: the group that the reads run in.

    A failed read leaves the values as they are, until they are too old.
    """

    def __init__(self, clock: Clock) -> None:
        self.tasks = asyncio.TaskGroup()
        self._clock = clock

    def start_if_due(self, device: DeviceState) -> None:
        """Read the slow points after a poll of the fast ones, if their slot has come.

        A device without slow points, or with two silences in a row, is not read.
        """
        is_due = device.slow_reading is None and device.polled_slot >= device.slow_slot
        if device.slow_reader is None or not is_due or device.status.silent_in_a_row > 1:
            return
        following = device.polled_slot + 1
        device.slow_slot = following + (device.order - following) % device.slow_ratio
        room = max(device.next_due() - GRID - self._clock.now(), ROOM_MIN)
        read = self._read(device, min(device.settings.deadline, room))
        device.slow_reading = self.tasks.create_task(read)

    async def _read(self, device: DeviceState, deadline: int) -> None:
        sent_at, seconds = self._clock.now(), deadline / SECOND
        try:
            assert device.slow_reader is not None
            async with asyncio.timeout(seconds + OVERRUN_S):
                raws = await device.slow_reader.read_raw(seconds)
            device.decoder.decode_slow(raws, sent_at, self._clock.now())
        except (ReadError, TimeoutError) as error:
            self._note_failure(device, str(error) or "reader overran its deadline")
        except Exception as error:  # noqa: BLE001 - a defect of a reader costs one device only
            self._note_failure(device, error_place(error))
        else:
            device.status.slow_failing = False
        finally:
            device.slow_reading = None

    def _note_failure(self, device: DeviceState, detail: str) -> None:
        status = device.status
        log = _log.debug if status.slow_failing else _log.warning
        log("slow_points_not_read", device=device.id, detail=detail)
        status.slow_failing = True
        status.slow_failures += 1
        device.slow_slot = device.polled_slot + max(1, device.slow_ratio // RETRIES_PER_INTERVAL)
