"""Small sites as plans, and a driver that feeds the core as the engine does.

Owns no rule: it collects the decisions of the core and checks none.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Any

from monitord.core.apply import apply
from monitord.core.differences import Part, differences
from monitord.core.durable import Durable
from monitord.core.expression import AnyOf, Expression, Name, Not
from monitord.core.model import (
    SECOND,
    Answer,
    Attempted,
    Base,
    CalendarExtended,
    ConfigAdopted,
    Event,
    Input,
    Layer,
    Silence,
    Started,
    Stopping,
    Value,
)
from monitord.core.pipeline import advance
from monitord.core.plan import (
    AlarmPlan,
    ChannelPlan,
    ConditionPlan,
    DegradedPlan,
    DevicePlan,
    FaultPlan,
    MemberPlan,
    PersonPlan,
    Plan,
    PointPlan,
    ProgrammePlan,
    StagePlan,
    as_read,
)
from monitord.core.situation import Situation
from tests.support.calendars import Intervals, given

T0 = 1_000_000 * SECOND
"""Site time at which every script begins."""
WALL = 1_700_000_000 * SECOND
"""Wall time at ``T0``."""
OFFSET = WALL - T0
SLOT = SECOND
DEADLINE = 800_000
BOUND = 2 * SLOT + DEADLINE
ALWAYS = ((WALL - 86_400 * SECOND, WALL + 10**9 * SECOND, "on"),)

OFF_AIR = FaultPlan(open_after=0, clear_after=30 * SECOND, severity="critical")
BLIND = FaultPlan(open_after=60 * SECOND, clear_after=30 * SECOND, severity="major")
RESERVE = FaultPlan(open_after=10 * SECOND, clear_after=30 * SECOND, severity="minor")
EARLY = (("critical", 3 * SECOND), ("major", 0), ("minor", 0), ("warning", 0))
LATE = (("critical", 20 * SECOND), ("major", 5 * SECOND), *EARLY[2:])
DESK = PersonPlan("desk", ("console",), EARLY)
PEOPLE = (replace(DESK, tell=("console", "webhook")), PersonPlan("engineer", ("webhook",), LATE))

Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Site:
    """A plan and, per device, its answers by name ("good", "bad", "absent" and others).

    ``name`` and ``delays`` (open, clear and message delay) identify a failing example.
    """

    name: str
    plan: Plan
    answers: Mapping[str, Mapping[str, Values]]
    delays: tuple[int | None, ...] = ()

    def __repr__(self) -> str:
        return f"Site({self.name}, {self.delays})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def with_(
        self,
        *,
        open_after: int = OFF_AIR.open_after,
        clear_after: int = OFF_AIR.clear_after,
        tell_after: int | None = None,
        people: tuple[PersonPlan, ...] | None = None,
    ) -> Site:
        """Return the site with other delays of off air, or other people.

        ``tell_after`` is that of the first person.
        """
        delays = {"open_after": open_after, "clear_after": clear_after}
        programmes = tuple(
            replace(p, off_air=replace(p.off_air, **delays)) for p in self.plan.programmes
        )
        first, *others = self.plan.people if people is None else people
        if tell_after is not None:
            first = replace(first, tell_after=(("critical", tell_after), *EARLY[1:]))
        plan = replace(self.plan, programmes=programmes, people=(first, *others))
        return replace(self, plan=plan, delays=(open_after, clear_after, tell_after))


def condition(
    name: str, layer: Layer, reason: str, when: Expression, lags: tuple[int, int] = (0, 0)
) -> ConditionPlan:
    """Return a condition ``device.name``; ``lags`` are those of true and of false."""
    return ConditionPlan(name, name.partition(".")[0], layer, reason, when, *lags, BOUND)


def device(name: str, points: Iterable[str], *conditions: ConditionPlan) -> DevicePlan:
    """Return a device polled each second."""
    return DevicePlan(name, tuple(map(PointPlan, points)), conditions, SLOT, DEADLINE)


def sound(name: str) -> DevicePlan:
    """Return a silence detector: silent after 10 s, sound again after 2 s."""
    lags = (10 * SECOND, 2 * SECOND)
    heard = condition(f"{name}.sound", Layer.CONTENT, "silence", Not(Name("silent")), lags)
    return device(name, ("silent",), heard)


def transmitter(name: str, lags: tuple[int, int] = (0, 0)) -> DevicePlan:
    """Return a transmitter that reports carrier, fault and low power."""
    return device(
        name,
        ("rf", "fault", "low"),
        condition(f"{name}.radiating", Layer.EMISSION, "no_carrier", Name("rf"), lags),
        condition(f"{name}.sane", Layer.EMISSION, "fault", Not(Name("fault")), lags),
        condition(f"{name}.low", Layer.EMISSION, "reduced_power", Name("low"), lags),
    )


SOUND_ANSWERS = {"good": (False,), "bad": (True,), "absent": (None,)}
TRANSMITTER_ANSWERS = {
    "good": (True, False, False),
    "bad": (False, True, False),
    "idle": (False, False, False),
    "low": (True, False, True),
    "absent": (None, None, None),
    "half": (True, None, False),
}


def programme(name: str, *chain: StagePlan) -> ProgrammePlan:
    """Return a programme with the seam's delays."""
    return ProgrammePlan(name, chain, OFF_AIR, BLIND, RESERVE)


