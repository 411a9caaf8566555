"""How the core differs from the executable model of incidents, point by point.

Owns the dated points of docs/decisions.md on which the core differs. A difference between core and
model is explained where the model with some of these points decides as the core does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from monitord.core.incident_state import FALLS_KEPT
from monitord.core.members import WINDOW
from tests.support.incident_model import Story, Timeline, as_proven, model_story, same
from tests.support.model_rules import OurModel

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
    18: "a cause heals when it is good, though the programme is not seen then",
    19: "what is bad before and after blindness failed before it",
    20: "what was blind is judged a poll later, when an incident by the new cause is open",
    21: "an outage that is proven after blindness may have begun in it",
    22: "what was off before its hours and is not seen when they begin is suspected",
    23: "a cause that is not seen explains what it explained",
    24: "a cause that comes and goes keeps its incident, and is news where it stays",
}
"""Points of "causes and incidents" in docs/decisions.md that a timeline can show.

7 and 22 are of what is compared; ``model_rules.py`` puts the others into the model.
"""


def our_story(timeline: Timeline, points: Iterable[int]) -> Story:
    """Return what the model decides with these of our points in it."""
    given, inputs, until = timeline
    return model_story(OurModel(given, points).run(as_proven(inputs), until))


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
    ours, theirs = our_story(timeline, points), core
    if 7 in points and _has_many_falls(core):
        ours, theirs = _uncounted(ours), _uncounted(theirs)
    if 22 in points:
        theirs = _without_suspicions(theirs)
    return same_story(ours, theirs)


def same_story(one: Story, other: Story) -> bool:
    """Return whether two stories have equal outages, incidents and messages."""
    if not (same(one.outages, other.outages) and same(one.incidents, other.incidents)):
        return False
    people = {message.person for message in [*one.messages, *other.messages]}
    return all(same(one.messages_of(name), other.messages_of(name)) for name in sorted(people))


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
    names = [tuple((name, 0, 0, 0) for name, *_ in one.members) for one in story.messages]
    messages = zip(story.messages, names, strict=True)
    return replace(story, messages=[replace(one, members=each) for one, each in messages])


def _without_suspicions(story: Story) -> Story:
    """Return a story without the incidents of what is not seen, and with the numbers of then."""
    kept = [row for row in story.incidents if not row[1].endswith("/no_value")]
    numbers = {row[0]: number for number, row in enumerate(kept, start=1)}
    messages = [one for one in story.messages if one.number in numbers]
    return replace(
        story,
        incidents=[(numbers[row[0]], *row[1:]) for row in kept],
        messages=[replace(one, number=numbers[one.number]) for one in messages],
    )
