"""Every kind of equipment and how it speaks. Owns that list; a new kind is a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulators.agents.frames import LineDevice
from simulators.agents.unit import Registers
from simulators.mibs import frames, private, registers, standard, transmitters
from simulators.mibs.system import ENTERPRISES, Objects, Oid, system_group
from simulators.plant.county.layout import DeviceLayout
from simulators.plant.county.station import Station

SpeakObjects = Callable[[Station, str, int], Objects]
SpeakRegisters = Callable[[Station, str, int], Registers]


@dataclass(frozen=True, slots=True)
class SnmpKind:
    """``object_id``: its sysObjectID."""

    speak: SpeakObjects
    object_id: Oid

    def objects(self, station: Station, id_: str, t: int) -> Objects:
        """Return every object: the plant as the agent last looked at it, its own clock as it is."""
        looked = station.shown_at(id_, t)
        system = system_group(station, id_, t, self.object_id)
        return self.speak(station, id_, looked) | system


@dataclass(frozen=True, slots=True)
class ModbusKind:
    """Registers by wire address."""

    speak: SpeakRegisters

    def registers(self, station: Station, id_: str, t: int) -> Registers:
        """Return every register, as the unit last looked."""
        return self.speak(station, id_, station.shown_at(id_, t))


@dataclass(frozen=True, slots=True)
class FrameKind:
    """``speak``: the figures it shows; ``make``: the device on its line, by what shows them."""

    speak: Callable[[Station, str, int], Any]
    make: Callable[[DeviceLayout, Callable[[], Any]], LineDevice]

    def figures(self, station: Station, id_: str, t: int) -> Any:
        """Return every figure, as the device last looked."""
        return self.speak(station, id_, station.shown_at(id_, t))


_NET_SNMP: Oid = (*ENTERPRISES, 8072, 3, 2, 10)


def _private(speak: SpeakObjects, kind: int) -> SnmpKind:
    return SnmpKind(speak, (*private.PLAYPEN, kind))


SNMP_KINDS = {
    "playout_server": _private(private.playout_server, private.PLAYOUT),
    "switcher": _private(private.switcher, private.SWITCHER),
    "satellite_receiver": _private(private.satellite_receiver, private.SATELLITE),
    "encoder": _private(private.encoder, private.ENCODER),
    "multiplexer": _private(private.multiplexer, private.MULTIPLEXER),
    "offair_receiver": _private(private.offair_receiver, private.OFFAIR),
    "time_server": _private(private.time_server, private.TIME),
    "township_terminal": _private(private.township_terminal, private.TOWNSHIP),
    "ups": SnmpKind(standard.ups, (*ENTERPRISES, 8072, 9999, 9999, 33)),
    "network_switch": SnmpKind(standard.network_switch, _NET_SNMP),
    "station_computer": SnmpKind(standard.station_computer, _NET_SNMP),
    "rack_sensor": SnmpKind(standard.rack_sensor, _NET_SNMP),
    "dtmb_transmitter": SnmpKind(
        transmitters.dtmb_transmitter, (*ENTERPRISES, 2566, 127, 1, 2, 167)
    ),
    "fm_transmitter": SnmpKind(transmitters.fm_transmitter, (*ENTERPRISES, 6404, 3, 1)),
    "silence_switcher": SnmpKind(transmitters.silence_switcher, (*ENTERPRISES, 35833, 6)),
}
MODBUS_KINDS = {
    "content_detector": ModbusKind(registers.content_detector),
    "changeover_unit": ModbusKind(registers.changeover_unit),
    "dummy_load": ModbusKind(registers.dummy_load),
    "power_meter": ModbusKind(registers.power_meter),
    "ats": ModbusKind(registers.ats),
    "generator": ModbusKind(registers.generator),
    "room_contacts": ModbusKind(registers.room_contacts),
    "room_analog": ModbusKind(registers.room_analog),
    "air_conditioner": ModbusKind(registers.air_conditioner),
}
FRAME_KINDS = {
    "megatec_ups": FrameKind(frames.megatec_ups, frames.make_ups),
    "energy_meter": FrameKind(frames.energy_meter, frames.make_meter),
}
KINDS = (*SNMP_KINDS, *MODBUS_KINDS, *FRAME_KINDS)
