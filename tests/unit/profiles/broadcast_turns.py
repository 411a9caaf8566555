"""Which way conditions of transmitters, receivers, audio, playout and streams turn. Owns no test.

Raw values of a profile's own objects, and what its condition must then be.
"""

from __future__ import annotations

Raws = dict[str, float | None]
Turn = tuple[str, str, Raws, bool | None]

PT3080 = "protelevision-pt3080"
DRIVES = {"output_mode": 0, "effective_level_dbm": 40, "detected_level_dbm": 70}
# powers: how many raw steps are one watt, for a nominal power of 1000 W
POWERS = (("gatesair-uaxte", 1000), ("harris-maxiva", 1000), ("nautel-vs", 1000),
          ("elenos-etg", 1), ("rs-tx9", 1))  # fmt: skip
HARRIS_FINE = {"state_1": 2, "state_2": 2}
ON_PRIMARY = {"active_input": 1, "primary_input": 1, "secondary_input": 2}
RESERVE = {
    "loaded": 1, "automatic": 1, "automatic_ready": 1, "connection_b": 2, "fault_b": 2
}  # fmt: skip
TAKEN_OVER = {"loaded": 2, "forward_power_a1_w": 1000, "forward_power_b_w": 100}
REMOTE = {"controller_control": 2, "control_b": 2, "control_a1": 2}
NETCCU_FINE = {"controller_fault": 2, "fault_b": 2, "fault_a1": 2}
HEARD = {"rf_level_dbuv": 8960, "rf_limit_dbuv": 8960}
MODULATED = {"deviation_average_khz": 7680, "deviation_limit_khz": 7680}
PILOT = {"pilot_average_khz": 1024, "pilot_limit_khz": 1024}
SFD_HEARD = {"rf_level_dbuv": 64}
LOUD = {"left_db": -50, "right_db": -90, "loss_limit_db": -50}
CLOCKS: Raws = {
    "pcr_repetition_state": 3,
    "pcr_discontinuity_state": 3,
    "pcr_accuracy_state": 3,
    "pts_state": 3,
}
FUSES = {f"fuse_{n}": 0 for n in range(1, 13)}
LUMINATO_FINE = {"state": 2, "hardware": 1, "software": 1}
TERRA_FINE = {"converter_supply": 0, "supply": 0, "heat": 0}