def needs(stage: str, layer: Layer, name: str) -> StagePlan:
    """Return a stage without redundancy."""
    return StagePlan(stage, "own", layer, needs=Name(name))


def member(name: str) -> MemberPlan:
    """Return a transmitter as a redundant path."""
    return MemberPlan(name, Name(f"{name}.radiating"), Name(f"{name}.sane"))


def fm_site() -> Site:
    """Return one FM programme: a studio's sound, then one transmitter."""
    stages = (
        needs("studio", Layer.CONTENT, "io.sound"),
        StagePlan("tx", "own", Layer.EMISSION, members=(MemberPlan("fm1", RADIATES, None),)),
    )
    plan = Plan("hill", (transmitter("fm1"), sound("io")), (programme("fm", *stages),), PEOPLE)
    return Site("fm", plan, {"fm1": TRANSMITTER_ANSWERS, "io": SOUND_ANSWERS})


RADIATES = Name("fm1.radiating")


def reserve_site(slow_lags: tuple[int, int] = (2 * SECOND, 3 * SECOND)) -> Site:
    """Return a redundant stage of two transmitters, the second slow, and reduced power."""
    low = DegradedPlan(AnyOf((Name("a.low"), Name("b.low"))), "reduced_power")
    stage = StagePlan(
        "tx", "own", Layer.EMISSION, members=(member("a"), member("b")), degraded=(low,)
    )
    devices = (transmitter("a"), transmitter("b", slow_lags))
    plan = Plan("hill", devices, (programme("tv", stage),), PEOPLE)
    return Site("reserve", plan, {"a": TRANSMITTER_ANSWERS, "b": TRANSMITTER_ANSWERS})


def shared_site() -> Site:
    """Return two programmes, each with its own sound, on one transmitter."""
    tx = needs("tx", Layer.EMISSION, "fm1.radiating")
    programmes = (
        programme("one", needs("studio", Layer.CONTENT, "io1.sound"), tx),
        programme("two", needs("studio", Layer.CONTENT, "io2.sound"), tx),
    )
    plan = Plan("hill", (transmitter("fm1"), sound("io1"), sound("io2")), programmes, PEOPLE)
    answers = {"fm1": TRANSMITTER_ANSWERS, "io1": SOUND_ANSWERS, "io2": SOUND_ANSWERS}
    return Site("shared", plan, answers)


def plant_site() -> Site:
    """Return three programmes of two ranks and severities over a multiplexer and two transmitters.

    The mains feed has an alarm and supplies both transmitters; ``tx2`` mutes without its input.
    """
    mains = condition("feed.mains", Layer.EQUIPMENT, "mains", Name("ok"))
    feed = device("feed", ("ok",), replace(mains, alarm=AlarmPlan("major", 0, 10 * SECOND)))
    names = ("one", "two")
    services = [condition(f"mux.{n}", Layer.SERVICE, "service_missing", Name(n)) for n in names]
    mux = device("mux", names, *services)
    tx1 = replace(transmitter("tx1"), powered_by=("feed.mains",))
    tx2 = replace(transmitter("tx2"), powered_by=tx1.powered_by, mutes_on_input=("mux.two",))
    one, two = (needs("mux", Layer.SERVICE, f"mux.{name}") for name in ("one", "two"))
    first, second = (needs("tx", Layer.EMISSION, f"{n}.radiating") for n in ("tx1", "tx2"))
    central = replace(programme("one", one, first), rank=0)
    lesser = replace(programme("three", two, second), off_air=replace(OFF_AIR, severity="minor"))
    programmes = (central, programme("two", two, first), lesser)
    people = (PEOPLE[0], replace(PEOPLE[1], tell_after=(*LATE[:2], ("minor", SECOND), LATE[3])))
    channels = (ChannelPlan("console", single=True), ChannelPlan("webhook"))
    plan = Plan("hill", (feed, mux, tx1, tx2), programmes, people, channels=channels)
    answers = {
        "feed": {"good": (True,), "bad": (False,), "absent": (None,)},
        "mux": {"good": (True, True), "bad": (False, False), "one_lost": (False, True)},
    }
    return Site("plant", plan, answers | dict.fromkeys(("tx1", "tx2"), TRANSMITTER_ANSWERS))


