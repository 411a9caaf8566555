"""What comes back with our own box after the mains: alarms of devices wait, programmes do not."""

from __future__ import annotations

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.expected import Message, only
from tests.scenarios.sites import station
from tests.scenarios.test_plant_faults import FM
from tests.support.seam import Site


def site(alarm: str = "severity: major, clear_after: 30s", powered_by: str = "") -> Site:
    """Return a transmitter, and a supply whose loss is an alarm."""
    return station(
        f"""
        feed: {{kind: feed, conditions: {{mains: {{alarm: {{{alarm}}}}}}}}}
        tx: {{kind: transmitter{powered_by}}}
        """,
        FM,
    )


def of_alarm(log: DutyLog) -> list[Message]:
    """Return the messages about the supply."""
    return only(log.messages(), "/alarm/feed.mains")


def test_an_alarm_of_a_device_waits_for_three_minutes_after_our_own_boot() -> None:
    """Then it is reported at once: it has lasted for longer than its person waits."""
    log = DutyLog(site(), begins="02:00:00", booted="01:59:30", feed="off")
    log.then("02:05:00", feed="good")
    log.expect(
        "02:10:00",
        """
        02:02:30 duty opened feed/mains /alarm/feed.mains 150
        02:05:30 duty recovered feed/mains /alarm/feed.mains 300 good
        """,
    )


def test_an_alarm_that_is_over_three_minutes_after_our_own_boot_is_no_news() -> None:
    """Supplies, generators and batteries settle in their own time after the mains came back."""
    log = DutyLog(site(), begins="02:00:00", booted="01:59:30", feed="off")
    log.then("02:02:20", feed="good").until("02:10:00")
    assert log.messages() == []


def test_a_programme_waits_for_no_boot_and_the_alarm_of_its_supply_joins_it_later() -> None:
    """Off air opens after its own delay; who has word of it is not called again for the alarm."""
    log = DutyLog(site(powered_by=", powered_by: feed.mains"), begins="02:00:00", booted="01:59:30")
    log.then("02:00:30", feed="off", tx="tripped").until("02:10:00")
    opened = [m for m in log.messages() if m.told == "opened"]
    assert [(m.at, m.place) for m in opened] == [("02:00:33", "feed/mains")]
    assert log.driver.situation.durable.incidents[
        log.driver.situation.durable.places["feed/mains"]
    ].members.keys() == {"fm/off_air", "/alarm/feed.mains"}


def test_a_restart_long_after_the_boot_holds_no_alarm() -> None:
    """Only a boot of the computer means that the mains may have come back."""
    log = DutyLog(site(), begins="02:00:00", booted="00:00:00").until("02:10:00")
    log.power_cut("02:10:05").becomes(feed="off")
    log.expect("02:12:00", "02:10:25 duty opened feed/mains /alarm/feed.mains 20")


def test_a_boot_holds_again_whatever_the_boot_before_it_held() -> None:
    """The computer was started in the record's middle: its own three minutes count."""
    log = DutyLog(site(), begins="02:00:00", booted="00:00:00").until("02:10:00")
    log.power_cut("02:11:00", booted="02:10:30").becomes(feed="off")
    log.until("02:15:00")
    assert [(m.at, m.told) for m in of_alarm(log)] == [("02:13:30", "opened")]


def test_what_was_qualifying_before_our_own_boot_goes_on() -> None:
    """A boot delays no alarm that had begun before it: its own delay runs on."""
    alarm = "severity: major, open_after: 5m, clear_after: 30s"
    log = DutyLog(site(alarm), begins="02:00:00").then("02:10:00", feed="off").until("02:12:00")
    log.power_cut("02:14:30", booted="02:14:00").until("02:20:00")
    assert [(m.at, m.told) for m in of_alarm(log)] == [("02:15:00", "opened")]
