"""The executable model of incidents with our rule in the place of single points of its own.

Owns the dated points of docs/decisions.md on which the core differs. A difference between core and
model is explained where the model with some of these points decides as the core does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from monitord.core.incident_state import FALLS_KEPT
from monitord.core.members import WINDOW
from tests.support.incident_model import Story, Timeline, model_story, module, same

POINTS = {
    7: "eight ended falls are kept",
    12: "a fall lasts as long as its cause",
    13: "who joins has no word by a message under way",
    14: "an incident moves only while nothing ended by its place",
}
"""Points of "causes and incidents" in docs/decisions.md that a timeline of facts can show."""
COMPARED = 7
"""This point is of what is compared: the model itself stays as it is."""


@cache
def _our_model() -> Any:
    """Return a subclass of the model that takes the points it follows."""

    class OurModel(module("incidents").Model):  # type: ignore[misc]
        def __init__(self, plan: Any, points: Iterable[int]) -> None:
            self.points = frozenset(points)
            super().__init__(plan)

        def hand_over(self, now: int) -> None:
            if 14 in self.points:
                sizes = Counter(claim.cause for claim, _, _ in self.leaving)
                ended = {cause for cause in sizes if self._has_ended(cause, sizes[cause])}
                self.leaving = [
                    (c, fresh, stays or c.cause in ended) for c, fresh, stays in self.leaving
                ]
            super().hand_over(now)

        def _has_ended(self, cause: str, leaving: int) -> bool:
            incident = self.open.get(cause)
            claims = [] if incident is None else list(incident.claims.values())
            return len(claims) != leaving or any(claim.falls > 1 for claim in claims)

        def finish(self, programme: str, now: int, how: str) -> None:
            outage = self.current[programme]
            listed = [i.claims[programme] for i in self.incidents if programme in i.claims]
            claims = {id(c): c for c in [*listed, *self.claims[programme].values()]}.values()
            before = {id(c): c.longest for c in claims}
            super().finish(programme, now, how)
            if 12 in self.points:
                for claim in claims:
                    if claim.outages[-1] is outage:
                        lasted = min(claim.over, now) - claim.proof
                        claim.longest = max(before[id(claim)], lasted)

        def land(self, flight: Any, now: int) -> None:
            before = dict(self.rung)
            super().land(flight, now)
            for incident in flight["incidents"] if 13 in self.points else ():
                named = flight["news"][incident.number].falls
                for name in incident.claims.keys() - named.keys():
                    key = flight["person"], name
                    self.rung.pop(key, None)
                    self.rung |= {key: before[key]} if key in before else {}

    return OurModel


def our_story(timeline: Timeline, points: Iterable[int]) -> Story:
    """Return what the model decides with these of our points in it."""
    given, facts, until = timeline
    return model_story(_our_model()(given, points).run(facts, until))


def difference(timeline: Timeline, core: Story) -> tuple[int, ...] | None:
    """Return the fewest points that make the model equal to the core; None where they do not."""

    def agrees(points: Iterable[int]) -> bool:
        ours, theirs = our_story(timeline, points), core
        if COMPARED in points and _has_many_falls(core):
            ours, theirs = _uncounted(ours), _uncounted(theirs)
        return same_story(ours, theirs)

    if agrees(()):
        return ()
    needed = tuple(POINTS)
    if not agrees(needed):
        return None
    for point in POINTS:
        fewer = tuple(one for one in needed if one != point)
        needed = fewer if agrees(fewer) else needed
    return needed


def same_story(one: Story, other: Story) -> bool:
    """Return whether two stories have equal outages, incidents and messages."""
    return all(
        same(getattr(one, part), getattr(other, part))
        for part in ("outages", "incidents", "messages")
    )


def _has_many_falls(story: Story) -> bool:
    """Return whether a programme fell more often in ten minutes than the core keeps falls of it.

    The short ones before an incident are then counted only as far as they are kept.
    """
    return any(
        sum(p == programme and begin <= b < begin + WINDOW for p, b, _ in story.outages)
        > FALLS_KEPT
        for programme, begin, _ in story.outages
    )


def _uncounted(story: Story) -> Story:
    names = [tuple((name, 0) for name, _ in one.members) for one in story.messages]
    messages = zip(story.messages, names, strict=True)
    return replace(story, messages=[replace(one, members=each) for one, each in messages])
