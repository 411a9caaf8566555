"""What decisions do to durable state. Decides nothing, as ``folds.py``."""

from __future__ import annotations

from typing import Final

from monitord.core.decision_events import DecisionRefused, DecisionTaken
from monitord.core.durable import DecisionNow, Durable
from monitord.core.model import SECOND, Event

KEPT_FOR: Final = 7 * 86_400 * SECOND
KEPT_MAX: Final = 10_000
"""A script that decides without end must not fill the state."""


def decision_taken(durable: Durable, event: Event, body: DecisionTaken) -> None:
    _remember(durable, event, DecisionNow(event.at, body.digest, None))


def decision_refused(durable: Durable, event: Event, body: DecisionRefused) -> None:
    _remember(durable, event, DecisionNow(event.at, body.digest, body.why))


def _remember(durable: Durable, event: Event, answered: DecisionNow) -> None:
    known = durable.decisions
    for old in [key for key, decision in known.items() if decision.at < event.at - KEPT_FOR]:
        del known[old]
    if len(known) >= KEPT_MAX:
        del known[min(known, key=lambda key: (known[key].at, key))]
    known[event.subject] = answered
