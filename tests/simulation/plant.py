"""The simulated site: true signals, what its agents report of them, and when they do not answer.

Pure: everything is drawn from one random generator before the run begins. Times in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from monitord.core.expression import AnyOf, Name, Not
from monitord.core.model import HOUR, SECOND, Layer
from monitord.core.plan import (
    ConditionPlan,
    DevicePlan,
    FaultPlan,
    MemberPlan,
    PersonPlan,
    Plan,
    PointPlan,
    ProgrammePlan,
    StagePlan,
)
from simulators.plant.signals import Signal, both, cached, held, inverted, pulses

MS = SECOND // 1000


@dataclass(frozen=True)
class SimDevice:
    """One device: ``slot`` and ``deadline`` of its poll, its reported values in point order."""

    id: str
    slot: int
    deadline: int
    reported: tuple[Signal[bool], ...]
    silent: Signal[bool]


@dataclass
class SimPlant:
    """The whole site over ``[begin, end)``; ``on_air`` is what the audience truly receives."""

    plan: Plan
    devices: tuple[SimDevice, ...]
    on_air: dict[str, Signal[bool]]
    begin: int
    end: int
    faults: int = 0
    changeovers: int = 0
    restarts: tuple[tuple[int, int, str], ...] = ()
    clock_steps: tuple[tuple[int, int], ...] = ()
    honest: bool = True


HOLD_TRUE, HOLD_FALSE = 10 * SECOND, 2 * SECOND
"""The silence detector says silent after 10 s of it, and sound again after 2 s."""
CACHE = 2 * SECOND
"""The transmitters' agents look at their values every 2 s."""


