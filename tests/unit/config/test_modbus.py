"""Modbus units in a configuration, and a profile's keys for their kind."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitord.config.devices.lines import SerialSchema
from monitord.config.devices.protocols.modbus import ModbusSchema, read_reference
from monitord.config.fields.field_types import Refused
from monitord.decoding.model import Decoding
from monitord.devices.bus.settings import Manners, SerialLine, TcpLine
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.cells import decode_registers
from monitord.devices.modbus.model import ModbusPoint, ModbusSource, RequestLimits
from tests.support.agents import ModbusPlant
from tests.support.decoding import decoded_reader
from tests.tidy.source import ROOT
from tests.unit.profiles.devices import Kind, device
from tests.unit.profiles.test_hostile_profiles import made, told

PAGE = (ROOT / "docs" / "modbus.md").read_text(encoding="utf-8")
POINTS = "points:\n  a: {table: holding_register, wire_address: 0, unit: W}\n"
PAIR = "  b: {reference: 300011, type: float32, unit: W}\n"


def source(kind: Kind) -> ModbusSource:
    (found,) = (one.source for one in kind.settings.devices if one.id == "it")
    assert isinstance(found, ModbusSource)
    return found


def unit(
    folder: Path, profile: str = "", points: str = POINTS + PAIR, **modbus: Any
) -> ModbusSource:
    """Return the source of a device of a profile with these keys in its section and the other's."""
    keys = {"address": "127.0.0.1"} | modbus
    return source(
        made(folder, profile + points, "modbus", modbus={k: v for k, v in keys.items() if v})
    )


@pytest.mark.parametrize(
    ("written", "table", "address"),
    [
        (40301, "holding_register", 300),
        (400301, "holding_register", 300),
        (40001, "holding_register", 0),
        (49999, "holding_register", 9998),
        (465536, "holding_register", 65535),
        (30001, "input_register", 0),
        (300301, "input_register", 300),
        (10001, "discrete_input", 0),
        (100001, "discrete_input", 0),
        ("00001", "coil", 0),
        ("00017", "coil", 16),
        ("000017", "coil", 16),
        ("065536", "coil", 65535),
        ("40301", "holding_register", 300),
    ],
)
def test_a_reference_number_is_a_table_and_an_address(
    written: int | str, table: str, address: int
) -> None:
    """The first digit is the table, the rest counts from 1 (the ADAM's 40301 is 300)."""
    assert read_reference(written) == (table, address)


@pytest.mark.parametrize(
    "written",
    [
        301,
        4301,
        20001,
        50001,
        40000,
        400000,
        465537,
        4000001,
        "0017",
        "4x001",
        "４０００１",
        True,
        40301.0,
    ],
)
def test_what_is_no_reference_number_is_refused(written: Any) -> None:
    """Guessing would read another register."""
    with pytest.raises(Refused):
        read_reference(written)


def test_a_unit_has_defaults(tmp_path: Path) -> None:
    """Modbus TCP on port 502, unit 1, high word and high octet first, nothing in particular."""
    found = unit(tmp_path)
    assert found.line == TcpLine("127.0.0.1", 502)
    assert (found.unit_id, found.framing, found.limits, found.manners) == (
        1,
        "tcp",
        RequestLimits(),
        Manners(),
    )
    assert [(p.table, p.wire_address, p.word_order, p.byte_order) for p in found.points] == [
        ("holding_register", 0, "big", "big"),
        ("input_register", 10, "big", "big"),
    ]


def test_a_serial_port_carries_rtu_unless_said(tmp_path: Path) -> None:
    """A port, its speed and its parity."""
    serial = {"port": "/dev/ttyUSB0", "baud_rate": 19200, "parity": "even", "stop_bits": 2}
    found = unit(tmp_path, address=None, serial=serial, unit_id=3)
    assert found.line == SerialLine("/dev/ttyUSB0", 19200, 8, "even", 2)
    assert (found.framing, found.unit_id, found.where) == ("rtu", 3, "/dev/ttyUSB0")
    seven = serial | {"data_bits": 7}
    assert unit(tmp_path, address=None, serial=seven, framing="ascii").framing == "ascii"


def test_a_device_replaces_the_settings_of_its_profile(tmp_path: Path) -> None:
    """The device's own keys go first, one by one."""
    profile = (
        "modbus: {word_order: little, holes_max: 4, pause_between_requests: 20ms,"
        " blocks: [[0, 10], [input_register, 8, 20]], registers_max: 60}\n"
    )
    found = unit(tmp_path, profile, holes_max=9, byte_order="little", answer_within="200ms")
    assert found.limits == RequestLimits(
        registers_max=60,
        holes_max=9,
        blocks=(("holding_register", 0, 10), ("input_register", 8, 20)),
    )
    assert found.manners == Manners(pause_between_requests=20_000, answer_within=200_000)
    assert {(p.word_order, p.byte_order) for p in found.points} == {("little", "little")}


