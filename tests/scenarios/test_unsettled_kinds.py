"""Every kind of time that a person must settle is listed, while it lasts and after it."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.clock_quality import SYNCHRONISED, Kernel
from monitord.core.model import SECOND
from monitord.core.unsettled import still_open
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_clock_nights import IN_1970, NETWORK, fm
from tests.scenarios.test_model_causes import DEVICES, MUX, SOUND, one
from tests.scenarios.test_unconfirmed import fm as unconfirmed_fm
from tests.scenarios.test_unseen import witnessed
from tests.support.seam import bodies

UNSYNCHRONISED = replace(SYNCHRONISED, kernel=Kernel.NONE)


def lasting(log: DutyLog, programme: str) -> list[tuple[str, int]]:
    """Return (sort, seconds) of what lasts and nobody can settle yet."""
    found = still_open(log.driver.situation.durable, programme, log.at)
    return [(str(span.sort), round(span.seconds / SECOND)) for span in found]


def listed(log: DutyLog) -> list[tuple[str, int]]:
    """Return (sort, seconds) of what has ended and is to be settled."""
    found = bodies(log.driver.events, "suspicion_found")
    return [(str(body["sort"]), round(int(str(body["seconds"])) / SECOND)) for body in found]


def counted(log: DutyLog, programme: str) -> tuple[int, int]:
    found = log.driver.situation.durable.unsettled[programme]
    return found.count, round(found.time / SECOND)


def test_an_outage_in_untrusted_time_is_unsure_until_the_clock_is_known() -> None:
    """It waits while the boot lasts; the network's time settles it, and nobody has to."""
    log = DutyLog(fm(), begins="12:00:00", shows=IN_1970, quality={"quality": UNSYNCHRONISED})
    log.then("12:02:00", tx="tripped").until("12:03:00")
    assert lasting(log, "fm") == [("unsure", 60)]
    log.then("12:04:00", tx="good").until("12:05:00")
    assert [sort for sort, _ in lasting(log, "fm")] == ["unsure"]
    assert listed(log) == []
    log.clock_read("12:05:00.5", "12:05:00.5", quality=NETWORK).until("12:09:00")
    assert lasting(log, "fm") == []
    assert listed(log) == []
    assert log.seconds("fm")["off_air"] in range(117, 121)


def test_an_outage_in_a_boot_that_never_knew_the_time_is_left_to_a_person() -> None:
    """The next boot has a place in the calendar, and this one gets none any more."""
    log = DutyLog(fm(), begins="12:00:00", shows=IN_1970, quality={"quality": UNSYNCHRONISED})
    log.then("12:02:00", tx="tripped").then("12:04:00", tx="good").until("12:05:00")
    log.driver.clock_quality = {"quality": NETWORK}
    log.power_cut("12:09:30", shows="12:09:30").until("12:15:00")
    ((sort, seconds),) = listed(log)
    assert (sort, counted(log, "fm")) == ("unsure", (1, seconds))
    assert 117 <= seconds <= 121
    assert lasting(log, "fm") == []
    assert "off_air" not in log.seconds("fm")


def test_an_outage_that_only_a_battery_clock_puts_out_of_hours_is_assumed_closed() -> None:
    """At 08:00 it shows 05:00; the next boot cannot say that it was right."""
    log = DutyLog(fm(), begins="07:00:00").until("07:55:00")
    log.driver.clock_quality = {"quality": replace(UNSYNCHRONISED, battery=True)}
    log.power_cut("27:00:00", shows="27:00:00")
    log.then("27:05:00", tx="tripped").then("27:07:00", tx="good").until("27:08:00")
    ((sort, seconds),) = lasting(log, "fm")
    assert sort == "assumed_closed"
    assert 117 <= seconds <= 121
    log.driver.clock_quality = {"quality": NETWORK}
    log.power_cut("27:10:00", shows="27:10:00").until("27:15:00")
    assert ("assumed_closed", seconds) in listed(log)
    assert "off_air" not in log.seconds("fm")


