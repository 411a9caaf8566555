"""A duty log on virtual time: what the plant did and who got a message, by the station's clock.

Drives the real core through ``tests.support``; decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitord.core.decision_bodies import Acknowledge, AdoptClock
from monitord.core.ledger import totals
from monitord.core.model import (
    SECOND,
    Answer,
    ClockRead,
    ConfigRefused,
    Decision,
    Input,
    RecordReplaced,
)
from monitord.core.record_events import Harm
from tests.scenarios.expected import Message, differences, message_of, only
from tests.scenarios.sites import MIDNIGHT, calendar_of
from tests.support import player
from tests.support.seam import DEADLINE, OFFSET, SLOT, Driver, Outcome, Site

DAY = 86_400 * SECOND
LATENCY = 10_000
UPTIME = "up"
LONG_AGO = 40 * DAY
NO_ANSWER = "no_answer"
NO_PATH = "no_path"
"""Our own side: no request leaves (a cable out of our own switch)."""
SILENT = {NO_ANSWER: "timeout", "silent": "timeout", NO_PATH: "unreachable"}


def wall_of(clock: str) -> int:
    """Return the wall time of ``HH:MM:SS``; hours from 24 on are the next day's."""
    hours, minutes, seconds = (float(part) for part in clock.split(":"))
    return MIDNIGHT + round(((hours * 60 + minutes) * 60 + seconds) * SECOND)


def _wall(shown: str | int) -> int:
    return shown if isinstance(shown, int) else wall_of(shown)


def clock_of(at: int) -> str:
    """Return the station's clock of a site time, the day left out."""
    seconds = (at + OFFSET - MIDNIGHT) % DAY // SECOND
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(frozen=True)
class Line:
    """A message: to whom, when, of which kind, with which reason."""

    at: str
    person: str
    event: str
    reason: str


