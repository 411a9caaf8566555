"""A transmitter that lowers its power now and then and stays on the air: degraded, not off.

Pure. Its agent is silent now and then, and its trips take it off whatever the power was before.
"""

from __future__ import annotations

from random import Random

from monitord.core.expression import Name, Not
from monitord.core.model import Layer
from monitord.core.plan import DegradedPlan, FaultPlan, ProgrammePlan, StagePlan
from simulators.plant.signals import both, inverted, pulses
from tests.simulation.added import Added, condition_facts, device_plan
from tests.simulation.facts import (
    MINUTE,
    SECOND,
    DegradedFacts,
    Facts,
    FaultFacts,
    GearFacts,
    PlaceFacts,
    ProgrammeFacts,
    Span,
)
from tests.simulation.lines import Lines, Pace, SimDevice

PROGRAMME, SENDER = "la", "lt"
PLACE = f"{SENDER}/transmitter"
LOWERED_AN_HOUR = 2.0
LASTS = (8 * SECOND, 60 * SECOND, 200 * SECOND, 1200 * SECOND)
DEGRADED = FaultFacts("minor", 20 * SECOND, 30 * SECOND)
KNOWN = ProgrammeFacts(
    PROGRAMME,
    8,
    FaultFacts("major", 0, 30 * SECOND),
    FaultFacts("major", MINUTE, 30 * SECOND),
    FaultFacts("minor", 10 * SECOND, 30 * SECOND),
)
DEVICES = (
    device_plan(SENDER, {"on": ("no_carrier", Layer.EMISSION), "full": ("", Layer.EQUIPMENT)}),
)
_STAGE = StagePlan(
    "transmitter",
    "own",
    Layer.EMISSION,
    needs=Name(f"{SENDER}.on"),
    degraded=(DegradedPlan(Not(Name(f"{SENDER}.full")), "reduced_power"),),
)
_OFF_AIR, _BLIND, _RESERVE_LOST, _DEGRADED = (
    FaultPlan(f.open_after, f.clear_after, f.severity)
    for f in (KNOWN.off_air, KNOWN.blind, KNOWN.reserve_lost, DEGRADED)
)
ADDED = Added(
    DEVICES,
    (
        ProgrammePlan(
            PROGRAMME, (_STAGE,), _OFF_AIR, _BLIND, _RESERVE_LOST, _DEGRADED, rank=KNOWN.rank
        ),
    ),
)


def draw_lowered(random: Random, facts: Facts, pace: Pace, *, short: bool) -> tuple[SimDevice, ...]:
    """Draw the transmitter, note its truth in ``facts``, and return its device."""
    return _Lowered(random, facts, pace, short=short).draw()


class _Lowered(Lines):
    """The transmitter being drawn."""

    def __init__(self, random: Random, facts: Facts, pace: Pace, *, short: bool) -> None:
        lines = {SENDER: (PROGRAMME,)}
        drawn_short = frozenset(lines if short else ())
        known = condition_facts(DEVICES)
        super().__init__(random, pace, facts, known, programmes_of=lines, short=drawn_short)

    def draw(self) -> tuple[SimDevice, ...]:
        facts, known = self.facts, self.conditions
        trips = self.line(SENDER, f"{SENDER}.on")
        for span in trips:
            self.inject("trip", PLACE, span, (PROGRAMME,))
        carrier = inverted(pulses(trips))
        lowered = pulses(self._lowered())
        self.add_device(SENDER, carrier, both(carrier, inverted(lowered)))
        facts.programmes[PROGRAMME] = KNOWN
        facts.gear[SENDER] = GearFacts(f"{SENDER}.on", {PROGRAMME: (f"{SENDER}.on",)})
        facts.lags |= {name: condition.lag for name, condition in known.items()}
        facts.watched |= known
        facts.places[PLACE] = PlaceFacts(PLACE, known[f"{SENDER}.on"], (SENDER,))
        facts.silent |= {device.id: device.silent for device in self.devices}
        facts.on_air[PROGRAMME] = carrier
        facts.unseen[PROGRAMME] = facts.silent[SENDER]
        facts.blind_by[PROGRAMME] = (known[f"{SENDER}.on"],)
        facts.degraded[PROGRAMME] = DegradedFacts(DEGRADED, both(carrier, lowered), (SENDER,))
        return tuple(self.devices)

    def _lowered(self) -> list[Span]:
        """Return when the power is lowered: between two times it is full for long enough."""
        random, shortest, found = self.random, self.conditions[f"{SENDER}.full"].shortest, []
        free_from = self.facts.begin
        for at in self.moments(LOWERED_AN_HOUR):
            if at > free_from:
                found.append((at, at + random.choice(LASTS) + random.randrange(10 * SECOND)))
                free_from = found[-1][1] + shortest
        return found
