"""A site that lives day after day with one fault a day, for what must not grow with the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from monitord.core.decision_bodies import Acknowledge, Settle
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Decision, Event, Input, Layer
from monitord.core.plan import PersonPlan, Plan
from tests.support.seam import (
    SLOT,
    T0,
    Driver,
    Site,
    bodies,
    needs,
    polls,
    programme,
    sound,
    transmitter,
)

DAY: Final = 86_400 * SECOND
OUTAGE: Final = (("good", 5), ("bad", 10), ("absent", 10), ("good", 45))
"""What the faulty device answers in the first seconds of a day, and for how long."""
REST: Final = 900 * SECOND
"""Good answers after that; then monitord is stopped until the next day, which saves time."""


def plan_apart(numbers: Sequence[int], people: tuple[PersonPlan, ...]) -> Plan:
    """Return a plan of programmes that have nothing in common: ``p1`` of ``io1`` and ``fm1``."""
    programmes = tuple(
        programme(
            f"p{n}",
            needs("studio", Layer.CONTENT, f"io{n}.sound"),
            needs("tx", Layer.EMISSION, f"fm{n}.radiating"),
        )
        for n in numbers
    )
    devices = [device for n in numbers for device in (sound(f"io{n}"), transmitter(f"fm{n}"))]
    return Plan("hill", tuple(devices), programmes, people)


class Years:
    """Lives day after day; every person gets the messages, one acknowledges, one settles.

    ``kept`` takes the events of a day; the driver keeps none. ``day``: how long a day is, in
    microseconds: short ones put the faults of a week into a real day.
    """

    def __init__(
        self,
        site: Site,
        faulty: str,
        kept: Callable[[Sequence[Event]], None] = lambda _: None,
        day: int = DAY,
    ) -> None:
        self.site = site
        self.day = day
        self.driver = Driver(site.plan, before=Durable())
        self.days = 0
        self._faulty = faulty
        self._kept = kept

    def live_to(self, days: int) -> None:
        """Live until so many days are over."""
        while self.days < days:
            self._live_a_day()

    def _live_a_day(self) -> None:
        at = T0 + self.days * self.day
        self.driver.start(at, alive_at=None if not self.days else self.driver.now)
        for state, seconds in OUTAGE:
            for inputs in polls(self.site, {self._faulty: state}, at, at + seconds * SECOND):
                at += SECOND
                self.driver.tick(inputs, at - 1)
                self._acknowledge()
        self._settle()
        self.driver.tick(self._quiet(at, at + REST), at + REST)
        self.driver.stop(at + REST)
        self.days += 1
        self._forget()

    def _quiet(self, begin: int, end: int) -> list[Input]:
        """Return the same good answers each second."""
        repeats = (end - begin) // SLOT - 1
        return [
            Answer(
                plan.id,
                begin + phase * 1_000,
                begin + phase * 1_000 + 10_000,
                self.site.answers[plan.id]["good"],
                repeats=repeats,
                every=SLOT,
            )
            for phase, plan in enumerate(self.site.plan.devices)
        ]

    def _acknowledge(self) -> None:
        for incident in list(self.driver.situation.durable.incidents.values()):
            if incident.acknowledged_by is None:
                self._decide(f"ack-{incident.id}", Acknowledge(incident.id))

    def _settle(self) -> None:
        found = bodies(self.driver.events, "suspicion_found")
        spans = tuple((str(b["subject"]), str(b["programme"]), _int(b["seconds"])) for b in found)
        ids = tuple(span[0] for span in spans)
        self._decide(f"settle-{self.days}", Settle("off_air", ids, "", "", spans))

    def _decide(self, key: str, body: Acknowledge | Settle) -> None:
        now = self.driver.now
        person = self.site.plan.people[0].id
        self.driver.tick([Decision(now, key, person, "test", body)], now)

    def _forget(self) -> None:
        self._kept(self.driver.events)
        self.driver.before = self.driver.situation.durable
        for run in self.driver.runs:
            run.events.clear()
        del self.driver.runs[:-1]


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
