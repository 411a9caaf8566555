"""The first word of an incident names all that fell with it. Rule 5.3 of the architecture."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.expected import Message
from tests.scenarios.sites import station
from tests.support.seam import Site

MANY = 40
AT_ONCE = "duty: {name: 值机台, tell: [desk]}"
LINK = "link: {kind: link, name: 微波链路}"
FEED = "feed: {kind: feed}"


def many(parent: str, kind: str, off_air: str, people: str = AT_ONCE) -> Site:
    """Return forty programmes, each by a device of its own behind one parent."""
    device = {"detector": "behind: link.locked", "transmitter": "powered_by: feed.mains"}[kind]
    shows = {"detector": "sound", "transmitter": "radiating"}[kind]
    devices = "\n".join(f"d{n}: {{kind: {kind}, {device}}}" for n in range(MANY))
    programmes = "\n".join(
        f"p{n}: {{name: 节目{n}, off_air: {off_air}, "
        f"chain: [{{stage: only, owner: own, needs: d{n}.{shows}}}]}}"
        for n in range(MANY)
    )
    return station(f"{parent}\n{devices}", programmes, people)


def all_become(state: str, *, but: int = 0) -> dict[str, str]:
    """Return what every device is; ``but``: not so many of the first ones."""
    return {f"d{n}": state for n in range(but, MANY)}


def named(message: Message) -> int:
    return len({member.name for member in message.members})


def kinds(log: DutyLog) -> list[tuple[str, int]]:
    return [(message.told, named(message)) for message in log.messages()]


@pytest.mark.parametrize(
    ("parent", "kind", "cause", "state", "open_after"),
    [
        (LINK, "detector", {"link": "down"}, "no_answer", "2s"),
        (LINK, "detector", {"link": "down"}, "silent", "2s"),
        (LINK, "detector", {"link": "down"}, "silent", "45s"),
        (FEED, "transmitter", {"feed": "off"}, "standby", "2s"),
        (FEED, "transmitter", {"feed": "off"}, "tripped", "10s"),
    ],
)
def test_forty_that_fall_together_are_one_message_and_recover_by_one(
    parent: str, kind: str, cause: dict[str, str], state: str, open_after: str
) -> None:
    """They are polled milliseconds apart, and so their delays end."""
    log = DutyLog(many(parent, kind, f"{{open_after: {open_after}}}"), begins="02:00:00")
    log.then("02:10:00", **cause, **all_become(state))
    log.then("02:14:00", **dict.fromkeys(cause, "good"), **all_become("good")).until("02:17:00")
    assert kinds(log) == [("opened", MANY), ("recovered", MANY)]


def test_forty_that_join_an_incident_are_one_message_more() -> None:
    """Of one programme there was a message when the others fall by the same cause."""
    log = DutyLog(many(FEED, "transmitter", "{open_after: 2s}"), begins="02:00:00")
    log.then("02:10:00", feed="off", d0="standby")
    log.then("02:12:00", **all_become("standby", but=1)).until("02:14:00")
    assert kinds(log) == [("opened", 1), ("grown", MANY)]


def test_forty_that_make_an_incident_worse_are_one_message_more() -> None:
    """Of an alarm of the mains there was a message when the programmes fall."""
    alarm = "feed: {kind: feed, conditions: {mains: {alarm: {severity: minor, clear_after: 30s}}}}"
    log = DutyLog(many(alarm, "transmitter", "{open_after: 2s}"), begins="02:00:00")
    log.then("02:10:00", feed="off")
    log.then("02:12:00", **all_become("standby")).until("02:14:00")
    assert [told for told, _ in kinds(log)] == ["opened", "worsened"]
    assert named(log.messages()[-1]) == MANY + 1


def test_a_first_word_waits_for_a_second_at_most() -> None:
    """One more falls each half second: who falls behind the bound follows a minute later."""
    log = DutyLog(many(FEED, "transmitter", "{open_after: 10s}"), begins="02:00:00")
    log.then("02:09:00", feed="off")
    for n in range(MANY):
        log.then(f"02:10:{n:02}.5", **{f"d{n}": "standby"})
    log.until("02:13:00")
    first = log.messages()[0]
    assert first.at in {"02:10:11", "02:10:12"}
    assert (first.told, named(first)) in {("opened", 1), ("opened", 2)}


def test_a_first_word_waits_for_nothing_that_is_good_again() -> None:
    """It is seen good before its own delay ends: the other one is named alone, and at once."""
    devices = f"{FEED}\n" + "\n".join(
        f"d{n}: {{kind: transmitter, powered_by: feed.mains}}" for n in range(2)
    )
    programmes = "\n".join(
        f"p{n}: {{name: 节目{n}, off_air: {{open_after: {open_after}}}, "
        f"chain: [{{stage: only, owner: own, needs: d{n}.radiating}}]}}"
        for n, open_after in enumerate(("3s", "3600ms"))
    )
    log = DutyLog(station(devices, programmes, AT_ONCE), begins="02:00:00")
    log.then("02:10:00", feed="off", d0="standby", d1="standby")
    log.then("02:10:02.5", d1="good").until("02:12:00")
    assert [(one.at, one.told, named(one)) for one in log.messages()] == [("02:10:03", "opened", 1)]


def test_a_first_word_waits_for_nothing_lesser() -> None:
    """An alarm of the same cause that opens half a second later holds no outage back."""
    feed = "feed: {kind: feed, conditions: {mains: {alarm: {severity: minor, open_after: 2600ms}}}}"
    devices = f"{feed}\nd0: {{kind: transmitter, powered_by: feed.mains}}"
    programme = (
        "p0: {name: 节目, off_air: {open_after: 2s}, "
        "chain: [{stage: only, owner: own, needs: d0.radiating}]}"
    )
    log = DutyLog(station(devices, programme, AT_ONCE), begins="02:00:00")
    log.then("02:10:00", feed="off", d0="standby").until("02:12:00")
    first = log.messages()[0]
    assert (first.told, named(first)) == ("opened", 1)