def _device(name: str, slot: int, condition: ConditionPlan, point: PointPlan) -> DevicePlan:
    return DevicePlan(name, (point,), (condition,), slot, slot * 8 // 10)


def _condition(name: str, slot: int, layer: Layer, lags: tuple[int, int]) -> ConditionPlan:
    bound = 2 * slot + slot * 8 // 10
    reason = "silence" if layer is Layer.CONTENT else "no_carrier"
    statement = Not(Name("p")) if layer is Layer.CONTENT else Name("p")
    device = name.partition(".")[0]
    return ConditionPlan(name, device, layer, reason, statement, *lags, bound)


def build_plan() -> Plan:
    """Return one radio programme with a reserve transmitter, and one television programme."""
    fast, slow = SECOND, 5 * SECOND
    devices = [
        _device(
            name,
            fast,
            _condition(f"{name}.on", fast, Layer.EMISSION, (CACHE, CACHE)),
            PointPlan("p", agent_refresh_max=CACHE),
        )
        for name in ("fm1", "fm2")
    ]
    sound = _condition("io.sound", fast, Layer.CONTENT, (HOLD_TRUE, HOLD_FALSE))
    devices.append(_device("io", fast, sound, PointPlan("p", 0, HOLD_TRUE, HOLD_FALSE)))
    devices.append(
        _device("tv", slow, _condition("tv.on", slow, Layer.EMISSION, (0, 0)), PointPlan("p"))
    )
    faults = (
        FaultPlan(0, 30 * SECOND, "critical"),
        FaultPlan(60 * SECOND, 30 * SECOND, "major"),
        FaultPlan(10 * SECOND, 30 * SECOND, "minor"),
    )
    members = tuple(
        MemberPlan(name, Name(f"{name}.on"), AnyOf((Name(f"{name}.on"),)))
        for name in ("fm1", "fm2")
    )
    chain = (
        StagePlan("studio", "own", Layer.CONTENT, needs=Name("io.sound")),
        StagePlan("transmitter", "own", Layer.EMISSION, members=members),
    )
    television = (StagePlan("transmitter", "own", Layer.EMISSION, needs=Name("tv.on")),)
    return Plan(
        "hill",
        tuple(devices),
        (ProgrammePlan("fm", chain, *faults), ProgrammePlan("tv", television, *faults)),
        (
            PersonPlan("desk", ("lamp", "phone"), (("critical", 3 * SECOND),)),
            PersonPlan("leader", ("phone",), (("critical", 60 * SECOND), ("major", 300 * SECOND))),
        ),
    )


def shortest_seen(plan: Plan, device: str) -> int:
    """Return what a state must last longer than to be surely seen: bound plus widest evidence."""
    found = next(d for d in plan.devices if d.id == device)
    return max(c.bound + found.deadline + max(c.true_lag, c.false_lag) for c in found.conditions)


def draw(seed: int, hours: float, *, honest: bool) -> SimPlant:
    """Draw a site with faults, repairs, silences, changeovers, restarts and clock steps.

    ``honest``: every state of every condition lasts longer than ``shortest_seen``.
    """
    random = Random(seed)
    plan = build_plan()
    begin = 1_700_000_000 * SECOND + random.randrange(3600) * SECOND
    plant = SimPlant(plan, (), {}, begin, begin + int(hours * HOUR), honest=honest)
    off = {
        name: _bad_intervals(random, plant, shortest_seen(plan, name), honest=honest)
        for name in ("io", "tv", "fm1")
    }
    first, second = _transmitters(random, plant, off["fm1"], honest=honest)
    sound = inverted(pulses(off["io"]))
    tv = inverted(pulses(off["tv"]))
    plant.devices = (
        _sim_device(random, plant, "fm1", cached(first, CACHE, random.randrange(CACHE))),
        _sim_device(random, plant, "fm2", cached(second, CACHE, random.randrange(CACHE))),
        _sim_device(random, plant, "io", held(inverted(sound), HOLD_TRUE, HOLD_FALSE)),
        _sim_device(random, plant, "tv", tv),
    )
    carrier = first.combine(second, lambda a, b: a or b)
    plant.on_air = {"fm": both(sound, carrier), "tv": tv}
    plant.restarts = _restarts(random, plant)
    plant.clock_steps = tuple(
        (at, random.choice((-1, 1)) * random.choice((200 * MS, 3 * SECOND, HOUR)))
        for at in _moments(random, plant, per_hour=0.2)
    )
    return plant


def _moments(random: Random, plant: SimPlant, *, per_hour: float) -> list[int]:
    count = max(1, int((plant.end - plant.begin) / HOUR * per_hour))
    return sorted(random.randrange(plant.begin + 60 * SECOND, plant.end) for _ in range(count))


def _duration(random: Random, shortest: int, *, honest: bool) -> int:
    if not honest and random.random() < 0.5:
        return random.randrange(100 * MS, shortest)
    scale = random.choice((SECOND, 10 * SECOND, 60 * SECOND, 600 * SECOND))
    return shortest + 1 + random.randrange(scale)


def _bad_intervals(
    random: Random, plant: SimPlant, shortest: int, *, honest: bool
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    free_from = plant.begin + 60 * SECOND
    for at in _moments(random, plant, per_hour=1.2):
        start = max(at, free_from)
        finish = start + _duration(random, shortest, honest=honest)
        if finish >= plant.end - 600 * SECOND:
            continue
        found.append((start, finish))
        # Flapping is drawn too: the next fault may come as soon as the good state may end.
        calm = shortest + 1 if random.random() < 0.2 else 60 * SECOND
        free_from = finish + (calm if honest else random.randrange(100 * MS, calm + 200 * MS))
    plant.faults += len(found)
    return found


def _transmitters(
    random: Random, plant: SimPlant, trips: list[tuple[int, int]], *, honest: bool
) -> tuple[Signal[bool], Signal[bool]]:
    """Return both carriers: trips with an automatic changeover or none, clean ones by hand."""
    shortest = shortest_seen(plant.plan, "fm1")
    reserve: list[tuple[int, int]] = []
    main_off: list[tuple[int, int]] = []
    for start, finish in trips:
        takes_over = random.random() < 0.5 and finish - start > 8 * SECOND + shortest
        main_off.append((start, finish))
        if takes_over:
            overlap = random.randrange(3 * SECOND)
            reserve.append((start + 8 * SECOND, finish + overlap))
    for at in _moments(random, plant, per_hour=0.7):
        lasts = shortest + 1 + random.randrange(120 * SECOND)
        overlap = random.randrange(3 * SECOND)
        span = (at - 2 * shortest - 10 * SECOND, at + lasts + 2 * shortest + 10 * SECOND)
        if any(a < span[1] and span[0] < b for a, b in main_off) or span[1] >= plant.end:
            continue
        main_off.append((at, at + lasts))
        reserve.append((at - overlap, at + lasts + overlap))
        plant.changeovers += 1
    if honest:
        reserve = _apart(reserve, shortest)
    return inverted(pulses(main_off)), pulses(reserve)


def _apart(intervals: list[tuple[int, int]], shortest: int) -> list[tuple[int, int]]:
    """Join intervals whose gap would be shorter than can surely be seen."""
    joined: list[tuple[int, int]] = []
    for start, finish in sorted(intervals):
        if joined and start - joined[-1][1] <= shortest:
            joined[-1] = (joined[-1][0], max(joined[-1][1], finish))
        else:
            joined.append((start, finish))
    return joined


def _sim_device(random: Random, plant: SimPlant, name: str, reported: Signal[bool]) -> SimDevice:
    plan = next(d for d in plant.plan.devices if d.id == name)
    away = [
        (at, at + random.choice((2, 5, 20, 300)) * SECOND + random.randrange(SECOND))
        for at in _moments(random, plant, per_hour=0.5)
    ]
    # Some silences hide a whole change and its reversal: the worst that silence can do.
    for start, finish in pairwise(reported.times):
        if finish - start < 900 * SECOND and random.random() < 0.1:
            away.append((start - random.randrange(30 * SECOND), finish + 5 * SECOND))
    return SimDevice(name, plan.slot, plan.deadline, (reported,), pulses(away))


RESTARTS = ("lost_tick", "before_sending", "in_flight", "clean", "clean")
"""How monitord ends: its last tick not committed; committed and nothing sent; sent and no outcome
noted; asked to."""


def _restarts(random: Random, plant: SimPlant) -> tuple[tuple[int, int, str], ...]:
    found: list[tuple[int, int, str]] = []
    moments = _moments(random, plant, per_hour=0.8)
    # Half of them fall where it hurts: close behind a change.
    changes = [at for d in plant.devices for r in d.reported for at in r.times]
    near = [at + random.randrange(20 * SECOND) for at in random.sample(changes, len(changes) // 3)]
    free_from = plant.begin + 10 * SECOND
    for at in sorted([*moments, *near]):
        if at < free_from or at > plant.end - 700 * SECOND:
            continue
        down = random.choice((100 * MS, SECOND, 3 * SECOND, 30 * SECOND, 200 * SECOND))
        found.append((at, at + down, random.choice(RESTARTS)))
        free_from = at + down + 2 * SECOND
    return tuple(found)
