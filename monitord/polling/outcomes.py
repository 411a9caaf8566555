"""From the end of a poll to the inbox: decode, count, log, hand over. Starts no read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import structlog

from monitord.core.model import Answer, Silence
from monitord.core.values import Numbering
from monitord.decoding.rules import Raw
from monitord.logs import error_place
from monitord.polling.ages import worst_age
from monitord.polling.backoff import retry_interval
from monitord.polling.overload import SPARED_SLOT_STEP
from monitord.polling.state import AnswerSink, DeviceState

_log = structlog.get_logger(__name__)


DownTowards = Callable[[str], str]
"""Returns our own interface that leads to a host and has no link, "" where there is none."""


def nothing_down(host: str) -> str:
    """Know of no interface without a link."""
    del host
    return ""


class Outcomes:
    """Decodes each answer with its device's decoder; hands answers and silences over in batches.

    Times are site time in microseconds.
    """

    def __init__(self, inbox: AnswerSink, down_towards: DownTowards) -> None:
        self.polls_ended = 0
        self._down_towards = down_towards
        self._inbox = inbox
        self._batch: list[Answer | Silence] = []

    @property
    def has_batch(self) -> bool:
        """Return whether something is still to be handed over."""
        return bool(self._batch)

    def hand_over(self) -> None:
        """Put the batch into the inbox."""
        if self._batch:
            batch, self._batch = self._batch, []
            self._inbox.put_many(batch)

    def drop(self, devices: Collection[str]) -> None:
        """Forget what these devices brought: they are not configured so any more."""
        self._batch = [item for item in self._batch if item.device not in devices]

    def add_answer(
        self,
        device: DeviceState,
        raws: Sequence[Raw],
        sent_at: int,
        at: int,
        changed: tuple[int, ...] | None,
    ) -> bool:
        """Decode and add an answer; return False where decoding failed, which is a silence.

        ``changed``: places in ``raws`` that differ from the answer before; None: any may.
        """
        try:
            values, suspected = device.decoder.decode(raws, sent_at, at, changed)
            restarted = device.settings.uptime is not None and device.restarts.record(values, at)
        except Exception as error:  # noqa: BLE001 - a defect in decoding silences one device only
            self.add_silence(device, "bad_answer", error_place(error), sent_at, at)
            return False
        status = device.status
        if status.silent_in_a_row:
            silences = status.silent_in_a_row
            _log.info("device_answered_again", device=device.id, polls_silent=silences)
            status.silent_in_a_row = 0
        status.answers += 1
        status.proven_at = sent_at
        if restarted:
            status.remarks.add("restarts", "its uptime went back", at)
        is_numbered = device.numbering is Numbering.NUMBERED
        took = at - sent_at if is_numbered else device.response_took(sent_at, at)
        if device.response_time.record(took):
            status.remarks.add("slows", device.response_time.described(), at)
        self._plan_next_slot(device, at)
        since = sent_at if is_numbered else device.proven_from(sent_at)
        answer = Answer(device.id, since, at, values, suspected=suspected)
        self._add(device, answer, "answer", at - sent_at)
        return True

    def add_silence(
        self, device: DeviceState, kind: str, detail: str, sent_at: int, at: int
    ) -> None:
        """Add a poll without an answer, and put off the next one if there were several.

        ``kind``: as in ``ReadError``; ``detail``: for the log.
        """
        if kind == "timeout" and (interface := self._down_towards(device.settings.source.host)):
            # No request left: our own side, and not the device.
            kind, detail = "unreachable", f"our own interface {interface} has no link"
        status = device.status
        log = _log.debug if status.silent_in_a_row else _log.warning
        log("device_read_failed", device=device.id, kind=kind, detail=detail)
        if not status.silent_in_a_row:
            device.silent_since = sent_at
        status.silences += 1
        status.silent_in_a_row += 1
        every = device.settings.poll_every
        interval = retry_interval(status.silent_in_a_row, at - device.silent_since, every)
        device.next_polled_slot = device.polled_slot + interval // every
        self._add(device, Silence(device.id, kind, sent_at, at), kind, at - sent_at)

    def add_cut_burst(self, device: DeviceState) -> None:
        """Count a burst poll that ended for the next slot; the device is not called silent."""
        _log.debug("burst_unheard", device=device.id)
        self.polls_ended += 1

    def collect_remarks(self, device: DeviceState, at: int) -> None:
        """Take over the remarks of the device's readers."""
        for reader in (device.reader, device.slow_reader):
            if reader is not None and device.status.remarks.collect(reader, at):
                device.restarts.restarted(at)

    def _plan_next_slot(self, device: DeviceState, now: int) -> None:
        """Set in which slot an answering device is polled next, and its worst age by that."""
        slot_step = SPARED_SLOT_STEP if device.is_spared(now) else 1
        device.next_polled_slot = device.polled_slot + slot_step
        if slot_step != device.slot_step:
            device.slot_step = slot_step
            neighbours = [other.settings for other in device.neighbours()]
            age = worst_age(device.settings, neighbours, slot_step=slot_step)
            device.status.age_worst = age.total

    def _add(self, device: DeviceState, outcome: Answer | Silence, result: str, took: int) -> None:
        status = device.status
        status.last = outcome
        status.took = took
        status.took_total += took
        status.results[result] += 1
        self.polls_ended += 1
        self._batch.append(outcome)
