"""What a programme is doing now, as the record says. Owns these readings of durable state.

An outage may be proven *ahead* of the ledger: the open piece then began before the proof, and says
nothing of the time after it. A programme that went blind after the proof is *presumed* off air.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitord.core.calendar import expected_span, sure_at
from monitord.core.columns import column_of, is_bad, is_clear
from monitord.core.durable import Durable, ProgrammeNow, Proven
from monitord.core.incident_state import WRONG, fault_id
from monitord.core.model import Column


def outage(now: ProgrammeNow) -> Proven | None:
    """Return the proven outage that no clear piece has ended yet."""
    proven, piece = now.proven, now.piece
    if proven is None or (is_clear(piece.possible) and piece.start >= proven.not_after):
        return None
    return proven


def stays_presumed(now: ProgrammeNow) -> bool:
    """Return whether blindness that begins now is presumed: an outage is open, or nothing was seen
    since one that a reload ended.
    """
    return outage(now) is not None or (now.piece.blind is not None and now.piece.presumed)


def is_presumed(now: ProgrammeNow) -> bool:
    """Return whether the programme went blind during an outage and nothing was seen since.

    Blindness that began before the proof is not: the outage was proven ahead of the ledger.
    """
    proven, piece = outage(now), now.piece
    return proven is not None and piece.blind is not None and piece.start >= proven.not_after


def may_be_of_before(durable: Durable, programme: str) -> bool:
    """Return whether a programme was proven off, and no outage goes on: of other hours perhaps."""
    now = durable.programmes[programme]
    if outage(now) is None or is_bad(now.piece.possible):
        return False
    return fault_id(programme, "off_air") not in durable.outages


def is_off_since_closed(durable: Durable, programme: str, at: int) -> bool:
    """Return whether it was off before the hours of a moment began, and nothing is proven since.

    Rule 5.4.
    """
    proven = outage(durable.programmes[programme])
    if proven is None or not may_be_of_before(durable, programme):
        return False
    return proven.bad_at < expected_span(durable, programme, at)[0]


def observed_now(now: ProgrammeNow) -> Sequence[str]:
    """Return the possible observed values: the proven outage, or those of the open piece.

    An outage may go on with another reason than it was proven with.
    """
    proven, possible = outage(now), now.piece.possible
    if proven is None or is_presumed(now):
        return possible
    goes_on = now.piece.start >= proven.not_after and is_bad(possible) and len(possible) == 1
    return possible if goes_on else [f"bad:{proven.reason}"]


def observed_of(durable: Durable, programme: str) -> str:
    """Return the one possible observed value of a programme, or ``between`` where it has several.

    A wrong programme is known before the ledger is settled up to it.
    """
    possible = observed_now(durable.programmes[programme])
    if len(possible) > 1:
        return "between"
    held = durable.outages.get(fault_id(programme, "off_air"))
    if held is not None and is_bad(possible):
        claims = held.claims.values()
        return f"bad:{WRONG}" if any(c.wrong is not None for c in claims) else possible[0]
    return possible[0]


def column_now(durable: Durable, programme: str, at: int) -> Column:
    """Return the column of the present moment: off air as soon as it is proven or presumed."""
    now = durable.programmes[programme]
    proven = outage(now)
    possible = now.piece.possible if proven is None else [f"bad:{proven.reason}"]
    return column_of(possible, sure_at(durable, programme, at))


def blind_since(now: ProgrammeNow) -> int:
    """Return when the present blindness began, over all its causes."""
    if now.stretch and now.stretch[-1][1:] == (now.piece.start, "blind"):
        return now.stretch[-1][0]
    return now.piece.start
