"""What a configuration monitors, judges and reports. Owns those figures; no sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from monitord.config.programmes import FAULT_DEFAULTS
from monitord.config.settings import Settings
from monitord.core.chain import unmonitored_layers
from monitord.core.expression import names
from monitord.core.fault_plans import Sort, faults_in, faults_of
from monitord.core.model import Layer
from monitord.core.plan import (
    SEVERITIES,
    ConditionPlan,
    DevicePlan,
    FaultPlan,
    PersonPlan,
    Plan,
    ProgrammePlan,
    StagePlan,
)
from monitord.core.values import Numbering
from monitord.devices.bus.asked import LATE_MAX
from monitord.devices.model import DeviceSettings
from monitord.devices.numbering import answers_behind_max_of, fewest_lengths
from monitord.polling.ages import worst_ages
from monitord.polling.burst import BURST_EVERY


@dataclass(frozen=True, slots=True)
class DeviceExplained:
    """A device that is watched, with its plan for the core.

    ``age_worst``: how old its fast points may be at most while it answers, if all that share its
    bus do not; ``bound``: the shortest of its continuity bounds. Microseconds.
    """

    settings: DeviceSettings
    plan: DevicePlan
    age_worst: int
    bound: int


@dataclass(frozen=True, slots=True)
class ProgrammeExplained:
    """A programme that is judged.

    ``surely_seen``: microseconds, the shortest outage that is surely seen; ``decided_by``: the
    condition that makes it so long; ``second``: the part of it in which a second reading is waited
    for; ``unmonitored``: layers no stage proves.
    """

    plan: ProgrammePlan
    surely_seen: int
    decided_by: ConditionPlan
    second: int
    unmonitored: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class EarlyDelay:
    """A delay of a person that is over before there is an incident to report, in microseconds.

    ``programme`` (empty for an alarm) and ``fault``: which fault opens latest, after ``open_after``
    microseconds; ``others``: how many more of this severity open later than the delay.
    """

    person: PersonPlan
    severity: str
    delay: int
    programme: str
    fault: str
    open_after: int
    others: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole of it, in the order of the file.

    ``proving``: ids of the conditions by which a programme is good or bad; ``unused``: those that
    have no effect. ``stale``: devices whose worst age is over their continuity bound. ``early``:
    delays of people that are shorter than those of the faults. ``untold``: severities of faults of
    which no person gets a message.
    """

    devices: tuple[DeviceExplained, ...]
    programmes: tuple[ProgrammeExplained, ...]
    people: tuple[PersonPlan, ...]
    proving: frozenset[str]
    unused: tuple[str, ...]
    stale: tuple[DeviceExplained, ...]
    early: tuple[EarlyDelay, ...]
    untold: tuple[str, ...]


def explain(settings: Settings) -> Explanation:
    """Return what ``settings`` monitor, judge and report, with the shortest detectable outages."""
    plan = settings.plan
    shortest = _shortest(settings)
    programmes = tuple(_programme(shortest, programme) for programme in plan.programmes)
    used = {name for p in plan.programmes for stage in p.chain for name in _all_names(stage)}
    used |= {name for p in plan.programmes for name in _witness_names(p)}
    used |= {name for device in plan.devices for name in _effective_names(device)}
    every = [condition.id for device in plan.devices for condition in device.conditions]
    devices = tuple(_devices(settings))
    return Explanation(
        devices=devices,
        programmes=programmes,
        people=plan.people,
        proving=frozenset(
            name for p in plan.programmes for stage in p.chain for name in _proving_names(stage)
        ),
        unused=tuple(id_ for id_ in every if id_ not in used),
        stale=tuple(device for device in devices if device.age_worst > device.bound),
        early=tuple(_early(plan)),
        untold=_untold(plan),
    )


def _devices(settings: Settings) -> Iterator[DeviceExplained]:
    ages = worst_ages(settings.devices)
    for device, plan in zip(settings.devices, settings.plan.devices, strict=True):
        bounds = [condition.bound for condition in plan.conditions]
        bound = min(bounds, default=2 * device.poll_every + device.deadline)
        yield DeviceExplained(device, plan, ages[device.id], bound)


def evidence_width(
    condition: ConditionPlan, device: DevicePlan, lengths: int, behind: int = 1
) -> int:
    """Return the widest interval that one answer leaves open, in microseconds.

    Where two answers do not differ, one may be of the request ``behind`` requests before.
    ``lengths``: in which its blocks are read by turns; with few of them a burst has the same again
    within ``LATE_MAX``.
    """
    own = device.deadline + max(condition.true_lag, condition.false_lag)
    match device.numbering:
        case Numbering.NUMBERED:
            return own
        case Numbering.VARIED:
            return own if lengths * BURST_EVERY > LATE_MAX else own + LATE_MAX
        case Numbering.SHAPED if device.slot > LATE_MAX and behind == 1:
            return own
    return own + behind * device.slot


