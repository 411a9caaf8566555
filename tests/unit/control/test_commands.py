"""What the daemon answers, with the core behind it and time in the test's hand."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.control.commands import ControlCommands
from monitord.control.status import Labels, describe
from monitord.core.model import SECOND, Input
from monitord.core.situation import Situation
from tests.support.seam import Watch, fm_site

LABELS = Labels("hill", {"programme/fm": "FM 98.6"}, str)


class Ticking:
    """The engine, clock and inbox of a script: each tick is one second of it.

    ``before``: what the devices say in the tick that is under way when somebody asks.
    """

    def __init__(self, watch: Watch, *before: str) -> None:
        self.watch = watch
        self.before = list(before)
        self.waiting: list[Input] = []
        self.pending: list[object] = []

    @property
    def situation(self) -> Situation:
        return self.watch.driver.situation

    @property
    def finished_at(self) -> int:
        return self.now()

    def now(self) -> int:
        return self.watch.driver.now

    def put(self, item: Input) -> None:
        self.waiting.append(item)

    async def after_tick(self) -> None:
        if self.before:
            self.watch.hold(1, fm1=self.before.pop(0))
        else:
            self.watch.driver.tick(self.waiting, self.now())
            self.waiting.clear()


def off_air(*before: str) -> tuple[Ticking, ControlCommands, str]:
    ticking = Ticking(Watch(fm_site()).hold(20).hold(10, fm1="bad"), *before)
    desk = ControlCommands(ticking, ticking, ticking, LABELS)  # type: ignore[arg-type]
    (incident,) = ticking.situation.durable.incidents
    return ticking, desk, incident


async def ack(desk: ControlCommands, incident: object, person: object) -> dict[str, Any]:
    return await desk.ack({"command": "ack", "incident": incident, "person": person})


async def test_an_acknowledgement_is_answered_once_it_is_recorded() -> None:
    """Not by the tick under way, which had begun without it, but by the next."""
    ticking, desk, incident = off_air("bad", "bad")
    answer = await ack(desk, incident, "desk")
    assert (answer["ok"], answer["person"], answer["already"]) == (True, "desk", False)
    assert (ticking.before, ticking.waiting) == ([], [])
    again = await ack(desk, incident, "engineer")
    assert (again["person"], again["already"], again["at"]) == ("desk", True, answer["at"])


async def test_an_acknowledgement_that_is_not_on_disk_says_so() -> None:
    """Whoever gave it then writes it down by hand."""
    ticking, desk, incident = off_air()
    ticking.pending.append("an event")
    assert (await ack(desk, incident, "desk"))["recorded"] is False
    assert (await desk.status({}))["status"]["recorded"] is False


@pytest.mark.parametrize(
    ("incident", "person", "code"),
    [
        ("9-9", "desk", "unknown_incident"),
        (None, "desk", "unknown_incident"),
        (["1"], "desk", "unknown_incident"),
        ("9-9", "stranger", "unknown_person"),
        ("9-9", None, "unknown_person"),
    ],
)
async def test_what_is_not_there_is_refused(incident: object, person: object, code: str) -> None:
    """With what there is."""
    ticking, desk, known = off_air()
    error = (await ack(desk, incident, person))["error"]
    assert error["code"] == code
    assert error["known"] in ([known], ["desk", "engineer"])
    assert ticking.waiting == []


async def test_an_incident_that_closes_meanwhile_ends_the_wait() -> None:
    """Nobody waits for the acknowledgement of what is over."""
    ticking, desk, incident = off_air()
    ticking.watch.hold(30)
    ticking.before = ["good"] * 10
    answer = await ack(desk, incident, "desk")
    assert answer["error"]["code"] == "unknown_incident"
    assert ticking.before


async def test_status_is_the_situation_in_words_for_scripts() -> None:
    """Programme, device, incident and figures as they stand."""
    ticking, desk, incident = off_air()
    ticking.watch.hold(30, fm1="bad")
    found = (await desk.status({}))["status"]
    (fm,), (open_one,) = found["programmes"], found["incidents"]
    assert (fm["name"], fm["column"], fm["observed"]) == ("FM 98.6", "off_air", "bad:no_carrier")
    assert 20 <= open_one["least_s"] <= open_one["most_seen_s"] <= open_one["most_s"] <= 42
    assert (found["source"], open_one["id"]) == ("daemon", incident)
    assert [device["up"] for device in found["devices"]] == [True, True]


async def test_a_silent_device_is_silent_since_its_last_answer() -> None:
    """And an outage it hides is presumed, and still off air."""
    ticking, desk, _ = off_air()
    answered_at = str(ticking.situation.devices["fm1"].answered_at)
    ticking.watch.hold(10, fm1="silent")
    found = (await desk.status({}))["status"]
    (fm,), (device, _io) = found["programmes"], found["devices"]
    assert (fm["column"], fm["observed"], fm["presumed"]) == ("off_air", "unknown:timeout", True)
    assert (device["up"], device["silent"], device["last_answer"]) == (
        False,
        "timeout",
        answered_at,
    )


def test_since_is_when_the_present_column_began() -> None:
    """On air since it was first proven, off air since the proof, whatever pieces lie between."""
    watch = Watch(fm_site()).hold(30)
    good_since = since(watch)
    watch.hold(20)
    assert since(watch) == good_since
    watch.hold(3, fm1="bad")
    bad_since = since(watch)
    assert watch.driver.now - 4 * SECOND < bad_since < watch.driver.now
    watch.hold(5, fm1="bad").hold(10, fm1="silent")
    assert since(watch) == bad_since


def since(watch: Watch) -> int:
    now = watch.driver.now
    found = describe(watch.driver.situation, LABELS, at=now, alive_at=now)
    return int(found["programmes"][0]["since"])
