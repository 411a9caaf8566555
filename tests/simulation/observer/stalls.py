"""A loop of ours that does not run is one event, and no silence of a device that answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.simulation.facts import SECOND, Span
from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.verdict import Verdict

NOTICED = 3_500_000
"""A longer stop is longer than the bound of every device that is asked once a second."""
SOON = 2 * SECOND
ANSWERED_WITHIN = SECOND
"""The deadline of every device is shorter."""

Asked = Mapping[str, Sequence[tuple[int, bool]]]
"""Of each device the polls that ended: when the request left, and whether an answer came."""


class Stopped(Protocol):
    """When the loop stopped; ``asked`` around each stop at least."""

    @property
    def stalls(self) -> list[Span]: ...
    @property
    def asked(self) -> Asked: ...


def check_stalls(
    events: Sequence[Recorded], up: Sequence[Span], stopped: Stopped, verdict: Verdict
) -> None:
    """Check the record behind every stop of the loop that was not at the end of a life."""
    for stall in stopped.stalls:
        if any(a == stall[1] and b > a + SOON for a, b in up):
            since = next((a for a, b in up if b == stall[0]), stall[0])
            _check_one(events, stall, since, stopped.asked, verdict)


def _check_one(
    events: Sequence[Recorded], stall: Span, since: int, polls: Asked, verdict: Verdict
) -> None:
    """``since``: when monitord ran before the stop; what nothing has answered since is not lost."""
    begin, end = stall
    soon = [event for event in events if begin <= event.at <= end + SOON]
    bodies = [json.loads(event.body) for event in soon if event.kind == "own_lateness"]
    exact = all(begin - SOON <= body["start"] <= begin and body["end"] >= end for body in bodies)
    has_lost = end - begin >= NOTICED and _answered(polls, (since, begin))
    counts = len(bodies) == 1 or (not bodies and not has_lost)
    verdict.counts["stops_before_answers"] += not has_lost and end - begin >= NOTICED
    verdict.counts["own_lateness"] += len(bodies)
    verdict.must("stalls", counts and exact, f"the stop {stall} was noted as {bodies}")
    lost = {e.subject.partition(".")[0] for e in soon if e.kind == "condition_lost" and e.at >= end}
    for device in sorted(lost):
        asked = polls.get(device, [])
        before = [answered for at, answered in asked if begin - 2 * SOON <= at < begin]
        after = [answered for at, answered in asked if end <= at <= end + SOON]
        answers = bool(before and after) and before[-1] and all(after)
        verdict.must("stalls", not answers, f"{device} answers, and was lost by {stall}")


def _answered(polls: Asked, span: Span) -> bool:
    """Return whether a device has answered in a span, as far as polls are noted so long before."""
    sent = (at for asked in polls.values() for at, answered in asked if answered)
    return any(span[0] <= at <= span[1] - ANSWERED_WITHIN for at in sent)
