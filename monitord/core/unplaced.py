"""Time off air whose place in the calendar is not certain. Owns which that is.

While the clock is not trusted, pieces wait for it. What a trusted clock leaves unsure, or a battery
clock alone places out of hours, stays to be settled by a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitord.core.calendar import eras_of, spans
from monitord.core.clock_events import ClockTurned
from monitord.core.clock_state import Trust, era_parts
from monitord.core.columns import is_bad
from monitord.core.durable import Durable, Piece
from monitord.core.events import CalendarRecorded, Draft, PieceOpened
from monitord.core.ledger import held_pieces
from monitord.core.model import Expected
from monitord.core.unsettled_events import SuspicionFound, SuspicionSort

_CERTAIN = (Trust.TRUSTED, Trust.HOLDOVER)
Waiting = Mapping[str, list[tuple[Piece, int]]]
"""By programme, pieces with their ends."""


def waiting_for(durable: Durable, draft: Draft) -> Waiting:
    """Return the pieces that a draft, not applied yet, may place for good."""
    match draft.body:
        case ClockTurned() | CalendarRecorded():
            return {name: held_pieces(now) for name, now in durable.programmes.items() if now.held}
        case PieceOpened(start=end):
            now = durable.programmes.get(draft.subject)
            if now is not None and not now.held and is_bad(now.piece.possible):
                return {draft.subject: [(now.piece, end)]}
    return {}


def left_unplaced(durable: Durable, waiting: Waiting) -> Iterator[SuspicionFound]:
    """Yield what has no certain place, of the pieces that are not waiting any more."""
    for programme, pieces in waiting.items():
        now = durable.programmes.get(programme)
        for piece, end in pieces if now is not None and not now.held else ():
            yield from unplaced(durable, programme, piece, end)


def unplaced(durable: Durable, programme: str, piece: Piece, end: int) -> Iterator[SuspicionFound]:
    """Yield the parts of a piece off air that lie in unsure or only assumed hours."""
    if not is_bad(piece.possible):
        return
    for era, begin, finish in era_parts(eras_of(durable), piece.start, end):
        if era.trust in _CERTAIN:
            continue
        kinds = {Expected.UNSURE: SuspicionSort.UNSURE}
        if era.trust is Trust.ASSUMED:
            kinds[Expected.CLOSED] = SuspicionSort.ASSUMED_CLOSED
        for expected, sort in kinds.items():
            parts = [p for p in spans(durable, programme, begin, finish) if p[2] is expected]
            if parts:
                time = sum(to - start for start, to, _ in parts)
                evidence = {"clock": era.trust.value}
                span = parts[0][0], parts[-1][1]
                yield SuspicionFound(programme, sort, *span, time, evidence)
