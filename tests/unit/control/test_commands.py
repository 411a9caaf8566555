"""The control commands on a real core, with the test's own time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from monitord.control.commands import ControlCommands
from monitord.control.status import describe
from monitord.core.clock_quality import SYNCHRONISED
from monitord.core.model import SECOND, ClockRead
from monitord.journal import RecordError
from monitord.journal.decision_rows import Decided
from tests.support.seam import OFFSET, Outcome, Watch, fm_site, shared_site
from tests.unit.control.ticks import LABELS, TickDouble, commands_of, off_air, presumed


async def ack(commands: ControlCommands, incident: object, person: object) -> dict[str, Any]:
    return await commands.ack({"command": "ack", "incident": incident, "person": person})


async def test_an_acknowledgement_is_answered_once_it_is_recorded() -> None:
    """The tick under way began without it; the answer follows the next one."""
    engine, commands, incident = off_air("bad", "bad")
    answer = await ack(commands, incident, "desk")
    assert (answer["ok"], answer["person"], answer["already"]) == (True, "desk", False)
    assert (engine.before, engine.waiting) == ([], [])
    again = await ack(commands, incident, "desk")
    assert (again["person"], again["already"], again["at"]) == ("desk", True, answer["at"])


async def test_everybody_may_acknowledge_by_the_short_number() -> None:
    """The first one stopped the calls; the others are listed with the members that they saw."""
    _engine, commands, incident = off_air()
    first = await ack(commands, "100", "desk")
    assert (first["incident"], first["number"], first["already"]) == (incident, 100, False)
    second = await ack(commands, "100", "engineer")
    assert (second["person"], second["already"], second["at"]) == ("desk", True, first["at"])
    assert [(one["person"], one["members"]) for one in second["acknowledged"]] == [
        ("desk", ["fm/off_air"]),
        ("engineer", ["fm/off_air"]),
    ]
    (found,) = (await commands.status({}))["status"]["incidents"]
    assert found["acknowledged"] == second["acknowledged"]


async def test_an_acknowledgement_that_is_not_on_disk_is_answered_as_such() -> None:
    """The operator then writes it into the duty log."""
    engine, commands, incident = off_air()
    engine.fail()
    assert (await ack(commands, incident, "desk"))["recorded"] is False
    assert (await commands.status({}))["status"]["recorded"] is False


Asked = Callable[[], Awaitable[tuple[TickDouble, ControlCommands, dict[str, Any]]]]


async def _acknowledged() -> tuple[TickDouble, ControlCommands, dict[str, Any]]:
    engine, commands, incident = off_air()
    return engine, commands, {"command": "ack", "incident": incident}


async def _marked() -> tuple[TickDouble, ControlCommands, dict[str, Any]]:
    engine = TickDouble(Watch(fm_site()).hold(20).hold(20, io="bad"))
    (incident,) = engine.situation.durable.incidents
    request = {"command": "false_alarm", "incident": incident, "saw": "music"}
    return engine, commands_of(engine), request


async def _settled() -> tuple[TickDouble, ControlCommands, dict[str, Any]]:
    engine, commands = presumed()
    return engine, commands, {"command": "settle", "verdict": "on_air"}


async def _adopted() -> tuple[TickDouble, ControlCommands, dict[str, Any]]:
    engine = TickDouble(Watch(fm_site()).hold(20))
    return engine, commands_of(engine), {"command": "clock_adopt"}


async def _set() -> tuple[TickDouble, ControlCommands, dict[str, Any]]:
    engine = TickDouble(Watch(fm_site()).hold(20))
    request = {"command": "site_state_set", "where": "tower", "who": "Li"}
    return engine, commands_of(engine), request


async def _cleared() -> tuple[TickDouble, ControlCommands, dict[str, Any]]:
    engine, commands, request = await _set()
    await commands.set_site_state(request | {"person": "desk"})
    return engine, commands, {"command": "site_state_clear", "number": 1}


DECISIONS: tuple[Asked, ...] = (_acknowledged, _marked, _settled, _adopted, _set, _cleared)


async def test_every_command_with_a_decision_is_tried() -> None:
    """A new one is not forgotten."""
    tried = {(await asked())[2]["command"] for asked in DECISIONS}
    _engine, commands, _ = off_air()
    assert tried | {"status", "clock"} == set(commands.by_name)


@pytest.mark.parametrize("asked", DECISIONS)
async def test_a_commit_under_way_does_not_say_that_the_record_cannot_be_written(
    asked: Asked,
) -> None:
    """The decision waits for it; asked again meanwhile, the answer waits for it too."""
    engine, commands, request = await asked()
    engine.pending.append("an event of the tick under way")
    assert (await commands.status({}))["status"]["recorded"] is True
    request |= {"person": "desk", "id": "k1"}
    answer = await commands.by_name[request["command"]](request)
    assert (answer["ok"], answer["recorded"], engine.pending) == (True, True, [])
    engine.pending.append("the decision, decided and not on disk yet")
    if request["command"] != "settle":  # nothing is left to settle
        answer = await commands.by_name[request["command"]](request)
        assert (answer["ok"], answer["recorded"], engine.pending) == (True, True, [])


@pytest.mark.parametrize("asked", DECISIONS)
async def test_a_disk_that_takes_nothing_is_named_in_every_answer(asked: Asked) -> None:
    """What people decide counts meanwhile, but for a settlement, which rests on rows on disk."""
    engine, commands, request = await asked()
    engine.fail()
    answer = await commands.by_name[request["command"]](request | {"person": "desk"})
    if request["command"] == "settle":
        assert answer["error"] == {"code": "unrecorded"}
    else:
        assert (answer["ok"], answer["recorded"]) == (True, False)


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
async def test_an_unknown_incident_or_person_is_rejected(
    incident: object, person: object, code: str
) -> None:
    """The refusal lists the numbers of the open ones, or the people."""
    engine, commands, _ = off_air()
    error = (await ack(commands, incident, person))["error"]
    assert error["code"] == code
    assert error["known"] in (["100"], ["desk", "engineer"])
    assert engine.waiting == []


async def test_an_incident_that_closes_meanwhile_ends_the_wait() -> None:
    """A closed incident cannot be acknowledged any more."""
    engine, commands, incident = off_air()
    engine.watch.hold(30)
    engine.before = ["good"] * 10
    answer = await ack(commands, incident, "desk")
    assert answer["error"]["code"] == "unknown_incident"
    assert (engine.before, engine.waiting) == ([], [])


async def test_a_decision_with_an_id_is_taken_once_and_answered_again() -> None:
    """A command whose answer was lost asks again with the same id, and nothing happens twice."""
    engine, commands, incident = off_air()
    request = {"command": "ack", "incident": incident, "person": "desk", "id": "k1"}
    assert (await commands.ack(request))["person"] == "desk"
    assert (await commands.ack(request))["person"] == "desk"
    assert len(engine.watch.bodies("decision_taken")) == 1
    other = await commands.ack(request | {"person": "engineer"})
    assert other["error"] == {"code": "id_used", "id": "k1"}
    for key in (None, "", 7, "x" * 65, "k\0", "k 1", "键"):
        refused = await commands.ack(request | {"id": key})
        assert refused["error"]["code"] == "bad_id"


async def test_a_request_may_name_the_basis_of_its_decision() -> None:
    """It is part of the decision: the same id with another paper is another decision."""
    engine, commands, incident = off_air()
    request = {"command": "ack", "incident": incident, "person": "desk", "id": "k1"}
    basis = {"on_behalf_of": "李四", "paper": "12号", "effective": [1, None], "seen": "1-1"}
    assert (await commands.ack(request | basis))["ok"]
    (taken,) = engine.watch.bodies("decision_taken")
    assert {key: taken[key] for key in basis} == basis
    other = await commands.ack(request | basis | {"paper": "13号"})
    assert other["error"] == {"code": "id_used", "id": "k1"}
    for key, wrong in (("paper", 7), ("seen", None), ("effective", [1]), ("effective", ["a", 2])):
        refused = await commands.ack(request | {"id": "k2", key: wrong})
        assert refused["error"]["code"] == "bad_basis"
    for effective in ([1, "b"], [True, 2], 5):
        refused = await commands.ack(request | {"id": "k2", "effective": effective})
        assert refused["error"]["code"] == "bad_basis"


async def test_status_has_programme_device_incident_and_figures() -> None:
    """Names, codes and seconds, for scripts."""
    engine, commands, incident = off_air()
    engine.watch.hold(30, fm1="bad")
    found = (await commands.status({}))["status"]
    (fm,), (open_one,) = found["programmes"], found["incidents"]
    assert (fm["name"], fm["column"], fm["observed"]) == ("FM 98.6", "off_air", "bad:no_carrier")
    assert 20 <= open_one["least_s"] <= open_one["most_seen_s"] <= open_one["most_s"] <= 42
    assert (found["source"], open_one["id"]) == ("daemon", incident)
    assert [device["up"] for device in found["devices"]] == [True, True]


async def test_status_has_every_member_with_its_own_figures() -> None:
    """Nothing is taken from the first programme (rule 5.3 of the architecture)."""
    engine = TickDouble(Watch(shared_site()).hold(20).hold(10, fm1="bad", io1="bad"))
    engine.watch.hold(40, fm1="bad")
    (found,) = (
        each
        for each in (await commands_of(engine).status({}))["status"]["incidents"]
        if each["place"] == "fm1/tx"
    )
    one, two = found["members"]
    assert [one["id"], two["id"]] == ["one/off_air", "two/off_air"]
    assert [one["open"], two["open"], one["falls"]] == [True, True, 1]
    # The sound of one may have been silent for ten seconds before it was proven.
    for member, most in ((one, 63), (two, 53)):
        assert 40 <= member["least_s"] <= member["most_seen_s"] <= member["most_s"] <= most
    assert one["most_s"] > two["most_s"] + 9
    assert (found["number"], found["kind"], found["stage"]) == (100, "stage", "tx")
    assert (found["devices"], found["joined"]) == ([{"id": "fm1", "name": "fm1"}], ["two"])
    assert found["devices_now"] == [{"device": "fm1", "name": "fm1", "does": "no_output"}]


async def test_status_lists_what_each_person_is_to_get() -> None:
    """Waiting for a delay, due, being sent; with how many attempts, and whether one arrived."""
    engine = TickDouble(Watch(fm_site()).hold(20).hold(2, fm1="bad"))
    commands = commands_of(engine)
    desk, engineer = await owed(commands)
    assert (desk["person"], desk["state"], desk["told"]) == ("desk", "waiting", None)
    assert (engineer["person"], engineer["state"], desk["number"]) == ("engineer", "waiting", 100)
    assert int(desk["due_at"]) < int(engineer["due_at"])
    engine.watch.driver.outcomes = lambda _channel, _at: Outcome(60 * SECOND)
    engine.watch.hold(3, fm1="bad")
    desk, engineer = await owed(commands)
    assert (desk["state"], desk["told"], desk["attempts"]) == ("telling", "opened", 1)
    assert (desk["channel"], desk["received"]) == ("console", "no")


async def owed(commands: ControlCommands) -> list[dict[str, Any]]:
    """Return the messages that a status lists."""
    found: list[dict[str, Any]] = (await commands.status({}))["status"]["owed"]
    return found


async def test_a_silent_device_is_silent_since_its_last_answer() -> None:
    """An outage that was open before the silence is presumed, and still off air."""
    engine, commands, _ = off_air()
    answered_at = str(engine.situation.devices["fm1"].answered_at)
    engine.watch.hold(10, fm1="silent")
    found = (await commands.status({}))["status"]
    (fm,), (device, _io) = found["programmes"], found["devices"]
    assert (fm["column"], fm["observed"], fm["presumed"]) == ("off_air", "unknown:timeout", True)
    assert (device["up"], device["silent"], device["last_answer"]) == (
        False,
        "timeout",
        answered_at,
    )


def test_since_is_when_the_present_column_began() -> None:
    """It is the first proof of the column; later pieces of the same column do not move it."""
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


async def settle(commands: ControlCommands, **said: object) -> dict[str, Any]:
    request = {"command": "settle", "person": "desk", "verdict": "on_air"}
    return await commands.settle(request | said)


async def test_one_settlement_covers_all_that_status_lists() -> None:
    """The list, the counts and the hours of a programme follow."""
    _, commands = presumed()
    before = (await commands.status({}))["status"]
    assert [span["sort"] for span in before["unsettled"]] == ["presumed", "presumed"]
    (programme,) = before["programmes"]
    hours = sum(span["in_hours_s"] for span in before["unsettled"])
    assert (programme["unsettled"], programme["unsettled_s"]) == (2, hours)
    assert 0 < programme["coverage"] < 1
    answer = await settle(commands, verdict="off_air", note="the neighbour saw it")
    assert (answer["settled"], answer["settled_s"], answer["left"]) == (2, hours, 0)
    after = (await commands.status({}))["status"]
    (programme,) = after["programmes"]
    assert (after["unsettled"], programme["unsettled"], programme["unsettled_s"]) == ([], 0, 0)
    assert (programme["settled_off"], programme["settled_off_s"]) == (2, hours)


async def test_what_was_settled_as_on_air_is_in_the_status_too() -> None:
    """Beside what was settled as off air: nobody looks for it in vain."""
    engine, commands = presumed()
    first, second = engine.unsettled(9, "", ())
    (programme,) = (await commands.status({}))["status"]["programmes"]
    assert (programme["settled_on"], programme["settled_on_s"]) == (0, 0)
    await settle(commands, ids=[first.id])
    await settle(commands, ids=[second.id], verdict="off_air")
    (programme,) = (await commands.status({}))["status"]["programmes"]
    assert (programme["settled_on"], programme["settled_on_s"]) == (1, first.time / 1e6)
    assert (programme["settled_off"], programme["settled_off_s"]) == (1, second.time / 1e6)


async def test_a_false_alarm_is_in_the_status_while_it_lasts() -> None:
    """Who marked it and what that person saw; and that its time is not settled."""
    engine = TickDouble(Watch(fm_site()).hold(20).hold(20, io="bad"))
    commands = commands_of(engine)
    (incident,) = (await commands.status({}))["status"]["incidents"]
    assert incident["false_alarms"] == []
    request = {"command": "false_alarm", "incident": incident["id"], "person": "desk"}
    answer = await commands.false_alarm(request | {"saw": "music"})
    status = (await commands.status({}))["status"]
    assert status["incidents"][0]["false_alarms"] == [
        {"person": "desk", "name": "the desk", "at": answer["at"], "saw": "music"}
    ]
    assert [(one["sort"], one["ended"]) for one in status["unsettled"]] == [("false_alarm", None)]
    assert status["programmes"][0]["unsettled"] == 1


async def test_single_spans_are_settled_by_their_ids() -> None:
    """What is not named stays unsettled; an id that is not unsettled settles nothing."""
    engine, commands = presumed()
    first, second = (span.id for span in engine.unsettled(9, "", ()))
    assert (await settle(commands, ids=[first, "9-9"]))["error"] == {"code": "not_unsettled"}
    assert (await settle(commands, ids=[first]))["left"] == 1
    assert (await settle(commands, ids=[first]))["error"] == {"code": "nothing_unsettled"}
    assert (await settle(commands, programme="tv"))["error"] == {"code": "nothing_unsettled"}
    stranger = await settle(commands, ids=[second], person="x")
    assert stranger["error"] == {
        "code": "unknown_person",
        "person": "x",
        "known": ["desk", "engineer"],
    }
    assert (await settle(commands, programme="fm"))["left"] == 0


async def test_nothing_is_settled_while_the_record_cannot_be_written() -> None:
    """The rows on disk do not know yet what was settled a moment ago."""
    engine, commands = presumed()
    engine.fail()
    assert (await settle(commands))["error"] == {"code": "unrecorded"}
    assert engine.situation.durable.unsettled["fm"].count == 2


async def test_a_record_that_cannot_be_read_does_not_hide_the_status(tmp_path: Path) -> None:
    """The counts are known all the same; the list is null, not empty."""
    engine, _ = presumed()

    def damaged() -> Decided:
        raise RecordError("none_yet", tmp_path)

    commands = commands_of(engine, damaged)
    status = (await commands.status({}))["status"]
    assert status["unsettled"] is None
    assert status["programmes"][0]["settled_on"] is None
    assert [one["false_alarms"] for one in status["incidents"]] == [None] * len(status["incidents"])
    assert status["programmes"][0]["unsettled"] == 2


async def test_a_false_alarm_is_marked_by_the_short_number_and_only_of_content() -> None:
    """A carrier that is gone is none; a detector that is wrong may be."""
    _, commands, incident = off_air()
    request = {"command": "false_alarm", "person": "desk", "saw": "music"}
    refused = await commands.false_alarm(request | {"incident": incident})
    assert refused["error"]["code"] == "not_content"
    unknown = await commands.false_alarm(request | {"incident": "9-9"})
    assert unknown["error"]["code"] == "unknown_incident"
    engine = TickDouble(Watch(fm_site()).hold(20).hold(20, io="bad"))
    (found,) = engine.situation.durable.incidents.values()
    answer = await commands_of(engine).false_alarm(request | {"incident": str(found.number)})
    assert (answer["ok"], answer["incident"], answer["person"]) == (True, found.id, "desk")
    assert (answer["number"], answer["name"]) == (found.number, "the desk")
    assert found.quiet


async def test_the_clock_is_described_with_its_rivals() -> None:
    """A trusted clock has none; what it shows and what is held are the same."""
    engine = TickDouble(Watch(fm_site()).hold(20))
    found = (await commands_of(engine).clock({}))["clock"]
    assert (found["trust"], found["alarm"], found["rivals"]) == ("trusted", None, [])
    assert found["held"] == found["shown"]


@pytest.mark.parametrize("shown_s", [-7_200, -40, 40, 10_800])
async def test_what_the_clock_shows_is_said_as_it_shows_it_whatever_was_held_before(
    shown_s: int,
) -> None:
    """Also where that time belongs to an earlier boot, which has another offset; so its rivals."""
    watch = Watch(fm_site()).hold(20)
    watch.driver.clock_error = 86_400 * SECOND
    engine = TickDouble(watch.restart().hold(20))
    engine.clock_error = (86_400 + shown_s) * SECOND
    engine.put(ClockRead(engine.now(), engine.wall(), SYNCHRONISED))
    await engine.after_tick()
    found = (await commands_of(engine).clock({}))["clock"]
    wall = str(engine.wall() - OFFSET)
    assert (found["trust"], found["shown"], found["rivals"]) == ("disputed", wall, [wall])


@pytest.mark.parametrize("steps_s", [(10_800,), (10_800, 10_900, 11_000), (1, 2, 3)])
async def test_a_clock_is_as_it_is_since_it_became_so_and_not_since_its_last_step(
    steps_s: tuple[int, ...],
) -> None:
    """A further rival begins no dispute, and a correction no trust."""
    engine = TickDouble(Watch(fm_site()).hold(20))
    began = [str(engine.now() if steps_s[0] > 1 else engine.situation.durable.clock.eras[0].since)]
    for step_s in steps_s:
        engine.clock_error = step_s * SECOND // (1 if steps_s[0] > 1 else 10)
        engine.put(ClockRead(engine.now(), engine.wall(), SYNCHRONISED))
        await engine.after_tick()
        engine.watch.at = engine.now()
        engine.watch.hold(10)
    commands = commands_of(engine)
    found = (await commands.clock({}))["clock"]
    status = (await commands.status({}))["status"]["clock"]
    assert [found["since"]] == [status["since"]] == began


async def test_an_adopted_clock_counts_from_then_on() -> None:
    """Without a stated time it is what the clock of the computer shows."""
    engine = TickDouble(Watch(fm_site()).hold(20))
    engine.clock_error = 300 * SECOND
    answered = await commands_of(engine).adopt_clock({"person": "desk"})
    assert answered["ok"]
    assert engine.situation.durable.clock_offset == OFFSET + 300 * SECOND


async def test_a_time_that_is_over_is_refused() -> None:
    """Nothing is changed, and the reason is a code."""
    engine = TickDouble(Watch(fm_site()).hold(20))
    asked = {"person": "desk", "wall": engine.wall() - 3_600 * SECOND}
    answered = await commands_of(engine).adopt_clock(asked)
    assert answered["error"]["code"] == "time_before_mark"
    assert engine.situation.durable.clock_offset == OFFSET
