"""How the core differs from the executable model of incidents, point by point.

Owns the dated points of docs/decisions.md on which the core differs. A difference between core and
model is explained where the model with some of these points decides as the core does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from tests.support.incident_model import (
    NEVER,
    TOLERANCE,
    Said,
    Story,
    Timeline,
    as_proven,
    device_of,
    model_story,
    same,
)
from tests.support.model_rules import OurModel, Suspicion

POINTS = {
    1: "what is bad, and proven to be a consequence later than claimed, leaves at once",
    2: "two begins that blindness lets overlap have no order",
    7: "eight ended falls are kept",
    11: "a place outside the chain keeps what it explains while that is not seen",
    12: "a fall lasts as long as its cause",
    13: "who joins has no word by a message under way",
    14: "an incident moves only while nothing ended by its place",
    15: "an incident that moves left empty is continued though its outages are over by then",
    16: "who is added gets the closing of an incident that is open, though its faults are over",
    17: "what a reload took away closes at the reload, though it was good before",
    18: "a cause heals though the programme is not seen then",
    19: "what is bad before and after blindness failed before it, for what it holds",
    20: "what was blind is judged a poll later, each when its last device has answered",
    21: "an outage that is proven after blindness may have begun in it",
    22: "what was off before its hours and is not seen when they begin is suspected",
    23: "a cause that is not seen explains what it explained",
    24: "a cause that comes and goes keeps its incident, and is news where it stays",
    25: "a supply or link that is bad again within clear_after was never good",
    26: "a message waits a second for others of its cause that open by then",
}
"""Points of "causes and incidents" in docs/decisions.md that a timeline can show.

22 is of what is compared; ``model_rules.py`` puts the others into the model.
"""


def our_story(timeline: Timeline, points: Iterable[int]) -> Story:
    """Return what the model decides with these of our points in it."""
    return model_story(_played(timeline, points))


def _played(timeline: Timeline, points: Iterable[int]) -> OurModel:
    given, inputs, until = timeline
    model = OurModel(given, points)
    model.run(as_proven(inputs), until)
    return model


def difference(timeline: Timeline, core: Story) -> tuple[int, ...] | None:
    """Return the fewest points that make the model equal to the core; None where they do not."""
    if is_explained_by(timeline, core, ()):
        return ()
    needed = tuple(POINTS)
    if not is_explained_by(timeline, core, needed):
        return None
    for point in POINTS:
        fewer = tuple(one for one in needed if one != point)
        needed = fewer if is_explained_by(timeline, core, fewer) else needed
    return needed


def is_explained_by(timeline: Timeline, core: Story, points: Collection[int]) -> bool:
    """Return whether the model decides as the core does with these of our points in it."""
    played, theirs = _played(timeline, points), core
    if 22 in points:
        if not _are_due(core, played.suspected):
            return False
        theirs = without_suspicions(core, timeline[0].channels)
    return same_story(model_story(played), theirs)


def _are_due(core: Story, suspected: Collection[Suspicion]) -> bool:
    """Return whether the core has an incident for each suspicion that lasts, and no other one."""
    opened = [(row[1], row[2], row[3]) for row in core.incidents if _is_suspicion(row[1])]
    shown = [any(_may_open(each, at, place) for each in suspected) for place, at, _ in opened]
    lasting = [one for one in suspected if (one.end or NEVER) > _open_at(one) + TOLERANCE]
    found = [
        any(
            _may_open(one, at, place) or at < one.begin < (closed or NEVER)
            for place, at, closed in opened
        )
        for one in lasting
    ]
    return all(shown) and all(found)


def _is_suspicion(place: str) -> bool:
    return place.endswith("/no_value")


def _open_at(one: Suspicion) -> int:
    return one.begin + int(one.programme.open_after)


def _may_open(one: Suspicion, at: int, place: str) -> bool:
    """Return whether a suspicion opens an incident then, by devices of its chain."""
    mine = {device_of(stage.place) for stage in one.programme.chain}
    is_then = one.begin <= at <= min(_open_at(one), one.end or NEVER) + TOLERANCE
    return is_then and set(place.partition("/")[0].split("+")) <= mine


def same_story(one: Story, other: Story) -> bool:
    """Return whether two stories have equal outages, incidents and messages."""
    if not (same(one.outages, other.outages) and same(one.incidents, other.incidents)):
        return False
    people = {message.person for message in [*one.messages, *other.messages]}
    return all(same(one.messages_of(name), other.messages_of(name)) for name in sorted(people))


def without_suspicions(story: Story, channels: Iterable[Any]) -> Story:
    """Return a story without the incidents of what is not seen, and with the numbers of then."""
    kept = [row for row in story.incidents if not _is_suspicion(row[1])]
    numbers = {row[0]: number for number, row in enumerate(kept, start=1)}
    times = {time for channel in channels for time in (channel.answers, channel.deadline)}
    messages = []
    for person in sorted({one.person for one in story.messages}):
        messages += _held_up(story.messages_of(person), numbers, times)
    return replace(
        story,
        incidents=[(numbers[row[0]], *row[1:]) for row in kept],
        messages=[replace(one, number=numbers[one.number]) for one in messages],
    )


def _held_up(told: list[Said], numbers: Collection[int], times: Collection[int]) -> Iterator[Said]:
    """Yield the messages of these incidents, and how long one may have waited for another one.

    One that begins when one that is left out ends may have waited for it, and so on. ``times``:
    how long an attempt takes.
    """
    before: Said | None = None
    for one in told:
        held = 0
        if before is not None and one.at - before.at in times:
            held = before.held_for + (0 if before.number in numbers else one.at - before.at)
        before = replace(one, held_for=held)
        if one.number in numbers:
            yield before
