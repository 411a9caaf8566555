"""The table of event kinds: stored name, version, body type, fold. Owns the codec of bodies.

``apply`` is the only way into durable state; ``folds.py`` has what each kind does there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from monitord.core import (
    base_event,
    calendar_intervals,
    clock_events,
    clock_folds,
    config_events,
    config_folds,
    decision_events,
    decision_folds,
    events,
    folds,
    incident_events,
    incident_folds,
    message_events,
    message_folds,
    node_events,
    node_folds,
    site_state,
    site_state_folds,
    unsettled_events,
    unsettled_folds,
)
from monitord.core.codec import canonical, canonical_flat, flat_form, from_plain, names_of
from monitord.core.durable import Durable
from monitord.core.events import TURNS_KEPT, Body, ConditionTurned
from monitord.core.lateness_events import OwnLateness
from monitord.core.lateness_folds import own_lateness
from monitord.core.model import Event
from monitord.core.record_events import RecordHarmed
from monitord.core.record_folds import record_replaced

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class EventKind(Generic[B]):
    """One row of the table. ``version``: the newest this program can read, and what it writes.

    ``older``: returns the present fields for stored ones of this or an older version.
    """

    name: str
    version: int
    body: type[B]
    fold: Callable[[Durable, Event, B], None]
    older: Callable[[dict[str, Any]], dict[str, Any]] | None = None


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
    EventKind("site_state_set", 1, site_state.SiteStateSet, site_state_folds.site_state_set),
    EventKind(
        "site_state_cleared", 1, site_state.SiteStateCleared, site_state_folds.site_state_cleared
    ),
    EventKind("spans_settled", 1, unsettled_events.SpansSettled, unsettled_folds.spans_settled),
    EventKind("marked", 1, events.ClockMarked, folds.clock_marked),
    EventKind("clock_turned", 1, clock_events.ClockTurned, clock_folds.clock_turned),
    EventKind(
        "calendar_extended",
        2,
        events.CalendarRecorded,
        folds.calendar_recorded,
        calendar_intervals.body_of_version_1,
    ),
    EventKind("own_lateness", 1, OwnLateness, own_lateness),
    EventKind("record_replaced", 1, RecordHarmed, record_replaced),
    EventKind("role_taken", 1, node_events.RoleChanged, node_folds.role_taken),
    EventKind("forwarded", 1, node_events.CursorMoved, node_folds.forwarded),
    EventKind("condition_turned", 1, events.ConditionTurned, folds.condition_turned),
    EventKind("condition_lost", 1, events.ConditionLost, folds.condition_lost),
    EventKind("piece_opened", 1, events.PieceOpened, folds.piece_opened),
    EventKind("programme_withdrawn", 1, events.ProgrammeWithdrawn, folds.programme_withdrawn),
    EventKind("bad_proven", 1, events.BadProven, folds.bad_proven),
    EventKind("outage_began", 1, incident_events.OutageBegan, incident_folds.outage_began),
    EventKind("cause_claimed", 1, incident_events.CauseClaimed, incident_folds.cause_claimed),
    EventKind("cause_healed", 1, incident_events.CauseHealed, incident_folds.cause_healed),
    EventKind("cause_left", 1, incident_events.CauseLeft, incident_folds.cause_left),
    EventKind(
        "wrong_programme_turned",
        1,
        incident_events.WrongProgrammeTurned,
        incident_folds.wrong_programme_turned,
    ),
    EventKind("outage_moved", 1, incident_events.OutageMoved, incident_folds.outage_moved),
    EventKind("outage_ended", 1, incident_events.OutageEnded, incident_folds.outage_ended),
    EventKind("incident_opened", 2, incident_events.IncidentOpened, incident_folds.incident_opened),
    EventKind("member_joined", 1, incident_events.MemberJoined, incident_folds.member_joined),
    EventKind("member_fell", 1, incident_events.MemberFell, incident_folds.member_fell),
    EventKind("member_over", 1, incident_events.MemberOver, incident_folds.member_over),
    EventKind("incident_moved", 1, incident_events.IncidentMoved, incident_folds.incident_moved),
    EventKind("incident_closed", 2, incident_events.IncidentClosed, incident_folds.incident_closed),
    EventKind(
        "incident_acknowledged",
        2,
        incident_events.IncidentAcknowledged,
        incident_folds.incident_acknowledged,
    ),
    EventKind(
        "incident_quieted", 1, incident_events.IncidentQuieted, incident_folds.incident_quieted
    ),
    EventKind("attempt_began", 2, message_events.AttemptBegan, message_folds.attempt_began),
    EventKind("attempt_ended", 2, message_events.AttemptEnded, message_folds.attempt_ended),
    EventKind("closing_due", 1, message_events.ClosingDue, message_folds.closing_due),
    EventKind("person_dropped", 1, message_events.PersonDropped, message_folds.person_dropped),
)

GENERATION: Final = 3
"""Of these kinds and of the durable shape. An older generation is folded by its own frozen code."""

VERSIONS: Final = {kind.name: kind.version for kind in KINDS}

_BY_NAME: Final = {kind.name: kind for kind in KINDS}
_BY_BODY: Final = {kind.body: kind for kind in KINDS}
_FIELDS: Final = {kind.body: tuple(sorted(names_of(kind.body))) for kind in KINDS}

_FORMS: Final = {body: flat_form(names) for body, names in _FIELDS.items()}
_VALUES: Final = {body: attrgetter(*names) for body, names in _FIELDS.items() if len(names) > 1}


def kind_of_body(body: Body) -> EventKind[Any]:
    """Return the row of a body's type."""
    return _BY_BODY[type(body)]


def encode(body: Body) -> bytes:
    """Return the stored bytes: canonical JSON, one key a field."""
    if type(body) is ConditionTurned:
        return _encoded_turn(*body)
    values = _VALUES.get(type(body))
    plain = None if values is None else canonical_flat(_FORMS[type(body)], values(body))
    return canonical(plain_of(body)) if plain is None else plain


# Typed: true and 1 are equal, and are not written alike.
@lru_cache(maxsize=TURNS_KEPT, typed=True)
def _encoded_turn(*values: object) -> bytes:
    """Return the bytes of a turn: at a start the conditions of a device turn alike."""
    turned = ConditionTurned(*values)  # type: ignore[arg-type]
    plain = canonical_flat(_FORMS[ConditionTurned], _VALUES[ConditionTurned](turned))
    return canonical(plain_of(turned)) if plain is None else plain


def plain_of(body: Body) -> dict[str, Any]:
    """Return the fields of a body by name, as JSON-like values in the order they are stored."""
    return {name: getattr(body, name) for name in _FIELDS[type(body)]}


def decode(kind: str, stored: bytes | str) -> Body:
    """Return a stored body. Keys that the type does not have are left out.

    Raises ``KeyError`` for an unknown kind or a missing key.
    """
    row, plain = _BY_NAME[kind], json.loads(stored)
    body: Body = from_plain(row.body, plain if row.older is None else row.older(plain))
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
