"""What others may read of the Situation: states, settled time, what is owed. Owns look-ups only."""

from __future__ import annotations

from monitord.core.calendar import expected_at
from monitord.core.columns import column_of
from monitord.core.delivery_states import RowState
from monitord.core.durable import Figures, outage
from monitord.core.ledger import totals
from monitord.core.model import Column
from monitord.core.running import margin
from monitord.core.situation import Situation


def column_now(situation: Situation, programme: str, at: int) -> Column:
    """Return where the present moment stands: off air as soon as it is proven or presumed."""
    now = situation.durable.programmes[programme]
    proven = outage(now)
    possible = now.piece.possible if proven is None else [f"bad:{proven.reason}"]
    return column_of(possible, expected_at(situation.durable, programme, at))


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
    memory = situation.programmes[programme]
    now = max(situation.clock, situation.started or 0)
    known = min(situation.timelines[name].known_to(now) for name in memory.uses)
    return min(memory.settled_to if memory.unsettled else known, known)


def incidents_by_severity(situation: Situation) -> dict[str, int]:
    """Return the number of open incidents per severity."""
    found = dict.fromkeys(("critical", "major", "minor", "warning"), 0)
    for incident in situation.durable.incidents.values():
        found[incident.severity] += 1
    return found


def owed_by_person(situation: Situation) -> dict[str, int]:
    """Return how many messages each person is owed now."""
    lanes = situation.durable.lanes
    return {
        person: sum(row.state in (RowState.OWED, RowState.TELLING) for row in lanes.get(person, []))
        for person in situation.people
    }
