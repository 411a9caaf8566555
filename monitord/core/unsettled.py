"""Spans that a person must settle, found when a blind piece or an outage ends.

Owns which those are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from monitord.core.calendar import time_in_hours
from monitord.core.durable import Durable, Piece, ProgrammeNow
from monitord.core.events import Draft, PieceOpened, ProgrammeWithdrawn
from monitord.core.fault_plans import Sort
from monitord.core.incident_events import OutageEnded
from monitord.core.incident_state import fault_id, owner_of
from monitord.core.ledger import held_pieces
from monitord.core.present import blind_since
from monitord.core.refuted import keep_doubt, refuted_at_once
from monitord.core.situation import Situation
from monitord.core.suspected import open_suspected
from monitord.core.suspicions import Sign, sign_of
from monitord.core.unplaced import unplaced
from monitord.core.unsettled_events import SuspicionFound, SuspicionRefuted, SuspicionSort
from monitord.core.unsettled_state import Unsettled


class Found(NamedTuple):
    """A span that nobody has settled; ``sign``: why, where nothing was seen of it."""

    span: SuspicionFound
    sign: Sign | None = None


def left_unsettled(situation: Situation, draft: Draft, at: int) -> Found | None:
    """Return what a draft, not applied yet, leaves unsettled: a piece, or a false alarm."""
    match draft.body:
        case PieceOpened(start=end, blind=blind):
            goes_on = blind is not None
        case ProgrammeWithdrawn():
            end, goes_on = at, False
        case OutageEnded() as ended:
            span = _marked(situation.durable, ended)
            return None if span is None else Found(span)
        case _:
            return None
    now = situation.durable.programmes.get(draft.subject)
    if now is None or now.piece.blind is None:
        return None
    sort = _sort_of(now.piece)
    if sort is not None:
        evidence = {"cause": now.piece.blind}
        span = _span(situation.durable, draft.subject, (now.piece.start, end), sort, evidence)
        return None if span is None else Found(span)
    return None if goes_on else _unseen(situation, draft.subject, now, end)


def _unseen(situation: Situation, programme: str, now: ProgrammeNow, end: int) -> Found | None:
    """Return the whole blind span that closes, over all its causes, where a sign is found in it."""
    durable, memory = situation.durable, situation.programmes.get(programme)
    listed = durable.unsettled.get(programme, Unsettled()).until
    begin = max(blind_since(now), listed)
    if memory is None or begin >= end:
        return None
    sign = sign_of(situation, memory.plan, begin, end)
    if sign is None:
        return None
    span = _span(durable, programme, (begin, end), sign.sort, sign.evidence)
    return None if span is None else Found(span, sign)


def unsettled(situation: Situation, found: Found | None) -> Iterator[Draft]:
    """Yield the event of a span, under an id that no other has, and the outage it may be."""
    if found is None:
        return
    durable, span, sign = situation.durable, found.span, found.sign
    subject = f"{durable.epoch}-{durable.number + 1}"
    yield Draft(subject, span)
    if sign is None:
        return
    # What was reported while it lasted is withdrawn by the next answer, once it has ended.
    is_open = fault_id(span.programme, Sort.SUSPECTED) in durable.outages
    by = None if is_open else refuted_at_once(situation, span, sign)
    if by is not None:
        yield Draft(subject, SuspicionRefuted(span.programme, span.seconds, by))
        return
    keep_doubt(situation, subject, span, sign)
    yield from open_suspected(situation, span, sign)


def _sort_of(piece: Piece) -> SuspicionSort | None:
    if piece.blind in (SuspicionSort.DISPUTED, SuspicionSort.WITNESS):
        return SuspicionSort(piece.blind)
    return SuspicionSort.PRESUMED if piece.presumed else None


def _marked(durable: Durable, ended: OutageEnded) -> SuspicionFound | None:
    """Return the span of an outage whose seconds stay, though a person must settle them.

    It was marked as a false alarm, or what watched it was taken out of the configuration.
    """
    incident = None if ended.incident is None else durable.incidents.get(ended.incident)
    is_false = incident is not None and bool(incident.quiet)
    is_cut = ended.fault == Sort.OFF_AIR and ended.how == "reconfigured"
    if not (is_false or is_cut):
        return None
    sort = SuspicionSort.FALSE_ALARM if is_false else SuspicionSort.RECONFIGURED
    evidence = {} if incident is None else {"incident": incident.id}
    end = ended.ended[1]
    now = durable.programmes.get(ended.programme)
    if not is_false and now is not None and now.piece.presumed:
        end = min(end, now.piece.start)  # what was presumed has a span of its own
    return _span(durable, ended.programme, (ended.began[0], end), sort, evidence)


def still_open(durable: Durable, programme: str, at: int) -> list[SuspicionFound]:
    """Return what would be unsettled if it ended at ``at``: no event names it yet.

    That is what lasts, and what waits for the clock to be trusted.
    """
    now = durable.programmes.get(programme)
    if now is None:
        return []
    found = []
    if now.held or not durable.clock.is_settled:
        pieces = [*held_pieces(now), (now.piece, max(at, now.piece.start))]
        found += [span for one in pieces for span in unplaced(durable, programme, *one)]
    suspected = durable.outages.get(fault_id(programme, Sort.SUSPECTED))
    sort = _sort_of(now.piece)
    begin = now.piece.start
    if sort is None and suspected is not None:
        sort, begin = SuspicionSort(suspected.reason), suspected.began[0]
    if sort is not None:
        span = _span(durable, programme, (begin, max(begin, at)), sort, {})
        found += [] if span is None else [span]
    return [*found, *_lasting_false_alarms(durable, programme, at)]


def _lasting_false_alarms(durable: Durable, programme: str, at: int) -> Iterator[SuspicionFound]:
    """Yield the outages of incidents marked as false alarms, as ``_marked`` does at their end."""
    for incident in durable.incidents.values():
        for member in incident.members.values() if incident.quiet else ():
            held = durable.outages.get(member.id)
            if held is None or member.programme != programme:
                continue
            if durable.places.get(owner_of(held)[0]) != incident.id:
                continue
            span = (held.began[0], max(held.began[0], at))
            evidence = {"incident": incident.id}
            one = _span(durable, programme, span, SuspicionSort.FALSE_ALARM, evidence)
            if one is not None:
                yield one


def _span(
    durable: Durable,
    programme: str,
    span: tuple[int, int],
    sort: SuspicionSort,
    evidence: dict[str, str],
) -> SuspicionFound | None:
    time = time_in_hours(durable, programme, *span)
    return SuspicionFound(programme, sort, *span, time, evidence) if time else None
