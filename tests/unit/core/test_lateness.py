"""monitord itself was late: one event, nothing false; each device goes on by its next answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from monitord.core.codec import from_plain, to_plain
from monitord.core.durable import Durable
from monitord.core.expression import All, Name
from monitord.core.lateness import is_ours, when_running
from monitord.core.lateness_events import Lateness, OwnLateness
from monitord.core.lateness_folds import own_lateness
from monitord.core.model import SECOND, Answer, Event, Input, Late, Layer, Stream, Value
from monitord.core.plan import Plan, StagePlan
from tests.support.seam import BOUND, PEOPLE, T0, Driver, fold, programme, transmitter

GOOD, OFF = (True, False, False), (False, False, False)
TEN = 10


def plan_of(count: int) -> Plan:
    """Return ``count`` transmitters; every ten of them carry one programme."""
    names = [f"d{number}" for number in range(count)]
    programmes = [
        programme(
            f"p{at}", StagePlan("tx", "own", Layer.EMISSION, All(tuple(map(radiates, group))))
        )
        for at in range(0, count, TEN)
        if (group := names[at : at + TEN])
    ]
    return Plan("hill", tuple(map(transmitter, names)), tuple(programmes), PEOPLE)


def radiates(name: str) -> Name:
    return Name(f"{name}.radiating")


class Plant:
    """A driver whose devices answer each second, but for those that are silent."""

    def __init__(self, count: int = TEN) -> None:
        self.driver = Driver(plan_of(count))
        self.driver.start(T0)
        self.second = 0

    def answer(
        self,
        seconds: int = 1,
        silent: str = "",
        suspected: Mapping[str, tuple[tuple[int, Value], ...]] = MappingProxyType({}),
        **values: tuple[bool, ...],
    ) -> list[Event]:
        """Return the events of so many seconds of answers. ``suspected``: by device, see there."""
        before = len(self.driver.events)
        for _ in range(seconds):
            self.second += 1
            at = T0 + self.second * SECOND
            taken: list[Input] = [
                Answer(
                    device.id,
                    at - 10_000,
                    at,
                    values.get(device.id, GOOD),
                    suspected=suspected.get(device.id, ()),
                )
                for device in self.driver.plan.devices
                if device.id != silent
            ]
            self.driver.tick(taken, at)
        return self.driver.events[before:]

    def stall(self, seconds: int) -> list[Event]:
        """Return the events of a time in which monitord itself did not run."""
        at = T0 + self.second * SECOND + 1
        self.second += seconds
        until = T0 + self.second * SECOND
        return list(self.driver.tick([Late(at, until)], until))


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


@pytest.mark.parametrize("count", [TEN, 1_000])
def test_our_own_lateness_is_one_event_and_two_a_programme(count: int) -> None:
    """A thousand devices are none of six thousand events: blind and seen again is a programme's."""
    plant = Plant(count)
    plant.answer(5)
    found = kinds([*plant.stall(20), *plant.answer(5)])
    assert found.count("own_lateness") == 1
    assert set(found) <= {
        "own_lateness",
        "piece_opened",
        "outage_began",
        "cause_claimed",
        "marked",
    } | {"outage_ended"}
    assert found.count("piece_opened") <= 3 * count // TEN
    late = plant.driver.situation.durable.lateness
    assert (late.count, late.time) == (1, 20 * SECOND - 1)


def test_a_late_moment_within_the_bound_is_no_event() -> None:
    """Nothing was missed: the next answers are within the bound."""
    plant = Plant()
    plant.answer(5)
    assert not [kind for kind in kinds([*plant.stall(1), *plant.answer(5)]) if kind != "marked"]


def test_the_time_is_blind_and_what_was_good_goes_on() -> None:
    """Not off air, not on air: blind for the cause that is ours; nobody gets a message."""
    plant = Plant()
    plant.answer(5)
    found = [*plant.stall(20), *plant.answer(40)]
    pieces = [json.loads(event.body) for event in found if event.kind == "piece_opened"]
    assert [piece["blind"] for piece in pieces] == ["late", None]
    assert pieces[0]["start"] == T0 + 5 * SECOND - 10_000
    assert pieces[1]["start"] == T0 + 26 * SECOND
    assert "attempt_began" not in kinds(found)


def test_what_fell_meanwhile_turns_and_is_reported() -> None:
    """A device that is off in its first answer is an outage, as after any blindness."""
    plant = Plant()
    plant.answer(5)
    plant.stall(20)
    found = kinds(plant.answer(8, d3=OFF))
    assert found.count("condition_turned") == 1
    assert "incident_opened" in found


@pytest.mark.parametrize("fell", [4, 6, 8])
def test_a_message_that_falls_due_meanwhile_begins_when_monitord_runs_again(fell: int) -> None:
    """Its figures are of that moment: nothing is sent while nothing runs (L6)."""
    plant = Plant()
    plant.answer(20 - fell)
    found = plant.answer(fell, d3=OFF)
    before = {event.subject for event in found if event.kind == "attempt_began"}
    late = [event for event in plant.stall(400) if event.kind == "attempt_began"]
    assert late
    assert {event.at for event in late} == {T0 + plant.second * SECOND}
    for event in late:
        alert = json.loads(event.body)["alert"]
        assert alert["told"] == "opened"
        assert alert["most"] >= 400 * SECOND
        assert event.subject not in before


