"""What is right again keeps no outage; what bounces was never right. Rule 5.2."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_plant_faults import PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_what_fell import pair
from tests.support.seam import Site

LOST = "tv/reserve_lost/transmitters"
LINKED = """
link: {kind: link}
mux: {kind: mux, behind: link.locked}
"""
FED_BY_MUX = "tv: {name: 一套, chain: [{stage: head, owner: province, needs: mux.s1}]}"


def named(log: DutyLog, member: str = "tv") -> list[tuple[str, str, str]]:
    """Return clock, word and place of each message about a member."""
    found = [m for m in log.messages() if member in [one.name for one in m.members]]
    return [(m.at, m.told, m.place) for m in found]


def words(log: DutyLog, member: str = "tv") -> list[tuple[str, str]]:
    """Return word and place of each message about a member."""
    return [(word, place) for _, word, place in named(log, member)]


def test_a_switch_that_is_turned_back_hands_over_to_the_transmitter_that_fell_meanwhile() -> None:
    """The switch was wrong first, and now only the transmitter is."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", sw="to_b").then("02:10:50", a="tripped").then("02:11:00", sw="good")
    log.then("02:30:00", a="good").until("02:40:00")
    assert words(log) == [
        ("opened", "sw/transmitters"),
        ("revised", "a/transmitters"),
        ("recovered", "a/transmitters"),
    ]


def test_a_switch_that_was_stuck_between_and_is_right_again_hands_over_too() -> None:
    """Its other contact was open all along: it fell by one of both."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="good")
    log.then("02:10:00", sw="between").then("02:10:50", a="tripped").then("02:11:00", sw="good")
    log.then("02:20:00", a="good").until("02:25:00")
    assert words(log)[:2] == [("opened", "sw/transmitters"), ("revised", "a/transmitters")]


def test_a_switch_that_is_turned_back_hands_over_to_the_mains_that_failed_meanwhile() -> None:
    """The transmitter fell with the mains, not with the switch two minutes before."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", sw="to_b").then("02:12:00", mains="off", a="standby")
    log.then("02:13:00", sw="good").until("02:20:00")
    assert words(log) == [("opened", "sw/transmitters"), ("revised", "mains/mains")]


def test_a_transmitter_that_trips_again_as_the_switch_comes_back_is_the_cause_again() -> None:
    """The switch held what had come back, and let it go when it had tripped once more."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped").then("02:10:05", sw="to_b").then("02:15:00", a="good")
    log.then("02:20:00", sw="good", a="tripped").then("02:40:00", a="good").until("02:50:00")
    assert words(log) == [
        ("opened", "a/transmitters"),
        ("revised", "sw/transmitters"),
        ("revised", "a/transmitters"),
        ("recovered", "a/transmitters"),
    ]


@pytest.mark.parametrize("b", ["mains.mains", "other.mains"])
def test_mains_that_are_off_hide_no_switch_that_keeps_off_what_runs_without_them(b: str) -> None:
    """A generator has the transmitter back, and the switch is on the backup that waits."""
    log = DutyLog(pair(switch="own", b=b), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").then("02:10:20", sw="to_b")
    log.then("02:11:00", a="good").then("02:30:00", sw="good").then("02:50:00", mains="good")
    assert words(log.until("02:55:00")) == [
        ("opened", "mains/mains"),
        ("revised", "sw/transmitters"),
        ("recovered", "sw/transmitters"),
    ]


def test_mains_stay_the_cause_where_the_backup_runs_without_them_and_is_not_switched_to() -> None:
    """The main still lacks them: the switch is where it was."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").then("02:11:00", b="good")
    log.then("02:30:00", sw="to_b").then("02:50:00", mains="good")
    assert words(log.until("02:55:00")) == [("opened", "mains/mains"), ("recovered", "mains/mains")]