def second_wait(device: DevicePlan) -> int:
    """Return how long a reading waits for a second one at most, in microseconds.

    Usually a burst brings it at once; it may have no room.
    """
    return 0 if device.numbering is Numbering.NUMBERED else device.slot


def _shortest(settings: Settings) -> Mapping[str, tuple[int, int, ConditionPlan]]:
    """Return, by condition, how long it must last to be surely seen, and the condition.

    Between the two: the part of it in which a second reading is waited for.
    """
    found: dict[str, tuple[int, int, ConditionPlan]] = {}
    for device, source in zip(settings.plan.devices, settings.devices, strict=True):
        wait, lengths = second_wait(device), fewest_lengths(source)
        behind = answers_behind_max_of(source)
        for condition in device.conditions:
            width = evidence_width(condition, device, lengths, behind)
            length = condition.bound + width + wait
            found[condition.id] = length, wait, condition
    return found


def _programme(
    shortest: Mapping[str, tuple[int, int, ConditionPlan]], programme: ProgrammePlan
) -> ProgrammeExplained:
    proving = {name for stage in programme.chain for name in _proving_names(stage)}
    length, second, decided_by = max(
        (shortest[name] for name in sorted(proving)), key=itemgetter(0)
    )
    return ProgrammeExplained(
        plan=programme,
        surely_seen=length,
        decided_by=decided_by,
        second=second,
        unmonitored=unmonitored_layers(programme),
    )


def _proving_names(stage: StagePlan) -> Iterator[str]:
    """Yield the conditions by which the stage is good or bad."""
    if stage.needs is not None:
        yield from names(stage.needs)
    for member in stage.members:
        yield from names(member.carries)


def _all_names(stage: StagePlan) -> Iterator[str]:
    yield from _proving_names(stage)
    for member in stage.members:
        if member.ready is not None:
            yield from names(member.ready)
    for degraded in stage.degraded:
        yield from names(degraded.when)
    if stage.manual is not None:
        yield from names(stage.manual)


def _witness_names(programme: ProgrammePlan) -> Iterator[str]:
    for witness in programme.witnesses:
        yield from names(witness.needs)
        if witness.healthy is not None:
            yield from names(witness.healthy)


def _effective_names(device: DevicePlan) -> Iterator[str]:
    """Yield the conditions that have an effect without a programme."""
    yield from (condition.id for condition in device.conditions if condition.alarm is not None)
    yield from (*device.powered_by, *device.behind, *device.mutes_on_input)


def settings_of(programme: ProgrammePlan) -> Iterator[tuple[Sort, FaultPlan]]:
    """Yield the settings of each sort of fault that the programme can have."""
    for sort, fault in {fault.sort: fault for fault in faults_of(programme)}.items():
        yield sort, FaultPlan(fault.open_after, fault.clear_after, fault.severity)


def _untold(plan: Plan) -> tuple[str, ...]:
    """Return the severities of faults that no person gets messages of, the worst first."""
    told = {severity for person in plan.people for severity, _ in person.tell_after}
    present = {fault.severity for fault in faults_in(plan)}
    return tuple(each for each in SEVERITIES if each in present - told)


def _usual_open_after(sort: Sort) -> int:
    return FAULT_DEFAULTS[sort].open_after if sort in FAULT_DEFAULTS else 0


def _early(plan: Plan) -> Iterator[EarlyDelay]:
    """Yield delays of people that are over before the incident opens (rule 5.7).

    A delay of 0 means: as soon as it is open. One delay for every severity makes no statement about
    a fault whose ``open_after`` nobody has set.
    """
    faults: list[tuple[str, str, str, int, int]] = [
        (programme.id, sort, fault.severity, fault.open_after, _usual_open_after(sort))
        for programme in plan.programmes
        for sort, fault in settings_of(programme)
    ]
    faults += [
        ("", condition.id, condition.alarm.severity, condition.alarm.open_after, 0)
        for device in plan.devices
        for condition in device.conditions
        if condition.alarm is not None
    ]
    for person in plan.people:
        delays = [person.delay(severity) for severity in SEVERITIES]
        is_one_for_all = None not in delays and len(set(delays)) == 1
        for severity, delay in person.tell_after:
            later = [
                (programme, key, open_after)
                for programme, key, of_severity, open_after, usual in faults
                if of_severity == severity and 0 < delay < open_after
                if not (is_one_for_all and open_after == usual)
            ]
            if later:
                programme, key, open_after = max(later, key=itemgetter(2))
                yield EarlyDelay(
                    person, severity, delay, programme, key, open_after, len(later) - 1
                )
