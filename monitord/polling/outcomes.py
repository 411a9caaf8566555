"""From a poll's end to what is handed over and noted. Owns counting and the log; asks nobody."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

import structlog

from monitord.core.model import Answer, Silence
from monitord.decoding.rules import Raw
from monitord.polling.ages import worst_age
from monitord.polling.backoff import left_alone
from monitord.polling.contact import GENTLE_SLOTS
from monitord.polling.state import Polled, Tray

_log = structlog.get_logger(__name__)


class Outcomes:
    """Collects what polls ended with, until it is handed over in one batch."""

    def __init__(self, inbox: Tray) -> None:
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
        polled: Polled,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> bool:
        """Decode and note an answer; return whether that worked. Else it is a silence."""
        try:
            values, suspected = polled.values.take(raws, sent_at, at, changed)
            restarted = polled.settings.uptime is not None and polled.uptime.note(values, at)
        except Exception as error:  # noqa: BLE001 - one device's values are one device's silence
            self.silence(polled, "bad_answer", where(error), sent_at, at)
            return False
        state = polled.state
        if state.silent_in_a_row:
            silent = state.silent_in_a_row
            _log.info("device_answered_again", device=polled.id, polls_silent=silent)
            state.silent_in_a_row = 0
        state.answers += 1
        state.proven_at = sent_at
        if restarted:
            state.remarks.tell("restarts", "its uptime went back", at)
        if polled.pulse.note(at - sent_at):
            state.remarks.tell("slows", polled.pulse.described(), at)
        self._pace(polled, at)
        self._end(
            polled,
            Answer(polled.id, sent_at, at, values, suspected=suspected),
            "answer",
        )
        return True

    def silence(self, polled: Polled, kind: str, detail: str, sent_at: int, at: int) -> None:
        """Note a poll that brought nothing; a device that long brings nothing is left alone."""
        state = polled.state
        log = _log.debug if state.silent_in_a_row else _log.warning
        log("device_read_failed", device=polled.id, kind=kind, detail=detail)
        if not state.silent_in_a_row:
            polled.silent_since = sent_at
        state.silences += 1
        state.silent_in_a_row += 1
        every = polled.settings.poll_every
        wanted = left_alone(state.silent_in_a_row, at - polled.silent_since, every)
        polled.next_asked = polled.asked_slot + wanted // every
        self._end(polled, Silence(polled.id, kind, sent_at, at), kind)

    def unheard_burst(self, polled: Polled) -> None:
        """Note a burst poll that was cut short for the next slot: that is no device's silence."""
        _log.debug("burst_unheard", device=polled.id)
        self.polls_ended += 1

    def remarks_of(self, polled: Polled, at: int) -> None:
        """Take over what the readers noticed besides."""
        for reader in (polled.reader, polled.slow_reader):
            if reader is not None and polled.state.remarks.hear(reader, at):
                polled.uptime.restarted(at)

    def _pace(self, polled: Polled, now: int) -> None:
        stretch = GENTLE_SLOTS if polled.is_spared(now) else 1
        polled.next_asked = polled.asked_slot + stretch
        if stretch != polled.stretch:
            polled.stretch = stretch
            mates = [mate.settings for mate in polled.mates()]
            polled.state.age_worst = worst_age(polled.settings, mates, stretch=stretch).whole

    def _end(self, polled: Polled, outcome: Answer | Silence, result: str) -> None:
        state = polled.state
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