SITES: Mapping[str, Callable[[], Site]] = {
    "fm": fm_site,
    "reserve": reserve_site,
    "shared": shared_site,
    "plant": plant_site,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ends ``after`` microseconds: delivered, temporary, permanent or lost."""

    after: int = 200_000
    kind: str = "delivered"


@dataclass(slots=True)
class Run:
    """One run of monitord: its inputs, its ticks, and its events on record.

    ``inputs``: in the order they were taken. ``lost``: events of the last tick that a crash lost;
    they are not in ``events``.
    """

    inputs: list[Input] = field(default_factory=list)
    ticks: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lost: list[Event] = field(default_factory=list)
    last_from: int = 0
    """Index of the first event of the last tick."""


def fold(events: Iterable[Event], durable: Durable | None = None) -> Durable:
    """Return the durable state that the events fold to."""
    durable = Durable() if durable is None else durable
    for event in events:
        apply(durable, event)
    return durable


def parts_of(plan: Plan) -> dict[Part, object]:
    """Return what a plan is made of, to be compared with another one."""
    stages = {("stage", f"{p.id}/{stage.id}"): stage for p in plan.programmes for stage in p.chain}
    return {
        **{("device", one.id): as_read(one) for one in plan.devices},
        **{("programme", one.id): one for one in plan.programmes},
        **stages,
        **{("person", one.id): one for one in plan.people},
    }


Look = Callable[["Driver"], None]
Outcomes = Sequence[Outcome] | Callable[[str, int], Outcome]


class Driver:
    """Feeds a Situation tick by tick, ends its attempts, and keeps everything for a replay.

    ``look`` is called after every tick; ``outcomes`` are used in turn, one an attempt, or are a
    function of the channel and the moment of an attempt. ``calendar``: of all or each programme.
    ``clock_error``: of the wall clock at a start, with what else ``Started`` says of it.
    ``before``: the state that its first run continues; ``base``: why with a new epoch.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        outcomes: Outcomes = (Outcome(),),
        calendar: Intervals | Mapping[str, Intervals] | CalendarExtended = ALWAYS,
        look: Look | None = None,
        before: Durable | None = None,
        base: Base | None = None,
    ) -> None:
        self.plan = plan
        self.before = before
        self.base = base
        self.outcomes = outcomes
        self.calendar = calendar
        self.look = look
        self.clock_error = 0
        self.clock_quality: dict[str, Any] = {}
        self.runs: list[Run] = []
        self.situation = Situation(plan, Durable())
        self._under_way: list[tuple[int, int, Attempted]] = []
        self._attempts = 0

    @property
    def events(self) -> list[Event]:
        """Everything on record."""
        return [event for run in self.runs for event in run.events]

    @property
    def run(self) -> Run:
        return self.runs[-1]

    @property
    def under_way_until(self) -> list[int]:
        """When the attempts that are under way end."""
        return [at for at, _, _ in self._under_way]

    @property
    def now(self) -> int:
        return self.run.ticks[-1]

    def start(self, at: int, *, alive_at: int | None = None) -> None:
        """Begin a run with the recorded events."""
        self.situation = Situation(self.plan, fold(self.events, copy.deepcopy(self.before)))
        base, self.base = self.base, None
        self.runs.append(Run())
        self._under_way.clear()
        wall, boot = at + OFFSET + self.clock_error, f"boot{len(self.runs)}"
        started = Started(at, wall, boot, "config", alive_at, base=base, **self.clock_quality)
        self.tick([started, self.calendar_from(at)], at)

    def calendar_from(self, at: int) -> CalendarExtended:
        """Return what is expected, as an input of this moment."""
        hours, plans = self.calendar, self.plan.programmes
        if isinstance(hours, CalendarExtended):
            return replace(hours, at=at)
        each = hours if isinstance(hours, Mapping) else {p.id: hours for p in plans}
        # After its last interval a calendar of a test knows that all is closed.
        return given(at, {p.id: each.get(p.id, ALWAYS) for p in plans})

    def reload(self, plan: Plan, at: int, again: Iterable[str] = ()) -> tuple[Event, ...]:
        """Go on with another plan. ``again``: changed devices of the same plan (an address)."""
        changes = differences(parts_of(self.plan), parts_of(plan))
        ids = {**changes.changed}
        ids["device"] = tuple(dict.fromkeys([*ids.get("device", ()), *again]))
        changes = replace(changes, changed={sort: found for sort, found in ids.items() if found})
        self.plan = plan
        adopted = ConfigAdopted(at, plan, f"config{len(self.run.ticks)}", "", changes)
        return self.tick([adopted, self.calendar_from(at)], at)

    def tick(self, inputs: Iterable[Input], now: int) -> tuple[Event, ...]:
        """Give the core the inputs stamped up to ``now`` and the outcomes due by then."""
        taken = list(inputs)
        while self._under_way and self._under_way[0][0] <= now:
            taken.append(heappop(self._under_way)[2])
        taken.sort(key=lambda item: item.at)
        events = advance(self.situation, taken, now).events
        self.run.inputs += taken
        self.run.ticks.append(now)
        self.run.last_from = len(self.run.events)
        self.run.events += events
        for event in events:
            if event.kind == "attempt_began":
                self._attempt(event, now)
        if self.look is not None:
            self.look(self)
        return events

    def _attempt(self, event: Event, now: int) -> None:
        body = json.loads(event.body)
        if callable(self.outcomes):
            outcome = self.outcomes(body["channel"], now)
        else:
            outcome = self.outcomes[self._attempts % len(self.outcomes)]
        self._attempts += 1
        if outcome.kind == "lost":
            return
        attempted = Attempted(
            now + max(1, outcome.after),
            event.subject,
            body["incident"],
            body["attempt"],
            delivered=outcome.kind == "delivered",
            permanent=outcome.kind == "permanent",
        )
        heappush(self._under_way, (attempted.at, self._attempts, attempted))

    def crash(self, *, unrecorded: bool = False) -> int:
        """Kill the run; return the site time of its last finished tick.

        ``unrecorded``: the last tick's events were decided and never reached the disk.
        """
        alive_at = self.now
        if unrecorded and len(self.run.ticks) > 1:
            alive_at = self.run.ticks[-2]
            self.run.lost = self.run.events[self.run.last_from :]
            del self.run.events[self.run.last_from :]
        return alive_at

    def stop(self, at: int) -> int:
        """Stop in order at ``at``; return the site time of the last finished tick."""
        self.tick([Stopping(at)], at)
        return at

    def restart(self, at: int) -> None:
        """Crash, and start again at ``at``."""
        self.start(at, alive_at=self.crash())


