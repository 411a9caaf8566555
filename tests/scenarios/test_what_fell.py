"""The cause of an outage is what fell, and not what did not carry before: a reserve, its switch."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_plant_faults import PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_shared_reserve import shared
from tests.scenarios.test_words_of_a_night import texts
from tests.support.seam import Site

OFF = ("tv", "tv/blind", "tv/suspected")


def pair(*, switch: str, a: str = "mains.mains", b: str = "mains.mains") -> Site:
    """Return a main transmitter and one that waits, on these supplies.

    ``switch``: "" for none; "own": with a supply of its own; "same": on that of the transmitters.
    """
    devices = f"""
    a: {{kind: transmitter, name: 主发射机, powered_by: [{a}]}}
    b: {{kind: transmitter, name: 备发射机, powered_by: [{b}]}}
    mains: {{kind: feed}}
    other: {{kind: feed}}
    """
    if switch:
        supply = ", powered_by: [mains.mains]" if switch == "same" else ""
        devices += f"sw: {{kind: switch, name: 同轴开关{supply}}}\n"
    programme = PAIR
    for one in ("a", "b") if switch else ():
        programme = programme.replace(
            f"carries: {one}.radiating", f"carries: {one}.radiating and sw.{one}_on_antenna"
        )
    return station(devices, programme)


def places(log: DutyLog) -> set[str]:
    """Return the places that messages of the programme being off, or probably off, name."""
    return {m.place for m in log.messages() if any(one.name in OFF for one in m.members)}


@pytest.mark.parametrize("off", ["standby", "tripped", "no_answer"])
@pytest.mark.parametrize("waits", ["standby", "tripped", "good"])
@pytest.mark.parametrize("switch", ["", "own", "same"])
def test_the_mains_of_what_carried_are_the_cause_whatever_else_did_not_carry(
    switch: str, waits: str, off: str
) -> None:
    """ARCHITECTURE 5.2: a switch that has a supply of its own was on the reserve never."""
    log = DutyLog(pair(switch=switch), begins="02:00:00", b=waits)
    log.then("02:10:00", mains="off").then("02:10:02", a=off, b=off)
    log.then("02:12:00", mains="good").then("02:12:10", a="good", b="standby").until("02:15:00")
    assert places(log) == {"mains/mains"}


@pytest.mark.parametrize("waits", ["standby", "tripped"])
@pytest.mark.parametrize("switch", ["", "own"])
def test_a_reserve_on_another_supply_does_not_hide_the_supply_of_what_fell(
    switch: str, waits: str
) -> None:
    """It did not carry before either."""
    log = DutyLog(pair(switch=switch, b="other.mains"), begins="02:00:00", b=waits)
    log.then("02:10:00", mains="off", a="standby").then("02:12:00", mains="good")
    log.then("02:12:10", a="good").until("02:16:00")
    assert places(log) == {"mains/mains"}


@pytest.mark.parametrize("switch", ["own", "same"])
def test_an_outage_that_was_there_at_the_start_is_named_by_the_way_that_lacks_least(
    switch: str,
) -> None:
    """Nobody saw it fall: the one that the switch is on lacks its signal alone."""
    log = DutyLog(pair(switch=switch), begins="02:00:00", a="standby", b="standby", mains="off")
    log.then("02:12:00", mains="good").then("02:12:10", a="good").until("02:15:00")
    assert places(log) == {"mains/mains"}
    tripped = DutyLog(pair(switch=switch), begins="02:00:00", a="tripped", b="standby")
    tripped.then("02:12:10", a="good").until("02:15:00")
    assert places(tripped) == {"a/transmitters"}


def test_two_on_a_link_are_a_consequence_of_it_though_the_switch_is_on_one_of_them() -> None:
    """The same of ``behind``: a playout of two with a switcher."""
    devices = """
    p1: {kind: transmitter, behind: link.locked}
    p2: {kind: transmitter, behind: link.locked}
    sw: {kind: switch}
    link: {kind: link}
    """
    programme = """
    tv:
      name: 电视一套
      chain:
        - stage: playout
          owner: own
          members:
            - {id: a, carries: p1.radiating and sw.a_on_antenna, ready: p1.sane}
            - {id: b, carries: p2.radiating and sw.b_on_antenna, ready: p2.sane}
    """
    log = DutyLog(station(devices, programme), begins="02:00:00")
    log.then("02:10:00", link="down", p1="standby", p2="standby")
    log.then("02:12:00", link="good", p1="good", p2="good").until("02:16:00")
    assert places(log) == {"link/locked"}


def test_two_programmes_with_one_reserve_that_lose_their_mains_are_one_incident() -> None:
    """N+1: the matrix in the way of the reserve made two critical incidents of it."""
    log = DutyLog(shared(supplied=True), begins="02:00:00", spare="standby", answers=SECOND)
    log.then("02:10:00", mains="off", a="standby", b="standby")
    log.then("02:12:00", mains="good").then("02:12:10", a="good", b="good")
    log.expect(
        "02:16:00",
        """
        02:10:03..02:10:04 duty opened mains/mains tv1 4, tv2 4
        02:12:30..02:12:41 duty recovered mains/mains tv1 130 good, tv2 130 good
        """,
    )


@pytest.mark.parametrize("switch", ["", "own"])
def test_who_fell_is_named_and_not_the_reserve_that_was_broken_for_minutes(switch: str) -> None:
    """The operator goes to the machine that fell; no backup is back while nobody carries."""
    log = DutyLog(pair(switch=switch), begins="02:00:00", b="standby")
    log.then("02:05:00", b="tripped").then("02:10:00", a="standby")
    log.then("02:12:10", a="good").until("02:16:00")
    assert places(log) == {"a/transmitters"}
    (opened,) = texts(log, "zh", told="opened", fault="off_air")
    (cause,) = [line for line in opened.split("\n") if line.startswith("原因：")]
    assert cause.startswith("原因：主"), "the one that fell comes first"
    assert "无输出功率" in cause
    lost = [m for m in log.messages() if m.place == "b/transmitters_reserve"]
    assert [m.told for m in lost] == ["opened"]


def test_a_trip_of_the_one_on_the_antenna_names_no_switch() -> None:
    """The reserve waits with nothing wrong, and the switch is where it should be."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped").then("02:12:10", a="good").until("02:16:00")
    assert places(log) == {"a/transmitters"}
    (opened,) = texts(log, "zh", told="opened", fault="off_air")
    assert "原因：主发射机无输出功率。" in opened.split("\n")


