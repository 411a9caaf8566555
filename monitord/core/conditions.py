"""From answers to conditions: evidence with its interval, turns and losses. Owns that step.

Answers that change nothing do not come here: ``fast_path.py`` takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from monitord.core.events import Draft, lost, turned
from monitord.core.expression import Kind
from monitord.core.fast_path import join_fast_path, leave_fast_path, proves_the_same
from monitord.core.fault_plans import SITE_SILENT
from monitord.core.inconsistent import INCONSISTENT, is_ignored, note_taken_back
from monitord.core.model import Answer, Evidence, Silence, TrapSeen
from monitord.core.plan import ConditionPlan
from monitord.core.situation import DeviceMemory, Situation, Transition
from monitord.core.timeline import Timeline
from monitord.core.truths import full_truths
from monitord.core.unconfirmed import Weighed, Weight, weigh
from monitord.core.values import Numbering

# A member of an enum costs five times a global, and a start asks for nearly each condition.
_KINDS = (Kind.FALSE, Kind.TRUE)
_BLIND = Kind.BLIND

NOT_WATCHED_YET = ("absent", "not_yet")
"""Causes of blindness on our side; the first answer or silence of the device replaces them."""

TRANSITIONS_MAX = 64
"""Turns, and ends of turns, that may still prove a programme bad; the ledger proves older ones."""


def evidence_of(condition: ConditionPlan, value: bool, answer: Answer) -> Evidence:
    """Return what an answer with this truth proves of the condition."""
    lag = condition.true_lag if value else condition.false_lag
    return Evidence(condition.id, value, answer.sent_at - lag, answer.at)


def observe(situation: Situation, answer: Answer) -> Iterator[Draft]:
    """Evaluate one answer in full: extend or turn each timeline of its device; yield the turns."""
    memory = situation.devices[answer.device]
    if proves_the_same(memory, answer):
        return
    if is_ignored(memory, answer.at):
        memory.answered_at, memory.silences = answer.at, 0
        situation.store_silence(memory, None)
        _update_troubled(situation, memory)
        return
    weights: Mapping[int, Weight] = {}
    if answer.suspected or memory.implausible or memory.values != answer.values:
        memory.truths, weights = full_truths(situation, memory, answer)
        memory.values = answer.values
        memory.implausible = memory.implausible + 1 if answer.suspected else 0
    if memory.first_at is None:
        memory.first_at = answer.at
    memory.answered_at = answer.at
    situation.store_silence(memory, None)
    memory.silences = 0
    leave_fast_path(memory)
    # Without numbers it may belong to an earlier request: what turns a condition waits.
    is_numbered = memory.plan.numbering is Numbering.NUMBERED
    plain = Weight.SURE if is_numbered else Weight.UNSURE
    # Answers with numbers may come in any order.
    is_overtaken = is_numbered and answer.sent_at < memory.proof.sent_at
    is_sure = is_numbered and not (is_overtaken or weights or memory.waiting)
    if is_sure and not (memory.reports or memory.paused):
        yield from _observe_sure(situation, memory, answer)
        return
    takes_back = False
    for number, (condition, timeline, value) in enumerate(
        zip(memory.plan.conditions, memory.timelines, memory.truths, strict=True)
    ):
        if value is None:
            _name_blindness(situation, condition.id, timeline, answer.at, "no_value")
            continue
        evidence = evidence_of(condition, value, answer)
        weight = weights.get(number, plain)
        if is_overtaken and _is_of_before(timeline, evidence):
            weight = Weight.OVERTAKEN
        if weight is not Weight.SURE or memory.waiting:
            weighed = _weigh(memory, number, evidence, weight)
            takes_back = takes_back or weighed.takes_back
            yield from _take_weighed(situation, memory, number, evidence, weighed)
        else:
            yield from _take(situation, memory, timeline, evidence)
    join_fast_path(memory, answer)
    if takes_back and note_taken_back(memory, answer.at):
        yield from _lose_all(situation, memory, answer.at)
    _update_troubled(situation, memory)


def _observe_sure(situation: Situation, memory: DeviceMemory, answer: Answer) -> Iterator[Draft]:
    """Take an answer of which every value counts by itself: nearly each answer of a start."""
    sent_at, at = answer.sent_at, answer.at
    for condition, timeline, value in zip(
        memory.plan.conditions, memory.timelines, memory.truths, strict=True
    ):
        if value is None:
            _name_blindness(situation, condition.id, timeline, at, "no_value")
        elif timeline.kind is _KINDS[value]:
            timeline.prove(sent_at - timeline.lags[value], at)
        else:
            within = sent_at - timeline.lags[value], at
            yield _turn(situation, timeline, condition.id, value, within)
    join_fast_path(memory, answer)
    _update_troubled(situation, memory)


def _is_of_before(timeline: Timeline, evidence: Evidence) -> bool:
    """Return whether evidence of another value begins where the present one was not proven yet.

    Then an answer that a younger one overtook is of the time before that, as far as is known.
    """
    is_other = timeline.kind not in (Kind.BLIND, int(evidence.value))
    return is_other and evidence.not_before < timeline.start


def _weigh(memory: DeviceMemory, number: int, evidence: Evidence, weight: Weight) -> Weighed:
    """Weigh a reading of the device's condition with the one that waits."""
    timeline = memory.timelines[number]
    held = None if timeline.kind is Kind.BLIND else bool(timeline.kind)
    before = memory.waiting.pop(number, None)
    weighed = weigh(before, evidence, weight, held, timeline.bound)
    if weighed.waits is not None:
        memory.waiting[number] = weighed.waits
    return weighed


