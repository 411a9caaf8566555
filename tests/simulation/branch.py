"""The branch of the simulated site: radio transmitters on one mains, three studios on one link.

One of them has another beside it that waits, and a switch with a supply of its own.

One box reports both: ``tel.mains`` and ``tel.locked``. What fails there takes several devices along
at once; it must be one incident, named by what broke. Pure; drawn from a generator of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from monitord.core.expression import All, Name
from monitord.core.model import Layer
from monitord.core.plan import FaultPlan, MemberPlan, ProgrammePlan, StagePlan
from simulators.plant.signals import (
    Signal,
    both,
    constant,
    either,
    intervals_where,
    inverted,
    pulses,
)
from tests.simulation.added import Added, condition_facts, device_plan
from tests.simulation.facts import (
    MINUTE,
    SECOND,
    ConditionFacts,
    Facts,
    FaultFacts,
    GearFacts,
    Injected,
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
STANDBY, SWITCH = "tz", "cs"
"""Beside the transmitter of ra: the one that waits all the time, and the switch that is on ta."""
SIDES = {"ta": "a_on_antenna", STANDBY: "b_on_antenna"}
"""By transmitter, the condition that the switch is on it."""
OWN, BOTH = "ta/transmitter", f"ta+{STANDBY}/transmitter"
"""Found at a start while the switch does not answer, nobody knows which of both carried."""
STARTS_WITHIN = 20 * SECOND
"""So long a transmitter may need to start once it has mains again."""
DEVICES = (
    device_plan("tel", dict.fromkeys(("locked", "mains"), ("", Layer.EQUIPMENT))),
    *(
        device_plan(name, {"sound": ("silence", Layer.CONTENT)}, behind="tel.locked")
        for name in STUDIOS.values()
    ),
    *(
        device_plan(
            name, {"on": ("no_carrier", Layer.EMISSION)}, 2 * SECOND, powered_by="tel.mains"
        )
        for name in (*TRANSMITTERS.values(), STANDBY)
    ),
    device_plan(SWITCH, dict.fromkeys(SIDES.values(), ("no_carrier", Layer.EMISSION))),
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
        ways = [TRANSMITTERS[facts.id], STANDBY]
        if facts.id == "ra":
            members = tuple(
                MemberPlan(one, All((Name(f"{one}.on"), Name(f"{SWITCH}.{SIDES[one]}"))), None)
                for one in ways
            )
            chain.append(StagePlan("transmitter", "own", Layer.EMISSION, members=members))
        else:
            carrier = Name(f"{ways[0]}.on")
            chain.append(StagePlan("transmitter", "own", Layer.EMISSION, needs=carrier))
    return ProgrammePlan(facts.id, tuple(chain), *faults, rank=facts.rank)


ADDED = Added(DEVICES, tuple(_programme(facts) for facts in PROGRAMMES.values()))


def _places(known: dict[str, ConditionFacts]) -> Iterator[PlaceFacts]:
    for name in STUDIOS.values():
        yield PlaceFacts(f"{name}/studio", known[f"{name}.sound"], (name,))
    for name in TRANSMITTERS.values():
        beside = (STANDBY, SWITCH) if name == TRANSMITTERS["ra"] else ()
        yield PlaceFacts(f"{name}/transmitter", known[f"{name}.on"], (name, *beside))
    yield PlaceFacts(BOTH, known["ta.on"], ("ta", STANDBY, SWITCH))
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
    """The branch being drawn."""

    def __init__(self, random: Random, facts: Facts, pace: Pace, *, short: bool) -> None:
        lines = {"link": tuple(STUDIOS), "mains": tuple(TRANSMITTERS)}
        drawn_short = frozenset(lines if short else ())
        known = condition_facts(DEVICES)
        known["ta.on"] = replace(known["ta.on"], partners=1)
        super().__init__(random, pace, facts, known, programmes_of=lines, short=drawn_short)

    def draw(self) -> tuple[SimDevice, ...]:
        facts = self.facts
        facts.programmes |= PROGRAMMES
        facts.lags |= {name: known.lag for name, known in self.conditions.items()}
        facts.watched |= self.conditions
        facts.places |= {place.place: place for place in _places(self.conditions)}
        sound, locked = self._link()
        carrier, mains = self._mains()
        self.add_device("tel", locked, mains)
        for name, device in STUDIOS.items():
            self.add_device(device, sound[name])
        for name, device in TRANSMITTERS.items():
            self.add_device(device, carrier[name])
        self.add_device(STANDBY, constant(False))
        self.add_device(SWITCH, *map(constant, (True, False)))
        facts.gear |= {
            "ta": GearFacts("ta.on", {"ra": ("ta.on", f"{SWITCH}.{SIDES['ta']}")}),
            "tb": GearFacts("tb.on", {"rb": ("tb.on",)}),
            STANDBY: GearFacts(
                f"{STANDBY}.on", {"ra": (f"{STANDBY}.on", f"{SWITCH}.{SIDES[STANDBY]}")}
            ),
        }
        devices = tuple(self.darkened(device) for device in self.devices)
        facts.silent |= {device.id: device.silent for device in devices}
        facts.injected[:] = map(self._named, facts.injected)
        for name, studio in STUDIOS.items():
            ways = [device for device in (studio, TRANSMITTERS.get(name)) if device is not None]
            facts.on_air[name] = (
                both(sound[name], carrier[name]) if name in carrier else sound[name]
            )
            unseen = facts.silent[ways[0]]
            if name == "ra":
                unseen = either(unseen, self._unseen(carrier[name]))
                ways += [STANDBY, SWITCH]
            else:
                for device in ways[1:]:
                    unseen = either(unseen, facts.silent[device])
            facts.unseen[name] = unseen
            facts.blind_by[name] = tuple(
                way for way in self.conditions.values() if way.device in ways
            )
        return devices

    def _named(self, fault: Injected) -> Injected:
        """Return a fault with the names that it may have, where the switch does not answer."""
        is_hidden = fault.place == OWN and intervals_where(
            self.facts.silent[SWITCH], bool, fault.begin, fault.end
        )
        return replace(fault, where_hidden=(BOTH,)) if is_hidden else fault

    def _unseen(self, carrier: Signal[bool]) -> Signal[bool]:
        """Return when nothing shows whether one of both transmitters of ra is on the antenna."""
        own, standby, switch = (inverted(self.facts.silent[one]) for one in ("ta", STANDBY, SWITCH))
        seen_on = both(carrier, both(own, switch))
        # The one that waits is seen not to be on the antenna by either of both.
        seen_off = both(both(inverted(carrier), own), either(standby, switch))
        return inverted(either(seen_on, seen_off))

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
                if what == "suspected":
                    self.dark.setdefault(STANDBY, []).append((begin, end))
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
