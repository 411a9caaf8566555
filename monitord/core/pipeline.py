"""Every decision in its order: ``advance`` calls the steps. Read this file first.

    answer that changes nothing -> fast path (proofs move on, no event)
    any other answer -> conditions (evidence, turns) -> programme (pieces, proofs)
                     -> incidents (faults, impacts)  -> deliveries (messages, attempts)

Owns that order. Time is an argument; nothing here waits or does I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from monitord.core import due_times, incidents, outages
from monitord.core.adoption import adopt, start
from monitord.core.apply import apply, encode, kind_of_body
from monitord.core.attempts import begin_attempts, follow, look_at_watchers, record_outcome
from monitord.core.calendar_extending import extend_calendar
from monitord.core.clock_events import ClockTurned
from monitord.core.clock_steps import read_clock
from monitord.core.conditions import lose_overdue, observe, store_report, store_silence
from monitord.core.decisions import carry_out
from monitord.core.dues import Key, Rank
from monitord.core.events import TURNS, BadProven, Body, ClockMarked, Draft, PieceOpened
from monitord.core.fast_path import confirm_unchanged
from monitord.core.fault_plans import CLOCK_UNTRUSTED, CONFIG_REFUSED, SITE_SILENT, record_alarms
from monitord.core.incident_events import OutageEnded
from monitord.core.incident_state import fault_id
from monitord.core.lateness import fall_behind, is_ours
from monitord.core.merge import Due, InputQueue, Item, put_back_rest, take_next
from monitord.core.model import (
    Answer,
    Attempted,
    CalendarExtended,
    Changes,
    ClockRead,
    ConfigAdopted,
    ConfigRefused,
    Decision,
    Event,
    Forwarded,
    Input,
    Late,
    RecordReplaced,
    RoleTaken,
    Silence,
    Started,
    Stopping,
    TrapSeen,
)
from monitord.core.nodes import follow_nodes
from monitord.core.programme import prove, settle
from monitord.core.proving import note_heard
from monitord.core.record_events import RecordHarmed
from monitord.core.refuted import forget_settled, refute
from monitord.core.running import stop
from monitord.core.situation import ProgrammeMemory, Situation
from monitord.core.suspicions import note_dip
from monitord.core.unplaced import left_unplaced, waiting_for
from monitord.core.unsettled import Found, left_unsettled, unsettled
from monitord.core.unsettled_events import SpansSettled
from monitord.core.withdrawal import end_what_is_gone


class EncodedBody:
    """A body with what the record keeps of it, for each event that has it."""

    __slots__ = ("body", "form", "is_turn", "kind", "version")

    def __init__(self, body: Body) -> None:
        kind = kind_of_body(body)
        self.body = body
        self.kind = kind.name
        self.version = kind.version
        self.form = encode(body)
        self.is_turn = isinstance(body, TURNS)


def advance(situation: Situation, inputs: Sequence[Input], now: int) -> Changes:
    """Take the inputs and everything due up to ``now``; return the events, already applied."""
    events: list[Event] = []
    encoded: EncodedBody | None = None
    queue = InputQueue(inputs)
    while True:
        confirm_unchanged(situation, queue, now)
        taken = take_next(situation, queue, now)
        if taken is None:
            return Changes(tuple(events))
        at, item = taken
        touched, before = [], len(events)
        for draft in decide(situation, item, at):
            if encoded is None or encoded.body is not draft.body:
                # The turns of one answer that are alike have one body.
                encoded = EncodedBody(draft.body)
            events.append(_emit(situation, draft, encoded, at))
            if not encoded.is_turn:
                touched.append(_touched(draft))
        _refresh_dues(situation, item, touched, emitted=len(events) > before)
        put_back_rest(queue)


def decide(situation: Situation, item: Item, at: int) -> Iterator[Draft]:
    """Yield what follows from one item; the caller applies each draft before it asks the next."""
    for draft in _consequences(situation, item, at):
        if isinstance(draft.body, TURNS):
            # Nearly every event is one: it leaves no time unsettled, and no event follows it.
            if draft.subject in situation.feeds:
                note_dip(situation, draft)
            yield draft
            if draft.subject in situation.watchers:
                look_at_watchers(situation, draft.subject)
            continue
        for each in _with_doubts(situation, draft, at):
            yield each
            yield from follow(situation, each)


def _with_doubts(situation: Situation, draft: Draft, at: int) -> Iterator[Draft]:
    """Yield a draft and the time that it leaves unsettled."""
    found = left_unsettled(situation, draft, at)
    waiting = waiting_for(situation.durable, draft)
    if isinstance(draft.body, SpansSettled):
        forget_settled(situation, draft.body)
    yield draft
    yield from unsettled(situation, found)
    for span in left_unplaced(situation.durable, waiting):
        yield from unsettled(situation, Found(span))


def _consequences(situation: Situation, item: Item, at: int) -> Iterator[Draft]:
    match item:
        case Answer():
            yield from _with_alarms(situation, observe(situation, item), at)
            yield from _watch_line(situation, item.device, at)
            yield from _watch_silence(situation, item.device, at)
            note_heard(situation, item.device)
            yield from _judge(situation, situation.devices[item.device].programmes, at)
            yield from _watch_site(situation, at)
            yield from refute(situation, item.device)
        case Silence():
            store_silence(situation, item)
            yield from _watch_site(situation, at)
            yield from _watch_silence(situation, item.device, at)
            yield from _judge(situation, situation.devices[item.device].programmes, at)
        case Due(key=key):
            yield from _fall_due(situation, key, at)
        case Attempted():
            yield from record_outcome(situation, item)
        case Started():
            yield from start(situation, item)
            yield from _watch_own(situation, at)
            yield from _judge(situation, situation.programmes, at)
            yield from end_what_is_gone(situation)
        case ConfigAdopted():
            yield from adopt(situation, item)
            for alarm in situation.alarms.values():
                # Nothing turns where a device is read as before, though the alarm may be new.
                yield from outages.step_alarm(situation, alarm, at)
            yield from _judge(situation, situation.programmes, at)
            yield from end_what_is_gone(situation)
        case ConfigRefused():
            situation.config_refused = True
            yield from outages.step_alarm(situation, situation.alarms[CONFIG_REFUSED], at)
        case RecordReplaced():
            yield from _note_harm(situation, item, at)
        case CalendarExtended():
            yield from extend_calendar(situation, item)
            yield from _judge_hours(situation, at)
        case Decision():
            yield from _turn_clock(situation, carry_out(situation, item), at)
        case ClockRead():
            yield from _turn_clock(situation, read_clock(situation, item), at)
        case RoleTaken() | Forwarded():
            yield from follow_nodes(situation, item)
        case Late():
            situation.late, situation.late_recorded = item, False
        case Stopping():
            yield stop(situation, at)
        case TrapSeen():
            store_report(situation, item)
        case _:
            assert_never(item)


def _fall_due(situation: Situation, key: Key, at: int) -> Iterator[Draft]:
    match key.rank:
        case Rank.OVERDUE:
            lose = fall_behind if is_ours(situation, key.subject, at) else lose_overdue
            yield from _with_alarms(situation, lose(situation, key.subject, at), at)
            yield from _watch_line(situation, key.subject, at)
            yield from _judge(situation, situation.devices[key.subject].programmes, at)
        case Rank.CALENDAR:
            _pass_boundary(situation.programmes[key.subject], at)
            yield from _judge(situation, (key.subject,), at)
        case Rank.FAULT:
            yield from _step_fault(situation, key.subject, at)
        case Rank.INCIDENT:
            yield from incidents.close_if_over(situation, key.subject)
        case Rank.CLOCK_MARK:
            yield Draft("", ClockMarked(at + situation.durable.clock_offset))
        case Rank.MESSAGES:
            yield from begin_attempts(situation, key.subject, at)
        case _:
            assert_never(key.rank)


def _step_fault(situation: Situation, fault: str, at: int) -> Iterator[Draft]:
    programme = fault.partition("/")[0]
    if programme:
        yield from outages.step(situation, situation.programmes[programme].plan, at)
    else:
        yield from outages.step_alarm(situation, situation.faults[fault], at)


def _with_alarms(situation: Situation, drafts: Iterator[Draft], at: int) -> Iterator[Draft]:
    """Yield turns and losses of conditions, each followed by what it means for an alarm of it."""
    for draft in drafts:
        yield draft
        alarm = situation.alarms.get(draft.subject)
        if alarm is not None:
            yield from outages.step_alarm(situation, alarm, at)


def _watch_line(situation: Situation, device: str, at: int) -> Iterator[Draft]:
    """Begin or end the alarm of a line that takes back what it said."""
    alarm = situation.lines.get(device)
    if alarm is None:
        return
    is_doubted = situation.devices[device].inconsistent_until is not None
    if is_doubted or alarm.id in situation.durable.outages:
        yield from outages.step_alarm(situation, alarm, at)


def _watch_silence(situation: Situation, device: str, at: int) -> Iterator[Draft]:
    """Begin or end the alarm of a device that is silent, where no programme reports that."""
    alarm = situation.silence_alarms.get(device)
    if alarm is None:
        return
    is_silent = situation.devices[device].silent is not None
    if is_silent or alarm.id in situation.durable.outages:
        yield from outages.step_alarm(situation, alarm, at)


def _watch_site(situation: Situation, at: int) -> Iterator[Draft]:
    """Begin or end the silence of the whole site."""
    alarm = situation.alarms.get(SITE_SILENT)
    if alarm is None:
        return
    all_silent = len(situation.troubled) >= len(situation.devices)
    if all_silent or SITE_SILENT in situation.durable.outages:
        yield from outages.step_alarm(situation, alarm, at)


def _turn_clock(situation: Situation, drafts: Iterator[Draft], at: int) -> Iterator[Draft]:
    """Judge every programme again where wall time is another one now, or trusted otherwise."""
    turned = False
    for draft in drafts:
        turned = turned or isinstance(draft.body, ClockTurned)
        yield draft
    if turned:
        yield from _watch_clock(situation, at)
        yield from _judge_hours(situation, at)


def _watch_own(situation: Situation, at: int) -> Iterator[Draft]:
    """Begin or end the alarms of what is our own: the clock, the configuration, the record."""
    yield from _watch_clock(situation, at)
    yield from outages.step_alarm(situation, situation.alarms[CONFIG_REFUSED], at)
    yield from _watch_record(situation, at)


def _note_harm(situation: Situation, replaced: RecordReplaced, at: int) -> Iterator[Draft]:
    yield Draft("", RecordHarmed(replaced.harm, replaced.lost))
    yield from _watch_record(situation, at)


def _watch_record(situation: Situation, at: int) -> Iterator[Draft]:
    """Begin or end the alarms of what happened to the file of the record."""
    for alarm in record_alarms():
        yield from outages.step_alarm(situation, alarm, at)


def _watch_clock(situation: Situation, at: int) -> Iterator[Draft]:
    """Begin or end the alarm of a clock that is not trusted."""
    yield from outages.step_alarm(situation, situation.alarms[CLOCK_UNTRUSTED], at)


def _judge_hours(situation: Situation, at: int) -> Iterator[Draft]:
    for memory in situation.programmes.values():
        _pass_boundary(memory, at)
    yield from _judge(situation, situation.programmes, at)


def _pass_boundary(memory: ProgrammeMemory, at: int) -> None:
    # The time up to a calendar boundary is settled later; until then its hours are not over.
    memory.calendar_seen = at
    memory.unsettled = True


def _judge(situation: Situation, programmes: Iterable[str], at: int) -> Iterator[Draft]:
    for name in programmes:
        memory = situation.programmes[name]
        if memory.unsettled or memory.transitions:
            yield from _judge_one(situation, memory, at)
            _forget_settled(situation, memory)


def _judge_one(situation: Situation, memory: ProgrammeMemory, at: int) -> Iterator[Draft]:
    """Yield the pieces and proofs of a programme, each followed by what it means for its faults."""
    plan = memory.plan
    for draft in _pieces_and_proofs(situation, memory, at):
        yield draft
        yield from outages.step(situation, plan, _moment(draft.body))
    yield from outages.step(situation, plan, at)


def _pieces_and_proofs(situation: Situation, memory: ProgrammeMemory, at: int) -> Iterator[Draft]:
    """Settle up to the oldest transition, prove what transitions prove, settle the rest."""
    oldest = min((transition.end for transition in memory.transitions), default=None)
    yield from settle(situation, memory.plan, at, limit=oldest)
    if memory.may_prove:
        yield from prove(situation, memory.plan, at)
        yield from settle(situation, memory.plan, at)


def _moment(body: Body) -> int:
    """Return when a programme's fault may move on because of this event."""
    match body:
        case BadProven(not_after=not_after):
            return not_after
        case _:
            assert isinstance(body, PieceOpened), "a programme settles into pieces and proofs"
            return body.start


