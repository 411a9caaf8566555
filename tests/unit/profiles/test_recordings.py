"""The other SNMP profiles against every recording that has their objects."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.unit.config.snmprec import read_walk
from tests.unit.profiles.devices import Kind, Oid, device

pytestmark = pytest.mark.needs_shared

OPER_STATUS: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)
PROCESSOR_LOAD: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)
STORAGE_SIZE: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1, 5)
SENSOR_VALUE: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 4)
SENSOR_STATE: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 5)
# IF-MIB, RFC 2863: ifOperStatus; 4 is unknown, and one agent says 0
OPER = (None, "up", "down", "testing", None, "dormant", "not_present", "lower_layer_down")
ROWS_PER_WALK = 3


@cache
def walks(shared: Path, column: Oid) -> dict[str, dict[Oid, int | bytes]]:
    """Return every recording with that column of a table."""
    mark = b"\n" + ".".join(map(str, column)).encode() + b"."
    paths = sorted(shared.rglob("*.snmprec"))
    return {path.stem: read_walk(path) for path in paths if mark in path.read_bytes()}


def rows(walk: dict[Oid, int | bytes], column: Oid) -> list[int]:
    """Return the indexes of a column's rows, the first ones of a long table."""
    found = (oid[-1] for oid in walk if oid[:-1] == column)
    return sorted(found)[:ROWS_PER_WALK]


def test_every_recorded_interface_is_up_or_down_as_the_rfc_says(shared: Path) -> None:
    """Eighty-odd devices; a link is up exactly where the agent says 1."""
    found = walks(shared, OPER_STATUS)
    assert len(found) >= 70
    for name, walk in found.items():
        for row in rows(walk, OPER_STATUS):
            raw = walk[(*OPER_STATUS, row)]
            assert isinstance(raw, int)
            seen = device_of_interface(row).read(walk)
            assert seen.values["oper_status"] == OPER[raw], (name, row)
            is_up = None if OPER[raw] is None else raw == 1
            assert seen.conditions["link_up"] is is_up, (name, row)


@cache
def device_of_interface(row: int) -> Kind:
    return device("if-mib", rows={"interface": row})


def test_an_interface_by_hand(shared: Path) -> None:
    """The Ethernet port of a transmitter: 100 Mbit/s, more octets than 32 bits hold."""
    walk = walks(shared, OPER_STATUS)["ecresofm-os_e01"]
    values = device_of_interface(3).read(walk).values
    assert (values["name"], values["admin_status"], values["speed_mbit_s"]) == ("eth0", "up", 100)
    assert isinstance(values["sent_b"], int)
    assert values["sent_b"] > 2**32
    can = device_of_interface(2).read(walk)
    assert (can.values["name"], can.conditions["link_up"]) == ("can0", False)
    assert can.conditions["enabled"] is False


def test_an_agent_without_the_second_table_leaves_its_objects_absent(shared: Path) -> None:
    """An agent of old has no name and no 64-bit counters; its link is known all the same."""
    walk = walks(shared, OPER_STATUS)["apc-8641"]
    seen = device_of_interface(rows(walk, OPER_STATUS)[0]).read(walk)
    assert seen.values["received_b"] is None
    assert seen.conditions["link_up"] is not None


def test_every_recorded_processor_has_a_load_in_percent(shared: Path) -> None:
    """No more than a hundred, and no scale."""
    found = walks(shared, PROCESSOR_LOAD)
    assert len(found) >= 14
    for name, walk in found.items():
        for row in rows(walk, PROCESSOR_LOAD):
            computer = device("host-resources", rows={"processor": row})
            raw = walk[(*PROCESSOR_LOAD, row)]
            assert isinstance(raw, int)
            assert 0 <= raw <= 100
            assert computer.read(walk).values["processor_load_percent"] == raw, (name, row)


def test_every_recorded_storage_has_room_as_its_figures_say(shared: Path) -> None:
    """Used and size are in the same allocation units, so their share needs no unit."""
    compared = 0
    for name, walk in walks(shared, STORAGE_SIZE).items():
        for row in rows(walk, STORAGE_SIZE):
            size, used = walk[(*STORAGE_SIZE, row)], walk.get((*STORAGE_SIZE[:-1], 6, row))
            if isinstance(size, int) and isinstance(used, int) and size > 0 and used >= 0:
                compared += 1
                seen = device("host-resources", rows={"disk": row}).read(walk)
                has_room = 10 * used < 9 * size
                assert seen.conditions["disk_has_room"] is has_room, (name, row)
    assert compared >= 20