def test_a_points_own_order_goes_before_its_units(tmp_path: Path) -> None:
    """Words are swapped per device and per point in the field."""
    points = POINTS + PAIR.replace("unit: W", "unit: W, word_order: big")
    first, second = unit(tmp_path, "modbus: {word_order: little}\n", points).points
    assert (first.word_order, second.word_order) == ("little", "big")


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("modbus: {holes: 3}\n", "modbus: no key 'holes'; did you mean 'holes_max'?"),
        ("modbus: {address: 10.1.1.1}\n", "modbus: no key 'address'; keys: pause_after_"),
        ("modbus: {bits_max: 0}\n", "modbus.bits_max: is 0; use a whole number 1–2000"),
        (
            "modbus: {spare_registers: 6}\n",
            "modbus.spare_registers: is 6; use 0 or a whole number 7–64",
        ),
        ("modbus: [1]\n", "modbus: is a list; use a mapping of keys to values"),
    ],
)
def test_a_mistake_in_a_profiles_section_is_reported_in_its_file(
    tmp_path: Path, profile: str, message: str
) -> None:
    """An address belongs to a device and not to its kind."""
    assert [line for line in told(tmp_path, profile + POINTS, "modbus") if message in line]


def test_a_profile_of_another_protocol_has_no_modbus_section(tmp_path: Path) -> None:
    """It would never be read."""
    points = "points:\n  a: {oid: 1.3.6.1.1.0, unit: W}\n"
    lines = told(tmp_path, "modbus: {holes_max: 3}\n" + points)
    assert lines == ["modbus: the profile is read over snmp"]


def test_a_text_takes_registers_and_gives_a_text(tmp_path: Path) -> None:
    """What its octets mean is decided when it is decoded."""
    points = "points:\n  serial: {reference: 40001, type: text, registers: 8}\n"
    (point,) = unit(tmp_path, points=points).points
    assert (point.registers, point.decoding.kind) == (8, "text")


def test_every_key_of_a_unit_is_on_the_page() -> None:
    """A key that is not on the page is found by nobody."""
    keys = {*ModbusSchema.model_fields, *SerialSchema.model_fields}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


def test_the_devices_on_the_page_load() -> None:
    """Four units: behind a gateway, two on one line, on a serial port of this machine."""
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    shown = yaml.safe_load(example)["devices"]
    lines = [source(device(one["profile"], modbus=one["modbus"])).line for one in shown.values()]
    assert lines[1] == lines[2] == TcpLine("10.1.1.61", 4001)
    assert lines[3] == SerialLine("/dev/ttyUSB0", 9600, 8, "even", 1)


def test_orders_on_the_page_are_those_of_the_code() -> None:
    """123456.0 in each row of the table, read with the keys beside it."""
    rows = re.findall(r"^\| `(\w{4}) (\w{4})` \| (\w{4}) \| (.*) \|$", PAGE, re.MULTILINE)
    assert [letters for _, _, letters, _ in rows] == ["ABCD", "CDAB", "BADC", "DCBA"]
    for high, low, _, keys in rows:
        words = "little" if "`word_order: little`" in keys else "big"
        octets = "little" if "`byte_order: little`" in keys else "big"
        point = ModbusPoint(
            "p", "holding_register", 0, "float32", words, Decoding("number"), byte_order=octets
        )
        assert decode_registers(point, (int(high, 16), int(low, 16))) == 123456.0


METER = """
points:
  exponent: {reference: 40036, type: uint8_high, unit: ratio}
  scaled_v: {reference: 40037, unit: V, scale: 0.0001, times_ten_to: exponent}
  ct_ratio: {reference: 40100, unit: ratio}
  pt_ratio: {reference: 40101, unit: ratio, scale: 0.1}
  power_w: {reference: 40200, type: float32, unit: W, scale: 0.1, times: [ct_ratio, pt_ratio]}
  charge_percent: {reference: 40300, unit: percent, scale: 1/512}
  energy_kwh: {reference: 40301, type: bcd32, word_order: little, unit: kWh, scale: 0.01}
  model: {reference: 40400, type: text, registers: 4, charset: gbk}
"""


async def test_ratios_exponents_fractions_digits_and_texts_come_from_registers(
    tmp_path: Path,
) -> None:
    """A meter behind transformers, a battery in 1/2^9, digits of four bits, a name in GBK."""
    found = unit(tmp_path, points=METER)
    async with ModbusPlant({}) as plant:
        plant.set_registers("holding_register", 35, 0x0300, 2301)
        plant.set_registers("holding_register", 99, 40, 1000)
        plant.set_registers("holding_register", 199, 0x447A, 0x0000)
        plant.set_registers("holding_register", 299, 51200, 0x3456, 0x0012)
        plant.set_registers(
            "holding_register", 399, *struct.unpack(">4H", "电表A1".encode("gbk") + b"\0\0")
        )
        reader = decoded_reader(ModbusReader, replace(found, port=plant.port))
        values = dict(zip([p.id for p in found.points], await reader.read(20.0), strict=True))
        await reader.close()
    assert values == {
        "exponent": 3,
        "scaled_v": 230.1,
        "ct_ratio": 40,
        "pt_ratio": 100,
        "power_w": 1000 * 0.1 * 40 * 100,
        "charge_percent": 100,
        "energy_kwh": 1234.56,
        "model": "电表A1",
    }