def _forget_settled(situation: Situation, memory: ProgrammeMemory) -> None:
    """Drop the past of conditions that every programme using them has settled."""
    for name in memory.settling.take_past(memory.settled_to):
        watching = [situation.programmes[other] for other in situation.watchers[name]]
        waiting = [m.settled_to for m in watching if m.unsettled or m.transitions]
        before = min(waiting, default=max(m.settled_to for m in watching))
        timeline = situation.timelines[name]
        timeline.forget(before)
        if before >= memory.settled_to:
            # Otherwise a programme that is settled less far forgets it.
            memory.settling.put_past(name, timeline)


def _emit(situation: Situation, draft: Draft, encoded: EncodedBody, at: int) -> Event:
    durable = situation.durable
    # In the order of its fields: a start emits one event for nearly each condition.
    event = Event(
        durable.epoch,
        durable.number + 1,
        max(at, durable.last_at),
        encoded.kind,
        encoded.version,
        draft.subject,
        durable.stream,
        encoded.form,
    )
    apply(durable, event, encoded.body)
    return event


def _touched(draft: Draft) -> str:
    """Return what an event may have moved the due time of: its subject, or the fault that ended."""
    match draft.body:
        case OutageEnded(programme=programme, fault=fault):
            return fault_id(programme, fault)
        case _:
            return draft.subject


