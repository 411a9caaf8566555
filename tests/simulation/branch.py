"""The branch of the simulated site: two radio transmitters on one mains, three studios on one link.

One box reports both: ``tel.mains`` and ``tel.locked``. What fails there takes several devices along
at once; it must be one incident, named by what broke. Pure; drawn from a generator of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from monitord.core.expression import Name
from monitord.core.model import Layer
from monitord.core.plan import (
    ConditionPlan,
    DevicePlan,
    FaultPlan,
    Plan,
    PointPlan,
    ProgrammePlan,
    StagePlan,
)
from simulators.plant.signals import Signal, both, either, inverted, pulses
from tests.simulation.facts import (
    MINUTE,
    SECOND,
    ConditionFacts,
    Facts,
    FaultFacts,
    PlaceFacts,
    ProgrammeFacts,
    SharedFacts,
    Span,
)
from tests.simulation.lines import Lines, Pace, SimDevice

LINK, MAINS = "tel/locked", "tel/mains"
STUDIOS = {"ra": "sa", "rb": "sb", "rc": "sc"}
"""By programme, the detector at its studio, which is reached over the link."""
TRANSMITTERS = {"ra": "ta", "rb": "tb"}
"""By programme, its transmitter at the branch; that of rc belongs to others."""
SLOTS = {"tel": SECOND, "ta": 2 * SECOND, "tb": 2 * SECOND}
"""Where it is not a second."""
STARTS_WITHIN = 20 * SECOND
"""So long a transmitter may need to start once it has mains again."""


@dataclass(frozen=True, slots=True)
class Added:
    """What a part adds to the plan of the site."""

    devices: tuple[DevicePlan, ...]
    programmes: tuple[ProgrammePlan, ...]

    def onto(self, plan: Plan) -> Plan:
        """Return a plan of the site with this in it."""
        devices, programmes = plan.devices + self.devices, plan.programmes + self.programmes
        return replace(plan, devices=devices, programmes=programmes)


def _slot(device: str) -> int:
    return SLOTS.get(device, SECOND)


def _device(
    name: str, reasons: dict[str, tuple[str, Layer]], behind: str = "", powered_by: str = ""
) -> DevicePlan:
    """Return a device with a point for each condition."""
    slot = _slot(name)
    deadline = slot * 8 // 10
    conditions = (
        ConditionPlan(f"{name}.{c}", name, layer, reason, Name(c), 0, 0, 2 * slot + deadline)
        for c, (reason, layer) in reasons.items()
    )
    return DevicePlan(
        name,
        tuple(PointPlan(c) for c in reasons),
        tuple(conditions),
        slot,
        deadline,
        powered_by=(powered_by,) if powered_by else (),
        behind=(behind,) if behind else (),
    )


DEVICES = (
    _device("tel", {c: (c, Layer.EQUIPMENT) for c in ("locked", "mains")}),
    *(
        _device(name, {"sound": ("silence", Layer.CONTENT)}, behind="tel.locked")
        for name in STUDIOS.values()
    ),
    *(
        _device(name, {"on": ("no_carrier", Layer.EMISSION)}, powered_by="tel.mains")
        for name in TRANSMITTERS.values()
    ),
)
PROGRAMMES = {
    name: ProgrammeFacts(
        name,
        rank,
        FaultFacts(severity, 0, 30 * SECOND),
        FaultFacts("major", MINUTE, 30 * SECOND),
        FaultFacts("minor", 10 * SECOND, 30 * SECOND),
    )
    for name, rank, severity in (("ra", 5, "critical"), ("rb", 4, "critical"), ("rc", 6, "major"))
}


def _programme(facts: ProgrammeFacts) -> ProgrammePlan:
    faults = (
        FaultPlan(f.open_after, f.clear_after, f.severity)
        for f in (facts.off_air, facts.blind, facts.reserve_lost)
    )
    sound = Name(f"{STUDIOS[facts.id]}.sound")
    chain = [StagePlan("studio", "own", Layer.CONTENT, needs=sound)]
    if facts.id in TRANSMITTERS:
        carrier = Name(f"{TRANSMITTERS[facts.id]}.on")
        chain.append(StagePlan("transmitter", "own", Layer.EMISSION, needs=carrier))
    return ProgrammePlan(facts.id, tuple(chain), *faults, rank=facts.rank)


NOTHING = Added((), ())
ADDED = Added(DEVICES, tuple(_programme(facts) for facts in PROGRAMMES.values()))


def _conditions() -> dict[str, ConditionFacts]:
    return {
        c.id: ConditionFacts(c.id, device.id, device.slot, device.deadline, 0, c.bound)
        for device in DEVICES
        for c in device.conditions
    }


def _places(known: dict[str, ConditionFacts]) -> Iterator[PlaceFacts]:
    for name in STUDIOS.values():
        yield PlaceFacts(f"{name}/studio", known[f"{name}.sound"], (name,))
    for name in TRANSMITTERS.values():
        yield PlaceFacts(f"{name}/transmitter", known[f"{name}.on"], (name,))
    # What is off by the mains is seen by its own transmitter, which is polled less often.
    for place, shown, devices, stage in (
        (LINK, known["sa.sound"], STUDIOS, "studio"),
        (MAINS, known["ta.on"], TRANSMITTERS, "transmitter"),
    ):
        first = tuple(f"{name}/{stage}" for name in devices.values())
        yield PlaceFacts(place, shown, ("tel", *devices.values()), first, is_shared=True)


def draw_branch(random: Random, facts: Facts, pace: Pace, *, short: bool) -> tuple[SimDevice, ...]:
    """Draw the branch, note its truth in ``facts``, and return its devices."""
    return _Branch(random, facts, pace, short=short).draw()


class _Branch(Lines):
    """The branch being drawn. ``dark``: when devices do not answer though they are well."""

    def __init__(self, random: Random, facts: Facts, pace: Pace, *, short: bool) -> None:
        lines = {"link": tuple(STUDIOS), "mains": tuple(TRANSMITTERS)}
        drawn_short = frozenset(lines if short else ())
        super().__init__(random, pace, facts, _conditions(), programmes_of=lines, short=drawn_short)
        self.dark: dict[str, list[Span]] = {}

    def draw(self) -> tuple[SimDevice, ...]:
        facts = self.facts
        facts.programmes |= PROGRAMMES
        facts.lags |= {name: known.lag for name, known in self.conditions.items()}
        facts.places |= {place.place: place for place in _places(self.conditions)}
        sound, locked = self._link()
        carrier, mains = self._mains()
        self.add_device("tel", locked, mains)
        for name, device in STUDIOS.items():
            self.add_device(device, sound[name])
        for name, device in TRANSMITTERS.items():
            self.add_device(device, carrier[name])
        devices = tuple(self._darkened(device) for device in self.devices)
        facts.silent |= {device.id: device.silent for device in devices}
        for name, studio in STUDIOS.items():
            ways = [device for device in (studio, TRANSMITTERS.get(name)) if device is not None]
            facts.on_air[name] = (
                both(sound[name], carrier[name]) if name in carrier else sound[name]
            )
            unseen = facts.silent[ways[0]]
            for device in ways[1:]:
                unseen = either(unseen, facts.silent[device])
            facts.unseen[name] = unseen
            facts.blind_by[name] = tuple(
                way for way in self.conditions.values() if way.device in ways
            )
        return devices

    def _darkened(self, device: SimDevice) -> SimDevice:
        dark = pulses(self.dark.get(device.id, []))
        return replace(device, silent=either(device.silent, dark))

    def _link(self) -> tuple[dict[str, Signal[bool]], Signal[bool]]:
        """Return the sound of each programme, and whether the link is up.

        A link that is down gives silence from all studios, or no answer of theirs at all.
        """
        random, down = self.random, []
        silence: dict[str, list[Span]] = {name: [] for name in STUDIOS}
        for span in self.line("link", "sa.sound"):
            luck = random.random()
            if luck < 0.35:
                down.append(span)
                self._note(LINK, span, STUDIOS, "blind")
                for device in STUDIOS.values():
                    self.dark.setdefault(device, []).append(span)
            elif luck < 0.7:
                down.append(span)
                self._note(LINK, span, STUDIOS, "off_air")
                for name in STUDIOS:
                    silence[name].append(span)
                self.inject("link", LINK, span, tuple(STUDIOS))
            else:
                name = random.choice(tuple(STUDIOS))
                silence[name].append(span)
                self.inject("studio", f"{STUDIOS[name]}/studio", span, (name,))
        sound = {name: inverted(pulses(spans)) for name, spans in silence.items()}
        return sound, inverted(pulses(down))

    def _mains(self) -> tuple[dict[str, Signal[bool]], Signal[bool]]:
        """Return the carrier of each programme, and whether the transmitters have mains.

        Their agents have mains of their own, or go down too: then nobody sees the carrier.
        """
        random, lost = self.random, []
        off: dict[str, list[Span]] = {name: [] for name in TRANSMITTERS}
        for begin, end in self.line("mains", "ta.on"):
            luck = random.random()
            if luck < 0.6:
                # The mains return first, and are then on for the time that a start needs.
                back = max(begin + (end - begin) // 2, end - random.randrange(STARTS_WITHIN))
                lost.append((begin, back))
                what = "off_air" if luck < 0.4 else "suspected"
                self._note(MAINS, (begin, back), TRANSMITTERS, what)
                for name, device in TRANSMITTERS.items():
                    off[name].append((begin, end))
                    if what == "suspected":
                        self.dark.setdefault(device, []).append((begin, end))
                self.inject("mains", MAINS, (begin, end), tuple(TRANSMITTERS))
                self.facts.injected[-1] = replace(self.facts.injected[-1], shown_to=back)
            else:
                name = random.choice(tuple(TRANSMITTERS))
                off[name].append((begin, end))
                place = f"{TRANSMITTERS[name]}/transmitter"
                self.inject("trip", place, (begin, end), (name,))
        carrier = {name: inverted(pulses(spans)) for name, spans in off.items()}
        return carrier, inverted(pulses(lost))

    def _note(self, place: str, span: Span, devices: dict[str, str], shows: str) -> None:
        self.facts.shared.append(SharedFacts(place, *span, dict(devices), shows))