def test_a_device_that_does_not_come_back_is_lost_for_its_own_cause() -> None:
    """It has its bound again, from the moment that monitord ran again."""
    plant = Plant()
    plant.answer(5)
    plant.stall(20)
    found = plant.answer(8, silent="d3")
    lost = [event for event in found if event.kind == "condition_lost"]
    assert [event.subject for event in lost] == ["d3.radiating", "d3.sane", "d3.low"]
    assert {json.loads(event.body)["held_to"] for event in lost} == {T0 + 5 * SECOND - 10_000}
    assert lost[0].at == T0 + 25 * SECOND + BOUND + 1
    assert len(kinds(plant.answer(3))) >= 3


def test_a_value_that_does_not_come_back_is_lost_for_its_own_cause() -> None:
    """The device answers, and one of its values is missing since: only that one is lost."""
    plant = Plant()
    plant.answer(5)
    plant.stall(20)
    found = plant.answer(8, d3=(True, None, False))  # type: ignore[arg-type]
    (lost,) = [event for event in found if event.kind == "condition_lost"]
    body = json.loads(lost.body)
    assert (lost.subject, body["cause"]) == ("d3.sane", "no_value")
    assert lost.at == T0 + 25 * SECOND + BOUND + 1


def test_what_cannot_be_right_behind_it_is_blind_for_its_own_cause() -> None:
    """A meter that sticks since then shows nothing: that is no lateness of ours any more."""
    plant = Plant()
    plant.answer(5)
    plant.stall(20)
    stuck = (None, False, False)
    found = plant.answer(8, suspected={"d3": ((0, True),)}, d3=stuck)  # type: ignore[arg-type]
    (lost,) = [event for event in found if event.kind == "condition_lost"]
    assert (lost.subject, json.loads(lost.body)["cause"]) == ("d3.radiating", "no_value")
    blind = [json.loads(e.body)["blind"] for e in found if e.kind == "piece_opened"]
    assert blind[-1] == "no_value"


def test_an_outage_before_it_goes_on_behind_it() -> None:
    """What was off air and is off air again is one outage; the time between is presumed."""
    plant = Plant()
    plant.answer(5)
    plant.answer(5, d3=OFF)
    (before,) = plant.driver.situation.durable.outages.values()
    plant.stall(20)
    found = kinds(plant.answer(5, d3=OFF))
    assert "outage_ended" not in found
    assert "condition_turned" not in found
    assert [o.id for o in plant.driver.situation.durable.outages.values()] == [before.id]


def test_a_second_lateness_before_the_answers_is_one_more_event() -> None:
    """A machine that goes on and stops again: paused conditions wait once more."""
    plant = Plant()
    plant.answer(5)
    plant.stall(20)
    plant.answer(1, silent="d3")
    found = kinds([*plant.stall(30), *plant.answer(5)])
    assert "condition_lost" not in found
    assert "condition_turned" not in found
    assert plant.driver.situation.durable == fold(plant.driver.events)


EVENT = Event(1, 1, 9_000_000, "own_lateness", 1, "", Stream.SITE, b"{}")


def test_a_state_that_a_record_kept_without_lateness_is_read_with_none() -> None:
    """A base event or snapshot of a monitord that did not know the kind has no such key."""
    plain = to_plain(Durable())
    del plain["lateness"]
    assert from_plain(Durable, plain).lateness == Lateness()


def test_lateness_is_counted_and_the_newest_is_kept() -> None:
    """However often our machine is late, the state has one of it."""
    durable = Durable()
    own_lateness(durable, EVENT, OwnLateness(1_000_000, 4_000_000))
    own_lateness(durable, EVENT, OwnLateness(7_000_000, 9_000_000))
    assert durable.lateness == Lateness(2, 5_000_000, 7_000_000, 9_000_000)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, None),
        (99, 99),
        (100, 130),
        (129, 130),
        (130, 130),
        (131, 131),
    ],
)
def test_what_is_due_while_monitord_does_not_run_is_due_when_it_does(
    at: int | None, expected: int | None
) -> None:
    """From the begin of the lateness to its end; without one everything is due in its time."""
    situation = Plant().driver.situation
    assert when_running(situation, at) == at
    situation.late = Late(100, 130)
    assert when_running(situation, at) == expected


def test_a_device_is_unread_by_our_own_fault_until_it_had_time_to_answer() -> None:
    """From the begin of the lateness until it was asked again, and its deadline had passed."""
    situation = Plant().driver.situation
    plan = situation.devices["d0"].plan
    end = 130 + plan.slot + plan.deadline
    assert not is_ours(situation, "d0", 100)
    situation.late = Late(100, 130)
    moments = (99, 100, 130, end, end + 1)
    assert [is_ours(situation, "d0", at) for at in moments] == [False, True, True, True, False]


def test_paused_conditions_wait_for_the_longest_bound_of_them() -> None:
    """And no shorter than until the device was asked again."""
    for bound in (BOUND, SECOND):
        plant = Plant()
        tx = plant.driver.plan.devices[0]
        conditions = (replace(tx.conditions[0], bound=bound), *tx.conditions[1:])
        others = tuple(replace(each, bound=SECOND) for each in conditions[1:])
        devices = (replace(tx, conditions=(conditions[0], *others)), *plant.driver.plan.devices[1:])
        plant.driver = Driver(replace(plant.driver.plan, devices=devices))
        plant.driver.start(T0)
        plant.answer(5)
        plant.stall(20)
        memory = plant.driver.situation.devices["d0"]
        assert len(memory.paused) == 3
        until = T0 + plant.second * SECOND
        assert memory.paused_until == until + max(bound, tx.slot + tx.deadline) + 1