TRANSMITTERS: list[Turn] = [
    (PT3080, "driving", DRIVES, True),
    (PT3080, "unmuted", {"mute": 0}, True),
    (PT3080, "unmuted", {"mute": 1}, False),
    (PT3080, "driving", DRIVES | {"output_mode": 1}, False),
    (PT3080, "driving", DRIVES | {"detected_level_dbm": -960}, True),
    (PT3080, "driving", DRIVES | {"detected_level_dbm": -961}, False),
    (PT3080, "fed", {"primary_stream": 2, "secondary_stream": 0}, True),
    (PT3080, "fed", {"primary_stream": 2, "secondary_stream": 1}, False),
    (PT3080, "second_source", {"primary_stream": 0, "secondary_stream": 0}, True),
    (PT3080, "second_source", {"primary_stream": 0, "secondary_stream": 1}, False),
    (PT3080, "satellite_time_good", {"satellite_time": 0}, True),
    (PT3080, "satellite_time_good", {"satellite_time": 1}, False),
    *(
        (profile, condition, {"forward_power_w": watts * steps}, holds)
        for profile, steps in POWERS
        for condition, watts, holds in (
            ("radiating", 100, True),
            ("radiating", 99, False),
            ("full_power", 500, True),
            ("full_power", 499, False),
        )
    ),
    ("rs-sx801", "radiating", {"forward_power_w": 10}, True),
    ("rs-sx801", "radiating", {"forward_power_w": 9}, False),
    ("rs-sx801", "full_power", {"forward_power_w": 50}, True),
    ("rs-sx801", "full_power", {"forward_power_w": 49}, False),
    ("gatesair-uaxte", "unmuted", {"mute": 2}, True),
    ("gatesair-uaxte", "unmuted", {"mute": 1}, False),
    ("gatesair-uaxte", "fed", ON_PRIMARY, True),
    ("gatesair-uaxte", "fed", ON_PRIMARY | {"active_input": 2}, False),
    ("gatesair-uaxte", "fed", ON_PRIMARY | {"primary_input": 3}, False),
    ("gatesair-uaxte", "input_automatic", {"input_selection": 3}, True),
    ("gatesair-uaxte", "input_automatic", {"input_selection": 2}, False),
    ("harris-maxiva", "fault", HARRIS_FINE, False),
    ("harris-maxiva", "fault", HARRIS_FINE | {"state_2": 1}, True),
    ("nautel-vs", "modulated", {"peak_modulation_percent": 15_000}, True),
    ("nautel-vs", "modulated", {"peak_modulation_percent": 14_999}, False),
    ("nautel-vs", "heatsink_cool", {"heatsink_degc": 79_999}, True),
    ("nautel-vs", "heatsink_cool", {"heatsink_degc": 80_000}, False),
    ("elenos-etg", "says_on_air", {"emission": 2, "standby": 1}, True),
    ("elenos-etg", "says_on_air", {"emission": 1, "standby": 1}, False),
    ("elenos-etg", "says_on_air", {"emission": 2, "standby": 2}, False),
    ("elenos-etg", "has_audio", {"audio": 1}, True),
    ("elenos-etg", "has_audio", {"audio": 2}, False),
    ("elenos-etg", "warning", {"forward_warning": 1, "reflected_warning": 2}, True),
    ("elenos-etg", "warning", {"forward_warning": 1, "reflected_warning": 1}, False),
    ("elenos-etg", "remote", {"control": 1}, True),
    ("elenos-etg", "remote", {"control": 2}, False),
    ("rs-tx9", "fed", {"input_1": 3, "input_2": 4}, True),
    ("rs-tx9", "fed", {"input_1": 3, "input_2": 2}, False),
    ("rs-tx9", "fed", {"input_1": 1, "input_2": 2}, None),
    ("rs-tx9", "holdover_good", {"holdover": 4}, True),
    ("rs-tx9", "holdover_good", {"holdover": 2}, False),
    ("rs-tx9", "input_automatic", {"input_selection": 1}, True),
    ("rs-tx9", "input_automatic", {"input_selection": 2}, False),
    ("rs-netccu", "a1_on_air", TAKEN_OVER, True),
    ("rs-netccu", "a1_on_air", TAKEN_OVER | {"forward_power_b_w": 99}, False),
    ("rs-netccu", "a1_on_air", TAKEN_OVER | {"loaded": 1}, True),
    ("rs-netccu", "a1_on_air", TAKEN_OVER | {"loaded": 1, "forward_power_a1_w": 99}, False),
    ("rs-netccu", "a1_on_air", TAKEN_OVER | {"loaded": 0}, None),
    ("rs-netccu", "a2_on_air", TAKEN_OVER | {"forward_power_a2_w": 50}, True),
    ("rs-netccu", "a2_on_air", TAKEN_OVER | {"forward_power_a2_w": 49}, False),
    ("rs-netccu", "a2_on_air", TAKEN_OVER | {"loaded": 3, "forward_power_a2_w": 0}, True),
    ("rs-netccu", "reserve_ready", RESERVE, True),
    ("rs-netccu", "reserve_ready", RESERVE | {"loaded": 2}, False),
    ("rs-netccu", "reserve_ready", RESERVE | {"automatic": 2}, False),
    ("rs-netccu", "reserve_ready", RESERVE | {"connection_b": 1}, False),
    ("rs-netccu", "switched_over", {"automatic_changed": 1}, True),
    ("rs-netccu", "switched_over", {"automatic_changed": 2}, False),
    ("rs-netccu", "fault", NETCCU_FINE, False),
    ("rs-netccu", "fault", NETCCU_FINE | {"fault_a1": 1}, True),
    ("rs-netccu", "remote", REMOTE, True),
    ("rs-netccu", "remote", REMOTE | {"control_a1": 1}, False),
    ("rs-sx801", "unmuted", {"rf": 1}, True),
    ("rs-sx801", "unmuted", {"rf": 2}, False),
    ("rs-sx801", "fault", {"fault": 1}, True),
    ("rs-sx801", "fault", {"fault": 2}, False),
    ("rs-tse800", "driving", {"rf": 1}, True),
    ("rs-tse800", "driving", {"rf": 2}, False),
    ("rs-tse800", "fed", {"input_1": 2, "input_2": 5}, True),
    ("rs-tse800", "fed", {"input_1": 2, "input_2": 3}, False),
    ("rs-tse800", "reference_good", {"reference": 2}, True),
    ("rs-tse800", "reference_good", {"reference": 1}, False),
    ("rs-tse800", "holdover_good", {"holdover": 3}, True),
    ("rs-tse800", "holdover_good", {"holdover": 2}, False),
    ("rs-tse800", "holdover_good", {"holdover": 1}, None),
    ("rs-tse800", "input_automatic", {"input_selection": 1}, True),
    ("rs-tse800", "input_automatic", {"input_selection": 2}, False),
    ("rs-tse800", "fault", {"fault": 1}, True),
    ("rs-tse800", "fault", {"fault": 2}, False),
]

