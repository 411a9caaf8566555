"""Profiles of transmitters, receivers, audio and headends against every recording of such a device.

What is expected was worked out by hand from the recorded numbers and the steps that the MIB gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from monitord.core.model import Value
from tests.unit.config.snmprec import read_walk
from tests.unit.profiles.devices import Kind, Oid, Seen, device

pytestmark = pytest.mark.needs_shared


class Recorded(NamedTuple):
    """A recording of a profile's kind; ``stream``: the row that is watched, where there is one."""

    profile: str
    file: str
    stream: int | None = None


PT3080 = Recorded("protelevision-pt3080", "librenms/transmitter/protelevision-t1")
DB7001 = Recorded("deva-db7001", "librenms/fm-receiver-monitor/deva-db7001")
DB7001_2 = Recorded("deva-db7001", "librenms/fm-receiver-monitor/deva-db7001_2")
SFD = Recorded("profline-sfd", "librenms/fm-receiver-monitor/profline-sfd")
DB9000 = Recorded("deva-db9000rx", "radiosite/DEVA9000")
IMDU = Recorded("cardinal-imdu", "radiosite/cardinalImdu")
HEADEND = "librenms/headend-satrx-modulator"
LUMINATO_C12 = Recorded("teleste-luminato", f"{HEADEND}/luminato_c12", 11010001)
LUMINATO_4X4 = Recorded("teleste-luminato", f"{HEADEND}/luminato_4x4", 11010002)
CISCO = Recorded("cisco-d985x", f"{HEADEND}/ciscosat")
DCH = Recorded("dch-4000p", f"{HEADEND}/ird")
TERRA = Recorded("terra-sdi410c", f"{HEADEND}/terra-receivers_sdi410c")
ALL = (
    PT3080, DB7001, DB7001_2, SFD, DB9000, IMDU, LUMINATO_C12, LUMINATO_4X4, CISCO, DCH, TERRA
)  # fmt: skip
NO_VALUE = {  # recorded, and rightly no number: no probe there
    ("cardinal-imdu", "temperature_degc"),
    ("cardinal-imdu", "humidity_percent"),
}
COUNTERS = {"continuity_errors", "uncorrected_errors"}  # one answer makes no rate


def seen(recorded: Recorded, shared: Path) -> Seen:
    return made(recorded).read(read_walk(shared / f"{recorded.file}.snmprec"))


def made(recorded: Recorded) -> Kind:
    rows = {"stream": recorded.stream}
    return device(recorded.profile, **({"rows": rows} if recorded.stream else {}))


@pytest.mark.parametrize("recorded", ALL, ids=lambda recorded: recorded.file.rpartition("/")[2])
def test_whatever_was_recorded_has_a_value(recorded: Recorded, shared: Path) -> None:
    """A label that misses, or an object that is elsewhere, would show as no value."""
    walk: dict[Oid, Any] = read_walk(shared / f"{recorded.file}.snmprec")
    kind = made(recorded)
    values = kind.read(walk).values
    there = [p.id for p in kind.read_points if p.oid in walk]  # type: ignore[attr-defined]
    assert len(there) >= 2 * len(kind.read_points) / 3
    missing = {name for name in there if values[name] is None} - COUNTERS
    assert {(recorded.profile, name) for name in missing} <= NO_VALUE


def picked(recorded: Recorded, shared: Path, *names: str) -> list[Value]:
    values = seen(recorded, shared).values
    return [values[name] for name in names]


def test_an_exciter_drives_its_transmitter(shared: Path) -> None:
    """0.01 dBm a step, 100 ns a step of delay; the second stream and receiver are not in use."""
    found = seen(PT3080, shared)
    names = ("effective_level_dbm", "actual_level_dbm", "detected_level_dbm", "frequency_hz")
    assert [found.values[name] for name in names] == [0.4, 0.0, 0.7, 530_000_000]
    assert found.values["bit_rate_kbit_s"] == 22657
    assert found.values["network_delay_us"] == 0
    names = ("source_on_air", "source_in_reserve", "ip_receiver_1", "ip_receiver_2")
    assert [found.values[name] for name in names] == [
        "ip_receiver_1",
        "ip_receiver_2",
        "locked",
        "disabled",
    ]
    assert found.conditions == {
        "driving": True,
        "unmuted": None,
        "fed": True,
        "second_source": False,
        "satellite_time_good": True,
    }