def _take_weighed(
    situation: Situation, memory: DeviceMemory, number: int, evidence: Evidence, weighed: Weighed
) -> Iterator[Draft]:
    """Take what counts by a reading of the device's condition."""
    timeline = memory.timelines[number]
    for place, one in enumerate(weighed.counts):
        if place == 0 and weighed.widens and timeline.kind == int(one.value):
            # A reading before it said otherwise: what that said stays possible.
            timeline.turn(one)
            unsettle(situation, one.condition)
        else:
            yield from _take(situation, memory, timeline, one)
    if weighed.is_weak:
        _name_blindness(situation, evidence.condition, timeline, evidence.not_after, "no_value")
    hold_settling(situation, memory, number)


def hold_settling(situation: Situation, memory: DeviceMemory, number: int) -> None:
    """Settle no blindness behind a reading that the next one may make count."""
    timeline, waits = memory.timelines[number], memory.waiting.get(number)
    before = timeline.waits_from
    timeline.waits_from = None
    if waits is not None and waits.may_count and timeline.kind is Kind.BLIND:
        timeline.waits_from = max(waits.evidence.not_after, timeline.start)
    if (before is None) is not (timeline.waits_from is None):
        unsettle(situation, memory.plan.conditions[number].id)


def _take(
    situation: Situation, memory: DeviceMemory, timeline: Timeline, evidence: Evidence
) -> Iterator[Draft]:
    if timeline.kind != int(evidence.value):
        condition = situation.conditions[evidence.condition]
        reported = _reported(memory, condition, timeline, evidence)
        counts = reported or evidence
        within = counts.not_before, counts.not_after
        turned = _turn(situation, timeline, condition.id, counts.value, within)
        paused = memory.paused.pop(condition.id, None)
        if paused is None or paused.value is not evidence.value:
            yield turned
        if reported is None:
            return
    timeline.extend(evidence)


def _update_troubled(situation: Situation, memory: DeviceMemory) -> None:
    if memory.implausible or memory.silences or memory.waiting:
        situation.troubled[memory.plan.id] = memory
    else:
        situation.troubled.pop(memory.plan.id, None)


def store_report(situation: Situation, report: TrapSeen) -> None:
    """Keep the device's latest report of a condition until its next answer."""
    memory = situation.devices.get(report.device)
    if memory is not None and report.condition in situation.timelines:
        memory.reports[report.condition] = report


def _reported(
    memory: DeviceMemory, condition: ConditionPlan, timeline: Timeline, evidence: Evidence
) -> Evidence | None:
    """Return the evidence of a report that the answer confirms, if it narrows the turn.

    The report counts where it arrived after the last answer with the other value and within the
    bound before this answer: then report and answer hold the time between them.
    """
    report = memory.reports.pop(condition.id, None)
    if report is None or report.value is not evidence.value:
        return None
    if not max(timeline.last_after, evidence.not_after - condition.bound) < report.at:
        return None
    if report.at >= evidence.not_after:
        return None
    not_before = min(report.at - condition.lags[evidence.value], evidence.not_before)
    return Evidence(condition.id, evidence.value, not_before, report.at)


def _turn(
    situation: Situation,
    timeline: Timeline,
    condition: str,
    value: bool,
    within: tuple[int, int],
) -> Draft:
    """Turn a condition, proven in [not before, not after]; let its programmes read that."""
    not_before, not_after = within
    was = None if timeline.kind is _BLIND else bool(timeline.kind)
    watching = situation.watchers.get(condition)
    if watching is None:
        # Only programmes read the past of a condition.
        held_to = timeline.turn_to(value, not_before, not_after, is_read=False)
    else:
        held = was is not None and timeline.last_before > timeline.start
        held_to = timeline.turn_to(value, not_before, not_after, is_read=True)
        # A held value before it bounds the moment; blindness or one single answer bounds nothing.
        begin = min(max(not_before, held_to) if held else not_before, not_after)
        turn = Transition(condition, value, begin, not_after, None if was is None else held_to)
        _have_judged(situation, watching, turn)
    return Draft(condition, turned(value, was, not_before, not_after, held_to))


def _have_judged(situation: Situation, watching: Iterable[str], turn: Transition) -> None:
    """Let the programmes that use a condition read it again, and prove what its turn may prove."""
    condition, value, *_ = turn
    for programme in watching:
        memory = situation.programmes[programme]
        memory.touch(condition)
        if (condition, value) in memory.proving:
            memory.transitions.append(turn)
            del memory.transitions[:-TRANSITIONS_MAX]


