"""Which way every shipped condition turns, by raw values of its own objects."""

from __future__ import annotations

import pytest

from tests.unit.profiles import power_turns
from tests.unit.profiles.broadcast_turns import BROADCAST_TURNS, BY_COUNTERS
from tests.unit.profiles.devices import NAMES, device

Raws = dict[str, float | None]
GOOD_PHASES: Raws = {"voltage_1_v": 220.0, "voltage_2_v": 235.0, "voltage_3_v": 198.0}
QUIET = {
    "alarm_low_oil_pressure": 1,
    "alarm_high_coolant_temperature": 1,
    "alarm_fail_to_start": 1,
    "alarm_emergency_stop": 1,
}
METER_PHASES: Raws = {"voltage_1_v": 2200, "voltage_2_v": 2354, "voltage_3_v": 1980}
COOL: Raws = {"alarm_temperature": 0, "alarm_fan": 0, "final_stage_temperature_degc": 74}
ACREL_PHASES = {
    "voltage_exponent": 3,
    "voltage_1_v": 2200,
    "voltage_2_v": 2350,
    "voltage_3_v": 1980,
}
DATAKOM_RUNS = {"engine_speed_rpm": 1500, "generator_voltage_1_v": 1980}
ON_INPUT_1 = {"active_input": 1, "input_1": 1}

