"""The simulated site as configured: the plan for the core, and the same in plain facts.

A radio programme with a reserve transmitter, a television programme on one transmitter with its
exciter, and a multiplex of five programmes: an encoder each, one multiplexer, one transmitter.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.expression import AnyOf, Compare, Expression, Name, Not, Number
from monitord.core.model import Layer
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
from tests.simulation.facts import (
    MINUTE,
    SECOND,
    ConditionFacts,
    FaultFacts,
    GearFacts,
    PersonFacts,
    PlaceFacts,
    ProgrammeFacts,
)
from tests.simulation.setups import LEAST_POWER_W, Setup

HOLD_TRUE, HOLD_FALSE = 10 * SECOND, 2 * SECOND
"""The silence detector says silent after 10 s of it, and sound again after 2 s."""
CACHE = 2 * SECOND
"""The transmitters' agents look at their values every 2 s."""
SERVICES = ("m1", "m2", "m3", "m4", "m5")
FM_PLACES = {name: f"{name}/transmitter" for name in ("fm1", "fm2")}
FM_BOTH = "fm1+fm2/transmitter"
"""What it is called where nobody saw which of both carried before."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A device as it is polled: the points it reports and the conditions over them."""

    device: str
    slot: int
    points: tuple[PointPlan, ...]
    conditions: tuple[tuple[str, Layer, str, Expression, tuple[int, int]], ...]


def _plain(*names: str) -> tuple[PointPlan, ...]:
    return tuple(PointPlan(name) for name in names)


def _at_least(watts: int) -> Expression:
    return Compare(">=", Name("p"), Number(watts))


def _carrier(name: str) -> Watch:
    points = (PointPlan("p", agent_refresh_max=CACHE), PointPlan("fault", agent_refresh_max=CACHE))
    lags = (CACHE, CACHE)
    conditions = (
        ("on", Layer.EMISSION, "no_carrier", Name("p"), lags),
        ("well", Layer.EQUIPMENT, "", Not(Name("fault")), lags),
    )
    return Watch(name, SECOND, points, conditions)


WATCHES = (
    _carrier("fm1"),
    _carrier("fm2"),
    Watch(
        "io",
        SECOND,
        (PointPlan("p", 0, HOLD_TRUE, HOLD_FALSE),),
        (("sound", Layer.CONTENT, "silence", Not(Name("p")), (HOLD_TRUE, HOLD_FALSE)),),
    ),
    Watch(
        "tv",
        5 * SECOND,
        _plain("exciter", "p"),
        (
            ("exciter_ok", Layer.EMISSION, "no_carrier", Name("exciter"), (0, 0)),
            ("on", Layer.EMISSION, "no_carrier", Name("p"), (0, 0)),
        ),
    ),
    Watch(
        "enc",
        SECOND,
        _plain(*SERVICES),
        tuple((f"in_{s}", Layer.SERVICE, "no_service", Name(s), (0, 0)) for s in SERVICES),
    ),
    Watch(
        "mux",
        SECOND,
        _plain(*SERVICES),
        tuple((f"out_{s}", Layer.SERVICE, "no_service", Name(s), (0, 0)) for s in SERVICES),
    ),
    Watch(
        "dtx",
        2 * SECOND,
        _plain("p"),
        (("on", Layer.EMISSION, "no_carrier", _at_least(LEAST_POWER_W[0]), (0, 0)),),
    ),
)
STRICT = Watch(
    "dtx",
    2 * SECOND,
    _plain("p"),
    (("on", Layer.EMISSION, "no_carrier", _at_least(LEAST_POWER_W[1]), (0, 0)),),
)


WORSE_WHEN_TRUE = ("io.sound", "fm1.well", "fm2.well")
"""Conditions that are true where the point that they are read from is not."""
SENDERS = {
    **{n: GearFacts(f"{n}.on", {"fm": (f"{n}.on",)}, f"{n}.well") for n in ("fm1", "fm2")},
    "tv": GearFacts("tv.on", {"tv": ("tv.on",)}),
    "dtx": GearFacts("dtx.on", dict.fromkeys(SERVICES, ("dtx.on",))),
}


def deadline_of(slot: int) -> int:
    """Return the deadline of a poll: eight tenths of its slot."""
    return slot * 8 // 10


def bound_of(slot: int) -> int:
    """Return the continuity bound."""
    return 2 * slot + deadline_of(slot)


