"""The Modbus profiles against a real server with raw registers, worked out from the tables."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from monitord.core.model import Value
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from tests.support.agents import ModbusPlant
from tests.unit.profiles.devices import Seen, device

REGISTERS = "holding_register"
NO_VALUE = {"uint16": 0xFFFF, "int16": 0x7FFF, "uint32": 0xFFFF_FFFF, "int32": 0x7FFF_FFFF}


async def read(profile: str, plant: ModbusPlant) -> Seen:
    """Return one read of the plant as a device of that profile."""
    made = device(profile)
    source = made.settings.devices[0].source
    assert isinstance(source, ModbusSource)
    reader = ModbusReader(replace(source, port=plant.port))
    try:
        return made.judge(await reader.read(5.0))
    finally:
        await reader.close()


def put(plant: ModbusPlant, address: int, layout: str, *numbers: float) -> None:
    """Write numbers from a wire address on; ``layout`` as in struct, high word first."""
    octets = struct.pack(f">{layout}", *numbers)
    plant.set_registers(REGISTERS, address, *struct.unpack(f">{len(octets) // 2}H", octets))


async def test_a_generator_that_runs_gives_its_figures_in_units() -> None:
    """GenComm pages 3 to 7: whole units, tenths, pairs with the high word first, signed powers."""
    async with ModbusPlant({}) as plant:
        put(plant, 772, "H", 1)
        put(plant, 1024, "HhhHHHHH", 410, -12, 95, 63, 138, 251, 1500, 500)
        put(plant, 1032, "3I", 2301, 2310, 2295)
        put(plant, 1044, "3I", 105, 0, 70_000)
        put(plant, 1052, "3i", 2400, -150, 0)
        put(plant, 1059, "H", 499)
        put(plant, 1060, "3I", 2200, 2211, 2190)
        put(plant, 1408, "H", 3)
        put(plant, 1536, "i", 2250)
        put(plant, 1558, "h", 125)
        put(plant, 1798, "II", 86_400, 123_456)
        put(plant, 1808, "I", 77)
        put(plant, 39425, "4H", 0x1234, 0x1111, 0x1121, 0x1311)
        seen = await read("gencomm", plant)
    expected: dict[str, Value] = {
        "control_mode": "automatic",
        "oil_pressure_kpa": 410,
        "coolant_temperature_degc": -12,
        "oil_temperature_degc": 95,
        "fuel_percent": 63,
        "charger_voltage_v": 13.8,
        "starter_battery_voltage_v": 25.1,
        "engine_speed_rpm": 1500,
        "generator_frequency_hz": 50.0,
        "generator_voltage_1_v": 230.1,
        "generator_voltage_3_v": 229.5,
        "generator_current_1_a": 10.5,
        "generator_current_3_a": 7000.0,
        "generator_power_1_w": 2400,
        "generator_power_2_w": -150,
        "mains_frequency_hz": 49.9,
        "mains_voltage_2_v": 221.1,
        "engine_state": "running",
        "generator_power_w": 2250,
        "generator_load_percent": 12.5,
        "run_time_s": 86_400,
        "generator_energy_kwh": 12_345.6,
        "starts": 77,
        "alarm_emergency_stop": "quiet",
        "alarm_low_oil_pressure": "warning",
        "alarm_high_coolant_temperature": "shutdown",
        "alarm_low_coolant_temperature": "trip",
        "alarm_battery_low_voltage": "warning",
        "alarm_fail_to_start": "shutdown",
    }
    assert {point: seen.values[point] for point in expected} == expected
    assert seen.conditions == {
        "automatic": True,
        "running": True,
        "giving_power": True,
        "mains_good": True,
        "fuel_enough": True,
        "starter_battery_good": True,
        "no_shutdown": False,
    }


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


async def test_a_meter_gives_volts_amperes_watts_and_watt_hours() -> None:
    """PM5000: 32-bit floats, kilowatts as watts, energy in 64 bits; register 3028 is 3027."""
    async with ModbusPlant({}) as plant:
        put(plant, 2999, "4f", 11.5, 12.0, 0.25, 1.0)
        put(plant, 3019, "3f", 398.0, 399.0, 400.5)
        put(plant, 3027, "3f", 230.25, 229.5, 231.0)
        put(plant, 3053, "4f", 2.5, 2.75, 0.0625, 5.3125)
        put(plant, 3067, "f", -0.5)
        put(plant, 3075, "f", 5.5)
        put(plant, 3109, "f", 50.03125)
        put(plant, 3203, "q", 2**40 + 1)
        seen = await read("schneider-pm5xxx", plant)
    assert seen.values == {
        "current_1_a": 11.5,
        "current_2_a": 12.0,
        "current_3_a": 0.25,
        "current_neutral_a": 1.0,
        "voltage_12_v": 398.0,
        "voltage_23_v": 399.0,
        "voltage_31_v": 400.5,
        "voltage_1_v": 230.25,
        "voltage_2_v": 229.5,
        "voltage_3_v": 231.0,
        "power_1_w": 2500.0,
        "power_2_w": 2750.0,
        "power_3_w": 62.5,
        "power_w": 5312.5,
        "reactive_power_var": -500.0,
        "apparent_power_va": 5500.0,
        "frequency_hz": 50.03125,
        "energy_wh": 2**40 + 1,
    }
    assert seen.conditions == {"mains_good": True, "phases_present": True, "frequency_good": True}


async def test_what_the_meter_does_not_measure_is_absent() -> None:
    """It sends NaN, and of the energy the lowest number there is."""
    nan = float("nan")
    async with ModbusPlant({}) as plant:
        for first, count in ((2999, 4), (3019, 3), (3027, 3), (3053, 4), (3067, 1), (3075, 1)):
            put(plant, first, f"{count}f", *([nan] * count))
        put(plant, 3109, "f", nan)
        put(plant, 3203, "q", -(2**63))
        seen = await read("schneider-pm5xxx", plant)
    assert set(seen.values.values()) == {None}
    assert set(seen.conditions.values()) == {None}


async def test_contacts_are_inputs_from_0_and_outputs_from_16() -> None:
    """Reference 00017 is coil 16, and register 40211 is 210."""
    cells = {("discrete_input", place): place % 2 for place in range(12)}
    cells |= {("coil", 16 + place): int(place == 5) for place in range(6)}
    cells[REGISTERS, 210] = 0x6050
    async with ModbusPlant(cells) as plant:
        seen = await read("adam-6050", plant)
    assert [seen.values[f"input_{place}"] for place in range(12)] == [False, True] * 6
    assert [seen.values[f"output_{place}"] for place in range(6)] == [False] * 5 + [True]
    assert seen.conditions == {"right_module": True}


async def test_currents_run_from_4_to_20_ma_over_the_whole_register() -> None:
    """0 is 4 mA, 65535 is 20 mA, and the middle is 12 mA."""
    async with ModbusPlant({}) as plant:
        put(plant, 0, "8H", 0, 65535, 32768, 204, 205, 13107, 52428, 1)
        seen = await read("adam-6017", plant)
    currents = [seen.values[f"input_{place}_ma"] for place in range(8)]
    expected = [4, 20, 12.000122, 4.0498, 4.05005, 7.2, 16.8, 4.000244]
    assert currents == pytest.approx(expected, abs=1e-5)
    assert currents[1] == 20.0
    assert [seen.conditions[f"input_{place}_alive"] for place in range(8)] == [
        *(False, True, True, False, True, True, True, False)
    ]
