"""Scales of devices that nobody recorded, worked out by hand from what their sources say."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from monitord.devices.snmp.model import SnmpSource
from tests.unit.profiles.devices import NAMES, SHIPPED, device

ENTERPRISES = "1.3.6.1.4.1."
# Objects that switch equipment, in the sources of these profiles: resets, restarts, outputs.
COMMANDS = {
    "harris-maxiva": ("290.9.2.1.1.5.3",),
    "rs-tx9": ("2566.127.1.2.216.2.1.2.3.1",),
    "rs-sx801": ("2566.127.1.2.167.1.1.3.5", "2566.127.1.2.167.201.1.1", "2566.127.1.2.167.212"),
    "rs-tse800": ("2566.127.1.2.167.1.1.3.5", "2566.127.1.2.167.301.1.1"),
    "rs-netccu": (
        "2566.127.1.2.167.200.1.1.",
        "2566.127.1.2.167.1.1.3.5",
        "2566.127.1.2.167.200.1.30",
    ),
    "protelevision-pt3080": ("18086.3080.2.30", "18086.3080.3.56", "18086.3080.3.60"),
    "dch-4000p": ("1070.3.1.1.23", "1070.3.1.1.12"),
}
BY_HAND: list[tuple[str, str, Any, float | str | None]] = [
    ("gatesair-uaxte", "forward_power_w", 1_234_567, 1234.567),  # mW
    ("gatesair-uaxte", "reflected_power_w", 4_200, 4.2),
    ("harris-maxiva", "forward_power_w", 950_000, 950.0),
    ("harris-maxiva", "power_4_w", 1_500, 1.5),
    ("nautel-vs", "forward_power_w", 300_250, 300.25),  # thousandths
    ("nautel-vs", "reflected_power_w", 1_250, 1.25),
    ("nautel-vs", "heatsink_degc", 41_500, 41.5),
    ("nautel-vs", "peak_modulation_percent", 98_700, 98.7),
    ("nautel-vs", "fan_rpm", 2_400, 2400),  # all but the fan
    ("elenos-etg", "frequency_mhz", 10_110, 101.1),  # tens of kHz
    ("elenos-etg", "mpx_peak_khz", 75, 75),
    ("elenos-etg", "forward_power_w", 980, 980),
    ("rs-tx9", "satellites", 9, 9),
    ("rs-sx801", "forward_power_w", 98, 98),
    ("rs-netccu", "forward_power_a1_w", 1_020, 1020),
    ("rs-tse800", "satellites", 7, 7),
    ("protelevision-pt3080", "network_delay_us", 8_731, 873.1),  # 100 ns
    ("protelevision-pt3080", "detected_level_dbm", -1_550, -15.5),
    ("deva-db7001", "rds_error_ratio", 16_384, 0.5),  # 15 bits behind the point
    ("deva-db7001", "rf_level_dbuv", 8_960, 35.0),  # 8 bits behind the point
    ("newtec-el470", "link_margin_db", "2.4", 2.4),
    ("cardinal-imdu", "power_factor", -94, -0.94),
    ("cardinal-imdu", "temperature_degc", -127, None),
    ("teleste-luminato", "slot_temperature_degc", 0, None),  # its word for "not measured"
    ("terra-sdi410c", "supply_v", 123, 12.3),
]


@pytest.mark.parametrize(("profile", "point", "raw", "expected"), BY_HAND)
def test_a_raw_value_comes_in_its_unit(
    profile: str, point: str, raw: Any, expected: float | str | None
) -> None:
    """A factor of ten is an outage that nobody sees, or one that was none."""
    raw = raw.encode() if isinstance(raw, str) else raw
    assert device(profile).see({point: raw}).values[point] == expected


@pytest.mark.parametrize("profile", sorted(COMMANDS))
def test_an_object_that_switches_equipment_is_not_asked_for(profile: str) -> None:
    """Not even its value: an agent may have more than one manager."""
    for point in device(profile).read_points:
        oid = ".".join(map(str, point.oid))  # type: ignore[attr-defined]
        for command in COMMANDS[profile]:
            assert not oid.startswith(f"{ENTERPRISES}{command}"), point.id


def test_a_nautel_is_asked_for_one_object_at_a_time_and_never_outside_its_slots() -> None:
    """Its agent is easily overloaded. Two fast objects and the ratio are three requests a poll."""
    kind = device("nautel-vs")
    source = kind.settings.devices[0].source
    assert isinstance(source, SnmpSource)
    assert source.objects_per_request == 1
    found = yaml.safe_load((SHIPPED / "nautel-vs.yaml").read_text("utf-8"))
    assert found["burst"] is False
    fast = {id_ for id_, point in found["points"].items() if point.get("pace") != "slow"}
    assert fast == {
        "forward_power_w",
        "forward_power_percent",
        "peak_modulation_percent",
        "swr",
    }


def test_nothing_rests_on_a_state_whose_values_nobody_published() -> None:
    """The Nautel's rfState is shown as a number, so that somebody may find out."""
    found = yaml.safe_load((SHIPPED / "nautel-vs.yaml").read_text("utf-8"))
    assert not [name for name, one in found["conditions"].items() if "rf_state" in str(one)]
    assert device("nautel-vs").see({"rf_state": 7}).values["rf_state"] == 7


def test_a_controller_of_one_main_has_nothing_of_a_second() -> None:
    """Without tx_a2 its points and the programme behind it are left out."""
    kind = device("rs-netccu", rows={}, nominal={"forward_power_a1_w": 1000})
    assert "forward_power_a2_w" not in {point.id for point in kind.points}
    assert "it.a2_on_air" not in {plan.id for plan in kind.plans}
    assert "it.a1_on_air" in {plan.id for plan in kind.plans}


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_without_a_recording_does_not_claim_one(name: str) -> None:
    """What it says at the top is what the file says of its proof."""
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    head = text.partition("\nprofile:")[0].replace("\n#", "")
    found = yaml.safe_load(text)
    if "no recording" in head.lower():
        assert found["verified"] != "recording"