PROGRAMMES = {
    "fm": ProgrammeFacts(
        "fm",
        2,
        FaultFacts("critical", 0, 30 * SECOND),
        FaultFacts("major", MINUTE, 30 * SECOND),
        FaultFacts("minor", 10 * SECOND, 30 * SECOND),
    ),
    "tv": ProgrammeFacts(
        "tv",
        3,
        FaultFacts("critical", 0, 30 * SECOND),
        FaultFacts("major", MINUTE, 30 * SECOND),
        FaultFacts("minor", 10 * SECOND, 30 * SECOND),
    ),
    **{
        name: ProgrammeFacts(
            name,
            rank,
            FaultFacts(severity, 0, 30 * SECOND),
            FaultFacts("major", MINUTE, 30 * SECOND),
            FaultFacts("minor", 10 * SECOND, 30 * SECOND),
        )
        for name, rank, severity in zip(
            SERVICES, (3, 0, 1, 2, 3), ("minor", "critical", "major", "minor", "major"), strict=True
        )
    },
}
PEOPLE = (
    PersonFacts("desk", {"critical": 3 * SECOND, "major": 20 * SECOND, "minor": MINUTE}),
    PersonFacts("leader", {"critical": MINUTE, "major": 5 * MINUTE, "minor": 10 * MINUTE}),
)
CHANNELS = {"desk": ("lamp", "phone"), "leader": ("phone", "mail")}


def condition_facts() -> dict[str, ConditionFacts]:
    """Return how each condition is watched, by id."""
    return {
        f"{watch.device}.{name}": ConditionFacts(
            f"{watch.device}.{name}",
            watch.device,
            watch.slot,
            deadline_of(watch.slot),
            max(lags),
            bound_of(watch.slot),
            partners=int(watch.device in ("fm1", "fm2")),
        )
        for watch in WATCHES
        for name, _, _, _, lags in watch.conditions
    }


def place_facts() -> dict[str, PlaceFacts]:
    """Return every place where a programme of the site can break."""
    known = condition_facts()
    places = [
        PlaceFacts("io/studio", known["io.sound"], ("io",)),
        *(
            PlaceFacts(place, known["fm1.on"], ("fm1", "fm2"))
            for place in (*FM_PLACES.values(), FM_BOTH)
        ),
        PlaceFacts("tv/exciter", known["tv.exciter_ok"], ("tv",)),
        PlaceFacts("tv/transmitter", known["tv.on"], ("tv",)),
        PlaceFacts("tv/sender", known["tv.on"], ("tv",)),
        PlaceFacts("mux/multiplexer", known["mux.out_m1"], ("mux",)),
        PlaceFacts("dtx/transmitter", known["dtx.on"], ("dtx",)),
        *(
            PlaceFacts(f"enc/encoder_{s}", known[f"enc.in_{s}"], ("enc",), ("mux/multiplexer",))
            for s in SERVICES
        ),
    ]
    return {place.place: place for place in places}


def build_plan(setup: Setup) -> Plan:
    """Return the plan of the site for the core, in one of its configurations."""
    watches = [STRICT if setup.strict and watch.device == "dtx" else watch for watch in WATCHES]
    return Plan(
        "hill",
        tuple(_device(watch) for watch in watches if watch.device in setup.devices),
        tuple(_programme(name, setup) for name in PROGRAMMES if setup.has(name)),
        tuple(
            PersonPlan(person.id, CHANNELS[person.id], tuple(person.tell_after.items()))
            for person in PEOPLE
        ),
    )


def _device(watch: Watch) -> DevicePlan:
    conditions = tuple(
        ConditionPlan(
            f"{watch.device}.{name}",
            watch.device,
            layer,
            reason,
            statement,
            *lags,
            bound_of(watch.slot),
        )
        for name, layer, reason, statement, lags in watch.conditions
    )
    return DevicePlan(watch.device, watch.points, conditions, watch.slot, deadline_of(watch.slot))


def _programme(name: str, setup: Setup) -> ProgrammePlan:
    facts = PROGRAMMES[name]
    faults = (
        FaultPlan(f.open_after, f.clear_after, f.severity)
        for f in (facts.off_air, facts.blind, facts.reserve_lost)
    )
    return ProgrammePlan(name, _chain(name, setup), *faults, rank=facts.rank)


def _chain(name: str, setup: Setup) -> tuple[StagePlan, ...]:
    own, emission, service = "own", Layer.EMISSION, Layer.SERVICE
    if name == "fm":
        members = tuple(
            MemberPlan(device, Name(f"{device}.on"), AnyOf((Name(f"{device}.well"),)))
            for device in ("fm1", "fm2")
        )
        return (
            StagePlan("studio", own, Layer.CONTENT, needs=Name("io.sound")),
            StagePlan("transmitter", own, emission, members=members),
        )
    if name == "tv":
        return (
            StagePlan("exciter", own, emission, needs=Name("tv.exciter_ok")),
            StagePlan(setup.tv_stage, own, emission, needs=Name("tv.on")),
        )
    encoder = StagePlan(f"encoder_{name}", "provider", service, needs=Name(f"enc.in_{name}"))
    return (
        *((encoder,) if setup.encoders else ()),
        StagePlan("multiplexer", own, service, needs=Name(f"mux.out_{name}")),
        StagePlan("transmitter", own, emission, needs=Name("dtx.on")),
    )
