"""From a poll's end to what is handed over and noted. Owns counting and the log; asks nobody."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

import structlog

from monitord.core.model import Answer, Silence
from monitord.decoding.rules import Raw
from monitord.polling.ages import worst_age
from monitord.polling.backoff import left_alone
from monitord.polling.overload import GENTLE_SLOTS
from monitord.polling.state import AnswerSink, DeviceState

_log = structlog.get_logger(__name__)


class Outcomes:
    """Collects what polls ended with, until it is handed over in one batch."""

    def __init__(self, inbox: AnswerSink) -> None:
        self.polls_ended = 0
        self._inbox = inbox
        self._batch: list[Answer | Silence] = []

    @property
    def waiting(self) -> bool:
        """Return whether something is still to be handed over."""
        return bool(self._batch)

    def hand_over(self) -> None:
        """Give the inbox all that came."""
        if self._batch:
            batch, self._batch = self._batch, []
            self._inbox.put_many(batch)

    def answer(
        self,
        device: DeviceState,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> bool:
        """Decode and note an answer; return whether that worked. Else it is a silence."""
        try:
            values, suspected = device.values.take(raws, sent_at, at, changed)
            restarted = device.settings.uptime is not None and device.uptime.record(values, at)
        except Exception as error:  # noqa: BLE001 - one device's values are one device's silence
            self.silence(device, "bad_answer", where(error), sent_at, at)
            return False
        state = device.state
        if state.silent_in_a_row:
            silent = state.silent_in_a_row
            _log.info("device_answered_again", device=device.id, polls_silent=silent)
            state.silent_in_a_row = 0
        state.answers += 1
        state.proven_at = sent_at
        if restarted:
            state.remarks.add("restarts", "its uptime went back", at)
        if device.response_time.record(at - sent_at):
            state.remarks.add("slows", device.response_time.described(), at)
        self._pace(device, at)
        self._end(
            device,
            Answer(device.id, sent_at, at, values, suspected=suspected),
            "answer",
        )
        return True

    def silence(self, device: DeviceState, kind: str, detail: str, sent_at: int, at: int) -> None:
        """Note a poll that brought nothing; a device that long brings nothing is left alone."""
        state = device.state
        log = _log.debug if state.silent_in_a_row else _log.warning
        log("device_read_failed", device=device.id, kind=kind, detail=detail)
        if not state.silent_in_a_row:
            device.silent_since = sent_at
        state.silences += 1
        state.silent_in_a_row += 1
        every = device.settings.poll_every
        wanted = left_alone(state.silent_in_a_row, at - device.silent_since, every)
        device.next_asked = device.asked_slot + wanted // every
        self._end(device, Silence(device.id, kind, sent_at, at), kind)

    def unheard_burst(self, device: DeviceState) -> None:
        """Note a burst poll that was cut short for the next slot: that is no device's silence."""
        _log.debug("burst_unheard", device=device.id)
        self.polls_ended += 1

    def remarks_of(self, device: DeviceState, at: int) -> None:
        """Take over what the readers noticed besides."""
        for reader in (device.reader, device.slow_reader):
            if reader is not None and device.state.remarks.collect(reader, at):
                device.uptime.restarted(at)

    def _pace(self, device: DeviceState, now: int) -> None:
        stretch = GENTLE_SLOTS if device.is_spared(now) else 1
        device.next_asked = device.asked_slot + stretch
        if stretch != device.stretch:
            device.stretch = stretch
            mates = [mate.settings for mate in device.mates()]
            device.state.age_worst = worst_age(device.settings, mates, stretch=stretch).whole

    def _end(self, device: DeviceState, outcome: Answer | Silence, result: str) -> None:
        state = device.state
        state.last = outcome
        state.took = outcome.at - outcome.sent_at
        state.took_total += state.took
        state.results[result] += 1
        self.polls_ended += 1
        self._batch.append(outcome)


def where(error: Exception) -> str:
    """Say what went wrong in us and where. Its text stays out: it might quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{at}"
