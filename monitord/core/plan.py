"""What the core knows of the configuration: frozen, resolved, checked by ``config/``.

Owns shapes only. Ids never change; names and addresses are not the core's matter.
All durations are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.expression import Expression
from monitord.core.model import Layer


@dataclass(frozen=True, slots=True)
class PointPlan:
    """One thing read on a device, and how late the source may be with it.

    ``agent_refresh_max``: age of a value in the agent's cache. ``true_delay_max``: how long the
    source may take to say true after it became true (a freeze detector's hold);
    ``false_delay_max``: the same for false (a receiver's relock).
    """

    id: str
    agent_refresh_max: int = 0
    true_delay_max: int = 0
    false_delay_max: int = 0


@dataclass(frozen=True, slots=True)
class ConditionPlan:
    """A named three-valued statement about one device. ``id`` is ``device.condition``.

    ``true_when`` is over the device's point ids; ``true_lag`` / ``false_lag`` say how old the truth
    may be when an answer shows it; ``bound`` is the continuity bound.
    """

    id: str
    device: str
    layer: Layer
    reason: str
    true_when: Expression
    true_lag: int
    false_lag: int
    bound: int

    @property
    def lags(self) -> tuple[int, int]:
        """The lag of false and of true, to be indexed by the truth."""
        return self.false_lag, self.true_lag


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """A polled device: ``answer.values`` are in the order of ``points``."""

    id: str
    points: tuple[PointPlan, ...]
    conditions: tuple[ConditionPlan, ...]
    slot: int
    deadline: int


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """A redundant path; both expressions are over condition ids."""

    id: str
    carries: Expression
    ready: Expression | None


@dataclass(frozen=True, slots=True)
class DegradedPlan:
    """On the air, below the limit, while ``when`` (over condition ids) is true."""

    when: Expression
    reason: str


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One link of the chain: ``needs``, or ``members`` when there is redundancy (never both)."""

    id: str
    owner: str
    layer: Layer
    needs: Expression | None = None
    members: tuple[MemberPlan, ...] = ()
    degraded: tuple[DegradedPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """The three delays are never one: ``tell_after`` stands with the person."""

    open_after: int
    clear_after: int
    severity: str


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """``chain`` runs from the source to the antenna."""

    id: str
    chain: tuple[StagePlan, ...]
    off_air: FaultPlan
    blind: FaultPlan
    reserve_lost: FaultPlan


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """``tell``: channel ids in order of preference; ``tell_after``: (severity, delay) pairs."""

    id: str
    tell: tuple[str, ...]
    tell_after: tuple[tuple[str, int], ...]

    def delay(self, severity: str) -> int:
        """Return how long an incident must stand before this person is told of it."""
        return dict(self.tell_after).get(severity, 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the core is told about the site."""

    site: str
    devices: tuple[DevicePlan, ...]
    programmes: tuple[ProgrammePlan, ...]
    people: tuple[PersonPlan, ...]
    retry_first: int = 1_000_000
    retry_max: int = 300_000_000
    mark_every: int = 60_000_000
