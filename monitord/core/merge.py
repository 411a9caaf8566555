"""Inputs and dues in one order: by time, a due before an input, then sequence. Owns that order.

Answers that only say once more what was said before are taken on the way: at ten thousand devices
they are nearly all there is. A run of equal answers is expanded answer by answer while anything is
undecided, and jumps to just before the next thing that happens otherwise: equal answers then only
move the last proof on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from monitord.core.conditions import stays
from monitord.core.dues import Key, Rank
from monitord.core.expression import Kind
from monitord.core.model import Answer, Input
from monitord.core.situation import Situation


@dataclass(frozen=True, slots=True)
class Due:
    """Something fell due."""

    key: Key


Item: TypeAlias = Input | Due


class _Waiting(NamedTuple):
    at: int
    sequence: int
    item: Input


class _Inputs:
    """What waits, by time and then sequence: inputs not taken yet, and rests of runs.

    A rest is what is left of a run whose first answer was taken: it can bring nothing new.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.rests: list[_Waiting] = []
        self._ordered = sorted(enumerate(inputs), key=lambda pair: pair[1].at)
        self._taken = 0

    def first(self) -> _Waiting | None:
        """Return what comes next, and leave it."""
        fresh = None
        if self._taken < len(self._ordered):
            number, item = self._ordered[self._taken]
            fresh = _Waiting(item.at, number, item)
        if self.rests and (fresh is None or self.rests[0][:2] < fresh[:2]):
            return self.rests[0]
        return fresh

    def take(self, waiting: _Waiting) -> None:
        """Take out what ``first`` returned."""
        if self.rests and self.rests[0] is waiting:
            heappop(self.rests)
        else:
            self._taken += 1

    def take_calm(self, situation: Situation, now: int) -> None:
        """Take the answers that come next and only say what was said before.

        Not where a due comes first, nor while the rest of a run stands among them.
        """
        if self.rests:
            return
        due = situation.dues.not_before
        limit = now + 1 if due is None else min(due, now + 1)
        devices, ordered, at = situation.devices, self._ordered, self._taken
        while at < len(ordered):
            item = ordered[at][1]
            if (
                item.at >= limit
                or type(item) is not Answer
                or not stays(devices[item.device], item)
            ):
                break
            at += 1
        if at > self._taken:
            self._taken = at
            situation.clock = max(situation.clock, ordered[at - 1][1].at)

    @property
    def fresh_at(self) -> int | None:
        """When the next input comes that is not the rest of a run."""
        return self._ordered[self._taken][1].at if self._taken < len(self._ordered) else None


def merge(situation: Situation, inputs: Sequence[Input], now: int) -> Iterator[tuple[int, Item]]:
    """Yield (site time, item) in order; dues are asked again after each item.

    Site time of an item never lies before that of the one yielded earlier: what falls due in the
    past is dealt with at once, and dated then.
    """
    waiting = _Inputs(inputs)
    while True:
        waiting.take_calm(situation, now)
        due, head = situation.dues.first(), waiting.first()
        if due is not None and due[0] <= now and (head is None or due[0] <= head.at):
            situation.clock = max(situation.clock, due[0])
            situation.dues.put(due[1], None)
            yield situation.clock, Due(due[1])
        elif head is None or head.at > now:
            break
        else:
            waiting.take(head)
            situation.clock = max(situation.clock, head.at)
            yield situation.clock, _one(head.item)
            _put_back_rest(situation, waiting, head, now)
    if head is not None:
        raise ValueError(f"an input is stamped {head.at}, after now ({now})")


def _one(item: Input) -> Input:
    if isinstance(item, Answer) and item.repeats > 1:
        return replace(item, repeats=1, every=0)
    return item


def _put_back_rest(situation: Situation, waiting: _Inputs, head: _Waiting, now: int) -> None:
    """Queue what is left of a run: its next answer, or a later one where nothing can come between.

    Skipping is allowed only while all is calm, short of the next due that is not a device's own
    silence, and short of the next input that is not the rest of a run.
    """
    rest = head.item
    if not isinstance(rest, Answer) or rest.repeats <= 1:
        return
    skip = 1
    if not rest.suspected and situation.is_calm() and _is_dense(situation, rest):
        stop = _next_stop(situation, waiting, rest, now)
        skip = max(1, min(rest.repeats - 1, (stop - rest.at - 1) // rest.every))
    later = replace(
        rest,
        sent_at=rest.sent_at + skip * rest.every,
        at=rest.at + skip * rest.every,
        repeats=rest.repeats - skip,
    )
    if skip > 1:
        # The answers passed over would have moved it; the one that is taken sets it again.
        situation.dues.put(Key(Rank.OVERDUE, rest.device), None)
    heappush(waiting.rests, _Waiting(later.at, head.sequence, later))


def _is_dense(situation: Situation, run: Answer) -> bool:
    """Return whether the run keeps every condition of its device proven, or leaves it blind."""
    memory = situation.devices[run.device]
    return all(
        run.every <= condition.bound
        and (value is not None or situation.timelines[condition.id].kind is Kind.BLIND)
        for condition, value in zip(memory.plan.conditions, memory.truths, strict=True)
    )


def _next_stop(situation: Situation, waiting: _Inputs, run: Answer, now: int) -> int:
    rests = [w.item for w in waiting.rests if isinstance(w.item, Answer)]
    dense = [rest for rest in rests if _is_dense(situation, rest)]
    in_runs = {run.device, *(rest.device for rest in dense)}
    stops = [
        at
        for key, at in situation.dues.times.items()
        if not (key.rank is Rank.OVERDUE and key.subject in in_runs)
    ]
    # With its last answer another run stops proving; one that is not dense brings a turn anew.
    stops += [rest.at + (rest.repeats - 1) * rest.every for rest in dense]
    stops += [rest.at for rest in rests if rest not in dense]
    stops += [at for at in (waiting.fresh_at,) if at is not None]
    return min(stops, default=now + 1)
