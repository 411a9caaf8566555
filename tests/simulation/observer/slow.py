"""A value that is too old proves nothing any more; and what can be read is not called unseen."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.simulation.facts import SECOND, Span
from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict

CONDITION = "well"
"""The condition of each such device that rests on its slow point."""
LOST_WITHIN = 10 * SECOND
"""What was read last is repeated for 4.8 s; then the bound of 2.8 s counts, and two slots."""
NO_VALUE = "no_value"


class SlowRead(Protocol):
    """``gaps``: when it could not be read; ``slow_failed``: when a read failed; by device."""

    @property
    def gaps(self) -> Mapping[str, Sequence[Span]]: ...
    @property
    def slow_failed(self) -> Mapping[str, Sequence[int]]: ...


def check_slow(truth: Truth, events: Sequence[Recorded], read: SlowRead, verdict: Verdict) -> None:
    """Check what the record says is lost for want of a value."""
    for device, gaps in read.gaps.items():
        mine = [e for e in events if e.subject == f"{device}.{CONDITION}"]
        lost = [e.at for e in mine if _is_without_value(e)]
        lost_for_any = [e.at for e in mine if e.kind == "condition_lost"]
        for gap in gaps:
            _check_gap(truth, device, gap, (lost, lost_for_any), verdict)
        for at in lost:
            failed = read.slow_failed[device]
            index = bisect_left(failed, at - 2 * LOST_WITHIN)
            is_real = index < len(failed) and failed[index] <= at
            text = f"{device}.{CONDITION} was lost at {at}, and its point was read"
            verdict.must("slow", is_real, text)


def _is_without_value(event: Recorded) -> bool:
    return event.kind == "condition_lost" and json.loads(event.body)["cause"] == NO_VALUE


def _check_gap(
    truth: Truth, device: str, gap: Span, lost: tuple[list[int], list[int]], verdict: Verdict
) -> None:
    """Where the device itself was watched since before, its value is lost in time.

    What is due behind the end of the history is not in the record.
    ``lost``: for want of a value, and for any cause: where a poll gets lost meanwhile, that is it.
    """
    due = gap[0] + LOST_WITHIN
    span = gap[0] - LOST_WITHIN, due
    is_watched = truth.watched_devices([device], span) == [span]
    if min(gap[1], truth.facts.end) < due:
        return
    if not is_watched or truth.lost_in_a_row(device, SECOND, span):
        return
    if any(span[0] <= at <= due for at in truth.facts.reloads):
        return
    verdict.counts["slow_demands"] += 1
    text = f"{device}.{CONDITION} was not read from {gap[0]} on, and not lost by {due}"
    found = lost[truth.no_answer(device, (gap[0], due))]
    verdict.must("slow", any(gap[0] <= at <= due for at in found), text)
