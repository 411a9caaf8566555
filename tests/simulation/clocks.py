"""The computer's clock over one history: boots, what it showed, how good the kernel called it.

Pure: everything is drawn before the run begins. Each boot is one story whose outcome is known:
when people must know of the clock, and how far it may be trusted. Times are microseconds; an
error is what the clock shows minus what people hold to be the right time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from monitord.core.clock_quality import SYNCHRONISED, ClockQuality, Kernel
from tests.simulation.facts import (
    HOUR,
    MINUTE,
    MS,
    SECOND,
    BootFacts,
    ClockAlarm,
    ClockPlace,
    ClockTrust,
)

UNSET = ClockQuality(Kernel.NONE)
BATTERY = replace(UNSET, battery=True)
NETWORK = replace(SYNCHRONISED, max_error=20 * MS)
HELD = ClockQuality(Kernel.HOLDOVER, max_error=2 * SECOND)
ROUGH = ClockQuality(Kernel.HOLDOVER, max_error=40 * SECOND)
"""So far off that people must know of it."""
UNREADABLE = ClockQuality(Kernel.UNREADABLE)
BOOT_EVERY = 40 * MINUTE
"""A boot has at least so long for its story."""
STEPS_MORE_MAX = 4
"""So many steps that are undone a boot may have behind its story."""
BEFORE_END = 6 * MINUTE
"""So long before its end a boot's clock is right."""
STEPS = tuple(sign * by for sign in (-1, 1) for by in (3 * SECOND, HOUR, 3 * HOUR))


@dataclass(frozen=True, slots=True)
class Shown:
    """From ``at`` on the clock is ``error`` wrong, and the kernel says so much of it."""

    at: int
    error: int
    quality: ClockQuality


@dataclass
class ClockLife:
    """All that happens to the clock. ``adoptions``: when a person states a time, and by how
    much it is another one than at the begin.

    ``boots``: the starts of monitord that follow a boot of the computer, each with its boot's
    moment.
    """

    shown: list[Shown] = field(default_factory=list)
    adoptions: list[tuple[int, int]] = field(default_factory=list)
    boots: list[BootFacts] = field(default_factory=list)
    alarms: list[ClockAlarm] = field(default_factory=list)
    trusts: list[ClockTrust] = field(default_factory=list)
    places: list[ClockPlace] = field(default_factory=list)
    steps: int = 0

    def at(self, moment: int) -> Shown:
        """Return what the clock shows at a moment."""
        return next(s for s in reversed(self.shown) if s.at <= moment or s is self.shown[0])

    def moments_after(self, moment: int) -> list[int]:
        """Return the next moments at which something is said of the clock."""
        times = [s.at for s in self.shown] + [at for at, _ in self.adoptions]
        return [min(later)] if (later := [at for at in times if at > moment]) else []


