"""What others may read of the Situation: states, settled time, what is owed. Owns look-ups only."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.calendar import expected_at, expected_span
from monitord.core.columns import column_of
from monitord.core.delivery_states import RowState
from monitord.core.durable import Figures, ProgrammeNow, outage
from monitord.core.incidents import blind_since
from monitord.core.ledger import totals
from monitord.core.model import Column
from monitord.core.running import margin
from monitord.core.situation import DeviceMemory, Situation


def column_now(situation: Situation, programme: str, at: int) -> Column:
    """Return where the present moment stands: off air as soon as it is proven or presumed."""
    now = situation.durable.programmes[programme]
    proven = outage(now)
    possible = now.piece.possible if proven is None else [f"bad:{proven.reason}"]
    return column_of(possible, expected_at(situation.durable, programme, at))


@dataclass(frozen=True, slots=True)
class ProgrammeStatus:
    """Where a programme stands: its column since when, and what is observed of it.

    ``presumed``: it was bad before it went blind, and counts as off air until seen again.
    """

    column: Column
    since: int
    observed: str
    presumed: bool


def programme_status(situation: Situation, programme: str, at: int) -> ProgrammeStatus:
    """Return where a programme of the record stands at ``at``."""
    now = situation.durable.programmes[programme]
    proven, blind = outage(now), now.piece.blind is not None
    # Blind before the proof is history: the outage is proven ahead of the ledger.
    presumed = proven is not None and blind and now.piece.start >= proven.not_after
    if proven is not None and not presumed:
        observed = f"bad:{proven.reason}"
    else:
        observed = now.piece.possible[0] if len(now.piece.possible) == 1 else "between"
    hours_from = expected_span(situation.durable, programme, at)[0]
    return ProgrammeStatus(
        column=column_now(situation, programme, at),
        since=max(_since(now), hours_from),
        observed=observed,
        presumed=presumed,
    )


def _since(now: ProgrammeNow) -> int:
    proven = outage(now)
    if proven is not None:
        return proven.not_after
    return now.piece.start if now.piece.blind is None else blind_since(now)


def settled_totals(
    situation: Situation, programme: str, alive_at: int
) -> tuple[dict[Column, int], Figures]:
    """Return microseconds per column and the three figures of what no crash can take back.

    ``alive_at``: the site time that the alive file holds.
    """
    safe = alive_at - margin(situation, situation.programmes[programme].plan)
    return totals(situation.durable, programme, min(settled_to(situation, programme), safe))


def settled_to(situation: Situation, programme: str) -> int:
    """Return the site time up to which it is decided where the programme's seconds count."""
    return situation.settled_to(programme)


SILENCES_SUSPECT = 3
"""After so many failed reads in a row a device is dead and no suspect any more."""
IMPLAUSIBLE_SUSPECT = 3
"""After so many implausible answers in a row one more would decide nothing."""


def suspects(situation: Situation) -> frozenset[str]:
    """Return the devices of which one more answer soon would decide something.

    A device whose answers have just become implausible or missing, and every device that a
    programme rests on while a turn of one of them is not yet proven or cleared. A level, for
    bursts.
    """
    found = {name for name, memory in situation.troubled.items() if _is_suspect(memory)}
    for memory in situation.programmes.values():
        if memory.transitions:
            found.update(situation.conditions[name].device for name in memory.uses)
    return frozenset(found)


def _is_suspect(memory: DeviceMemory) -> bool:
    if memory.silences:
        return memory.silences < SILENCES_SUSPECT
    return 0 < memory.implausible < IMPLAUSIBLE_SUSPECT


def incidents_by_severity(situation: Situation) -> dict[str, int]:
    """Return the number of open incidents per severity."""
    found = dict.fromkeys(("critical", "major", "minor", "warning"), 0)
    for incident in situation.durable.incidents.values():
        found[incident.severity] += 1
    return found


def undelivered_by_person(situation: Situation) -> dict[str, int]:
    """Return how many messages each person is owed now."""
    lanes = situation.durable.lanes
    return {
        person: sum(row.state in (RowState.OWED, RowState.TELLING) for row in lanes.get(person, []))
        for person in situation.people
    }
