"""What the SNMP reader needs to know. Owns shapes; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.decoding.model import Decoding

V1 = 0
V2C = 1
V3 = 3
"""SNMP's versions as a message carries them."""

VERSION_NAMES = {V1: "1", V2C: "2c", V3: "3"}


@dataclass(frozen=True, slots=True)
class RowKey:
    """A row of a table that is known by what one of its cells says, wherever the agent puts it.

    ``name``: the row's in the configuration; ``key``: what the cell is called there; ``column``:
    its object without an index; ``value``: what it says.
    """

    name: str
    key: str
    column: tuple[int, ...]
    value: str

    @property
    def where(self) -> str:
        """The row as people chose it."""
        return f"{self.name} by {self.key}"


@dataclass(frozen=True, slots=True)
class SnmpPoint:
    """One object instance; ``oid`` is whole, instance included, unless ``row`` is not None.

    Then it is the object alone: the index of the row follows, and ``after`` that.
    """

    id: str
    oid: tuple[int, ...]
    decoding: Decoding
    row: RowKey | None = None
    after: tuple[int, ...] = ()

    @property
    def where(self) -> str:
        """The OID in numbers; a row that is found by its key stands by name in it."""
        row = () if self.row is None else (f"{{{self.row.name}}}",)
        return ".".join(map(str, (*self.oid, *row, *self.after)))


@dataclass(frozen=True, slots=True)
class Community:
    """Security of SNMPv1 and v2c: a word. It came from its file and must never be logged or shown.

    ``version``: V1 or V2C.
    """

    version: int
    community: str = field(repr=False)

    @property
    def level(self) -> str:
        """What protects the messages, for people: nothing does."""
        return ""


@dataclass(frozen=True, slots=True)
class User:
    """Security of SNMPv3 by a user (RFC 3414). The passphrases must never be logged or shown.

    ``auth``: "" or a key of ``usm_keys.AUTH_PROTOCOLS``; ``priv``: "" or one of
    ``usm_ciphers.PRIV_PROTOCOLS``, and then ``auth`` is not "". ``context``: the contextName.
    """

    name: str
    auth: str = ""
    priv: str = ""
    auth_passphrase: str = field(default="", repr=False)
    priv_passphrase: str = field(default="", repr=False)
    context: str = ""

    @property
    def version(self) -> int:
        """The version as a message carries it."""
        return V3

    @property
    def level(self) -> str:
        """What protects the messages, in the words of RFC 3411 and with the protocols."""
        if self.priv:
            return f"authPriv ({self.auth}, {self.priv})"
        return f"authNoPriv ({self.auth})" if self.auth else "noAuthNoPriv"


@dataclass(frozen=True, slots=True)
class SnmpSource:
    """An agent and how it is spoken to.

    ``objects_per_request``: no request has more, None where the agent shows how many it takes.
    """

    address: str
    port: int
    security: Community | User
    points: tuple[SnmpPoint, ...]
    objects_per_request: int | None = None

    def __repr__(self) -> str:
        """Leave the security out: this text may end in a log."""
        return f"SnmpSource({self.address}:{self.port}, {len(self.points)} points)"

    @property
    def protocol(self) -> str:
        """The protocol with its version, and v3's security level. No secret."""
        security = self.security
        return f"SNMPv{VERSION_NAMES[security.version]} {security.level}".rstrip()

    @property
    def where(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"
