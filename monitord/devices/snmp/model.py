"""The settings of the SNMP reader. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.decoding.model import Decoding

V1 = 0
V2C = 1
V3 = 3
"""SNMP versions as in the message."""

VERSION_NAMES = {V1: "1", V2C: "2c", V3: "3"}


@dataclass(frozen=True, slots=True)
class RowKey:
    """A table row that is chosen by the text of one of its cells, whatever its index is.

    ``name``: of the row, ``key``: of the cell, both in the configuration. ``column``: the cell's
    OID without index; ``value``: its text.
    """

    name: str
    key: str
    column: tuple[int, ...]
    value: str

    @property
    def where(self) -> str:
        """The row as configured, for error texts."""
        return f"{self.name} by {self.key}"


@dataclass(frozen=True, slots=True)
class SnmpPoint:
    """One object instance. ``oid``: whole, with the instance.

    With a ``row``, ``oid`` is the column: the row's index follows, then ``after``.
    """

    id: str
    oid: tuple[int, ...]
    decoding: Decoding
    row: RowKey | None = None
    after: tuple[int, ...] = ()

    @property
    def where(self) -> str:
        """The OID in numbers, with the name of a row that is found by its key."""
        row = () if self.row is None else (f"{{{self.row.name}}}",)
        return ".".join(map(str, (*self.oid, *row, *self.after)))


@dataclass(frozen=True, slots=True)
class Community:
    """Security of SNMPv1 and v2c: a community. It is secret and must never be logged or shown.

    ``version``: V1 or V2C.
    """

    version: int
    community: str = field(repr=False)

    @property
    def level(self) -> str:
        """The security level for people: none."""
        return ""


@dataclass(frozen=True, slots=True)
class User:
    """Security of SNMPv3 by a user (RFC 3414). The passphrases must never be logged or shown.

    ``auth``: "" or a key of ``AUTH_PROTOCOLS``; ``priv``: "" or a key of ``PRIV_PROTOCOLS``, which
    requires ``auth``. ``context``: the contextName (RFC 3411 §3.3.2).
    """

    name: str
    auth: str = ""
    priv: str = ""
    auth_passphrase: str = field(default="", repr=False)
    priv_passphrase: str = field(default="", repr=False)
    context: str = ""

    @property
    def version(self) -> int:
        """The version number in the message."""
        return V3

    @property
    def level(self) -> str:
        """The security level (RFC 3411 §3.4.3) with the protocols."""
        if self.priv:
            return f"authPriv ({self.auth}, {self.priv})"
        return f"authNoPriv ({self.auth})" if self.auth else "noAuthNoPriv"


@dataclass(frozen=True, slots=True)
class SnmpSource:
    """An agent, its security and its points.

    ``objects_per_request``: the maximum in a request, None where the reader learns it.
    ``answers_from``: other IP addresses that its answers may come from.
    """

    address: str
    port: int
    security: Community | User
    points: tuple[SnmpPoint, ...]
    objects_per_request: int | None = None
    answers_from: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return a text without the security: it may end in a log."""
        return f"SnmpSource({self.address}:{self.port}, {len(self.points)} points)"

    @property
    def protocol(self) -> str:
        """The protocol with its version, and v3's security level. No secret."""
        security = self.security
        return f"SNMPv{VERSION_NAMES[security.version]} {security.level}".rstrip()

    @property
    def host(self) -> str:
        """The agent's name or address."""
        return self.address

    @property
    def where(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"
