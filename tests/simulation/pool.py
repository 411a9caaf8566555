"""Two transmitters that share one reserve behind a matrix: it carries one programme at a time.

The reserve takes over or does not, breaks while it is idle, and is used by one programme while the
other has none left. Pure.
"""

from __future__ import annotations

from random import Random

from monitord.core.expression import All, Expression, Name
from monitord.core.model import Layer
from monitord.core.plan import Elsewhere, FaultPlan, MemberPlan, ProgrammePlan, StagePlan
from simulators.plant.signals import Signal, both, either, intervals_where, inverted, pulses
from tests.simulation.added import Added, condition_facts, device_plan
from tests.simulation.facts import (
    MINUTE,
    SECOND,
    Facts,
    FaultFacts,
    GearFacts,
    PlaceFacts,
    ProgrammeFacts,
    ReserveFacts,
    Span,
)
from tests.simulation.lines import Lines, Pace, SimDevice

OWN = {"na": "xa", "nb": "xb"}
"""By programme, its own transmitter."""
TO = {"na": "to_a", "nb": "to_b"}
"""By programme, the position of the matrix in which the reserve carries it."""
OTHER = {"na": "nb", "nb": "na"}
RESERVE, MATRIX, STAGE = "xr", "mx", "transmitters"
CHANGES_WITHIN = 8 * SECOND
SEEN_WITHIN = 10 * SECOND
"""What the reserve did so shortly before may be all that is known of it."""
LOST = FaultFacts("minor", 10 * SECOND, 30 * SECOND)
PROGRAMMES = {
    name: ProgrammeFacts(
        name,
        rank,
        FaultFacts("critical", 0, 30 * SECOND),
        FaultFacts("major", MINUTE, 30 * SECOND),
        LOST,
    )
    for name, rank in (("na", 9), ("nb", 10))
}
SENDS = {"on": ("no_carrier", Layer.EMISSION), "well": ("", Layer.EQUIPMENT)}
DEVICES = (
    *(device_plan(name, SENDS) for name in (*OWN.values(), RESERVE)),
    device_plan(MATRIX, dict.fromkeys(TO.values(), ("no_carrier", Layer.EMISSION))),
)
WAYS = condition_facts(DEVICES, partners=2)


def _by_reserve(programme: str) -> Expression:
    return All((Name(f"{RESERVE}.on"), Name(f"{MATRIX}.{TO[programme]}")))


def _programme(facts: ProgrammeFacts) -> ProgrammePlan:
    own, other = OWN[facts.id], OTHER[facts.id]
    members = (
        MemberPlan(own, Name(f"{own}.on"), Name(f"{own}.well")),
        MemberPlan(
            RESERVE,
            _by_reserve(facts.id),
            Name(f"{RESERVE}.well"),
            (Elsewhere(other, _by_reserve(other)),),
        ),
    )
    off_air, blind, lost = (
        FaultPlan(f.open_after, f.clear_after, f.severity)
        for f in (facts.off_air, facts.blind, facts.reserve_lost)
    )
    stage = StagePlan(STAGE, "own", Layer.EMISSION, members=members)
    return ProgrammePlan(
        facts.id, (stage,), off_air, blind, lost, rank=facts.rank, reserve_used=lost
    )


ADDED = Added(DEVICES, tuple(_programme(facts) for facts in PROGRAMMES.values()))


def places_of(programme: str) -> tuple[str, ...]:
    """Return how an outage may be named: by its own transmitter, and by other ways with it."""
    own = OWN[programme]
    ways = (own,), (MATRIX, own), (MATRIX, own, RESERVE), (own, RESERVE)
    return tuple(f"{'+'.join(devices)}/{STAGE}" for devices in ways)


def draw_pool(random: Random, facts: Facts, pace: Pace, *, short: bool) -> tuple[SimDevice, ...]:
    """Draw it, note its truth in ``facts``, and return the devices."""
    return _Pool(random, facts, pace, short=short).draw()