TURNS: list[tuple[str, str, Raws, bool | None]] = [
    ("ups-mib", "feeding", {"output_source": 2}, False),
    ("ups-mib", "feeding", {"output_source": 5}, True),
    ("ups-mib", "feeding", {"output_source": 1}, None),
    ("ups-mib", "on_battery", {"output_source": 5}, True),
    ("ups-mib", "on_battery", {"output_source": 3}, False),
    ("ups-mib", "on_bypass", {"output_source": 4}, True),
    ("ups-mib", "on_bypass", {"output_source": 3}, False),
    ("ups-mib", "battery_fine", {"battery_status": 2}, True),
    ("ups-mib", "battery_fine", {"battery_status": 3}, False),
    ("ups-mib", "battery_fine", {"battery_status": 4}, False),
    ("ups-mib", "no_alarm", {"alarms_present": 0}, True),
    ("ups-mib", "no_alarm", {"alarms_present": 1}, False),
    ("ups-mib", "load_fits", {"load_1_percent": 79}, True),
    ("ups-mib", "load_fits", {"load_1_percent": 80}, False),
    ("if-mib", "link_up", {"oper_status": 1}, True),
    ("if-mib", "link_up", {"oper_status": 7}, False),
    ("if-mib", "link_up", {"oper_status": 4}, None),
    ("if-mib", "enabled", {"admin_status": 1}, True),
    ("if-mib", "enabled", {"admin_status": 2}, False),
    ("host-resources", "disk_has_room", {"disk_used_units": 899, "disk_size_units": 1000}, True),
    ("host-resources", "disk_has_room", {"disk_used_units": 900, "disk_size_units": 1000}, False),
    ("host-resources", "process_alive", {"process_status": 2}, True),
    ("host-resources", "process_alive", {"process_status": 4}, False),
    ("host-resources", "processor_free", {"processor_load_percent": 94}, True),
    ("host-resources", "processor_free", {"processor_load_percent": 95}, False),
    ("entity-sensor", "temperature_measured", {"temperature_state": 1}, True),
    ("entity-sensor", "temperature_measured", {"temperature_state": 3}, False),
    ("rs-sx800", "radiating", {"forward_power_w": 5.0}, True),
    ("rs-sx800", "radiating", {"forward_power_w": 4.9}, False),
    ("rs-sx800", "full_power", {"forward_power_w": 25}, True),
    ("rs-sx800", "full_power", {"forward_power_w": 24.9}, False),
    ("rs-sx800", "carrier", {"rf_present": 1}, True),
    ("rs-sx800", "carrier", {"rf_present": 2}, False),
    ("rs-sx800", "carrier", {"rf_present": 0}, None),
    ("rs-sx800", "unmuted", {"mute": 2}, True),
    ("rs-sx800", "unmuted", {"mute": 1}, False),
    ("rs-sx800", "fed", ON_INPUT_1 | {"input_2": 2}, True),
    ("rs-sx800", "fed", {"active_input": 2, "input_1": 1, "input_2": 2}, False),
    ("rs-sx800", "fed", {"active_input": 3, "input_1": 2, "input_2": 1}, True),
    ("rs-sx800", "fed", {"active_input": 3, "input_1": 2, "input_2": 2}, False),
    ("rs-sx800", "fed", {"active_input": 0, "input_1": 1, "input_2": 1}, None),
    ("rs-sx800", "fault", {"fault": 1}, True),
    ("rs-sx800", "fault", {"fault": 2}, False),
    ("rs-sx800", "reference_good", {"reference": 2}, True),
    ("rs-sx800", "reference_good", {"reference": 1}, False),
    ("rs-sx800", "remote", {"local_mode": 2}, True),
    ("rs-sx800", "remote", {"local_mode": 1}, False),
    ("deva-db8008", "main_on_output", {"output_source": 13}, True),
    ("deva-db8008", "main_on_output", {"output_source": 7}, False),
    ("deva-db8008", "main_on_output", {"output_source": 128}, None),
    ("deva-db8008", "main_has_sound", {"main_loss": 1}, True),
    ("deva-db8008", "main_has_sound", {"main_loss": 2}, False),
    ("deva-db8008", "backup_1_has_sound", {"backup_1_loss": 1}, True),
    ("deva-db8008", "backup_1_has_sound", {"backup_1_loss": 2}, False),
    ("deva-db8008", "automatic", {"chosen_by": 0}, True),
    ("deva-db8008", "automatic", {"chosen_by": 1}, False),
    ("gencomm", "automatic", {"control_mode": 1}, True),
    ("gencomm", "automatic", {"control_mode": 2}, False),
    ("gencomm", "running", {"engine_state": 3}, True),
    ("gencomm", "running", {"engine_state": 4}, False),
    ("gencomm", "giving_power", {"engine_state": 3, "generator_voltage_1_v": 1980}, True),
    ("gencomm", "giving_power", {"engine_state": 3, "generator_voltage_1_v": 1979}, False),
    ("gencomm", "giving_power", {"engine_state": 0}, False),
    ("gencomm", "mains_good", {"mains_voltage_1_v": 2354}, True),
    ("gencomm", "mains_good", {"mains_voltage_1_v": 2355}, False),
    ("gencomm", "mains_good", {"mains_voltage_1_v": 1979}, False),
    ("gencomm", "fuel_enough", {"fuel_percent": 50}, True),
    ("gencomm", "fuel_enough", {"fuel_percent": 49}, False),
    ("gencomm", "starter_battery_good", {"starter_battery_voltage_v": 240}, True),
    ("gencomm", "starter_battery_good", {"starter_battery_voltage_v": 239}, False),
    ("gencomm", "no_shutdown", QUIET, True),
    ("gencomm", "no_shutdown", QUIET | {"alarm_fail_to_start": 2}, True),
    ("gencomm", "no_shutdown", QUIET | {"alarm_fail_to_start": 3}, False),
    ("schneider-pm5xxx", "mains_good", GOOD_PHASES, True),
    ("schneider-pm5xxx", "mains_good", GOOD_PHASES | {"voltage_3_v": 197.9}, False),
    ("schneider-pm5xxx", "mains_good", GOOD_PHASES | {"voltage_2_v": 235.5}, False),
    ("schneider-pm5xxx", "mains_good", GOOD_PHASES | {"voltage_1_v": float("nan")}, None),
    ("schneider-pm5xxx", "phases_present", GOOD_PHASES, True),
    ("schneider-pm5xxx", "phases_present", GOOD_PHASES | {"voltage_2_v": 179.9}, False),
    ("schneider-pm5xxx", "frequency_good", {"frequency_hz": 49.5}, True),
    ("schneider-pm5xxx", "frequency_good", {"frequency_hz": 50.6}, False),
    ("dlt645-2007", "mains_good", METER_PHASES, True),
    ("dlt645-2007", "mains_good", METER_PHASES | {"voltage_3_v": 1979}, False),
    ("dlt645-2007", "mains_good", METER_PHASES | {"voltage_2_v": 2355}, False),
    ("dlt645-2007", "mains_good", METER_PHASES | {"voltage_1_v": None}, None),
    ("dlt645-2007", "phases_present", METER_PHASES, True),
    ("dlt645-2007", "phases_present", METER_PHASES | {"voltage_2_v": 1799}, False),
    ("dlt645-2007", "frequency_good", {"frequency_hz": 4950}, True),
    ("dlt645-2007", "frequency_good", {"frequency_hz": 5051}, False),
    ("dlt645-2007", "not_feeding_back", {"power_w": 0}, True),
    ("dlt645-2007", "not_feeding_back", {"power_w": -1}, False),
    ("megatec-q1", "feeding", {"output_voltage_v": 176.0}, True),
    ("megatec-q1", "feeding", {"output_voltage_v": 0.0}, False),
    ("megatec-q1", "on_battery", {"utility_fail": 1}, True),
    ("megatec-q1", "on_battery", {"utility_fail": 0}, False),
    ("megatec-q1", "battery_fine", {"battery_low": 0}, True),
    ("megatec-q1", "battery_fine", {"battery_low": 1}, False),
    ("megatec-q1", "on_bypass", {"bypass_or_boost": 1, "ups_type": 0}, True),
    ("megatec-q1", "on_bypass", {"bypass_or_boost": 1, "ups_type": 1}, False),
    ("megatec-q1", "on_bypass", {"bypass_or_boost": 0, "ups_type": 0}, False),
    ("megatec-q1", "boosting", {"bypass_or_boost": 1, "ups_type": 1}, True),
    ("megatec-q1", "boosting", {"bypass_or_boost": 1, "ups_type": 0}, False),
    ("megatec-q1", "fault", {"failed": 1}, True),
    ("megatec-q1", "fault", {"failed": 0}, False),
    ("megatec-q1", "staying_on", {"shutting_down": 0}, True),
    ("megatec-q1", "staying_on", {"shutting_down": 1}, False),
    ("megatec-q1", "load_fits", {"load_percent": 79}, True),
    ("megatec-q1", "load_fits", {"load_percent": 80}, False),
    ("megatec-q1", "battery_warm_at_most", {"temperature_degc": 39.9}, True),
    ("megatec-q1", "battery_warm_at_most", {"temperature_degc": 40.0}, False),
    ("example-frame-transmitter", "radiating", {"carrier_on": 1, "forward_power_w": 100}, True),
    ("example-frame-transmitter", "radiating", {"carrier_on": 1, "forward_power_w": 99}, False),
    ("example-frame-transmitter", "radiating", {"carrier_on": 0, "forward_power_w": 900}, False),
    ("example-frame-transmitter", "full_power", {"forward_power_w": 500}, True),
    ("example-frame-transmitter", "full_power", {"forward_power_w": 499}, False),
    ("example-frame-transmitter", "programme_present", {"alarm_no_programme": 0, "input": 1}, True),
    ("example-frame-transmitter", "programme_present", {"alarm_no_programme": 1}, False),
    ("example-frame-transmitter", "programme_present", {"input": 0}, False),
    ("example-frame-transmitter", "fault", {"alarm_summary": 1}, True),
    ("example-frame-transmitter", "fault", {"alarm_summary": 0}, False),
    ("example-frame-transmitter", "cool", COOL, True),
    ("example-frame-transmitter", "cool", COOL | {"final_stage_temperature_degc": 75}, False),
    ("example-frame-transmitter", "cool", COOL | {"alarm_fan": 1}, False),
    ("example-frame-transmitter", "antenna_good", {"alarm_reflected_power": 0}, True),
    ("example-frame-transmitter", "antenna_good", {"alarm_reflected_power": 1}, False),
    (
        "example-frame-transmitter",
        "final_stage_good",
        {"alarm_final_stage": 0, "alarm_power_supply": 0},
        True,
    ),
    ("example-frame-transmitter", "final_stage_good", {"alarm_power_supply": 1}, False),
    ("example-frame-transmitter", "exciter_good", {"alarm_exciter": 0}, True),
    ("example-frame-transmitter", "exciter_good", {"alarm_exciter": 1}, False),
    ("example-frame-transmitter", "under_remote_control", {"remote": 1}, True),
    ("example-frame-transmitter", "under_remote_control", {"remote": 0}, False),
    ("adam-6050", "right_module", {"module_name": 0x6050}, True),
    ("adam-6050", "right_module", {"module_name": 0x6060}, False),
    *(
        (meter, condition, {name: value * times for name, value in raws.items()}, holds)
        for meter, times in (("schneider-iem3000", 1), ("eastron-sdm630", 1), ("chint-dtsu666", 10))
        for condition, raws, holds in (
            ("mains_good", GOOD_PHASES, True),
            ("mains_good", GOOD_PHASES | {"voltage_3_v": 197.9}, False),
            ("mains_good", GOOD_PHASES | {"voltage_2_v": 235.5}, False),
            ("phases_present", GOOD_PHASES, True),
            ("phases_present", GOOD_PHASES | {"voltage_2_v": 179.9}, False),
        )
    ),
    ("schneider-iem3000", "frequency_good", {"frequency_hz": 49.5}, True),
    ("schneider-iem3000", "frequency_good", {"frequency_hz": 49.4}, False),
    ("eastron-sdm630", "frequency_good", {"frequency_hz": 50.5}, True),
    ("eastron-sdm630", "frequency_good", {"frequency_hz": 50.6}, False),
    ("chint-dtsu666", "frequency_good", {"frequency_hz": 4950}, True),
    ("chint-dtsu666", "frequency_good", {"frequency_hz": 5060}, False),
    ("acrel-acr", "mains_good", ACREL_PHASES, True),
    ("acrel-acr", "mains_good", ACREL_PHASES | {"voltage_1_v": 1979}, False),
    ("acrel-acr", "mains_good", ACREL_PHASES | {"voltage_exponent": 4}, False),
    ("acrel-acr", "phases_present", ACREL_PHASES, True),
    ("acrel-acr", "phases_present", ACREL_PHASES | {"voltage_3_v": 1799}, False),
    ("acrel-acr", "frequency_good", {"frequency_hz": 5000}, True),
    ("acrel-acr", "frequency_good", {"frequency_hz": 4949}, False),
    ("datakom-genset", "running", {"engine_speed_rpm": 1000}, True),
    ("datakom-genset", "running", {"engine_speed_rpm": 999}, False),
    ("datakom-genset", "giving_power", DATAKOM_RUNS, True),
    ("datakom-genset", "giving_power", DATAKOM_RUNS | {"generator_voltage_1_v": 1979}, False),
    ("datakom-genset", "giving_power", DATAKOM_RUNS | {"engine_speed_rpm": 0}, False),
    ("datakom-genset", "fuel_enough", {"fuel_percent": 500}, True),
    ("datakom-genset", "fuel_enough", {"fuel_percent": 499}, False),
    ("datakom-genset", "starter_battery_good", {"starter_battery_voltage_v": 2400}, True),
    ("datakom-genset", "starter_battery_good", {"starter_battery_voltage_v": 2399}, False),
    ("apc-smart-modbus", "mains_present", {"input_voltage_v": 180 * 64}, True),
    ("apc-smart-modbus", "mains_present", {"input_voltage_v": 180 * 64 - 1}, False),
    ("apc-smart-modbus", "output_good", {"output_voltage_v": 198 * 64}, True),
    ("apc-smart-modbus", "output_good", {"output_voltage_v": 198 * 64 - 1}, False),
    ("apc-smart-modbus", "output_good", {"output_voltage_v": 236 * 64}, False),
    ("apc-smart-modbus", "charged", {"charge_percent": 50 * 512}, True),
    ("apc-smart-modbus", "charged", {"charge_percent": 50 * 512 - 1}, False),
    ("apc-smart-modbus", "load_fits", {"load_percent": 80 * 256 - 1}, True),
    ("apc-smart-modbus", "load_fits", {"load_percent": 80 * 256}, False),
    ("meanwell-drs", "mains_present", {"input_voltage_v": 1800}, True),
    ("meanwell-drs", "mains_present", {"input_voltage_v": 1799}, False),
    *(
        ("adam-6017", f"input_{place}_alive", {f"input_{place}_ma": raw}, alive)
        for place in range(8)
        for raw, alive in ((0, False), (204, False), (205, True), (65535, True))
    ),
    ("worldcast-ecreso-fm", "remote", {"local_mode": 1}, False),
    ("worldcast-ecreso-fm", "remote", {"local_mode": 2}, True),
    *BROADCAST_TURNS,
]
TURNS += power_turns.TURNS
ELSEWHERE = {  # with more than one raw value each: see the tests that are named for them
    ("deva-db8008", "sound_on_output"),
    ("entity-sensor", "fan_turns"),
    ("worldcast-ecreso-fm", "radiating"),
    ("worldcast-ecreso-fm", "full_power"),
    ("worldcast-ecreso-fm", "fault"),
    *BY_COUNTERS,
    ("tr-101-290", "stream_present"),  # counters, of more than one answer each
    ("tr-101-290", "stream_clean"),
    ("tr-101-290", "tables_present"),
}


