"""How many alarms monitord itself gives a person: the measures of EEMUA 191. Decides nothing.

An alarm is a confirmed message that asks for attention: not one that something is over.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Final

from monitord.core.model import MINUTE

WINDOW: Final = 10 * MINUTE
FLOOD_OVER: Final = 10
"""More alarms than this within ``WINDOW`` are a flood: nobody can read them all."""

CHATTER_FROM: Final = 3
"""From so many alarms about one incident within ``WINDOW`` on it chatters."""

KEPT_MAX: Final = 1000
"""Alarms kept for one person; of more than these within ``WINDOW`` the oldest are forgotten."""

NO_ALARM: Final = frozenset(
    {"recovered", "closed_before_told", "partly", "hours_ended", "reconfigured", "withdrawn"}
)
"""Messages that something is over."""


@dataclass(slots=True)
class PersonLoad:
    """Alarms to one person within ``WINDOW``, and all time in a flood since the start.

    ``alarms``: site time and incident, oldest first. ``seen_to``: time is counted up to here.
    """

    alarms: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_MAX))
    flood: int = 0
    seen_to: int = 0

    def add(self, at: int, incident: str) -> None:
        """Count an alarm confirmed at site time ``at``."""
        self.move_to(at)
        self.alarms.append((at, incident))

    def move_to(self, now: int) -> None:
        """Count the time up to ``now``, and forget what is older than ``WINDOW``."""
        while self.alarms and self.alarms[0][0] + WINDOW <= now:
            self._count_to(self.alarms[0][0] + WINDOW)
            self.alarms.popleft()
        self._count_to(now)

    def _count_to(self, at: int) -> None:
        if len(self.alarms) > FLOOD_OVER:
            self.flood += max(0, at - self.seen_to)
        self.seen_to = max(self.seen_to, at)

    def chattering(self) -> int:
        """Return the number of incidents that had ``CHATTER_FROM`` alarms or more."""
        counts = Counter(incident for _, incident in self.alarms)
        return sum(count >= CHATTER_FROM for count in counts.values())


class AlarmLoad:
    """What each person was given. Bounded by ``KEPT_MAX`` and the attempts under way."""

    def __init__(self) -> None:
        self._people: dict[str, PersonLoad] = {}
        self._sending: dict[tuple[str, str], str] = {}

    def begin(self, person: str, incident: str, told: str) -> None:
        """Take note of an attempt: ``told`` is the kind of its message."""
        self._sending[person, incident] = told

    def end(self, person: str, incident: str, *, delivered: bool, at: int) -> None:
        """Count the attempt if it was confirmed. One of before a restart counts as an alarm."""
        told = self._sending.pop((person, incident), "")
        if delivered and told not in NO_ALARM:
            self._people.setdefault(person, PersonLoad()).add(at, incident)

    def of(self, person: str, now: int) -> PersonLoad:
        """Return the load of a person up to site time ``now``."""
        found = self._people.get(person)
        if found is None:
            return PersonLoad()
        found.move_to(now)
        return found
