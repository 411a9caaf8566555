"""Equipment that speaks Modbus: the meaning of each register. Owns addresses, types and scales.

Addresses count from 0, as on the wire; manuals often count from 1, or write 40001 for holding 0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from simulators.agents.unit import Registers
from simulators.plant.county.station import Station

# Contacts at the detectors and in the room: which one is wired where is this station's own matter.
ROOM_DOOR, ROOM_SMOKE, ROOM_WATER, ROOM_MAINS_FAILED, ROOM_GENERATOR_RUNS = range(5)
ADAM_6050_INPUTS, ADAM_6050_OUTPUTS, ADAM_6050_FIRST_OUTPUT = 12, 6, 16
ADAM_6050_SIREN = 0
ADAM_6017_INPUTS, ADAM_6017_FULL = 8, 65_535
_TEMPERATURE_MAX_C, _FUEL_MAX_PERCENT = 50.0, 100.0

_STOPPED, _RUNNING, _COOLING = 0, 3, 4  # GenComm 1408, engine operating state
_NIBBLE_INACTIVE, _NIBBLE_SHUTDOWN = 1, 3
_PHASE_V, _GENERATOR_V, _CURRENT_A, _PHASE_KW = 228.4, 230.0, 21.5, 4.7


def content_detector(station: Station, id_: str, t: int) -> Registers:
    """Contacts, true is bad: 0 silent, 1 black, 2 frozen, 3 no signal at the input."""
    channel = station.channels[station.layout.devices[id_].channel]
    says = (channel.says_silent, channel.says_black, channel.says_frozen)
    contacts = [signal.at(t) for signal in says] + [not channel.output.at(t).is_there]
    return Registers(discrete_inputs=dict(enumerate(contacts)))


def changeover_unit(station: Station, _id: str, t: int) -> Registers:
    """Contacts of the coax switch and its logic: 0 A on the antenna, 1 B, 2 automatic, 3 moving."""
    pair = station.dtmb
    on = pair.antenna.at(t)
    main, reserve = (*pair.ids, "", "")[:2]
    contacts = (on == main, on == reserve, pair.is_automatic.at(t), on is None)
    return Registers(discrete_inputs=dict(enumerate(contacts)))


def dummy_load(station: Station, _id: str, t: int) -> Registers:
    """Input register 0: power taken, W; 1: water temperature, tenths of a degree; signed."""
    power_w = station.dtmb.dummy_w.at(t)
    return Registers(input_registers={0: power_w, 1: 240 + power_w // 5})


def power_meter(station: Station, id_: str, t: int) -> Registers:
    """Schneider PM5xxx: holding registers, float32, high word first; NaN is "not available"."""
    is_main = station.layout.devices[id_].supply == "own"
    has_voltage = (station.power.mains if is_main else station.power.bus).at(t)
    volts = _PHASE_V if has_voltage else 0.0
    amperes, kilowatts = (_CURRENT_A, _PHASE_KW) if has_voltage else (0.0, 0.0)
    missing = float("nan")
    values = {
        **dict.fromkeys((2999, 3001, 3003, 3009), amperes),
        3005: 0.4,
        **dict.fromkeys((3019, 3021, 3023, 3025), volts * 3**0.5),
        **dict.fromkeys((3027, 3029, 3031, 3035), volts),
        **dict.fromkeys((3053, 3055, 3057), kilowatts),
        3059: 3 * kilowatts,
        3067: 1.2 if has_voltage else 0.0,
        3075: 3 * kilowatts * 1.04,
        3083: missing,
        3109: 50.0 if has_voltage else missing,
    }
    table: dict[int, int] = {}
    for address, value in values.items():
        table |= _words(address, struct.pack(">f", value))
    watt_hours = 84_213_000 + max(0, t) // 1_000_000 * 4
    table |= _words(3203, struct.pack(">q", watt_hours))
    table |= _words(3219, struct.pack(">q", watt_hours // 12))
    return Registers(holding_registers=table)


def ats(station: Station, _id: str, t: int) -> Registers:
    """Transfer switch's contacts: 0 mains good, 1 generator good, 2 on mains, 3 on generator."""
    power = station.power
    on_generator = power.on_generator.at(t)
    contacts = (power.mains.at(t), power.is_running.at(t), not on_generator, on_generator)
    return Registers(discrete_inputs=dict(enumerate(contacts)))


