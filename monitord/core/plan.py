"""The part of the configuration that the core uses: frozen, resolved, checked by ``config/``.

Owns shapes only, in the order of the road: point, condition, device, stage, programme, person.
Names and addresses are not part of it. All durations are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from monitord.core.expression import Expression
from monitord.core.values import Layer, Numbering

SEVERITIES: Final = ("critical", "major", "minor", "warning")
"""Severities, the worst first."""


@dataclass(frozen=True, slots=True)
class PointPlan:
    """One thing read on a device, and how late the device may report it.

    ``agent_refresh_max``: oldest value in the agent's cache. ``true_delay_max``: longest time until
    the device reports true after it became true (hold time of a freeze detector);
    ``false_delay_max``: the same for false (relock time of a receiver).
    ``uptime_of``: ``equipment`` or ``agent`` where the point counts seconds since its last boot.
    """

    id: str
    agent_refresh_max: int = 0
    true_delay_max: int = 0
    false_delay_max: int = 0
    uptime_of: str = ""


@dataclass(frozen=True, slots=True)
class AlarmPlan:
    """An alarm of a device: while its condition is ``when``, seen for ``open_after``."""

    severity: str
    open_after: int
    clear_after: int
    when: bool = False


@dataclass(frozen=True, slots=True)
class ConditionPlan:
    """A named three-valued statement about one device. ``id`` is ``device.condition``.

    ``true_when``: over the device's point ids. ``true_lag``, ``false_lag``: how old a true or false
    may be in an answer. ``bound``: the longest time between two proofs of one held value.
    """

    id: str
    device: str
    layer: Layer
    reason: str
    true_when: Expression
    true_lag: int
    false_lag: int
    bound: int
    alarm: AlarmPlan | None = None

    @property
    def lags(self) -> tuple[int, int]:
        """The lags of false and of true, indexed by the truth."""
        return self.false_lag, self.true_lag


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """A polled device; ``Answer.values`` are in the order of ``points``.

    Condition ids of other devices, whose failure explains this device's: ``powered_by``: its
    supplies; ``behind``: links it is reached over; ``mutes_on_input``: inputs without which it
    switches its output off. ``numbering``: whether an answer shows which request it belongs to.
    """

    id: str
    points: tuple[PointPlan, ...]
    conditions: tuple[ConditionPlan, ...]
    slot: int
    deadline: int
    powered_by: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    mutes_on_input: tuple[str, ...] = ()
    numbering: Numbering = Numbering.NUMBERED


def as_read(device: DevicePlan) -> DevicePlan:
    """Return what of a device decides its answers and what they prove: no alarm, no parents."""
    conditions = tuple(replace(condition, alarm=None) for condition in device.conditions)
    return replace(device, conditions=conditions, powered_by=(), behind=(), mutes_on_input=())


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """That a shared reserve ``carries`` another programme: then it covers nothing else."""

    programme: str
    carries: Expression


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """A redundant path. ``carries``: it is on air; ``ready``: it could take over.

    ``elsewhere``: the other programmes that the same path may carry, one at a time.
    """

    id: str
    carries: Expression
    ready: Expression | None
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class DegradedPlan:
    """On air below a limit while ``when``, over condition ids, is true."""

    when: Expression
    reason: str


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One link of the chain: ``needs``, or ``members`` when there is redundancy (never both).

    ``manual``: true while somebody has left it in manual: nothing changes over by itself.
    """

    id: str
    owner: str
    layer: Layer
    needs: Expression | None = None
    members: tuple[MemberPlan, ...] = ()
    degraded: tuple[DegradedPlan, ...] = ()
    manual: Expression | None = None


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Delays and severity of one sort of fault; ``tell_after`` belongs to the person."""

    open_after: int
    clear_after: int
    severity: str


DEGRADED_FAULT: Final = FaultPlan(30_000_000, 30_000_000, "minor")
RESERVE_UNKNOWN_FAULT: Final = FaultPlan(60_000_000, 30_000_000, "minor")
DOUBTED_CLEAR_AFTER: Final = 30_000_000
SILENT_FAULT: Final = FaultPlan(60_000_000, 30_000_000, "minor")
"""Of a device that no programme needs; its worst alarm makes it more severe."""
RESERVE_USED_FAULT: Final = FaultPlan(10_000_000, 30_000_000, "minor")
MANUAL_FAULT: Final = FaultPlan(10_000_000, 30_000_000, "minor")

COUNTY_RANK: Final = 3
"""The last of the usual ranks: central, provincial, city, county from 0 on."""


@dataclass(frozen=True, slots=True)
class WitnessPlan:
    """A receiver or monitor off air, outside the chain: what it ``needs`` to receive a layer.

    It counts while ``healthy`` is held true; without ``healthy`` it always counts.
    """

    id: str
    layer: Layer
    needs: Expression
    healthy: Expression | None = None


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """A programme; ``chain`` runs from the source to the antenna.

    ``witnesses``: what says, outside the chain, whether a layer of it is received.
    ``rank``: its place in the order of restoration, 0..99, the first first.
    """

    id: str
    chain: tuple[StagePlan, ...]
    off_air: FaultPlan
    blind: FaultPlan
    reserve_lost: FaultPlan
    degraded: FaultPlan = DEGRADED_FAULT
    reserve_unknown: FaultPlan = RESERVE_UNKNOWN_FAULT
    manual: FaultPlan = MANUAL_FAULT
    rank: int = COUNTY_RANK
    witnesses: tuple[WitnessPlan, ...] = ()
    reserve_used: FaultPlan = RESERVE_USED_FAULT


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """``tell``: channel ids in order of preference; ``tell_after``: (severity, delay) pairs.

    This person gets no message of a severity that is not among the pairs.
    """

    id: str
    tell: tuple[str, ...]
    tell_after: tuple[tuple[str, int], ...]

    def delay(self, severity: str) -> int | None:
        """Return how long a fault must last before this person gets a message; None for never."""
        return dict(self.tell_after).get(severity)


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """A way to people. ``single``: one physical thing, such as a modem: one attempt at a time."""

    id: str
    single: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the core knows of the site.

    ``retry_*``: waits of a channel that fails. ``close_lag``: an outage that begins so shortly
    before close-down is reported once its hours are over.
    """

    site: str
    devices: tuple[DevicePlan, ...]
    programmes: tuple[ProgrammePlan, ...]
    people: tuple[PersonPlan, ...]
    retry_first: int = 1_000_000
    retry_max: int = 300_000_000
    mark_every: int = 60_000_000
    close_lag: int = 5_000_000
    channels: tuple[ChannelPlan, ...] = ()