def _refresh_dues(
    situation: Situation, item: Item, touched: Sequence[str], *, emitted: bool
) -> None:
    """Update only the due times that the item or its events may have moved.

    ``touched``: what events were about, but conditions, which have none. ``emitted``: if any was.
    """
    match item:
        case Answer(device=device) | Silence(device=device):
            due_times.refresh_device(situation, device)
        case Due(key=key):
            _refresh_after_due(situation, key)
        case Attempted():
            pass
        case Late():
            due_times.refresh_queues(situation)
        case _:
            if emitted or isinstance(item, Started | ConfigAdopted):
                due_times.refresh_all(situation)
    if emitted:
        for subject in touched:
            due_times.refresh_subject(situation, subject)
        due_times.refresh_queues(situation)


def _refresh_after_due(situation: Situation, key: Key) -> None:
    match key.rank:
        case Rank.OVERDUE:
            due_times.refresh_device(situation, key.subject)
        case Rank.CALENDAR:
            due_times.refresh_programme(situation, key.subject)
        case Rank.FAULT:
            due_times.refresh_fault(situation, key.subject)
        case Rank.MESSAGES | Rank.CLOCK_MARK | Rank.INCIDENT:
            situation.dues.put(key, due_times.due_time(situation, key))
        case _:
            assert_never(key.rank)
