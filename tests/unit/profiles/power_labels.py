"""The labels of the profiles of power, room and time, written out from their MIBs a second time.

Owns no test. A text lists ``raw word`` pairs; raw values named in ``NOTHING`` prove nothing.
"""

from __future__ import annotations

from typing import Final

from monitord.core.model import Value

FAULT_FIRST = "1 fault, 2 fine"
ALARM_AT_1 = "0 fine, 1 alarm"
LOAD_CLASSIC = "1 normal, 2 low, 3 near_overload, 4 overload"
LOAD_SECOND = "1 low, 2 normal, 3 near_overload, 4 overload"
QUALITY = "1 good, 2 low_voltage, 3 high_voltage, 4 phase_imbalance, 5 frequency, 6 rotation"
BREAKER = "1 open, 2 closed, 3 tripped"
ELTEK = (
    "0 error, 1 normal, 2 minor_alarm, 3 major_alarm, 4 disabled, 5 disconnected, 6 not_present, "
    "7 minor_and_major, 8 major_low, 9 minor_low, 10 major_high, 11 minor_high, 12 event, "
    "18 critical, 19 warning"
)
AKCP = "2 normal, 3 high_warning, 4 high_critical, 5 low_warning, 6 low_critical, 7 sensor_error"
ONLINE = "1 online, 2 offline"
HWG_UNIT = "0 celsius, 1 fahrenheit, 2 kelvin, 3 percent_rh"
HWG_STATE = "1 normal, 2 alarm_pending, 3 alarm"
NETBOTZ = "0 normal, 1 information, 2 warning, 3 error, 4 critical, 5 failure"
SERVICE = "1 normal, 2 outage"
PLL = "1 failed, 2 warm_up, 3 acquire, 4 holdover, 5 locked"
MODULE = "1 not_installed, 2 fine, 3 alarm"
MODULE_KIND = "1 not_installed, 2 power, 3 battery, 4 distribution"
TURNING = "0 stopped, 1 running"
RAY = "1 qpsk, 2 qam16, 3 qam32, 4 qam64, 5 qam128, 6 qam256"
RAY3 = (
    "1 qpsk_strong, 2 qpsk, 3 qam16, 4 qam32, 5 qam64, 6 qam128, 7 qam256, 8 qam512, 9 qam1024, "
    "10 qam2048, 11 qam4096"
)
RADIO = "1 fine, 2 warning, 3 alarm"
CONTACT = "0 open, 1 closed"

