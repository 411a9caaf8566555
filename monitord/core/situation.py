"""The Situation: durable state, memory of the last answers, index of dues. Owns these shapes.

One owner, the engine. Only ``apply`` writes ``durable``; everything else comes from the plan or the
last answers, and is built empty at a start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from monitord.core.chain import (
    LayerPlan,
    carried_by,
    faulty_sides,
    layers_of,
    needed_by,
    parents_of,
    programme_names,
    proving_turns,
    watched_names,
)
from monitord.core.dues import Dues
from monitord.core.durable import Durable
from monitord.core.events import BadProven
from monitord.core.fault_plans import (
    Sort,
    alarms_by_device,
    alarms_of,
    faults_of,
)
from monitord.core.member_kinds import StageMembers
from monitord.core.message_queue import MessageQueue
from monitord.core.model import Late, TrapSeen, Value
from monitord.core.plan import ConditionPlan, DevicePlan, Plan, ProgrammePlan, StagePlan, as_read
from monitord.core.settling import Settling
from monitord.core.stage_kinds import Gathered, KeptKinds
from monitord.core.threshold_cache import Range, SharedThresholds, Thresholds
from monitord.core.timeline import Proof, Timeline
from monitord.core.unconfirmed import Unconfirmed


class Transition(NamedTuple):
    """A condition that turned: it was ``value`` somewhere in [begin, end].

    Without a condition: a moment that may be bad by what is proven of every condition over it.
    ``other_until``: the last moment known to have the opposite value; None after blindness.
    """

    condition: str
    value: bool
    begin: int
    end: int
    other_until: int | None = None


class Doubt(NamedTuple):
    """A suspicion that the next answers of its devices may disprove.

    ``span``: its id; ``begin``: when it begins; ``seconds``: of it in hours; ``found_at``: when it
    was found. Times are microseconds.
    """

    span: str
    begin: int
    seconds: int
    devices: tuple[str, ...]
    found_at: int


class Paused(NamedTuple):
    """The value of a condition before monitord itself was late, proven up to ``held_to``."""

    value: bool
    held_to: int


@dataclass(slots=True)
class DeviceMemory:
    """The last answer of a device, and what it proves.

    ``first_at``: when its first answer was received; ``answered_at``: the last one.
    ``silent``: the kind of its last failed read, None after an answer; ``silences``: failed reads
    since the last answer. ``implausible``: answers in a row, up to the last, with implausible
    values. ``waiting``: by the number of a condition, its reading that does not count yet.
    ``reports``: its last report of each condition, until its next answer.
    ``doubted``: its next answer may disprove a suspicion. ``paused``: conditions that
    were not read because monitord was late, ``paused_until``: they are lost then.
    ``taken_back_at``: when an answer last took back what another said; ``inconsistent_until``:
    until then its answers count for nothing.

    ``timelines``: of its conditions, in order. ``fast``: on the fast path, where an answer with the
    same truths only moves ``proof`` on, and with it ``overdue``: to ``at`` + ``overdue_after``, or
    to ``overdue_by`` if that is earlier (a condition whose points the answers no longer have).
    """

    plan: DevicePlan
    thresholds: Thresholds
    proof: Proof
    timelines: tuple[Timeline, ...] = ()
    fast: bool = False
    overdue: int | None = None
    overdue_after: int = 0
    overdue_by: int | None = None
    threshold_cache: list[Range] = field(default_factory=list)
    values: tuple[Value, ...] | None = None
    truths: tuple[bool | None, ...] = ()
    first_at: int | None = None
    answered_at: int | None = None
    silent: str | None = None
    silent_at: int | None = None
    silences: int = 0
    implausible: int = 0
    waiting: dict[int, Unconfirmed] = field(default_factory=dict)
    reports: dict[str, TrapSeen] = field(default_factory=dict)
    doubted: bool = False
    paused: dict[str, Paused] = field(default_factory=dict)
    paused_until: int = 0
    taken_back_at: int | None = None
    inconsistent_until: int | None = None
    programmes: tuple[str, ...] = ()
    watched_by: tuple[ProgrammeMemory, ...] = ()


@dataclass(slots=True)
class ProgrammeMemory:
    """How far a programme is settled, and the transitions that may still prove it bad.

    ``begun``: when it was first judged by its chain and devices; ``held``: its proof of bad that
    may not open yet (``opening_hold.py``).
    ``calendar_seen``: calendar boundaries up to here are settled. ``unsettled``: a condition
    changed that the settled time does not include yet. ``uses``: the conditions of its verdict;
    ``layers``: those monitored; ``proving``: the turns that may prove it bad. ``heard``: devices
    that answered while transitions wait, and were not read for them yet; ``gathered``: what is
    proven over the span of each transition.
    """

    plan: ProgrammePlan
    begun: int
    settled_to: int
    calendar_seen: int
    unsettled: bool = True
    transitions: list[Transition] = field(default_factory=list)
    held: BadProven | None = None
    uses: tuple[str, ...] = field(init=False)
    layers: tuple[LayerPlan, ...] = field(init=False)
    proving: frozenset[tuple[str, bool]] = field(init=False)
    settling: Settling = field(init=False)
    heard: dict[str, None] = field(init=False)
    gathered: dict[Transition, Gathered] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.uses = programme_names(self.plan)
        self.layers = layers_of(self.plan)
        self.proving = proving_turns(self.plan)
        self.settling = Settling(self.plan, self.uses)
        # Turns of the plan before are read in full.
        self.heard = dict.fromkeys(name.partition(".")[0] for name in self.uses)

    @property
    def may_prove(self) -> bool:
        """Whether a turn or a proof waits, or what is kept for turns is not forgotten yet."""
        return bool(self.transitions or self.held is not None or self.heard or self.gathered)

    def touch(self, condition: str) -> None:
        """Read a condition again: it turned, was lost or has another cause."""
        self.unsettled = True
        self.settling.touch(condition)


class Situation:
    """See the module.

    ``troubled``: devices whose last read failed or had implausible values. ``silences``: how many
    devices' last reads failed, by kind of error. ``dips``: by supply,
    from when to when it was off last; None: it is off. ``hints``: by condition, when its last bad
    reading came that no second one confirmed before the device fell silent. ``doubts``: by
    programme.
    ``started``: site time of the present run's start, 0 before it; ``absent_from``: the last sign
    of the run before it. ``clock``: site time of the last item taken; ``is_tied``: an answer before
    it may have been sent at its moment. ``built``: a wall time before which this program did not
    exist. ``late``: when monitord itself last did not run; ``late_recorded``: something was not
    read for it, and the record says so.
    ``reconfigured``: programmes that a reload judges by something else, and whether their chain is
    another one; while it is taken.
    ``open_members``: by incident, members to ask first whether one is open. ``unopened``: by place,
    faults that have it as a cause and are no members of its incident, or were none; None: unknown.
    ``config_refused``: an earlier configuration counts: at this start, or at the last reload, the
    files had mistakes.
    """

    def __init__(self, plan: Plan, durable: Durable) -> None:
        self.durable = durable
        self.dues = Dues()
        self.started = 0
        self.absent_from = 0
        self.built = 0
        self.clock = durable.last_at
        self.is_tied = False
        self.late: Late | None = None
        self.late_recorded = False
        self.timelines: dict[str, Timeline] = {}
        self.devices: dict[str, DeviceMemory] = {}
        self.troubled: dict[str, DeviceMemory] = {}
        self.silences: dict[str, int] = {}
        self._thresholds = SharedThresholds()
        self._shared: dict[tuple[int, int], tuple[int, int]] = {}
        self.programmes: dict[str, ProgrammeMemory] = {}
        self.queues: dict[str, MessageQueue] = {}
        self.open_members: dict[str, list[str]] = {}
        self.reconfigured: dict[str, bool] = {}
        self.config_refused = False
        self.dips: dict[str, tuple[int, int | None]] = {}
        self.hints: dict[str, int] = {}
        self.doubts: dict[str, Doubt] = {}
        self._use(plan)

    def _use(self, plan: Plan) -> None:
        """Look everything up in this plan from now on."""
        self.plan = plan
        self.unopened: dict[str, dict[str, None]] | None = None
        self.conditions: dict[str, ConditionPlan] = {
            condition.id: condition for device in plan.devices for condition in device.conditions
        }
        self.watchers: dict[str, tuple[str, ...]] = _watchers(plan)
        self.bad_when = faulty_sides(plan)
        self.needed_by = needed_by(plan)
        self.reasons = {one.id: self._reasons_of(one) for one in plan.programmes}
        self.uptimes = {
            device.id: place
            for device in plan.devices
            for place, point in enumerate(device.points)
            if point.uptime_of == "equipment"
        }
        self.feeds = frozenset(name for device in plan.devices for name in device.powered_by)
        self.links = frozenset(
            name.partition(".")[0] for device in plan.devices for name in device.behind
        )
        self.carried_by = carried_by(plan)
        self.people = {person.id: person for person in plan.people}
        self.faults_of = {programme.id: faults_of(programme) for programme in plan.programmes}
        self.alarms = alarms_of(plan)
        self.lines = alarms_by_device(self.alarms, Sort.INCONSISTENT)
        self.silence_alarms = alarms_by_device(self.alarms, Sort.SILENT)
        faults = chain(self.alarms.values(), *self.faults_of.values())
        self.faults = {fault.id: fault for fault in faults}

    def _reasons_of(self, plan: ProgrammePlan) -> frozenset[str]:
        """Return the reasons of an outage that the programme monitors."""
        return frozenset(self.conditions[name].reason for name in programme_names(plan))

    def begin(self, at: int, cause: str) -> None:
        """Begin the run that this object is of: each condition is blind from ``at`` on."""
        self.started = at
        self.programmes = {
            programme.id: ProgrammeMemory(programme, at, at, at)
            for programme in self.plan.programmes
        }
        self.devices = {
            device.id: self._remember(device, at, cause) for device in self.plan.devices
        }
        self.dues.overdue = self.devices

    def adopt(
        self, plan: Plan, at: int, changed: Collection[str], ends: Mapping[str, int]
    ) -> tuple[str, ...]:
        """Go on with another plan; return the programmes whose chain is new from ``at`` on.

        A device that is read as before and is not in ``changed`` keeps its answers, proofs and
        timelines, whatever alarms it has; any other is blind from ``at``. ``ends``: up to when
        each programme is settled. The caller rebuilds the index of dues.
        """
        before, devices = self.programmes, self.devices
        self.doubts = {}
        anew = tuple(
            one.id
            for one in plan.programmes
            if one.id not in before or before[one.id].plan.chain != one.chain
        )
        kept = {
            device.id: devices[device.id]
            for device in plan.devices
            if device.id in devices and device.id not in changed
            if as_read(devices[device.id].plan) == as_read(device)
        }
        self._use(plan)
        self._thresholds = SharedThresholds()
        self.timelines = {
            condition.id: timeline
            for memory in kept.values()
            for condition, timeline in zip(memory.plan.conditions, memory.timelines, strict=True)
        }
        self.programmes = {
            one.id: self._judged_on(one, before.get(one.id), at, ends) for one in plan.programmes
        }
        self.devices = {
            device.id: self._watch(kept[device.id], device)
            if device.id in kept
            else self._remember(device, self._blind_from(device, at, ends), "not_yet")
            for device in plan.devices
        }
        self.troubled = {name: m for name, m in self.troubled.items() if name in kept}
        self.silences = {}
        for memory in kept.values():
            self._count_silence(memory.silent, 1)
        self.dues = Dues()
        self.dues.overdue = self.devices
        return anew

    def _judged_on(
        self, plan: ProgrammePlan, before: ProgrammeMemory | None, at: int, ends: Mapping[str, int]
    ) -> ProgrammeMemory:
        """Return what is remembered of a programme under its next plan.

        ``timelines`` are those of devices that stay the same.
        """
        if before is None:
            return ProgrammeMemory(plan, at, at, at)
        if before.plan.chain != plan.chain:
            return ProgrammeMemory(plan, at, at, before.calendar_seen)
        same = before.plan.witnesses == plan.witnesses
        if same and all(name in self.timelines for name in before.uses):
            before.plan = plan
            before.settling.members.forget()
            before.settling.leave(lambda name: plan.id in self.watchers.get(name, ()))
            return before
        # Turns that a replaced device has proven are lost with its timelines.
        uses = self.timelines.keys() & programme_names(plan)
        turns = [turn for turn in before.transitions if turn.condition in uses]
        end = ends[plan.id]
        return ProgrammeMemory(plan, at, end, before.calendar_seen, transitions=turns)

    def _blind_from(self, device: DevicePlan, at: int, ends: Mapping[str, int]) -> int:
        """Return from when nothing is known of a device: its past is read where it is unsettled."""
        watching = _programmes_of(self.watchers, device)
        return min([at, *(ends[name] for name in watching if name in ends)])

    def _watch(self, memory: DeviceMemory, plan: DevicePlan) -> DeviceMemory:
        """Return a device that is read as before, watched by the programmes of the present plan."""
        memory.plan = plan
        memory.programmes = _programmes_of(self.watchers, memory.plan)
        memory.watched_by = tuple(self.programmes[name] for name in memory.programmes)
        return memory

    def _remember(self, device: DevicePlan, at: int, cause: str) -> DeviceMemory:
        """Return a device without any answer, with its timelines."""
        proof, shared = Proof(at), self._shared
        timelines = []
        for condition in device.conditions:
            lags = shared.setdefault(condition.lags, condition.lags)
            timelines.append(Timeline(condition.bound, at, cause, proof, lags))
            self.timelines[condition.id] = timelines[-1]
        programmes = _programmes_of(self.watchers, device)
        return DeviceMemory(
            device,
            self._thresholds.of(device),
            proof,
            tuple(timelines),
            programmes=programmes,
            watched_by=tuple(self.programmes[name] for name in programmes),
        )

    def store_silence(self, memory: DeviceMemory, kind: str | None) -> None:
        """Store how the last read of a device failed; None where it was answered."""
        if memory.silent != kind:
            self._count_silence(memory.silent, -1)
            memory.silent = kind
            if kind is None:
                memory.silent_at = None
            self._count_silence(kind, 1)

    def _count_silence(self, kind: str | None, more: int) -> None:
        if kind is not None:
            self.silences[kind] = self.silences.get(kind, 0) + more

    def silent_for(self, kind: str) -> bool:
        """Return whether every device is silent, and for this kind of error."""
        return self.silences.get(kind, 0) == len(self.devices)

    @property
    def is_silent(self) -> bool:
        """Whether no device answered its last read."""
        return sum(self.silences.values()) == len(self.devices)

    def known_to(self, programme: str, now: int) -> int:
        """Return the site time up to which every condition of the programme is known."""
        memory = self.programmes[programme]
        self._read(memory)
        return memory.settling.known_to(self.timelines, now)

    def kept(self, programme: str) -> KeptKinds:
        """Return what the last answers show of the stages of a programme."""
        memory = self.programmes[programme]
        self._read(memory)
        return memory.settling.present

    def members(self, programme: str, stage: StagePlan) -> StageMembers:
        """Return what the last answers show of the members of a redundant stage."""
        memory = self.programmes[programme]
        self._read(memory)
        return memory.settling.members.of(stage, lambda name: self.timelines[name].kind)

    def _read(self, memory: ProgrammeMemory) -> None:
        memory.settling.read(self.timelines, self.durable.conditions, memory.settled_to)

    def settled_to(self, programme: str) -> int:
        """Return the site time up to which the columns of a programme's seconds are final.

        While no condition changes the pieces are not settled again; the last proofs count.
        """
        memory = self.programmes[programme]
        known = self.known_to(programme, max(self.clock, self.started))
        return min(memory.settled_to if memory.unsettled else known, known)

    def is_settled(self) -> bool:
        """Return whether every programme is settled: then equal answers prove nothing new."""
        return not any(
            memory.unsettled or memory.transitions for memory in self.programmes.values()
        )


def _watchers(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the programmes to judge when a condition turns: it may also explain what is bad."""
    parents = {device.id: parents_of(device) for device in plan.devices}
    found: dict[str, list[str]] = {}
    for programme in plan.programmes:
        for name in _with_parents(watched_names(programme), parents):
            found.setdefault(name, []).append(programme.id)
    return {name: tuple(programmes) for name, programmes in found.items()}


def _with_parents(
    conditions: Iterable[str], parents: Mapping[str, tuple[str, ...]]
) -> Iterable[str]:
    found = dict.fromkeys(conditions)
    waiting = list(found)
    while waiting:
        device = waiting.pop().partition(".")[0]
        fresh = [name for name in parents.get(device, ()) if name not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return found


def _programmes_of(watchers: dict[str, tuple[str, ...]], device: DevicePlan) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for condition in device.conditions:
        watching = watchers.get(condition.id)
        if watching is not None:
            found.update(dict.fromkeys(watching))
    return tuple(found)
