"""Inputs and dues in one order: by time, a due before an input, then sequence. Owns that order.

A run of equal answers is taken answer by answer while anything is undecided. Otherwise it jumps to
just before the next due or input, because equal answers then only move the last proof on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from monitord.core.dues import Key, Rank
from monitord.core.expression import Kind
from monitord.core.model import Answer, Input
from monitord.core.situation import Situation


@dataclass(frozen=True, slots=True)
class Due:
    """Something fell due."""

    key: Key


Item: TypeAlias = Input | Due


class Waiting(NamedTuple):
    """An input with its time and its place among the inputs that arrived together."""

    at: int
    sequence: int
    item: Input


class InputQueue:
    """The inputs of one ``advance``, by time and then sequence, and the rests of runs.

    ``ordered``: (sequence, input); those before ``place`` are taken. ``rests``: a heap of what is
    left of runs whose first answer was taken. ``split``: the run whose first answer was taken last.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.ordered = sorted(enumerate(inputs), key=lambda pair: pair[1].at)
        self.place = 0
        self.rests: list[Waiting] = []
        self.split: Waiting | None = None

    def first(self) -> Waiting | None:
        """Return the next input without taking it."""
        fresh = None
        if self.place < len(self.ordered):
            sequence, item = self.ordered[self.place]
            fresh = Waiting(item.at, sequence, item)
        if self.rests and (fresh is None or self.rests[0][:2] < fresh[:2]):
            return self.rests[0]
        return fresh

    def take(self, waiting: Waiting) -> None:
        """Take the input that ``first`` returned."""
        if self.rests and self.rests[0] is waiting:
            heappop(self.rests)
        else:
            self.place += 1
        if isinstance(waiting.item, Answer) and waiting.item.repeats > 1:
            self.split = waiting

    @property
    def fresh_at(self) -> int | None:
        """When the next input arrives that is not the rest of a run."""
        return self.ordered[self.place][1].at if self.place < len(self.ordered) else None


def take_next(situation: Situation, queue: InputQueue, now: int) -> tuple[int, Item] | None:
    """Take the next due or input up to ``now``; return it with its site time, or None.

    Site time never decreases: what fell due earlier is dated now. Raises ``ValueError`` for an
    input that is stamped after ``now``.
    """
    due, head = situation.dues.first(), queue.first()
    if due is not None and due[0] <= now and (head is None or due[0] <= head.at):
        situation.clock = max(situation.clock, due[0])
        situation.dues.put(due[1], None)
        return situation.clock, Due(due[1])
    if head is None:
        return None
    if head.at > now:
        raise ValueError(f"an input is stamped {head.at}, after now ({now})")
    queue.take(head)
    situation.clock = max(situation.clock, head.at)
    return situation.clock, _one(head.item)


def _one(item: Input) -> Input:
    if isinstance(item, Answer) and item.repeats > 1:
        return replace(item, repeats=1, every=0)
    return item


def put_back_rest(situation: Situation, queue: InputQueue, now: int) -> None:
    """Queue what is left of the run just split, from its next answer on or from a later one.

    Answers are skipped only while everything is settled, and only up to the next due other than a
    device's own silence and to the next input that is not the rest of a run.
    """
    head, queue.split = queue.split, None
    if head is None or not isinstance(head.item, Answer):
        return
    rest = head.item
    skip = 1
    if not rest.suspected and situation.is_settled() and _is_dense(situation, rest):
        stop = _next_stop(situation, queue, rest, now)
        skip = max(1, min(rest.repeats - 1, (stop - rest.at - 1) // rest.every))
    later = replace(
        rest,
        sent_at=rest.sent_at + skip * rest.every,
        at=rest.at + skip * rest.every,
        repeats=rest.repeats - skip,
    )
    if skip > 1:
        # The skipped answers would have moved it; the next answer taken sets it again.
        situation.dues.put(Key(Rank.OVERDUE, rest.device), None)
    heappush(queue.rests, Waiting(later.at, head.sequence, later))


def _is_dense(situation: Situation, run: Answer) -> bool:
    """Return whether the run keeps every condition of its device proven, or leaves it blind."""
    memory = situation.devices[run.device]
    is_open = bool(memory.waiting) or memory.inconsistent_until is not None
    return not is_open and all(
        run.every <= condition.bound
        and (value is not None or situation.timelines[condition.id].kind is Kind.BLIND)
        for condition, value in zip(memory.plan.conditions, memory.truths, strict=True)
    )


def _next_stop(situation: Situation, queue: InputQueue, run: Answer, now: int) -> int:
    rests = [w.item for w in queue.rests if isinstance(w.item, Answer)]
    dense = [rest for rest in rests if _is_dense(situation, rest)]
    in_runs = {run.device, *(rest.device for rest in dense)}
    stops = [
        at
        for key, at in situation.dues.times.items()
        if not (key.rank is Rank.OVERDUE and key.subject in in_runs)
    ]
    # After its last answer another run proves nothing more. A run slower than its bound changes a
    # condition at every answer.
    stops += [rest.at + (rest.repeats - 1) * rest.every for rest in dense]
    stops += [rest.at for rest in rests if rest not in dense]
    stops += [at for at in (queue.fresh_at,) if at is not None]
    return min(stops, default=now + 1)
