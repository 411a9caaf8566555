"""Raw values of labelled objects of transmitters, receivers, audio, playout and streams.

Written out from the sources a second time; None where a value proves nothing. Owns no test.
"""

from __future__ import annotations

from monitord.core.model import Value

Meanings = dict[int, Value]


def counted(*labels: str | None, start: int = 1) -> Meanings:
    """Return labels by raw value; None where a value proves nothing."""
    return dict(enumerate(labels, start))


ALARM_2: Meanings = {0: None, 1: "fine", 2: "silent", 3: None}
FAULT_1: Meanings = {0: None, 1: "fault", 2: "fine", 3: None}
GATESAIR_INPUT = counted("fine", "missing", "error", "none", None)
LOCKS: Meanings = {0: "unlocked", 1: "locked", 2: None}
PT3080_SOURCES = counted(
    "asi_1", "asi_2", "demodulator_1", "demodulator_2", "ip_receiver_1", "ip_receiver_2",
    "satellite", None, start=0,
)  # fmt: skip
RS_HOLDOVER = counted(None, "inaccurate", "good", "stands_guard_time", None)
RS_REFERENCES = counted(
    "manual", "external_5_mhz", "external_10_mhz", "pulse_per_second", "satellites", None
)
SFD_ALARMS = (
    "rf_low",
    "rf_high",
    "pilot",
    "deviation",
    "rds_errors",
    "rds_level",
    "audio_left",
    "audio_right",
    "audio_both",
    "rds_identity",
)
TERRA_ALARMS = (
    "module",
    "descrambling",
    "input_signal",
    "output_rate",
    "stream_port",
    "converter_supply",
    "supply",
    "heat",
    "input_stream",
)
TR101290_STATES = (
    "sync",
    "pat",
    "continuity",
    "pmt",
    "pid",
    "transport",
    "pcr_repetition",
    "pcr_discontinuity",
    "pcr_accuracy",
    "pts",
    "cat",
    "sdt",
)

