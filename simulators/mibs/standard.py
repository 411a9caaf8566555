"""Equipment that speaks a standard MIB: UPS, network switch, computer, rack sensor."""

from __future__ import annotations

from simulators.mibs.system import Objects, Oid, one_or_two
from simulators.plant.county.station import Station

MIB_2: Oid = (1, 3, 6, 1, 2, 1)
UPS: Oid = (*MIB_2, 33, 1)  # UPS-MIB, RFC 1628
INTERFACES: Oid = (*MIB_2, 2)  # IF-MIB, RFC 2863
INTERFACES_X: Oid = (*MIB_2, 31, 1, 1, 1)
HOST: Oid = (*MIB_2, 25)  # HOST-RESOURCES-MIB, RFC 2790
SENSORS: Oid = (*MIB_2, 99, 1, 1, 1)  # ENTITY-SENSOR-MIB, RFC 3433

_BATTERY_NORMAL, _BATTERY_LOW, _BATTERY_DEPLETED = 2, 3, 4
_SOURCE_NONE, _SOURCE_NORMAL, _SOURCE_BATTERY = 2, 3, 5
_LOW_BELOW_PERCENT = 20
_LOAD_W, _LOAD_PERCENT = 2_100, 35
_PORTS = 4
_KILOBYTES = 33_554_432


