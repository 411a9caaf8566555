"""What every SNMP agent has in common. Owns RFC 3418's objects; knows no other MIB."""

from __future__ import annotations

from simulators.plant.county.station import Station

Oid = tuple[int, ...]
Typed = tuple[str, int | str]
Objects = dict[Oid, Typed]

# SNMPv2-MIB (RFC 3418), group system.
SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
_TICK = 10_000  # TimeTicks are hundredths of a second
_TICKS_WRAP = 2**32


def system_group(station: Station, id_: str, t: int, object_id: Oid) -> Objects:
    """Return sysDescr, sysObjectID, sysUpTime and sysName; only the clock is never cached."""
    device = station.layout.devices[id_]
    ticks = (t - station.agents[id_].booted_at.at(t)) // _TICK % _TICKS_WRAP
    return {
        (*SYSTEM, 1, 0): ("octets", f"Simulated {device.kind.replace('_', ' ')}"),
        (*SYSTEM, 2, 0): ("oid", object_id),  # type: ignore[dict-item]
        (*SYSTEM, 3, 0): ("timeticks", ticks),
        (*SYSTEM, 5, 0): ("octets", id_),
    }


def one_or_two(is_one: bool) -> Typed:
    """Return 1 where it is so, else 2: most MIBs' booleans, whichever of the two is good."""
    return ("integer", 1 if is_one else 2)