class _Boot:
    """One boot being drawn: [begin, end) of site time.

    ``base``: by how much the right time is another one than at the begin of the history.
    """

    def __init__(
        self, random: Random, life: ClockLife, begin: int, end: int, before: _Boot | None
    ) -> None:
        self.random, self.life = random, life
        self.begin, self.end = begin, end
        self.base = 0 if before is None else before.base
        # Up to when time was known when this boot began.
        self.known_to = begin if before is None else before.known_until_end
        self.known_until_end = end

    def shows(self, at: int, error: int, quality: ClockQuality, trust: str) -> None:
        """Let the clock show something; ``trust``: what follows from it."""
        before = self.life.shown[-1].error - self.base if self.life.shown else 0
        self.life.shown.append(Shown(at, self.base + error, quality))
        self.is_trusted(at, trust)
        # Uncertain: the time it stepped from, or came to, beside the right one.
        places = {"untrusted": (), "disputed": (0, error or before)}
        self.is_placed(at, *places.get(trust, (error,)))

    def is_trusted(self, at: int, *trusts: str) -> None:
        """``trusts``: from ``at`` on one of these follows."""
        self.life.trusts.append(ClockTrust(at, trusts))

    def is_placed(self, at: int, *errors: int) -> None:
        """From ``at`` on one of these is held to be the error of site time, or none."""
        offsets = tuple(self.base + error for error in errors)
        self.life.places.append(ClockPlace(at, self.begin, offsets))

    def alarm(self, begin: int, end: int | None = None) -> None:
        """People must know of the clock from ``begin`` to ``end``, or to the end of the boot."""
        self.life.alarms.append(ClockAlarm(begin, self.end if end is None else end))

    def later(self) -> tuple[int, int]:
        """Return two moments of the story, far enough apart that a restart hides none."""
        first = self.begin + self._pause()
        return first, first + self._pause()

    def _pause(self) -> int:
        return self.random.randrange(6 * MINUTE, 14 * MINUTE)

    def adopts(self, at: int) -> int:
        """A person reads a watch, and is up to 20 s wrong: return by how much."""
        wrong = self.random.randrange(-20 * SECOND, 20 * SECOND)
        self.life.adoptions.append((at, self.base + wrong))
        return wrong

    # Stories

    def synchronised(self) -> None:
        """Network time from the start on; now and then it is corrected by less than a step."""
        self.shows(self.begin, 0, NETWORK, "trusted")
        first, _ = self.later()
        self.shows(first, self.random.choice((-200, 200)) * MS, NETWORK, "trusted")
        self.base = self.life.shown[-1].error

    def held(self) -> None:
        """The network is away at the start, and was there before."""
        self.shows(self.begin, 0, HELD, "holdover")
        first, _ = self.later()
        self.shows(first, 0, NETWORK, "trusted")

    def rough(self) -> None:
        """The network has been away for so long that the clock may be 40 s wrong."""
        self.shows(self.begin, 0, ROUGH, "holdover")
        first, _ = self.later()
        self.shows(first, 0, NETWORK, "trusted")
        self.alarm(self.begin, first)

    def assumed(self) -> None:
        """A battery clock that is right; the network agrees later."""
        self.shows(self.begin, 0, BATTERY, "assumed")
        first, _ = self.later()
        self.shows(first, 0, NETWORK, "trusted")
        self.alarm(self.begin, first)

    def assumed_wrong(self) -> None:
        """A battery clock hours fast; the network contradicts it, and a person decides."""
        self.shows(self.begin, self.random.choice((1, 3, 48)) * HOUR, BATTERY, "assumed")
        first, second = self.later()
        self.shows(first, 0, NETWORK, "disputed")
        self.adopts(second)
        self.is_trusted(second, "trusted")
        self.is_placed(second, 0)  # network time agrees, and is better known
        self.alarm(self.begin, second)
        self.life.steps += 1

    def battery_behind(self) -> None:
        """A battery clock that shows a time that is over."""
        behind = self.begin - self.known_to + self.random.choice((1, 3, 120)) * HOUR
        self.shows(self.begin, -behind, BATTERY, "untrusted")
        self._repaired_by_network()

    def unset(self) -> None:
        """No clock at all: it begins in 1970."""
        self.shows(self.begin, 40 * SECOND - self.begin - self.base, UNSET, "untrusted")
        self._repaired_by_network()

    def unset_for_long(self) -> None:
        """Nothing sets the clock in this boot."""
        self.shows(self.begin, 40 * SECOND - self.begin - self.base, UNSET, "untrusted")
        self.alarm(self.begin)
        self.known_until_end = self.known_to

    def unset_wrong(self) -> None:
        """A clock from nowhere, hours wrong or right by chance; a person states the time."""
        self.shows(self.begin, self.random.choice((-3, 0, 3)) * HOUR, UNSET, "untrusted")
        first, _ = self.later()
        self.is_placed(first, self.adopts(first))
        # No source confirms it: the person's word is held on to.
        self.is_trusted(first, "trusted", "holdover")
        self.alarm(self.begin, first)

    def unreadable(self) -> None:
        """The kernel may not be asked."""
        self.shows(self.begin, 0, UNREADABLE, "untrusted")
        self.alarm(self.begin)
        self.known_until_end = self.known_to

    def stepped(self) -> None:
        """Network time makes a step and takes it back."""
        self.shows(self.begin, 0, NETWORK, "trusted")
        first, second = self.later()
        self._step_and_back(first, second)

    def stepped_for_good(self) -> None:
        """Network time makes a step forward, and a person says that it is right."""
        self.shows(self.begin, 0, NETWORK, "trusted")
        first, second = self.later()
        self.shows(first, HOUR, NETWORK, "disputed")
        self.life.steps += 1
        self.base = self.life.shown[-1].error
        self.adopts(second)
        self.is_trusted(second, "trusted")
        self.is_placed(second, 0)  # network time agrees, and is better known
        self.alarm(first, second)

    def stepped_alone(self) -> None:
        """A hand turns a clock that nothing synchronises, and turns it back."""
        self.shows(self.begin, 0, HELD, "holdover")
        first, second = self.later()
        self.shows(first, self.random.choice((-3, -1, 1, 3)) * HOUR, UNSET, "disputed")
        self.shows(second, 0, NETWORK, "trusted")
        self.alarm(first, second)
        self.life.steps += 2

    def goes_on(self) -> None:
        """Behind its story half of the boots with network time see more steps that are undone."""
        last = self.life.shown[-1]
        if last.quality != NETWORK or last.error != self.base or self.random.random() < 0.5:
            return
        at = max(last.at, *(moment for moment, _ in self.life.adoptions), self.begin)
        for _ in range(STEPS_MORE_MAX):
            first = at + self._pause()
            at = first + self._pause()
            if at > self.end - BEFORE_END:
                return
            self._step_and_back(first, at)

    def _step_and_back(self, first: int, second: int) -> None:
        self.shows(first, self.random.choice(STEPS), NETWORK, "disputed")
        self.shows(second, 0, NETWORK, "trusted")
        self.alarm(first, second)
        self.life.steps += 2

    def _repaired_by_network(self) -> None:
        first, _ = self.later()
        self.shows(first, 0, NETWORK, "trusted")
        self.alarm(self.begin, first)


