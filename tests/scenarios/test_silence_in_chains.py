"""Devices of one chain that fall silent together: one incident, one first message."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_silent_devices import PEOPLE
from tests.support.seam import Site

FOLLOWING = """
fm:
  name: 调频
  chain:
    - {stage: exciter, owner: own, needs: exciter.radiating}
    - {stage: transmitter, owner: own, needs: tx.radiating}
"""
PAIR = """
fm:
  name: 调频
  chain:
    - stage: transmitters
      owner: own
      members: [{id: a, carries: a.radiating}, {id: b, carries: b.radiating}]
"""


def following(poll_every: str = "1s") -> Site:
    """Return an exciter and a transmitter behind it. ``poll_every``: of the exciter."""
    exciter = f"exciter: {{kind: transmitter, poll_every: {poll_every}}}"
    devices = f"{exciter}\ntx: {{kind: transmitter}}\nups: {{kind: feed}}"
    return station(devices, FOLLOWING, PEOPLE)


def pair() -> Site:
    """Return two transmitters, 1+1, of which nobody says that they could take over."""
    devices = "a: {kind: transmitter}\nb: {kind: transmitter}\nups: {kind: feed}"
    return station(devices, PAIR, PEOPLE)


def told(log: DutyLog) -> list[tuple[str, str, str]]:
    return [(m.person, m.told, m.place) for m in log.messages()]


def test_an_exciter_and_its_transmitter_that_fall_silent_together_are_one_incident() -> None:
    """The message of the programme names both: a second one of the exciter says nothing more."""
    log = DutyLog(following(), begins="02:00:00")
    log.then("02:10:00", exciter="no_answer", tx="no_answer")
    log.then("02:20:00", exciter="good", tx="good").until("02:30:00")
    assert told(log) == [
        ("duty", "opened", "exciter+tx/silent"),
        ("engineer", "opened", "exciter+tx/silent"),
        ("duty", "recovered", "exciter+tx/silent"),
        ("engineer", "recovered", "exciter+tx/silent"),
    ]


def test_a_part_that_stays_silent_keeps_the_incident_that_named_it() -> None:
    """Who got word of both learns that the programme is seen again, and then of the rest."""
    log = DutyLog(following(), begins="02:00:00")
    log.then("02:10:00", exciter="no_answer", tx="no_answer")
    log.then("02:20:00", tx="good").then("02:40:00", exciter="good").until("02:50:00")
    assert {place for _, _, place in told(log)} == {"exciter+tx/silent"}
    assert [kind for person, kind, _ in told(log) if person == "engineer"] == [
        "opened",
        "partly",
        "recovered",
    ]
    ends = [m.at for m in log.messages() if m.told == "recovered"]
    assert ends == ["02:40:30", "02:40:30"]


def test_an_exciter_that_is_asked_seldom_is_found_silent_later_and_is_no_second_incident() -> None:
    """Nothing shows which of the two fell silent first: their last proofs overlap."""
    log = DutyLog(following("10s"), begins="02:00:00")
    log.player.lines["exciter"].every = 10 * SECOND
    log.then("02:10:02", exciter="no_answer", tx="no_answer")
    log.then("02:20:00", exciter="good", tx="good").until("02:30:00")
    assert len({place for _, _, place in told(log)}) == 1
    assert [kind for _, kind, _ in told(log)].count("opened") == 2


def test_an_exciter_that_falls_silent_later_than_its_transmitter_is_an_incident_of_its_own() -> (
    None
):
    """The silence of what comes behind explains nothing of it."""
    log = DutyLog(following(), begins="02:00:00").then("02:10:00", tx="no_answer")
    log.then("02:15:00", exciter="no_answer").until("02:20:00")
    assert [place for _, kind, place in told(log) if kind == "opened"] == [
        "tx/silent",
        "tx/silent",
        "exciter/silent",
    ]


def test_a_silence_that_was_reported_stays_its_own_when_the_programme_is_lost_later() -> None:
    """The loss of the programme is news; the silence of before has its own end."""
    log = DutyLog(following(), begins="02:00:00").then("02:10:00", exciter="no_answer")
    log.then("02:15:00", tx="no_answer").then("02:20:00", exciter="good", tx="good")
    log.until("02:30:00")
    assert [(kind, place) for person, kind, place in told(log) if person == "engineer"] == [
        ("opened", "exciter/silent"),
        ("opened", "exciter+tx/silent"),
        ("recovered", "exciter/silent"),
        ("recovered", "exciter+tx/silent"),
    ]


def test_two_transmitters_without_readiness_that_fall_silent_together_are_one_incident() -> None:
    """1+1: the programme is lost by both."""
    log = DutyLog(pair(), begins="02:00:00", b="standby")
    log.then("02:10:00", a="no_answer", b="no_answer").then("02:20:00", a="good", b="standby")
    log.until("02:30:00")
    assert len({place for _, _, place in told(log)}) == 1
    assert [kind for _, kind, _ in told(log)].count("opened") == 2


def test_the_second_of_two_transmitters_that_falls_silent_is_reported_by_the_programme() -> None:
    """Its place names both; the first one had its own word."""
    log = DutyLog(pair(), begins="02:00:00", b="standby").then("02:10:00", b="no_answer")
    log.then("02:20:00", a="no_answer").then("02:40:00", a="good", b="standby").until("02:50:00")
    opened = [m.place for m in log.messages() if (m.person, m.told) == ("engineer", "opened")]
    assert opened == ["b/silent", "a+b/silent"]


def test_a_supply_that_falls_silent_with_the_transmitter_is_reported_beside_it() -> None:
    """It carries no programme: the message of the programme does not speak of it."""
    log = DutyLog(pair(), begins="02:00:00", b="standby")
    log.then("02:10:00", a="no_answer", ups="no_answer").until("02:20:00")
    assert {m.place for m in log.messages() if m.told == "opened"} == {"a/silent", "ups/silent"}


def test_an_exciter_that_falls_silent_beside_a_link_that_is_down_is_an_incident_of_its_own() -> (
    None
):
    """The programme is lost by the link, and the exciter is not behind it."""
    devices = """
    tx: {kind: transmitter, behind: link.locked}
    exciter: {kind: transmitter}
    link: {kind: link}
    """
    log = DutyLog(station(devices, FOLLOWING, PEOPLE), begins="02:00:00")
    log.then("02:10:00", link="down", tx="no_answer").then("02:12:00", exciter="no_answer")
    log.until("02:20:00")
    opened = {m.place for m in log.messages() if m.told == "opened"}
    assert opened == {"link/locked", "exciter/silent"}


HEARD = FOLLOWING.replace(
    "chain:", "chain:\n    - {stage: studio, owner: own, needs: studio.sound}"
)


def test_an_exciter_silent_with_its_transmitter_behind_another_loss_is_one_incident() -> None:
    """The link that hid the studio still holds the loss; the transmitter's message names both."""
    devices = """
    backhaul: {kind: link}
    exciter: {kind: transmitter}
    studio: {kind: detector, behind: backhaul.locked}
    tx: {kind: transmitter}
    ups: {kind: feed}
    """
    log = DutyLog(station(devices, HEARD, PEOPLE), begins="02:00:00")
    log.then("02:10:00", backhaul="down", studio="no_answer").then("02:12:00", backhaul="no_answer")
    log.then("02:12:05", exciter="no_answer", tx="no_answer").then("02:12:20", studio="good")
    log.until("02:16:00")
    places = [place for _, _, place in told(log)]
    assert list(dict.fromkeys(places)) == [
        "backhaul/locked",
        "exciter+tx/silent",
        "backhaul/silent",
    ]


