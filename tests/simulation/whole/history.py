"""What the whole gear left behind, for the observer: events on disk, messages, polls in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from monitord.core.model import Answer, Event, Input, Silence
from monitord.core.situation import Situation
from monitord.engine import CLOCK_EVERY
from monitord.inbox import Inbox
from monitord.journal import Journal
from monitord.recording import Recording
from simulators.plant.signals import either, pulses
from tests.simulation.facts import SECOND, Facts, Span
from tests.simulation.meter import METERED
from tests.simulation.observer.reader import Text
from tests.simulation.people import Attempt, Received
from tests.simulation.plant import SimPlant
from tests.simulation.setups import Reload, as_configured
from tests.simulation.site import SERVICES
from tests.simulation.whole.weather import Weather


def facts_of(plant: SimPlant, adopted: Sequence[Reload], weather: Weather) -> Facts:
    """Return the truth of a plant as this poller can see it, under what was adopted.

    A device that was silent is asked again after up to a quarter of its silence, 30 s at most
    (docs/polling.md); the clock is read every 10 s. A meter that sticks while its transmitter is on
    the air proves nothing, as if it were silent.
    """
    silent = {}
    for device in plant.devices:
        times = device.silent.times
        ends = zip(times[::2], times[1::2], strict=False)
        waits = pulses((b, b + min((b - a) // 4, 30 * SECOND) + device.slot) for a, b in ends)
        silent[device.id] = either(device.silent, waits)
    silent[METERED] = either(silent[METERED], weather.blinds)
    unseen = plant.facts.unseen | {
        name: either(plant.facts.unseen[name], weather.blinds) for name in SERVICES
    }
    facts = as_configured(replace(plant.facts, unseen=unseen), plant.power, adopted)
    return replace(facts, silent=silent, clock_read_every=CLOCK_EVERY)


@dataclass(frozen=True, slots=True)
class Scrape:
    """The text of ``/metrics`` at a moment; how many events were on disk before and after it."""

    at: int
    text: str
    events_before: int
    events_after: int


@dataclass
class WholeHistory:
    """See ``observer.judge.Observed``.

    ``adopted``: the configurations, and when each began to count. ``asked``: of each device the
    polls that ended: when the request left, and whether an answer came; ``answers``: these. ``up``:
    when it ran, without ``stalls``, in which its loop did not run. ``columns``: the ledger's sums
    at the last end in order, microseconds by programme. ``lives``: when each life began.
    ``cut``: what a commit that has no receipt was to write.
    """

    plant: SimPlant
    adopted: list[Reload]
    weather: Weather
    up: list[Span] = field(default_factory=list)
    stalls: list[Span] = field(default_factory=list)
    wrong_readings: list[int] = field(default_factory=list)
    lost_polls: dict[str, list[int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    cut: list[Event] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    unconfirmed: int = 0
    cut_off: int = 0
    polls: int = 0
    drawn: Counter[str] = field(default_factory=Counter)
    asked: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    scrapes: list[Scrape] = field(default_factory=list)
    lives: list[int] = field(default_factory=list)

    @cached_property
    def facts(self) -> Facts:
        """The truth, once the run has ended."""
        facts = facts_of(self.plant, self.adopted, self.weather)
        return replace(facts, wrong_readings={METERED: tuple(self.wrong_readings)})

    @property
    def written(self) -> list[tuple[Received, tuple[Text, ...]]]:
        """What people read of each message: not judged here."""
        return []

    @cached_property
    def slots(self) -> dict[str, int]:
        """Microseconds between two polls, by device."""
        return {device.id: device.slot for device in self.plant.devices}

    def note_meter(self, what: str, at: int) -> None:
        """Count what the meter showed; a wrong answer is as good as a lost one and the next."""
        self.drawn[what] += 1
        if what == "wrong_once":
            slot = self.slots[METERED]
            self.lost_polls.setdefault(METERED, []).extend((at, at + slot))
            self.wrong_readings.append(at)

    @property
    def losses(self) -> tuple[int, int, int]:
        """Duplicates, messages that arrived unconfirmed, messages under way at a crash."""
        seen = Counter((one.person, one.alert["alert_id"]) for one in self.received)
        return sum(seen.values()) - len(seen), self.unconfirmed, self.cut_off

    @property
    def counts(self) -> dict[str, int]:
        """What was drawn and done."""
        plant = self.plant
        return {
            **self.drawn,
            "changeovers": plant.facts.changeovers,
            "boots": len(plant.clock.boots),
            "clock_steps": plant.clock.steps,
            "reloads": len(self.adopted),
            "stalls": len(self.stalls),
            "with_hours": len(plant.facts.hours),
            "agent_starts": sum(len(s) - 1 for s in self.weather.agent_starts.values()),
            "polls": self.polls,
        }


class NotedInbox(Inbox):
    """The inbox of one life; slots without an answer are noted: asked in vain, or spared."""

    def __init__(self, history: WholeHistory) -> None:
        super().__init__()
        self._history = history
        self._asked: dict[str, int] = {}

    def put(self, item: Input) -> None:
        if isinstance(item, Answer | Silence):
            self._note(item)
        super().put(item)

    def drop(self, devices: Collection[str]) -> None:
        super().drop(devices)
        for device in devices:
            self._asked.pop(device, None)

    def _note(self, item: Answer | Silence) -> None:
        history = self._history
        lost, slot = history.lost_polls.setdefault(item.device, []), history.slots[item.device]
        before = self._asked.get(item.device, item.sent_at)
        lost += range(before + slot, item.sent_at - slot // 2, slot)
        self._asked[item.device] = item.sent_at
        if isinstance(item, Silence):
            lost.append(item.sent_at)
        else:
            history.answers.append(item)
        history.polls += 1
        asked = history.asked.setdefault(item.device, [])
        asked.append((item.sent_at, isinstance(item, Answer)))


class NotedRecording(Recording):
    """The recording; what is on disk is noted. ``adopted``: gets the time of each adoption."""

    def __init__(
        self,
        history: WholeHistory,
        situation: Situation,
        journal: Journal,
        adopted: Callable[[int], None],
        put: Callable[[Input], None],
    ) -> None:
        super().__init__(situation, journal, _no_step, put=put)
        self._history = history
        self._adopted = adopted
        written, history.cut = history.cut, []
        if written and (written[-1].epoch, written[-1].number) == journal.head[:2]:
            # The kill came between the commit and its receipt.
            self._note(written)

    def _note(self, events: Sequence[Event]) -> None:
        self._history.events += events
        for event in events:
            if event.kind == "config_adopted":
                self._adopted(event.at)

    async def commit(self, events: Sequence[Event], now: int) -> bool:
        self._history.cut = list(events)
        recorded = await super().commit(events, now)
        self._history.cut = []
        self._note(events)
        if not recorded:
            self._history.problems.append(f"events at {now} were not recorded")
        return recorded


def _no_step(name: str) -> None:
    del name
