"""Devices: whether they answer, how polls ended, how old the last answer is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from prometheus_client.core import Metric

from monitord.core.model import Answer
from monitord.core.situation import DeviceMemory, Situation
from monitord.devices.remarks import KINDS
from monitord.metrics.families import Sample
from monitord.metrics.names import FAMILIES
from monitord.polling.poller import PollStatus

RESULTS = (
    "answer",
    "timeout",
    "refused",
    "unreachable",
    "bad_answer",
    "error_status",
    "exception",
)


Polled: TypeAlias = tuple[str, PollStatus]
"""A device and what the poller counts of it."""


def is_answering(memory: DeviceMemory) -> bool:
    """Return whether the device's last poll was answered."""
    return memory.answered_at is not None and memory.silent is None


def device_metrics(situation: Situation) -> Iterator[Metric]:
    """Yield which devices answer, and the wall time of each one's last answer."""
    offset = situation.durable.clock_offset
    devices = tuple(situation.devices.items())
    yield FAMILIES["monitord_device_up"].sliced(
        lambda: (((name,), float(is_answering(memory))) for name, memory in devices)
    )
    yield FAMILIES["monitord_device_reading_timestamp_seconds"].sliced(
        lambda: (
            ((name,), (memory.answered_at + offset) / 1e6)
            for name, memory in devices
            if memory.answered_at is not None
        )
    )


def poll_metrics(states: Mapping[str, PollStatus], now: int) -> Iterator[Metric]:
    """Yield what the poller counts of each device. ``now``: site time in microseconds."""
    polled = tuple(states.items())
    yield FAMILIES["monitord_polls_total"].sliced(
        lambda: (
            ((device, result), state.results[result])
            for device, state in polled
            for result in RESULTS
        )
    )
    yield FAMILIES["monitord_poll_seconds"].sliced_summary(
        lambda: (
            ((device,), state.results.total(), state.took_total / 1e6) for device, state in polled
        )
    )
    yield _each("monitord_poll_slots_skipped_total", polled, lambda state: state.slots_skipped)
    yield _each("monitord_device_points_suspected", polled, _implausible)
    yield _each("monitord_poll_slots_left_out_total", polled, lambda state: state.slots_left_out)
    yield _each("monitord_burst_polls_total", polled, lambda state: state.bursts)
    yield _each("monitord_slow_reads_failed_total", polled, lambda state: state.slow_failures)
    yield _each("monitord_device_age_worst_seconds", polled, lambda state: state.age_worst / 1e6)
    yield _each("monitord_device_age_seconds", polled, lambda state: _age_s(state, now))
    yield FAMILIES["monitord_device_remarks_total"].sliced(
        lambda: (
            ((device, kind), state.remarks.count(kind))
            for device, state in polled
            for kind in KINDS
        )
    )


def _each(
    name: str, polled: Sequence[Polled], figure: Callable[[PollStatus], float | None]
) -> Metric:
    """Return one sample a device; a device whose figure is None has none."""

    def rows() -> Iterator[Sample]:
        for device, state in polled:
            number = figure(state)
            if number is not None:
                yield (device,), number

    return FAMILIES[name].sliced(rows)


def _implausible(state: PollStatus) -> int | None:
    return len(state.last.suspected) if isinstance(state.last, Answer) else None


def _age_s(state: PollStatus, now: int) -> float | None:
    return None if state.proven_at is None else max(0, now - state.proven_at) / 1e6
