"""One programme on two transmitters with a switch, on supplies, where two faults happen at once.

What is drawn of them is in ``pair``, what the cause is at each moment in ``blames``. Pure. Short
states are not drawn here, whatever the rest of the site has.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from random import Random

from monitord.core.expression import All, Name
from monitord.core.model import Layer
from monitord.core.plan import DevicePlan, FaultPlan, MemberPlan, ProgrammePlan, StagePlan
from simulators.plant.signals import Signal, both, either, intervals_where, inverted, pulses
from tests.simulation.added import Added, condition_facts, device_plan
from tests.simulation.blames import SEEN_WITHIN, Blames
from tests.simulation.facts import (
    HOUR,
    MINUTE,
    SECOND,
    BlameFacts,
    Facts,
    FaultFacts,
    GearFacts,
    Injected,
    PlaceFacts,
    ProgrammeFacts,
    ReserveFacts,
    SharedFacts,
    Span,
)
from tests.simulation.lines import SimDevice
from tests.simulation.pair import (
    BACKUP,
    FEED,
    FEED_ON,
    MAIN,
    MAINS,
    MAINS_ON,
    ON_BACKUP,
    ON_MAIN,
    SWITCH,
    TO_BACKUP,
    TO_MAIN,
    WELL,
    Gear,
)

PROGRAMME, STAGE = "kp", "transmitters"
EMISSION = ("no_carrier", Layer.EMISSION)
WATCHED = (MAIN, BACKUP, SWITCH)
WAYS = ((ON_MAIN, TO_MAIN), (ON_BACKUP, TO_BACKUP))
SUPPLIES_OF_BACKUP = ("", MAINS_ON, FEED_ON)
"""What the backup is powered by in one history: what is not monitored, or one of both."""
SILENCES_AN_HOUR = 0.2
INCIDENT_OPEN = 11 * MINUTE
"""So long behind a fall its incident may still be open, and a further fall be a part of it."""
KNOWN = ProgrammeFacts(
    PROGRAMME,
    11,
    FaultFacts("critical", 0, 30 * SECOND),
    FaultFacts("major", MINUTE, 30 * SECOND),
    FaultFacts("minor", 10 * SECOND, 30 * SECOND),
)


def _devices(supply: str) -> tuple[DevicePlan, ...]:
    sends = {"on": EMISSION, "well": ("", Layer.EQUIPMENT)}
    moves = dict.fromkeys((name.partition(".")[2] for name in (TO_MAIN, TO_BACKUP)), EMISSION)
    power = {"mains_present": ("", Layer.EQUIPMENT)}
    return (
        device_plan(MAIN, sends, powered_by=MAINS_ON),
        device_plan(BACKUP, sends, powered_by=supply),
        device_plan(SWITCH, moves),
        device_plan(MAINS, power),
        device_plan(FEED, power),
    )


def _programme() -> ProgrammePlan:
    members = tuple(
        MemberPlan(one, All((Name(way[0]), Name(way[1]))), Name(WELL[one]))
        for one, way in zip((MAIN, BACKUP), WAYS, strict=True)
    )
    stage = StagePlan(STAGE, "own", Layer.EMISSION, members=members)
    off_air, blind, lost = (
        FaultPlan(f.open_after, f.clear_after, f.severity)
        for f in (KNOWN.off_air, KNOWN.blind, KNOWN.reserve_lost)
    )
    return ProgrammePlan(PROGRAMME, (stage,), off_air, blind, lost, rank=KNOWN.rank)


def draw_changeover(random: Random, facts: Facts) -> tuple[Added, tuple[SimDevice, ...]]:
    """Draw it, note its truth in ``facts``; return what it adds to the plan, and its devices."""
    supply = random.choice(SUPPLIES_OF_BACKUP)
    plans = _devices(supply)
    gear = Gear(random, on_mains=supply == MAINS_ON, on_feed=supply == FEED_ON, begin=facts.begin)
    gear.live(facts.end)
    shown = gear.shown
    devices = tuple(
        SimDevice(
            plan.id,
            plan.slot,
            plan.deadline,
            tuple(shown[condition.id] for condition in plan.conditions),
            pulses(_silences(random, facts)),
        )
        for plan in plans
    )
    known = condition_facts(plans, partners=2)
    facts.programmes[PROGRAMME] = KNOWN
    facts.shown |= shown
    for one, way in zip((MAIN, BACKUP), WAYS, strict=True):
        facts.gear[one] = GearFacts(way[0], {PROGRAMME: way}, WELL[one])
    facts.lags |= {name: condition.lag for name, condition in known.items()}
    facts.watched |= known
    facts.silent |= {device.id: device.silent for device in devices}
    facts.blind_by[PROGRAMME] = tuple(known[name] for way in WAYS for name in way)
    for count in (1, 2, 3):
        for some in combinations(sorted(WATCHED), count):
            place = f"{'+'.join(some)}/{STAGE}"
            facts.places[place] = PlaceFacts(place, known[ON_MAIN], WATCHED)
    _note_air(facts, shown, known[ON_MAIN].shortest)
    _note_blames(facts, shown, {MAIN: MAINS_ON, BACKUP: supply})
    return Added(plans, (_programme(),)), devices


def _silences(random: Random, facts: Facts) -> list[Span]:
    """Return when a device does not answer: seldom, as each change of all is checked."""
    count = int((facts.end - facts.begin) / HOUR * SILENCES_AN_HOUR)
    starts = [random.randrange(facts.begin, facts.end) for _ in range(count)]
    return [(at, at + random.choice((5, 20, 120)) * SECOND) for at in starts]


def _note_air(facts: Facts, shown: Mapping[str, Signal[bool]], shortest: int) -> None:
    """Note when it is on the air, when nobody sees that, and when it has no reserve."""
    ways = [both(shown[one], shown[other]) for one, other in WAYS]
    seen = {name: inverted(facts.silent[name]) for name in WATCHED}
    seen_on, seen_off = [], []
    for device, (on, to), way in zip((MAIN, BACKUP), WAYS, ways, strict=True):
        seen_on.append(both(way, both(seen[device], seen[SWITCH])))
        not_on = both(inverted(shown[on]), seen[device])
        seen_off.append(either(not_on, both(inverted(shown[to]), seen[SWITCH])))
    facts.on_air[PROGRAMME] = either(*ways)
    facts.unseen[PROGRAMME] = inverted(either(either(*seen_on), both(*seen_off)))
    lost = (
        both(way, inverted(shown[WELL[other]]))
        for way, other in zip(ways, (BACKUP, MAIN), strict=True)
    )
    facts.reserves.append(ReserveFacts(PROGRAMME, "reserve_lost", WATCHED, shortest, either(*lost)))


def _note_blames(
    facts: Facts, shown: Mapping[str, Signal[bool]], supplies: Mapping[str, str]
) -> None:
    """Note each outage as a fault, with all that may be named, and what is to blame when."""
    outages = Blames(STAGE, WAYS, supplies, shown, KNOWN.off_air.clear_after).outages(
        facts.begin, facts.end
    )
    changes = sorted({at for one in shown.values() for at in one.times})
    facts.blames[PROGRAMME] = BlameFacts(
        tuple(outages), (*WATCHED, MAINS, FEED), tuple(changes), SECOND, SEEN_WITHIN
    )
    for number, outage in enumerate(outages):
        span = outage.begin, outage.end
        listed = (name for _, name in outage.listed)
        also = tuple(dict.fromkeys((*listed, *(one.place for one in outage.named))))
        facts.injected.append(
            Injected(
                f"two-{number}",
                "two",
                outage.fell,
                *span,
                (PROGRAMME,),
                (span,),
                also=also,
                again=number > 0 and outage.begin - outages[number - 1].end < INCIDENT_OPEN,
            )
        )
    for name in (MAINS_ON, FEED_ON):
        place = name.replace(".", "/")
        for span in intervals_where(shown[name], lambda on: not on, facts.begin, facts.end):
            facts.shared.append(SharedFacts(place, *span, {PROGRAMME: MAIN}, "off_air"))
