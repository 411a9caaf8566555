"""The daemon's own health: ready, healthy, one line of status, finished work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.core.situation import Situation
from monitord.devices.model import DeviceSettings
from monitord.polling.state import PollStatus
from monitord.systemd.notify import POLLS_GRACE, Work
from monitord.texts.filling import filled

HEALTHY_WITHIN: Final = 15 * SECOND
"""A healthy engine has finished a tick within this time; it ticks every few seconds when idle."""
SUMMARY: Final = (
    "{programmes:programme|programmes}, {devices:device|devices} ({silent} silent),"
    " {incidents:incident|incidents} open"
)
WAITING: Final = "{n:event waits|events wait} for the disk"


class EngineProgress(Protocol):
    """``finished_at``: site time of the last finished tick. ``unrecorded``: how many events wait
    for a disk that does not take them.
    """

    finished_at: int

    @property
    def unrecorded(self) -> int: ...


class PollProgress(Protocol):
    """``work_done``: polls ended and slots left out with a reason, since the start."""

    @property
    def statuses(self) -> Mapping[str, PollStatus]: ...

    @property
    def work_done(self) -> int: ...


class DeliveryProgress(Protocol):
    """Attempts that have ended since the start, and those being sent."""

    @property
    def ended(self) -> int: ...

    @property
    def under_way(self) -> int: ...


class Health:
    """Reads the parts of the running daemon; changes none of them."""

    def __init__(
        self,
        situation: Situation,
        clock: Clock,
        *,
        engine: EngineProgress,
        polls: PollProgress,
        deliveries: DeliveryProgress,
    ) -> None:
        self._situation = situation
        self._clock = clock
        self._engine = engine
        self._polls = polls
        self._deliveries = deliveries

    def ready(self) -> tuple[bool, str]:
        """Return whether the record is loaded and every device was polled once, or why not."""
        if not self._situation.started:
            return False, "not started yet"
        silent = [id_ for id_, state in self._polls.statuses.items() if state.last is None]
        return not silent, f"no poll has ended yet: {', '.join(silent)}" if silent else "ok"

    def healthy(self) -> tuple[bool, str]:
        """Return whether the engine finishes its ticks, or since when it does not."""
        age = self._clock.now() - self._engine.finished_at
        if age > HEALTHY_WITHIN:
            return False, f"the last finished tick is {age // SECOND} s old"
        pending = self._engine.unrecorded
        return True, f"ok, but {filled(WAITING, {'n': pending})}" if pending else "ok"

    def summary(self) -> str:
        """Return one line for the service manager."""
        situation = self._situation
        silent = sum(memory.silent is not None for memory in situation.troubled.values())
        counts = {
            "programmes": len(situation.programmes),
            "devices": len(situation.devices),
            "silent": silent,
            "incidents": len(situation.durable.incidents),
        }
        pending = self._engine.unrecorded
        text = filled(SUMMARY, counts)
        return f"{text}, {filled(WAITING, {'n': pending})}" if pending else text

    def work(self) -> Work:
        """Return what has ended so far, for the watchdog."""
        return Work(
            polls_ended=self._polls.work_done,
            deliveries_ended=self._deliveries.ended,
            deliveries_under_way=self._deliveries.under_way,
        )


def polls_within(devices: Sequence[DeviceSettings]) -> int | None:
    """Return the time in which at least one poll must end, in microseconds; None without a device.

    One slot and deadline of the fastest device, and a reserve for a loaded machine.
    """
    slots = [device.poll_every + device.deadline for device in devices]
    return min(slots) + POLLS_GRACE if slots else None
