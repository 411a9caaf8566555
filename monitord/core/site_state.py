"""What people know and equipment does not: somebody is where power would kill. Owns these shapes.

``apply`` writes them; ``decisions.py`` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SITE_STATES_MAX: Final = 100
"""So many people at work at once; more is a script that has gone wrong."""


class Where(StrEnum):
    """Where somebody is at work. ``INSIDE``: a transmitter or another device, which is named."""

    TOWER = "tower"
    FEEDER = "feeder"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class SiteState:
    """Somebody is at work ``since`` a site time (microseconds): no power, no radio frequency.

    ``number``: what people name it by. ``device``: an id, empty where none is meant. ``who``: the
    name of who is there. ``ticket``: of the work, "" without. ``person``: who said so.
    """

    number: int
    where: str
    device: str
    who: str
    ticket: str
    person: str
    since: int


@dataclass(frozen=True, slots=True)
class SiteStateSet:
    """A person says that somebody is at work. Subject: the decision."""

    state: SiteState


@dataclass(frozen=True, slots=True)
class SiteStateCleared:
    """A person says that nobody is at work there any more. Subject: the decision."""

    number: int
    person: str
