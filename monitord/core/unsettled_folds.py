"""What unsettled and settled spans do to durable state. Decides nothing, as ``folds.py``.

The state has counts and sums; the spans themselves are rows of a projection.
"""

from __future__ import annotations

from monitord.core.decision_bodies import Verdict
from monitord.core.durable import Durable
from monitord.core.model import Event
from monitord.core.unsettled_events import SpansSettled, SuspicionFound, SuspicionRefuted
from monitord.core.unsettled_state import Unsettled


def suspicion_found(durable: Durable, event: Event, body: SuspicionFound) -> None:
    now = durable.unsettled.setdefault(body.programme, Unsettled())
    now.count += 1
    now.time += body.seconds
    now.until = max(now.until, body.end)
    del event


def suspicion_refuted(durable: Durable, event: Event, body: SuspicionRefuted) -> None:
    now = durable.unsettled[body.programme]
    now.count -= 1
    now.time -= body.seconds
    del event


def spans_settled(durable: Durable, event: Event, body: SpansSettled) -> None:
    for _, programme, time in body.spans:
        now = durable.unsettled[programme]
        now.count -= 1
        now.time -= time
        if body.verdict == Verdict.OFF_AIR:
            now.off_count += 1
            now.off_time += time
    del event
