"""Sends the attempts that the core decided on through their channels, and reports each outcome.

Must not decide anything: no retry, no order, no choice of channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
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
        self._channels = channels
        self._clock = clock
        self._inbox = inbox
        self._step = step
        self._return_s_max = return_s_max
        self._slots = {channel: asyncio.Semaphore(AT_ONCE_MAX) for channel in channels}
        self._tasks: set[asyncio.Task[None]] = set()
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
        await asyncio.gather(*cancelled, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    async def _run(self, attempt: Attempt) -> None:
        if attempt.channel not in self._channels:
            outcome = _Outcome(False, True, f"channel {attempt.channel} is not configured")
        else:
            async with self._slots[attempt.channel]:
                self._step("attempt_sending")
                outcome = await self._send(attempt)
                self._step("attempt_sent")
        self._report(attempt, outcome)

    async def _send(self, attempt: Attempt) -> _Outcome:
        try:
            async with asyncio.timeout(self._return_s_max):
                await self._channels[attempt.channel].send(attempt.message)
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