def generator(station: Station, id_: str, t: int) -> Registers:
    """GenComm (Deep Sea): pages of 256 holding registers; 32 bits are high word first."""
    power = station.power
    turns, carries = power.is_running.at(t), power.on_generator.at(t)
    volts = _GENERATOR_V if turns else 0.0
    mains_v = _PHASE_V if power.mains.at(t) else 0.0
    watts = 14_200 if turns and carries else 0
    fails = station.history.during("fails_to_start", id_).at(t) and not power.mains.at(t)
    state = (_RUNNING if carries else _COOLING) if turns else _STOPPED
    table = {
        768: 1, 769: 7_320, 772: 1,
        1024: 420 if turns else 0, 1025: 78 if turns else 31, 1026: 84 if turns else 31,
        1027: round(power.fuel.at(t)), 1028: 0, 1029: 272, 1030: 1_500 if turns else 0,
        1031: 500 if turns else 0, 1059: 500 if mains_v else 0,
        1408: state, 1558: 470 if watts else 0, 39_168: 0, 39_424: 16,
        39_425: _nibbles([_NIBBLE_INACTIVE] * 4), 39_426: _nibbles([_NIBBLE_INACTIVE] * 4),
        39_427: _nibbles([_NIBBLE_INACTIVE] * 4),
        39_428: _nibbles([1, _NIBBLE_SHUTDOWN if fails else _NIBBLE_INACTIVE, 1, 1]),
    }  # fmt: skip
    for phase in range(3):
        table |= _long(1032 + 2 * phase, round(volts * 10))
        table |= _long(1038 + 2 * phase, round(volts * 10 * 3**0.5))
        table |= _long(1044 + 2 * phase, watts // 69)
        table |= _long(1052 + 2 * phase, watts // 3)
        table |= _long(1060 + 2 * phase, round(mains_v * 10))
    for address, value in {1536: watts, 1798: 441_000, 1800: 61_250, 1808: 187}.items():
        table |= _long(address, value)
    return Registers(holding_registers=table)


def room_contacts(station: Station, id_: str, t: int) -> Registers:
    """Advantech ADAM-6050: inputs 0 to 11, outputs as coils 16 to 21, both as holding bitmaps.

    The siren hangs on output 0, which nothing here drives.
    """
    during = station.history.during
    inputs = [False] * ADAM_6050_INPUTS
    inputs[ROOM_DOOR] = during("door_open", id_).at(t)
    inputs[ROOM_SMOKE] = during("smoke", id_).at(t)
    inputs[ROOM_WATER] = during("water", id_).at(t)
    inputs[ROOM_MAINS_FAILED] = not station.power.mains.at(t)
    inputs[ROOM_GENERATOR_RUNS] = station.power.is_running.at(t)
    first = ADAM_6050_FIRST_OUTPUT
    outputs = dict.fromkeys(range(first, first + ADAM_6050_OUTPUTS), False)
    bitmap = sum(1 << place for place, closed in enumerate(inputs) if closed)
    return Registers(
        # The module gives its inputs as coils too.
        coils=dict(enumerate(inputs)) | dict.fromkeys(range(12, 16), False) | outputs,
        discrete_inputs=dict(enumerate(inputs)),
        holding_registers={210: 0x6050, 300: bitmap, 302: 0},
    )


def room_analog(station: Station, _id: str, t: int) -> Registers:
    """Advantech ADAM-6017: inputs as holding registers 0 to 7, 0 to 65535 over 4 to 20 mA.

    0 room temperature 0 to 50 degrees, 1 generator's fuel 0 to 100 %; the others are open.
    """
    shares = [0.0] * ADAM_6017_INPUTS
    shares[0] = station.room.temperature_c.at(t) / _TEMPERATURE_MAX_C
    shares[1] = station.power.fuel.at(t) / _FUEL_MAX_PERCENT
    table = {place: round(share * ADAM_6017_FULL) for place, share in enumerate(shares)}
    return Registers(holding_registers=table)


def air_conditioner(station: Station, id_: str, t: int) -> Registers:
    """Inputs 0 running, 1 fault; input registers 0 room and 1 wanted temperature, tenths."""
    runs = station.room.cools[id_].at(t)
    celsius = round(station.room.temperature_c.at(t) * 10)
    return Registers(
        discrete_inputs={0: runs, 1: station.history.during("stops", id_).at(t)},
        input_registers={0: celsius, 1: 240},
    )


def _words(address: int, raw: bytes) -> dict[int, int]:
    words: Iterable[int] = struct.unpack(f">{len(raw) // 2}H", raw)
    return dict(enumerate(words, start=address))


def _long(address: int, value: int) -> dict[int, int]:
    return _words(address, struct.pack(">i", value))


def _nibbles(values: list[int]) -> int:
    """Return four alarms in one register, the first in the highest bits."""
    return sum(value << shift for value, shift in zip(values, (12, 8, 4, 0), strict=True))
