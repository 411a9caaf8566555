"""What the trap receiver needs to know of the site. Owns shapes; no I/O.

Everything that is secret is left out of every text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.devices.snmp.model import User

Oid = tuple[int, ...]

SNMP_TRAP_OID: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)


@dataclass(frozen=True, slots=True)
class TrapRule:
    """What one trap says of one condition (its whole id, ``device.condition``).

    ``varbind``: it says so only when the object with this OID, or one below it, is one of
    ``equals``; empty: always.
    """

    oid: Oid
    condition: str
    value: bool
    varbind: Oid = ()
    equals: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrapDevice:
    """Whose traps are believed: by the address they come from, and what they know.

    ``community``: of v1 and v2c, None where those are refused; ``user``: of v3 likewise.
    ``engine_id``: the only one of the device where it is known, else empty.
    """

    id: str
    address: str
    community: str | None = field(default=None, repr=False)
    user: User | None = None
    engine_id: bytes = b""
    rules: tuple[TrapRule, ...] = ()


@dataclass(frozen=True, slots=True)
class TrapSettings:
    """Where traps are received (unless the service manager hands sockets in), and from whom."""

    address: str
    port: int
    devices: tuple[TrapDevice, ...]
