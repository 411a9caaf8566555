"""The only writer of durable state: one function a kind of event. Decides nothing.

Each function stores what the body says, so that folding the record gives the same state again.
"""

from __future__ import annotations

from bisect import bisect_right

from monitord.core import events
from monitord.core.calendar import expected_span
from monitord.core.calendar_values import Hours
from monitord.core.clock_folds import covers, set_mark
from monitord.core.clock_state import Trust
from monitord.core.columns import is_bad, is_clear, is_degraded
from monitord.core.durable import Durable, Piece, ProgrammeNow, Proven, condition_now
from monitord.core.hours import HoursSince
from monitord.core.ledger import STRETCH_MAX, book, book_held, own_sorts, stretch_sort
from monitord.core.model import Event
from monitord.core.present import outage

HOURS_MAX = 256
"""So many changes of one programme's hours are remembered; what was before them is unsure."""
STARTS_KEPT = 10
"""Starts that are remembered, the newest ones."""
_OF_DEVICES = ("/alarm/", "/silent/", "/site_silent")
"""What is seen of equipment: not while monitord does not run. Programmes have a blind piece."""
_UNASKED = ("absent", "not_yet")
"""Causes of conditions that a start or a reload made blind: ``since`` is not of the blindness."""


def run_started(durable: Durable, event: Event, body: events.RunStarted) -> None:
    seen_to = durable.last_mark_at if body.alive_at is None else body.alive_at
    for fault in durable.outages:
        if fault.startswith(_OF_DEVICES):
            begin = _last_proof(durable, fault.removeprefix("/alarm/"), seen_to)
            _note_unseen(durable, fault, begin, event.at)
    durable.config_hash = body.config_hash
    durable.config_content = body.config_content
    durable.running = True
    durable.last_mark_at = event.at
    durable.starts = [*durable.starts[1 - STARTS_KEPT :], event.at]
    for name, known in durable.conditions.items():
        durable.conditions[name] = condition_now(None, known.since, "absent", known.not_before)


def _last_proof(durable: Durable, condition: str, seen_to: int) -> int:
    """Return up to when the last run proves a condition; what is unseen before is noted already."""
    known = durable.conditions.get(condition)
    if known is not None and known.value is None and known.cause == "absent" and durable.starts:
        return min(seen_to, durable.starts[-1])
    return lost_at(durable, condition, seen_to)


def run_stopped(durable: Durable, event: Event, body: events.RunStopped) -> None:
    durable.running = False
    durable.stopped_ends = dict(body.ends)
    durable.last_mark_at = event.at


def clock_marked(durable: Durable, event: Event, body: events.ClockMarked) -> None:
    durable.last_mark_at = event.at
    if durable.clock.eras and durable.clock.trust is Trust.TRUSTED:
        durable.clock.eras[-1].fixed_at = event.at
    set_mark(durable, event.at)
    del body


def calendar_recorded(durable: Durable, event: Event, body: events.CalendarRecorded) -> None:
    durable.calendar = {
        programme: _hours_from(durable.calendar.get(programme, []), hours, body)
        for programme, hours in body.hours.items()
    }
    durable.calendar_known_from = body.known_from
    durable.calendar_known_to = body.known_to
    durable.calendar_tzdata = body.tzdata
    if durable.clock.is_settled and covers(durable, event.at + durable.clock_offset):
        # The clock was adopted before its hours were known.
        book_held(durable)


def _hours_from(
    held: list[HoursSince], hours: Hours, body: events.CalendarRecorded
) -> list[HoursSince]:
    """Return the hours that counted before, as far as they are needed, and then the given ones."""
    since = body.since if held else body.given_from
    needed = max(body.kept_from, body.known_from)
    before = [part for part in held if part.since < since]
    oldest = bisect_right(before, needed, key=lambda part: part.since) - 1
    before = before[max(0, oldest, len(before) + 1 - HOURS_MAX) :]
    if before and before[0].since < body.known_from:
        first = before[0]
        before[0] = HoursSince(body.known_from, first.hours, first.offsets)
    return [*before, HoursSince(since, hours, body.offsets)]


def condition_turned(durable: Durable, event: Event, body: events.ConditionTurned) -> None:
    # It turned after the last moment proven for the old value; or at any moment of blindness.
    subject, (value, _, _, not_after, held_to) = event.subject, body
    begin = min(held_to, not_after)
    alarm = f"/alarm/{subject}" if durable.outages else ""
    if alarm in durable.outages:
        _note_unseen(durable, alarm, lost_at(durable, subject, begin), not_after)
    durable.conditions[subject] = condition_now(value, not_after, "", begin)


