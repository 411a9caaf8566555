"""Through a reload unchanged devices are asked in every slot, and new ones answer from it on.

By when each request left. The observer cannot know this: the core's simulation has no poller.
"""

from __future__ import annotations

import json
from itertools import pairwise

from monitord.core.model import Event
from simulators.plant.signals import Signal, intervals_where
from tests.simulation.facts import MS
from tests.simulation.observer.verdict import Verdict
from tests.simulation.whole.history import WholeHistory

AT_MOST_LATE = 100 * MS
"""Two steps of the poller's grid."""
NEAR = 6
"""So many slots before and after are looked at: a device that is silent or slow is asked more
rarely (docs/polling.md), and that shows at other moments than the reload."""
ANSWERS_WITHIN = 4
"""So many slots after a reload a device that it brings has answered, in spite of lost answers."""


def check_slots(history: WholeHistory, verdict: Verdict) -> None:
    """Check every device at each reload."""
    for event in history.events:
        if event.kind == "config_adopted":
            gone, new = _devices(event, "removed"), _devices(event, "added", "changed")
            for device in sorted(history.asked.keys() - gone - new):
                _check_kept(history, device, event.at, verdict)
            for device in sorted(new):
                _check_new(history, device, event.at, verdict)


def _devices(event: Event, *parts: str) -> set[str]:
    body = json.loads(event.body)
    return {device for part in parts for device in body[part].get("device", ())}


def _check_new(history: WholeHistory, device: str, at: int, verdict: Verdict) -> None:
    """Between a reload and the first answer to whom it brings lie a few slots at most."""
    latest = at + ANSWERS_WITHIN * history.slots[device]
    if not _lives(history, at, latest) or _is_ever(history.facts.silent[device], at, latest):
        return
    verdict.counts["brought_by_reloads"] += 1
    asked = history.asked.get(device, [])
    answers = any(answered and at <= moment <= latest for moment, answered in asked)
    verdict.must("slots", answers, f"{device} does not answer after the reload at {at}")


def _lives(history: WholeHistory, since: int, until: int) -> bool:
    return any(a < since and until <= b for a, b in history.up)


def _is_ever(signal: Signal[bool], since: int, until: int) -> bool:
    return bool(intervals_where(signal, bool, since, until))


def _check_kept(history: WholeHistory, device: str, at: int, verdict: Verdict) -> None:
    """Between the last request before a reload and the first one after it lies one slot."""
    slot, asked = history.slots[device], history.asked[device]
    if not _lives(history, at, at + NEAR * slot):
        return
    near = sorted(one for one in asked if abs(one[0] - at) <= NEAR * slot)
    before = [answered for moment, answered in near if moment <= at]
    gaps = {a: b - a for (a, _), (b, _) in pairwise(near)}
    through = next((a for a, gap in gaps.items() if a <= at < a + gap), None)
    is_rare = any(gap > slot + AT_MOST_LATE for a, gap in gaps.items() if a != through)
    if is_rare or len(before) < 2 or not all(before[-2:]):
        return
    verdict.counts["slots_through_reloads"] += 1
    holds = through is not None and gaps[through] <= slot + AT_MOST_LATE
    verdict.must("slots", holds, f"{device} was left out through the reload at {at}: {gaps}")
