"""Inputs and dues in one order: by time, a due before an input, then sequence. Owns that order.

A run of equal answers is taken answer by answer; ``fast_path.py`` takes those that change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from monitord.core.dues import Key
from monitord.core.model import Answer, Input
from monitord.core.situation import Situation


@dataclass(frozen=True, slots=True)
class Due:
    """Something fell due."""

    key: Key


Item: TypeAlias = Input | Due


@dataclass(slots=True)
class Rest:
    """What is left of a run: ``left`` answers, the next one sent and received at these times."""

    run: Answer
    sent_at: int
    at: int
    left: int

    def skip(self, count: int) -> None:
        """Leave out so many answers."""
        self.sent_at += count * self.run.every
        self.at += count * self.run.every
        self.left -= count

    def next(self) -> Answer:
        """Return the next answer, as one that came alone."""
        run = self.run
        return Answer(run.device, self.sent_at, self.at, run.values, suspected=run.suspected)


class Waiting(NamedTuple):
    """An input with its time and its place among the inputs that arrived together."""

    at: int
    sequence: int
    item: Input | Rest


class InputQueue:
    """The inputs of one ``advance``, by time and then sequence, and the rests of runs.

    ``ordered``: (sequence, input); those before ``place`` are taken. ``rests``: a heap of what is
    left of runs whose first answer was taken. ``split``: the run whose next answer was taken last.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.ordered = sorted(enumerate(inputs), key=lambda pair: pair[1].at)
        self.place = 0
        self.rests: list[tuple[int, int, Rest]] = []
        self.split: tuple[int, Rest] | None = None
        self._seen: int | None = None

    def first(self) -> Waiting | None:
        """Return the next input without taking it; call ``take_runs`` before."""
        heads = []
        if self.place < len(self.ordered):
            sequence, item = self.ordered[self.place]
            heads.append(Waiting(item.at, sequence, item))
        if self.rests:
            heads.append(Waiting(*self.rests[0]))
        return min(heads, default=None)

    def take(self, waiting: Waiting) -> Input:
        """Take the input that ``first`` returned; of a run only its next answer."""
        item = waiting.item
        if not isinstance(item, Rest):
            self.place += 1
            return item
        heappop(self.rests)
        answer = item.next()
        item.skip(1)
        self.split = waiting.sequence, item
        return answer

    def follows_at_once(self, taken: Waiting, clock: int) -> bool:
        """Return whether an answer before this input may have been sent at its moment, or later.

        ``clock``: the moment of what was taken before. Of answers that arrived together none was.
        """
        seen, self._seen = self._seen, self.place - 1
        if taken.at > clock:
            return False
        if seen is None or self.rests or isinstance(taken.item, Rest):
            return True
        before = (item for _, item in self.ordered[seen : self._seen])
        return any(isinstance(item, Answer) and item.sent_at >= taken.at for item in before)

    def take_runs(self) -> bool:
        """Make rests of the runs that come next; return whether there are rests then.

        Both are taken in the same order.
        """
        while self.place < len(self.ordered):
            sequence, item = self.ordered[self.place]
            if not isinstance(item, Answer) or item.repeats <= 1:
                break
            heappush(
                self.rests, (item.at, sequence, Rest(item, item.sent_at, item.at, item.repeats))
            )
            self.place += 1
        return bool(self.rests)

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
    item = queue.take(head)
    situation.is_tied = queue.follows_at_once(head, situation.clock)
    situation.clock = max(situation.clock, head.at)
    return situation.clock, item


def put_back_rest(queue: InputQueue) -> None:
    """Queue what is left of the run whose next answer was taken."""
    split, queue.split = queue.split, None
    if split is not None:
        sequence, rest = split
        if rest.left:
            heappush(queue.rests, (rest.at, sequence, rest))
