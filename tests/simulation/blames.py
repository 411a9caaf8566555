"""What is to blame for an outage at each moment, from the physics of two ways and their supplies.

Ways: each by its conditions, of which one has a supply. At the begin it is what fell then, or its
supply where that failed no later. What began it stays the cause while it is broken, and so does a
supply that comes back for less than the clearing time. When it is right again and the programme is
still off, the cause is what the way lacks that lacks the fewest devices, or what fell with a supply
and does not start again. Where more than one name is right, each is listed. Pure; must import
nothing of monitord. Times in microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import combinations

from simulators.plant.signals import Signal
from tests.simulation.facts import SECOND, Blamed, OutageFacts

NEAR = 6 * SECOND
"""Changes so close to one another may be taken for one moment: a request is lost in between."""
SEEN_WITHIN = 10 * SECOND
"""A change is surely seen, and its cause settled, within this."""
EARLY, LATE = 6 * SECOND, 12 * SECOND
"""So much before and behind the clearing time a healed cause may be let go, or not yet."""

Way = tuple[str, ...]


@dataclass(eq=False)
class _Named:
    """One name that is right: while one of ``needs`` is false, and ``supply``, if it is one.

    ``behind``: the healed one in whose clearing time it is right besides.
    """

    name: str
    needs: frozenset[str]
    supply: str
    since: int
    behind: _Named | None = None
    healed: int | None = None


@dataclass
class Blames:
    """Two ways of a stage, and what they are on.

    ``supplies``: by device, the condition of its supply, "" where not monitored. ``shown``: by
    condition. ``clear_after``: of the programme.
    """

    stage: str
    ways: tuple[Way, ...]
    supplies: Mapping[str, str]
    shown: Mapping[str, Signal[bool]]
    clear_after: int
    _named: list[_Named] = field(default_factory=list)
    _spans: list[Blamed] = field(default_factory=list)
    _listed: list[tuple[int, str]] = field(default_factory=list)
    _expire: list[int] = field(default_factory=list)

    def outages(self, begin: int, end: int) -> list[OutageFacts]:
        """Return every outage that ends in [begin, end), with what was to blame."""
        names = [name for way in self.ways for name in way]
        names += [name for name in self.supplies.values() if name]
        moments = sorted({at for name in names for at, _ in self.shown[name].changes(begin, end)})
        found: list[OutageFacts] = []
        began: int | None = None
        good_since, first_began, fell = begin - self.clear_after * 9, begin, ""
        while moments or self._expire:
            at = min([*moments[:1], *self._expire[:1]])
            moments = [one for one in moments if one > at]
            while self._expire and self._expire[0] <= at:
                heappop(self._expire)
            if self._carries(at) is not None:
                if began is not None:
                    self._close(at)
                    spans, listed = tuple(self._spans), tuple(self._listed)
                    found.append(OutageFacts(began, at, first_began, fell, spans, listed))
                    began, good_since = None, at
                continue
            if began is None:
                began = at
                if at - good_since > self.clear_after + LATE:
                    self._named, self._spans, self._listed, first_began = [], [], [], at
                fell = self._fall(at)
            self._go_on(at)
        return found

    # At one moment

    def _is(self, condition: str, at: int) -> bool:
        return self.shown[condition].at(at)

    def _lacks(self, way: Way, at: int) -> frozenset[str]:
        return frozenset(name for name in way if not self._is(name, at))

    def _carries(self, at: int) -> Way | None:
        return next((way for way in self.ways if not self._lacks(way, at)), None)

    def _nearest(self, at: int) -> list[frozenset[str]]:
        """Return what the ways lack that lack the fewest."""
        lacks = [self._lacks(way, at) for way in self.ways]
        fewest = min(map(len, lacks))
        return [one for one in lacks if len(one) == fewest]

    def _turned(self, condition: str, at: int, *, near: int = 0) -> int:
        """Return when a condition took its value, of ``at`` or of up to ``near`` behind that."""
        times = self.shown[condition].times
        return max((one for one in times if one <= at + near), default=0)

    def _is_moving(self, at: int) -> bool:
        """Return whether the switch is on neither side."""
        return not any(self._is(way[-1], at) for way in self.ways)

    # Names

    def _join(self, conditions: Iterable[str]) -> str:
        return f"{'+'.join(sorted({_device(name) for name in conditions}))}/{self.stage}"

    def _names(self, conditions: frozenset[str], at: int) -> Iterator[_Named]:
        """Yield how these may be named: by themselves, by their supply, or by either."""
        (supply, *others) = {self.supplies.get(_device(name), "") for name in conditions}
        by_supply, by_itself = False, True
        if supply and not others:
            by_supply, by_itself = self._explains(supply, conditions, at)
        if by_itself:
            yield _Named(self._join(conditions), conditions, "", at)
        if by_supply:
            yield _Named(supply.replace(".", "/"), conditions, supply, at)

    def _explains(self, supply: str, conditions: frozenset[str], at: int) -> tuple[bool, bool]:
        """Return whether a supply may be why these are off, and whether it may not."""
        fell = min(self._turned(name, at) for name in conditions)
        lost = self._turned(supply, at, near=NEAR)
        if self._is(supply, lost) or lost > fell + NEAR:
            return False, True
        # Off before them for longer: they had something else, and that they fell then is their own.
        return True, not fell - NEAR <= lost <= fell

    # What goes on

    def _fall(self, at: int) -> str:
        """Take what fell now for the cause; return its place, whatever supplies it."""
        way = self._carries(at - 1)
        assert way is not None, "it was on the air just before"
        fell = self._lacks(way, at)
        near = {one for n in (0, NEAR) for lacks in self._nearest(at + n) for one in lacks}
        also = {
            one
            for one in near.union(way)
            if not self._is(one, self._turned(one, at, near=NEAR))
            and abs(self._turned(one, at, near=NEAR) - at) <= NEAR
        }
        for some in _some_of(fell | also):
            if some & (fell | also.intersection(way)):
                self._add(self._names(some, at), None)
        return self._join(fell)

    def _go_on(self, at: int) -> None:
        for one in list(self._named):
            if one in self._named:
                self._follow(one, at)
        healed = [one for one in self._named if one.healed is not None]
        if (healed or not self._named) and not self._is_moving(at):
            behind = healed[0] if healed else None
            nearest = self._nearest(at)
            for lacks in {*nearest, frozenset().union(*nearest)}:
                self._add(self._names(lacks, at), behind)
            for one in healed:
                # What fell with a supply that is back, and does not start again.
                still = frozenset(name for name in one.needs if not self._is(name, at))
                if one.supply and still:
                    self._add([_Named(self._join(still), still, "", at)], one)
        for some in _some_of(frozenset().union(*(self._lacks(way, at) for way in self.ways))):
            self._listed.append((at, self._join(some)))
            supplies = {self.supplies.get(_device(name), "") for name in some}
            for supply in supplies if len(supplies) == 1 else ():
                if supply and not self._is(supply, at):
                    # Behind a start, or a silence, nobody knows which of both fell first.
                    self._listed.append((at, supply.replace(".", "/")))

    def _follow(self, one: _Named, at: int) -> None:
        """See whether what is named is still broken."""
        is_broken = any(not self._is(name, at) for name in one.needs)
        if one.supply:
            is_broken = is_broken and not self._is(one.supply, at)
        if is_broken and one.healed is not None:
            is_soon = at - one.healed < self.clear_after - EARLY
            for other in self._behind(one):
                if is_soon and one.supply:
                    self._remove(other, at)
                else:
                    other.behind = None
            one.healed = None
        elif not is_broken and one.healed is None:
            one.healed = at
            heappush(self._expire, at + self.clear_after + LATE)
        if one.healed is not None and at >= one.healed + self.clear_after + LATE:
            for other in self._behind(one):
                other.behind = None
            self._remove(one, at)

    def _behind(self, one: _Named) -> list[_Named]:
        return [other for other in self._named if other.behind is one]

    def _add(self, found: Iterable[_Named], behind: _Named | None) -> None:
        names = list(found)
        if all(one.supply for one in names):
            # Until their supply is seen to be off they are named by themselves.
            since, until = names[0].since, names[0].since + SEEN_WITHIN
            self._spans.append(Blamed(self._join(names[0].needs), since, until))
        for one in names:
            is_known = any(
                (other.name, other.needs, other.supply) == (one.name, one.needs, one.supply)
                for other in self._named
            )
            if not is_known:
                one.behind = behind
                self._named.append(one)
                self._listed.append((one.since, one.name))

    def _remove(self, one: _Named, at: int) -> None:
        if one in self._named:
            for other in self._behind(one):
                self._remove(other, at)
            self._named.remove(one)
            self._spans.append(Blamed(one.name, one.since, at))

    def _close(self, at: int) -> None:
        """Note what is to blame up to the end; what it is goes on if it falls again soon."""
        self._spans += [Blamed(one.name, one.since, at) for one in self._named]


def _some_of(conditions: Iterable[str]) -> Iterator[frozenset[str]]:
    ordered = sorted(conditions)
    for count in range(1, len(ordered) + 1):
        yield from map(frozenset, combinations(ordered, count))


def _device(condition: str) -> str:
    return condition.partition(".")[0]
