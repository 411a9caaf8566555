"""Questions to the truth: who was off the air when, what was watched, when a word was due."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol

from simulators.plant.signals import Signal, both, intervals_where, inverted
from tests.simulation.facts import SECOND, ConditionFacts, Facts, PlaceFacts, Span


class Tried(Protocol):
    """One attempt as it went over a channel."""

    @property
    def began(self) -> int: ...
    @property
    def ends(self) -> int: ...
    @property
    def person(self) -> str: ...
    @property
    def delivered(self) -> bool: ...
    @property
    def alert(self) -> dict[str, Any]: ...


class Intervals:
    """Disjoint intervals in order, with their sums."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = list(spans)
        self._starts = [a for a, _ in self.spans]
        self._ends = [b for _, b in self.spans]

    def within(self, begin: int, end: int) -> int:
        """Return how long they are inside [begin, end)."""
        return sum(b - a for a, b in self.parts(begin, end))

    def parts(self, begin: int, end: int) -> list[Span]:
        """Return their parts inside [begin, end)."""
        index = bisect_right(self._ends, begin)
        found: list[Span] = []
        for a, b in self.spans[index:]:
            if a >= end:
                break
            found.append((max(a, begin), min(b, end)))
        return found

    def begins_in(self, begin: int, end: int) -> bool:
        """Return whether one begins in [begin, end], both included."""
        index = bisect_left(self._starts, begin)
        return index < len(self._starts) and self._starts[index] <= end

    def ends_in(self, begin: int, end: int) -> bool:
        """Return whether one ends in [begin, end], both included."""
        index = bisect_left(self._ends, begin)
        return index < len(self._ends) and self._ends[index] <= end

    def holds(self, at: int) -> bool:
        """Return whether ``at`` lies in one."""
        index = bisect_right(self._starts, at) - 1
        return index >= 0 and at < self._ends[index]

    def end_from(self, at: int) -> int:
        """Return when the one that holds ``at`` ends; ``at`` where none does."""
        index = bisect_right(self._starts, at) - 1
        return max(at, self._ends[index]) if index >= 0 else at


def where(signal: Signal[bool], begin: int, end: int, *, value: bool = True) -> Intervals:
    """Return when a signal has a value."""
    return Intervals(intervals_where(signal, lambda now: now is value, begin, end))


def without(span: Span, blocked: Iterable[Span]) -> list[Span]:
    """Return what is left of a span where nothing is in the way."""
    left: list[Span] = []
    at, end = span
    for a, b in sorted(blocked):
        if a > at:
            left.append((at, min(a, end)))
        at = max(at, b)
        if at >= end:
            break
    if at < end:
        left.append((at, end))
    return [(a, b) for a, b in left if a < b]


def _while(signal: Signal[bool], hours: Signal[bool] | None) -> Signal[bool]:
    return signal if hours is None else both(signal, hours)


