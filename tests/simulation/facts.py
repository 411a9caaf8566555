"""What is true of a simulated site: how it is watched, and every fault that was put into it.

Owns plain numbers and intervals. Must import nothing of monitord: the observer judges by these.
Times and durations are microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulators.plant.signals import Signal

MS = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

Span = tuple[int, int]
"""From (included) to (excluded)."""


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """How one condition is watched. ``partners``: it is judged together with so many others.

    ``lag``: how late the device may report the worse of both values.
    """

    id: str
    device: str
    slot: int
    deadline: int
    lag: int
    bound: int
    partners: int = 0

    @property
    def widest(self) -> int:
        """How far back one answer's evidence may begin."""
        return self.deadline + self.lag

    @property
    def shortest(self) -> int:
        """The shortest detectable outage: bound, widest evidence, wait for a second reading.

        A redundant stage is proven bad only inside the held bad of its other members, which is
        known one evidence later.
        """
        once = self.bound + self.widest + self.slot + self.deadline
        return once + self.partners * (self.widest + self.slot)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A place where a programme can break: ``devices/stage``, and the condition that shows it.

    ``seen_first_at``: places that show the consequence, which may be named until this one's own
    condition is proven. ``is_shared``: it is no stage; several devices depend on it.
    """

    place: str
    condition: ConditionFacts
    devices: tuple[str, ...]
    seen_first_at: tuple[str, ...] = ()
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class FaultFacts:
    """Delays and severity of one sort of fault of a programme."""

    severity: str
    open_after: int
    clear_after: int


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """One programme; ``rank``: its place in the order of restoration, first is 0."""

    id: str
    rank: int
    off_air: FaultFacts
    blind: FaultFacts
    reserve_lost: FaultFacts


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person: the delay of each severity."""

    id: str
    tell_after: dict[str, int]


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault put into the plant. ``spans``: when it truly takes its programmes off the air.

    ``kind``: outage, or reserve where a member of a redundant stage can no longer take over.
    ``goes_on``: it went on when another configuration named its place otherwise. ``later``: what
    the configurations behind its end call the place. ``shown_to``: its place shows it up to then,
    None where that is its end. ``also``: other names of its place while it lasts.
    ``where_hidden``: those that it has where nobody saw what was bad shortly before. ``again``: it
    fell shortly before, so that a message of it may wait up to a minute more.
    """

    id: str
    what: str
    place: str
    begin: int
    end: int
    programmes: tuple[str, ...]
    spans: tuple[Span, ...]
    kind: str = "outage"
    goes_on: bool = False
    later: tuple[str, ...] = ()
    shown_to: int | None = None
    also: tuple[str, ...] = ()
    where_hidden: tuple[str, ...] = ()
    again: bool = False

    @property
    def shown(self) -> Span:
        """While its own place shows it; what it stopped may need longer to start again."""
        return self.begin, self.end if self.shown_to is None else min(self.shown_to, self.end)


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """A cause that several devices share failed at ``place``, and was seen to from there.

    ``devices``: by programme, what failed with it. ``shows``: as what its programmes are reported:
    off_air; blind, as it took the answers only; suspected, as nobody saw that they were off.
    """

    place: str
    begin: int
    end: int
    devices: dict[str, str]
    shows: str


@dataclass(frozen=True, slots=True)
class WitnessFacts:
    """What listens to a programme: ``device``, by ``condition``; ``sender``: what is in its chain.

    ``unheard``: when it receives nothing and is not known to be ill; ``ill``: when it is.
    """

    device: str
    sender: str
    condition: ConditionFacts
    unheard: Signal[bool]
    ill: Signal[bool]


@dataclass(frozen=True, slots=True)
class DegradedFacts:
    """When a programme is on the air and below its limit, and the devices that show it."""

    plan: FaultFacts
    reduced: Signal[bool]
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReserveFacts:
    """When a programme has no reserve, by ``fault``; ``shortest``: what ``devices`` surely show."""

    programme: str
    fault: str
    devices: tuple[str, ...]
    shortest: int
    lost: Signal[bool]


@dataclass(frozen=True, slots=True)
class Blamed:
    """From ``begin`` to ``end`` it is right to name ``place`` as the cause."""

    place: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class OutageFacts:
    """One outage, and what may be named as its cause. ``fell``: the place of what fell first.

    ``since``: the begin of the first fall that it goes on from. ``named``: what is to blame, where
    all is seen. ``listed``: (from when, place) of all that was broken, and may be named where a
    change was not seen.
    """

    begin: int
    end: int
    since: int
    fell: str
    named: tuple[Blamed, ...]
    listed: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class BlameFacts:
    """What is to blame for the outages of one programme, in order.

    ``devices``: what shows it; ``changes``: when anything did that they show; ``slot``: of each.
    ``seen_within``: a change is surely seen, and its cause settled, within this.
    """

    outages: tuple[OutageFacts, ...]
    devices: tuple[str, ...]
    changes: tuple[int, ...]
    slot: int
    seen_within: int


@dataclass(frozen=True, slots=True)
class GearFacts:
    """How a device that sends is known. ``emits``: the condition that it has output.

    ``carries``: by programme, the conditions that are true while it carries it, a switch's too.
    ``ready``: the one by which it could take over, "" where none is configured.
    """

    emits: str
    carries: Mapping[str, tuple[str, ...]]
    ready: str = ""


@dataclass(frozen=True, slots=True)
class NamesFacts:
    """What people call things. ``stages``: by ``programme/stage``, where one has a name.

    ``words``: by condition, what is said in Chinese and English while it is false. ``reached``: by
    condition of a switch, the device whose antenna it is not on then.
    """

    site: str = ""
    devices: Mapping[str, str] = field(default_factory=dict)
    programmes: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reached: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BootFacts:
    """monitord's start at ``started`` follows a boot of the computer, at ``booted``."""

    started: int
    booted: int


