"""What can go wrong, as the plan says it: the faults of programmes, devices and the site.

Owns their ids and delays. ``faults.py`` finds them, ``outages.py`` follows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from monitord.core.chain import is_shared
from monitord.core.incident_state import fault_id
from monitord.core.model import HOUR, SECOND
from monitord.core.plan import DOUBTED_CLEAR_AFTER, SILENT_FAULT, FaultPlan, Plan, ProgrammePlan
from monitord.core.record_events import Harm
from monitord.core.silent_devices import severity_of, unseen_alone
from monitord.core.values import Numbering

LINK_SEEN_AFTER: Final = 2 * SECOND
"""Until the kernel sees that an interface of our own lost its link: many drivers look once a
second. All devices are silent then too, on our side."""
SITE_SILENT: Final = "/site_silent"
CONFIG_REFUSED: Final = "/config_refused"
SITE_CLEAR_AFTER: Final = 30_000_000
CLOCK_UNTRUSTED: Final = "/clock_untrusted"
RECORD_SOUND_AFTER: Final = HOUR
"""A record is held to be sound once nothing happened to its file for so long."""
INCONSISTENT_CLEAR_AFTER: Final = 30_000_000
BOOT_HOLD: Final = 180 * SECOND
"""So long after our own boot no alarm of a device begins: it came back with the same mains."""
LAST_RANK: Final = 100
"""Alarms of devices and the site come behind every programme."""


class Sort(StrEnum):
    """The sorts of faults; the first part of a fault's name."""

    OFF_AIR = "off_air"
    BLIND = "blind"
    SUSPECTED = "suspected"
    DISPUTED = "disputed"
    DEGRADED = "degraded"
    RESERVE_LOST = "reserve_lost"
    RESERVE_UNKNOWN = "reserve_unknown"
    RESERVE_USED = "reserve_used"
    MANUAL = "manual"
    ALARM = "alarm"
    SITE_SILENT = "site_silent"
    CLOCK_UNTRUSTED = "clock_untrusted"
    CONFIG_REFUSED = "config_refused"
    RECORD_REPLACED = "record_replaced"
    INCONSISTENT = "inconsistent"
    SILENT = "silent"


COUNTED: Final = (Sort.OFF_AIR, Sort.BLIND)
"""Faults whose seconds the ledger counts."""
DOUBTED: Final = (Sort.SUSPECTED, Sort.DISPUTED)
"""Faults that nobody has proven; as severe as an outage. All of their time may be on air."""
IN_HOURS: Final = (*DOUBTED, Sort.OFF_AIR, Sort.BLIND, Sort.DEGRADED)
"""Faults that exist only while the programme is scheduled."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that may occur. ``subject``: its stage or condition, empty for most.

    ``programme``: empty for an alarm. ``name``: as in the id, behind the programme.
    """

    id: str
    programme: str
    name: str
    sort: Sort
    subject: str
    severity: str
    open_after: int
    clear_after: int
    rank: int


def _fault(plan: ProgrammePlan, sort: Sort, delays: FaultPlan, stage: str = "") -> Fault:
    name = f"{sort}/{stage}" if stage else str(sort)
    return Fault(
        id=fault_id(plan.id, name),
        programme=plan.id,
        name=name,
        sort=sort,
        subject=stage,
        severity=delays.severity,
        open_after=delays.open_after,
        clear_after=delays.clear_after,
        rank=plan.rank,
    )


def faults_of(plan: ProgrammePlan) -> tuple[Fault, ...]:
    """Return the faults a programme can have; each redundant stage has its own reserve."""
    found = [_fault(plan, Sort.OFF_AIR, plan.off_air), _fault(plan, Sort.BLIND, plan.blind)]
    doubted = FaultPlan(0, DOUBTED_CLEAR_AFTER, plan.off_air.severity)
    found.append(_fault(plan, Sort.SUSPECTED, doubted))
    if plan.witnesses or any(is_shared(stage) for stage in plan.chain):
        found.append(_fault(plan, Sort.DISPUTED, doubted))
    if any(stage.degraded for stage in plan.chain):
        found.append(_fault(plan, Sort.DEGRADED, plan.degraded))
    for stage in plan.chain:
        if len(stage.members) > 1:
            found.append(_fault(plan, Sort.RESERVE_LOST, plan.reserve_lost, stage.id))
            found.append(_fault(plan, Sort.RESERVE_UNKNOWN, plan.reserve_unknown, stage.id))
        if is_shared(stage):
            found.append(_fault(plan, Sort.RESERVE_USED, plan.reserve_used, stage.id))
        if stage.manual is not None:
            found.append(_fault(plan, Sort.MANUAL, plan.manual, stage.id))
    return tuple(found)


def alarms_of(plan: Plan) -> dict[str, Fault]:
    """Return the alarms of devices by condition, those of lines and of the site by their ids."""
    own = [_alarm(Sort.CLOCK_UNTRUSTED), _alarm(Sort.CONFIG_REFUSED)]
    own += [*record_alarms(), *_of_lines(plan), *_of_silence(plan)]
    found = {fault.id: fault for fault in own}
    for device in plan.devices:
        for condition in device.conditions:
            if condition.alarm is not None:
                delays = condition.alarm.open_after, condition.alarm.clear_after
                severity = condition.alarm.severity
                found[condition.id] = _alarm(Sort.ALARM, condition.id, severity, *delays)
    if len(plan.devices) > 1:
        # Every device has had the time to answer, and the kernel the time to see our own link.
        asked = max(LINK_SEEN_AFTER, *(device.deadline for device in plan.devices))
        silent = _alarm(Sort.SITE_SILENT, "", "critical", asked, SITE_CLEAR_AFTER)
        found[SITE_SILENT] = replace(silent, rank=-1)
    return found


def record_alarms() -> list[Fault]:
    """Return an alarm for each harm to the file of the record: one does not hide another."""
    return [_alarm(Sort.RECORD_REPLACED, harm) for harm in Harm]


def alarms_by_device(alarms: Mapping[str, Fault], sort: Sort) -> dict[str, Fault]:
    """Return, by device, the alarms of one sort: of its silence, or of its line.

    Of its silence only where no programme reports that; of a line whose answers are all alike.
    """
    return {fault.subject: fault for fault in alarms.values() if fault.sort is sort}


def _of_lines(plan: Plan) -> list[Fault]:
    return [
        _alarm(Sort.INCONSISTENT, device.id, clear_after=INCONSISTENT_CLEAR_AFTER)
        for device in plan.devices
        if device.numbering is Numbering.ONE_SHAPE
    ]


def _of_silence(plan: Plan) -> list[Fault]:
    delays = SILENT_FAULT.open_after, SILENT_FAULT.clear_after
    return [
        _alarm(Sort.SILENT, device.id, severity_of(device), *delays)
        for device in unseen_alone(plan)
    ]


def _alarm(
    sort: Sort,
    subject: str = "",
    severity: str = "major",
    open_after: int = 0,
    clear_after: int = 0,
) -> Fault:
    """Return a fault of no programme. ``subject``: its condition or device, if it has one."""
    name = f"{sort}/{subject}" if subject else str(sort)
    return Fault(
        id=fault_id("", name),
        programme="",
        name=name,
        sort=sort,
        subject=subject,
        severity=severity,
        open_after=open_after,
        clear_after=clear_after,
        rank=LAST_RANK,
    )


def faults_in(plan: Plan) -> Iterator[Fault]:
    """Yield every fault of a plan."""
    yield from alarms_of(plan).values()
    for programme in plan.programmes:
        yield from faults_of(programme)
