"""The state that a record holds, whatever program wrote it. Owns the mapping of earlier states.

A new field of ``Durable`` is given here with what an earlier state knows of it, or its default.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from monitord.core import earlier
from monitord.core.apply import GENERATION, apply
from monitord.core.base_incidents import map_incidents
from monitord.core.calendar_intervals import hours_of
from monitord.core.clock_state import ClockNow
from monitord.core.codec import from_plain
from monitord.core.durable import ConditionNow, Durable, Piece, ProgrammeNow, Proven
from monitord.core.earlier import Earlier
from monitord.core.figures import Figures
from monitord.core.generation1 import durable as old
from monitord.core.model import Event


def fold(generation: int, snapshot: Any, events: Iterable[Event]) -> Durable:
    """Return the state after ``events``, all of one generation.

    ``snapshot``: plain state before them, or None. The state of an earlier generation is mapped.
    """
    if generation < GENERATION:
        before = Earlier() if snapshot is None else earlier.from_snapshot(snapshot)
        for event in events:
            earlier.apply(before, event)
        return base_of(before)
    durable = Durable() if snapshot is None else from_plain(Durable, snapshot)
    for event in events:
        apply(durable, event)
    return durable


def base_of(before: Earlier) -> Durable:
    """Return the state of this program for that of an earlier one."""
    found = before.durable
    durable = Durable(
        epoch=found.epoch,
        number=found.number,
        last_at=found.last_at,
        config_hash=found.config_hash,
        config_content=before.config_content,
        clock_offset=found.clock_offset,
        clock=_clock(found),
        last_mark_at=found.last_mark_at,
        running=found.running,
        stopped_ends=dict(found.stopped_ends),
        calendar={name: [hours_of(parts, 0)] for name, parts in found.calendar.items()},
        calendar_known_to=found.calendar_known_to,
        conditions={
            name: ConditionNow(condition.value, condition.since, condition.cause, condition.since)
            for name, condition in found.conditions.items()
        },
        programmes={name: _programme(one) for name, one in found.programmes.items()},
    )
    map_incidents(found, durable)
    return durable


def _clock(found: old.Durable) -> ClockNow:
    """Return what is known of wall time: it was always trusted, unless a step was disputed."""
    if not found.last_at or found.clock_disputed:
        return ClockNow()
    return ClockNow(mark=found.last_at + found.clock_offset)


def _programme(found: old.ProgrammeNow) -> ProgrammeNow:
    piece, proven = found.piece, found.proven
    return ProgrammeNow(
        piece=Piece(piece.start, list(piece.possible), piece.blind, piece.presumed),
        clear_to=found.clear_to,
        stretch=list(found.stretch),
        proven=None if proven is None else _proven(proven),
        seconds=dict(found.seconds),
        figures=_figures(found.figures),
    )


def _proven(found: old.Proven) -> Proven:
    return Proven(
        reason=found.reason,
        not_before=found.not_before,
        not_after=found.not_after,
        bad_at=found.bad_at,
        stage=found.stage,
        conditions=list(found.conditions),
    )


def _figures(found: old.Figures) -> Figures:
    return Figures(found.least, found.most_seen, found.most)
