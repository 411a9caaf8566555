"""The UPS-MIB profile against every recorded supply that has such objects.

What is expected is worked out from the RFC's own units, and from what any supply must show.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from monitord.decoding.rules import Raw
from tests.unit.config.snmprec import read_walk
from tests.unit.profiles.devices import Oid, Seen, device

pytestmark = pytest.mark.needs_shared

ROOT: Oid = (1, 3, 6, 1, 2, 1, 33, 1)
RECORDED = {
    "abbups_abbups",
    "apc-mgeups_galaxy7000",
    "deltaups",
    "deltaups_mini-snmp",
    "deltaups_rfc1628string",
    "eaton-93e-80",
    "eastpower-istars-swv053",
    "eatonups_eaton-connectups",
    "eatonupsm2_9px",
    "istars",
    "liebert_apm",
    "netagent2",
    "netmanplus_204",
    "netmanplus_mct20",
    "orvaldi-ups",
    "phoenixtec-power",
    "poweralert_2",
    "poweralert_ups",
    "tripplite-poweralert",
    "ups",  # made up by a test program: random numbers on odd rows
}
ROWS_END_IN_ZERO = {"eastpower-istars-swv053", "istars", "apc-mgeups_galaxy7000"}
TENTHS_OF_A_VOLT = {"deltaups_mini-snmp", "deltaups_rfc1628string", "apc-mgeups_galaxy7000"}
UNKNOWN_SOURCE = {"poweralert_ups", "ups"}
# UPS-MIB, RFC 1628: object below the root, and what one step of it is
STEPS: dict[str, tuple[Oid, Callable[[int], float]]] = {
    "on_battery_s": ((2, 2, 0), lambda seconds: seconds),
    "runtime_left_s": ((2, 3, 0), lambda minutes: 60 * minutes),
    "battery_charge_percent": ((2, 4, 0), lambda percent: percent),
    "battery_voltage_v": ((2, 5, 0), lambda tenths: tenths / 10),
    "output_frequency_hz": ((4, 2, 0), lambda tenths: tenths / 10),
    "alarms_present": ((6, 1, 0), lambda count: count),
}


@cache
def walks(shared: Path) -> dict[str, dict[Oid, int | bytes]]:
    """Return every recording with at least one object of the MIB."""
    found = {}
    for path in sorted(shared.rglob("*.snmprec")):
        if b"\n1.3.6.1.2.1.33.1." in path.read_bytes():
            found[path.stem] = read_walk(path)
    return found


def seen(shared: Path, name: str) -> Seen:
    ends = {f"line_{line}": [line, 0] for line in (1, 2, 3)}
    rows = {"rows": ends} if name in ROWS_END_IN_ZERO else {}
    return device("ups-mib", **rows).read(walks(shared)[name])


def test_every_recorded_supply_is_among_these(shared: Path) -> None:
    """A recording that comes new is looked at, not passed by."""
    assert set(walks(shared)) == RECORDED


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_every_scalar_comes_in_the_units_of_the_rfc(shared: Path, name: str) -> None:
    """Minutes and tenths are turned; what the agent leaves out is absent."""
    walk, values = walks(shared)[name], seen(shared, name).values
    for point, (oid, step) in STEPS.items():
        raw: Raw = walk.get((*ROOT, *oid))
        expected = step(raw) if isinstance(raw, int) else None
        assert values[point] == (None if expected is None else pytest.approx(expected)), point


@pytest.mark.parametrize("name", sorted(RECORDED - {"ups"}))
def test_every_supply_shows_figures_that_a_supply_can_have(shared: Path, name: str) -> None:
    """A wrong scale is ten or sixty times off, and no supply is that."""
    values = seen(shared, name).values
    limits = {
        "input_voltage_1_v": (100, 250),
        "output_voltage_1_v": (100, 250),
        "output_frequency_hz": (49, 61),
        "input_frequency_hz": (49, 61),
        "battery_voltage_v": (20, 600),
        "battery_temperature_degc": (0, 50),
        "output_current_1_a": (0, 40),
        "load_1_percent": (0, 100),
        "output_power_1_w": (0, 10_000),
    }
    for point, (low, high) in limits.items():
        value = values[point]
        assert value is None or low <= float(value) <= high, (point, value)


def test_current_and_power_agree_where_both_are_measured(shared: Path) -> None:
    """Apparent power, volts times amperes, is never much below the power: tenths are tenths."""
    compared = 0
    for name in RECORDED - {"ups"}:
        values = seen(shared, name).values
        volts, amperes, watts = (
            values[f"output_{what}"] for what in ("voltage_1_v", "current_1_a", "power_1_w")
        )
        if isinstance(volts, int) and isinstance(amperes, float) and watts and float(watts) > 1000:
            compared += 1
            assert 0.6 < float(watts) / (volts * amperes) < 1.05, name
    assert compared >= 3


@pytest.mark.parametrize("name", sorted(TENTHS_OF_A_VOLT))
def test_volts_counted_in_tenths_against_the_rfc_are_absent(shared: Path, name: str) -> None:
    """No value is better than two thousand volts."""
    values = seen(shared, name).values
    assert values["input_voltage_1_v"] is None
    assert values["output_voltage_1_v"] is None


@pytest.mark.parametrize("name", sorted(ROWS_END_IN_ZERO))
def test_rows_that_end_in_zero_are_found_when_the_device_says_so(shared: Path, name: str) -> None:
    """Some agents give row 1 as 1.0: without being told, the profile finds nothing there."""
    assert seen(shared, name).values["load_1_percent"] is not None
    assert device("ups-mib").read(walks(shared)[name]).values["load_1_percent"] is None


@pytest.mark.parametrize("name", sorted(RECORDED - UNKNOWN_SOURCE))
def test_supplies_on_mains_are_not_on_battery(shared: Path, name: str) -> None:
    """All of them were recorded on a quiet day; those without the object say nothing."""
    found = seen(shared, name)
    said = found.values["output_source"]
    assert said in ("normal", None)
    for condition, holds in (("on_battery", False), ("on_bypass", False), ("feeding", True)):
        assert found.conditions[condition] is (None if said is None else holds)
    assert found.conditions["battery_fine"] in (True, None)


def test_an_output_of_nothing_feeds_nothing(shared: Path) -> None:
    """The made-up supply says that its output has no source, and does not know its battery."""
    found = seen(shared, "ups")
    assert found.values["output_source"] == "none"
    assert found.conditions["feeding"] is False
    assert found.conditions["battery_fine"] is None


def test_unmeasured_values_are_absent(shared: Path) -> None:
    """Absolute zero is no temperature of a battery."""
    assert walks(shared)["poweralert_ups"][(*ROOT, 2, 7, 0)] == -273
    assert seen(shared, "poweralert_ups").values["battery_temperature_degc"] is None


def test_a_large_supply_by_hand(shared: Path) -> None:
    """Three phases at 220 V, 27 A on the first, 521 V of batteries, 18 h 12 min left."""
    values = seen(shared, "eaton-93e-80").values
    assert [values[f"output_voltage_{line}_v"] for line in (1, 2, 3)] == [220, 220, 220]
    assert values["output_current_1_a"] == pytest.approx(27.0)
    assert values["battery_voltage_v"] == pytest.approx(521.0)
    assert values["runtime_left_s"] == (18 * 60 + 12) * 60
