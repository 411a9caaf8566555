"""Meters, UPSs and generators over Modbus: raw registers worked out by hand from the tables."""

from __future__ import annotations

import struct

from monitord.core.model import Value
from tests.support.agents import ModbusPlant
from tests.unit.profiles.test_modbus_profiles import put, read

THREE = ("1", "2", "3")
ALL_GOOD = {"mains_good": True, "phases_present": True, "frequency_good": True}


def each(before: str, after: str, *numbers: Value) -> dict[str, Value]:
    """Return one value a phase."""
    return {f"{before}{n}{after}": value for n, value in zip(THREE, numbers, strict=True)}


async def test_an_iem3000_gives_kilowatts_as_watts_and_energy_in_64_bits() -> None:
    """Register 3028 is wire address 3027; the lowest 64-bit number is no energy."""
    async with ModbusPlant({}) as plant:
        put(plant, 2999, "3f", 11.5, 12.0, 0.25)
        put(plant, 3027, "3f", 230.25, 229.5, 231.0)
        put(plant, 3053, "4f", 2.5, 2.75, 0.0625, 5.3125)
        put(plant, 3067, "f", -0.5)
        put(plant, 3075, "f", 5.5)
        put(plant, 3109, "f", 50.03125)
        put(plant, 3203, "qq", 2**40 + 1, -(2**63))
        seen = await read("schneider-iem3000", plant)
    assert seen.values == {
        **each("current_", "_a", 11.5, 12.0, 0.25),
        **each("voltage_", "_v", 230.25, 229.5, 231.0),
        **each("power_", "_w", 2500, 2750, 62.5),
        "power_w": 5312.5,
        "reactive_power_var": -500,
        "apparent_power_va": 5500,
        "frequency_hz": 50.03125,
        "import_energy_wh": 2**40 + 1,
        "export_energy_wh": None,
    }
    assert seen.conditions == ALL_GOOD


async def test_an_sdm630_gives_floats_in_input_registers() -> None:
    """The wire address is twice the index of its list."""
    plant = ModbusPlant({})
    floats = {
        0: (230.5, 231.5, 229.5, 1.5, 2.5, 3.5, 345.5, 578.75, 803.25),
        30: (0.5, 0.75, 1.0),
        52: (1727.5,),
        56: (1800.0,),
        60: (-12.5,),
        62: (0.9375,),
        70: (49.96875, 123.5, 7.25),
    }
    for address, numbers in floats.items():
        octets = struct.pack(f">{len(numbers)}f", *numbers)
        registers = struct.unpack(f">{2 * len(numbers)}H", octets)
        plant.set_registers("input_register", address, *registers)
    async with plant:
        seen = await read("eastron-sdm630", plant)
    assert seen.values == {
        **each("voltage_", "_v", 230.5, 231.5, 229.5),
        **each("current_", "_a", 1.5, 2.5, 3.5),
        **each("power_", "_w", 345.5, 578.75, 803.25),
        **each("power_factor_", "", 0.5, 0.75, 1.0),
        "power_w": 1727.5,
        "apparent_power_va": 1800.0,
        "reactive_power_var": -12.5,
        "power_factor": 0.9375,
        "frequency_hz": 49.96875,
        "import_energy_kwh": 123.5,
        "export_energy_kwh": 7.25,
    }
    assert seen.conditions == ALL_GOOD


async def test_a_dtsu666_gives_floats_that_need_a_factor() -> None:
    """Tenths of volts and watts, thousandths of amperes, hundredths of hertz."""
    async with ModbusPlant({}) as plant:
        put(plant, 8198, "10f", 2305, 2315, 2295, 1500, 2500, 3500, 17275, 3455, 5787.5, 8032.5)
        put(plant, 8218, "f", -125)
        put(plant, 8234, "f", 937.5)
        put(plant, 8260, "f", 4997)
        put(plant, 4126, "f", 123.5)
        put(plant, 4136, "f", 7.25)
        seen = await read("chint-dtsu666", plant)
    assert seen.values == {
        **each("voltage_", "_v", 230.5, 231.5, 229.5),
        **each("current_", "_a", 1.5, 2.5, 3.5),
        **each("power_", "_w", 345.5, 578.75, 803.25),
        "power_w": 1727.5,
        "reactive_power_var": -12.5,
        "power_factor": 0.9375,
        "frequency_hz": 49.97,
        "import_energy_kwh": 123.5,
        "export_energy_kwh": 7.25,
    }
    assert seen.conditions == ALL_GOOD


