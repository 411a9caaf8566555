"""What metrics, pages and commands read of the Situation. Owns look-ups only."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.calendar import expected_span
from monitord.core.durable import ProgrammeNow
from monitord.core.incident_state import worst
from monitord.core.ledger import Totals, final_totals, totals
from monitord.core.messages import person_of
from monitord.core.model import Column
from monitord.core.pending import queue_of
from monitord.core.present import (
    blind_since,
    column_now,
    is_presumed,
    observed_of,
    outage,
)
from monitord.core.running import margin
from monitord.core.situation import DeviceMemory, Situation


@dataclass(frozen=True, slots=True)
class ProgrammeStatus:
    """A programme's column, since when (site time), and what is observed of it.

    ``presumed``: it went blind during an outage, and counts as off air until it is seen again.
    """

    column: Column
    since: int
    observed: str
    presumed: bool


def programme_status(situation: Situation, programme: str, at: int) -> ProgrammeStatus:
    """Return the status of a recorded programme at ``at``."""
    now = situation.durable.programmes[programme]
    hours_from = expected_span(situation.durable, programme, at)[0]
    return ProgrammeStatus(
        column=column_now(situation.durable, programme, at),
        since=max(_since(now), hours_from),
        observed=observed_of(situation.durable, programme),
        presumed=is_presumed(now),
    )


def _since(now: ProgrammeNow) -> int:
    proven = outage(now)
    if proven is not None:
        return proven.not_after
    return now.piece.start if now.piece.blind is None else blind_since(now)


def settled_totals(situation: Situation, programme: str, alive_at: int) -> Totals:
    """Return the totals of a programme, as far as no crash can change them.

    ``alive_at``: the site time in the alive file.
    """
    return totals(situation.durable, programme, _safe_to(situation, programme, alive_at))


def counted_totals(situation: Situation, programme: str, alive_at: int) -> Totals:
    """Return ``settled_totals`` without what the clock may still place elsewhere: no sum falls."""
    return final_totals(situation.durable, programme, _safe_to(situation, programme, alive_at))


def _safe_to(situation: Situation, programme: str, alive_at: int) -> int:
    safe = alive_at - margin(situation, situation.programmes[programme].plan)
    return min(situation.settled_to(programme), safe)


SILENCES_SUSPECT = 3
"""After so many failed reads in a row a device is dead and no longer a suspect."""
IMPLAUSIBLE_SUSPECT = 3
"""After so many implausible answers in a row one more would decide nothing."""


def suspects(situation: Situation) -> frozenset[str]:
    """Return the devices whose next answer would decide something; they are polled in bursts.

    These are the devices whose answers have just become implausible or missing, and every device
    of a programme that waits to prove or refute a transition.
    """
    found = {name for name, memory in situation.troubled.items() if _is_suspect(memory)}
    for memory in situation.programmes.values():
        if memory.transitions:
            found.update(situation.conditions[name].device for name in memory.uses)
    return frozenset(found)


def _is_suspect(memory: DeviceMemory) -> bool:
    if memory.silences:
        return memory.silences < SILENCES_SUSPECT
    if memory.implausible:
        return memory.implausible < IMPLAUSIBLE_SUSPECT
    return bool(memory.waiting)


def incidents_by_severity(situation: Situation) -> dict[str, int]:
    """Return the number of open incidents per severity."""
    found = dict.fromkeys(("critical", "major", "minor", "warning"), 0)
    for incident in situation.durable.incidents.values():
        found[worst(incident)] += 1
    return found


def undelivered_by_person(situation: Situation) -> dict[str, int]:
    """Return the number of messages that each person must get now."""
    return {
        person: len(queue_of(situation, plan, situation.clock).ready)
        + len(person_of(situation, person).sending)
        for person, plan in situation.people.items()
    }


def own_reasons(situation: Situation, programme: str, found: Totals) -> tuple[str, ...]:
    """Return the reasons whose own totals say something: monitored, or seen once."""
    monitored = situation.reasons.get(programme, frozenset())
    return tuple(
        reason for reason, figures in found.own.items() if reason in monitored or figures.most_seen
    )
