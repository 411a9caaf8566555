"""Engine, clock, inbox and rows of a daemon in one, on a real core. Owns no test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitord.control.commands import ControlCommands
from monitord.control.labels import Labels
from monitord.core.calendar import wall_at
from monitord.core.model import Input
from monitord.core.situation import Situation
from monitord.journal.decision_rows import Decided, PastFalseAlarm, UnsettledSpan
from tests.support.seam import OFFSET, Watch, fm_site

LABELS = Labels("hill", {"programme/fm": "FM 98.6", "person/desk": "the desk"}, str)


class TickDouble:
    """Engine, clock and inbox: each tick is one second.

    ``before``: the state of fm1 in the ticks that began before the command.
    """

    def __init__(self, watch: Watch, *before: str) -> None:
        self.watch = watch
        self.before = list(before)
        self.waiting: list[Input] = []
        self.pending: list[object] = []
        self.failing = False
        self.clock_error = 0

    @property
    def situation(self) -> Situation:
        return self.watch.driver.situation

    @property
    def finished_at(self) -> int:
        return self.now()

    @property
    def unrecorded(self) -> int:
        """Return how many events wait for a disk that does not take them."""
        return len(self.pending) if self.failing else 0

    def fail(self) -> None:
        """Let the disk take nothing from now on."""
        self.pending.append("an event")
        self.failing = True

    def now(self) -> int:
        return self.watch.driver.now

    def wall(self) -> int:
        """Return what the clock of the computer shows."""
        return self.now() + OFFSET + self.clock_error

    def put(self, item: Input) -> None:
        self.waiting.append(item)

    def unsettled(self, limit: int, programme: str, ids: Sequence[str]) -> list[UnsettledSpan]:
        """Return what the rows of a record would have."""
        done = {span[0] for body in self.watch.bodies("spans_settled") for span in body["spans"]}  # type: ignore[attr-defined]
        found = [
            UnsettledSpan(
                str(b["subject"]),
                str(b["programme"]),
                str(b["sort"]),
                b["begin"],
                b["end"],
                b["seconds"],  # type: ignore[arg-type]
            )
            for b in self.watch.bodies("suspicion_found")
            if b["subject"] not in done
        ]
        asked = [s for s in found if s.id in ids or not ids]
        return [s for s in asked if programme in ("", s.programme)][:limit]

    def decided(self) -> Decided:
        """Return what the rows of a record would have."""
        on_air: dict[str, tuple[int, int]] = {}
        marks: dict[str, list[PastFalseAlarm]] = {}
        for body in self.watch.bodies("spans_settled"):
            for _, programme, time in body["spans"] if body["verdict"] == "on_air" else ():  # type: ignore[attr-defined]
                count, sum_ = on_air.get(programme, (0, 0))
                on_air[programme] = count + 1, sum_ + time
        for body in self.watch.bodies("incident_quieted"):
            incident, person, saw = (str(body[key]) for key in ("subject", "person", "saw"))
            one = PastFalseAlarm(incident, person, int(str(body["at"])), saw)
            marks.setdefault(incident, []).append(one)
        return Decided(self.unsettled(100, "", ()), on_air, marks)

    async def after_tick(self) -> None:
        if self.before:
            self.watch.hold(1, fm1=self.before.pop(0))
        else:
            self.watch.driver.tick(self.waiting, self.now())
            self.waiting.clear()
        if not self.failing:
            self.pending.clear()


def commands_of(
    engine: TickDouble, decided: Callable[[], Decided] | None = None
) -> ControlCommands:
    """Return the commands of a daemon. ``decided``: reads what people decided otherwise.

    Times are numbers as text: site time less ``OFFSET`` too much, as a first boot has it.
    """
    return ControlCommands(
        engine,  # type: ignore[arg-type]
        engine,  # type: ignore[arg-type]
        engine,  # type: ignore[arg-type]
        replace(LABELS, iso=lambda at: str(wall_at(engine.situation.durable, at) - OFFSET)),
        engine.unsettled,
        decided=decided or engine.decided,
        iso_wall=lambda wall: str(wall - OFFSET),
    )


def off_air(*before: str) -> tuple[TickDouble, ControlCommands, str]:
    engine = TickDouble(Watch(fm_site()).hold(20).hold(10, fm1="bad"), *before)
    commands = commands_of(engine)
    (incident,) = engine.situation.durable.incidents
    return engine, commands, incident


def presumed() -> tuple[TickDouble, ControlCommands]:
    """Return a daemon after two outages of which it saw only the begin."""
    watch = Watch(fm_site()).hold(20)
    for _ in range(2):
        watch.hold(10, fm1="bad").hold(30, fm1="absent").hold(20)
    engine = TickDouble(watch)
    return engine, commands_of(engine)
