"""Which way the conditions of power, room and time turn, by raw values of their objects.

Owns no test. Each condition has raw values in which it holds, and some in which it does not.
"""

from __future__ import annotations

from typing import Final

Raws = dict[str, float]

ONE_UPS: Final[dict[str, tuple[Raws, Raws]]] = {
    "mains_good": ({"input_voltage_v": 2200}, {"input_voltage_v": 1759}),
    "load_fits": ({"load_percent": 79}, {"load_percent": 80}),
}
HOT_TENTHS = ({"temperature_degc": 350}, {"temperature_degc": 349})
MILLIVOLTS: Final = {f"voltage_{n}_v": 220_000.0 for n in (1, 2, 3)}
TENTHS: Final = {f"voltage_{n}_v": 2200.0 for n in (1, 2, 3)}
ONLINE: Final = {"temperature_online": 1, "humidity_online": 1, "contact_online": 1}
CLOCKS: Final = {"clock_1_mode": 5, "clock_2_mode": 5}

SHOWN: Final[dict[str, dict[str, tuple[Raws, Raws]]]] = {
    "apc-powernet-ups": {
        "on_battery": ({"output_status": 3}, {"output_status": 15}),
        "on_bypass": ({"output_status": 9}, {"output_status": 2}),
        "feeding": ({"output_status": 2}, {"output_status": 7}),
        "battery_low": ({"battery_status": 3}, {"battery_status": 2}),
        "battery_fine": (
            {"battery_status": 2, "battery_replace": 1},
            {"battery_status": 2, "battery_replace": 2},
        ),
        "mains_good": ({"input_voltage_v": 264}, {"input_voltage_v": 265}),
        "load_fits": ({"load_percent": 79}, {"load_percent": 80}),
        "connected": ({"link": 1}, {"link": 2}),
    },
    "eaton-xups": {
        "feeding": ({"output_source": 5}, {"output_source": 2}),
        "on_battery": ({"output_source": 5}, {"output_source": 10}),
        "on_bypass": ({"output_source": 11}, {"output_source": 3}),
        "battery_low": (
            {"output_source": 5, "runtime_left_s": 599},
            {"output_source": 5, "runtime_left_s": 600},
        ),
        "battery_fine": ({"battery_state": 4}, {"battery_state": 6}),
        "mains_good": ({"input_voltage_1_v": 176}, {"input_voltage_1_v": 175}),
        "load_fits": ({"load_percent": 79}, {"load_percent": 80}),
        "room_cool": ({"ambient_temperature_degc": 34}, {"ambient_temperature_degc": 35}),
        "no_alarm": ({"alarms_present": 0}, {"alarms_present": 1}),
    },
    "mge-ups": {
        "on_battery": ({"power_from": 1}, {"power_from": 2}),
        "on_bypass": ({"bypass": 1}, {"bypass": 2}),
        "battery_low": ({"battery_level": 1}, {"battery_level": 2}),
        "battery_fine": (
            {"battery_fault": 2, "battery_replace": 2, "charger": 2},
            {"battery_fault": 2, "battery_replace": 2, "charger": 1},
        ),
        "mains_good": ({"input_status": 2}, {"input_status": 1}),
        "too_hot": ({"temperature": 1}, {"temperature": 2}),
        "load_fits": ({"overload": 2}, {"overload": 1}),
    },
    "delta-ups": ONE_UPS
    | {
        "feeding": ({"output_source": 0}, {"output_source": 7}),
        "on_battery": ({"output_source": 1}, {"output_source": 0}),
        "on_bypass": ({"output_source": 5}, {"output_source": 0}),
        "battery_low": ({"battery_level": 2}, {"battery_level": 0}),
        "battery_fine": (
            {"battery_condition": 0, "battery_level": 0},
            {"battery_condition": 1, "battery_level": 0},
        ),
    },
    "liebert-ups": {
        "feeding": ({"output_voltage_1_v": 176}, {"output_voltage_1_v": 175}),
        "mains_good": (
            {f"input_voltage_{n}_v": 220 for n in (1, 2, 3)},
            {"input_voltage_1_v": 220, "input_voltage_2_v": 220, "input_voltage_3_v": 0},
        ),
        "load_fits": (
            {f"load_{n}_percent": 79 for n in (1, 2, 3)},
            {"load_1_percent": 79, "load_2_percent": 80, "load_3_percent": 79},
        ),
        "room_cool": ({"inlet_temperature_degc": 34}, {"inlet_temperature_degc": 35}),
    },
    "netagent-ups": ONE_UPS
    | {
        "feeding": ({"output_status": 9}, {"output_status": 5}),
        "on_battery": ({"output_status": 3}, {"output_status": 2}),
        "on_bypass": ({"output_status": 6}, {"output_status": 2}),
        "battery_low": ({"battery_status": 3}, {"battery_status": 2}),
        "battery_fine": ({"battery_status": 2}, {"battery_status": 3}),
        "room_dry": ({"water": 1}, {"water": 2}),
        "no_smoke": ({"smoke": 1}, {"smoke": 2}),
    },
    "eppc-ups": ONE_UPS
    | {
        "feeding": ({"system_status": 4}, {"system_status": 7}),
        "on_battery": ({"system_status": 5}, {"system_status": 6}),
        "on_bypass": ({"system_status": 3}, {"system_status": 4}),
        "battery_low": ({"battery_status": 4}, {"battery_status": 5}),
        "battery_fine": ({"battery_status": 5}, {"battery_status": 6}),
    },
    "sinetica-ups": {
        "feeding": ({"output_source": 3}, {"output_source": 2}),
        "on_battery": ({"output_source": 5}, {"output_source": 3}),
        "on_bypass": ({"output_source": 4}, {"output_source": 3}),
        "battery_low": ({"battery_status": 3}, {"battery_status": 2}),
        "battery_fine": ({"battery_status": 2}, {"battery_status": 4}),
        "mains_good": ({"input_voltage_1_v": 176}, {"input_voltage_1_v": 265}),
        "load_fits": ({"load_percent": 79}, {"load_percent": 80}),
        "no_alarm": ({"alarms_present": 0}, {"alarms_present": 1}),
    },
    "siklu-etherhaul": {
        "signal_good": (
            {"received_dbm": -38, "signal_to_noise_db": 15},
            {"received_dbm": -60, "signal_to_noise_db": 15},
        ),
        "supply_good": ({"supply_voltage_v": 46}, {"supply_voltage_v": 39}),
        "too_hot": ({"temperature_degc": 71}, {"temperature_degc": 70}),
    },
    "saf-integra-x": {
        "signal_good": ({"received_1_dbm": -69}, {"received_1_dbm": -70}),
        "second_signal_good": ({"received_2_dbm": -69}, {"received_2_dbm": -70}),
        "supply_good": ({"supply_voltage_v": 40_000}, {"supply_voltage_v": 39_999}),
        "too_hot": ({"board_temperature_degc": 801}, {"board_temperature_degc": 800}),
    },
    "apc-ats": {
        "redundant": ({"redundancy": 2}, {"redundancy": 1}),
        "source_a_good": ({"source_a": 2}, {"source_a": 1}),
        "source_b_good": ({"source_b": 2}, {"source_b": 1}),
        "on_source_a": ({"selected_source": 1}, {"selected_source": 2}),
        "mains_good": ({"source_a": 1, "source_b": 2}, {"source_a": 1, "source_b": 1}),
        "switch_fine": ({"switch": 2}, {"switch": 1}),
        "load_fits": ({"overcurrent": 2}, {"overcurrent": 1}),
        "in_step": ({"phases": 1}, {"phases": 2}),
    },
    "apc-xats": {
        "automatic": ({"mode": 1}, {"mode": 3}),
        "mains_good": ({"source_1_quality": 1}, {"source_1_quality": 2}),
        "on_mains": ({"selected_source": 2}, {"selected_source": 3}),
        "on_generator": ({"selected_source": 3}, {"selected_source": 2}),
        "feeding": ({"output_voltage_1_v": 3040}, {"output_voltage_1_v": 3039}),
        "switch_fine": (
            {"selected_source": 2, "source_1_breaker": 2, "source_2_breaker": 1},
            {"selected_source": 2, "source_1_breaker": 2, "source_2_breaker": 3},
        ),
        "start_battery_fine": ({"generator_battery_v": 120}, {"generator_battery_v": 119}),
    },
    "borri-ats": {
        "source_a_good": ({"source_a": 2}, {"source_a": 1}),
        "source_b_good": ({"source_b": 2}, {"source_b": 1}),
        "redundant": ({"source_a": 2, "source_b": 2}, {"source_a": 2, "source_b": 1}),
        "mains_good": ({"source_a": 1, "source_b": 2}, {"source_a": 1, "source_b": 1}),
        "load_fits": ({"load_percent": 79}, {"load_percent": 80}),
        "too_hot": ({"internal_temperature_degc": 61}, {"internal_temperature_degc": 60}),
    },
    "exeltech-transfer-switch": {
        "battery_low": ({"battery_voltage_v": 459}, {"battery_voltage_v": 460}),
        "feeding": ({"output_voltage_v": 90}, {"output_voltage_v": 89}),
        "source_a_good": ({"source_a_voltage_v": 117}, {"source_a_voltage_v": 0}),
        "source_b_good": ({"source_b_voltage_v": 117}, {"source_b_voltage_v": 0}),
        "no_major_alarm": ({"major_alarm": 0}, {"major_alarm": 1}),
        "no_minor_alarm": ({"minor_alarm": 0}, {"minor_alarm": 1}),
        "too_hot": ({"switch_temperature_degc": 71}, {"switch_temperature_degc": 70}),
    },
    "himoinsa-genset": {
        "mains_good": (
            {f"mains_voltage_{n}_v": 220 for n in (1, 2, 3)},
            {"mains_voltage_1_v": 220, "mains_voltage_2_v": 175, "mains_voltage_3_v": 220},
        ),
        "running": ({"generator_frequency_hz": 500}, {"generator_frequency_hz": 0}),
        "gives_power": (
            {"generator_frequency_hz": 500, "generator_voltage_12_v": 400},
            {"generator_frequency_hz": 500, "generator_voltage_12_v": 303},
        ),
        "fuel_enough": ({"fuel_percent": 300}, {"fuel_percent": 299}),
        "start_battery_fine": ({"start_battery_v": 120}, {"start_battery_v": 119}),
    },
    "apc-rack-pdu": {
        "load_fits": ({"phase_load": 2}, {"phase_load": 3}),
        "overloaded": ({"phase_load": 4}, {"phase_load": 3}),
        "outlet_on": ({"outlet": 1}, {"outlet": 2}),
        "mains_good": ({"phase_voltage_v": 220}, {"phase_voltage_v": 175}),
        "power_supply_fine": ({"power_supply_1": 1}, {"power_supply_1": 2}),
    },
    "gude-epc": {
        "mains_good": ({"channel": 1, "voltage_v": 220}, {"channel": 1, "voltage_v": 175}),
        "loaded": ({"channel": 1, "power_w": 1}, {"channel": 1, "power_w": 0}),
        "surge_protection_fine": ({"surge_protection": 1}, {"surge_protection": 0}),
    },
    "ict-dc-panel": {
        "supply_good": ({"system_voltage_v": 44}, {"system_voltage_v": 43}),
        "fuse_fine": ({"fuse": 1}, {"fuse": 2}),
        "output_loaded": ({"output_current_a": 1}, {"output_current_a": 0}),
    },
    "ict-modular-power": {
        "mains_good": ({"input_voltage_v": 90}, {"input_voltage_v": 89}),
        "on_battery": ({"input_voltage_v": 89}, {"input_voltage_v": 90}),
        "battery_low": ({"output_voltage_v": 45}, {"output_voltage_v": 46}),
        "modules_fine": (
            {"module_1": 2, "module_2": 2, "module_3": 2, "module_4": 1},
            {"module_1": 2, "module_2": 3, "module_3": 2, "module_4": 1},
        ),
        "battery_cool": ({"battery_temperature_degc": 44}, {"battery_temperature_degc": 45}),
    },
    "eltek-webpower": {
        "mains_good": ({"mains_alarm": 0}, {"mains_alarm": 1}),
        "on_battery": (
            {"mains_alarm": 0, "battery_current_a": -2},
            {"mains_alarm": 0, "battery_current_a": -1},
        ),
        "battery_low": (
            {"low_voltage_alarm": 0, "low_voltage_warning": 1},
            {"low_voltage_alarm": 0, "low_voltage_warning": 0},
        ),
        "battery_fine": (
            {"battery_breaker": 0, "battery_contactor": 2, "battery_worn": 0},
            {"battery_breaker": 0, "battery_contactor": 1, "battery_worn": 0},
        ),
        "rectifiers_fine": (
            {"rectifier_alarm": 0, "rectifier_warning": 0},
            {"rectifier_alarm": 0, "rectifier_warning": 1},
        ),
        "fuses_fine": (
            {"battery_fuse_alarm": 0, "load_fuse_alarm": 0},
            {"battery_fuse_alarm": 0, "load_fuse_alarm": 1},
        ),
        "voltage_fine": (
            {"high_voltage_alarm": 0, "low_voltage_alarm": 0},
            {"high_voltage_alarm": 1, "low_voltage_alarm": 0},
        ),
    },
    "eltek-enexus": {
        "mains_good": ({"mains": 1, "mains_low": 1}, {"mains": 3, "mains_low": 1}),
        "on_battery": ({"battery_current_a": -11}, {"battery_current_a": -10}),
        "battery_low": ({"battery_voltage_v": 4599}, {"battery_voltage_v": 4600}),
        "battery_fine": ({"battery": 1}, {"battery": 8}),
        "fuses_fine": ({"load_fuses": 1}, {"load_fuses": 3}),
        "no_alarm": ({"system": 1}, {"system": 2}),
    },
    "netsure-vec": {
        "battery_low": ({"system_voltage_v": 45}, {"system_voltage_v": 46}),
        "rectifiers_feed": ({"rectifier_current_a": 1}, {"rectifier_current_a": 0}),
        "rectifiers_fine": (
            {"rectifiers": 72, "rectifiers_answering": 72},
            {"rectifiers": 72, "rectifiers_answering": 71},
        ),
        "no_major_alarm": ({"severity": 1}, {"severity": 2}),
        "no_alarm": ({"severity": 0}, {"severity": 1}),
        "shunt_fine": ({"shunt": 2}, {"shunt": 1}),
    },
    "vertiv-netsure": {
        "mains_good": ({"battery_mode": 2}, {"battery_mode": 8}),
        "on_battery": ({"battery_mode": 7}, {"battery_mode": 5}),
        "battery_low": ({"battery_voltage_v": 45_999}, {"battery_voltage_v": 46_000}),
        "rectifiers_fine": (
            {"rectifiers": 4, "rectifiers_answering": 4},
            {"rectifiers": 4, "rectifiers_answering": 3},
        ),
        "no_major_alarm": ({"status": 4}, {"status": 5}),
        "no_alarm": ({"status": 2}, {"status": 3}),
        "connected": ({"link": 2}, {"link": 3}),
    },
    "algcom-dc-ups": {
        "on_battery": ({"power_from": 1}, {"power_from": 0}),
        "mains_good": ({"power_from": 0}, {"power_from": 1}),
        "battery_low": ({"charger": 6}, {"charger": 2}),
        "battery_fine": ({"charger": 5}, {"charger": 0}),
        "too_hot": ({"temperature": 1}, {"temperature": 0}),
        "load_fits": ({"load": 0}, {"load": 1}),
        "fans_fine": ({"fan_a": 0, "fan_b": 0}, {"fan_a": 0, "fan_b": 1}),
    },
    "tpdin-monitor": {
        "supply_good": ({"voltage_1_v": 58}, {"voltage_1_v": 59}),
        "battery_low": ({"voltage_1_v": 45}, {"voltage_1_v": 46}),
        "too_hot": ({"internal_temperature_degc": 61}, {"internal_temperature_degc": 60}),
    },
    "algcom-sm": {
        "too_hot": ({"temperature_degc": 96}, {"temperature_degc": 94}),
        "mains_good": ({"mains_voltage_v": 220_000}, {"mains_voltage_v": 118_690}),
        "battery_low": ({"battery_voltage_v": 45_999}, {"battery_voltage_v": 46_000}),
        "contact_1_closed": ({"contact_1": 1}, {"contact_1": 0}),
    },
    "akcp-sensorprobe": {
        "temperature_fine": (
            ONLINE | {"temperature_state": 2},
            ONLINE | {"temperature_state": 5},
        ),
        "too_hot": (ONLINE | {"temperature_state": 4}, ONLINE | {"temperature_state": 3}),
        "room_cool": (ONLINE | {"temperature_degc": 349}, ONLINE | {"temperature_degc": 350}),
        "humidity_fine": (ONLINE | {"humidity_state": 2}, ONLINE | {"humidity_state": 3}),
        "contact_fine": (ONLINE | {"contact": 2}, ONLINE | {"contact": 4}),
    },
    "hwg-poseidon": {
        "temperature_fine": ({"temperature_state": 1}, {"temperature_state": 3}),
        "too_hot": (
            {"temperature_unit": 0, "temperature_degc": 350},
            {"temperature_unit": 0, "temperature_degc": 349},
        ),
        "humidity_fine": ({"humidity_state": 1}, {"humidity_state": 2}),
        "contact_fine": ({"contact_alarm": 0}, {"contact_alarm": 1}),
        "contact_closed": ({"contact": 1}, {"contact": 0}),
    },
    "netbotz": {
        "temperature_fine": ({"temperature_error": 0}, {"temperature_error": 3}),
        "too_hot": ({"temperature_degc": 35}, {"temperature_degc": 34}),
        "humidity_fine": ({"humidity_error": 0}, {"humidity_error": 2}),
        "no_smoke": ({"smoke": 0}, {"smoke": 1}),
    },
    "vutlan-ems": {
        "too_hot": ({"temperature_degc": 35}, {"temperature_degc": 34}),
        "too_damp": ({"humidity_percent": 81}, {"humidity_percent": 80}),
        "supply_good": ({"voltage_v": 12}, {"voltage_v": 10}),
        "door_closed": ({"door": 0}, {"door": 1}),
        "no_smoke": ({"smoke": 0}, {"smoke": 1}),
        "contact_fine": ({"contact": 0}, {"contact": 1}),
    },
    **{
        model: {
            "too_hot": ({"temperature_degc": 35}, {"temperature_degc": 34}),
            "too_damp": ({"humidity_percent": 81}, {"humidity_percent": 80}),
        }
        for model in ("wut-57606", "wut-57720")
    },
    "papouch-quido": {"too_hot": HOT_TENTHS},
    "controlbox-th332": {
        "temperature_fine": ({"temperature_alarm": 0}, {"temperature_alarm": 1}),
        "too_hot": ({"temperature_degc": 35}, {"temperature_degc": 34}),
        "too_damp": ({"humidity_percent": 81}, {"humidity_percent": 80}),
    },
    "apc-environment": {
        "connected": ({"link": 2}, {"link": 3}),
        "temperature_fine": ({"alarm": 1}, {"alarm": 2}),
        "too_hot": ({"temperature_degc": 35}, {"temperature_degc": 34}),
    },
    "meinberg-lantime": {
        "locked": ({"clock_state": 1}, {"clock_state": 2}),
        "antenna_fine": ({"clock_substate": 2}, {"clock_substate": 6}),
        "satellites_enough": ({"satellites": 4}, {"satellites": 3}),
        "free_running": ({"clock_substate": 149}, {"clock_substate": 150}),
        "ntp_good": ({"ntp_state": 2, "ntp_stratum": 1}, {"ntp_state": 2, "ntp_stratum": 3}),
    },
    "adva-osa": {
        "locked": ({"clock_mode": 6}, {"clock_mode": 5}),
        "holdover": ({"clock_mode": 5}, {"clock_mode": 6}),
        "antenna_fine": ({"antenna": 3}, {"antenna": 1}),
        "satellites_enough": ({"satellites": 4}, {"satellites": 3}),
        "ptp_good": ({"ptp_master": 1}, {"ptp_master": 2}),
        "ntp_good": ({"ntp": 1, "ntp_stratum": 1}, {"ntp": 2, "ntp_stratum": 1}),
        "power_supplies_fine": (
            {"power_supply_1": 1, "power_supply_2": 1},
            {"power_supply_1": 1, "power_supply_2": 2},
        ),
    },
    "microsemi-ssu2000": {
        "locked": (CLOCKS | {"clock_2_mode": 4}, {"clock_1_mode": 4, "clock_2_mode": 4}),
        "holdover": (CLOCKS | {"clock_1_mode": 4}, CLOCKS),
        "redundant": (CLOCKS, CLOCKS | {"clock_2_mode": 3}),
        "clocks_fine": ({"clock_1": 2, "clock_2": 1}, {"clock_1": 2, "clock_2": 4}),
        "gps_good": ({"gps": 1}, {"gps": 5}),
        "ntp_good": ({"ntp": 1}, {"ntp": 4}),
    },
    "timemachines-tm2000a": {
        "locked": ({"fix": 1}, {"fix": 0}),
        "in_holdover": ({"fix": 0, "holdover": 0}, {"fix": 0, "holdover": 1}),
        "holdover_expired": ({"holdover": 1}, {"holdover": 0}),
        "satellites_enough": ({"satellites": 4}, {"satellites": 3}),
        "ntp_good": ({"stratum": 1, "time_known": 1}, {"stratum": 1, "time_known": 0}),
    },
    "apc-inrow": {
        "running": ({"mode": 2}, {"mode": 1}),
        "fan_turns": ({"fan_percent": 1}, {"fan_percent": 0}),
        "too_hot": ({"inlet_temperature_degc": 350}, {"inlet_temperature_degc": 349}),
        "no_leak": ({"leak": 1}, {"leak": 2}),
        "no_alarm": ({"alarms_present": 0}, {"alarms_present": 1}),
    },
    "rittal-lcp": {
        "unit_fine": ({"unit": 1}, {"unit": 2}),
        "too_hot": ({"inlet_temperature_degc": 3500}, {"inlet_temperature_degc": 3499}),
        "fan_turns": ({"fan_percent": 16}, {"fan_percent": 0}),
        "water_cool": ({"water_in_degc": 1999}, {"water_in_degc": 2000}),
    },
    "rittal-it-chiller": {
        "cools": ({"cooling_kw": 1}, {"cooling_kw": 0}),
        "pump_runs": (
            {"pump_1_percent": 0, "pump_2_percent": 10},
            {"pump_1_percent": 0, "pump_2_percent": 0},
        ),
        "water_cool": ({"water_out_degc": 249}, {"water_out_degc": 250}),
    },
    "stulz-wib8000": {
        "running": ({"power": 1}, {"power": 0}),
        "fan_turns": ({"fan": 1}, {"fan": 0}),
        "too_hot": ({"return_temperature_degc": 350}, {"return_temperature_degc": 349}),
        "unit_fine": ({"error": 0}, {"error": 1}),
        "bus_fine": ({"bus": 0}, {"bus": 1}),
    },
    "janitza-umg": {
        "mains_good": (TENTHS, TENTHS | {"voltage_3_v": 1979}),
        "phases_present": (TENTHS, TENTHS | {"voltage_2_v": 1099}),
        "frequency_good": ({"frequency_hz": 4950}, {"frequency_hz": 4949}),
        "loaded": ({"power_w": 1}, {"power_w": 0}),
    },
    "e3meter-ips": {
        "mains_good": (MILLIVOLTS, MILLIVOLTS | {"voltage_3_v": 242_001}),
        "phases_present": (MILLIVOLTS, MILLIVOLTS | {"voltage_2_v": 109_999}),
        "frequency_good": ({"frequency_hz": 50_500}, {"frequency_hz": 50_501}),
    },
    **{
        link: {
            "link_fine": ({"system": 1}, {"system": 2}),
            "alarm": ({"system": 3}, {"system": 2}),
            "signal_good": ({"received_dbm": -749}, {"received_dbm": -750}),
            "too_hot": ({"temperature_degc": 7001}, {"temperature_degc": 7000}),
        }
        for link in ("racom-ray", "racom-ray3")
    },
    "siteboss": {
        "too_hot": ({"temperature_degc": 35}, {"temperature_degc": 34}),
        "too_damp": ({"humidity_percent": 81}, {"humidity_percent": 80}),
        "contact_closed": ({"contact": 2}, {"contact": 1}),
        "outlet_on": ({"outlet": 1}, {"outlet": 0}),
    },
}
SHOWN["racom-ray"] = SHOWN["racom-ray"] | {"rf_fine": ({"rf_power": 1}, {"rf_power": 2})}

TURNS: Final[list[tuple[str, str, Raws, bool | None]]] = [
    (profile, condition, raws, holds)
    for profile, conditions in SHOWN.items()
    for condition, shown in conditions.items()
    for raws, holds in zip(shown, (True, False), strict=True)
]
