"""A main and a backup transmitter behind one switch: how they start, fall and take over.

Draws episodes of two or three faults that overlap, one after the other: the main trips, the backup
is broken or fails as it takes over, the switch is turned by hand, the mains or the other feed are
off, come and go, and a generator brings the main back. Pure; must not know how that is judged.
Times in microseconds.
"""

from __future__ import annotations

from heapq import heappop, heappush
from random import Random

from simulators.plant.signals import Signal, signal
from tests.simulation.facts import SECOND

MAIN, BACKUP, SWITCH, MAINS, FEED = "ka", "kb", "ks", "km", "kf"
ON_MAIN, ON_BACKUP = f"{MAIN}.on", f"{BACKUP}.on"
WELL = {one: f"{one}.well" for one in (MAIN, BACKUP)}
TO_MAIN, TO_BACKUP = f"{SWITCH}.a_on_antenna", f"{SWITCH}.b_on_antenna"
MAINS_ON, FEED_ON = f"{MAINS}.mains_present", f"{FEED}.mains_present"
AT_BEGIN = {
    ON_MAIN: True,
    ON_BACKUP: False,
    **dict.fromkeys(WELL.values(), True),
    TO_MAIN: True,
    TO_BACKUP: False,
    MAINS_ON: True,
    FEED_ON: True,
}
DWELL = 7 * SECOND
"""So long each value of each point lasts: longer than what one condition can surely show."""
APART = 7 * SECOND
"""So far apart the moments of an episode are, but for a few that are at once."""
AT_ONCE = 0.1
STARTS = ((0, 6), (8, 25), (32, 65))
"""After how many seconds a transmitter is on that could be: a warm one, a cold one, a slow one."""
LASTS = ((8, 25), (30, 60), (60, 200))
RESTS = ((60, 200), (60, 200), (10, 25))
"""How long nothing happens between two episodes: now and then less than the clearing time."""


