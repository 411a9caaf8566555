"""A reserve that several programmes share: whom it carries, and what the others have left."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import Site

DEVICES = """
a: {kind: transmitter, name: 一号机}
b: {kind: transmitter, name: 二号机}
spare: {kind: transmitter, name: 备用机}
matrix: {kind: matrix}
"""


def shared(
    ready: str = "spare.sane", spare_first: tuple[int, ...] = (), *, supplied: bool = False
) -> Site:
    """Return two programmes with a transmitter each, and one reserve behind a matrix.

    ``spare_first``: the programmes whose stage names the reserve before its own transmitter.
    ``supplied``: all three transmitters, and not the matrix, are on ``mains``.
    """
    devices = DEVICES
    if supplied:
        devices = devices.replace("transmitter,", "transmitter, powered_by: [mains.mains],")
        devices += "mains: {kind: feed}\n"
    programmes = []
    for n, own in ((1, "a"), (2, "b")):
        members = [
            f"{{id: {own}, carries: {own}.radiating, ready: {own}.sane}}",
            f"{{id: spare, carries: spare.radiating and matrix.to{n}, ready: {ready}}}",
        ]
        members = members[::-1] if n in spare_first else members
        stage = f"{{stage: transmitters, owner: own, members: [{', '.join(members)}]}}"
        programmes.append(f"tv{n}: {{name: {n}套, rank: {n}, chain: [{stage}]}}")
    return station(devices, "\n".join(programmes))


def does(log: DutyLog, member: str) -> dict[str, str]:
    """Return what each device did by the first message about a member."""
    alert = next(
        alert
        for alert in log.alerts()
        if any(f"{m['programme']}/{m['fault']}" == member for m in alert["members"])
    )
    return {now["device"]: now["does"] for now in alert["devices_now"]}


@pytest.mark.parametrize("spare_first", [(), (1,), (2,), (1, 2)])
def test_a_shared_reserve_that_is_used_covers_no_other_programme(
    spare_first: tuple[int, ...],
) -> None:
    """The neighbour's message says by whom its reserve is used; it is free again at the return.

    In whatever order the stages name their transmitters.
    """
    log = DutyLog(shared(spare_first=spare_first), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped").then("02:10:08", spare="good", matrix="to1")
    log.then("02:30:00", spare="standby", matrix="good").then("02:30:08", a="good")
    log.expect(
        "02:35:00",
        """
        02:11:08..02:11:09 duty opened matrix+spare/in_use tv2/reserve_used/transmitters 60
        02:30:30 duty recovered matrix+spare/in_use tv2/reserve_used/transmitters 1192 good
        """,
        "tv2/reserve_used/transmitters",
    )
    assert "tv2/reserve_lost/transmitters" not in log.members_told()
    assert does(log, "tv2/reserve_used/transmitters") == {"b": "on_air", "spare": "in_use"}
    (alert, *_) = [a for a in log.alerts() if a["fault"] == "reserve_used"]
    used = [now for now in alert["devices_now"] if now["does"] == "in_use"]
    assert [now["programme"] for now in used] == ["tv1"]


def test_two_programmes_fail_at_once_and_the_reserve_serves_one() -> None:
    """One is back after eight seconds; the other stays off, and its reserve is named as used."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby", answers=SECOND)
    log.then("02:10:00", a="tripped", b="tripped").then("02:10:08", spare="good", matrix="to1")
    log.then("02:20:00", b="good").then("02:30:00", spare="standby", matrix="good", a="good")
    log.expect(
        "02:35:00",
        """
        02:10:03..02:10:04 duty opened * tv1 3
        02:10:38 duty recovered * tv1 8 good
        """,
        "tv1",
    )
    log.expect(
        "02:35:00",
        """
        02:10:03..02:10:05 duty opened b/transmitters tv2 6
        02:20:30 duty recovered b/transmitters tv2 600 good
        """,
        "tv2",
    )
    assert does(log, "tv2/off_air") == {"b": "failed", "spare": "standby"}
    (_, closing) = [a for a in log.alerts() if (a["fault"], a["programme"]) == ("off_air", "tv2")]
    assert {now["device"]: now["does"] for now in closing["devices_now"]}["spare"] == "in_use"
    assert "tv2/reserve_used/transmitters" in log.members_told(), "from its own return on"


def test_a_reserve_that_is_switched_to_two_programmes_is_contradictory_for_both() -> None:
    """It can serve one: nobody can say which, so neither is called on air by it, or off."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped", b="tripped", spare="good", matrix="both")
    log.until("02:15:00").becomes(a="good", b="good").until("02:20:00")
    told = {(m.told, x.name) for m in log.messages() for x in m.members}
    for programme in ("tv1", "tv2"):
        assert ("opened", f"{programme}/disputed") in told
        assert ("recovered", f"{programme}/disputed") in told
        assert f"{programme}" not in log.members_told()
        assert log.seconds(programme)["blind"] in range(298, 302)
        assert "off_air" not in log.seconds(programme)
        found = log.driver.situation.durable.unsettled[programme]
        assert (found.count, round(found.time / SECOND)) == (1, 300)
    disputed = [alert for alert in log.alerts() if alert["fault"] == "disputed"]
    assert {alert["reason"] for alert in disputed} == {"assignment"}
    assert all(alert["cause"]["devices"] == ["matrix", "spare"] for alert in disputed)


def test_a_programme_on_its_own_transmitter_is_on_air_whatever_the_reserve_does() -> None:
    """Only what rests on the reserve alone is contradictory."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped").then("02:10:04", spare="good", matrix="both")
    log.then("02:15:00", spare="standby", matrix="good", a="good").until("02:20:00")
    assert "tv1/disputed" in log.members_told()
    assert not {"tv2", "tv2/disputed", "tv2/blind"} & log.members_told()
    assert "off_air" not in log.seconds("tv2")
    assert log.seconds("tv2").get("blind", 0) <= 1


def test_a_matrix_that_does_not_answer_leaves_the_reserve_unknown() -> None:
    """Nobody can say whom the reserve serves: it is not called free."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped").then("02:10:04", spare="good", matrix="to1")
    log.then("02:15:00", matrix="no_answer").until("02:20:00")
    assert "tv2/reserve_unknown/transmitters" in log.members_told()
    # That it is used was known, and is not over because nobody can see it now.
    assert "tv2/reserve_used/transmitters" in log.driver.situation.durable.outages


def test_a_pair_that_carries_a_whole_multiplex_serves_all_of_it() -> None:
    """Two programmes with the same two transmitters share both: that is no dispute."""
    members = "[{id: a, carries: a.radiating, ready: a.sane}, {id: b, carries: b.radiating}]"
    programmes = "\n".join(
        f"tv{n}: {{name: {n}套, chain: [{{stage: tx, owner: own, members: {members}}}]}}"
        for n in (1, 2)
    )
    log = DutyLog(station(DEVICES, programmes), begins="02:00:00", b="standby")
    log.then("02:10:00", b="good").then("02:10:04", a="standby").until("02:20:00")
    assert log.messages() == []
    for programme in ("tv1", "tv2"):
        assert "off_air" not in log.seconds(programme)
        assert log.seconds(programme).get("blind", 0) <= 1
