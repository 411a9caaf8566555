"""One simulated history: the real core, record and deliveries over a drawn site. Judges nothing.

Restarts happen at any point: before a commit, after it, with messages under way. What comes back
is folded from the record alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from random import Random

from monitord.core.apply import apply
from monitord.core.codec import canonical, from_plain, shape_hash, to_plain
from monitord.core.decision_bodies import AdoptClock
from monitord.core.differences import Differences, differences
from monitord.core.dues import Rank
from monitord.core.durable import Durable
from monitord.core.model import (
    SECOND,
    CalendarExtended,
    ClockRead,
    ConfigAdopted,
    Decision,
    Event,
    Input,
    Started,
    Stopping,
)
from monitord.core.pipeline import advance
from monitord.core.plan import Plan
from monitord.core.situation import Situation
from monitord.journal import Journal
from monitord.messages.labels import Labels
from tests.simulation.asking import Asking, Notes
from tests.simulation.befallen import Befallen
from tests.simulation.breaks import NONE, Break
from tests.simulation.columns import columns_of
from tests.simulation.facts import Facts, Span
from tests.simulation.hours import count_hours
from tests.simulation.lines import SimDevice
from tests.simulation.meter import METERED
from tests.simulation.observer.reader import Text
from tests.simulation.observer.truth import without
from tests.simulation.people import Attempt, People, Received, dead_channels
from tests.simulation.plant import SimPlant
from tests.simulation.polling import last_change
from tests.simulation.setups import FIRST, Reload, Setup
from tests.simulation.written import labels_for, written
from tests.support.calendars import given
from tests.support.seam import parts_of

HOUR = 3600 * SECOND
STEP_MAX = HOUR
CHANGE_SEEN_WITHIN = 15 * SECOND
"""So long behind a change every turn is near: no answer that shows it waits for the next change."""
EVENTS_AN_HOUR_MAX = 5_000
"""Twenty times what a drawn site brings; broken code that never stops recording ends here."""
CUT_OFF = 0.05
"""How often a crash falls right behind the beginning of an attempt."""


class BrokenRunError(Exception):
    """The run cannot go on: the code under it records without end, or against the rules."""


@dataclass
class History:
    """What happened, for the observer: every committed event, every message, and counts.

    ``up``: from each start to the last committed tick, without stops of the loop. ``columns``: the
    ledger's seconds at the end, microseconds by programme. ``notes``: what came of polls.
    """

    plant: SimPlant
    people: People
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    restarts: int = 0
    up: list[tuple[int, int]] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    adopted: list[Reload] = field(default_factory=list)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)

    @cached_property
    def facts(self) -> Facts:
        """The truth, once the run has ended."""
        facts = self.plant.facts_under(self.adopted)
        if self.befallen is None:
            return facts
        return replace(facts, wrong_readings={METERED: tuple(self.befallen.wrong_readings)})

    @property
    def lost_polls(self) -> dict[str, list[int]]:
        """When each device was asked in vain."""
        return self.notes.lost_polls

    @property
    def befallen(self) -> Befallen | None:
        """What befell it."""
        return self.notes.befallen

    @property
    def received(self) -> list[Received]:
        """What people received."""
        return self.people.received

    @property
    def written(self) -> Iterator[tuple[Received, tuple[Text, ...]]]:
        """What people read of each message."""
        labels: dict[Setup, Labels] = {}
        for message in self.received:
            setups = (reload.setup for reload in self.adopted if reload.at <= message.composed)
            *_, setup = FIRST, *setups
            if setup not in labels:
                labels[setup] = labels_for(self.plant.plan_of(setup), self.plant.facts.names)
            yield message, tuple(written(message, labels[setup]))

    @property
    def attempts(self) -> list[Attempt]:
        """Every attempt that went over a channel."""
        return self.people.attempts

    @property
    def losses(self) -> tuple[int, int, int]:
        """Duplicates, messages that arrived unconfirmed, messages under way at a crash."""
        return self.people.duplicates(), self.people.unconfirmed, self.people.cut_off

    @property
    def counts(self) -> dict[str, int]:
        """What was drawn."""
        return {
            "changeovers": self.plant.facts.changeovers,
            "restarts": self.restarts,
            "boots": len(self.plant.clock.boots),
            "clock_steps": self.plant.clock.steps,
            "reloads": len(self.adopted),
            **(count_hours(self.plant.facts) if self.plant.facts.hours else {}),
            **(self.befallen.counts if self.befallen is not None else {}),
        }


class Simulation:
    """Drives one plant from begin to end.

    ``passed``: dues that no step ends at; those that are passed are dated by their own time.
    """

    passed: frozenset[Rank] = frozenset({Rank.OVERDUE})

    def __init__(self, plant: SimPlant, seed: int, folder: Path, broken: Break = NONE) -> None:
        self.random = Random(seed ^ 0x5EED)
        self.odd = Random(f"odd {seed}") if plant.overtakes else None
        self.plant = plant
        self.folder = folder
        self.broken = broken
        luck = Random(seed ^ 0xBEEF)
        dead = dead_channels(luck, plant.begin, plant.end)
        self.history = History(plant, People(luck, dead, broken.alert))
        if plant.weather is not None:
            notes, own = self.history.notes, Random(f"befallen {seed}")
            notes.befallen = Befallen(plant.weather, plant.power, own, notes.lost_polls)
        self.alive_at: int | None = None
        self.adoptions = list(plant.clock.adoptions)
        self.left_behind: bytes | None = None
        self.reloads = list(plant.reloads)
        self.setup = FIRST

    def run(self) -> History:
        """Live through every stretch between two ends of monitord."""
        at = self.plant.begin
        for ends_at, back_at, how in self.plant.restarts:
            if at < ends_at:
                self._live_until(at, ends_at, how)
                at = back_at
        self._live_until(at, self.plant.end, "clean")
        self._add_up()
        befallen, up = self.history.befallen, self.history.up
        if befallen is not None:
            self.history.up = [part for span in up for part in _ran(span, befallen.stalls)]
        return self.history

    def _add_up(self) -> None:
        with closing(_open_record(self.folder)) as journal:
            durable = self._fold(journal)
        self.history.columns |= columns_of(durable)

    def _live_until(self, begin: int, end: int, how: str) -> None:
        """Run to a planned end; now and then a crash cuts off a message under way before it."""
        at = begin
        while True:
            ended = self._stretch(at, end, how)
            self.history.restarts += ended < self.plant.end
            if ended >= end:
                return
            at = min(end - SECOND, ended + self.random.choice((100, 1000, 3000)) * 1000)

    def _stretch(self, begin: int, end: int, how: str) -> int:
        """Run from a start to an end; return when it ended, before ``end`` where it was cut off."""
        journal = _open_record(self.folder)
        durable = self._fold(journal)
        if self.left_behind is not None and canonical(to_plain(durable)) != self.left_behind:
            self.history.problems.append(f"the record folds to another state at {begin}")
        before = self.setup
        self._adopted_by(begin)
        situation = Situation(self.plan_of(self.setup), durable)
        changes = self._differences(before, ()) if before != self.setup else None
        asking = Asking(self.history.notes, self.random, self.odd, begin)
        asking.ask(self.polled(), (), begin)
        started = replace(self._started(begin), differences=changes)
        asking.arriving += [started, self._calendar(begin)]
        now = begin
        self.history.up.append((begin, end))
        while True:
            inputs = asking.come_in(now)
            inputs += asking.held_up(self.history.people.outcomes(now), now)
            inputs += self._clock_reads(now)
            inputs += self._adoptions(now)
            last = now >= end
            if last and how == "clean":
                inputs.append(Stopping(now))
            if not last:
                inputs += self._reload(asking, now)
                inputs += asking.reports(now)
            events = advance(situation, inputs, now).events
            if last and how == "lost_tick":
                break
            self._commit(journal, situation, events)
            self.adoptions = [(at, wrong) for at, wrong in self.adoptions if at > now]
            if any(event.kind == "clock_turned" for event in events):
                asking.arriving.append(self._calendar(now + 1))
            self.alive_at = now
            if last:
                if how == "in_flight":
                    self.history.people.begin(events)
                elif how == "before_sending":
                    self.history.people.cut_off += sum(e.kind == "attempt_began" for e in events)
                break
            self.history.people.begin(events)
            began = any(event.kind == "attempt_began" for event in events)
            if began and now < end - 5 * SECOND and self.random.random() < CUT_OFF:
                how = "in_flight"
                break
            # The real engine ticks every second: the last tick before an end is never far away.
            near_end = end - SECOND if now < end - SECOND else end
            step_to = min(near_end, self._next_wake(situation, now))
            stop = asking.stop(now, end)
            now = step_to if stop is None else stop.until
            asking.poll_until(now)
        lost = how == "lost_tick"
        self.left_behind = None if lost else canonical(to_plain(situation.durable))
        self.history.people.cut(now)
        self.history.up[-1] = (begin, self.alive_at or now)
        journal.close()
        return now

    def plan_of(self, setup: Setup) -> Plan:
        """Return the plan of one configuration."""
        return self.broken.plan(self.plant.plan_of(setup))

    def polled(self) -> list[SimDevice]:
        """Return the devices that are polled under the present configuration."""
        return self.plant.polled(self.setup)

    def _adopted_by(self, now: int) -> tuple[str, ...]:
        """Take the reloads that are due; return which devices get another address."""
        again: tuple[str, ...] = ()
        while self.reloads and self.reloads[0].at <= now:
            due = self.reloads.pop(0)
            again += due.again
            self.setup = due.setup
            self.history.adopted.append(replace(due, at=now))
        return again

    def _differences(self, before: Setup, again: tuple[str, ...]) -> Differences:
        found = differences(parts_of(self.plan_of(before)), parts_of(self.plan_of(self.setup)))
        changed = dict(found.changed)
        changed["device"] = tuple(dict.fromkeys([*changed.get("device", ()), *again]))
        return replace(found, changed={sort: ids for sort, ids in changed.items() if ids})

    def _reload(self, asking: Asking, now: int) -> list[Input]:
        """Go on with another configuration, if it is time: what was asked before is not used."""
        before = self.setup
        count = len(self.history.adopted)
        again = self._adopted_by(now)
        if len(self.history.adopted) == count:
            return []
        changes = self._differences(before, again)
        kept = {d.id for d in self.polled()} - set(changes.changed.get("device", ()))
        asking.ask(self.polled(), kept, now)
        adopted = ConfigAdopted(now, self.plan_of(self.setup), f"config{count}", "", changes)
        return [adopted, self._calendar(now)]

    def _next_wake(self, situation: Situation, now: int) -> int:
        """Return how far to go in one step: to the next due, change or outcome, at random short."""
        dues = [at for key, at in situation.dues.times.items() if key.rank not in self.passed]
        changes = [
            change
            for device in self.plant.devices
            for signal in (*device.reported, device.silent)
            if (change := signal.next_change(now)) is not None
        ]
        changes += self.plant.clock.moments_after(now)
        changes += [reload.at for reload in self.reloads[:1]]
        changes += [] if self.history.befallen is None else [self.history.befallen.next_at()]
        settled = situation.is_settled() and not self._changed_just(now)
        step = STEP_MAX if settled else self.random.choice((300_000, SECOND, 3 * SECOND))
        wake = min([now + step, self.history.people.next_outcome(), *dues, *changes])
        return max(wake, now + 50_000)

    def _changed_just(self, now: int) -> bool:
        since = now - CHANGE_SEEN_WITHIN
        reloaded = self.history.adopted[-1].at if self.history.adopted else 0
        changes = (last_change(device, now) for device in self.plant.devices)
        return max(reloaded, *changes) > since

    def _started(self, at: int) -> Started:
        """Return the start of a run; the computer booted at the last boot before it."""
        clock = self.plant.clock
        number, boot = [(n, b) for n, b in enumerate(clock.boots) if b.started <= at][-1]
        shown = clock.at(at)
        return Started(
            at,
            at + shown.error,
            f"boot-{number}",
            "config",
            self.alive_at,
            shown.quality,
            self.plant.begin - HOUR,
            booted_at=boot.booted,
        )

    def _clock_reads(self, now: int) -> list[Input]:
        shown = self.plant.clock.at(now)
        return [ClockRead(now, now + shown.error, shown.quality)]

    def _adoptions(self, now: int) -> list[Input]:
        """Return what a person says of the time, up to 20 s wrong; again where it was lost."""
        return [
            Decision(now, f"adopt-{at}", "desk", "command", AdoptClock(now + wrong))
            for at, wrong in self.adoptions
            if at <= now
        ]

    def _calendar(self, at: int) -> CalendarExtended:
        always = ((0, self.plant.end + SECOND * 10**8),)
        on = {name: known.on for name, known in self.plant.facts.hours.items()}
        intervals = {
            programme.id: tuple((a, b, "on") for a, b in on.get(programme.id, always))
            for programme in self.plan_of(self.setup).programmes
        }
        known_from = min((parts[0][0] for parts in on.values()), default=0)
        known_to = min((parts[-1][1] for parts in on.values()), default=always[0][1])
        return given(at, intervals, known_to, known_from)

    def _commit(self, journal: Journal, situation: Situation, events: Sequence[Event]) -> None:
        if not events:
            return
        snapshot = None
        if self.random.random() < 0.01:
            durable = situation.durable
            snapshot = (durable.epoch, durable.number, canonical(to_plain(durable)))
        try:
            journal.commit_sync(events, snapshot)
        except ValueError as error:
            raise BrokenRunError(f"the record refuses: {error}") from error
        self.history.events += events
        hours = (self.plant.end - self.plant.begin) / HOUR
        if len(self.history.events) > EVENTS_AN_HOUR_MAX * hours:
            raise BrokenRunError(f"more than {EVENTS_AN_HOUR_MAX} events an hour")

    def _fold(self, journal: Journal) -> Durable:
        loaded = journal.load()
        plain = loaded.snapshot_plain() if loaded.snapshot is not None else None
        durable = from_plain(Durable, plain) if plain is not None else Durable()
        for event in loaded.events:
            apply(durable, event)
        return durable


def _ran(life: Span, stalls: Sequence[Span]) -> list[Span]:
    """Return when it ran: the moment of its start too, where its loop stopped behind that at once.

    What was read and recorded at the start was known then.
    """
    parts = without(life, stalls)
    started = life[0], life[0]
    return parts if parts and parts[0][0] == life[0] else [started, *parts]


def _open_record(folder: Path) -> Journal:
    return Journal.open(folder, site="hill", shape=shape_hash(Durable))