Story = Callable[[_Boot], None]
FIRST: tuple[Story, ...] = (_Boot.synchronised, _Boot.held, _Boot.unset, _Boot.unset_wrong)
"""Before any time is known a battery clock alone proves nothing."""
LATER: tuple[Story, ...] = (
    _Boot.synchronised,
    _Boot.held,
    _Boot.rough,
    _Boot.assumed,
    _Boot.assumed_wrong,
    _Boot.battery_behind,
    _Boot.unset,
    _Boot.unset_for_long,
    _Boot.unset_wrong,
    _Boot.unreadable,
    _Boot.stepped,
    _Boot.stepped_for_good,
    _Boot.stepped_alone,
)


def draw_clock(
    random: Random, begin: int, end: int, starts: list[tuple[int, int]], *, boots: bool
) -> ClockLife:
    """Draw the clock over [begin, end). ``starts``: (end of a run, next start) of monitord.

    ``boots``: some of them are boots of the computer; without it there is one boot, with steps.
    """
    life = ClockLife()
    moments = [(begin, begin)]
    for stopped, back in starts if boots else ():
        far = moments[-1][1] + BOOT_EVERY
        # A computer takes a while to start.
        if back - stopped >= SECOND and back >= far and back < end - BOOT_EVERY:
            moments.append((stopped, back))
    boot: _Boot | None = None
    for number, (stopped, back) in enumerate(moments):
        until = moments[number + 1][1] if number + 1 < len(moments) else end
        life.boots.append(BootFacts(back, stopped + (back - stopped) // 2))
        boot = _Boot(random, life, back, until, boot)
        stories = (LATER if number else FIRST) if boots else (_Boot.stepped,)
        random.choice(stories)(boot)
        boot.goes_on()
    return life
