"""Readings of a condition that wait for a second one. Owns which reading counts, and from when.

A reading that does not count widens what is possible and narrows nothing. When the next reading of
its condition agrees within the bound, both count, from the first on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from monitord.core.model import Evidence


class Weight(Enum):
    """What one reading can prove. ``SURE``: it counts by itself.

    ``UNSURE``: it counts with a second that agrees, before or behind it. ``WEAK``: it never counts
    and confirms none: what spoils one such reading spoils the next, and what turns just behind it
    was not so yet. ``OVERTAKEN``: a younger answer showed another value first. It may be of the
    time before that, so that no second reading makes it count, and none dates a turn by it.
    """

    SURE = auto()
    UNSURE = auto()
    WEAK = auto()
    OVERTAKEN = auto()


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The last reading of a condition, which does not count yet.

    ``widens``: since the last reading that counts, one differed from what is held. ``may_count``:
    by a second one that agrees.
    """

    evidence: Evidence
    widens: bool
    may_count: bool = True


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a reading leads to: what counts now, in order, or what waits.

    ``widens``: between these readings and what was held before them, one differed from it.
    ``takes_back``: it contradicts the reading that waited. ``is_weak``: see ``Weight``.
    """

    counts: tuple[Evidence, ...]
    waits: Unconfirmed | None = None
    widens: bool = False
    takes_back: bool = False
    is_weak: bool = False


def weigh(
    before: Unconfirmed | None, evidence: Evidence, weight: Weight, held: bool | None, bound: int
) -> Weighed:
    """Return what a reading leads to. ``before``: the reading that waits, if any.

    ``held``: the value that is held, None while the condition is blind.
    """
    if before is not None and evidence.not_after - before.evidence.not_after > bound:
        before = None
    widens = before is not None and before.widens
    is_same = before is not None and before.evidence.value is evidence.value
    agrees = before is not None and before.may_count and is_same
    # What agreed with what was held is not taken back.
    takes_back = before is not None and not is_same and (widens or held is None)
    confirms = agrees or held is evidence.value
    if weight is Weight.SURE or (weight is Weight.UNSURE and confirms):
        both = (before.evidence, evidence) if before is not None and agrees else (evidence,)
        return Weighed(both, None, widens, takes_back)
    differs = held is not None and held is not evidence.value
    may_count = weight not in (Weight.WEAK, Weight.OVERTAKEN)
    waits = Unconfirmed(evidence, widens or differs, may_count)
    return Weighed((), waits, waits.widens, takes_back, weight is Weight.WEAK)
