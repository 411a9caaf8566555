"""Power, room and time as recorded: values reckoned by hand, and conditions of a quiet day."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.config.snmprec import read_walk
from tests.unit.profiles import power_given, power_labels
from tests.unit.profiles.devices import Seen, device

pytestmark = pytest.mark.needs_shared

LINES_IN_ZERO: Final = {f"line_{line}": [line, 0] for line in (1, 2, 3)}
# Recording, profile, rows, and values that were reckoned by hand from the raw ones.
BY_HAND: Final[list[tuple[str, str, dict[str, Any], dict[str, Any]]]] = [
    (
        "librenms/ups/eatonups",
        "eaton-xups",
        {},
        {
            "runtime_left_s": 8620,
            "input_frequency_hz": 50.0,
            "output_voltage_2_v": 231,
            "output_power_2_w": 944,
            "battery_state": "resting",
            "output_source": "normal",
        },
    ),
    (
        "snmpsim-data/eaton-93e-80",
        "eaton-xups",
        {},
        {"output_frequency_hz": 49.0, "battery_voltage_v": 521, "battery_state": None},
    ),
    (
        "librenms/ups/apc-mgeups_galaxy7000",
        "mge-ups",
        LINES_IN_ZERO,
        {
            "battery_voltage_v": 594.0,
            "input_voltage_1_v": 409.0,
            "output_voltage_3_v": 400.0,
            "load_3_percent": 11,
            "input_frequency_hz": 50.0,
        },
    ),
    (
        "librenms/ups/liebert_apm",
        "liebert-ups",
        {},
        {"output_power_kw": 20, "load_1_percent": 22, "runtime_left_min": 74},
    ),
    (
        "librenms/ups/netagent2",
        "netagent-ups",
        {},
        {
            "input_voltage_v": 254.5,
            "input_voltage_3_v": 237.9,
            "load_1_percent": 23.5,
            "load_percent": 44,
            "runtime_left_s": None,
            "output_status": "buck",
        },
    ),
    (
        "snmpsim-data/phoenixtec-power",
        "netagent-ups",
        {},
        {"output_voltage_v": 230.7, "battery_temperature_degc": 31.5, "load_percent": 2},
    ),
    (
        "librenms/ups/powerwalker",
        "eppc-ups",
        {},
        {"runtime_left_s": 600 * 60, "battery_voltage_v": 108.9, "input_voltage_v": 238.2},
    ),
    (
        "librenms/ups/sinetica",
        "sinetica-ups",
        {},
        {
            "battery_voltage_v": 409.9,
            "input_voltage_1_v": 206,
            "output_current_3_a": 163.0,
            "output_power_w": 58_500,  # 39 % of 150 kVA
            "load_percent": 39,
            "runtime_left_s": None,
        },
    ),
    (
        "librenms/rf-link-radio/siklu",
        "siklu-etherhaul",
        {},
        {"received_dbm": -38, "signal_to_noise_db": 23, "supply_voltage_v": 46},
    ),
    (
        "librenms/rf-link-radio/saf-integra-x",
        "saf-integra-x",
        {},
        {"received_1_dbm": -32, "supply_voltage_v": 55.8, "error_1_db": -45.7},
    ),
    (
        "librenms/ups/apc_ats",
        "apc-xats",
        {},
        {
            "source_1_voltage_1_v": 470.4,
            "source_2_voltage_1_v": 0.4,
            "generator_battery_v": 14.1,
            "source_2_quality": "low_voltage",
        },
    ),
    (
        "librenms/generator-transfer/ats",
        "borri-ats",
        {},
        {"input_b_voltage_v": 236, "input_b_frequency_hz": 50.0, "output_current_a": 0.3},
    ),
    (
        "librenms/generator-transfer/exeltech-xfersw",
        "exeltech-transfer-switch",
        {},
        {"battery_voltage_v": 54.2, "battery_current_a": 79.9, "output_voltage_v": 117},
    ),
    (
        "librenms/generator-transfer/himoinsa-gensets",
        "himoinsa-genset",
        {},
        {"fuel_percent": 100.0, "start_battery_v": 13.7, "mains_voltage_12_v": 416},
    ),
    (
        "snmpsim-data/apc-8641",
        "apc-rack-pdu",
        {"outlet": 1},
        {"phase_current_a": 6.6, "device_power_kw": 1.21, "energy_kwh": 1951.6, "power_w": 1230},
    ),
    (
        "librenms/ups/apc_ap7900b",
        "apc-rack-pdu",
        {},
        {"phase_current_a": 2.8, "line_voltage_v": 120, "device_power_kw": None},
    ),
    (
        "librenms/pdu-outlet/gude-epc_1202",
        "gude-epc",
        {},
        {"current_a": 0.167, "frequency_hz": 49.99, "power_factor": 0.464, "power_w": 17},
    ),
    (
        "librenms/pdu-outlet/ict-pdu",
        "ict-dc-panel",
        {"output": 8},
        {"system_voltage_v": 46, "output_current_a": 0.2, "output_name": "Camera"},
    ),
    (
        "librenms/dc-power-rectifier/ict-mps",
        "ict-modular-power",
        {},
        {"input_voltage_v": 121, "output_voltage_v": 54.1, "module_4_kind": "battery"},
    ),
    (
        "librenms/dc-power-rectifier/eltek-webpower",
        "eltek-webpower",
        {},
        {"battery_voltage_v": 53.23, "battery_left_ah": 1360, "rectifier_load_percent": 46},
    ),
    (
        "librenms/dc-power-rectifier/enexus_sp2touch",
        "eltek-enexus",
        {},
        {"battery_voltage_v": 54.5, "mains_voltage_v": 248, "mode": "float"},
    ),
    (
        "librenms/dc-power-rectifier/netsure",
        "netsure-vec",
        {"shunt": 2, "rectifier": 28},
        {"shunt_current_a": 447, "one_rectifier_current_a": 23, "system_voltage_v": 54.01},
    ),
    (
        "librenms/dc-power-rectifier/algcom-dc-ups",
        "algcom-dc-ups",
        {},
        {"output_current_a": 1.374, "battery_voltage_v": 53.9, "mains_voltage_v": None},
    ),
    (
        "librenms/dc-power-rectifier/tpdin",
        "tpdin-monitor",
        {},
        {"voltage_1_v": 54.1, "voltage_2_v": 0.0, "voltage_3_v": 23.9, "current_1_a": 0.0},
    ),
    (
        "librenms/environment/algcom-sm_sm9s",
        "algcom-sm",
        {},
        {"temperature_degc": (70 - 32) / 1.8, "battery_voltage_v": 54.2},
    ),
    (
        "librenms/environment/akcp_serverprobe8",
        "akcp-sensorprobe",
        {"temperature": 7, "humidity": 0, "contact": 1},
        {"temperature_degc": 22.1, "humidity_percent": 42, "contact": "normal"},
    ),
    (
        "librenms/environment/hwg-poseidon",
        "hwg-poseidon",
        {"temperature": 8, "humidity": 3, "contact": 6},
        {"temperature_degc": 29.0, "humidity_percent": 34.0, "contact": "open"},
    ),
    (
        "librenms/environment/hwg-poseidon",
        "hwg-poseidon",
        {"temperature": 1, "humidity": 5, "contact": 6},
        {"temperature_degc": None, "humidity_percent": None},  # a hygrometer and a thermometer
    ),
    (
        "librenms/environment/apc-netbotz_netbotz750",
        "netbotz",
        {"temperature": 623, "humidity": 625, "smoke": 6159},
        {"temperature_degc": 20.1, "humidity_percent": 36, "smoke": "clear"},
    ),
    (
        "librenms/environment/vutlan_vt825",
        "vutlan-ems",
        {},
        {"temperature_degc": 24.7, "voltage_v": 12, "door": "open", "contact": "quiet"},
    ),
    ("librenms/environment/wut_57606", "wut-57606", {}, {"temperature_degc": 20.9}),
    ("librenms/environment/wut_57720-os-143", "wut-57720", {}, {"humidity_percent": 42}),
    ("librenms/environment/papouch-quido", "papouch-quido", {}, {"temperature_degc": 23.1}),
    (
        "librenms/environment/controlbox_controlbox",
        "controlbox-th332",
        {},
        {"temperature_degc": 22.9, "humidity_percent": 56.8, "dew_point_degc": 14.3},
    ),
    (
        "librenms/ups/apc_environmental-manager",
        "apc-environment",
        {"probe": [0, 3]},
        {"temperature_degc": 21, "humidity_percent": 48, "probe_name": "ENVMONS3"},
    ),
    (
        "librenms/timing-gps/mbg-ltos6",
        "meinberg-lantime",
        {},
        {"clock_state": "synchronized", "satellites": 5, "clock_use": "primary"},
    ),
    (
        "librenms/timing-gps/adva-osa_osa",
        "adva-osa",
        {},
        {"satellites": 19, "clock_mode": "locked", "ntp_stratum": 1},
    ),
    (
        "librenms/timing-gps/ssu2000",
        "microsemi-ssu2000",
        {"gps": [1, 5]},
        {"gps_phase_b_ns": -123, "gps": "fine", "clock_1": "selected"},
    ),
    (
        "librenms/timing-gps/timemachines_tm2000a",
        "timemachines-tm2000a",
        {},
        {"satellites": 8, "fix": "three_dimensional", "stratum": 1},
    ),
    (
        "librenms/cooling-hvac/apc-inrow",
        "apc-inrow",
        {},
        {"inlet_temperature_degc": 21.4, "fan_percent": 51.8, "water_in_degc": 13.0},
    ),
    (
        "librenms/cooling-hvac/rittal-lcp_cmciii-pu-lcp",
        "rittal-lcp",
        {},
        {"inlet_temperature_degc": 19.0, "outlet_temperature_degc": 24.4, "cooling_w": 1707},
    ),
    (
        "librenms/cooling-hvac/pcoweb-rittalchiller",
        "rittal-it-chiller",
        {},
        {"cooling_kw": 33.9, "discharge_bar": 3.7, "water_in_degc": 18.0, "current_a": 1.0},
    ),
    (
        "librenms/cooling-hvac/stulz_wib8000",
        "stulz-wib8000",
        {"unit": [1, 5, 1]},
        {"return_temperature_degc": 21.0, "supply_temperature_degc": 16.7},
    ),
    (
        "librenms/power-meter/janitza_generic",
        "janitza-umg",
        {},
        {"voltage_1_v": 230.1, "current_2_a": 208.469, "frequency_hz": 50.02, "power_w": 136_678},
    ),
    (
        "librenms/power-meter/e3meter",
        "e3meter-ips",
        {},
        {"voltage_3_v": 229.507, "neutral_current_a": 1.393, "frequency_hz": 49.999},
    ),
    (
        "librenms/rf-link-radio/ray3",
        "racom-ray3",
        {},
        {"received_dbm": -53.3, "temperature_degc": 39.3, "supply_voltage_v": 44.2},
    ),
    (
        "librenms/rf-link-radio/ray_ray",
        "racom-ray",
        {},
        {"received_dbm": -53.8, "supply_voltage_v": 24.5, "rf_power": "fine"},
    ),
    (
        "librenms/site-controller-rtu/siteboss571_siteboss571-2",
        "siteboss",
        {"outlet": [1, 6, 1]},
        {"temperature_degc": 25, "humidity_percent": 33, "contact": "closed", "outlet": "off"},
    ),
]
# What is not on mains, in its limits or in step in a recording; all the rest is a quiet day.
UNQUIET: Final = {
    ("algcom-sm", "mains_good", False),  # a site on 118 V
    ("exeltech-transfer-switch", "source_b_good", False),
    ("vutlan-ems", "door_closed", False),
    ("hwg-poseidon", "contact_closed", False),
    ("siteboss", "outlet_on", False),  # one that nothing is plugged into
    ("himoinsa-genset", "running", False),  # at rest, as it should be
    ("himoinsa-genset", "gives_power", False),
}
BAD_WHEN_TRUE: Final = {
    "on_battery",
    "on_bypass",
    "on_generator",
    "battery_low",
    "too_hot",
    "too_damp",
    "overloaded",
    "alarm",
    "holdover",
    "in_holdover",
    "holdover_expired",
    "free_running",
}


def seen(shared: Path, recording: str, profile: str, rows: dict[str, Any]) -> Seen:
    given = power_rows(profile) | rows
    kind = device(profile, **({"rows": given} if given else {}))
    return kind.read(read_walk(shared / f"{recording}.snmprec"))


def power_rows(profile: str) -> dict[str, Any]:
    return dict(power_given.GIVEN.get(profile, {}).get("rows", {}))


@pytest.mark.parametrize(
    ("recording", "profile", "rows", "values"),
    BY_HAND,
    ids=[f"{profile}-{Path(recording).name}" for recording, profile, _, _ in BY_HAND],
)
def test_a_recording_shows_what_was_reckoned_by_hand(
    shared: Path, recording: str, profile: str, rows: dict[str, Any], values: dict[str, Any]
) -> None:
    """Scales, sentinels, rows and labels, each against the raw values of a real device."""
    found = seen(shared, recording, profile, rows).values
    for point, expected in values.items():
        approximately = pytest.approx(expected) if isinstance(expected, int | float) else expected
        assert found[point] == approximately, point


@pytest.mark.parametrize(
    ("recording", "profile", "rows"),
    [entry[:3] for entry in BY_HAND],
    ids=[f"{profile}-{Path(recording).name}" for recording, profile, _, _ in BY_HAND],
)
def test_a_quiet_day_gives_no_alarm(
    shared: Path, recording: str, profile: str, rows: dict[str, Any]
) -> None:
    """All were recorded while they worked: a condition that says otherwise is turned round."""
    for condition, holds in seen(shared, recording, profile, rows).conditions.items():
        if holds is None or (profile, condition, holds) in UNQUIET:
            continue
        if condition in ("output_loaded", "loaded", "fan_turns"):
            continue
        assert holds is (condition not in BAD_WHEN_TRUE), condition


@pytest.mark.parametrize("point", power_labels.ONLINE_OF)
def test_a_probe_counts_only_while_its_sensor_is_online(point: str) -> None:
    """SPAGENT-MIB: the state of an empty port is that of nothing."""
    kind, online = device("akcp-sensorprobe"), power_labels.ONLINE_OF[point]
    for raw, label in power_labels.LEANING_MEANINGS["akcp-sensorprobe"][point].items():
        assert kind.see({online: 1, point: raw}).values[point] == label, raw
        assert kind.see({online: 2, point: raw}).values[point] is None, raw
    for raw, label in power_labels.LEANING_MEANINGS["akcp-sensorprobe"][online].items():
        assert kind.see({online: raw}).values[online] == label, raw
