"""The table of event kinds: stored name, version, body type, fold. Owns the codec of bodies.

``apply`` is the only way into durable state; ``folds.py`` has what each kind does there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, TypeVar

from monitord.core import (
    base_event,
    config_events,
    config_folds,
    decision_events,
    decision_folds,
    events,
    folds,
    unsettled_events,
    unsettled_folds,
)
from monitord.core.codec import canonical, from_plain
from monitord.core.durable import Durable
from monitord.core.events import Body
from monitord.core.model import Event

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class EventKind(Generic[B]):
    """One row of the table. ``version``: the newest this program can read, and what it writes."""

    name: str
    version: int
    body: type[B]
    fold: Callable[[Durable, Event, B], None]


KINDS: Final[tuple[EventKind[Any], ...]] = (
    EventKind(base_event.KIND, 1, base_event.BaseAdopted, base_event.base_adopted),
    EventKind("started", 1, events.RunStarted, folds.run_started),
    EventKind("stopped", 1, events.RunStopped, folds.run_stopped),
    EventKind(
        "config_adopted",
        1,
        config_events.ConfigurationAdopted,
        config_folds.configuration_adopted,
    ),
    EventKind("decision_taken", 1, decision_events.DecisionTaken, decision_folds.decision_taken),
    EventKind(
        "decision_refused", 1, decision_events.DecisionRefused, decision_folds.decision_refused
    ),
    EventKind(
        "suspicion_found", 1, unsettled_events.SuspicionFound, unsettled_folds.suspicion_found
    ),
    EventKind(
        "suspicion_refuted", 1, unsettled_events.SuspicionRefuted, unsettled_folds.suspicion_refuted
    ),
    EventKind("spans_settled", 1, unsettled_events.SpansSettled, unsettled_folds.spans_settled),
    EventKind("marked", 1, events.ClockMarked, folds.clock_marked),
    EventKind("clock_adopted", 1, events.ClockAdopted, folds.clock_adopted),
    EventKind("clock_disputed", 1, events.ClockDisputed, folds.clock_disputed),
    EventKind("calendar_extended", 1, events.CalendarRecorded, folds.calendar_recorded),
    EventKind("condition_turned", 1, events.ConditionTurned, folds.condition_turned),
    EventKind("condition_lost", 1, events.ConditionLost, folds.condition_lost),
    EventKind("piece_opened", 1, events.PieceOpened, folds.piece_opened),
    EventKind("programme_withdrawn", 1, events.ProgrammeWithdrawn, folds.programme_withdrawn),
    EventKind("bad_proven", 1, events.BadProven, folds.bad_proven),
    EventKind("fault_turned", 1, events.FaultTurned, folds.fault_turned),
    EventKind("incident_opened", 1, events.IncidentOpened, folds.incident_opened),
    EventKind("incident_revised", 1, events.IncidentRevised, folds.incident_revised),
    EventKind("incident_joined", 1, events.IncidentJoined, folds.incident_joined),
    EventKind("incident_acknowledged", 1, events.IncidentAcknowledged, folds.incident_acknowledged),
    EventKind("impact_began", 1, events.ImpactBegan, folds.impact_began),
    EventKind("impact_ended", 1, events.ImpactEnded, folds.impact_ended),
    EventKind("incident_closed", 1, events.IncidentClosed, folds.incident_closed),
    EventKind("message_waiting", 1, events.MessageWaiting, folds.message_waiting),
    EventKind("message_owed", 1, events.MessageOwed, folds.message_owed),
    EventKind("message_dropped", 1, events.MessageDropped, folds.message_dropped),
    EventKind("attempt_began", 1, events.AttemptBegan, folds.attempt_began),
    EventKind("attempt_ended", 1, events.AttemptEnded, folds.attempt_ended),
)

GENERATION: Final = 3
"""Of these kinds and of the durable shape. An older generation is folded by its own frozen code."""

VERSIONS: Final = {kind.name: kind.version for kind in KINDS}

_BY_NAME: Final = {kind.name: kind for kind in KINDS}
_BY_BODY: Final = {kind.body: kind for kind in KINDS}
_FIELDS: Final = {
    kind.body: tuple(sorted(field.name for field in fields(kind.body))) for kind in KINDS
}


def kind_of_body(body: Body) -> EventKind[Any]:
    """Return the row of a body's type."""
    return _BY_BODY[type(body)]


def encode(body: Body) -> bytes:
    """Return the stored bytes: canonical JSON, one key a field."""
    return canonical(plain_of(body))


def plain_of(body: Body) -> dict[str, Any]:
    """Return the fields of a body by name, as JSON-like values in the order they are stored."""
    return {name: getattr(body, name) for name in _FIELDS[type(body)]}


def decode(kind: str, stored: bytes | str) -> Body:
    """Return a stored body. Keys that the type does not have are left out.

    Raises ``KeyError`` for an unknown kind or a missing key.
    """
    body: Body = from_plain(_BY_NAME[kind].body, json.loads(stored))
    return body


def body_of(event: Event) -> Body:
    """Return the decoded body of an event."""
    return decode(event.kind, event.body)


def apply(durable: Durable, event: Event, body: Body | None = None) -> None:
    """Fold one event. ``body``: the decoded body, where the caller has it at hand.

    Raises ``ValueError`` for an event of another stream: a drill never changes the site's state.
    """
    if event.stream is not durable.stream:
        raise ValueError(f"an event of stream {event.stream} where {durable.stream} is folded")
    kind = _BY_NAME[event.kind]
    kind.fold(durable, event, body_of(event) if body is None else body)
    durable.epoch = event.epoch
    durable.number = event.number
    durable.last_at = event.at
