"""Sends SNMP v2c traps and informs as an agent does. Owns the protocol; knows no object."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from simulators.agents import ber
from simulators.agents.ber import Oid
from simulators.agents.responder import VERSION_2C, Typed

TRAP, INFORM = 0xA7, 0xA6  # RFC 3416, SNMPv2-Trap-PDU and InformRequest-PDU
SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SNMP_TRAP_OID: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
_NUMBERS = 2**31

Varbinds = Sequence[tuple[Oid, Typed]]


def packet(
    community: str, trap: Oid, varbinds: Varbinds, *, ticks: int, number: int, kind: int = TRAP
) -> bytes:
    """Return the datagram. ``ticks``: sysUpTime in hundredths; ``number``: its request id."""
    head: Varbinds = [(SYS_UP_TIME, ("timeticks", ticks)), (SNMP_TRAP_OID, ("oid", trap))]
    bindings = ber.joined(
        [
            ber.joined([ber.object_id(oid), ber.typed(syntax, value)])
            for oid, (syntax, value) in [*head, *varbinds]
        ]
    )
    numbers = [ber.integer(one) for one in (number, 0, 0)]
    pdu = ber.joined([*numbers, bindings], kind)
    return ber.joined([ber.integer(VERSION_2C), ber.tlv(ber.OCTETS, community.encode()), pdu])


class TrapSender:
    """One agent's traps. ``to``: host and port; ``source``: the address they come from.

    ``sent``: how many.
    """

    def __init__(self, community: str, to: tuple[str, int], source: str = "127.0.0.1") -> None:
        self.sent = 0
        self._community = community
        self._to = to
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind((source, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def send(self, trap: Oid, *varbinds: tuple[Oid, Typed], ticks: int = 0) -> None:
        """Send once; a trap is not waited for, and one that cannot leave is lost like any other."""
        number = self.sent % _NUMBERS
        self.sent += 1
        self.send_raw(packet(self._community, trap, varbinds, ticks=ticks, number=number))

    def send_raw(self, datagram: bytes) -> None:
        """Send these octets, whatever they are."""
        try:
            self._sock.sendto(datagram, self._to)
        except OSError:
            return

    def close(self) -> None:
        """Close the socket; safe to call twice."""
        self._sock.close()
