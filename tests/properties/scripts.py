"""Hostile but well-formed scripts of a site's life, and how to play them. Owns no property.

A script is small numbers that shrink well: the answers of each device, the jitter of the polls,
stops and starts of monitord, clock and calendar, the outcomes of deliveries.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st

from monitord.core.model import MINUTE, SECOND, Answer, ClockRead, Input, Late, Silence
from tests.support.seam import (
    ALWAYS,
    DEADLINE,
    OFFSET,
    SITES,
    SLOT,
    T0,
    WALL,
    Driver,
    Intervals,
    Look,
    Outcome,
    Site,
)

SCALE = {"long": 20.0, "few": 0.2}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 1.0)
SILENCES = ("timeout", "refused", "garbage")


def examples(count: int) -> settings:
    """Return the settings of a property.

    ``HYPOTHESIS_PROFILE=long`` looks 20 times as long; ``few`` is for mutants, of which it is
    enough to know that one fails.
    """
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=max(1, round(count * SCALE)),
        deadline=None,
        derandomize=False,
        suppress_health_check=slow,
        phases=(Stage.explicit, Stage.reuse, Stage.generate, *[Stage.shrink] * (SCALE >= 1)),
    )


@dataclass(frozen=True, slots=True)
class Phase:
    """The answer of a device for so many polls: its name, a kind of silence, or "nothing"."""

    state: str
    polls: int


@dataclass(frozen=True, slots=True)
class DeviceScript:
    """``jitters``: (send delay, latency) of each poll, in turn.

    Every ``lose_every``-th poll is lost; with 0, none is.
    """

    phases: tuple[Phase, ...]
    jitters: tuple[tuple[int, int], ...]
    lose_every: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """monitord stops at ``at`` (from the beginning) and starts ``away`` later."""

    at: int
    away: int
    kind: str  # crash, unrecorded, clean


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script. ``clocks``: (at, error of the wall clock); ``tick``: time between two calls.

    ``boundaries``: moments at which what is expected changes, on, closed, window in turn.
    ``late``: (at, for how long) monitord itself did not run.
    """

    devices: dict[str, DeviceScript]
    outcomes: tuple[Outcome, ...]
    endings: tuple[Ending, ...] = ()
    clocks: tuple[tuple[int, int], ...] = ()
    boundaries: tuple[int, ...] = ()
    late: tuple[tuple[int, int], ...] = ()
    tick: int = 500_000
    polls: int = 60

    @property
    def calendar(self) -> Intervals:
        """Return the wall-time intervals of every programme."""
        names = ("on", "closed", "window", "closed")
        edges = [-86_400 * SECOND, *sorted(set(self.boundaries)), 10**9 * SECOND]
        named = [(a, b, names[i % len(names)]) for i, (a, b) in enumerate(pairwise(edges))]
        return tuple((WALL + a, WALL + b, name) for a, b, name in named if name != "closed")


def phases(site: Site, device: str) -> st.SearchStrategy[tuple[Phase, ...]]:
    """Return answers of a device, from one poll to minutes at a time; half of them good."""
    named = [name for name in site.answers[device] if name != "good"]
    states = st.sampled_from(["good", *named, "bad", *SILENCES, "nothing"])
    ills = st.builds(Phase, states, st.sampled_from([1, 1, 2, 3, 4, 5, 8, 13, 30, 70]))
    wells = st.builds(Phase, st.just("good"), st.sampled_from([1, 2, 5, 15, 15, 40, 40]))
    pairs = st.lists(st.tuples(wells, ills), min_size=1, max_size=4)
    return pairs.map(lambda found: tuple(phase for pair in found for phase in pair))


def device_scripts(site: Site, device: str) -> st.SearchStrategy[DeviceScript]:
    jitter = st.tuples(
        st.integers(0, 190_000), st.sampled_from([1, 9_000, 400_000, DEADLINE - 1, DEADLINE])
    )
    jitters = st.lists(jitter, min_size=1, max_size=3).map(tuple)
    lose_every = st.sampled_from([0, 0, 0, 2, 3, 7, 19])
    return st.builds(DeviceScript, phases(site, device), jitters, lose_every)


OUTCOMES = st.lists(
    st.builds(
        Outcome,
        st.sampled_from([1, 200_000, 1_500_000, 5_000_000, 20_000_000]),
        st.sampled_from(["delivered", "delivered", "temporary", "permanent", "lost"]),
    ),
    min_size=1,
    max_size=6,
).map(tuple)