BROADCAST: dict[str, dict[str, Meanings]] = {
    "protelevision-pt3080": {
        "output_mode": counted("normal", "standby", None, start=0),
        "mute": counted("fine", "mute", None, start=0),
        "channel_plan": counted("differs", "agrees", None, start=0),
        "primary_stream": counted("available", "unavailable", "no_sync", None, start=0),
        "secondary_stream": counted("available", "unavailable", "no_sync", None, start=0),
        "source_on_air": PT3080_SOURCES,
        "source_in_reserve": PT3080_SOURCES,
        "ip_receiver_1": counted("locked", "unlocked", "disabled", None, start=0),
        "ip_receiver_2": counted("locked", "unlocked", "disabled", None, start=0),
        "network": counted("multi_frequency", "single_frequency", None, start=0),
        "satellite_time": counted("locked", "unlocked", None, start=0),
    },
    "gatesair-uaxte": {
        "mute": counted(None, "mute", "fine", None, start=0),
        "active_input": counted("primary", "secondary", None),
        "primary_input": GATESAIR_INPUT,
        "secondary_input": GATESAIR_INPUT,
        "input_selection": counted("automatic", "manual", "auto_return", None),
        "reference_source": counted("satellites", "external", "manual", "pulse_per_second", None),
        "network": counted("single_frequency", "multi_frequency", None),
    },
    "harris-maxiva": {"state_1": FAULT_1, "state_2": FAULT_1},
    "elenos-etg": {
        "emission": counted(None, "off_air", "on_air", None, start=0),
        "emission_alarm": counted(None, "off_air", "on_air", None, start=0),
        "standby": counted("active", "standby", None),
        "control": counted("remote", "local", None),
        "audio": ALARM_2,
        "mpx_audio": ALARM_2,
        "digital_audio": ALARM_2,
        "stereo_audio": ALARM_2,
        "forward_warning": counted("fine", "warning", None),
        "reflected_warning": counted("fine", "warning", None),
    },
    "rs-tx9": {
        "input_1": counted(None, "off", "fault", "warning", "fine", None),
        "input_2": counted(None, "off", "fault", "warning", "fine", None),
        "input_selection": counted("automatic", "manual", None),
        "reference_source": RS_REFERENCES,
        "holdover": RS_HOLDOVER,
        "network": counted(None, "multi_frequency", "single_frequency", None),
    },
    "rs-netccu": {
        "loaded": counted(None, "tx_b", "tx_a1", "tx_a2", None, start=0),
        "automatic": counted("automatic", "manual", None),
        "automatic_ready": counted("ready", "not_ready", None),
        "automatic_changed": counted("switched_over", "unchanged", None),
        "controller_fault": FAULT_1,
        "controller_warning": counted("warning", "fine", None),
        "controller_control": counted("local", "remote", None),
    }
    | {f"connection_{n}": counted("lost", "fine", None) for n in ("b", "a1", "a2")}
    | {f"fault_{n}": FAULT_1 for n in ("b", "a1", "a2")}
    | {f"control_{n}": counted("local", "remote", None) for n in ("b", "a1", "a2")}
    | {f"rf_{n}": counted("present", "absent", None) for n in ("b", "a1", "a2")},
    "rs-sx801": {
        "rf": counted("present", "mute", None),
        "fault": FAULT_1,
        "warning": counted("warning", "fine", None),
    },
    "rs-tse800": {
        "rf": counted("present", "mute", None),
        "input_1": counted(None, "no_signal", "fault", "warning", "fine", None),
        "input_2": counted(None, "no_signal", "fault", "warning", "fine", None),
        "fault": FAULT_1,
        "warning": counted("warning", "fine", None),
        "input_selection": counted("automatic", "manual", None),
        "reference": counted("fault", "warning", "fine", None),
        "reference_source": RS_REFERENCES,
        "holdover": RS_HOLDOVER,
        "network": counted("multi_frequency", "single_frequency", None),
    },
    "deva-db9000rx": {
        "source": counted(
            "stream_1", "stream_2", "stream_3", "mp3_player", "icecast_client", "rtp_client",
            None, start=0,
        ),
        "connection": counted(
            "idle", "connecting", "buffering", "connected", "error", None, start=0
        ),
    },
    "profline-sfd": {
        alarm: {0: None, 1: "fine", 2: None, 3: "warning", 4: None, 5: "alarm"}
        for alarm in SFD_ALARMS
    }
    | {"control": counted("local", "remote", "local_and_remote", None)},
    "evs-server": {
        "state": counted(
            None, "running", "maintenance", "faulty", "disabled", "initializing", "resetting",
            "halted", "degraded", None,
        ),
        "supply": counted(None, "single", "both", "first_dead", "second_dead", None),
        "raid": counted(None, "fine", "rebuilding", "disk_lost", None),
        "temperature": counted(None, "fine", "above_50_degc", "above_55_degc", None),
        "timecode": counted(None, "fine", "corrupted", "missing", None),
        "network": counted(
            None, "not_connected", "connecting", "fine", "disconnecting", "fault", None
        ),
        "database": counted(None, "fine", "corrupted", None),
    },
    "tr-101-290": {
        f"{test}_state": counted(None, None, "pass", "fail", None) for test in TR101290_STATES
    },
    "cardinal-imdu": {
        "input": counted("a", "b", None, start=0),
        "thermometer": counted("absent", "present", None, start=0),
        "hygrometer": counted("absent", "present", None, start=0),
    }
    | {
        f"output_{n}": counted("present", "absent", "waiting", "shed", None, start=0)
        for n in range(1, 13)
    }
    | {f"fuse_{n}": counted("fine", "blown", None, start=0) for n in range(1, 13)},
    "teleste-luminato": {
        "state": counted("fine", "notification", "warning", "alarm", None),
        "temperature": counted(
            "fine", "far_too_high", "too_high", "too_low", "far_too_low", None
        ),
        "fan": counted("fine", "fault", None),
        "hardware": counted("fine", "fault", None),
        "software": counted("fine", "fault", "missing", "initialising", None),
    },
    "cisco-d985x": {
        "lock": counted("unlocked", "locked_without_signal", "locked", None),
        "transport": counted(None, "fine", "error", None),
        "asi_lock": counted("unlocked", "locked", None),
    },
    "dch-4000p": {
        "tuner_lock": LOCKS, "asi_lock": LOCKS, "ip_lock": LOCKS, "module_lock": LOCKS
    },
    "terra-sdi410c": {
        alarm: counted("fine", "alarm", None, start=0) for alarm in TERRA_ALARMS
    },
}  # fmt: skip
