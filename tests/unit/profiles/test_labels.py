"""Every raw value of every labelled object, written out from its MIB or manual a second time.

What 1 means differs from object to object: it is the good value in one and the bad one in the next.
"""

from __future__ import annotations

import pytest

from monitord.core.model import Value
from tests.unit.profiles import power_labels
from tests.unit.profiles.broadcast_meanings import BROADCAST
from tests.unit.profiles.devices import NAMES, device

SENSOR_TYPES = (
    None, None, "volts_ac", "volts_dc", "amperes", "watts", "hertz", "celsius", "percent_rh", "rpm"
)  # fmt: skip
SENSOR_STATES = ("ok", "unavailable", "non_operational")
SENSORS = ("temperature", "voltage", "current", "humidity", "fan")
GENERATOR_ALARMS = [
    "emergency_stop",
    "low_oil_pressure",
    "high_coolant_temperature",
    "low_coolant_temperature",
    "under_speed",
    "over_speed",
    "generator_under_frequency",
    "generator_over_frequency",
    "generator_low_voltage",
    "generator_high_voltage",
    "battery_low_voltage",
    "battery_high_voltage",
    "charge_alternator",
    "fail_to_start",
    "fail_to_stop",
    "fail_to_close",
]
AUDIO_SOURCES = [
    "none",
    "line1",
    "line2",
    "aoip",
    "tuner",
    "mpx1",
    "mpx2",
    "aoip1",
    "aoip2",
    "tuner1",
    "tuner2",
    "player",
    "generator",
    "mpx3",
    "mpx4",
    "aes1",
    "aes2",
    "aes3",
    "ana1",
]


def counted(*labels: str | None, start: int = 1) -> dict[int, Value]:
    """Return labels by raw value; None where a value proves nothing."""
    return dict(enumerate(labels, start))


MEANINGS: dict[str, dict[str, dict[int, Value]]] = {
    "worldcast-ecreso-fm": {
        "opmode": counted(None, "transmit", "off", start=0),
        "rf_present": counted(None, "present", "absent", start=0),
        "standby": counted(None, "standby", "in_use", start=0),
        "local_mode": counted(None, "local", "remote", start=0),
        "fault": counted(None, "fault", "fine", start=0),
        "warning": counted(None, "warning", "fine", start=0),
        "alarm_3db": counted(None, "alarm", "fine", start=0),
        "alarm_1db": counted(None, "alarm", "fine", start=0),
        "audio_source": counted(None, *AUDIO_SOURCES, start=0),
    },
    "rs-sx800": {
        "summary_fault": counted(None, "fault", "fine", start=0),
        "summary_warning": counted(None, "warning", "fine", start=0),
        "rf_on": counted(None, "present", "absent", start=0),
        "opmode": counted(None, "transmit", "off", start=0),
        "rf_present": counted(None, "present", "absent", start=0),
        "fault": counted(None, "fault", "fine", start=0),
        "warning": counted(None, "warning", "fine", start=0),
        "input_1": counted(None, "fine", "lost", start=0),
        "input_2": counted(None, "fine", "lost", start=0),
        "local_mode": counted(None, "local", "remote", start=0),
        "active_input": counted(
            None, "input_1", "input_2", "seamless", "hierarchical", None, start=0
        ),
        "network": counted(None, "single_frequency", "multi_frequency", start=0),
        "reference": counted(None, "fault", "fine", start=0),
        "mute": counted(None, "mute", "fine", start=0),
    },
    "deva-db8008": {
        "output_source": counted(
            "main", "aux", "ip_client_1", "ip_client_2", "ip_client_3", "rtp", "mp3_player"
        )
        | counted("main_analog", "main_digital", "aux_analog", "aux_digital", start=13)
        | {0: None, 8: None, 128: None},
        "chosen_by": counted("automatic", "web", "daypart", "snmp", "contact", None, start=0),
        "main_digital_sync": counted(None, "lost", "locked", start=0),
        "aux_digital_sync": counted(None, "lost", "locked", start=0),
        "main_loss": counted(None, "sound", "silent", start=0),
        "backup_1_loss": counted(None, "sound", "silent", start=0),
        "backup_2_loss": counted(None, "sound", "silent", start=0),
    },
    "ups-mib": {
        "battery_status": counted(None, "normal", "low", "depleted", None),
        "output_source": counted(
            None, "none", "normal", "bypass", "battery", "booster", "reducer", None
        ),
    },
    "if-mib": {
        "admin_status": counted(None, "up", "down", "testing", None, start=0),
        "oper_status": counted(
            "up", "down", "testing", None, "dormant", "not_present", "lower_layer_down", None
        ),
    },
    "host-resources": {
        "process_status": counted("running", "runnable", "not_runnable", "invalid", None),
    },
    "entity-sensor": {f"{sensor}_type": counted(*SENSOR_TYPES) for sensor in SENSORS}
    | {f"{sensor}_state": counted(*SENSOR_STATES, None) for sensor in SENSORS},
    "gencomm": {
        "control_mode": counted(
            "stop", "automatic", "manual", "test_on_load", "automatic_manual_restore", "user",
            "test_off_load", "off", None, start=0
        ) | {0xFFFF: None},
        "engine_state": counted(
            "stopped", "pre_start", "warming", "running", "cooling", "stopped", "post_run", start=0
        ) | {15: None, 0xFFFC: None},
    } | {
        f"alarm_{alarm}": counted(
            "disabled", "quiet", "warning", "shutdown", "trip", None, start=0
        ) | {15: None}
        for alarm in GENERATOR_ALARMS
    },
    "megatec-q1": {"ups_type": counted("on_line", "standby", start=0)},
    "example-frame-transmitter": {
        "input": counted("none", "analog", "digital", "network", None, start=0) | {15: None}
    },
    "adam-6050": {"module_name": {0x6050: "adam_6050", 0x6060: "adam_6060", 6050: None}},
}  # fmt: skip
MEANINGS |= BROADCAST
MEANINGS |= power_labels.MEANINGS
LABELLED = [(profile, point) for profile, points in MEANINGS.items() for point in points]
MEANINGS |= power_labels.LEANING_MEANINGS  # their test stands in test_power_recordings


@pytest.mark.parametrize(("profile", "point"), LABELLED, ids=lambda part: part)
def test_a_raw_value_has_the_meaning_its_source_gives_it(profile: str, point: str) -> None:
    """A label turned round would tell a fault as fine."""
    made = device(profile)
    for raw, label in MEANINGS[profile][point].items():
        assert made.see({point: raw}).values[point] == label, raw


@pytest.mark.parametrize("profile", NAMES)
def test_no_labelled_object_is_without_its_meanings_here(profile: str) -> None:
    """A label that is added is written out a second time, or this fails."""
    labels = {point.id: dict(point.decoding.labels) for point in device(profile).points}
    meanings = MEANINGS.get(profile, {})
    assert {id_ for id_, pairs in labels.items() if pairs} == set(meanings)
    for id_, known in meanings.items():
        assert set(labels[id_]) == {raw for raw, label in known.items() if label is not None}