def test_a_battery_clock_that_the_network_confirms_leaves_nothing() -> None:
    """The whole boot is placed by it: out of hours is out of hours."""
    log = DutyLog(fm(), begins="07:00:00").until("07:55:00")
    log.driver.clock_quality = {"quality": replace(UNSYNCHRONISED, battery=True)}
    log.power_cut("27:00:00", shows="27:00:00")
    log.then("27:05:00", tx="tripped").then("27:07:00", tx="good").until("27:08:00")
    log.clock_read("27:08:00.5", "27:08:00.5", quality=NETWORK).until("27:15:00")
    assert lasting(log, "fm") == []
    assert "assumed_closed" not in dict(listed(log))


def test_a_contradiction_that_lasts_is_listed_before_it_ends() -> None:
    """No zero is printed meanwhile."""
    log = DutyLog(witnessed(""), begins="02:00:00")
    log.then("02:10:00", roof="iced").until("02:20:00")
    assert lasting(log, "fm") == [("disputed", 600)]
    log.then("02:40:00", roof="good").until("02:45:00")
    assert lasting(log, "fm") == []
    assert [sort for sort, _ in listed(log)] == ["disputed"]


def test_an_outage_that_is_presumed_still_is_listed_before_it_ends() -> None:
    """Off air, then silent: the silence counts as soon as it is one."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:10:00", tx="tripped").then("02:10:30", tx="no_answer").until("02:20:30")
    ((sort, seconds),) = lasting(log, "p1")
    assert sort == "presumed"
    assert 598 <= seconds <= 602


def test_a_silence_after_a_mains_dip_is_listed_before_it_ends() -> None:
    """The supply failed, and what it feeds does not answer."""
    tx = "tx: {kind: transmitter, powered_by: [mains.mains]}\nmains: {kind: feed}"
    programme = "fm: {name: 调频, chain: [{stage: tx, owner: own, needs: tx.radiating}]}"
    log = DutyLog(station(tx, programme), begins="02:00:00")
    log.then("02:10:00", mains="off", tx="no_answer").then("02:10:02", mains="good")
    log.until("02:11:00")
    ((sort, seconds),) = lasting(log, "fm")
    assert sort == "power"
    assert 59 <= seconds <= 61


def test_a_bad_reading_that_nobody_confirmed_is_listed_while_the_silence_lasts() -> None:
    """The last word before the silence was bad, and one word is no proof."""
    log = DutyLog(unconfirmed_fm(), begins="02:00:00").until("02:10:00").doubted("tx")
    log.becomes(tx="tripped").until("02:10:00.5").doubted("tx", doubted=False)
    log.becomes(tx="no_answer").until("02:11:00")
    ((sort, seconds),) = lasting(log, "fm")
    assert sort == "doubted"
    assert 58 <= seconds <= 62
    assert lasting(log, "of another record") == []


def test_an_outage_whose_stage_a_reload_takes_away_is_left_to_a_person() -> None:
    """Its seconds stay; nobody saw its end (rule 5.7)."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:01:40", tx="tripped").until("02:02:30")
    log.reload(station(DEVICES, f"p1: {{name: 一套, chain: [{SOUND}, {MUX}]}}")).until("02:06:40")
    # The new chain is presumed to be off until it has answered once.
    assert [sort for sort, _ in listed(log)] == ["reconfigured", "presumed"]
    assert counted(log, "p1")[0] == 2
    assert counted(log, "p1")[1] in range(49, 53)


def test_in_the_first_moments_of_an_untrusted_clock_the_list_is_there() -> None:
    """Nothing is held back yet: a status asked for then once failed."""
    log = DutyLog(fm(), begins="12:00:00", shows=IN_1970, quality={"quality": UNSYNCHRONISED})
    assert not log.driver.situation.durable.programmes["fm"].held
    assert all(seconds <= 1 for _, seconds in lasting(log, "fm"))