class Truth:
    """The facts of one history, and when monitord ran.

    ``off``: by programme, at any hour; ``off_in_hours``: while it is scheduled as far as the clock
    is known; ``off_surely``, ``off_perhaps``: in what stays, or may be taken for, its hours.
    """

    def __init__(
        self,
        facts: Facts,
        up: list[Span],
        lost_polls: dict[str, list[int]],
        attempts: Sequence[Tried],
    ) -> None:
        begin, end = facts.begin, facts.end
        self.facts = facts
        self.attempts = attempts
        self.up = Intervals(up)
        self.down = Intervals((a[1], b[0]) for a, b in pairwise(up) if a[1] < b[0])
        self.off = {
            name: where(signal, begin, end, value=False) for name, signal in facts.on_air.items()
        }
        # What changed while monitord was down is known from its next start on.
        self._edges = {
            name: sorted({at for edge in known.edges for at in (edge, self.next_up(edge))})
            for name, known in facts.hours.items()
        }
        self.hours = {name: where(known.rings, begin, end) for name, known in facts.hours.items()}
        rings = {name: known.rings for name, known in facts.hours.items()}
        surely = {name: known.surely for name, known in facts.hours.items()}
        perhaps = {name: known.perhaps for name, known in facts.hours.items()}
        self.off_in_hours, self.off_surely, self.off_perhaps = (
            self._off_while(hours) for hours in (rings, surely, perhaps)
        )
        self.silent = {name: where(signal, begin, end) for name, signal in facts.silent.items()}
        self.unseen = {
            name: where(_while(signal, rings.get(name)), begin, end)
            for name, signal in facts.unseen.items()
        }
        self.not_asked = {
            name: where(signal, begin, end) for name, signal in facts.not_asked.items()
        }
        self._lost = {name: sorted(polls) for name, polls in lost_polls.items()}

    def _off_while(self, hours: dict[str, Signal[bool]]) -> dict[str, Intervals]:
        begin, end = self.facts.begin, self.facts.end
        off = {name: inverted(signal) for name, signal in self.facts.on_air.items()}
        return {
            name: where(_while(signal, hours.get(name)), begin, end) for name, signal in off.items()
        }

    def scheduled(self, programme: str, span: Span) -> list[Span]:
        """Return the parts of a span in which a programme's outage rings: none in closed hours."""
        hours = self.hours.get(programme)
        return [span] if hours is None else hours.parts(*span)

    def is_unsure(self, programme: str, at: int) -> bool:
        """Return whether only a clock that is not certain puts a moment into its hours."""
        hours = self.facts.hours.get(programme)
        if hours is None or not hours.rings.at(at):
            return False
        held = [place for place in self.facts.clock_places if place.at <= at][-1:]
        is_placed = any(len(place.offsets) == 1 for place in held)
        return not (is_placed and hours.surely.at(at))

    def placed_out_of_hours(self, programme: str, span: Span, until: int) -> bool:
        """Return whether a place that time got from its end to ``until`` puts it out of hours."""
        on = self.facts.hours[programme].on
        for place in self.facts.clock_places:
            if span[1] <= place.at <= until and len(place.offsets) == 1 and place.boot <= span[0]:
                begin, end = (at + place.offsets[0] for at in span)
                if all(b <= begin or end <= a for a, b in on):
                    return True
        return False

    def since_opening(self, programme: str, begin: int, end: int) -> int:
        """Return ``begin``, or what was seen last before it where hours begin in [begin, end].

        What was off by the last answer before its hours begin is off when they do.
        """
        if not self.opens_in(programme, begin, end):
            return begin
        return begin - max(way.shortest for way in self.facts.blind_by[programme])

    def opens_in(self, programme: str, begin: int, end: int) -> bool:
        """Return whether its hours may begin in [begin, end], by any place its time may get."""
        edges = self._edges.get(programme, [])
        index = bisect_left(edges, begin)
        return index < len(edges) and edges[index] <= end

    def watched(self, place: PlaceFacts, span: Span) -> list[Span]:
        """Return the stretches of a span in which the place was watched.

        Not watched: monitord did not run, or a device of the place did not answer.
        """
        return self.watched_devices(place.devices, span)

    def watched_devices(self, devices: Iterable[str], span: Span) -> list[Span]:
        """Return the stretches of a span in which these devices were asked and answered."""
        blocked = self.down.parts(*span)
        for device in devices:
            blocked += self.silent[device].parts(*span)
            blocked += self.not_asked[device].parts(*span)
        return without(span, blocked)

    def polls_lost_in_a_row(self, place: PlaceFacts, span: Span) -> bool:
        """Return whether two polls in a row of one of its devices got lost inside the span."""
        slot = place.condition.slot
        return any(self.lost_in_a_row(device, slot, span) for device in place.devices)

    def lost_in_a_row(self, device: str, slot: int, span: Span) -> bool:
        """Return whether two polls in a row of a device got lost inside the span."""
        return bool(self.lost_twice(device, slot, span))

    def lost_twice(self, device: str, slot: int, span: Span) -> list[Span]:
        """Return from when to when polls of a device in a row got lost inside the span."""
        polls = self._lost.get(device, [])
        inside = polls[bisect_left(polls, span[0]) : bisect_right(polls, span[1])]
        return [(a, b + slot) for a, b in pairwise(inside) if b - a <= slot * 3 // 2]

    def lost_any_poll(self, programme: str, span: Span) -> bool:
        """Return whether a poll of a device of the programme got lost near the span."""
        return any(
            self._lost_near(device, (span[0] - way.slot, span[1] + way.bound)) > 1
            for device, way in self._ways(programme)
        )

    def devices_of(self, programme: str) -> list[str]:
        """Return the devices that show whether a programme is on the air."""
        return sorted({device for device, _ in self._ways(programme)})

    def _ways(self, programme: str) -> Iterator[tuple[str, ConditionFacts]]:
        for way in self.facts.blind_by.get(programme, ()):
            for place in self.facts.places.values():
                if way.device in place.devices and not place.is_shared:
                    yield from ((device, way) for device in place.devices)

    def no_answer(self, device: str, span: Span) -> bool:
        """Return whether a device was silent in a span, or a poll of it got lost in it."""
        return bool(self.silent[device].parts(*span)) or self.lost_a_poll(device, span)

    def lost_a_poll(self, device: str, span: Span) -> bool:
        """Return whether a poll of a device got lost in a span."""
        return self._lost_near(device, span) > 0

    def _lost_near(self, device: str, span: Span) -> int:
        polls = self._lost.get(device, [])
        return bisect_right(polls, span[1]) - bisect_left(polls, span[0])

    def running(self, after: int, needed: int) -> int:
        """Return when monitord has run for ``needed`` after a moment, restarts paid for."""
        at = after + needed
        for a, b in self.down.spans:
            if b > after and a < at:
                # After a start all is asked again, and what was under way is begun again.
                at += b - max(a, after) + 10 * SECOND
        return at

    def next_up(self, at: int) -> int:
        """Return ``at``, or the next start where monitord did not run then."""
        return next((max(at, begin) for begin, end in self.up.spans if end >= at), at)

    def calm(self, programmes: Iterable[str], after: int, for_long: int) -> int:
        """Return when all of these programmes have been on the air for so long without a break.

        What nobody sees on the air behind an outage is not known to be: it counts from when it is.
        """
        names, at = tuple(programmes), after
        while True:
            ends = [(self.off_in_hours[name].parts(at - for_long, at), name) for name in names]
            seen = (self.unseen[name].end_from(parts[-1][1]) for parts, name in ends if parts)
            last = max(seen, default=at - for_long)
            if last + for_long <= at:
                return at
            at = last + for_long