def test_a_computer_by_hand(shared: Path) -> None:
    """A time server: up 2 days 18 h 19 min, two thirds of its flash used, in units of 8 KiB."""
    walk = walks(shared, PROCESSOR_LOAD)["mbg-ltos6"]
    seen = device("host-resources", rows={"disk": 37}).read(walk)
    assert seen.values["disk_name"] == "/mnt/flash"
    assert seen.values["disk_unit_b"] == 8 * 1024
    assert int(float(seen.values["uptime_s"] or 0)) // 60 == (2 * 24 + 18) * 60 + 19
    assert seen.conditions == {"disk_has_room": True}


def test_recorded_sensors_give_volts_and_degrees_by_their_own_decimals(shared: Path) -> None:
    """A radio link: three decimals each; of 48 V a little less, of its board about 40 degC."""
    (walk,) = walks(shared, SENSOR_VALUE).values()
    assert device("entity-sensor").read(walk).values["temperature_degc"] is None
    said_ok = walk | {(*SENSOR_STATE, row): 1 for row in rows_of_sensors(walk)}
    for row in (5, 6, 7, 8, 9):
        chosen = device("entity-sensor", rows={"temperature": row, "voltage": 3}).read(said_ok)
        raw = walk[(*SENSOR_VALUE, row)]
        assert isinstance(raw, int)
        assert chosen.values["temperature_degc"] == pytest.approx(raw / 1000)
        assert 20 < raw / 1000 < 60
        assert chosen.values["voltage_v"] == pytest.approx(47.058)


def test_a_sensor_that_does_not_say_it_is_ok_gives_no_value(shared: Path) -> None:
    """That recording leaves the state out; whoever says unavailable is believed too."""
    (walk,) = walks(shared, SENSOR_VALUE).values()
    kind = device("entity-sensor", rows={"temperature": 5})
    assert kind.read(walk).values["temperature_degc"] is None
    assert kind.read(walk | {(*SENSOR_STATE, 5): 2}).values["temperature_degc"] is None


def test_a_sensor_of_another_kind_gives_no_value(shared: Path) -> None:
    """Volts are not taken for degrees, nor what the agent calls other."""
    (walk,) = walks(shared, SENSOR_VALUE).values()
    said_ok = walk | {(*SENSOR_STATE, row): 1 for row in rows_of_sensors(walk)}
    for row in (3, 35):
        chosen = device("entity-sensor", rows={"temperature": row}).read(said_ok)
        assert chosen.values["temperature_degc"] is None


def rows_of_sensors(walk: dict[Oid, int | bytes]) -> list[int]:
    return [oid[-1] for oid in walk if oid[:-1] == SENSOR_VALUE]


def test_a_television_transmitter_on_the_air(shared: Path) -> None:
    """50 W in a text, input 1 in use, input 2 without a signal; what was not recorded is open."""
    seen = device("rs-sx800").read(read_walk(shared / "librenms/transmitter/rs.snmprec"))
    assert seen.values["forward_power_w"] == 50.0
    assert seen.values["reflected_power_w"] == 0.0
    assert (seen.values["forward_power_percent"], seen.values["vswr"]) == (100.0, 1.0)
    assert seen.values["frequency_hz"] == 602_000_000
    assert [seen.values[f"input_{n}"] for n in (1, 2)] == ["fine", "lost"]
    assert seen.conditions == {
        "radiating": True,
        "carrier": True,
        "full_power": True,
        "unmuted": None,
        "fed": True,
        "fault": False,
        "reference_good": None,
        "remote": True,
    }


def test_a_silence_switcher_with_sound(shared: Path) -> None:
    """The analogue main input is on the output at -21 dB; nothing is in sync, nothing is lost."""
    seen = device("deva-db8008").read(read_walk(shared / "radiosite" / "DEVA8008.snmprec"))
    values = seen.values
    assert (values["output_source"], values["chosen_by"]) == ("main_analog", "automatic")
    assert values["output_left_average_db"] == -21.1875  # -5424 / 256
    assert values["loss_threshold_db"] == -45.5
    assert values["ip_1_left_average_db"] is None
    assert (values["main_digital_sync"], values["main_loss"]) == ("lost", "sound")
    assert seen.conditions == {
        "sound_on_output": True,
        "main_on_output": True,
        "main_has_sound": True,
        "backup_1_has_sound": True,
        "automatic": True,
    }