def test_the_closing_of_a_changeover_names_the_trip_and_not_what_took_over() -> None:
    """The switch is where it should be by then; that it was not there before is no cause."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped").then("02:10:08", b="good", sw="to_b").until("02:16:00")
    (closing,) = texts(log, "zh", told="recovered", fault="off_air")
    assert "原因：主发射机无输出功率。" in closing.split("\n")


def test_both_that_carried_together_are_named_together() -> None:
    """Two in parallel that fall in the same poll: neither was there before the other."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00")
    log.then("02:10:00", a="tripped", b="tripped").then("02:12:10", a="good").until("02:16:00")
    assert places(log) == {"a+b/transmitters"}


@pytest.mark.parametrize("above", ["mutes_on_input", "behind"])
def test_a_link_that_is_a_stage_and_explains_the_transmitter_is_one_cause(above: str) -> None:
    """Rule 5.2: the same device with the same fault; it was reported as another cause of itself."""
    devices = f"""
    link: {{kind: link}}
    tx: {{kind: transmitter, {above}: link.locked}}
    """
    programme = """
tv:
  name: 电视一套
  chain:
    - {stage: link, owner: province, needs: link.locked}
    - {stage: transmitter, owner: own, needs: tx.radiating}
"""
    log = DutyLog(station(devices, programme), begins="02:00:00")
    log.then("02:10:00", link="down").then("02:10:02", tx="standby")
    log.then("02:12:00", link="good").then("02:12:10", tx="good").until("02:20:00")
    found = [(m.told, m.place) for m in log.messages()]
    assert found == [("opened", "link/link"), ("recovered", "link/link")]
