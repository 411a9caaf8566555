"""What the metrics say of points, polls and the daemon's own pace, from a Situation that lives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitord import __version__
from monitord.clock import SystemClock
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Silence, Started, Value
from monitord.core.pipeline import advance
from monitord.core.plan import DevicePlan, Plan, PointPlan
from monitord.core.situation import Situation
from monitord.decoding.model import Decoding
from monitord.devices.bus.bus import Counts
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.loop_lag import RecentMaximum
from monitord.metrics.exposition import (
    NAMES,
    POINT,
    Exposition,
    LineExposition,
    Pace,
    TrapExposition,
)
from monitord.polling.poller import PollState
from monitord.traps.model import TrapSettings
from monitord.traps.receiver import TrapReceiver
from monitord.traps.usm import OwnEngine
from monitord.units import BASES, OTHER
from tests.support.seam import DEADLINE, SLOT, T0, WALL, Watch, fm_site
from tests.tidy.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


class Daemon:
    """A source of metrics whose every figure a test may set."""

    def __init__(self, situation: Situation, now: int) -> None:
        self.situation = situation
        self.at = now
        self.alive_at = now
        self.confirmed: Mapping[str, int] = {}
        self.polls: dict[str, PollState] = {}
        self.pace = Pace(0, 0, 0, RecentMaximum(), RecentMaximum())

    def now(self) -> int:
        return self.at


def registry_of(daemon: Daemon, *devices: DeviceSettings) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Exposition(daemon, devices))
    return registry


def number(id_: str, unit: str) -> tuple[str, Decoding]:
    return id_, Decoding("number", unit)


POINTS = (
    number("power_w", "W"),
    number("frequency_mhz", "MHz"),
    number("load_percent", "%"),
    number("noise_sones", "sone"),
    ("mode", Decoding("enum", labels=((1, "transmit"), (2, "off")))),
    ("silent", Decoding("boolean")),
    ("serial", Decoding("text")),
)
GOOD: tuple[Value, ...] = (605, 98.6, 57, 4, "transmit", True, "SN-1")


class Point:
    """One device of ``POINTS`` in a daemon that has started; ``take`` gives it a poll's end."""

    def __init__(self) -> None:
        device = DevicePlan("fm1", tuple(PointPlan(id_) for id_, _ in POINTS), (), SLOT, DEADLINE)
        self.situation = Situation(Plan("hill", (device,), (), ()), Durable())
        advance(self.situation, [Started(T0, WALL, "boot", "config", None)], T0)
        points = tuple(ModbusPoint(i, "coil", 0, "bit", "big", d) for i, d in POINTS)
        source = ModbusSource("127.0.0.1", 502, 1, points)
        settings = DeviceSettings("fm1", "x", SLOT, DEADLINE, source)
        self.registry = registry_of(Daemon(self.situation, T0), settings)

    def take(self, values: tuple[Value, ...] | None) -> None:
        at = T0 + SECOND
        poll = Answer("fm1", at, at, values) if values else Silence("fm1", "timeout", at, at)
        advance(self.situation, [poll], at)

    def shown(self, family: str, point: str, **labels: str) -> float | None:
        every = {"device": "fm1", "point": point} | labels
        return self.registry.get_sample_value(f"monitord_point_{family}", every)


@pytest.fixture
def device() -> Point:
    point = Point()
    point.take(GOOD)
    return point


def test_numbers_are_shown_in_base_units(device: Point) -> None:
    """98.6 MHz and 57 % of one profile compare with hertz and ratios of another."""
    assert device.shown("watts", "power_w") == 605
    assert device.shown("hertz", "frequency_mhz") == 98_600_000
    assert device.shown("ratio", "load_percent") == 0.57


def test_a_unit_nobody_knows_is_shown_with_its_name(device: Point) -> None:
    """A new profile's unit loses no number and pretends to be no other."""
    assert device.shown(OTHER, "noise_sones", unit="sone") == 4


def test_an_enumeration_shows_each_of_its_labels(device: Point) -> None:
    """Exactly the label that the device said is 1."""
    assert device.shown("state", "mode", state="transmit") == 1
    assert device.shown("state", "mode", state="off") == 0


