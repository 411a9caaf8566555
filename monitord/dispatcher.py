"""Sends the attempts that the core decided on through their channels, and reports each outcome.

Must not decide anything: no retry, no order, no choice of channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from monitord.channels import Channel, DeliveryError, Message
from monitord.clock import Clock
from monitord.core.model import Attempted
from monitord.logs import error_frames

AT_ONCE_MAX: Final = 4
"""Attempts under way in one channel. Each channel has its own limit: one that hangs delays none."""

RETURN_S_MAX: Final = 120.0
"""Channels keep their own deadline. One that does not must not block a person's message queue."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. Its ``attempt_began`` is on disk, or the message is marked unrecorded."""

    person: str
    incident: str
    attempt: int
    channel: str
    message: Message


@dataclass(frozen=True, slots=True)
class _Outcome:
    delivered: bool
    permanent: bool = False
    detail: str = ""


class Dispatcher:
    """Sends each attempt in a task of its own and puts every outcome into ``inbox``.

    ``step`` is called with ``attempt_sending`` before and ``attempt_sent`` after each send.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Clock,
        inbox: Callable[[Attempted], None],
        step: Callable[[str], None],
        *,
        return_s_max: float = RETURN_S_MAX,
    ) -> None:
        self._channels = dict(channels)
        self._clock = clock
        self._inbox = inbox
        self._step = step
        self._return_s_max = return_s_max
        self._slots = {channel: asyncio.Semaphore(AT_ONCE_MAX) for channel in channels}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._ended = 0

    @property
    def ended(self) -> int:
        """How many attempts have ended since the start, for the watchdog."""
        return self._ended

    @property
    def under_way(self) -> int:
        """How many attempts are being sent or wait for their channel."""
        return len(self._tasks)

    def start(self, attempt: Attempt) -> None:
        """Send one attempt, at once or when its channel has room; none is dropped."""
        task = asyncio.create_task(self._run(attempt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def replace(self, channels: Mapping[str, Channel], ids: Collection[str]) -> None:
        """Send by these new channels too, and by no other than those in ``ids``.

        A channel that is replaced or left out is closed when the attempts under way have ended.
        """
        leaving = [
            channel for id_, channel in self._channels.items() if id_ in channels or id_ not in ids
        ]
        self._channels = {
            id_: channel for id_, channel in (self._channels | dict(channels)).items() if id_ in ids
        }
        for id_ in ids:
            self._slots.setdefault(id_, asyncio.Semaphore(AT_ONCE_MAX))
        if leaving:
            closing = asyncio.create_task(self._close_after(set(self._tasks), leaving))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _close_after(
        self, under_way: Collection[asyncio.Task[None]], channels: Sequence[Channel]
    ) -> None:
        try:
            if under_way:
                await asyncio.wait(under_way)
        finally:
            for channel in channels:
                await channel.close()

    async def drain(self, deadline_s: float) -> int:
        """Wait for the attempts under way; return how many are left at the deadline."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=deadline_s)
        return len(self._tasks)

    async def close(self) -> None:
        """Cancel what is under way and close the channels; safe to call twice.

        A cancelled attempt reports nothing: after the next start it counts as *possibly sent*.
        """
        cancelled = set(self._tasks)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, *self._closing, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    async def _run(self, attempt: Attempt) -> None:
        if attempt.channel not in self._channels:
            outcome = _Outcome(False, True, f"channel {attempt.channel} is not configured")
        else:
            async with self._slots[attempt.channel]:
                self._step("attempt_sending")
                outcome = await self._send(attempt, self._channels.get(attempt.channel))
                self._step("attempt_sent")
        self._report(attempt, outcome)

    async def _send(self, attempt: Attempt, channel: Channel | None) -> _Outcome:
        if channel is None:  # a reload has left it out while the attempt waited for it
            return _Outcome(False, True, f"channel {attempt.channel} is not configured")
        try:
            async with asyncio.timeout(self._return_s_max):
                await channel.send(attempt.message)
        except DeliveryError as error:
            return _Outcome(False, error.permanent, error.detail)
        except Exception as error:  # noqa: BLE001  # a defect of ours must not lose the message
            _log_defect(attempt, error)
            return _Outcome(False, False, f"channel failed: {type(error).__name__}")
        return _Outcome(True)

    def _report(self, attempt: Attempt, outcome: _Outcome) -> None:
        _log_outcome(attempt, outcome)
        self._ended += 1
        self._inbox(
            Attempted(
                at=self._clock.now(),
                person=attempt.person,
                incident=attempt.incident,
                attempt=attempt.attempt,
                delivered=outcome.delivered,
                permanent=outcome.permanent,
                detail=outcome.detail,
            )
        )


def _log_defect(attempt: Attempt, error: Exception) -> None:
    # The error's own text may contain the channel's address: only type and place are logged.
    frame = error_frames(error)[-1]
    log.error(
        "channel_broke",
        channel=attempt.channel,
        error=type(error).__name__,
        where=f"{frame.filename}:{frame.lineno}",
        **_ids(attempt),
    )


def _log_outcome(attempt: Attempt, outcome: _Outcome) -> None:
    ids = _ids(attempt) | {"channel": attempt.channel}
    if outcome.delivered:
        log.info("delivery_confirmed", **ids)
    elif attempt.attempt == 1:
        log.warning("delivery_failed", detail=outcome.detail, **ids)
    else:
        log.debug("delivery_failed", detail=outcome.detail, **ids)


def _ids(attempt: Attempt) -> dict[str, object]:
    return {
        "person": attempt.person,
        "incident": attempt.incident,
        "attempt": attempt.attempt,
    }
