"""The kinds of events of generation 1 and the only way into its durable state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from monitord.core.codec import from_plain
from monitord.core.generation1 import bodies, folds
from monitord.core.generation1.durable import Durable
from monitord.core.model import Event

Fold = Callable[[Durable, Event, Any], None]

_KINDS: Final[dict[str, tuple[type[Any], Fold]]] = {
    "started": (bodies.RunStarted, folds.run_started),
    "stopped": (bodies.RunStopped, folds.run_stopped),
    "marked": (bodies.ClockMarked, folds.clock_marked),
    "clock_adopted": (bodies.ClockAdopted, folds.clock_adopted),
    "clock_disputed": (bodies.ClockDisputed, folds.clock_disputed),
    "calendar_extended": (bodies.CalendarRecorded, folds.calendar_recorded),
    "condition_turned": (bodies.ConditionTurned, folds.condition_turned),
    "condition_lost": (bodies.ConditionLost, folds.condition_lost),
    "piece_opened": (bodies.PieceOpened, folds.piece_opened),
    "programme_withdrawn": (bodies.ProgrammeWithdrawn, folds.programme_withdrawn),
    "bad_proven": (bodies.BadProven, folds.bad_proven),
    "fault_turned": (bodies.FaultTurned, folds.fault_turned),
    "incident_opened": (bodies.IncidentOpened, folds.incident_opened),
    "incident_revised": (bodies.IncidentRevised, folds.incident_revised),
    "incident_joined": (bodies.IncidentJoined, folds.incident_joined),
    "incident_acknowledged": (bodies.IncidentAcknowledged, folds.incident_acknowledged),
    "impact_began": (bodies.ImpactBegan, folds.impact_began),
    "impact_ended": (bodies.ImpactEnded, folds.impact_ended),
    "incident_closed": (bodies.IncidentClosed, folds.incident_closed),
    "message_waiting": (bodies.MessageWaiting, folds.message_waiting),
    "message_owed": (bodies.MessageOwed, folds.message_owed),
    "message_dropped": (bodies.MessageDropped, folds.message_dropped),
    "attempt_began": (bodies.AttemptBegan, folds.attempt_began),
    "attempt_ended": (bodies.AttemptEnded, folds.attempt_ended),
}

VERSIONS: Final = dict.fromkeys(_KINDS, 1)
"""Every kind of generation 1 has version 1."""


def apply(durable: Durable, event: Event) -> None:
    """Fold one event of generation 1. Raises ``KeyError`` for an unknown kind or a missing key."""
    body, fold = _KINDS[event.kind]
    fold(durable, event, from_plain(body, json.loads(event.body)))
    durable.epoch = event.epoch
    durable.number = event.number
    durable.last_at = event.at