def store_silence(situation: Situation, silence: Silence) -> None:
    """Store why a device does not answer; its conditions are lost when their bound has passed."""
    memory = situation.devices[silence.device]
    situation.store_silence(memory, silence.kind)
    memory.silences += 1
    is_reported = situation.is_silent and SITE_SILENT in situation.alarms
    if memory.silent_at is None or is_reported:
        # A silent site is reported as such: the delay of a device begins where that ends.
        memory.silent_at = silence.at
    leave_fast_path(memory)
    _update_troubled(situation, memory)
    for condition, timeline in zip(memory.plan.conditions, memory.timelines, strict=True):
        _name_blindness(situation, condition.id, timeline, silence.at, silence.kind)


def _name_blindness(
    situation: Situation, condition: str, timeline: Timeline, at: int, cause: str
) -> None:
    if timeline.waits_from is not None:
        return  # the next reading may end the blindness earlier than now
    if timeline.kind is Kind.BLIND and timeline.cause in NOT_WATCHED_YET:
        timeline.change_cause(at, cause)
        unsettle(situation, condition)


def unsettle(situation: Situation, condition: str) -> None:
    """Let every programme that uses a condition read it again."""
    watching = situation.watchers.get(condition)
    if watching is None:
        # Only programmes read the past of a condition.
        situation.timelines[condition].forget_closed()
        return
    for programme in watching:
        situation.programmes[programme].touch(condition)


def lose_overdue(situation: Situation, device: str, at: int) -> Iterator[Draft]:
    """Turn every condition of the device blind whose last proof is older than its bound."""
    memory = situation.devices[device]
    leave_fast_path(memory)
    drop_unconfirmed(situation, memory, at)
    for number, (condition, timeline) in enumerate(
        zip(memory.plan.conditions, memory.timelines, strict=True)
    ):
        due = timeline.overdue_at()
        if due is not None and due <= at:
            was = bool(timeline.kind)
            cause = _why_lost(memory, timeline)
            held_to = timeline.lose(cause)
            hold_settling(situation, memory, number)
            unsettle(situation, condition.id)
            yield Draft(condition.id, lost(was, held_to, cause))
    if memory.paused and memory.paused_until <= at:
        yield from _lose_paused(situation, memory, at)


def _lose_all(situation: Situation, memory: DeviceMemory, at: int) -> Iterator[Draft]:
    """Turn every condition of an inconsistent device blind from its last proof on.

    What did not come back after monitord itself was late does not come back now.
    """
    leave_fast_path(memory)
    memory.waiting.clear()
    for number, (condition, timeline) in enumerate(
        zip(memory.plan.conditions, memory.timelines, strict=True)
    ):
        hold_settling(situation, memory, number)
        if timeline.kind is not Kind.BLIND:
            was, held_to = bool(timeline.kind), timeline.lose(INCONSISTENT)
            unsettle(situation, condition.id)
            yield Draft(condition.id, lost(was, held_to, INCONSISTENT))
    yield from _lose_paused(situation, memory, at, INCONSISTENT)


def _lose_paused(
    situation: Situation, memory: DeviceMemory, at: int, why: str = ""
) -> Iterator[Draft]:
    """Lose what did not come back after monitord itself was late: from now on for its own cause.

    ``why``: the cause where it is known.
    """
    for condition, timeline in zip(memory.plan.conditions, memory.timelines, strict=True):
        paused = memory.paused.pop(condition.id, None)
        if paused is not None:
            cause = why or _why_lost(memory, timeline)
            if timeline.waits_from is None:
                # Otherwise the next reading may end the blindness earlier than now.
                timeline.change_cause(at, cause)
                unsettle(situation, condition.id)
            yield Draft(condition.id, lost(paused.value, paused.held_to, cause))


def drop_unconfirmed(situation: Situation, memory: DeviceMemory, at: int) -> None:
    """Wait no longer for a second reading, or for the end of inconsistency, than is due."""
    # Nothing else of an inconsistent device falls due: all of it is lost, and nothing waits.
    memory.inconsistent_until = None
    for number, waits in list(memory.waiting.items()):
        if waits.evidence.not_after + memory.timelines[number].bound < at:
            del memory.waiting[number]
            timeline, reading = memory.timelines[number], waits.evidence
            is_bad = reading.value in situation.bad_when.get(reading.condition, ())
            if is_bad and timeline.kind is Kind.BLIND:
                situation.hints[reading.condition] = reading.not_after
            hold_settling(situation, memory, number)
            _name_blindness(situation, reading.condition, timeline, at, "no_value")
    _update_troubled(situation, memory)


def _why_lost(memory: DeviceMemory, timeline: Timeline) -> str:
    """Return why the value of a device is missing, by its last answer or silence."""
    answers = memory.answered_at is not None and memory.answered_at > timeline.last_after
    return memory.silent or ("no_value" if answers else "timeout")
