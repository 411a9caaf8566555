"""The simulated site over time: true signals, what its agents report of them, every fault by name.

Pure: everything is drawn from one random generator before the run begins. Times in microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from monitord.core.plan import Plan
from simulators.plant.signals import (
    Signal,
    both,
    cached,
    constant,
    either,
    held,
    intervals_where,
    inverted,
    lowest,
    pulses,
)
from tests.simulation import heard, lowered, pool
from tests.simulation.added import NOTHING, Added
from tests.simulation.branch import ADDED, draw_branch
from tests.simulation.changeover import draw_changeover
from tests.simulation.clocks import ClockLife, draw_clock
from tests.simulation.facts import HOUR, MS, SECOND, Facts, ReserveFacts, Span
from tests.simulation.hours import begin_near_half_year, draw_hours
from tests.simulation.lines import Lines, Pace, SimDevice
from tests.simulation.names import NAMES
from tests.simulation.setups import (
    NORMAL_W,
    REDUCED_W,
    Reload,
    Setup,
    as_configured,
    draw_reloads,
)
from tests.simulation.site import (
    CACHE,
    FM_BOTH,
    FM_PLACES,
    HOLD_FALSE,
    HOLD_TRUE,
    PEOPLE,
    PROGRAMMES,
    SENDERS,
    SERVICES,
    WORSE_WHEN_TRUE,
    build_plan,
    condition_facts,
    place_facts,
)
from tests.simulation.slow_points import with_slow_points
from tests.simulation.weather import Weather, draw_weather, under_weather

LINES = ("io", "tv", "fm1", "mux", "dtx")
"""Faults of one line never overlap; those of different lines do."""
PROGRAMMES_OF = {
    "io": ("fm",),
    "fm1": ("fm",),
    "tv": ("tv",),
    "mux": SERVICES,
    "dtx": SERVICES,
}


@dataclass
class SimPlant:
    """The whole site over ``[begin, end)``; ``facts`` is the truth, but for what reloads change.

    ``power``: of the multiplex's transmitter, W. ``added``: what is in every configuration too.
    ``overtakes``: whether answers come out of their order. ``weather``: what befalls it besides.
    """

    facts: Facts
    begin: int
    end: int
    devices: tuple[SimDevice, ...] = ()
    restarts: tuple[tuple[int, int, str], ...] = ()
    clock: ClockLife = field(default_factory=ClockLife)
    short: frozenset[str] = frozenset()
    reloads: tuple[Reload, ...] = ()
    power: Signal[int] = field(default_factory=lambda: constant(NORMAL_W))
    added: Added = NOTHING
    overtakes: bool = False
    weather: Weather | None = None

    def polled(self, setup: Setup) -> list[SimDevice]:
        """Return the devices that are polled under a configuration."""
        added = [device.id for device in self.added.devices]
        return [device for device in self.devices if device.id in (*setup.devices, *added)]

    def plan_of(self, setup: Setup) -> Plan:
        """Return the plan of one configuration."""
        plan = self.added.onto(build_plan(setup))
        return plan if self.weather is None else with_slow_points(plan)

    def facts_under(self, adopted: Sequence[Reload]) -> Facts:
        """Return the truth under the configurations that were adopted, and when."""
        return as_configured(self.facts, self.power, adopted)


DENSE = Pace()
YEAR = Pace(
    faults=0.004, silences=0.004, changeovers=0.002, restarts=0.002, boots=0.001, reloads=0.001
)
"""At most about one fault a day over all lines."""


def draw(
    seed: int,
    hours: float,
    *,
    short: bool = False,
    wide: bool = False,
    shared: bool = False,
    hall: bool = False,
    weather: bool = False,
    changeover: bool = False,
    pace: Pace = DENSE,
) -> SimPlant:
    """Draw a site with faults, repairs, silences, changeovers, restarts and clocks.

    ``wide``: also hours, across the end of a half-year. ``shared``: also causes
    that devices share, and answers that come out of their order. ``hall``: also a programme that a
    witness receives, one whose power is lowered, and two that share a reserve. ``weather``: also
    stops of the loop, traps, values that cannot be, and points that are read more rarely.
    ``changeover``: also a main, a backup and their switch, of which two have faults at once.

    Every state of every condition lasts longer than its shortest detectable outage, except on one
    line of faults (``short``: on all), where half of the states are too short to be surely seen.
    """
    drawn = _Draw(Random(seed), hours, pace, short=short, wide=wide)
    # A part has a generator of its own: the rest of the site stays as it is.
    plant = drawn.plant(
        Random(f"branch {seed}") if shared else None,
        Random(f"hall {seed}") if hall else None,
        Random(f"changeover {seed}") if changeover else None,
    )
    if weather:
        own = Random(f"weather {seed}")
        plant.weather = draw_weather(own, plant.facts, plant.devices, plant.power)
        plant.facts = under_weather(plant.facts, plant.power, plant.weather)
    return plant


class _Draw(Lines):
    """One site being drawn."""

    def __init__(
        self, random: Random, hours: float, pace: Pace, *, short: bool, wide: bool
    ) -> None:
        begin = 1_700_000_000 * SECOND + random.randrange(3600) * SECOND
        # What is drawn wide has a generator of its own: the rest of the site stays as it is.
        self.wide = Random(begin) if wide else None
        if self.wide is not None:
            begin = begin_near_half_year(self.wide, hours)
        end = begin + int(hours * HOUR)
        facts = Facts(
            begin, end, dict(PROGRAMMES), place_facts(), PEOPLE, decided_by={"tv.on": "tv"}
        )
        facts.watched = condition_facts()
        facts.lags = {name: known.lag for name, known in facts.watched.items()}
        facts.gear |= SENDERS
        facts.names = NAMES
        drawn_short = frozenset(LINES if short else (random.choice(LINES),))
        super().__init__(
            random,
            pace,
            facts,
            condition_facts(),
            programmes_of=PROGRAMMES_OF,
            short=drawn_short,
        )

    def plant(
        self, branch: Random | None, hall: Random | None, changeover: Random | None
    ) -> SimPlant:
        """Draw everything; the truth follows from what was drawn."""
        facts = self.facts
        plant = SimPlant(facts, facts.begin, facts.end, short=self.short)
        sound = self._studio()
        carriers = self._radio()
        self._television()
        service, plant.power = self._multiplex()
        plant.devices = tuple(self.devices)
        for name in WORSE_WHEN_TRUE:
            facts.shown[name] = inverted(facts.shown[name])
        facts.silent = {device.id: device.silent for device in plant.devices}
        facts.on_air["fm"] = both(sound, either(*carriers))
        for name in SERVICES:
            facts.on_air[name] = service[name]
        self._unseen(carriers)
        if branch is not None:
            plant.added, plant.overtakes = ADDED, True
            plant.devices += draw_branch(
                branch, facts, self.pace, short=self.short == frozenset(LINES)
            )
        if hall is not None:
            self._hall(hall, plant)
        if changeover is not None:
            added, devices = draw_changeover(changeover, facts)
            plant.added = plant.added.with_also(added)
            plant.devices += devices
        plant.restarts = _restarts(self, plant)
        plant.reloads = _reloads(self, plant)
        _set_clock(self, plant)
        if self.wide is not None:
            draw_hours(self.wide, facts, plant.clock)
        return plant

    def _hall(self, random: Random, plant: SimPlant) -> None:
        short = self.short == frozenset(LINES)
        for added in (heard.ADDED, lowered.ADDED, pool.ADDED):
            plant.added = plant.added.with_also(added)
        plant.devices += heard.draw_heard(random, self.facts, self.pace, short=short)
        plant.devices += lowered.draw_lowered(random, self.facts, self.pace, short=short)
        plant.devices += pool.draw_pool(random, self.facts, self.pace, short=short)

    # The parts of the site

    def _studio(self) -> Signal[bool]:
        spans = self.line("io", "io.sound")
        for span in spans:
            self.inject("silence", "io/studio", span, ("fm",))
        sound = inverted(pulses(spans))
        self.add_device("io", held(inverted(sound), HOLD_TRUE, HOLD_FALSE))
        return sound

    def _television(self) -> None:
        exciter: list[Span] = []
        carrier: list[Span] = []
        for span in self.line("tv", "tv.on"):
            carrier.append(span)
            if self.random.random() < 0.5:
                exciter.append(span)
            what = "exciter" if exciter and exciter[-1] == span else "transmitter"
            self.inject(f"tv_{what}", f"tv/{what}", span, ("tv",))
        on_air = inverted(pulses(carrier))
        self.facts.on_air["tv"] = on_air
        self.add_device("tv", inverted(pulses(exciter)), on_air)

    def _multiplex(self) -> tuple[dict[str, Signal[bool]], Signal[int]]:
        """Return what leaves the multiplexer, and the power of its transmitter."""
        dead: list[Span] = []
        missing: dict[str, list[Span]] = {name: [] for name in SERVICES}
        for span in self.line("mux", "mux.out_m1"):
            luck = self.random.random()
            if luck < 0.25:
                dead.append(span)
                self.inject("mux_dead", "mux/multiplexer", span, SERVICES)
            elif luck < 0.7:
                for name in SERVICES:
                    missing[name].append(span)
                parts = [(f"enc/encoder_{name}", (name,)) for name in SERVICES]
                self.inject_at_once("encoders", span, parts)
            else:
                name = self.random.choice(SERVICES)
                missing[name].append(span)
                self.inject("service", f"enc/encoder_{name}", span, (name,))
        into = {name: inverted(pulses(missing[name])) for name in SERVICES}
        works = inverted(pulses(dead))
        out = {name: both(into[name], works) for name in SERVICES}
        self.add_device("enc", *into.values())
        self.add_device("mux", *out.values())
        levels: list[tuple[int, int, int]] = []
        for span in self.line("dtx", "dtx.on"):
            what, watts = self.random.choice((("trip", 0), ("trip", 0), ("reduced", REDUCED_W)))
            self.inject(f"dtx_{what}", "dtx/transmitter", span, SERVICES)
            levels.append((*span, watts))
        power = lowest(levels, NORMAL_W)
        self.add_device("dtx", power)
        return out, power

    def _radio(self) -> tuple[Signal[bool], Signal[bool]]:
        """Draw both carriers: trips with an automatic changeover or none, clean ones by hand."""
        random, shortest = self.random, self.conditions["fm1.on"].shortest
        trips = self.line("fm1", "fm1.on")
        main_off: list[Span] = []
        reserve: list[Span] = []
        for start, finish in trips:
            main_off.append((start, finish))
            if random.random() < 0.5 and finish - start > 8 * SECOND + shortest:
                overlap = random.randrange(3 * SECOND)
                reserve.append((start + 8 * SECOND, finish + overlap))
        for at in self.moments(self.pace.changeovers):
            lasts = shortest + 1 + random.randrange(120 * SECOND)
            overlap = random.randrange(3 * SECOND)
            span = (at - 2 * shortest - 10 * SECOND, at + lasts + 2 * shortest + 10 * SECOND)
            if any(a < span[1] and span[0] < b for a, b in main_off) or span[1] >= self.facts.end:
                continue
            main_off.append((at, at + lasts))
            reserve.append((at - overlap, at + lasts + overlap))
            self.facts.changeovers += 1
        if "fm1" not in self.short:
            reserve = _apart(reserve, shortest)
        first, second = inverted(pulses(main_off)), pulses(reserve)
        off = intervals_where(
            either(first, second), lambda on: not on, self.facts.begin, self.facts.end
        )
        for span in trips:
            spans = [
                (max(a, span[0]), min(b, span[1])) for a, b in off if a < span[1] and span[0] < b
            ]
            if spans:
                first_place, *more = dict.fromkeys(
                    FM_PLACES["fm2" if second.at(begin - 1) else "fm1"] for begin, _ in spans
                )
                names = {"also": tuple(more), "where_hidden": (FM_BOTH,)}
                self.inject("trip", first_place, span, ("fm",), *spans, **names)
        self._transmitters(first, second, pulses(trips))
        return first, second

    def _transmitters(
        self, first: Signal[bool], second: Signal[bool], tripped: Signal[bool]
    ) -> None:
        """Add both transmitters; the reserve has faults of its own while it is idle."""
        random, shortest = self.random, self.conditions["fm1.on"].shortest
        broken = [
            (at, at + shortest + 20 * SECOND + random.randrange(600 * SECOND))
            for at in self.moments(self.pace.faults / 2)
        ]
        idle = [
            span
            for span in _apart(broken, shortest)
            if not intervals_where(second, bool, span[0] - shortest, span[1] + shortest)
        ]
        failed = pulses(idle)
        # One carries and the other could not take over.
        lost_main = both(both(first, inverted(second)), failed)
        lost_reserve = both(both(second, inverted(first)), tripped)
        lost = either(lost_main, lost_reserve)
        known = ReserveFacts("fm", "reserve_lost", ("fm1", "fm2"), shortest, lost)
        self.facts.reserves.append(known)
        for name, carrier, fault in (("fm1", first, tripped), ("fm2", second, failed)):
            phase = random.randrange(CACHE)
            self.add_device(name, cached(carrier, CACHE, phase), cached(fault, CACHE, phase))

    def _unseen(self, carriers: tuple[Signal[bool], Signal[bool]]) -> None:
        """Note when nothing could show whether a programme is on the air."""
        silent, facts = self.facts.silent, self.facts
        first, second = carriers
        # A transmitter that is silent may be the one that carries, unless another is seen to.
        seen = either(both(first, inverted(silent["fm1"])), both(second, inverted(silent["fm2"])))
        hidden = both(either(silent["fm1"], silent["fm2"]), inverted(seen))
        facts.unseen["fm"] = either(silent["io"], hidden)
        facts.unseen["tv"] = silent["tv"]
        known = self.conditions
        facts.blind_by = {
            "fm": (known["io.sound"], known["fm1.on"]),
            "tv": (known["tv.on"],),
            **dict.fromkeys(SERVICES, (known["mux.out_m1"], known["dtx.on"])),
        }
        for name in SERVICES:
            facts.unseen[name] = either(silent["mux"], silent["dtx"])


LONG_STOPS = (30 * SECOND, 200 * SECOND)
"""Long enough for the computer to start."""
STOPS = (100 * MS, SECOND, 3 * SECOND, *LONG_STOPS)
RESTARTS = ("lost_tick", "before_sending", "in_flight", "clean", "clean")
"""How monitord ends: its last tick not committed; committed and nothing sent; sent and no outcome
noted; asked to."""


def _reloads(drawn: _Draw, plant: SimPlant) -> tuple[Reload, ...]:
    """Draw reloads, half of them close behind a change."""
    moments = drawn.moments(drawn.pace.reloads)
    changes = [at for d in plant.devices for r in d.reported for at in r.times]
    count = min(len(moments) // 2, len(changes))
    near = [at + drawn.random.randrange(20 * SECOND) for at in drawn.random.sample(changes, count)]
    moments = sorted({*moments[count:], *near})
    return draw_reloads(drawn.random, [at for at in moments if plant.begin < at < plant.end])


def _set_clock(drawn: _Draw, plant: SimPlant) -> None:
    facts, starts = drawn.facts, [(a, b) for a, b, _ in plant.restarts]
    clock = draw_clock(drawn.random, facts.begin, facts.end, starts, boots=True)
    facts.boots, facts.clock_alarms, facts.clock_trusts = clock.boots, clock.alarms, clock.trusts
    plant.clock = clock


def _restarts(drawn: _Draw, plant: SimPlant) -> tuple[tuple[int, int, str], ...]:
    random, found = drawn.random, []
    moments = drawn.moments(drawn.pace.restarts)
    # Half of them fall where it hurts: close behind a change.
    changes = [at for d in plant.devices for r in d.reported for at in r.times]
    count = min(len(moments), len(changes) // 3)
    near = [at + random.randrange(20 * SECOND) for at in random.sample(changes, count)]
    long = drawn.moments(drawn.pace.boots)
    free_from = plant.begin + 10 * SECOND
    for at in sorted([*moments, *near, *long]):
        if at < free_from or at > plant.end - 700 * SECOND:
            continue
        down = random.choice(LONG_STOPS if at in long else STOPS)
        found.append((at, at + down, random.choice(RESTARTS)))
        free_from = at + down + 2 * SECOND
    return tuple(found)


def _apart(intervals: list[Span], shortest: int) -> list[Span]:
    """Join intervals whose gap would be shorter than can surely be seen."""
    joined: list[Span] = []
    for start, finish in sorted(intervals):
        if joined and start - joined[-1][1] <= shortest:
            joined[-1] = (joined[-1][0], max(joined[-1][1], finish))
        else:
            joined.append((start, finish))
    return joined