class Channels:
    """How attempts end: delivered after ``answers``; at their deadline where a channel is dead."""

    def __init__(self, answers: int, dead: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        self.answers = answers
        self.dead = [
            (channel, wall_of(a) - OFFSET, wall_of(b) - OFFSET)
            for channel, spans in dead.items()
            for a, b in spans
        ]

    def __call__(self, channel: str, at: int) -> Outcome:
        dead = any(name == channel and a <= at < b for name, a, b in self.dead)
        return Outcome(5 * SECOND, "temporary") if dead else Outcome(self.answers)


class DutyLog:
    """Lets the plant run to a time of the clock, changes it, and returns who got which message.

    ``hours``: of all programmes; without them those of the station's schedules. ``dead``: channels
    and from when to when each fails. ``shows``, ``quality``: the wall clock at the start, and what
    was read of its quality. ``answers``: after how long a channel answers. ``booted``: when the
    computer of monitord itself was, if that is known. ``begun``: all logs of the present test.
    """

    begun: ClassVar[list[DutyLog]] = []

    def __init__(
        self,
        site: Site,
        *,
        begins: str,
        hours: tuple[str, str] | None = None,
        dead: Mapping[str, Iterable[tuple[str, str]]] | None = None,
        shows: str | int | None = None,
        quality: Mapping[str, Any] | None = None,
        answers: int = 200_000,
        booted: str | None = None,
        **states: str,
    ) -> None:
        self.begun.append(self)
        self.site = site
        self.hours = hours
        self.driver = Driver(
            site.plan,
            calendar=self._calendar(site),
            outcomes=Channels(answers, dead or {}),
        )
        self.driver.clock_error = 0 if shows is None else _wall(shows) - wall_of(begins)
        self.driver.clock_quality = dict(quality or {})
        self._computer_booted(booted)
        self.states: dict[str, str] = {}
        self.booted: dict[str, int] = {}
        at = wall_of(begins) - OFFSET
        self.driver.start(at)
        self.player = player.Player(self.driver, [], at)
        self._join_lines(at)
        self.becomes(**states)

    @property
    def at(self) -> int:
        return self.player.at

    def _calendar(self, site: Site) -> Any:
        if "\0" in site.name and self.hours is None:
            return calendar_of(site)
        opens, closes = self.hours or ("00:00:00", "240:00:00")
        days = range(-1, 3 if self.hours else 0)
        spans = [(wall_of(opens) + n * DAY, wall_of(closes) + n * DAY, "on") for n in days]
        return tuple(spans) if self.hours else ((MIDNIGHT - DAY, MIDNIGHT + 10 * DAY, "on"),)

    def _join_lines(self, at: int) -> None:
        self.player.lines = {
            plan.id: self.player.lines.get(plan.id)
            or player.Line(plan.id, None, at + phase * 1_000, SLOT, LATENCY, DEADLINE)
            for phase, plan in enumerate(self.site.plan.devices)
        }
        self.becomes(**{name: self.states.get(name, "good") for name in self.player.lines})

    def until(self, clock: str) -> DutyLog:
        """Let time pass, a poll a second, up to a time of the clock."""
        self.player.until(wall_of(clock) - OFFSET)
        return self

    def becomes(self, **states: str) -> DutyLog:
        """Change the answers of devices from now on; "no_answer" does not answer."""
        for name, state in states.items():
            line = self.player.lines[name]
            line.silence = SILENT.get(state, "timeout")
            # A kind of equipment may have a state "silent": sound that is missing.
            known = self.site.answers[name]
            line.values = self._values(name, state) if state in known else None
            assert state in known or state in SILENT, f"{name} has no state {state}"
        self.states |= states
        return self

    def _values(self, name: str, state: str) -> Any:
        """Return the device's values; a running time counts on from its last boot."""
        plain = self.site.answers[name][state]
        points = next(d for d in self.site.plan.devices if d.id == name).points
        places = [place for place, point in enumerate(points) if point.id == UPTIME]
        if not places:
            return plain

        def at(sent_at: int) -> tuple[Any, ...]:
            seconds = (sent_at - self.booted.get(name, -LONG_AGO)) / SECOND
            return tuple(seconds if n in places else v for n, v in enumerate(plain))

        return at

    def doubted(self, name: str, *, doubted: bool = True) -> DutyLog:
        """Every value of a device is implausible from now on, or no longer."""
        self.player.lines[name].is_doubted = doubted
        return self

    def boots(self, name: str, clock: str) -> DutyLog:
        """The running time of a device begins again at a time of the clock."""
        self.booted[name] = wall_of(clock) - OFFSET
        return self

    def then(self, clock: str, **states: str) -> DutyLog:
        """Let time pass to a time of the clock; there the plant changes."""
        return self.until(clock).becomes(**states)

    def power_cut(
        self, back_at: str, shows: str | int | None = None, booted: str | None = None
    ) -> DutyLog:
        """Kill monitord, and start it again; its clock may then show another time.

        ``booted``: when its computer was; without it as before.
        """
        alive_at = self.driver.crash()
        at = wall_of(back_at) - OFFSET
        self._computer_booted(booted)
        if shows is not None:
            self.driver.clock_error = _wall(shows) - wall_of(back_at)
        self.driver.start(at, alive_at=alive_at)
        self.player = player.Player(self.driver, [], at)
        self._join_lines(at)
        return self

    def _computer_booted(self, clock: str | None) -> None:
        if clock is not None:
            self.driver.clock_quality["booted_at"] = wall_of(clock) - OFFSET

    def give(self, item: Input) -> DutyLog:
        """Give the core one more input, at its own moment."""
        self.player.extra.append(item)
        return self

    def late_answer(self, device: str, state: str, sent: str, received: str) -> DutyLog:
        """Let one answer come late, behind younger ones."""
        times = wall_of(sent) - OFFSET, wall_of(received) - OFFSET
        return self.give(Answer(device, *times, self.site.answers[device][state]))

    def clock_read(self, clock: str, shows: str | int, **quality: Any) -> DutyLog:
        """Let the wall clock show a time that may be wrong; ``quality``: as read with it."""
        return self.give(ClockRead(wall_of(clock) - OFFSET, _wall(shows), **quality))

    def adopt(self, person: str, shows: str) -> DutyLog:
        """A person states the time."""
        stated = AdoptClock(_wall(shows))
        return self.give(Decision(self.at, f"clock-{shows}", person, "test", stated))

    def acknowledge(self, person: str) -> DutyLog:
        """A person takes the newest incident."""
        incident = self.alerts()[-1]["incident"]
        return self.give(
            Decision(self.at, f"{incident}-{person}", person, "test", Acknowledge(incident))
        )

    def reload(self, site: Site) -> DutyLog:
        """Swap the configuration under the running core."""
        self.site = site
        self.driver.calendar = self._calendar(site)
        self.driver.reload(site.plan, self.at)
        self._join_lines(self.at)
        return self

    def refused_reload(self) -> DutyLog:
        """Reload files that have mistakes: the configuration of before goes on."""
        return self.give(ConfigRefused(self.at))

    def replaced_record(self, harm: Harm, lost: int = 0) -> DutyLog:
        """Something happens to the file of the record; ``lost``: events that are in no file."""
        return self.give(RecordReplaced(self.at, harm, lost))

    def alerts(self) -> list[dict[str, Any]]:
        """Return the parameters of every message, in order, with ``at`` and ``channel``."""
        found = []
        for event in self.driver.events:
            if event.kind == "attempt_began":
                body = json.loads(event.body)
                found.append(body["alert"] | {"at": event.at, "channel": body["channel"]})
        return found

    def messages(self) -> list[Message]:
        """Return every attempt as a line of the log."""
        return [message_of(alert, clock_of(alert["at"])) for alert in self.alerts()]

    def expect(self, clock: str, text: str, *members: str) -> DutyLog:
        """Let time pass to a time of the clock; by then exactly these messages were begun.

        ``members``: the messages about these, and nothing of others in them; all if there is none.
        """
        self.until(clock)
        messages = self.messages()
        wrong = differences(text, only(messages, *members) if members else messages)
        assert not wrong, wrong
        return self

    def members_told(self) -> set[str]:
        """Return the ids of everything a message was about."""
        return {member.name for message in self.messages() for member in message.members}

    def ended(self) -> list[dict[str, Any]]:
        """Return the body of every outage that has ended, lost sight not included."""
        ended = [json.loads(e.body) for e in self.driver.events if e.kind == "outage_ended"]
        return [body for body in ended if body["fault"] == "off_air"]

    def told(self, person: str = "desk") -> list[Line]:
        """Return the messages to a person, in order, by the beginning of the attempt."""
        return [
            Line(clock_of(alert["at"]), person, alert["told"], alert["reason"])
            for alert in self.alerts()
            if alert["person"] == person
        ]

    def outages(self) -> list[tuple[str, str, str]]:
        """Return (reason, latest beginning, latest end) of every ended member of an incident."""
        over = [json.loads(e.body) for e in self.driver.events if e.kind == "member_over"]
        return [
            (self._reason(body), clock_of(body["began_not_after"]), clock_of(body["not_after"]))
            for body in over
            if body["not_after"] is not None
        ]

    def _reason(self, over: dict[str, Any]) -> str:
        fault = f"{over['programme']}/{over['fault']}"
        began = [e for e in self.driver.events if (e.kind, e.subject) == ("outage_began", fault)]
        bodies = [json.loads(event.body) for event in began]
        return next(
            body["reason"]
            for body in reversed(bodies)
            if body["began"][1] == over["began_not_after"]
        )

    def seconds(self, programme: str) -> dict[str, int]:
        """Return the whole seconds of every column of a programme that the ledger has so far."""
        situation = self.driver.situation
        found = totals(situation.durable, programme, situation.settled_to(programme))
        return {column.value: round(us / SECOND) for column, us in found.columns.items() if us}

    def own_seconds(self, programme: str) -> dict[str, tuple[int, int, int]]:
        """Return the three figures, in whole seconds, of each reason with totals of its own."""
        situation = self.driver.situation
        found = totals(situation.durable, programme, situation.settled_to(programme)).own
        return {
            reason: (
                round(one.least / SECOND),
                round(one.most_seen / SECOND),
                round(one.most / SECOND),
            )
            for reason, one in found.items()
        }