class Gear:
    """All of it being drawn. ``changes``: by condition, (at, value) in order."""

    def __init__(self, random: Random, *, on_mains: bool, on_feed: bool, begin: int) -> None:
        self.random = random
        self.changes: dict[str, list[tuple[int, bool]]] = {name: [] for name in AT_BEGIN}
        self._state = dict(AT_BEGIN)
        self._on_mains, self._on_feed = on_mains, on_feed
        self._due: list[tuple[int, int, str, str]] = []
        self._count = 0
        self._now = begin
        self._starting = {MAIN: 0, BACKUP: 0}
        self._start_s = STARTS[0]
        self._generator = self._runs = self._takes_over = self._fails = False
        self._position, self._moved_at = TO_MAIN, begin

    @property
    def shown(self) -> dict[str, Signal[bool]]:
        """Return every condition over time."""
        return {name: signal(first, self.changes[name]) for name, first in AT_BEGIN.items()}

    def live(self, end: int) -> None:
        """Draw episodes one after the other; the last one ends well before ``end``."""
        at = self._now + 120 * SECOND
        while True:
            commands = self._episode(at)
            if commands[-1][0] > end - 1500 * SECOND:
                return
            self._start_s = self.random.choice(STARTS)
            self._takes_over = self.random.random() < 0.5
            self._fails = self.random.random() < 0.3
            for when, what, value in commands:
                self._at(when, what, value)
            self._run()
            at = self._now + self._seconds(*self.random.choice(RESTS))

    def _seconds(self, least: int, most: int) -> int:
        return self.random.randrange(least * SECOND, most * SECOND + 1)

    # What is done to it

    def _episode(self, begin: int) -> list[tuple[int, str, str]]:
        """Return (at, what, value) of two or three faults that overlap, and how all is repaired."""
        random = self.random
        kinds = ["trip", "broken", "mains", "mains", "wrong", "wrong"]
        kinds += ["feed"] if self._on_feed else []
        drawn = dict.fromkeys(random.sample(kinds, random.choice((3, 3, 4))))
        done: list[tuple[int, str, str]] = []
        for kind in drawn:
            at = begin + self._seconds(0, 60)
            back = at + self._seconds(*random.choice(LASTS))
            done += [(at, kind, ""), (back, f"{kind} over", "")]
            if kind == "mains" and random.random() < 0.4:
                again = back + self._seconds(*random.choice(((8, 23), (8, 23), (40, 60))))
                done += [(again, kind, ""), (again + self._seconds(10, 60), f"{kind} over", "")]
            if kind == "mains" and random.random() < 0.4:
                done.append((at + self._seconds(8, 60), "generator", ""))
        if random.random() < 0.3:
            done.append((begin - 20 * SECOND, "runs", ""))
        spread = self._spread(sorted(done))
        last = spread[-1][0] + self._seconds(8, 40)
        return [*spread, (last, "repaired", ""), (last + 90 * SECOND, "turned back", "")]

    def _spread(self, done: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
        """Return it with the moments apart, so that their order is certain; a few at once."""
        found: list[tuple[int, str, str]] = []
        for drawn_at, what, value in done:
            at = drawn_at
            if found and self.random.random() < AT_ONCE:
                at = found[-1][0] + self.random.randrange(2 * SECOND)
            elif found:
                at = max(at, found[-1][0] + APART)
            found.append((at, what, value))
        return found

    def _at(self, when: int, what: str, value: str = "") -> None:
        self._count += 1
        heappush(self._due, (when, self._count, what, value))

    def _run(self) -> None:
        while self._due:
            self._now, _, what, value = heappop(self._due)
            self._do(what, value)
            for one in (MAIN, BACKUP):
                self._look(one)

    def _do(self, what: str, value: str) -> None:
        match what:
            case "trip" | "trip over":
                self._turn(WELL[MAIN], what)
            case "broken" | "broken over":
                self._turn(WELL[BACKUP], what)
            case "mains" | "mains over":
                self._turn(MAINS_ON, what)
            case "feed" | "feed over":
                self._turn(FEED_ON, what)
            case "wrong":
                self._move(TO_BACKUP)
            case "wrong over" | "turned back":
                self._move(TO_MAIN)
                if what == "turned back":
                    self._runs = False
            case "generator" | "no generator":
                self._generator = what == "generator"
            case "runs":
                self._runs = True
            case "arrives":
                self._set(value, value=True)
            case "is up":
                one, number = value.split()
                if self._starting[one] == int(number):
                    self._set(f"{one}.on", value=True)
                    if one == MAIN and self._takes_over:
                        self._at(self._now + 12 * SECOND, "goes back")
            case "takes over":
                self._take_over()
            case "goes back":
                if self._state[ON_MAIN]:
                    self._move(TO_MAIN)
            case "repaired":
                self._repair()

    def _take_over(self) -> None:
        if not self._state[ON_MAIN]:
            self._runs = True
            self._move(TO_BACKUP)
            if self._fails:
                self._at(self._now + self._seconds(7, 30), "broken")

    def _repair(self) -> None:
        self._takes_over = False
        for name in (*WELL.values(), MAINS_ON, FEED_ON):
            self._set(name, value=True)
        self._at(self._now + DWELL, "no generator")

    def _turn(self, condition: str, what: str) -> None:
        """Break or repair something; a little later, where it changed just now."""
        value = what.endswith("over")
        last = max((at for at, _ in self.changes[condition][-1:]), default=0)
        if value != self._state[condition] and self._now < last + DWELL:
            self._at(last + DWELL, what)
        else:
            self._set(condition, value=value)

    # What follows from it

    def _set(self, condition: str, *, value: bool) -> None:
        if self._state[condition] is not value:
            self._state[condition] = value
            self.changes[condition].append((self._now, value))

    def _move(self, to: str) -> None:
        """Turn the switch: for a moment it is on neither side."""
        if self._position == to:
            return
        if self._now < self._moved_at + DWELL + 3 * SECOND:
            self._at(
                self._moved_at + DWELL + 3 * SECOND, "wrong" if to == TO_BACKUP else "wrong over"
            )
            return
        self._set(self._position, value=False)
        self._position, self._moved_at = to, self._now
        self._at(self._now + self.random.randrange(SECOND // 5, 2 * SECOND), "arrives", to)

    def _could_be_on(self, one: str) -> bool:
        powered = self._state[MAINS_ON] or self._generator
        if one == BACKUP:
            powered = self._state[MAINS_ON] if self._on_mains else True
            powered = self._state[FEED_ON] if self._on_feed else powered
            powered = powered and self._runs
        return powered and self._state[WELL[one]]

    def _look(self, one: str) -> None:
        """Let a transmitter fall at once, or start as long as it needs."""
        condition = f"{one}.on"
        could, is_on = self._could_be_on(one), self._state[condition]
        changes = self.changes[condition]
        last = changes[-1][0] if changes else self._now - DWELL
        if not could:
            self._starting[one] = 0
        if is_on and not could:
            if self._now < last + DWELL:
                changes.pop()  # it never came up
                self._state[condition] = False
            else:
                self._set(condition, value=False)
            if one == MAIN and self._takes_over:
                self._at(self._now + 8 * SECOND, "takes over")
        elif not is_on and could and not self._starting[one]:
            self._starting[one] = self._count + 1
            up = max(self._now + self._seconds(*self._start_s), last + DWELL)
            self._at(up, "is up", f"{one} {self._starting[one]}")