def test_a_truth_is_shown_as_true_and_false(device: Point) -> None:
    """True is 1 for true and 0 for false."""
    assert device.shown("state", "silent", state="true") == 1
    assert device.shown("state", "silent", state="false") == 0


def test_an_absent_point_has_no_sample(device: Point) -> None:
    """Neither the last value nor a zero stands in for what was not said."""
    device.take((None, 98.6, None, 4, None, None, None))
    assert device.shown("watts", "power_w") is None
    assert device.shown("state", "mode", state="transmit") is None
    assert device.shown("hertz", "frequency_mhz") == 98_600_000


def test_a_silent_device_shows_no_old_values(device: Point) -> None:
    """A reading is right or it is not there."""
    device.take(None)
    assert device.shown("watts", "power_w") is None
    assert device.shown("state", "silent", state="true") is None
    assert device.registry.get_sample_value("monitord_device_up", {"device": "fm1"}) == 0


def test_text_is_no_metric(device: Point) -> None:
    """A serial number as a label would make a new series of every change."""
    families = {metric.name for metric in device.registry.collect()}
    samples = [s for metric in device.registry.collect() for s in metric.samples]
    assert not [sample for sample in samples if sample.labels.get("point") == "serial"]
    assert "monitord_point_watts" in families


def test_before_the_start_only_the_version_is_shown() -> None:
    """Zeros of a daemon that has judged nothing yet would be lies."""
    registry = registry_of(Daemon(Situation(fm_site().plan, Durable()), T0))
    assert [metric.name for metric in registry.collect()] == ["monitord_build_info"]
    labels = {"version": __version__}
    assert registry.get_sample_value("monitord_build_info", labels) == 1


def sample(daemon: Daemon, name: str, **labels: str) -> float | None:
    return registry_of(daemon).get_sample_value(name, labels)


@pytest.fixture
def daemon() -> Daemon:
    watch = Watch(fm_site()).hold(20)
    return Daemon(watch.driver.situation, watch.at)