def ups(station: Station, id_: str, t: int) -> Objects:
    """UPS-MIB: tenths of a volt for the battery, whole volts in and out, tenths of a hertz."""
    supply = station.power.ups[id_]
    charge = supply.charge.at(t)
    on_battery, lives = supply.on_battery.at(t), supply.output.at(t)
    status = _BATTERY_NORMAL if charge >= _LOW_BELOW_PERCENT else _BATTERY_LOW
    source = _SOURCE_BATTERY if on_battery else _SOURCE_NORMAL
    failures = [at for at, lost in supply.on_battery.changes(-(2**62), t + 1) if lost]
    on_battery_s = (t - failures[-1]) // 1_000_000 if on_battery and failures else 0
    objects: Objects = {
        (*UPS, 1, 1, 0): ("octets", "Simulated"),
        (*UPS, 2, 1, 0): ("integer", status if charge > 0 else _BATTERY_DEPLETED),
        (*UPS, 2, 2, 0): ("integer", on_battery_s),
        (*UPS, 2, 3, 0): ("integer", round(supply.remaining_s(t)) // 60),
        (*UPS, 2, 4, 0): ("integer", round(charge)),
        (*UPS, 2, 5, 0): ("integer", 1_920 + round(charge * 2.4)),
        (*UPS, 2, 6, 0): ("integer", 118 if on_battery else 0),
        (*UPS, 2, 7, 0): ("integer", 26),
        (*UPS, 3, 1, 0): ("counter32", len(failures)),
        (*UPS, 3, 2, 0): ("integer", 3),
        (*UPS, 4, 1, 0): ("integer", source if lives else _SOURCE_NONE),
        (*UPS, 4, 2, 0): ("integer", 500 if lives else 0),
        (*UPS, 4, 3, 0): ("integer", 3),
        (*UPS, 5, 1, 0): ("integer", 500),
        (*UPS, 6, 1, 0): ("gauge32", int(on_battery) + int(charge < _LOW_BELOW_PERCENT)),
    }
    for line in (1, 2, 3):
        objects |= _ups_line(line, has_input=not on_battery, has_output=lives)
    return objects


def _ups_line(line: int, *, has_input: bool, has_output: bool) -> Objects:
    return {
        (*UPS, 3, 3, 1, 2, line): ("integer", 500 if has_input else 0),
        (*UPS, 3, 3, 1, 3, line): ("integer", 228 if has_input else 0),
        (*UPS, 3, 3, 1, 4, line): ("integer", 34 if has_input else 0),
        (*UPS, 3, 3, 1, 5, line): ("integer", _LOAD_W // 3 if has_input else 0),
        (*UPS, 4, 4, 1, 2, line): ("integer", 220 if has_output else 0),
        (*UPS, 4, 4, 1, 3, line): ("integer", 32 if has_output else 0),
        (*UPS, 4, 4, 1, 4, line): ("integer", _LOAD_W // 3 if has_output else 0),
        (*UPS, 4, 4, 1, 5, line): ("integer", _LOAD_PERCENT if has_output else 0),
    }


def network_switch(station: Station, id_: str, t: int) -> Objects:
    """IF-MIB: port 1 is the uplink; operation status 1 is up, 2 is down."""
    is_up = not station.history.during("port_down", id_).at(t)
    objects: Objects = {(*INTERFACES, 1, 0): ("integer", _PORTS)}
    passed = max(0, t) * 3 // 2  # some 12 Mbit/s, in octets
    for port in range(1, _PORTS + 1):
        works = is_up or port > 1
        objects |= {
            (*INTERFACES, 2, 1, 1, port): ("integer", port),
            (*INTERFACES, 2, 1, 2, port): ("octets", f"port {port}"),
            (*INTERFACES, 2, 1, 3, port): ("integer", 6),
            (*INTERFACES, 2, 1, 5, port): ("gauge32", 1_000_000_000),
            (*INTERFACES, 2, 1, 7, port): ("integer", 1),
            (*INTERFACES, 2, 1, 8, port): one_or_two(works),
            (*INTERFACES, 2, 1, 10, port): ("counter32", passed % 2**32),
            (*INTERFACES, 2, 1, 13, port): ("counter32", 0),
            (*INTERFACES, 2, 1, 14, port): ("counter32", 0),
            (*INTERFACES, 2, 1, 16, port): ("counter32", passed % 2**32),
            (*INTERFACES, 2, 1, 19, port): ("counter32", 0),
            (*INTERFACES, 2, 1, 20, port): ("counter32", 0),
            (*INTERFACES_X, 1, port): ("octets", f"ge{port}"),
            (*INTERFACES_X, 6, port): ("counter64", passed),
            (*INTERFACES_X, 10, port): ("counter64", passed),
            (*INTERFACES_X, 15, port): ("gauge32", 1_000),
        }
    return objects


def station_computer(station: Station, id_: str, t: int) -> Objects:
    """HOST-RESOURCES-MIB: storage 1 is memory, 2 the disk, each in its own allocation units."""
    ticks = (t - station.agents[id_].booted_at.at(t)) // 10_000
    return {
        (*HOST, 1, 1, 0): ("timeticks", ticks % 2**32),
        (*HOST, 1, 5, 0): ("gauge32", 1),
        (*HOST, 1, 6, 0): ("gauge32", 143),
        (*HOST, 2, 2, 0): ("integer", _KILOBYTES),
        (*HOST, 2, 3, 1, 3, 1): ("octets", "Physical memory"),
        (*HOST, 2, 3, 1, 4, 1): ("integer", 1024),
        (*HOST, 2, 3, 1, 5, 1): ("integer", _KILOBYTES),
        (*HOST, 2, 3, 1, 6, 1): ("integer", _KILOBYTES * 2 // 5),
        (*HOST, 2, 3, 1, 3, 2): ("octets", "/"),
        (*HOST, 2, 3, 1, 4, 2): ("integer", 4096),
        (*HOST, 2, 3, 1, 5, 2): ("integer", 120_000_000),
        (*HOST, 2, 3, 1, 6, 2): ("integer", 31_000_000),
        (*HOST, 3, 3, 1, 2, 1): ("integer", 17),
    }


def rack_sensor(station: Station, _id: str, t: int) -> Objects:
    """ENTITY-SENSOR-MIB: row 1 degrees in tenths (precision 1), row 2 percent humidity."""
    celsius = round(station.room.temperature_c.at(t) * 10)
    rows = {1: (8, 1, celsius, "degC"), 2: (9, 0, 45, "%RH")}
    objects: Objects = {}
    for row, (kind, precision, value, unit) in rows.items():
        objects |= {
            (*SENSORS, 1, row): ("integer", kind),
            (*SENSORS, 2, row): ("integer", 9),  # units: no prefix
            (*SENSORS, 3, row): ("integer", precision),
            (*SENSORS, 4, row): ("integer", value),
            (*SENSORS, 5, row): ("integer", 1),
            (*SENSORS, 6, row): ("octets", unit),
        }
    return objects