RECEIVERS: list[Turn] = [
    ("deva-db7001", "carrier", HEARD, True),
    ("deva-db7001", "carrier", HEARD | {"rf_level_dbuv": 8959}, False),
    ("deva-db7001", "carrier", HEARD | {"rf_level_dbuv": None}, None),
    ("deva-db7001", "modulated", MODULATED, True),
    ("deva-db7001", "modulated", MODULATED | {"deviation_average_khz": 7679}, False),
    ("deva-db7001", "pilot", PILOT, True),
    ("deva-db7001", "pilot", PILOT | {"pilot_average_khz": 1023}, False),
    ("deva-db7001", "rds", {"rds_error_ratio": 1638}, True),
    ("deva-db7001", "rds", {"rds_error_ratio": 1639}, False),
    (
        "deva-db7001",
        "not_overmodulated",
        {"deviation_average_khz": 19200, "deviation_highest_khz": 19200},
        True,
    ),
    (
        "deva-db7001",
        "not_overmodulated",
        {"deviation_average_khz": 19201, "deviation_highest_khz": 19200},
        False,
    ),
    ("deva-db9000rx", "connected", {"connection": 3}, True),
    ("deva-db9000rx", "connected", {"connection": 2}, False),
    ("deva-db9000rx", "sound", LOUD, True),
    ("deva-db9000rx", "sound", LOUD | {"left_db": -51}, False),
    ("deva-db9000rx", "both_channels", LOUD, False),
    ("deva-db9000rx", "both_channels", LOUD | {"right_db": -50}, True),
    ("deva-db9000rx", "from_the_network", {"source": 5}, True),
    ("deva-db9000rx", "from_the_network", {"source": 3}, False),
    ("deva-db9000rx", "first_stream", {"source": 0}, True),
    ("deva-db9000rx", "first_stream", {"source": 1}, False),
    ("profline-sfd", "carrier", SFD_HEARD, True),
    ("profline-sfd", "carrier", SFD_HEARD | {"rf_level_dbuv": 63}, False),
    ("profline-sfd", "sound", SFD_HEARD | {"audio_both": 3}, True),
    ("profline-sfd", "sound", SFD_HEARD | {"audio_both": 5}, False),
    ("profline-sfd", "right_programme", {"rds_identity": 1}, True),
    ("profline-sfd", "right_programme", {"rds_identity": 5}, False),
    ("profline-sfd", "pilot_good", {"pilot": 1}, True),
    ("profline-sfd", "pilot_good", {"pilot": 5}, False),
    ("profline-sfd", "deviation_good", {"deviation": 1}, True),
    ("profline-sfd", "deviation_good", {"deviation": 5}, False),
    ("profline-sfd", "receives_well", {"rf_low": 1, "rf_level_dbuv": 115}, True),
    ("profline-sfd", "receives_well", {"rf_low": 1, "rf_level_dbuv": 116}, False),
    ("cisco-d985x", "locked", {"lock": 3}, True),
    ("cisco-d985x", "locked", {"lock": 2}, False),
    ("cisco-d985x", "stream_good", {"lock": 3, "transport": 2}, True),
    ("cisco-d985x", "stream_good", {"lock": 3, "transport": 3}, False),
    ("cisco-d985x", "has_margin", {"margin_db": 1.0}, True),
    ("cisco-d985x", "has_margin", {"margin_db": 0.9}, False),
    ("dch-4000p", "locked", {"tuner_lock": 1}, True),
    ("dch-4000p", "locked", {"tuner_lock": 0}, False),
    ("dch-4000p", "flowing", {"tuner_lock": 1, "valid_rate_kbit_s": 1}, True),
    ("dch-4000p", "flowing", {"tuner_lock": 1, "valid_rate_kbit_s": 0}, False),
    ("dch-4000p", "descrambling_module_good", {"module_lock": 1}, True),
    ("dch-4000p", "descrambling_module_good", {"module_lock": 0}, False),
    ("newtec-el470", "has_margin", {"link_margin_db": 0.1}, True),
    ("newtec-el470", "has_margin", {"link_margin_db": 0}, False),
    ("newtec-el470", "cool", {"temperature_degc": 60}, True),
    ("newtec-el470", "cool", {"temperature_degc": 61}, False),
]

