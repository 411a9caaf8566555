"""The fast path: answers that change no condition only move the proofs of their device on.

At ten thousand devices nearly every answer is one of these, and none becomes an event. Owns when a
device is on the fast path, and what its answers do there for all its conditions at once; off it
``conditions.py`` does the same, condition by condition.
"""

from __future__ import annotations

from heapq import heapify

from monitord.core.expression import Kind
from monitord.core.merge import InputQueue, Rest
from monitord.core.model import Answer
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.truths import changed_truths

# A member of an enum costs five times a global, and a start asks for one with each condition.
_BLIND = Kind.BLIND


def confirm_unchanged(situation: Situation, queue: InputQueue, now: int) -> None:
    """Take the answers at the front of the queue that change no condition.

    Stops at the first input that must be evaluated in full and at the next due time.
    """
    _confirm_answers(situation, queue, now)
    while queue.take_runs() and _confirm_runs(situation, queue, now):
        _confirm_answers(situation, queue, now)


def _confirm_answers(situation: Situation, queue: InputQueue, now: int) -> None:
    due = situation.dues.not_before
    limit = now + 1 if due is None else min(due, now + 1)
    if queue.rests:
        limit = min(limit, queue.rests[0][0])
    devices, ordered, place = situation.devices, queue.ordered, queue.place
    while place < len(ordered):
        item = ordered[place][1]
        if type(item) is not Answer or item.at >= limit:
            break
        if not _confirm(devices[item.device], item):
            break
        place += 1
    if place > queue.place:
        queue.place = place
        situation.clock = max(situation.clock, ordered[place - 1][1].at)


def _confirm_runs(situation: Situation, queue: InputQueue, now: int) -> bool:
    """Move the proofs of all devices in runs on, up to the next due or input, if all is settled.

    A run costs one step, however many answers it has. Until it ends, its device is overdue only
    after its last answer. Returns whether an answer was taken.
    """
    fresh, first = queue.fresh_at, queue.rests[0][0]
    limit = now + 1 if fresh is None else min(fresh, now + 1)
    if first >= limit or not situation.is_settled():
        return False
    devices = situation.devices
    going: list[tuple[DeviceMemory, Rest]] = []
    for _, _, rest in queue.rests:
        memory = devices[rest.run.device]
        if _goes_on(memory, rest):
            going.append((memory, rest))
            if memory.fast:
                last = rest.at + (rest.left - 1) * rest.run.every + memory.overdue_after
                by = memory.overdue_by
                memory.overdue = last if by is None else min(last, by)
        else:
            limit = min(limit, rest.at)
    due = situation.dues.first()
    assert due is not None, "the next mark of the clock is always due"
    limit = min(limit, due[0])
    if first >= limit:
        return False
    for memory, rest in going:
        _skip(situation, memory, rest, limit)
    queue.rests = [(rest.at, number, rest) for _, number, rest in queue.rests if rest.left]
    heapify(queue.rests)
    return True


def _goes_on(memory: DeviceMemory, rest: Rest) -> bool:
    """Return whether the next answers of a run only move the proofs of its device on."""
    run = rest.run
    if run.suspected or run.values != memory.values or rest.sent_at < memory.proof.sent_at:
        return False
    if memory.inconsistent_until is not None:
        return False
    if memory.fast:
        return max(run.every, rest.at - memory.proof.at) < memory.overdue_after
    # No condition has a value, and none waits for one; the first answer ends a silence.
    is_sure = not (memory.implausible or memory.doubted or memory.waiting or memory.silent)
    return is_sure and not any(t is not None for t in memory.truths) and overdue_at(memory) is None


def _skip(situation: Situation, memory: DeviceMemory, rest: Rest, limit: int) -> None:
    """Take the answers of a run before ``limit``."""
    count = min(rest.left, -((rest.at - limit) // rest.run.every))
    if count > 0:
        rest.skip(count)
        every, proof = rest.run.every, memory.proof
        proof.sent_at = max(proof.sent_at, rest.sent_at - every)
        proof.at = max(proof.at, rest.at - every)
        memory.answered_at = proof.at
        situation.clock = max(situation.clock, proof.at)


def _confirm(memory: DeviceMemory, answer: Answer) -> bool:
    """Move the proofs of the device on; return False where the answer needs a full evaluation."""
    if not memory.fast or answer.suspected or answer.repeats > 1:
        return False
    if answer.values is not memory.values and not _store(memory, answer):
        return False
    for programme in memory.watched_by:
        if programme.unsettled or programme.transitions:
            return False
    proof = memory.proof
    if answer.sent_at < proof.sent_at:
        return False
    proof.sent_at = answer.sent_at
    proof.at = memory.answered_at = answer.at
    memory.overdue = overdue_at(memory)
    return True


def proves_the_same(memory: DeviceMemory, answer: Answer) -> bool:
    """Move the proofs of the device on, though its programmes must be judged after this answer.

    Returns False where a condition changes, or may.
    """
    proof = memory.proof
    if not memory.fast or answer.suspected or answer.sent_at < proof.sent_at:
        return False
    if answer.values is not memory.values and not _store(memory, answer):
        return False
    proof.sent_at = answer.sent_at
    proof.at = memory.answered_at = answer.at
    return True


def _store(memory: DeviceMemory, answer: Answer) -> bool:
    """Store the values and truths; return False if any condition changed."""
    truths = changed_truths(memory, answer)
    memory.values = answer.values
    unchanged = truths == memory.truths
    memory.truths = truths
    memory.fast = unchanged
    return unchanged


def leave_fast_path(memory: DeviceMemory) -> None:
    """Evaluate the next answer in full; each timeline keeps what is proven up to now."""
    memory.fast = False
    for timeline in memory.timelines:
        if timeline.follows:
            timeline.unfollow()


def join_fast_path(memory: DeviceMemory, answer: Answer) -> None:
    """Let every timeline that has a value follow the device's answers from this one on."""
    memory.proof.sent_at, memory.proof.at = answer.sent_at, answer.at
    bounds: list[int] = []
    others: list[int] = []
    waiting = memory.waiting
    for number, (timeline, value) in enumerate(zip(memory.timelines, memory.truths, strict=True)):
        if value is not None and number not in waiting:
            timeline.follow()
            bounds.append(timeline.bound)
        elif (due := timeline.overdue_at()) is not None:
            others.append(due)
    if memory.paused:
        others.append(memory.paused_until)
    memory.overdue_after = min(bounds, default=0) + 1
    memory.overdue_by = min(others, default=None)
    is_sure = not (memory.implausible or memory.doubted or waiting)
    memory.fast = bool(bounds) and is_sure


def overdue_at(memory: DeviceMemory) -> int | None:
    """Return when the first condition of a device exceeds its bound without a proof."""
    if memory.fast:
        due = memory.proof.at + memory.overdue_after
        return due if memory.overdue_by is None else min(due, memory.overdue_by)
    times = [line.overdue_at() for line in memory.timelines if line.kind is not _BLIND]
    times.append(memory.inconsistent_until)
    for number, waits in memory.waiting.items():
        times.append(waits.evidence.not_after + memory.timelines[number].bound + 1)
    times.append(memory.paused_until if memory.paused else None)
    return min((at for at in times if at is not None), default=None)
