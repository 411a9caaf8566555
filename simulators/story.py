"""A story: the faults of the plant, the lines of its duty log, and the messages that are due.

Owns the script and the check of the messages. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.plant.faults import SECOND, Fault, What


@dataclass(frozen=True, slots=True)
class Scene:
    """One line of the plant's own log, at plant time ``at`` in microseconds."""

    at: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Outage:
    """A due report: an incident with this reason, opened and recovered by ``reported_by``."""

    reason: str
    reported_by: int


@dataclass(frozen=True, slots=True)
class Story:
    """Faults, scenes and outages, each in order of time."""

    faults: tuple[Fault, ...]
    scenes: tuple[Scene, ...]
    outages: tuple[Outage, ...]


# The wait for recovery and the delivery take about ten seconds.
_REPORTED_WITHIN = 20 * SECOND

ONE_EVENING = Story(
    faults=(
        Fault(8 * SECOND, 20 * SECOND, What.CARRIER_TRIP),
        Fault(36 * SECOND, 51 * SECOND, What.SILENCE),
    ),
    scenes=(
        Scene(0, "满功率 1000 W，音频正常", "full power, 1000 W, sound is there"),
        Scene(
            8 * SECOND, "调频发射机一跳闸，正向功率 0 W", "transmitter 1 trips, forward power 0 W"
        ),
        Scene(20 * SECOND, "发射机复位，恢复满功率", "transmitter reset, full power again"),
        Scene(36 * SECOND, "播控中心无音频输出", "no sound from the studio"),
        Scene(
            46 * SECOND,
            "静音检测器满 10 秒，接点闭合",
            "ten seconds of silence: the detector's contact closes",
        ),
        Scene(51 * SECOND, "音频恢复", "sound is back"),
        Scene(53 * SECOND, "静音检测器接点断开", "the detector's contact opens"),
    ),
    outages=(
        Outage("no_carrier", 20 * SECOND + _REPORTED_WITHIN),
        Outage("silence", 53 * SECOND + _REPORTED_WITHIN),
    ),
)


def missing_reports(story: Story, messages: Iterable[Mapping[str, Any]], until: int) -> list[str]:
    """Return a line for each outage due by ``until`` that was not reported in full.

    A story that ends before any outage is due has reported nothing, and this is one line too.
    """
    due = [outage for outage in story.outages if outage.reported_by <= until]
    if not due:
        first_s = min(outage.reported_by for outage in story.outages) / SECOND
        return [f"nothing is due yet: the first outage is due after {first_s:g} s"]
    received = list(messages)
    return [line for outage in due if (line := _missing(outage.reason, received))]


def _missing(reason: str, messages: list[Mapping[str, Any]]) -> str:
    """Return which report of an outage with this reason is missing, or an empty text."""
    opened = {m.get("incident_id") for m in _of("opened", messages) if m.get("reason") == reason}
    if not opened:
        return f"{reason}: no incident was reported as opened"
    if not opened & {m.get("incident_id") for m in _of("recovered", messages)}:
        return f"{reason}: reported as opened, but not as recovered"
    return ""


def _of(event: str, messages: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [message for message in messages if message.get("event") == event]
