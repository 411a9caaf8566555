"""Every answer that monitord decides by is what its device showed while it was asked.

The observer cannot know this: the core's simulation makes the answers itself. An answer to an
earlier request, or to another device's, is found here even where it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.model import Answer, Value
from simulators.plant.signals import Signal
from tests.simulation.facts import MS, SECOND
from tests.simulation.meter import METERED
from tests.simulation.observer.verdict import Verdict
from tests.simulation.plant import SimDevice
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.site import TIMED

SLOW = {"fm1": (1,), "fm2": (1,)}
"""Places of slow points: an answer repeats what was read last."""
LABELS = {"yes": 1, "no": 0}
TICK = 10 * MS
"""The unit of sysUpTime."""


def check_answers(history: WholeHistory, verdict: Verdict) -> None:
    """Check every value of every answer; a meter shows what it likes."""
    devices = {one.id: one for one in history.plant.devices if one.id != METERED}
    for answer in history.answers:
        device = devices.get(answer.device)
        if device is not None:
            wrong = list(_wrong(device, answer))
            if device.id == TIMED and not _ran(history, answer):
                wrong.append(f"up for {answer.values[-1]}")
            verdict.counts["answers_compared"] += 1
            text = f"{device.id} never was {wrong} from {answer.sent_at} to {answer.at}"
            verdict.must("answers", not wrong, text)


def _wrong(device: SimDevice, answer: Answer) -> Iterator[str]:
    """Yield each value that no signal had while the device was asked."""
    slow = SLOW.get(device.id, ())
    shown = enumerate(zip(device.reported, answer.values, strict=False))
    for place, (signal, value) in shown:
        if place not in slow and value is not None and not _was(signal, value, answer):
            yield f"{place}: {value}"


def _was(signal: Signal[bool] | Signal[int], value: Value, answer: Answer) -> bool:
    number = LABELS.get(value) if isinstance(value, str) else value
    at = answer.sent_at
    while int(signal.at(at)) != number:
        following = signal.next_change(at)
        if following is None or following > answer.at:
            return False
        at = following
    return True


def _ran(history: WholeHistory, answer: Answer) -> bool:
    """Return whether an agent's running time is one that it had while it was asked."""
    value = answer.values[-1]
    if not isinstance(value, int | float):
        return value is None
    ran = round(value * SECOND)
    starts = history.weather.agent_starts[answer.device]
    return any(
        max(start, answer.sent_at) - TICK <= start + ran <= answer.at
        for start in starts
        if start <= answer.at
    )
