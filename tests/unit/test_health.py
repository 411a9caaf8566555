"""What the daemon answers about its own health."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer
from monitord.core.situation import Situation
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.health import HEALTHY_WITHIN, Health, polls_within
from monitord.polling.state import PollStatus
from monitord.systemd.notify import POLLS_GRACE, Work
from tests.support.seam import T0, Watch, fm_site


@dataclass
class Parts:
    """Engine, poller, dispatcher and clock of a daemon, each figure for a test to set."""

    at: int = T0
    finished_at: int = T0
    pending: list[int] = field(default_factory=list)
    unrecorded: int = 0
    statuses: dict[str, PollStatus] = field(default_factory=dict)
    work_done: int = 0
    ended: int = 0
    under_way: int = 0

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at

    async def sleep_until(self, at: int) -> None:
        self.at = at


def health_of(parts: Parts, situation: Situation) -> Health:
    return Health(situation, parts, engine=parts, polls=parts, deliveries=parts)


@pytest.fixture
def watch() -> Watch:
    return Watch(fm_site()).hold(20)


def test_the_daemon_is_ready_once_every_device_was_polled(watch: Watch) -> None:
    """Until then it names the devices it waits for."""
    parts = Parts(statuses={"fm1": PollStatus(), "io": PollStatus()})
    health = health_of(parts, watch.driver.situation)
    parts.statuses["io"].last = Answer("io", T0, T0, ())
    assert health.ready() == (False, "no poll has ended yet: fm1")
    parts.statuses["fm1"].last = Answer("fm1", T0, T0, ())
    assert health.ready() == (True, "ok")


def test_the_daemon_is_not_ready_before_its_first_tick() -> None:
    """Polls alone are not enough: the record must be folded and the start recorded."""
    situation = Situation(fm_site().plan, Durable())
    assert health_of(Parts(), situation).ready() == (False, "not started yet")


def test_the_daemon_is_unhealthy_when_no_tick_finishes(watch: Watch) -> None:
    """The answer says how old the last finished tick is."""
    parts = Parts(at=T0 + HEALTHY_WITHIN)
    health = health_of(parts, watch.driver.situation)
    assert health.healthy() == (True, "ok")
    parts.at += SECOND
    assert health.healthy() == (False, "the last finished tick is 16 s old")


def test_events_that_wait_for_the_disk_are_named_and_leave_it_healthy(watch: Watch) -> None:
    """A restart would not repair a full disk."""
    health = health_of(Parts(unrecorded=3), watch.driver.situation)
    assert health.healthy() == (True, "ok, but 3 events wait for the disk")
    assert health.summary().endswith(", 3 events wait for the disk")


def test_events_of_a_commit_under_way_are_not_named(watch: Watch) -> None:
    """Nothing is wrong with a disk that takes them."""
    health = health_of(Parts(pending=[1, 2, 3]), watch.driver.situation)
    assert health.healthy() == (True, "ok")
    assert "wait for the disk" not in health.summary()


def test_the_summary_counts_programmes_silent_devices_and_open_incidents(watch: Watch) -> None:
    """One line for ``systemctl status``."""
    watch.hold(30, fm1="bad", io="silent")
    summary = health_of(Parts(), watch.driver.situation).summary()
    assert summary == "1 programme, 2 devices (1 silent), 1 incident open"


def test_the_watchdog_sees_polls_and_deliveries(watch: Watch) -> None:
    """Ended polls, ended deliveries and those under way are three different figures."""
    parts = Parts(work_done=5, ended=3, under_way=2)
    assert health_of(parts, watch.driver.situation).work() == Work(5, 3, 2)


def test_one_poll_must_end_within_slot_and_deadline_of_the_fastest_device() -> None:
    """Without a device no poll ends, and the watchdog does not wait for one."""
    source = ModbusSource("127.0.0.1", 502, 1, ())
    slow = DeviceSettings("slow", "x", 60 * SECOND, 5 * SECOND, source)
    fast = DeviceSettings("fast", "x", SECOND, 2 * SECOND, source)
    assert polls_within([slow, fast]) == 3 * SECOND + POLLS_GRACE
    assert polls_within([]) is None
