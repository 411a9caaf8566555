"""An answer that comes in behind the answer to a later request takes back nothing that is proven.

What the record says of when a value was last held reaches at least to the younger answer.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Protocol

from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict

ENDS = ("condition_turned", "condition_lost")


class Overtaking(Protocol):
    """An answer that was received at ``at``, before that to what was asked at ``asked_at``."""

    @property
    def device(self) -> str: ...
    @property
    def asked_at(self) -> int: ...
    @property
    def sent_at(self) -> int: ...
    @property
    def at(self) -> int: ...


def check_held(
    truth: Truth, events: Iterable[Recorded], overtaken: Sequence[Overtaking], verdict: Verdict
) -> None:
    """Check the first end of a value behind each such answer."""
    verdict.counts["overtaken"] += len(overtaken)
    ends: dict[str, list[Recorded]] = {}
    for event in events:
        if event.kind in ENDS:
            ends.setdefault(event.subject, []).append(event)
    for condition, mine in ends.items():
        lag = truth.facts.lags.get(condition)
        if lag is None:
            continue
        moments = [event.at for event in mine]
        for pair in overtaken:
            index = bisect_right(moments, pair.at)
            if condition.partition(".")[0] != pair.device or index == len(mine):
                continue
            end = mine[index]
            span = pair.asked_at, end.at + 1
            if truth.down.parts(*span) or any(
                span[0] <= at < span[1] for at in truth.facts.reloads
            ):
                continue
            verdict.counts["overtaken_checked"] += 1
            held_to = json.loads(end.body)["held_to"]
            text = f"{condition} was held to {held_to}, and proven by what was sent {pair.sent_at}"
            verdict.must("overtaken", held_to >= pair.sent_at - lag, text)
