"""Equipment behind a serial server: what it shows, in the figures of its own protocol.

Owns the meaning of each figure; the frames belong to the agents.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.agents.frames import EnergyMeter, LineDevice, MegatecUps
from simulators.plant.county.layout import DeviceLayout
from simulators.plant.county.station import Station

_PHASE_V, _CURRENT_A, _LOAD_PERCENT = 228.4, 21.5, 35
_PHASES_KW = 14.1
_CELLS_V, _LOW_BELOW_PERCENT = 24.0, 20


def megatec_ups(station: Station, id_: str, t: int) -> tuple[Any, ...]:
    """Input, fault and output volts, load, hertz, battery volts, degrees, status b7 to b0."""
    supply = station.power.ups[id_]
    charge = supply.charge.at(t)
    fails, lives = supply.on_battery.at(t), supply.output.at(t)
    is_low = charge < _LOW_BELOW_PERCENT
    bits = f"{fails:d}{is_low:d}00100{fails:d}"  # b3: a standby UPS; b0: the beeper
    volts = 0.0 if fails else _PHASE_V
    battery = _CELLS_V * (0.9 + charge * 0.0024)
    load = _LOAD_PERCENT if lives else 0
    return volts, _PHASE_V, 220.0 if lives else 0.0, load, 50.0, battery, 26.0, bits


def energy_meter(station: Station, _id: str, t: int) -> dict[int, list[tuple[str, bool]]]:
    """DL/T 645-2007: the incoming mains; single items and the blocks of voltages and currents."""
    on = station.power.mains.at(t)
    volts = _digits(_PHASE_V * 10 if on else 0, 4)
    amperes = _digits(_CURRENT_A * 1000 if on else 0, 6)
    kilowatt_hours = _digits(84_213_00 + max(0, t) // 1_000_000 * 0.4, 8)
    items = {
        0x02030000: [_digits(_PHASES_KW * 10_000 if on else 0, 6)],
        0x02800002: [_digits(5000 if on else 0, 4)],
        0x00010000: [kilowatt_hours],
        0x0201FF00: [volts] * 3,
        0x0202FF00: [amperes] * 3,
    }
    phases = (1, 2, 3)
    items |= {0x02010000 | phase << 8: [volts] for phase in phases}
    return items | {0x02020000 | phase << 8: [amperes] for phase in phases}


def _digits(number: float, count: int) -> tuple[str, bool]:
    return f"{round(number):0{count}d}", False


def make_ups(_: DeviceLayout, show: Callable[[], Any]) -> LineDevice:
    """Return the UPS on its line."""
    return MegatecUps(show)


def make_meter(device: DeviceLayout, show: Callable[[], Any]) -> LineDevice:
    """Return the meter on its line, its number among the device's facts."""
    return EnergyMeter(f"{round(device.facts.get('number', 1)):012d}", show)
