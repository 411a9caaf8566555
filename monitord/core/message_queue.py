"""The order of one person's messages: an index, rebuilt at a load and never stored.

News of what is open goes before news of what is over, then severity, restoration rank and age
(rule 5.5). Owns this order; knows no incident.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import heappop, heappush
from operator import itemgetter
from typing import NamedTuple

from monitord.core.member_index import MemberIndex
from monitord.core.model import Told


class Ready(NamedTuple):
    """A due message. Fields in the order of sending: False and small numbers go first."""

    over: bool
    severity: int
    rank: int
    opened_at: int
    number: int
    incident: str
    told: Told


class MessageQueue:
    """The due messages of one person in order, and when the next one falls due.

    ``changed``: incidents to look at again as a whole. ``changed_members``: by incident, members to
    look at again alone. ``indexes``: what the members of each open incident mean for the person.
    """

    def __init__(self) -> None:
        self.ready: list[Ready] = []
        self.changed: set[str] = set()
        self.changed_members: dict[str, set[str]] = {}
        self.indexes: dict[str, MemberIndex] = {}
        self._entries: dict[str, Ready] = {}
        self._due: dict[str, int] = {}
        self._later: list[tuple[int, str]] = []

    @property
    def next_due(self) -> int | None:
        """When the next message falls due; None where nothing waits for a time."""
        while self._later:
            due, incident = self._later[0]
            if self._due.get(incident) == due:
                return due
            heappop(self._later)
        return None

    @property
    def later(self) -> dict[str, int]:
        """By incident, when a message falls due that is not due yet."""
        return dict(self._due)

    def look_again(self, incident: str, member: str | None) -> None:
        """Have an incident looked at again; without a member as a whole."""
        if member is None:
            self.changed.add(incident)
        else:
            self.changed_members.setdefault(incident, set()).add(member)

    def take_changed(self, now: int) -> list[tuple[str, set[str] | None]]:
        """Return the incidents to look at again: changed, or with a message that fell due.

        With the members to look at; None for all of them.
        """
        while (due := self.next_due) is not None and due <= now:
            incident = heappop(self._later)[1]
            del self._due[incident]
            self.changed_members.setdefault(incident, set())
        members: dict[str, set[str] | None] = dict(self.changed_members)
        members.update(dict.fromkeys(self.changed))
        self.changed.clear()
        self.changed_members.clear()
        return sorted(members.items(), key=itemgetter(0))

    def put(self, incident: str, entry: Ready | None, due: int | None) -> None:
        """Replace what is known of an incident: its due message, and when the next falls due."""
        old = self._entries.pop(incident, None)
        if old is not None:
            del self.ready[bisect_left(self.ready, old)]
        self._due.pop(incident, None)
        if entry is not None:
            self._entries[incident] = entry
            insort(self.ready, entry)
        if due is not None:
            self._due[incident] = due
            heappush(self._later, (due, incident))
