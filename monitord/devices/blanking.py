"""Removes secrets and addresses from a walk, so that it can be published. Sends nothing.

Objects that are known to hold one are blanked (names, places, contacts, hardware addresses); tables
of neighbours, routes, users and communities are left out; every text that looks like an
address, or is one of the secrets in use, is blanked everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitord.devices.recordings import Cell
from monitord.devices.snmp.messages import Oid, dotted

_MIB2: Oid = (1, 3, 6, 1, 2, 1)
BLANKED: dict[Oid, bytes] = {
    (*_MIB2, 1, 4): b"contact",  # sysContact
    (*_MIB2, 1, 5): b"name",  # sysName
    (*_MIB2, 1, 6): b"location",  # sysLocation
    (*_MIB2, 2, 2, 1, 6): bytes.fromhex("00005e005300"),  # ifPhysAddress
}
"""Objects of SNMPv2-MIB (RFC 3418) and IF-MIB (RFC 2863), with their replacements."""

LEFT_OUT: tuple[Oid, ...] = (
    *((*_MIB2, 3, 1), (*_MIB2, 4, 20), (*_MIB2, 4, 21), (*_MIB2, 4, 22), (*_MIB2, 4, 24)),
    *((*_MIB2, 4, 32), (*_MIB2, 4, 34), (*_MIB2, 4, 35), (*_MIB2, 4, 37), (*_MIB2, 4, 38)),
    *((*_MIB2, 6, 13), (*_MIB2, 6, 19), (*_MIB2, 6, 20), (*_MIB2, 7, 5), (*_MIB2, 7, 7)),
    *((*_MIB2, 8), (*_MIB2, 14), (*_MIB2, 15), (*_MIB2, 17, 4), (*_MIB2, 25, 4, 2, 1, 5)),
    *((*_MIB2, 55), (1, 0, 8802), (1, 3, 6, 1, 6, 3)),
    *((1, 3, 6, 1, 4, 1, 9, 9, 23), (1, 3, 6, 1, 4, 1, 2021, 8), (1, 3, 6, 1, 4, 1, 8072, 1, 3)),
)
"""Tables whose indexes are addresses or names: IP-MIB's and its routes, connections of TCP and UDP,
EGP, OSPF, BGP, learned hardware addresses, parameters of running programs, IPv6, LLDP, CDP, SNMP's
own users, views, targets and communities, and net-snmp's own commands."""

_LOOKS_LIKE = re.compile(
    rb"(?P<mac>(?<![0-9A-Fa-f:])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\2){4}[0-9A-Fa-f]{2}(?![\w:]))"
    rb"|(?P<ipv6>(?<![0-9A-Fa-f:])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
    rb"|(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}){1,7}))"
    rb"|(?P<ipv4>(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.]))"
    rb"|(?P<mail>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){0,8})"
)
_USUAL_COMMUNITIES = frozenset({b"public", b"private"})
_SECRET_LEAST = 3
# Addresses reserved for examples: RFC 5737, RFC 3849, RFC 7042, RFC 2606.
_PUT = {
    "mac": b"00:00:5e:00:53:00",
    "ipv6": b"2001:db8::1",
    "ipv4": b"192.0.2.1",
    "mail": b"somebody@example.org",
}
_OBJECT_ID, _PUT_OID = 6, "0.0"
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_PUT_MAC, _PUT_IPV4 = bytes.fromhex("00005e005300"), "192.0.2.1"


class Blanking:
    """``blanked``, ``left_out``: how many cells. ``secrets`` are never shown."""

    def __init__(self, secrets: Iterable[str], address: str = "") -> None:
        """``secrets``: community, user and passphrases; ``address``: of the agent."""
        self.blanked = self.left_out = 0
        words = {secret.encode() for secret in (*secrets, address)}
        self._secrets = sorted((w for w in words if len(w) >= _SECRET_LEAST), key=len, reverse=True)
        self._whole = words - {b""} | _USUAL_COMMUNITIES
        parts = address.split(".")
        is_ipv4 = len(parts) == 4 and all(part.isdecimal() for part in parts)
        self._address = tuple(map(int, parts)) if is_ipv4 else ()
        self._arcs = [arcs for arcs in (self._address, *map(tuple, self._secrets)) if arcs]

    def blank(self, cell: Cell) -> Cell | None:
        """Return a cell without secrets and addresses, None where it must be left out."""
        if cell.oid[:3] == (1, 0, 8802) or any(_is_in(cell.oid, table) for table in LEFT_OUT):
            self.left_out += 1
            return None
        if self._index_at(cell.oid) is not None:
            self.left_out += 1
            return None
        content = self._content(cell)
        if content == cell.content:
            return cell
        self.blanked += 1
        return Cell(cell.oid, cell.tag, content)

    def sentence(self, text: str) -> str:
        """Return a sentence about a walk, each OID in it cut off before a secret or an address."""
        return _DOTTED.sub(lambda found: self._shortened(_arcs_of(found[0])), text)

    def _shortened(self, oid: Oid) -> str:
        ends = [len(table) for table in LEFT_OUT if _is_in(oid, table)]
        if (at := self._index_at(oid)) is not None:
            ends.append(at)
        return f"{dotted(oid[: min(ends)])}..." if ends else dotted(oid)

    def _index_at(self, oid: Oid) -> int | None:
        """Return where an OID has the agent's own address or a secret, None where it has none."""
        held = (arcs for arcs in self._arcs if arcs[0] in oid)
        places = (at for arcs in held for at in range(len(oid)) if _is_in(oid[at:], arcs))
        return min(places, default=None)

    def _content(self, cell: Cell) -> int | bytes | str:
        for oid, instead in BLANKED.items():
            if _is_in(cell.oid, oid):
                return instead if cell.content else cell.content
        if cell.tag == 64:
            return _PUT_IPV4
        if cell.tag == _OBJECT_ID and isinstance(cell.content, str):
            is_told = self._index_at(_arcs_of(cell.content)) is not None
            return _PUT_OID if is_told else cell.content
        if not isinstance(cell.content, bytes):
            return cell.content
        return self._octets(cell.content)

    def _octets(self, octets: bytes) -> bytes:
        if octets in self._whole:
            return b"x" * len(octets)
        if len(octets) == 6 and not octets.decode("latin-1").isprintable():
            return _PUT_MAC
        if self._address and octets == bytes(self._address):
            return bytes(map(int, _PUT_IPV4.split(".")))
        for secret in self._secrets:
            octets = octets.replace(secret, b"x" * len(secret))
        return _LOOKS_LIKE.sub(lambda found: _PUT[found.lastgroup or ""], octets)


def _is_in(oid: Oid, table: Oid) -> bool:
    return oid[: len(table)] == table


def _arcs_of(text: str) -> Oid:
    return tuple(int(arc) for arc in text.split(".") if arc.isdecimal())