WRITTEN: Final[dict[str, dict[str, str]]] = {
    "apc-powernet-ups": {
        "output_status": (
            "2 on_line, 3 on_battery, 4 boost, 5 timed_sleeping, 6 software_bypass, 7 off, "
            "8 rebooting, 9 switched_bypass, 10 fault_bypass, 11 sleeping, 12 trim, 13 eco, "
            "14 hot_standby, 15 battery_test, 16 emergency_bypass, 17 bypass_standby, "
            "18 power_saving, 19 spot, 20 e_conversion"
        ),
        "battery_status": "2 normal, 3 low, 4 fault, 5 missing",
        "battery_replace": "1 fine, 2 replace",
        "last_transfer": (
            "1 none, 2 high_voltage, 3 brownout, 4 blackout, 5 small_sag, 6 deep_sag, "
            "7 small_spike, 8 large_spike, 9 self_test, 10 rate_of_change"
        ),
        "self_test": "1 passed, 2 failed, 3 invalid, 4 running",
        "link": "1 fine, 2 lost",
    },
    "eaton-xups": {
        "output_source": (
            "2 none, 3 normal, 4 bypass, 5 battery, 6 booster, 7 reducer, 8 parallel_capacity, "
            "9 parallel_redundant, 10 high_efficiency, 11 maintenance_bypass, 12 energy_saver"
        ),
        "battery_state": (
            "1 charging, 2 discharging, 3 floating, 4 resting, 6 disconnected, 7 under_test, "
            "8 check_battery"
        ),
        "battery_test": "2 passed, 3 failed, 4 running, 5 not_supported, 6 inhibited, 7 scheduled",
    },
    "mge-ups": {
        "battery_fault": FAULT_FIRST,
        "battery_replace": "1 replace, 2 fine",
        "battery_level": "1 low, 2 fine",
        "charger": FAULT_FIRST,
        "input_status": "1 bad, 2 fine",
        "input_fail_cause": "1 none, 2 voltage, 3 frequency, 4 no_voltage",
        "power_from": "1 battery, 2 mains",
        "bypass": "1 active, 2 inactive",
        "overload": "1 overload, 2 fine",
        "temperature": "1 too_hot, 2 fine",
    },
    "delta-ups": {
        "output_source": (
            "0 normal, 1 battery, 2 bypass, 3 reducing, 4 boosting, 5 manual_bypass, 7 none"
        ),
        "battery_condition": "0 good, 1 weak, 2 replace",
        "battery_level": "0 fine, 1 low, 2 depleted",
        "battery_charging": "0 floating, 1 charging, 2 resting, 3 discharging",
    },
    "netagent-ups": {
        "output_status": (
            "2 on_line, 3 on_battery, 4 boost, 5 sleeping, 6 bypass, 7 rebooting, 8 standby, 9 buck"
        ),
        "battery_status": "2 normal, 3 low",
        "water": "1 dry, 2 wet",
        "smoke": "1 clear, 2 smoke",
    },
    "eppc-ups": {
        "system_status": (
            "1 power_on, 2 standby, 3 bypass, 4 line, 5 battery, 6 battery_test, 7 fault, "
            "8 converter, 9 eco, 10 shutdown, 11 booster, 12 reducer"
        ),
        "battery_status": "2 normal, 3 low, 4 depleted, 5 discharging, 6 failure",
    },
    "sinetica-ups": {
        "battery_status": "2 normal, 3 low, 4 depleted",
        "output_source": "2 none, 3 normal, 4 bypass, 5 battery, 6 booster, 7 reducer",
    },
    "apc-ats": {
        "selected_source": "1 source_a, 2 source_b",
        "redundancy": "1 lost, 2 redundant",
        "overcurrent": "1 overcurrent, 2 fine",
        "switch": FAULT_FIRST,
        "source_a": FAULT_FIRST,
        "source_b": FAULT_FIRST,
        "phases": "1 in_step, 2 out_of_step",
    },
    "apc-xats": {
        "selected_source": "1 none, 2 source_1, 3 source_2, 4 fault",
        "mode": "1 automatic, 2 not_automatic_abnormal, 3 not_automatic",
        "engine_start": "1 run, 2 stop",
        "source_1_breaker": BREAKER,
        "source_1_quality": QUALITY,
        "source_2_breaker": BREAKER,
        "source_2_quality": QUALITY,
    },
    "borri-ats": {"source_a": FAULT_FIRST, "source_b": FAULT_FIRST},
    "exeltech-transfer-switch": {"minor_alarm": ALARM_AT_1, "major_alarm": ALARM_AT_1},
    "apc-rack-pdu": {
        "phase_load": LOAD_CLASSIC,
        "outlet": "1 on, 2 off",
        "device_load": LOAD_SECOND,
        "power_supply_1": "1 fine, 2 alarm, 3 not_fitted",
    },
    "gude-epc": {
        "channel": "0 inactive, 1 valid",
        "surge_protection": "0 failed, 1 fine",
        "clock": "0 no_time, 1 valid",
    },
    "ict-dc-panel": {"fuse": "1 fine, 2 open"},
    "ict-modular-power": {f"module_{n}": MODULE for n in range(1, 5)}
    | {f"module_{n}_kind": MODULE_KIND for n in range(1, 5)},
    "eltek-webpower": {
        "operation": "0 float_by_voltage, 1 float_by_temperature, 2 boost, 3 battery_test",
        "battery_breaker": ALARM_AT_1,
        "battery_contactor": "0 connected, 1 disconnected, 2 disabled",
        "high_voltage_alarm": ALARM_AT_1,
        "low_voltage_alarm": ALARM_AT_1,
        "low_voltage_warning": ALARM_AT_1,
        "battery_disconnected": ALARM_AT_1,
        "mains_alarm": ALARM_AT_1,
        "battery_fuse_alarm": ALARM_AT_1,
        "load_fuse_alarm": ALARM_AT_1,
        "rectifier_alarm": ALARM_AT_1,
        "rectifier_warning": ALARM_AT_1,
        "battery_worn": ALARM_AT_1,
    },
    "eltek-enexus": {
        "system": ELTEK,
        "mode": "0 off, 1 test, 2 boost, 3 float",
        "mains": ELTEK,
        "mains_low": ELTEK,
        "load_fuses": ELTEK,
        "battery": ELTEK,
    },
    "netsure-vec": {
        "alarm": ALARM_AT_1,
        "severity": "0 normal, 1 minor, 2 major",
        "shunt": "0 wrong_type, 1 no_reply, 2 fine",
        "shunt_kind": "1 system, 2 subsystem, 3 battery",
    },
    "vertiv-netsure": {
        "status": (
            "2 normal, 3 warning, 4 minor, 5 major, 6 critical, 7 unmanaged, 8 restricted, "
            "9 testing, 10 disabled"
        ),
        "link": "2 fine, 3 interrupted",
        "battery_mode": (
            "2 float, 3 short_test, 4 boost_for_test, 5 manual_test, 6 planned_test, "
            "7 mains_failed_in_test, 8 mains_failed, 9 manual_boost, 10 automatic_boost, "
            "11 cyclic_boost, 12 boost_by_master, 13 test_by_master"
        ),
    },
    "algcom-dc-ups": {
        "charger": (
            "0 disconnected, 1 wrong_voltage, 2 discharging, 3 bulk, 4 absorption, 5 float, "
            "6 critically_low, 7 under_test"
        ),
        "power_from": "0 mains, 1 battery",
        "mains_in_10_min": "0 fine, 1 failed",
        "temperature": "0 fine, 1 too_hot",
        "load": "0 fine, 1 overload",
        "fan_a": "0 fine, 1 failed",
        "fan_b": "0 fine, 1 failed",
    },
    "algcom-sm": {
        "contact_1": CONTACT,
        "contact_2": CONTACT,
        "contact_3": CONTACT,
        "sensor_1": "0 quiet, 1 active",
        "relay_1": "0 off, 1 on",
    },
    "hwg-poseidon": {
        "temperature_unit": HWG_UNIT,
        "temperature_state": HWG_STATE,
        "humidity_unit": HWG_UNIT,
        "humidity_state": HWG_STATE,
        "contact": CONTACT,
        "contact_alarm": "0 normal, 1 alarm",
    },
    "netbotz": {
        "temperature_error": NETBOTZ,
        "humidity_error": NETBOTZ,
        "smoke": "0 clear, 1 smoke",
        "smoke_error": NETBOTZ,
    },
    "vutlan-ems": {
        "door": "0 closed, 1 open",
        "smoke": "0 clear, 1 smoke",
        "contact": "0 quiet, 1 alarm",
    },
    "controlbox-th332": {"temperature_alarm": "0 normal, 1 alarm"},
    "apc-environment": {
        "link": "1 not_installed, 2 fine, 3 lost",
        "alarm": "1 normal, 2 warning, 3 critical",
    },
    "meinberg-lantime": {
        "clock_state": "1 synchronized, 2 not_synchronized",
        "clock_substate": (
            "1 gps_in_step, 2 gps_tracking, 3 antenna_disconnected, 4 warm_boot, 5 cold_boot, "
            "6 antenna_short, 50 long_wave_never, 51 long_wave_not, 52 long_wave_in_step, "
            "100 time_code_not, 101 time_code_in_step, 149 own_oscillator, 150 from_gps, "
            "151 from_10_mhz, 152 from_pps, 153 from_10_mhz_and_pps, 154 from_irig, 155 from_ntp, "
            "156 from_ptp"
        ),
        "clock_use": "1 secondary, 2 compare, 3 primary",
        "ntp_state": "1 not_synchronized, 2 synchronized",
    },
    "adva-osa": {
        "receiver": SERVICE,
        "antenna": "1 open, 2 short, 3 normal",
        "time_clock": SERVICE,
        "clock_mode": ("1 free_running, 2 warm_up, 3 tracking, 4 transition, 5 holdover, 6 locked"),
        "ptp_master": SERVICE,
        "ntp": SERVICE,
        "power_supply_1": SERVICE,
        "power_supply_2": SERVICE,
    },
    "microsemi-ssu2000": {
        "clock_1": "1 fine, 2 selected, 3 disabled, 4 fault",
        "clock_2": "1 fine, 2 selected, 3 disabled, 4 fault",
        "clock_1_mode": PLL,
        "clock_2_mode": PLL,
        "gps": "1 fine, 2 selected, 3 disabled, 4 fault, 5 rejected",
        "gps_time": "1 available, 2 missing",
        "gps_module": "1 fine, 2 disabled, 3 fault",
        "ntp": "1 fine, 3 disabled, 4 fault, 5 rejected",
    },
    "timemachines-tm2000a": {
        "fix": "0 none, 1 two_dimensional, 2 three_dimensional",
        "time_known": "0 no_time, 1 known",
        "from_peer": "0 own_receiver, 1 peer",
        "peer": "0 fine, 1 failed",
        "holdover": "0 within, 1 expired",
    },
    "apc-inrow": {
        "mode": "1 standby, 2 on, 3 idle",
        "power_source": "1 source_a, 2 source_b",
        "leak": "1 dry, 2 leak",
    },
    "rittal-lcp": {"unit": "1 fine, 2 failed, 3 overload"},
    "stulz-wib8000": {
        "compressor": TURNING,
        "fan": TURNING,
        "bus": ALARM_AT_1,
        "power": TURNING,
        "error": "0 fine, 1 error",
    },
    "racom-ray": {
        "system": RADIO,
        "rf_power": "1 fine, 2 failed",
        "transmit_modulation": RAY,
        "receive_modulation": RAY,
    },
    "racom-ray3": {"system": RADIO, "transmit_modulation": RAY3, "receive_modulation": RAY3},
    "siteboss": {"contact": "1 open, 2 closed", "outlet": "0 off, 1 on"},
}
"""Labels that lean on nothing else."""

LEANING: Final[dict[str, dict[str, str]]] = {
    "akcp-sensorprobe": {
        "temperature_online": ONLINE,
        "temperature_state": AKCP,
        "humidity_online": ONLINE,
        "humidity_state": AKCP,
        "contact_online": ONLINE,
        "contact": AKCP.replace("4 high_critical", "4 critical"),
    },
}
"""Labels that count only while another point says that the sensor is there."""

ONLINE_OF: Final = {
    "temperature_state": "temperature_online",
    "humidity_state": "humidity_online",
    "contact": "contact_online",
}
NOTHING: Final = (-1, 99, 255)


def meanings(written: str) -> dict[int, Value]:
    """Return the labels of a text by raw value, and that of raw values that are not in it."""
    pairs = (pair.split() for pair in written.split(","))
    known: dict[int, Value] = {int(raw): word for raw, word in pairs}
    return dict.fromkeys(NOTHING) | known


MEANINGS: Final = {
    profile: {point: meanings(written) for point, written in points.items()}
    for profile, points in WRITTEN.items()
}
LEANING_MEANINGS: Final = {
    profile: {point: meanings(written) for point, written in points.items()}
    for profile, points in LEANING.items()
}