def polls(
    site: Site,
    states: Mapping[str, str],
    begin: int,
    end: int,
    latency: int = 10_000,
) -> Iterator[list[Input]]:
    """Yield, second by second, one answer of each device; "silent" answers with a timeout."""
    for at in range(begin, end, SLOT):
        taken: list[Input] = []
        for phase, plan in enumerate(site.plan.devices):
            sent_at = at + phase * 1_000
            state = states.get(plan.id, "good")
            if state == "silent":
                taken.append(Silence(plan.id, "timeout", sent_at, sent_at + DEADLINE))
            else:
                values = site.answers[plan.id][state]
                taken.append(Answer(plan.id, sent_at, sent_at + latency, values))
        yield taken


class Watch:
    """A driver in seconds since ``T0``: ``hold(20).hold(10, fm1="bad")``."""

    def __init__(self, site: Site, driver: Driver | None = None) -> None:
        self.site = site
        self.driver = Driver(site.plan) if driver is None else driver
        if not self.driver.runs:
            self.driver.start(T0)
        self.at = self.driver.now

    def hold(self, seconds: int, **states: str) -> Watch:
        """Let every device give the named answer for so many polls; the others are good."""
        for inputs in polls(self.site, states, self.at, self.at + seconds * SECOND):
            self.at += SECOND
            self.driver.tick(inputs, self.at - 1)
        return self

    def restart(self, after: int = 5, *, clean: bool = False) -> Watch:
        """Crash or stop in order, and start again so many seconds later."""
        driver = self.driver
        alive_at = driver.stop(driver.now + 1) if clean else driver.crash()
        driver.start(driver.now + after * SECOND, alive_at=alive_at)
        self.at = driver.now
        return self

    def bodies(self, *kinds: str) -> list[dict[str, object]]:
        """Return the bodies of events of these kinds, ``kind``, ``subject``, ``at`` added."""
        return bodies(self.driver.events, *kinds)


def bodies(events: Iterable[Event], *kinds: str) -> list[dict[str, object]]:
    """Return the parsed bodies of events of these kinds, ``kind``, ``subject``, ``at`` added."""
    return [
        json.loads(event.body) | {"kind": event.kind, "subject": event.subject, "at": event.at}
        for event in events
        if event.kind in kinds
    ]


def told(events: Iterable[Event], person: str) -> list[tuple[str, str]]:
    """Return (incident, kind of message) of every message delivered to a person, in order."""
    words: list[tuple[str, str]] = []
    begun: dict[tuple[str, int], str] = {}
    for event in events:
        if event.subject != person or not event.kind.startswith("attempt_"):
            continue
        body = json.loads(event.body)
        key = (body["incident"], body["attempt"])
        if event.kind == "attempt_began":
            begun[key] = body["alert"]["told"]
        elif body["delivered"]:
            words.append((body["incident"], begun[key]))
    return words
