"""A GenComm controller over Modbus: sentinels, and registers that are never read."""

from __future__ import annotations

import struct

import pytest

from monitord.devices.modbus.model import ModbusSource
from tests.support.agents import ModbusPlant
from tests.unit.profiles.devices import device
from tests.unit.profiles.test_expected import read

REGISTERS = "holding_register"
NO_VALUE = {"uint16": 0xFFFF, "int16": 0x7FFF, "uint32": 0xFFFF_FFFF, "int32": 0x7FFF_FFFF}


def put(plant: ModbusPlant, address: int, layout: str, *numbers: float) -> None:
    """Write numbers from a wire address on; ``layout`` as in struct, high word first."""
    octets = struct.pack(f">{layout}", *numbers)
    plant.set_registers(REGISTERS, address, *struct.unpack(f">{len(octets) // 2}H", octets))


@pytest.mark.parametrize("below_the_top", range(8))
async def test_the_eight_highest_values_of_every_type_are_no_value(below_the_top: int) -> None:
    """Not fitted, over range, broken sensor: none of them is a number."""
    made = device("gencomm")
    source = made.settings.devices[0].source
    assert isinstance(source, ModbusSource)
    plant = ModbusPlant({})
    layouts = {"uint16": "H", "int16": "h", "uint32": "I", "int32": "i"}
    for point in source.points:
        if point.bits is None:
            top = NO_VALUE[point.type] - below_the_top
            put(plant, point.wire_address, layouts[point.type], top)
        else:
            put(plant, point.wire_address, "H", 0xFFFF)
    async with plant:
        seen = await read("gencomm", plant)
    assert set(seen.values.values()) == {None}
    assert set(seen.conditions.values()) == {None}


async def test_the_value_below_the_sentinels_is_one() -> None:
    """Nothing real is thrown away with them."""
    plant = ModbusPlant({})
    for point in device("gencomm").settings.devices[0].source.points:
        put(plant, point.wire_address, "H", 0)  # type: ignore[union-attr]
    put(plant, 1536, "i", 0x7FFF_FFF7)
    put(plant, 1798, "I", 0xFFFF_FFF7)
    for address in (1033, 1035, 1037, 1045, 1047, 1049, 1053, 1055, 1057, 1061, 1063, 1065, 1801):
        put(plant, address, "H", 0)
    put(plant, 1808, "I", 0)
    async with plant:
        values = (await read("gencomm", plant)).values
    assert (values["generator_power_w"], values["run_time_s"]) == (0x7FFF_FFF7, 0xFFFF_FFF7)


async def test_mains_volts_in_single_registers_are_absent_and_never_wrong() -> None:
    """One source read a 7320MkII so: taken for pairs they are millions of volts."""
    plant = full_generator()
    put(plant, 1060, "6H", 2300, 2301, 2302, 0, 0, 0)
    async with plant:
        values = (await read("gencomm", plant)).values
    assert (values["mains_voltage_1_v"], values["mains_voltage_2_v"]) == (None, None)


def full_generator() -> ModbusPlant:
    """Return a controller with every register the profile names, all 0."""
    plant = ModbusPlant({})
    for first, count in ((772, 1), (1024, 42), (1408, 1), (1536, 2), (1558, 1), (1798, 12)):
        plant.set_registers(REGISTERS, first, *([0] * count))
    plant.set_registers(REGISTERS, 39425, 0, 0, 0, 0)
    return plant


async def test_no_register_is_read_that_the_profile_does_not_name() -> None:
    """What lies between may not exist, and a controller refuses the whole read for it."""
    plant = full_generator()
    async with plant:
        await read("gencomm", plant)
    read_cells = {address + place for _, address, count in plant.requests for place in range(count)}
    assert not read_cells & {769, 773, 1050, 1051, 1058, 1799 + 4, 1807, 39424, 39429, 4104}
    assert {39425, 39428, 1808, 1809} <= read_cells
