"""How far a programme can be settled, and where what is known of it changes next. Owns this index.

A condition that did not change costs nothing here, however many conditions a programme has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush, heapreplace

from monitord.core.durable import ConditionNow
from monitord.core.expression import Kind
from monitord.core.member_kinds import MemberKinds
from monitord.core.plan import ProgrammePlan
from monitord.core.stage_kinds import KeptKinds
from monitord.core.timeline import Timeline
from monitord.core.verdict import Verdict


class Settling:
    """See the module. ``uses``: the conditions of the programme's verdict.

    ``settled``: what was known just after the last moment that ``moments`` gave. By the last
    answers: ``present``; ``members`` of redundant stages; ``verdict``, None where it must be judged
    again. Every condition must be ``touch``-ed when its timeline turns or is lost.
    """

    def __init__(self, plan: ProgrammePlan, uses: Sequence[str]) -> None:
        self.settled = KeptKinds(plan)
        self._present = KeptKinds(plan)
        self.members = MemberKinds(plan)
        self.verdict: Verdict | None = None
        self._uses = frozenset(uses)
        self._touched: dict[str, None] = dict.fromkeys(uses)
        self._at_begin: dict[str, None] = {}
        self._known: list[tuple[int, str]] = []
        self._known_to: dict[str, int] = {}
        self._edges: list[tuple[int, str]] = []
        self._queued_to: dict[str, int] = {}
        self._past: list[tuple[int, str]] = []
        self._has_past: set[str] = set()

    def touch(self, name: str) -> None:
        """Read the timeline of a condition again: it turned, was lost or has another cause."""
        self._touched[name] = None

    def leave(self, is_watched: Callable[[str], bool]) -> None:
        """Forget the conditions that the programme does not rest on any more."""
        self._touched = {name: None for name in self._touched if is_watched(name)}
        self._past = [(at, name) for at, name in self._past if is_watched(name)]
        self._has_past = {name for _, name in self._past}
        heapify(self._past)

    def read(
        self,
        timelines: Mapping[str, Timeline],
        conditions: Mapping[str, ConditionNow],
        settled_to: int,
    ) -> None:
        """Read the timelines of the conditions that were touched, and when they turned."""
        for name in self._touched:
            timeline = timelines[name]
            self.put_past(name, timeline)
            if name in self.members.resting:
                self.members.turned(name)
            if name in self._uses:
                now = conditions.get(name)
                begun = None if now is None else (now.not_before, now.since)
                self._present.set(name, timeline.kind, timeline.cause, begun)
                self.verdict = None
                self._read(name, timeline, settled_to)
        self._touched.clear()

    def _read(self, name: str, timeline: Timeline, settled_to: int) -> None:
        self._at_begin[name] = None
        for edge in timeline.edges(max(settled_to, self._queued_to.get(name, settled_to))):
            heappush(self._edges, (edge, name))
            self._queued_to[name] = edge
        if timeline.kind is Kind.BLIND and timeline.waits_from is None:
            self._known_to.pop(name, None)
        else:
            self._queue_known(name, timeline.known_to(settled_to))

    def _queue_known(self, name: str, known_to: int) -> None:
        self._known_to[name] = known_to
        heappush(self._known, (known_to, name))

    def known_to(self, timelines: Mapping[str, Timeline], now: int) -> int:
        """Return up to when every condition is known. An entry of the heap is never too late."""
        heap = self._known
        while heap:
            at, name = heap[0]
            if self._known_to.get(name) != at:
                heappop(heap)
                continue
            known_to = timelines[name].known_to(now)
            if known_to == at:
                return min(at, now)
            self._known_to[name] = known_to
            heapreplace(heap, (known_to, name))
        return now

    def moments(self, timelines: Mapping[str, Timeline], begin: int, end: int) -> Iterator[int]:
        """Yield ``begin`` and each moment in (begin, end) at which something known changes.

        At each of them ``settled`` is what is known just after it.
        """
        names = list(self._at_begin)
        self._at_begin.clear()
        self._show(timelines, names, begin)
        yield begin
        while self._edges and self._edges[0][0] < end:
            at = self._edges[0][0]
            names = []
            while self._edges and self._edges[0][0] == at:
                names.append(heappop(self._edges)[1])
            self._show(timelines, names, at)
            yield at

    def _show(self, timelines: Mapping[str, Timeline], names: Sequence[str], at: int) -> None:
        for name in names:
            kind, cause = timelines[name].segment_at(at)
            self.settled.set(name, kind, cause)

    @property
    def waits(self) -> bool:
        """Whether something changed that no moment has shown yet."""
        return bool(self._touched or self._at_begin or self._edges)

    @property
    def present(self) -> KeptKinds:
        """What the last answers show, as it was read."""
        return self._present

    def take_past(self, before: int) -> list[str]:
        """Return, once, the conditions that have a past which ended by ``before``."""
        taken = []
        while self._past and self._past[0][0] <= before:
            taken.append(heappop(self._past)[1])
        self._has_past.difference_update(taken)
        return taken

    def put_past(self, name: str, timeline: Timeline) -> None:
        """Let ``take_past`` give a condition, if it has a past."""
        if timeline.closed and name not in self._has_past:
            self._has_past.add(name)
            heappush(self._past, (timeline.closed[0].finish, name))