async def test_an_acr_meter_gives_its_exponents_with_its_values_in_one_request() -> None:
    """Value = raw x 10^(exponent - 4): 2301 at 3 is 230.1 V, 1234 at 2 is 12.34 A."""
    async with ModbusPlant({}) as plant:
        plant.set_registers("holding_register", 34, *([0] * 29))
        put(plant, 35, "BBBB", 3, 2, 5, 0)
        put(plant, 37, "6H", 2301, 2302, 2299, 3985, 3986, 3987)
        put(plant, 43, "3H", 1234, 1, 65535)
        put(plant, 49, "h", -321)
        put(plant, 57, "H", 985)
        put(plant, 61, "HH", 400, 5001)
        seen = await read("acrel-acr", plant)
        assert plant.requests == [("holding_register", 34, 29)]
    assert seen.values == {
        "voltage_exponent": 3,
        "current_exponent": 2,
        "power_exponent": 5,
        **each("voltage_", "_v", 230.1, 230.2, 229.9),
        "voltage_12_v": 398.5,
        "voltage_23_v": 398.6,
        "voltage_31_v": 398.7,
        **each("current_", "_a", 12.34, 0.01, 655.35),
        "power_w": -3210,
        "apparent_power_va": 4000,
        "power_factor": 0.985,
        "frequency_hz": 50.01,
    }
    assert seen.conditions == ALL_GOOD


async def test_a_smart_ups_gives_binary_fractions_and_its_model() -> None:
    """Raw / 2^n: 51200 / 2^9 is 100 %, -640 / 2^7 is -5 degrees."""
    async with ModbusPlant({}) as plant:
        put(plant, 128, "I", 3600)
        put(plant, 130, "Hh", 51200, 1736)
        put(plant, 135, "hH", -640, 8960)
        put(plant, 140, "H", 176)
        put(plant, 142, "H", 14720)
        put(plant, 144, "H", 6400)
        put(plant, 151, "H", 0xFFFF)
        put(plant, 532, "32s", b"Smart-UPS_1500\0")
        seen = await read("apc-smart-modbus", plant)
    assert seen.values == {
        "runtime_left_s": 3600,
        "charge_percent": 100,
        "battery_voltage_v": 54.25,
        "battery_temperature_degc": -5,
        "load_percent": 35,
        "output_current_a": 5.5,
        "output_voltage_v": 230,
        "output_frequency_hz": 50,
        "input_voltage_v": None,
        "model": "Smart-UPS_1500",
    }
    assert seen.conditions == {
        "mains_present": None,
        "output_good": True,
        "charged": True,
        "load_fits": True,
    }


async def test_a_datakom_controller_gives_pairs_with_the_low_word_first() -> None:
    """70,000 tenths of a volt is 1170 4464 in hexadecimal words the other way round."""

    def pairs(plant: ModbusPlant, address: int, *numbers: int) -> None:
        words = [word for number in numbers for word in (number & 0xFFFF, number >> 16)]
        plant.set_registers("holding_register", address, *words)

    async with ModbusPlant({}) as plant:
        pairs(plant, 10246, 2301, 2302, 70_000)
        pairs(plant, 10270, 105, 0, 70_000)
        pairs(plant, 10286, 24, 25, 26)
        pairs(plant, 10294, 75)
        put(plant, 10339, "H", 5001)
        put(plant, 10341, "H", 2530)
        put(plant, 10361, "4H", 41, 855, 635, 0x7FFF)
        put(plant, 10376, "H", 1500)
        put(plant, 10616, "H", 77)
        pairs(plant, 10622, 100_000)
        pairs(plant, 10628, 123_456)
        seen = await read("datakom-genset", plant)
    assert seen.values == {
        **each("generator_voltage_", "_v", 230.1, 230.2, 7000.0),
        **each("generator_current_", "_a", 10.5, 0, 7000.0),
        **each("generator_power_", "_w", 2400, 2500, 2600),
        "generator_power_w": 7500,
        "generator_frequency_hz": 50.01,
        "starter_battery_voltage_v": 25.3,
        "oil_pressure_kpa": 410,
        "coolant_temperature_degc": 85.5,
        "fuel_percent": 63.5,
        "oil_temperature_degc": None,
        "engine_speed_rpm": 1500,
        "starts": 77,
        "run_time_s": 3_600_000,
        "generator_energy_kwh": 12_345.6,
    }
    assert set(seen.conditions.values()) == {True}


async def test_a_dc_supply_gives_signed_currents_and_temperatures() -> None:
    """Tenths of volts of the mains, hundredths of the rest; below zero is below zero."""
    plant = ModbusPlant({})
    plant.set_registers("input_register", 80, 2205)
    plant.set_registers("input_register", 96, 2712, 415, 0x10000 - 55)
    plant.set_registers("input_register", 211, 2690, 0x10000 - 125, 231)
    async with plant:
        seen = await read("meanwell-drs", plant)
    assert seen.values == {
        "input_voltage_v": 220.5,
        "output_voltage_v": 27.12,
        "output_current_a": 4.15,
        "temperature_degc": -5.5,
        "battery_voltage_v": 26.9,
        "battery_current_a": -1.25,
        "battery_temperature_degc": 23.1,
    }
    assert seen.conditions == {"mains_present": True}