BOTH_SILENT = "exciter+tx/silent"


@pytest.mark.parametrize(
    ("behind", "place"),
    [(("exciter", "tx"), "link/silent"), (("exciter",), BOTH_SILENT), (("tx",), BOTH_SILENT)],
)
def test_a_silent_link_names_the_silence_of_a_chain_where_all_of_it_is_behind_it(
    behind: tuple[str, ...], place: str
) -> None:
    """What is reached past it fell silent by something else."""
    names = ("exciter", "tx")
    over = {name: ", behind: link.locked" if name in behind else "" for name in names}
    lines = [f"{name}: {{kind: transmitter{over[name]}}}" for name in names]
    devices = "\n".join([*lines, "link: {kind: link}", "ups: {kind: feed}"])
    log = DutyLog(station(devices, FOLLOWING, PEOPLE), begins="02:00:00")
    log.then("02:10:00", link="no_answer", **dict.fromkeys(names, "no_answer")).until("02:20:00")
    of_programme = {m.place for m in log.messages() for x in m.members if x.name == "fm/blind"}
    assert of_programme == {place}


TWO = """
first:
  name: 一套
  chain:
    - {stage: exciter, owner: own, needs: exciter.radiating}
    - {stage: transmitter, owner: own, needs: one.radiating}
second:
  name: 二套
  chain:
    - {stage: exciter, owner: own, needs: exciter.radiating}
    - {stage: transmitter, owner: own, needs: two.radiating}
"""


@pytest.mark.parametrize("lost", ["one", "two"])
def test_a_part_of_two_programmes_falls_silent_with_the_one_that_is_lost(lost: str) -> None:
    """The other programme is seen as before: the loss of either names the exciter of both."""
    devices = "exciter: {kind: transmitter}\none: {kind: transmitter}\ntwo: {kind: transmitter}"
    log = DutyLog(station(devices, TWO, PEOPLE), begins="02:00:00")
    log.then("02:10:00", **{"exciter": "no_answer", lost: "no_answer"})
    log.then("02:20:00", **{"exciter": "good", lost: "good"}).until("02:30:00")
    assert {place for _, _, place in told(log)} == {f"exciter+{lost}/silent"}
    assert [kind for _, kind, _ in told(log)].count("opened") == 2
