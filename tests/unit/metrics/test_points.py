"""How the values of points are shown in a scrape."""

from __future__ import annotations

import tracemalloc

import pytest
from prometheus_client.core import Metric

from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Silence, Started, Value
from monitord.core.pipeline import advance
from monitord.core.plan import DevicePlan, Plan, PointPlan
from monitord.core.situation import Situation
from monitord.decoding.model import Decoding
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.metrics.points import PointMetrics
from tests.support.seam import DEADLINE, SLOT, T0, WALL

POINTS = (
    ("power_w", Decoding("number", "W")),
    ("frequency_mhz", Decoding("number", "MHz")),
    ("load_percent", Decoding("number", "%")),
    ("noise_sones", Decoding("number", "sone")),
    ("mode", Decoding("enum", labels=((1, "transmit"), (2, "off")))),
    ("silent", Decoding("boolean")),
    ("serial", Decoding("text")),
)
GOOD: tuple[Value, ...] = (605, 98.6, 57, 4, "transmit", True, "SN-1")


class Device:
    """One device with the points ``POINTS`` in a daemon that has started."""

    def __init__(self) -> None:
        device = DevicePlan("fm1", tuple(PointPlan(id_) for id_, _ in POINTS), (), SLOT, DEADLINE)
        self.situation = Situation(Plan("hill", (device,), (), ()), Durable())
        advance(self.situation, [Started(T0, WALL, "boot", "config", None)], T0)
        points = tuple(ModbusPoint(i, "coil", 0, "bit", "big", d) for i, d in POINTS)
        source = ModbusSource("127.0.0.1", 502, 1, points)
        self._metrics = PointMetrics([DeviceSettings("fm1", "x", SLOT, DEADLINE, source)])

    def answer(self, values: tuple[Value, ...]) -> None:
        at = T0 + SECOND
        advance(self.situation, [Answer("fm1", at, at, values)], at)

    def keep_silent(self) -> None:
        at = T0 + SECOND
        advance(self.situation, [Silence("fm1", "timeout", at, at)], at)

    def scrape(self) -> list[Metric]:
        return list(self._metrics.metrics(self.situation))

    def shown(self, point: str) -> dict[tuple[str, ...], float]:
        """Return the point's samples by family and the labels after device and point."""
        return {
            (sample.name, *[v for k, v in sample.labels.items() if k not in ("device", "point")]): (
                sample.value
            )
            for metric in self.scrape()
            for sample in metric.samples
            if sample.labels["point"] == point
        }


@pytest.fixture
def device() -> Device:
    device = Device()
    device.answer(GOOD)
    return device


@pytest.mark.parametrize(
    ("point", "samples"),
    [
        ("power_w", {("watts",): 605}),
        ("frequency_mhz", {("hertz",): 98_600_000}),
        ("load_percent", {("ratio",): 0.57}),
        ("noise_sones", {("other", "sone"): 4}),  # an unknown unit does not mix with another
        ("mode", {("state", "transmit"): 1, ("state", "off"): 0}),
        ("silent", {("state", "true"): 1, ("state", "false"): 0}),
        ("serial", {}),  # a text would begin a new series at every change
    ],
)
def test_a_value_is_shown_in_its_base_unit_or_as_a_state(
    device: Device, point: str, samples: dict[tuple[str, ...], float]
) -> None:
    """Megahertz and percent of one profile compare with hertz and ratios of another."""
    shown = {(f"monitord_point_{family}", *more): n for (family, *more), n in samples.items()}
    assert device.shown(point) == shown


def test_an_absent_point_has_no_sample(device: Device) -> None:
    """Neither the last value nor 0 replaces a value that is missing."""
    device.answer((None, 98.6, None, 4, None, None, None))
    assert device.shown("power_w") == {}
    assert device.shown("mode") == {}
    assert device.shown("frequency_mhz") == {("monitord_point_hertz",): 98_600_000}


def test_a_silent_device_shows_no_old_values(device: Device) -> None:
    """A value is current or absent."""
    device.keep_silent()
    assert not any(metric.samples for metric in device.scrape())


def test_devices_of_one_profile_share_what_writes_their_points() -> None:
    """Each had writers of its own: 7,600 bytes with 20 points."""
    points = tuple(ModbusPoint(i, "coil", 0, "bit", "big", d) for i, d in POINTS)
    source = ModbusSource("127.0.0.1", 502, 1, points)
    devices = [DeviceSettings(f"d{n}", "x", SLOT, DEADLINE, source) for n in range(1000)]
    tracemalloc.start()
    try:
        metrics = PointMetrics(devices)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / len(devices) < 100 * len({m.name for m in metrics.metrics(Device().situation)})
