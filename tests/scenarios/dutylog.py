"""A duty log on virtual time: what the plant did and who got a message, by the station's clock.

Drives the real core through ``tests.support.seam``; decides nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from monitord.core.model import SECOND
from tests.support.seam import OFFSET, Driver, Site, polls

MIDNIGHT = 1_699_977_600 * SECOND
"""Wall time of 2023-11-15 00:00:00 in Asia/Shanghai."""
DAY = 86_400 * SECOND


def wall_of(clock: str) -> int:
    """Return the wall time of ``HH:MM:SS``; hours from 24 on are the next day's."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return MIDNIGHT + ((hours * 60 + minutes) * 60 + seconds) * SECOND


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


class DutyLog:
    """Lets the plant run to a time of the clock, changes it, and returns who got which message."""

    def __init__(self, site: Site, *, begins: str, hours: tuple[str, str] | None = None) -> None:
        opens, closes = hours or ("00:00:00", "240:00:00")
        spans = [
            (wall_of(opens) + day * DAY, wall_of(closes) + day * DAY, "on")
            for day in range(-1, 3 if hours else 0)
        ] or [(MIDNIGHT - DAY, MIDNIGHT + 10 * DAY, "on")]
        self.site = site
        self.driver = Driver(site.plan, calendar=tuple(spans))
        self.states: dict[str, str] = {}
        self.at = wall_of(begins) - OFFSET
        self.driver.start(self.at)

    def until(self, clock: str) -> DutyLog:
        """Let time pass, a poll a second, up to a time of the clock."""
        end = wall_of(clock) - OFFSET
        for inputs in polls(self.site, self.states, self.at, end):
            self.at += SECOND
            self.driver.tick(inputs, self.at - 1)
        return self

    def becomes(self, **states: str) -> DutyLog:
        """Change the answers of devices from now on; "silent" does not answer."""
        self.states |= states
        return self

    def power_cut(self, back_at: str) -> DutyLog:
        """Kill monitord, and start it again."""
        alive_at = self.driver.crash()
        self.at = wall_of(back_at) - OFFSET
        self.driver.start(self.at, alive_at=alive_at)
        return self

    def told(self, person: str = "desk") -> list[Line]:
        """Return the messages to a person, in order, by the beginning of the attempt."""
        lines = []
        for event in self.driver.events:
            if event.kind == "attempt_began" and event.subject == person:
                alert = json.loads(event.body)["alert"]
                line = Line(clock_of(event.at), person, alert["told"], alert["reason"])
                lines.append(line)
        return lines

    def impacts(self) -> list[tuple[str, str, str]]:
        """Return (reason, latest beginning, latest end) of every impact that has ended."""
        began = {}
        found = []
        for event in self.driver.events:
            body = json.loads(event.body)
            if event.kind == "impact_began":
                began[event.subject, body["programme"], body["number"]] = body["reason"]
            elif event.kind == "impact_ended":
                key = event.subject, body["programme"], body["number"]
                ended = clock_of(body["not_after"])
                found.append((began[key], clock_of(body["began_not_after"]), ended))
        return found