def test_two_receivers_hear_the_same_station(shared: Path) -> None:
    """Fixed point of eight bits: 17152 / 256 = 67 dBuV; one of them understands no RDS."""
    first, second = seen(DB7001, shared), seen(DB7001_2, shared)
    names = ("frequency_khz", "rf_level_dbuv", "multipath_percent", "deviation_average_khz")
    assert [first.values[name] for name in names] == [89900, 67.0, 1.0, 47.703125]
    assert [second.values[name] for name in names] == [89900, 65.0, 5.0, 44.0]
    assert (first.values["pilot_khz"], second.values["pilot_khz"]) == (7.04296875, None)
    assert [first.values[f"{name}_limit_{unit}"] for name, unit in (("rf", "dbuv"),)] == [35.0]
    good = dict.fromkeys(("carrier", "modulated", "pilot", "rds"), True)
    good |= {"not_overmodulated": True}
    assert first.conditions == good
    assert second.conditions == good | {"rds": False}


def test_a_receiver_without_any_alarm(shared: Path) -> None:
    """8990 hundredths of a megahertz, 84 dBuV."""
    found = seen(SFD, shared)
    assert [found.values[name] for name in ("frequency_mhz", "rf_level_dbuv")] == [89.9, 84]
    assert set(found.conditions.values()) == {True}


def test_a_decoder_with_sound_on_one_channel(shared: Path) -> None:
    """-1 dB left, -90 dB right, and a limit of -50 dB; 46 tenths of a percent of its buffer."""
    names = ("left_db", "right_db", "loss_limit_db", "buffer_percent", "bit_rate_kbit_s")
    assert picked(DB9000, shared, *names) == [-1, -90, -50, 4.6, 96]
    assert seen(DB9000, shared).conditions == {
        "connected": True,
        "sound": True,
        "from_the_network": True,
        "both_channels": False,
        "first_stream": True,
    }


def test_a_mains_distribution_with_two_inputs(shared: Path) -> None:
    """234 V times 4.7 A times 0.94 is within 3 % of the 1013 W it says; no probes are there."""
    found = seen(IMDU, shared)
    names = ("voltage_a_v", "current_a", "power_factor", "power_w", "energy_wh")
    volts, amperes, factor, watts, energy = (found.values[name] for name in names)
    assert (volts, amperes, factor, watts, energy) == (234, 4.7, -0.94, 1013, 20042)
    assert 1013 == pytest.approx(234 * 4.7 * 0.94, rel=0.03)  # noqa: SIM300 - the device's own
    assert found.values["temperature_degc"] is None
    assert set(found.conditions.values()) == {True}


def test_two_headends_carry_their_streams(shared: Path) -> None:
    """38 Mbit/s is a multiplex; 38 Gbit/s, as the MIB's unit would have it, is not."""
    small = picked(LUMINATO_C12, shared, "bit_rate_kbit_s", "slot_temperature_degc")
    large = picked(LUMINATO_4X4, shared, "bit_rate_kbit_s", "slot_temperature_degc")
    assert (small[0], large) == (9148.832, [38014.847, 39.0])
    for recorded in (LUMINATO_C12, LUMINATO_4X4):
        found = seen(recorded, shared).conditions
        assert (found["flowing"], found["fault"], found["cool"]) == (True, False, True)


def test_a_satellite_receiver_is_locked_with_little_margin(shared: Path) -> None:
    """Its numbers are texts; the ASI input, which is not used, is not locked."""
    names = ("carrier_to_noise_db", "margin_db", "level_dbm", "asi_lock", "input_name")
    assert picked(CISCO, shared, *names) == [10.0, 1.6, -40, "unlocked", "RF1"]
    found = seen(CISCO, shared).conditions
    assert (found["locked"], found["stream_good"], found["has_margin"]) == (True, True, True)


def test_a_receiver_that_decodes_is_locked(shared: Path) -> None:
    """163 tenths of a dB, 41 of 60 Mbit/s, and its own word for both outputs."""
    names = ("carrier_to_noise_db", "energy_to_noise_db", "strength_dbm", "valid_rate_kbit_s")
    assert picked(DCH, shared, *names) == [16.3, 11.5, -36.0, 41028.4]
    assert picked(DCH, shared, "video_output", "audio_output") == ["Video:Ok", "Audio:Ok"]
    assert set(seen(DCH, shared).conditions.values()) == {True}


def test_a_streamer_receives_and_sends(shared: Path) -> None:
    """13.7 dB, 12.3 V, 7.1 Mbit/s out of 69.5, and no alarm."""
    names = ("signal_to_noise_db", "supply_v", "output_rate_kbit_s", "level_dbuv")
    assert picked(TERRA, shared, *names) == [13.7, 12.3, 7100, 70]
    found = seen(TERRA, shared).conditions
    assert (found["received"], found["flowing"], found["descrambled"]) == (True, True, True)
    assert found["fault"] is False
