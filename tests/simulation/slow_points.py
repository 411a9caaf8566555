"""Points that are read more rarely than their device: what an answer repeats of them, and how long.

Pure. As the configuration makes them: they are as much older as their own reads are apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from monitord.core.model import Value
from monitord.core.plan import DevicePlan, Plan
from simulators.plant.signals import Signal
from tests.simulation.facts import MS, SECOND, Span
from tests.simulation.lines import SimDevice
from tests.simulation.site import deadline_of

SLOW = {"fm1": 1, "fm2": 1}
"""By device, the place of its slow point."""
POINT, CONDITION = "fault", "well"
SLOW_SLOTS = 4
"""It is read in every fourth slot; where that failed, in the next one."""
OLDER = SLOW_SLOTS * SECOND + deadline_of(SECOND)
VALID_FOR = OLDER
"""So long behind its request what was read is repeated; then the value is absent."""
FAILS = 0.03


def name_of_slow(device: str) -> str:
    """Return the name that the slow points of a device have in the truth."""
    return f"{device} slow"


def with_slow_points(plan: Plan) -> Plan:
    """Return the plan in which these points are as old as their reads let them be."""
    return replace(plan, devices=tuple(_aged(d) if d.id in SLOW else d for d in plan.devices))


def _aged(device: DevicePlan) -> DevicePlan:
    points = tuple(
        replace(p, agent_refresh_max=p.agent_refresh_max + OLDER) if p.id == POINT else p
        for p in device.points
    )
    conditions = tuple(
        replace(c, true_lag=c.true_lag + OLDER, false_lag=c.false_lag + OLDER)
        if c.id == f"{device.id}.{CONDITION}"
        else c
        for c in device.conditions
    )
    return replace(device, points=points, conditions=conditions)


@dataclass
class SlowReads:
    """The reads of one device's slow point. ``failed``: when each was due that brought nothing."""

    device: SimDevice
    gaps: tuple[Span, ...]
    random: Random
    failed: list[int]
    _value: Value = None
    _read_at: int = 0
    _next: int = 0
    _silent: int = field(default=0)

    @property
    def signal(self) -> Signal[bool] | Signal[int]:
        """What the point shows."""
        return self.device.reported[SLOW[self.device.id]]

    def shown(self, sent_at: int) -> Value:
        """Return what an answer to a request of this moment has in its place."""
        return self._value if sent_at - self._read_at <= VALID_FOR else None

    def polled(self, sent_at: int, at: int, *, answered: bool) -> None:
        """Read it behind a poll of the others, if it is time; not behind two silences in a row."""
        self._silent = 0 if answered else self._silent + 1
        if sent_at < self._next:
            return
        asked = at + MS
        if self._silent > 1:
            self.failed.append(asked)
            return
        lost = self.random.random() < FAILS or any(a <= asked < b for a, b in self.gaps)
        if lost or self.device.silent.at(asked):
            self.failed.append(asked)
            self._next = sent_at + 1
        else:
            self._value = self.signal.at(asked + self.random.randrange(40 * MS))
            self._read_at = asked
            self._next = sent_at + SLOW_SLOTS * self.device.slot - self.device.slot // 2

    def ran(self, last_sent_at: int) -> None:
        """Take it as read all through a run of equal answers."""
        self._read_at = last_sent_at - self.device.slot
        self._next = last_sent_at + 1
