"""From answers to conditions: evidence with its interval, turns and losses. Owns that step."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.events import ConditionLost, ConditionTurned, Draft
from monitord.core.expression import Kind, truth
from monitord.core.model import Answer, Evidence, Silence, TrapSeen, Value
from monitord.core.plan import ConditionPlan, DevicePlan
from monitord.core.situation import DeviceMemory, Mark, Situation
from monitord.core.timeline import Timeline

NOT_WATCHED_YET = ("absent", "not_yet")
"""Causes of blindness that are ours; the first word from the device replaces them."""


def truths_of(plan: DevicePlan, answer: Answer) -> tuple[bool | None, ...]:
    """Return each condition's truth in one answer, in the order of the plan."""
    values = {point.id: value for point, value in zip(plan.points, answer.values, strict=True)}
    return tuple(truth(condition.true_when, values) for condition in plan.conditions)


def _truths(situation: Situation, memory: DeviceMemory, answer: Answer) -> tuple[bool | None, ...]:
    if not answer.suspected:
        return _truths_now(memory, answer)
    memory.bands = memory.watch.bands(answer.values)
    return _doubted_truths(situation, memory.plan, answer)


def _doubted_truths(
    situation: Situation, plan: DevicePlan, answer: Answer
) -> tuple[bool | None, ...]:
    """Return each condition's truth where implausible values say of bad, and of nothing else.

    The gate never excuses: a doubted value may be wrong, but where it points to bad leaving it out
    would turn an outage into silence.
    """
    doubted = dict(answer.suspected)
    came = tuple(doubted.get(place, value) for place, value in enumerate(answer.values))
    by_id: dict[str, Value] = {p.id: v for p, v in zip(plan.points, came, strict=True)}
    truths = list(truths_of(plan, answer))
    for number, condition in enumerate(plan.conditions):
        if truths[number] is None:
            said = truth(condition.true_when, by_id)
            if said in situation.bad_when.get(condition.id, ()):
                truths[number] = said
    return tuple(truths)


def _truths_now(memory: DeviceMemory, answer: Answer) -> tuple[bool | None, ...]:
    """Ask anew only the conditions that the changed points can have changed."""
    if memory.values is None or memory.doubts:
        memory.bands = memory.watch.bands(answer.values)
        return truths_of(memory.plan, answer)
    stale = memory.watch.stale(memory.bands, memory.values, answer.values)
    if not stale:
        return memory.truths
    values = {p.id: v for p, v in zip(memory.plan.points, answer.values, strict=True)}
    truths = list(memory.truths)
    for number in stale:
        truths[number] = truth(memory.plan.conditions[number].true_when, values)
    return tuple(truths)


def evidence_of(condition: ConditionPlan, value: bool, answer: Answer) -> Evidence:
    """Return what the answer proves: the value held somewhere in the interval."""
    lag = condition.true_lag if value else condition.false_lag
    return Evidence(condition.id, value, answer.sent_at - lag, answer.at)


def observe(situation: Situation, answer: Answer) -> Iterator[Draft]:
    """Take one answer into the timelines of its device's conditions; yield the turns."""
    memory = situation.devices[answer.device]
    if answer.suspected or memory.doubts or memory.values != answer.values:
        memory.truths = _truths(situation, memory, answer)
        memory.values = answer.values
        memory.doubts = memory.doubts + 1 if answer.suspected else 0
    memory.answered_at = answer.at
    memory.silent = None
    memory.silences = 0
    _note_doubt(situation, memory)
    halt(memory)
    for condition, line, value in zip(
        memory.plan.conditions, memory.lines, memory.truths, strict=True
    ):
        if value is None:
            _rename(situation, condition.id, line, answer.at, "no_value")
        else:
            yield from _take(situation, memory, line, evidence_of(condition, value, answer))
    _resume(memory, answer)


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


def stays(memory: DeviceMemory, answer: Answer) -> bool:
    """Take an answer that says what the one before said, and return True; else return False.

    Then nothing can follow from it but that all is proven once more. What ``observe`` would do at
    length is done here for all conditions at once.
    """
    if not memory.calm or answer.suspected or answer.repeats > 1:
        return False
    if answer.values is not memory.values and not _says_the_same(memory, answer):
        return False
    for programme in memory.watched_by:
        if programme.unsettled or programme.marks:
            return False
    proof = memory.proof
    if answer.sent_at < proof.sent_at:
        return False
    proof.sent_at = answer.sent_at
    proof.at = memory.answered_at = answer.at
    memory.overdue = overdue_at(memory)
    return True


def _says_the_same(memory: DeviceMemory, answer: Answer) -> bool:
    """Take over values that leave every truth as it was; else have all looked at anew."""
    truths = _truths_now(memory, answer)
    memory.values = answer.values
    same = truths == memory.truths
    memory.truths = truths
    memory.calm = same
    return same


def halt(memory: DeviceMemory) -> None:
    """Let the lines of a device stand: what comes next is not only the same once more."""
    memory.calm = False
    for line in memory.lines:
        line.stand()


def _resume(memory: DeviceMemory, answer: Answer) -> None:
    """Let the lines follow the device's answers from this one on."""
    memory.proof.sent_at, memory.proof.at = answer.sent_at, answer.at
    bounds: list[int] = []
    others: list[int] = []
    for line, value in zip(memory.lines, memory.truths, strict=True):
        if value is not None:
            line.follow()
            bounds.append(line.bound)
        elif (due := line.overdue_at()) is not None:
            others.append(due)
    memory.overdue_after = min(bounds, default=0) + 1
    memory.overdue_by = min(others, default=None)
    memory.calm = bool(bounds) and not memory.doubts


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
    halt(memory)
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


def overdue_at(memory: DeviceMemory) -> int | None:
    """Return when the first of a device's conditions has had no proof for longer than its bound."""
    if memory.calm:
        due = memory.proof.at + memory.overdue_after
        return due if memory.overdue_by is None else min(due, memory.overdue_by)
    times = (line.overdue_at() for line in memory.lines)
    return min((at for at in times if at is not None), default=None)


def lose_overdue(situation: Situation, device: str, at: int) -> Iterator[Draft]:
    """Turn blind every condition of the device whose last answer proves nothing any more."""
    memory = situation.devices[device]
    halt(memory)
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