def test_polls_are_counted_by_how_they_ended(daemon: Daemon) -> None:
    """Kinds that never came stand at zero, so that a first one is an increase."""
    state = PollState(took_total=5 * SECOND // 2)
    state.results.update({"answer": 3, "timeout": 2})
    daemon.polls["fm1"] = state
    assert sample(daemon, "monitord_polls_total", device="fm1", result="timeout") == 2
    assert sample(daemon, "monitord_polls_total", device="fm1", result="refused") == 0
    assert sample(daemon, "monitord_poll_seconds_count", device="fm1") == 5
    assert sample(daemon, "monitord_poll_seconds_sum", device="fm1") == 2.5


def test_the_age_of_a_device_stands_beside_the_worst_it_may_be(daemon: Daemon) -> None:
    """One is what is, from the moment the last answer was asked for; the other the plan's."""
    asked = daemon.at - 2 * SECOND
    daemon.polls["fm1"] = PollState(proven_at=asked, age_worst=1_850_000)
    assert sample(daemon, "monitord_device_age_seconds", device="fm1") == 2
    assert sample(daemon, "monitord_device_age_worst_seconds", device="fm1") == 1.85
    daemon.polls["fm1"] = PollState()
    assert sample(daemon, "monitord_device_age_seconds", device="fm1") is None


def test_remarks_are_counted_by_kind(daemon: Daemon) -> None:
    """Kinds that were never seen stand at zero, so that a first one is an increase."""
    state = daemon.polls["fm1"] = PollState()
    state.remarks.tell("slows", "400 ms, 20 ms at first", daemon.at)
    assert sample(daemon, "monitord_device_remarks_total", device="fm1", remark="slows") == 1
    assert sample(daemon, "monitord_device_remarks_total", device="fm1", remark="restarts") == 0


def test_unsettled_time_is_a_few_seconds_while_all_is_well(daemon: Daemon) -> None:
    """What the last answers proved is settled; only the time since is open."""
    unsettled = sample(daemon, "monitord_programme_unsettled_seconds", programme="fm")
    assert unsettled is not None
    assert 0 < unsettled < 30


def test_unsettled_time_grows_while_nothing_is_known(daemon: Daemon) -> None:
    """A daemon that hears nothing settles nothing."""
    before = sample(daemon, "monitord_programme_unsettled_seconds", programme="fm")
    assert before is not None
    daemon.at += 2 * SECOND
    after = sample(daemon, "monitord_programme_unsettled_seconds", programme="fm")
    assert after == pytest.approx(before + 2)


def test_the_longest_tick_of_the_last_minute_is_shown(daemon: Daemon) -> None:
    """A scrape that comes later still sees the stall, for a minute and no longer."""
    daemon.pace.tick.record(daemon.at - 30 * SECOND, 2 * SECOND)
    daemon.pace.tick.record(daemon.at, SECOND // 100)
    assert sample(daemon, "monitord_tick_seconds", figure="last") == 0.01
    assert sample(daemon, "monitord_tick_seconds", figure="max") == 2
    daemon.at += 60 * SECOND
    assert sample(daemon, "monitord_tick_seconds", figure="max") == 0.01


def names(text: str) -> set[str]:
    return set(re.findall(rf"`({POINT}_[a-z_]+)`", text))


def test_every_unit_has_its_family_in_the_readme() -> None:
    """Whoever writes a dashboard finds the name without reading code; no name is made up."""
    families = {f"{POINT}_{base.name}" for base in BASES.values()}
    assert names(README) == families | {f"{POINT}_{OTHER}", f"{POINT}_state"}


def table() -> dict[str, tuple[str, set[str]]]:
    """Return the README's metrics: name to type and labels."""
    rows = re.findall(r"^\| `(monitord_\w+)` \| (\w+) \| ([^|]*)\|", README, flags=re.MULTILINE)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def test_the_readme_gives_type_and_labels_of_each_metric(daemon: Daemon) -> None:
    """A table that lags behind the code sends its reader astray."""
    kinds: dict[str, Any] = {}
    registry = registry_of(daemon)
    traps = TrapSettings("127.0.0.1", 0, ())
    receiver = TrapReceiver(
        traps,
        OwnEngine(b"monitord", 1, 0),
        clock=SystemClock(None),
        poll_now=lambda _: None,
        seen=lambda _: None,
    )
    registry.register(TrapExposition(receiver, traps))
    registry.register(LineExposition([], {}))
    for metric in registry.collect():
        name = metric.name + ("_total" if metric.type == "counter" else "")
        kinds[name] = (metric.type, set(NAMES[name][1]))
    assert table() == kinds


def test_what_lines_saw_is_shown_by_line_and_what_lanes_saw_in_sum() -> None:
    """A second master and a slow agent show in numbers long before a device goes silent."""
    registry = CollectorRegistry()
    shared_sockets = [
        SharedSocketCounts(sent=9, answers=7, failures=2, unknown_source=1),
        SharedSocketCounts(sent=1, unknown_source=4),
    ]
    counts = Counts(
        requests=5, answers=3, timeouts=2, not_asked=1, unasked_octets=8, held=1_500_000
    )
    registry.register(
        LineExposition(shared_sockets, {"127.0.0.1:502": counts, "/dev/ttyS0": Counts()})
    )

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"monitord_{name}_total", labels)

    assert value("lane_requests") == 10
    assert value("lane_polls", result="answer") == 7
    assert value("lane_datagrams", kind="foreign") == 5
    assert value("bus_requests", bus="127.0.0.1:502") == 5
    assert value("bus_exchanges", bus="127.0.0.1:502", result="timeout") == 2
    assert value("bus_unasked_octets", bus="127.0.0.1:502") == 8
    assert value("bus_held_seconds", bus="127.0.0.1:502") == 1.5
    assert value("bus_connections", bus="/dev/ttyS0") == 0


def test_suspected_points_are_counted(daemon: Daemon) -> None:
    """A number that is not believed is drawn nowhere as if it were; that there is one, is shown."""
    answer = Answer("fm1", T0, T0, (None,), suspected=((0, 9e9),))
    daemon.polls["fm1"] = PollState(last=answer)
    daemon.polls["fm2"] = PollState(last=Silence("fm2", "timeout", T0, T0))
    assert sample(daemon, "monitord_device_points_suspected", device="fm1") == 1
    assert sample(daemon, "monitord_device_points_suspected", device="fm2") is None