def test_a_transmitter_that_is_reset_while_the_switch_is_away_keeps_the_outage() -> None:
    """The switch comes back three seconds later: within the clearing time nothing is new."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped").then("02:10:08", sw="to_b").then("02:10:20", b="tripped")
    log.then("02:12:00", a="good").then("02:12:03", sw="good").until("02:14:00")
    assert words(log) == [("opened", "a/transmitters"), ("recovered", "a/transmitters")]


@pytest.mark.parametrize("b", ["mains.mains", "other.mains"])
@pytest.mark.parametrize("switch", ["", "own"])
@pytest.mark.parametrize("seen", ["02:12:04", "02:12:20", "02:14:00"])
def test_mains_that_are_not_seen_for_a_while_stay_the_cause(seen: str, switch: str, b: str) -> None:
    """Their meter loses some polls: nobody saw them good."""
    log = DutyLog(pair(switch=switch, b=b), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").then("02:12:00", mains="no_answer")
    log.then(seen, mains="off").then("02:15:00", mains="good").then("02:15:05", a="good")
    assert words(log.until("02:17:00")) == [("opened", "mains/mains"), ("recovered", "mains/mains")]


@pytest.mark.parametrize("switch", ["", "own"])
@pytest.mark.parametrize("back", ["02:11:05", "02:11:25"])
def test_mains_that_bounce_stay_the_cause(switch: str, back: str) -> None:
    """They were back for less than the clearing time of 30 s."""
    log = DutyLog(pair(switch=switch), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").then("02:11:00", mains="good")
    log.then(back, mains="off").then("02:21:00", mains="good").then("02:21:10", a="good")
    assert words(log.until("02:40:00")) == [("opened", "mains/mains"), ("recovered", "mains/mains")]


def test_mains_that_were_back_for_long_are_not_why_a_transmitter_stays_off() -> None:
    """It did not start in two minutes of mains: that they fail once more is another matter."""
    log = DutyLog(pair(switch=""), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").then("02:11:00", mains="good")
    log.then("02:13:00", mains="off").until("02:20:00")
    assert words(log) == [("opened", "mains/mains"), ("revised", "a/transmitters")]


def test_a_link_that_bounces_stays_the_cause() -> None:
    """What is behind it did not come back between its two falls."""
    log = DutyLog(station(LINKED, FED_BY_MUX), begins="02:00:00")
    log.then("02:10:00", link="down", mux="dead").then("02:11:00", link="good")
    log.then("02:11:03", link="down").then("02:21:00", link="good").then("02:21:02", mux="good")
    assert words(log.until("02:40:00")) == [("opened", "link/locked"), ("recovered", "link/locked")]


@pytest.mark.parametrize("gap", ["02:15:03", "02:15:20"])
def test_a_link_that_bounces_stays_the_cause_of_what_is_not_seen(gap: str) -> None:
    """What is behind it did not answer between its two falls."""
    log = DutyLog(station(LINKED, FED_BY_MUX), begins="02:00:00")
    log.then("02:10:00", link="down", mux="no_answer").then("02:15:00", link="good")
    log.then(gap, link="down").then("02:21:00", link="good").then("02:21:02", mux="good")
    blind = words(log.until("02:40:00"), "tv/blind")
    assert blind == [("opened", "link/locked"), ("recovered", "link/locked")]


UPS = """
mains: {kind: feed}
ups: {kind: feed, powered_by: [mains.mains]}
a: {kind: transmitter, powered_by: [ups.mains]}
"""
BY_UPS = "tv: {name: 一套, chain: [{stage: transmitters, owner: own, needs: a.radiating}]}"


@pytest.mark.parametrize("mains", ["good", "off"])
def test_a_ups_that_comes_back_for_some_seconds_leaves_the_mains_the_cause(mains: str) -> None:
    """Its battery is empty: it goes with the mains, or tries in vain, and the transmitter waits."""
    log = DutyLog(station(UPS, BY_UPS), begins="02:00:00")
    log.then("02:05:00", mains="off").then("02:10:00", ups="off", a="standby")
    log.then("02:12:00", mains=mains).then("02:12:02", ups="good")
    log.then("02:12:10", mains="off", ups="off").then("02:20:00", mains="good", ups="good")
    log.then("02:20:20", a="good").until("02:25:00")
    assert words(log) == [("opened", "mains/mains"), ("recovered", "mains/mains")]


def test_a_short_fall_that_ended_is_reported_though_the_next_one_goes_on_by_its_mains() -> None:
    """Both were in one incident until the mains were seen: it was no consequence of them."""
    log = DutyLog(pair(switch=""), begins="02:00:00", b="tripped")
    log.then("02:10:00", a="tripped").then("02:10:02", a="good").then("02:10:10", a="standby")
    log.then("02:10:11", mains="off").then("02:12:45", mains="good")
    log.then("02:13:05", a="good").until("02:15:00")
    assert words(log) == [
        ("opened", "mains/mains"),
        ("closed_before_told", "a/transmitters"),
        ("recovered", "mains/mains"),
    ]
    closed = next(m for m in log.alerts() if m["told"] == "closed_before_told")
    assert closed["members"][0]["falls"] == 2


def switched(ready: str) -> Site:
    """Return the pair behind one switch, which the readiness of both asks for too."""
    devices = TWO_TRANSMITTERS + "sw: {kind: switch}\n"
    programme = PAIR
    for one in ("a", "b"):
        programme = programme.replace(
            f"carries: {one}.radiating", f"carries: {one}.radiating and sw.{one}_on_antenna"
        ).replace(f"ready: {one}.sane", f"ready: {one}.sane{ready}")
    return station(devices, programme)


@pytest.mark.parametrize(
    ("site", "to_b", "also"),
    [
        (station(TWO_TRANSMITTERS, PAIR), {}, ""),
        (switched(""), {"sw": "to_b"}, ""),
        (switched(" and not (sw.a_on_antenna and sw.b_on_antenna)"), {"sw": "to_b"}, "+sw"),
    ],
    ids=["parallel", "switched", "ready_by_switch"],
)
def test_a_lost_backup_that_takes_over_is_not_lost_and_what_fell_is(
    site: Site, to_b: dict[str, str], also: str
) -> None:
    """Nobody saw it ready in between: it was repaired and switched to at once."""
    log = DutyLog(site, begins="02:00:00", b="standby")
    log.then("02:05:00", b="tripped").then("02:10:00", a="tripped", **to_b)
    log.then("02:15:00", b="good").then("02:20:00", a="standby").until("02:25:00")
    lost, fell = (f"{one}{also}/transmitters_reserve" for one in ("b", "a"))
    assert words(log, LOST) == [("opened", lost), ("revised", fell), ("recovered", fell)]


def test_a_transmitter_that_is_ready_a_moment_after_its_lost_backup_took_over_is_not_lost() -> None:
    """It was lost for eight seconds, which is no news."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:05:00", b="tripped").then("02:10:00", a="tripped", b="good")
    log.then("02:10:08", a="standby").until("02:30:00")
    lost = "b/transmitters_reserve"
    assert words(log, LOST) == [("opened", lost), ("recovered", lost)]