def moments(until: int) -> st.SearchStrategy[int]:
    """Return moments of a script, on a slot's beginning or anywhere."""
    whole = st.integers(1, max(1, until // SECOND)).map(lambda second: second * SECOND)
    return st.one_of(whole, st.integers(1, until))


def endings(until: int) -> st.SearchStrategy[tuple[Ending, ...]]:
    away = st.sampled_from([1, SECOND, 3 * SECOND, 45 * SECOND, 4 * MINUTE])
    kinds = st.sampled_from(["crash", "unrecorded", "clean"])
    each = st.builds(Ending, moments(until), away, kinds)
    return st.lists(each, max_size=3).map(lambda found: tuple(sorted(found, key=lambda e: e.at)))


LATE = st.sampled_from([3 * SECOND, 4_700_000, 20 * SECOND, 100 * SECOND])


@st.composite
def scripts(
    draw: st.DrawFn,
    site: Site,
    *,
    restarts: bool = True,
    calendar: bool = True,
    steps: bool = True,
    polls: int = 150,
) -> Script:
    """Return a script of at most so many polls of each device."""
    devices = {d.id: draw(device_scripts(site, d.id)) for d in site.plan.devices}
    length = max(sum(phase.polls for phase in d.phases) for d in devices.values())
    length = min(polls, length + 5)
    until = length * SLOT
    off = st.sampled_from([0, 60_000, -300_000, 999_000, 5 * SECOND, -3_600 * SECOND])
    clocks = st.lists(st.tuples(moments(until), off), max_size=4 if steps else 0)
    edges = st.lists(moments(until), max_size=5 if calendar else 0, unique=True)
    return Script(
        devices=devices,
        outcomes=draw(OUTCOMES),
        endings=draw(endings(until)) if restarts else (),
        clocks=tuple(sorted(draw(clocks))),
        boundaries=tuple(draw(edges)),
        late=tuple(draw(st.lists(st.tuples(moments(until), LATE), max_size=1))),
        tick=draw(st.sampled_from([100_000, 500_000, SECOND, 2_700_000, 20 * SECOND])),
        polls=length,
    )


@st.composite
def lives(draw: st.DrawFn, **options: bool | int) -> tuple[Site, Script]:
    """Return one of the sites and a script for it."""
    site = SITES[draw(st.sampled_from(sorted(SITES)))]().with_(
        open_after=draw(st.sampled_from([0, 0, SECOND, 12 * SECOND])),
        clear_after=draw(st.sampled_from([0, 3 * SECOND, 8 * SECOND, 30 * SECOND])),
        tell_after=draw(st.sampled_from([0, SECOND, 20 * SECOND])),
    )
    return site, draw(scripts(site, **options))


def polls_of(site: Site, name: str, script: DeviceScript, polls: int) -> Iterator[Input]:
    """Yield the inputs of one device; after its phases the last one continues."""
    states = [phase.state for phase in script.phases for _ in range(phase.polls)]
    for number in range(polls):
        delay, latency = script.jitters[number % len(script.jitters)]
        sent_at = T0 + number * SLOT + delay
        state = states[min(number, len(states) - 1)]
        lost = script.lose_every and number % script.lose_every == script.lose_every - 1
        if lost and state not in SILENCES:
            state = SILENCES[0]
        if state in SILENCES:
            yield Silence(name, state, sent_at, sent_at + DEADLINE)
        elif state != "nothing":
            yield Answer(name, sent_at, sent_at + latency, site.answers[name][state])


def inputs_of(site: Site, script: Script) -> list[Input]:
    """Return all inputs by time."""
    found: list[Input] = [
        item
        for name, device in script.devices.items()
        for item in polls_of(site, name, device, script.polls)
    ]
    found += [ClockRead(T0 + at, T0 + at + OFFSET + off) for at, off in script.clocks]
    for at, lasts in script.late:
        late = Late(T0 + at, T0 + at + lasts)
        found = [item for item in found if not late.at < item.at <= late.until]
        found.append(late)
    return sorted(found, key=lambda item: item.at)


def play(site: Site, script: Script, look: Look | None = None) -> Driver:
    """Play a script to its end; inputs while monitord is stopped are lost."""
    driver = Driver(site.plan, outcomes=script.outcomes, calendar=script.calendar, look=look)
    driver.start(T0)
    waiting = inputs_of(site, script)
    endings = [(T0 + ending.at, ending) for ending in script.endings]
    end = T0 + script.polls * SLOT + 2 * SECOND
    for at, ending in endings:
        if at <= driver.now:
            continue
        waiting = _feed(driver, waiting, at, script.tick)
        back = end_run(driver, ending)
        waiting = [item for item in waiting if _sent(item) > back]
    _feed(driver, waiting, max(end, driver.now), script.tick)
    return driver


def end_run(driver: Driver, ending: Ending) -> int:
    """End one run and begin the next; return when that was."""
    if ending.kind == "clean":
        alive_at = driver.stop(driver.now)
    else:
        alive_at = driver.crash(unrecorded=ending.kind == "unrecorded")
    back = driver.now + ending.away
    driver.start(back, alive_at=alive_at)
    return back


def _sent(item: Input) -> int:
    return item.sent_at if isinstance(item, Answer | Silence) else item.at


def _feed(driver: Driver, waiting: list[Input], until: int, tick: int) -> list[Input]:
    now = driver.now
    while now < until:
        now = min(now + tick, until)
        taken = [item for item in waiting if item.at <= now]
        waiting = waiting[len(taken) :]
        driver.tick(taken, now)
    return waiting


def recover(site: Site, driver: Driver, seconds: int = 500) -> None:
    """Let everything be good for so many seconds, in hours: devices answer, deliveries succeed.

    A crash comes first, so that attempts without an outcome are known to be lost.
    """
    driver.calendar = ALWAYS
    driver.outcomes = (Outcome(1_000),)
    driver.restart(driver.now + 1)
    stay_well(site, driver, seconds)


def stay_well(site: Site, driver: Driver, seconds: int) -> None:
    """Let every device be good and every delivery succeed for so many seconds."""
    driver.outcomes = (Outcome(1_000),)
    for _ in range(0, seconds, 2):
        begin = driver.now
        good = [
            Answer(d.id, begin + 1, begin + 9_000, site.answers[d.id]["good"], 2, SLOT)
            for d in site.plan.devices
        ]
        driver.tick(good, begin + 2 * SLOT)
