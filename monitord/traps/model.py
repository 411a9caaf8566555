"""The settings of the trap receiver. No I/O. No repr shows a secret."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.devices.snmp.model import User

Oid = tuple[int, ...]

SNMP_TRAP_OID: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)


@dataclass(frozen=True, slots=True)
class TrapRule:
    """The value of one condition (``device.condition``) that a trap with this OID states.

    ``varbind``: only when the varbind with this OID, or one below it, has a value of ``equals``;
    empty: always.
    """

    oid: Oid
    condition: str
    value: bool
    varbind: Oid = ()
    equals: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrapDevice:
    """An accepted sender of traps, by address and by community or user.

    ``community``: of v1 and v2c, None where these are rejected; ``user``: of v3, None in the same
    way. ``engine_id``: the only one accepted from the device, empty for any.
    """

    id: str
    address: str
    community: str | None = field(default=None, repr=False)
    user: User | None = None
    engine_id: bytes = b""
    rules: tuple[TrapRule, ...] = ()


@dataclass(frozen=True, slots=True)
class TrapSettings:
    """The address to receive at, unless the service manager hands sockets in, and the senders."""

    address: str
    port: int
    devices: tuple[TrapDevice, ...]