def test_two_exciters_of_one_device_that_change_have_lost_their_reserve_once() -> None:
    """The same device lacks one of both all the time."""
    programme = """
tv:
  name: 一套
  chain:
    - stage: exciters
      owner: own
      members:
        - {id: e1, carries: m.s1, ready: m.s3}
        - {id: e2, carries: m.s2, ready: m.s4}
"""
    log = DutyLog(station("m: {kind: mux}", programme), begins="02:00:00", m="even_lost")
    log.then("02:12:00", m="odd_lost").then("02:17:00", m="even_lost")
    log.then("02:20:00", m="good").until("02:30:00")
    assert words(log, "tv/reserve_lost/exciters") == [
        ("opened", "m/exciters_reserve"),
        ("recovered", "m/exciters_reserve"),
    ]


def test_a_transmitter_that_fell_and_waits_is_not_the_lost_backup_though_they_share_a_switch() -> (
    None
):
    """Nobody carries: what was lost is not ready."""
    log = DutyLog(switched(" and not (sw.a_on_antenna and sw.b_on_antenna)"), begins="02:00:00")
    log.then("02:05:00", b="tripped").then("02:10:00", a="standby").until("02:20:00")
    assert words(log, LOST) == [("opened", "b+sw/transmitters_reserve")]


@pytest.mark.parametrize("straight", [False, True])
def test_a_reserve_that_was_none_within_an_outage_alone_is_never_reported(straight: bool) -> None:
    """The backup carried for a moment and fell; the other is ready before, or as it carries."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="good")
    log.then("02:10:00", a="tripped").then("02:10:26", sw="to_b")
    log.then("02:10:26.4", b="tripped").then("02:10:50", sw="good").then("02:11:10", b="good")
    if not straight:
        log.then("02:12:47", a="standby")
    log.then("02:12:49", a="good").until("02:15:00")
    assert words(log, LOST) == []
    assert words(log) == [("opened", "a/transmitters"), ("recovered", "a/transmitters")]


def test_a_backup_that_stays_lost_is_reported_once_while_the_main_carries() -> None:
    """A switch that both need for being ready is no sign that the lost one took over."""
    log = DutyLog(switched(" and not sw.b_on_antenna"), begins="02:00:00", b="standby")
    log.then("02:05:00", b="tripped").until("02:25:00")
    assert words(log, LOST) == [("opened", "b+sw/transmitters_reserve")]


@pytest.mark.parametrize("switch", ["to_b", "between"])
@pytest.mark.parametrize("a", ["good", "faulty"])
def test_a_transmitter_under_power_that_is_not_on_the_antenna_is_not_said_to_wait(
    a: str, switch: str
) -> None:
    """Somebody may be about to turn the coax switch, which nobody may do under power."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby", a=a)
    log.then("02:10:00", sw=switch).until("02:12:00")
    (opened,) = [m for m in log.alerts() if m["told"] == "opened" and m["fault"] == "off_air"]
    assert [(each["device"], each["does"]) for each in opened["devices_now"]] == [
        ("a", "unswitched"),
        ("b", "standby"),
    ]