class _Pool(Lines):
    """All of it being drawn. ``serves``: when the reserve carries each programme."""

    def __init__(self, random: Random, facts: Facts, pace: Pace, *, short: bool) -> None:
        lines = {own: (programme,) for programme, own in OWN.items()}
        drawn_short = frozenset(lines if short else ())
        super().__init__(random, pace, facts, WAYS, programmes_of=lines, short=drawn_short)
        self.serves: dict[str, list[Span]] = {name: [] for name in OWN}
        self.shortest = max(way.shortest for way in WAYS.values())

    def draw(self) -> tuple[SimDevice, ...]:
        trips = {name: self.line(own, f"{own}.on") for name, own in OWN.items()}
        self._takes_over(trips)
        carriers = {name: inverted(pulses(spans)) for name, spans in trips.items()}
        serves = {name: pulses(spans) for name, spans in self.serves.items()}
        reserve = either(*serves.values())
        broken = pulses(self._broken(reserve))
        for name, own in OWN.items():
            self.add_device(own, carriers[name], carriers[name])
        self.add_device(RESERVE, reserve, inverted(broken))
        self.add_device(MATRIX, *serves.values())
        devices = tuple(self.devices)
        self.facts.programmes |= PROGRAMMES
        by_reserve = {name: (f"{RESERVE}.on", f"{MATRIX}.{TO[name]}") for name in OWN}
        self.facts.gear |= {
            RESERVE: GearFacts(f"{RESERVE}.on", by_reserve, f"{RESERVE}.well"),
            **{
                own: GearFacts(f"{own}.on", {name: (f"{own}.on",)}, f"{own}.well")
                for name, own in OWN.items()
            },
        }
        self.facts.lags |= {name: way.lag for name, way in WAYS.items()}
        self.facts.watched |= WAYS
        self.facts.silent |= {device.id: device.silent for device in devices}
        for name in OWN:
            self._note(name, carriers[name], serves, broken)
            self._inject(name, trips[name], serves)
        return devices

    def _takes_over(self, trips: dict[str, list[Span]]) -> None:
        """Draw when the reserve serves whom: it is free again for a while between two uses."""
        random, free_from = self.random, 0
        for begin, end, name in sorted((a, b, n) for n, spans in trips.items() for a, b in spans):
            start = begin + CHANGES_WITHIN + random.randrange(20 * SECOND)
            stop = end + random.randrange(3 * SECOND)
            is_long = stop - start > self.shortest
            if start > free_from and is_long and random.random() < 0.6:
                self.serves[name].append((start, stop))
                free_from = stop + self.shortest

    def _broken(self, reserve: Signal[bool]) -> list[Span]:
        """Return when the reserve is broken: only while it is idle, and for a while around that."""
        random, shortest = self.random, self.shortest
        found: list[Span] = []
        for at in self.moments(self.pace.faults / 2):
            span = at, at + shortest + 20 * SECOND + random.randrange(600 * SECOND)
            is_idle = not intervals_where(reserve, bool, span[0] - shortest, span[1] + shortest)
            if is_idle and (not found or span[0] > found[-1][1] + shortest):
                found.append(span)
        return found

    def _note(
        self, name: str, own: Signal[bool], serves: dict[str, Signal[bool]], broken: Signal[bool]
    ) -> None:
        """Note what is true of one programme."""
        facts, mine, others = self.facts, serves[name], serves[OTHER[name]]
        device = OWN[name]
        facts.on_air[name] = either(own, mine)
        dark = {one: facts.silent[one] for one in (device, RESERVE, MATRIX)}
        seen = {one: inverted(silent) for one, silent in dark.items()}
        by_reserve = both(mine, both(seen[RESERVE], seen[MATRIX]))
        seen_on = either(both(own, seen[device]), by_reserve)
        # The reserve is seen not to carry it by either of both.
        idle = both(inverted(either(mine, others)), seen[RESERVE])
        not_by_reserve = either(idle, both(inverted(mine), seen[MATRIX]))
        seen_off = both(both(inverted(own), seen[device]), not_by_reserve)
        facts.unseen[name] = inverted(either(seen_on, seen_off))
        facts.blind_by[name] = tuple(
            WAYS[way] for way in (f"{device}.on", f"{RESERVE}.on", f"{MATRIX}.{TO[name]}")
        )
        alone = both(own, inverted(mine))
        devices = tuple(dark)
        lost = either(both(alone, broken), both(mine, inverted(own)))
        facts.reserves += [
            ReserveFacts(name, "reserve_used", devices, self.shortest, both(alone, others)),
            ReserveFacts(name, "reserve_lost", devices, self.shortest, lost),
        ]

    def _inject(self, name: str, trips: list[Span], serves: dict[str, Signal[bool]]) -> None:
        """Name each trip by what its reserve did, and note when it took its programme off."""
        devices = OWN[name], RESERVE, MATRIX
        way = WAYS[f"{OWN[name]}.on"]
        places = places_of(name)
        self.facts.places |= {place: PlaceFacts(place, way, devices) for place in places}
        off = inverted(self.facts.on_air[name])
        for span in trips:
            spans = tuple(intervals_where(off, bool, *span))
            if not spans:
                continue
            # One that was in use just before may be taken to have fallen with the trip.
            near = span[0] - SEEN_WITHIN, span[0]
            was_used = intervals_where(either(*serves.values()), bool, *near)
            names = {"also": places[1:]} if was_used else {"where_hidden": places[1:2]}
            self.inject("trip", places[0], span, (name,), *spans, **names)
