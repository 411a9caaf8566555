"""What the SNMP reader needs to know. Owns shapes; no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.devices.model import Decoding


@dataclass(frozen=True, slots=True)
class SnmpPoint:
    """One object instance; ``oid`` is whole, instance included."""

    id: str
    oid: tuple[int, ...]
    decoding: Decoding

    @property
    def where(self) -> str:
        """The OID in numbers."""
        return ".".join(map(str, self.oid))


@dataclass(frozen=True, slots=True)
class SnmpSource:
    """A v2c agent. ``community`` was read from its file and must never be logged or shown."""

    address: str
    port: int
    community: str
    points: tuple[SnmpPoint, ...]

    def __repr__(self) -> str:
        """Leave the community out: this text may end in a log."""
        return f"SnmpSource({self.address}:{self.port}, {len(self.points)} points)"

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        return "SNMP"

    @property
    def where(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"
