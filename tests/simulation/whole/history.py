"""What the whole gear left behind, for the observer: events on disk, messages, polls in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitord.core.model import Answer, Event, Input, Silence
from monitord.core.situation import Situation
from monitord.inbox import Inbox
from monitord.journal import Journal
from monitord.recording import Recording
from tests.simulation.facts import Facts
from tests.simulation.people import Attempt, Received


@dataclass
class WholeHistory:
    """See ``observer.judge.Observed``. ``slots``: microseconds between two polls, by device."""

    facts: Facts
    slots: dict[str, int]
    up: list[tuple[int, int]] = field(default_factory=list)
    lost_polls: dict[str, list[int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    unconfirmed: int = 0
    cut_off: int = 0
    polls: int = 0
    drawn: dict[str, int] = field(default_factory=dict)

    @property
    def losses(self) -> tuple[int, int, int]:
        """Duplicates, messages that arrived unconfirmed, messages under way at a crash."""
        seen = Counter((one.person, one.alert["alert_id"]) for one in self.received)
        return sum(seen.values()) - len(seen), self.unconfirmed, self.cut_off

    @property
    def counts(self) -> dict[str, int]:
        """What was drawn and done."""
        return {**self.drawn, "polls": self.polls}


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

    def _note(self, item: Answer | Silence) -> None:
        history = self._history
        lost, slot = history.lost_polls.setdefault(item.device, []), history.slots[item.device]
        before = self._asked.get(item.device, item.sent_at)
        lost += range(before + slot, item.sent_at - slot // 2, slot)
        self._asked[item.device] = item.sent_at
        if isinstance(item, Silence):
            lost.append(item.sent_at)
        history.polls += 1


class NotedRecording(Recording):
    """The recording; what is on disk is noted."""

    def __init__(self, history: WholeHistory, situation: Situation, journal: Journal) -> None:
        super().__init__(situation, journal, _no_step)
        self._history = history

    async def commit(self, events: Sequence[Event], now: int) -> bool:
        recorded = await super().commit(events, now)
        self._history.events += events
        if not recorded:
            self._history.problems.append(f"events at {now} were not recorded")
        return recorded


def _no_step(name: str) -> None:
    del name