def lost_at(durable: Durable, condition: str, known_to: int) -> int:
    """Return when this run lost a condition that it does not see; ``known_to`` where it did not.

    A device that is read otherwise by a reload is blind once more from then on.
    """
    known = durable.conditions.get(condition)
    if known is None or known.value is not None or known.cause in _UNASKED:
        return known_to
    return min(known_to, known.since)


def _note_unseen(durable: Durable, fault: str, begin: int, end: int) -> None:
    """Add a span that nothing proves to an outage or alarm that lasts."""
    held = durable.outages.get(fault)
    if held is not None:
        held.unseen += max(0, end - max(begin, held.began[1]))


def condition_lost(durable: Durable, event: Event, body: events.ConditionLost) -> None:
    durable.conditions[event.subject] = condition_now(None, body.held_to, body.cause)


def piece_opened(durable: Durable, event: Event, body: events.PieceOpened) -> None:
    piece = Piece(body.start, list(body.possible), body.blind, body.presumed, body.quality)
    programme = durable.programmes.get(event.subject)
    durable.stopped_ends.pop(event.subject, None)
    if programme is None:
        durable.programmes[event.subject] = ProgrammeNow(piece, clear_to=piece.start)
        return
    old = programme.piece
    book(durable, event.subject, old, max(piece.start, old.start))
    if not is_degraded(old.possible):
        _note_unseen(durable, f"{event.subject}/degraded", old.start, piece.start)
    clear = is_clear(piece.possible)
    if not is_clear(old.possible):
        _lengthen_stretch(programme, old, piece.start)
    elif not clear:
        programme.stretch, programme.own_stretch = [], {}
        programme.clear_to = piece.start
        _date_start(programme, durable, event.subject, piece.start)
    programme.piece = piece


def _date_start(programme: ProgrammeNow, durable: Durable, subject: str, clear_to: int) -> None:
    """Date the begin of an outage proven ahead of the ledger by the end of the last clear piece."""
    proven = outage(programme)
    if proven is None:
        programme.proven = None
        return
    if clear_to > proven.not_after:
        return
    proven.not_before = clear_to
    held = durable.outages.get(f"{subject}/off_air")
    if held is not None and held.began[1] >= proven.not_after:
        hours_from = expected_span(durable, subject, held.began[1])[0]
        held.began = min(max(clear_to, hours_from), held.began[1]), held.began[1]
        for name in held.incidents:
            incident = durable.incidents.get(name)
            if (
                incident is not None
                and incident.members[f"{subject}/off_air"].falls[-1].id == held.id
            ):
                incident.members[f"{subject}/off_air"].falls[-1].began = held.began


def _lengthen_stretch(programme: ProgrammeNow, old: Piece, finish: int) -> None:
    if finish <= old.start:
        return
    sort = stretch_sort(old.possible, old.blind)
    if is_bad(old.possible) and programme.proven is not None:
        programme.proven.bad_at = max(programme.proven.bad_at, finish)
    _append_piece(programme.stretch, (old.start, finish, sort))
    for reason, own in own_sorts(old.possible, old.blind) if is_bad(old.possible) else ():
        pieces = programme.own_stretch.setdefault(reason, [])
        _append_piece(pieces, (old.start, finish, own))


def _append_piece(stretch: list[tuple[int, int, str]], piece: tuple[int, int, str]) -> None:
    start, finish, sort = piece
    if stretch and stretch[-1][2] == sort and stretch[-1][1] == start:
        stretch[-1] = (stretch[-1][0], finish, sort)
    else:
        stretch.append(piece)
    if len(stretch) > STRETCH_MAX:
        # Between covers both: the least figure loses the seconds, the most figure keeps them.
        first, second = stretch[0], stretch[1]
        both = "blind" if "blind" in (first[2], second[2]) else "between"
        stretch[:2] = [(first[0], second[1], both)]


def programme_withdrawn(durable: Durable, event: Event, body: events.ProgrammeWithdrawn) -> None:
    durable.programmes.pop(event.subject, None)
    durable.calendar.pop(event.subject, None)
    del body


def bad_proven(durable: Durable, event: Event, body: events.BadProven) -> None:
    durable.programmes[event.subject].proven = Proven(
        body.reason,
        body.not_before,
        body.not_after,
        body.bad_at,
        body.stage,
        list(body.conditions),
    )