@pytest.mark.parametrize(("profile", "condition", "raws", "holds"), TURNS)
def test_a_condition_holds_as_its_name_says(
    profile: str, condition: str, raws: Raws, holds: bool | None
) -> None:
    """True and false are each shown by values that an agent may send."""
    assert device(profile).see(raws).conditions[condition] is holds


def test_every_condition_is_seen_true_and_false() -> None:
    """One that only ever was seen to hold may be a constant."""
    shown = {(profile, condition, holds) for profile, condition, _, holds in TURNS}
    every = {
        (profile, plan.id.removeprefix("it."))
        for profile in NAMES
        for plan in device(profile).plans
    }
    missing = {
        (*pair, holds)
        for pair in every - ELSEWHERE
        for holds in (True, False)
        if (*pair, holds) not in shown
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("left", "right", "sound"),
    [(-45.5, -80, True), (-80, -45.5, True), (-46, -46, False), (-80, None, None)],
)
def test_sound_on_the_output_is_a_level_above_the_switchers_own_threshold(
    left: float, right: float | None, sound: bool | None
) -> None:
    """One channel suffices; a channel without a level leaves open what it would have decided."""
    raws = {
        "loss_threshold_db": -455,
        "output_left_average_db": int(left * 256),
        "output_right_average_db": -32768 if right is None else int(right * 256),
    }
    assert device("deva-db8008").see(raws).conditions["sound_on_output"] is sound


@pytest.mark.parametrize(("speed", "turns"), [(0, False), (2400, True)])
def test_a_fan_turns_when_it_says_so(speed: int, turns: bool) -> None:
    """RFC 3433: type 10 is rpm, scale 9 units, no decimals, state 1 ok."""
    raws = {"fan_type": 10, "fan_exponent": 9, "fan_decimals": 0, "fan_state": 1}
    seen = device("entity-sensor").see(raws | {"fan_speed_rpm": speed})
    assert seen.conditions["fan_turns"] is turns