@dataclass(frozen=True, slots=True)
class ClockAlarm:
    """People must know of the clock from ``begin`` to ``end``."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """From ``at`` on the clock may be trusted so far; several where either is right."""

    at: int
    trusts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockPlace:
    """From ``at`` on one of these offsets is held to be right; none: the time is nowhere.

    ``boot``: the start of the boot it belongs to; it may be placed again as a whole.
    """

    at: int
    boot: int
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HoursFacts:
    """When a programme is scheduled. ``on``: wall time; the rest is site time.

    ``rings``: as it is known at each moment, unsure counts as on. ``surely``, ``perhaps``: by every
    and by any place that its time may get. ``edges``: where hours may begin or end.
    """

    on: tuple[Span, ...]
    rings: Signal[bool]
    surely: Signal[bool]
    perhaps: Signal[bool]
    edges: tuple[int, ...]


@dataclass
class Facts:
    """The truth of one history over [``begin``, ``end``).

    ``on_air``, ``unseen`` (no device can show it): signals by programme. ``reserves``: when each
    programme has none.
    ``silent``: when each device does not answer. ``too_short``: by programme, the faults that were
    drawn too short to be surely seen. ``decided_by``: conditions that alone decide a programme.
    ``boots``, ``clock_alarms``, ``clock_trusts``: in order; what people must know of the clock, and
    how far it may be trusted. ``clock_read_every``: so often it is read.
    ``not_asked``: when each device was not configured, or not asked yet. ``reloads``: when another
    configuration began to count. ``hours``: of the programmes that have a close-down.
    ``clock_places``: how the time was placed, in order. ``wrong_readings``: when each device showed
    a value once that was not true. ``shared``: what failed together, by a cause outside the chain.
    ``lags``: of each condition, how late its device may report it. ``witnesses``, ``degraded``,
    ``blames``: by programme. ``shown``: of each condition, what its device shows; ``watched``: how.
    ``gear``: devices that send. ``no_answer``: when a device gives none, where ``silent`` is more
    than that; ``no_value``: when it answers without a value that can be. ``removed``: when a
    programme is not configured.
    """

    begin: int = 0
    end: int = 0
    programmes: dict[str, ProgrammeFacts] = field(default_factory=dict)
    places: dict[str, PlaceFacts] = field(default_factory=dict)
    people: tuple[PersonFacts, ...] = ()
    injected: list[Injected] = field(default_factory=list)
    on_air: dict[str, Signal[bool]] = field(default_factory=dict)
    unseen: dict[str, Signal[bool]] = field(default_factory=dict)
    silent: dict[str, Signal[bool]] = field(default_factory=dict)
    blind_by: dict[str, tuple[ConditionFacts, ...]] = field(default_factory=dict)
    decided_by: dict[str, str] = field(default_factory=dict)
    too_short: dict[str, list[Span]] = field(default_factory=dict)
    changeovers: int = 0
    boots: list[BootFacts] = field(default_factory=list)
    clock_alarms: list[ClockAlarm] = field(default_factory=list)
    clock_trusts: list[ClockTrust] = field(default_factory=list)
    clock_read_every: int = 0
    not_asked: dict[str, Signal[bool]] = field(default_factory=dict)
    reloads: tuple[int, ...] = ()
    wrong_readings: dict[str, tuple[int, ...]] = field(default_factory=dict)
    hours: dict[str, HoursFacts] = field(default_factory=dict)
    clock_places: list[ClockPlace] = field(default_factory=list)
    shared: list[SharedFacts] = field(default_factory=list)
    lags: dict[str, int] = field(default_factory=dict)
    witnesses: dict[str, WitnessFacts] = field(default_factory=dict)
    degraded: dict[str, DegradedFacts] = field(default_factory=dict)
    reserves: list[ReserveFacts] = field(default_factory=list)
    blames: dict[str, BlameFacts] = field(default_factory=dict)
    shown: dict[str, Signal[bool]] = field(default_factory=dict)
    watched: dict[str, ConditionFacts] = field(default_factory=dict)
    gear: dict[str, GearFacts] = field(default_factory=dict)
    no_answer: dict[str, Signal[bool]] = field(default_factory=dict)
    no_value: dict[str, Signal[bool]] = field(default_factory=dict)
    removed: dict[str, Signal[bool]] = field(default_factory=dict)
    names: NamesFacts = field(default_factory=NamesFacts)
