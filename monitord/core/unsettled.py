"""Spans that a person must settle, found when a blind piece or an outage ends.

Owns which those are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from monitord.core.calendar import spans
from monitord.core.durable import Durable, Piece
from monitord.core.events import Draft, PieceOpened, ProgrammeWithdrawn
from monitord.core.incident_events import OutageEnded
from monitord.core.model import SECOND, Expected
from monitord.core.situation import Situation
from monitord.core.unsettled_events import SuspicionFound, SuspicionSort

RUNNING_MAX_S = 10**10
"""No equipment runs for three hundred years."""


def left_unsettled(situation: Situation, draft: Draft, at: int) -> SuspicionFound | None:
    """Return what a draft, not applied yet, leaves unsettled: a piece, or a false alarm."""
    match draft.body:
        case PieceOpened(start=end):
            pass
        case ProgrammeWithdrawn():
            end = at
        case OutageEnded() as ended:
            return _false_alarm(situation.durable, ended)
        case _:
            return None
    now = situation.durable.programmes.get(draft.subject)
    if now is None:
        return None
    sort = _sort_of(now.piece)
    if sort is not None:
        return _span(situation.durable, draft.subject, now.piece, end, sort)
    restarted = _restarted(situation, draft.subject, end) if now.piece.blind else None
    if restarted is None:
        return None
    found = _span(situation.durable, draft.subject, now.piece, end, SuspicionSort.RESTART)
    return None if found is None else replace(found, evidence={"device": restarted})


def unsettled(situation: Situation, span: SuspicionFound | None) -> Iterator[Draft]:
    """Yield the event of a span, under an id that no other has."""
    if span is not None:
        durable = situation.durable
        yield Draft(f"{durable.epoch}-{durable.number + 1}", span)


def _restarted(situation: Situation, programme: str, end: int) -> str | None:
    """Return a device of the programme whose equipment booted in the blind piece that closes.

    The boot is the moment of its last answer less the running time in it; no memory is needed.
    """
    begin = situation.durable.programmes[programme].piece.start
    for name, place in situation.uptimes.items():
        device = situation.devices.get(name)
        if device is None or device.answered_at is None or programme not in device.programmes:
            continue
        running = None if device.values is None else device.values[place]
        # Not a number, negative, or longer than any equipment runs: it says no moment of a start.
        if isinstance(running, int | float) and 0 <= running < RUNNING_MAX_S:
            booted = device.answered_at - int(running * SECOND)
            if begin <= booted < end:
                return name
    return None


def _sort_of(piece: Piece) -> SuspicionSort | None:
    if piece.blind is None:
        return None
    if piece.blind in (SuspicionSort.DISPUTED, SuspicionSort.WITNESS):
        return SuspicionSort(piece.blind)
    return SuspicionSort.PRESUMED if piece.presumed else None


def _false_alarm(durable: Durable, ended: OutageEnded) -> SuspicionFound | None:
    """Return the span of an outage that a person marked as a false alarm: its seconds stay."""
    incident = None if ended.incident is None else durable.incidents.get(ended.incident)
    if incident is None or not incident.quiet:
        return None
    begin, end = ended.began[0], ended.ended[1]
    time = _in_hours(durable, ended.programme, begin, end)
    evidence = {"incident": incident.id}
    sort = SuspicionSort.FALSE_ALARM
    return SuspicionFound(ended.programme, sort, begin, end, time, evidence) if time else None


def _in_hours(durable: Durable, programme: str, begin: int, end: int) -> int:
    return sum(
        finish - start
        for start, finish, expected in spans(durable, programme, begin, end)
        if expected not in (Expected.CLOSED, Expected.WINDOW)
    )


def _span(
    durable: Durable, programme: str, piece: Piece, end: int, sort: SuspicionSort
) -> SuspicionFound | None:
    time = _in_hours(durable, programme, piece.start, end)
    if not time:
        return None
    return SuspicionFound(programme, sort, piece.start, end, time, {"cause": piece.blind or ""})
