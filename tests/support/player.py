"""Plays a plant's answers to the core: runs of equal answers, cut where something may happen.

Owns when the core is called, as the engine does it: at a change of the plant, at whatever falls
due, at every poll while a programme is not settled. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from monitord.core.dues import Rank
from monitord.core.model import Answer, Input, Silence, Value
from tests.support.seam import Driver

Values = tuple[Value, ...]
Answers = Values | Callable[[int], Values]
"""The values of every answer, or what gives them by the moment of the request."""


@dataclass(slots=True)
class Line:
    """A device that is polled each ``every``, first at ``next_at``; ``latency`` of its answers.

    ``values``: of its next answers; None: none of its requests is answered, which is reported as
    ``silence`` after ``deadline``, or not at all where ``silence`` is empty. ``given``: of its
    last answer. ``is_doubted``: every value of its next answers is implausible.
    """

    device: str
    values: Answers | None
    next_at: int
    every: int
    latency: int
    deadline: int
    silence: str = "timeout"
    given: tuple[Answers | None, bool] = (None, False)
    is_doubted: bool = False

    def inputs_up_to(self, now: int) -> Iterator[Input]:
        """Yield what this device gave up to ``now``, and go on behind it."""
        late = self.latency if self.values is not None else self.deadline
        count = (now - late - self.next_at) // self.every + 1
        if count <= 0:
            return
        begin, self.next_at = self.next_at, self.next_at + count * self.every
        self.given = self.values, self.is_doubted
        if callable(self.values):
            for sent_at in range(begin, self.next_at, self.every):
                yield self._answer(sent_at, self.values(sent_at))
        elif self.values is not None:
            yield replace(self._answer(begin, self.values), repeats=count, every=self.every)
        elif self.silence:
            for sent_at in range(begin, self.next_at, self.every):
                yield Silence(self.device, self.silence, sent_at, sent_at + late)

    def _answer(self, sent_at: int, values: Values) -> Answer:
        answer = Answer(self.device, sent_at, sent_at + self.latency, values)
        if not self.is_doubted:
            return answer
        return replace(answer, values=(None,) * len(values), suspected=tuple(enumerate(values)))

    @property
    def answers(self) -> bool:
        return self.values is not None

    @property
    def next_news(self) -> int | None:
        """When an answer that differs from the one before comes."""
        is_news = (self.values, self.is_doubted) != self.given
        return self.next_at + self.latency if self.answers and is_news else None


class Player:
    """Lets time pass for a driver and the lines of its devices.

    ``extra``: inputs of one moment each, such as a report or a person's decision.
    """

    def __init__(self, driver: Driver, lines: list[Line], at: int) -> None:
        self.driver = driver
        self.lines = {line.device: line for line in lines}
        self.at = at
        self.extra: list[Input] = []

    def until(self, end: int) -> None:
        """Let everything answer up to ``end``."""
        while self.at < end:
            self.at = min(end, self._next_moment())
            inputs = [item for line in self.lines.values() for item in line.inputs_up_to(self.at)]
            inputs += [item for item in self.extra if item.at <= self.at]
            self.extra = [item for item in self.extra if item.at > self.at]
            self.driver.tick(inputs, self.at)

    def _next_moment(self) -> int:
        """Return when the core must be called next; behind ``at``."""
        times = list(self.driver.under_way_until)
        times += [item.at for item in self.extra]
        times += [at for line in self.lines.values() if (at := line.next_news) is not None]
        for key, at in self.driver.situation.dues.times.items():
            line = self.lines.get(key.subject)
            if key.rank is not Rank.OVERDUE or line is None or not line.answers:
                times.append(at)
        if not self.driver.situation.is_settled():
            times += [line.next_at + line.latency for line in self.lines.values() if line.answers]
        return max(self.at + 1, min(times, default=1 << 62))
