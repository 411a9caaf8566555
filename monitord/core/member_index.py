"""What the members of one incident mean for one person's messages: an index, never stored.

An event of one member changes what that member means, and no other one is asked: of a fall of
thousands by one cause each takes as long as a fall of one. Owns the sums over the members;
``messages.py`` finds what each member means, and ``pending.py`` which of them to look at again.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from monitord.core.model import Told
from monitord.core.person_state import Knowledge

URGENCY: Final = (
    Told.OPENED,
    Told.WORSENED,
    Told.FALLS_AGAIN,
    Told.GROWN,
    Told.ALSO,
    Told.REVISED,
    Told.PARTLY,
    Told.DIGEST,
)
"""Kinds of messages of an open incident; of several that are due the first one is sent."""


class Pending(NamedTuple):
    """A message that is due from a site time on."""

    due: int
    told: Told


def urgency(told: Told) -> int:
    """Return the place of a kind of message in ``URGENCY``; that of a closing is the first."""
    return URGENCY.index(told) if told in URGENCY else 0


class Least:
    """Numbers by key, and the least of them. What is replaced leaves the heap when reached."""

    def __init__(self) -> None:
        self._values: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._values)

    def put(self, key: str, value: int | None) -> None:
        """Set or, with None, remove the number of a key."""
        if value is None:
            self._values.pop(key, None)
        elif self._values.get(key) != value:
            self._values[key] = value
            heappush(self._heap, (value, key))
            if len(self._heap) > 2 * len(self._values) + 8:
                self._heap = [(each, name) for name, each in self._values.items()]
                heapify(self._heap)

    def first(self) -> tuple[int, str] | None:
        """Return the least number and its key; None where there is none."""
        while self._heap:
            value, key = self._heap[0]
            if self._values.get(key) == value:
                return value, key
            heappop(self._heap)
        return None

    def least(self, default: int) -> int:
        """Return the least number."""
        first = self.first()
        return default if first is None else first[0]


class MemberNews(NamedTuple):
    """What one member means for a person's messages.

    ``speaks``: it is open, or was not seen when it was. ``suppressed``: it is no news beside
    another one that speaks. ``named``: the person has a message of it, under whatever cause.
    ``message``: what the person must get of it. ``fell_again``: since the last message. ``over``:
    since when; ``ended``: when its clearing time ends, where that is news. ``severity``: an index.
    """

    speaks: bool
    suppressed: bool
    named: bool
    message: Pending | None
    fell_again: bool
    over: int | None
    ended: int | None
    severity: int
    rank: int


class Speaking:
    """The members that speak, and their messages: those that are due, and those that will be."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.unnamed: set[str] = set()
        self._messages: dict[str, Pending] = {}
        self._due, self._later, self._since = Least(), Least(), Least()

    def remove(self, name: str) -> None:
        """Drop what is known of a member."""
        self.names.discard(name)
        self.unnamed.discard(name)
        self._messages.pop(name, None)
        for least in (self._due, self._later, self._since):
            least.put(name, None)

    def put(self, name: str, news: MemberNews) -> None:
        """Replace what is known of a member."""
        self.remove(name)
        if news.speaks:
            self.names.add(name)
            if not news.named:
                self.unnamed.add(name)
        if news.message is not None:
            self._messages[name] = news.message
            self._later.put(name, news.message.due)

    def take_due(self, now: int) -> list[str]:
        """Return the members with a message that fell due since this was asked last."""
        found = []
        while (first := self._later.first()) is not None and first[0] <= now:
            found.append(first[1])
            self._later.put(first[1], None)
            self._due.put(first[1], urgency(self._messages[first[1]].told))
            self._since.put(first[1], first[0])
        return found

    def messages(self, now: int) -> Iterator[Pending]:
        """Yield the most urgent message that is due, and the next one that will be.

        The first is due since the first of all that are.
        """
        self.take_due(now)
        if (first := self._due.first()) is not None:
            yield self._messages[first[1]]._replace(due=self._since.least(now))
        if (first := self._later.first()) is not None:
            yield self._messages[first[1]]


class MemberIndex:
    """See the module. ``known``: by the person; ``under_way``: an attempt is, that says so much.

    ``open_severity``, ``open_rank``: of the open members. ``ended``: the numbers are negative, so
    that the first one is the latest.
    """

    def __init__(self, known: Knowledge, *, under_way: bool = False) -> None:
        self.known = known
        self.under_way = under_way
        self.plain, self.explained = Speaking(), Speaking()
        self.fell_again: set[str] = set()
        self.ended = Least()
        self.open_severity, self.open_rank = Least(), Least()
        self._over = Least()

    @property
    def speaking(self) -> Speaking:
        """The members that are news: what another one explains is none beside it."""
        return self.plain if self.plain.names else self.explained

    @property
    def explained_until(self) -> int:
        """When the last member that explains others was over; 0 where none ever did."""
        return -self._over.least(0)

    def put(self, name: str, news: MemberNews) -> None:
        """Replace what a member means."""
        group, other = self.plain, self.explained
        if news.suppressed:
            group, other = other, group
        other.remove(name)
        group.put(name, news)
        self.fell_again.discard(name)
        if news.fell_again:
            self.fell_again.add(name)
        self.ended.put(name, None if news.ended is None else -news.ended)
        is_open, explains = news.over is None, not news.suppressed
        self.open_severity.put(name, news.severity if is_open else None)
        self.open_rank.put(name, news.rank if is_open else None)
        self._over.put(name, -news.over if explains and news.over is not None else None)
