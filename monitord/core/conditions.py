"""From answers to conditions: evidence with its interval, turns and losses. Owns that step."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.events import ConditionLost, ConditionTurned, Draft
from monitord.core.expression import Kind
from monitord.core.fast_path import join_fast_path, leave_fast_path
from monitord.core.model import Answer, Evidence, Silence, TrapSeen
from monitord.core.plan import ConditionPlan
from monitord.core.situation import DeviceMemory, Mark, Situation
from monitord.core.timeline import Timeline
from monitord.core.truths import full_truths

NOT_WATCHED_YET = ("absent", "not_yet")
"""Causes of blindness that are ours; the first word from the device replaces them."""


def evidence_of(condition: ConditionPlan, value: bool, answer: Answer) -> Evidence:
    """Return what the answer proves: the value held somewhere in the interval."""
    lag = condition.true_lag if value else condition.false_lag
    return Evidence(condition.id, value, answer.sent_at - lag, answer.at)


def observe(situation: Situation, answer: Answer) -> Iterator[Draft]:
    """Take one answer into the timelines of its device's conditions; yield the turns."""
    memory = situation.devices[answer.device]
    if answer.suspected or memory.doubts or memory.values != answer.values:
        memory.truths = full_truths(situation, memory, answer)
        memory.values = answer.values
        memory.doubts = memory.doubts + 1 if answer.suspected else 0
    memory.answered_at = answer.at
    memory.silent = None
    memory.silences = 0
    _note_doubt(situation, memory)
    leave_fast_path(memory)
    for condition, line, value in zip(
        memory.plan.conditions, memory.lines, memory.truths, strict=True
    ):
        if value is None:
            _rename(situation, condition.id, line, answer.at, "no_value")
        else:
            yield from _take(situation, memory, line, evidence_of(condition, value, answer))
    join_fast_path(memory, answer)


def _take(
    situation: Situation, memory: DeviceMemory, line: Timeline, evidence: Evidence
) -> Iterator[Draft]:
    if line.kind != int(evidence.value):
        condition = situation.conditions[evidence.condition]
        reported = _reported(memory, condition, line, evidence)
        yield _turn(situation, line, reported or evidence)
        if reported is None:
            return
    line.extend(evidence)


def _note_doubt(situation: Situation, memory: DeviceMemory) -> None:
    if memory.doubts or memory.silences:
        situation.doubtful[memory.plan.id] = memory
    else:
        situation.doubtful.pop(memory.plan.id, None)


def note_report(situation: Situation, report: TrapSeen) -> None:
    """Keep the device's latest report of a condition until an answer agrees with it or not."""
    memory = situation.devices.get(report.device)
    if memory is not None and report.condition in situation.timelines:
        memory.reports[report.condition] = report


def _reported(
    memory: DeviceMemory, condition: ConditionPlan, line: Timeline, evidence: Evidence
) -> Evidence | None:
    """Return the evidence of a report that the answer confirms, if it bounds the turn closer.

    It counts where it came after the last answer that said otherwise, and within the bound before
    this one: together they then hold what lies between.
    """
    report = memory.reports.pop(condition.id, None)
    if report is None or report.value is not evidence.value:
        return None
    if not max(line.last_after, evidence.not_after - condition.bound) < report.at:
        return None
    if report.at >= evidence.not_after:
        return None
    lag = condition.true_lag if evidence.value else condition.false_lag
    not_before = min(report.at - lag, evidence.not_before)
    return Evidence(condition.id, evidence.value, not_before, report.at)


def _turn(situation: Situation, line: Timeline, evidence: Evidence) -> Draft:
    was = None if line.kind is Kind.BLIND else bool(line.kind)
    held = was is not None and line.last_before > line.start
    held_to = line.turn(evidence)
    # What was held before bounds the moment; blindness, or one answer alone, bounds nothing.
    begin = max(evidence.not_before, held_to) if held else evidence.not_before
    begin = min(begin, evidence.not_after)
    other_until = None if was is None else held_to
    mark = Mark(evidence.condition, evidence.value, begin, evidence.not_after, other_until)
    _unsettle(situation, evidence.condition)
    for programme in situation.watchers.get(evidence.condition, ()):
        memory = situation.programmes[programme]
        if evidence.condition in memory.uses:
            memory.marks.append(mark)
    turned = ConditionTurned(
        value=evidence.value,
        was=was,
        not_before=evidence.not_before,
        not_after=evidence.not_after,
        held_to=held_to,
    )
    return Draft(evidence.condition, turned)


def fall_silent(situation: Situation, silence: Silence) -> None:
    """Remember why a device does not answer; what follows is due when the bound has passed."""
    memory = situation.devices[silence.device]
    memory.silent = silence.kind
    memory.silences += 1
    # What the next answer ends is told by ``observe``.
    leave_fast_path(memory)
    _note_doubt(situation, memory)
    for condition, line in zip(memory.plan.conditions, memory.lines, strict=True):
        _rename(situation, condition.id, line, silence.at, silence.kind)


def _rename(situation: Situation, condition: str, line: Timeline, at: int, cause: str) -> None:
    if line.kind is Kind.BLIND and line.cause in NOT_WATCHED_YET:
        line.rename_blindness(at, cause)
        _unsettle(situation, condition)


def _unsettle(situation: Situation, condition: str) -> None:
    for programme in situation.watchers.get(condition, ()):
        situation.programmes[programme].unsettled = True
    if condition not in situation.watchers:
        # What was is asked by programmes only.
        situation.timelines[condition].forget_closed()


def lose_overdue(situation: Situation, device: str, at: int) -> Iterator[Draft]:
    """Turn blind every condition of the device whose last answer proves nothing any more."""
    memory = situation.devices[device]
    leave_fast_path(memory)
    for condition, line in zip(memory.plan.conditions, memory.lines, strict=True):
        due = line.overdue_at()
        if due is not None and due <= at:
            was = bool(line.kind)
            cause = memory.silent or ("no_value" if _answers(memory, line) else "timeout")
            held_to = line.lose(cause)
            _unsettle(situation, condition.id)
            yield Draft(condition.id, ConditionLost(was=was, held_to=held_to, cause=cause))


def _answers(memory: DeviceMemory, line: Timeline) -> bool:
    return memory.answered_at is not None and memory.answered_at > line.last_after