HEADEND: list[Turn] = [
    ("evs-server", "running", {"state": 9}, True),
    ("evs-server", "running", {"state": 3}, False),
    ("evs-server", "running", {"state": 1}, None),
    ("evs-server", "fault", {"state": 4}, True),
    ("evs-server", "fault", {"state": 2}, False),
    ("evs-server", "in_maintenance", {"state": 5}, True),
    ("evs-server", "in_maintenance", {"state": 4}, False),
    ("evs-server", "supplies_good", {"supply": 2}, True),
    ("evs-server", "supplies_good", {"supply": 5}, False),
    ("evs-server", "disks_good", {"raid": 2}, True),
    ("evs-server", "disks_good", {"raid": 3}, False),
    ("evs-server", "cool", {"temperature": 2}, True),
    ("evs-server", "cool", {"temperature": 3}, False),
    ("evs-server", "timecode_good", {"timecode": 2}, True),
    ("evs-server", "timecode_good", {"timecode": 4}, False),
    ("evs-server", "database_good", {"database": 2}, True),
    ("evs-server", "database_good", {"database": 3}, False),
    ("tr-101-290", "in_sync", {"sync_state": 3}, True),
    ("tr-101-290", "in_sync", {"sync_state": 4}, False),
    ("tr-101-290", "programmes_found", {"pat_state": 3, "pmt_state": 3}, True),
    ("tr-101-290", "programmes_found", {"pat_state": 3, "pmt_state": 4}, False),
    ("tr-101-290", "components_present", {"pid_state": 3}, True),
    ("tr-101-290", "components_present", {"pid_state": 4}, False),
    ("tr-101-290", "clocks_good", CLOCKS, True),
    ("tr-101-290", "clocks_good", CLOCKS | {"pcr_accuracy_state": 4}, False),
    ("cardinal-imdu", "fed", {"input": 1, "voltage_a_v": 0, "voltage_b_v": 180}, True),
    ("cardinal-imdu", "fed", {"input": 1, "voltage_a_v": 230, "voltage_b_v": 179}, False),
    ("cardinal-imdu", "both_inputs", {"voltage_a_v": 180, "voltage_b_v": 180}, True),
    ("cardinal-imdu", "both_inputs", {"voltage_a_v": 234, "voltage_b_v": 0}, False),
    ("cardinal-imdu", "mains_good", {"input": 0, "voltage_a_v": 235, "voltage_b_v": 0}, True),
    ("cardinal-imdu", "mains_good", {"input": 0, "voltage_a_v": 236, "voltage_b_v": 220}, False),
    ("cardinal-imdu", "on_first_input", {"input": 0}, True),
    ("cardinal-imdu", "on_first_input", {"input": 1}, False),
    ("cardinal-imdu", "fuses_good", FUSES, True),
    ("cardinal-imdu", "fuses_good", FUSES | {"fuse_12": 1}, False),
    ("teleste-luminato", "flowing", {"bit_rate_kbit_s": 1}, True),
    ("teleste-luminato", "flowing", {"bit_rate_kbit_s": 0}, False),
    ("teleste-luminato", "fault", LUMINATO_FINE, False),
    ("teleste-luminato", "fault", LUMINATO_FINE | {"state": 4}, True),
    ("teleste-luminato", "fans_good", {"fan": 1}, True),
    ("teleste-luminato", "fans_good", {"fan": 2}, False),
    ("teleste-luminato", "cool", {"temperature": 1}, True),
    ("teleste-luminato", "cool", {"temperature": 3}, False),
    ("terra-sdi410c", "received", {"input_signal": 0}, True),
    ("terra-sdi410c", "received", {"input_signal": 1}, False),
    ("terra-sdi410c", "flowing", {"output_rate_kbit_s": 1, "stream_port": 0}, True),
    ("terra-sdi410c", "flowing", {"output_rate_kbit_s": 0, "stream_port": 0}, False),
    ("terra-sdi410c", "descrambled", {"module": 0, "descrambling": 0}, True),
    ("terra-sdi410c", "descrambled", {"module": 0, "descrambling": 1}, False),
    ("terra-sdi410c", "fault", TERRA_FINE, False),
    ("terra-sdi410c", "fault", TERRA_FINE | {"heat": 1}, True),
]

BROADCAST_TURNS = TRANSMITTERS + RECEIVERS + HEADEND

BY_COUNTERS = {  # see test_broadcast_counters.py
    ("teleste-luminato", "clean"),
    ("cisco-d985x", "clean"),
    ("terra-sdi410c", "clean"),
}
