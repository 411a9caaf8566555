"""A transmitter and, outside its chain, a receiver that says whether its programme is received.

The receiver ices up: then it receives nothing, and a reference station shows that or does not. The
transmitter's agent falls silent with it: then the receiver alone knows. Pure.
"""

from __future__ import annotations

from random import Random

from monitord.core.expression import Name
from monitord.core.model import Layer
from monitord.core.plan import FaultPlan, ProgrammePlan, StagePlan, WitnessPlan
from simulators.plant.signals import both, either, inverted, pulses
from tests.simulation.added import Added, condition_facts, device_plan
from tests.simulation.facts import (
    MINUTE,
    SECOND,
    Facts,
    FaultFacts,
    GearFacts,
    PlaceFacts,
    ProgrammeFacts,
    Span,
    WitnessFacts,
)
from tests.simulation.lines import Lines, Pace, SimDevice

PROGRAMME, SENDER, RECEIVER = "ha", "ht", "rx"
PLACE = f"{SENDER}/transmitter"
KNOWN = ProgrammeFacts(
    PROGRAMME,
    7,
    FaultFacts("critical", 0, 30 * SECOND),
    FaultFacts("major", MINUTE, 30 * SECOND),
    FaultFacts("minor", 10 * SECOND, 30 * SECOND),
)
DEVICES = (
    device_plan(SENDER, {"on": ("no_carrier", Layer.EMISSION)}),
    device_plan(RECEIVER, {"hears": ("no_carrier", Layer.EMISSION), "well": ("", Layer.EQUIPMENT)}),
)
ADDED = Added(
    DEVICES,
    (
        ProgrammePlan(
            PROGRAMME,
            (StagePlan("transmitter", "own", Layer.EMISSION, needs=Name(f"{SENDER}.on")),),
            *(
                FaultPlan(f.open_after, f.clear_after, f.severity)
                for f in (KNOWN.off_air, KNOWN.blind, KNOWN.reserve_lost)
            ),
            rank=KNOWN.rank,
            witnesses=(
                WitnessPlan(
                    RECEIVER,
                    Layer.EMISSION,
                    needs=Name(f"{RECEIVER}.hears"),
                    healthy=Name(f"{RECEIVER}.well"),
                ),
            ),
        ),
    ),
)


def draw_heard(random: Random, facts: Facts, pace: Pace, *, short: bool) -> tuple[SimDevice, ...]:
    """Draw both, note their truth in ``facts``, and return the devices."""
    return _Heard(random, facts, pace, short=short).draw()


class _Heard(Lines):
    """Both being drawn."""

    def __init__(self, random: Random, facts: Facts, pace: Pace, *, short: bool) -> None:
        lines = {SENDER: (PROGRAMME,), RECEIVER: ()}
        drawn_short = frozenset(lines if short else ())
        known = condition_facts(DEVICES)
        super().__init__(random, pace, facts, known, programmes_of=lines, short=drawn_short)

    def draw(self) -> tuple[SimDevice, ...]:
        facts, known = self.facts, self.conditions
        carrier = inverted(pulses(self._trips()))
        iced, ill = (pulses(spans) for spans in self._iced())
        received = both(carrier, inverted(either(iced, ill)))
        well = inverted(ill)
        self.add_device(SENDER, carrier)
        self.add_device(RECEIVER, received, well)
        devices = tuple(self.darkened(device) for device in self.devices)
        facts.programmes[PROGRAMME] = KNOWN
        facts.gear[SENDER] = GearFacts(f"{SENDER}.on", {PROGRAMME: (f"{SENDER}.on",)})
        facts.lags |= {name: condition.lag for name, condition in known.items()}
        facts.watched |= known
        facts.places[PLACE] = PlaceFacts(PLACE, known[f"{SENDER}.on"], (SENDER,))
        facts.silent |= {device.id: device.silent for device in devices}
        facts.on_air[PROGRAMME] = carrier
        unheard = both(well, inverted(received))
        witness = WitnessFacts(RECEIVER, SENDER, known[f"{RECEIVER}.hears"], unheard, ill)
        facts.witnesses[PROGRAMME] = witness
        hidden = either(facts.silent[RECEIVER], ill)
        facts.unseen[PROGRAMME] = both(facts.silent[SENDER], hidden)
        facts.blind_by[PROGRAMME] = (known[f"{SENDER}.on"], witness.condition)
        return devices

    def _trips(self) -> list[Span]:
        """Return when the transmitter is off; now and then its agent is silent meanwhile."""
        random, trips = self.random, self.line(SENDER, f"{SENDER}.on")
        for begin, end in trips:
            self.inject("trip", PLACE, (begin, end), (PROGRAMME,))
            if random.random() < 0.3:
                dark = begin - random.randrange(20 * SECOND), end + random.randrange(20 * SECOND)
                self.dark.setdefault(SENDER, []).append(dark)
        return trips

    def _iced(self) -> tuple[list[Span], list[Span]]:
        """Return when the receiver is iced up unseen, and when its reference shows it."""
        random = self.random
        unseen: list[Span] = []
        shown: list[Span] = []
        for begin, end in self.line(RECEIVER, f"{RECEIVER}.hears"):
            (unseen if random.random() < 0.6 else shown).append((begin, end))
            if random.random() < 0.2:
                dark = begin - random.randrange(20 * SECOND), end + random.randrange(20 * SECOND)
                self.dark.setdefault(SENDER, []).append(dark)
        return unseen, shown
