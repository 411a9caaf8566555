"""A whole poll of one agent as one GET, for the shared socket. Sends nothing."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import PduTemplate, match, parse_response
from monitord.devices.snmp.model import V3
from monitord.devices.snmp.rows import is_row
from monitord.devices.snmp.wire import Wire


@dataclass(frozen=True, slots=True)
class SingleGet:
    """The GET that polls an agent, as its reader learned it.

    ``family``, ``address``: the agent's resolved socket address. ``places``: for each point, the
    place of its varbind in ``template``. ``keys``: (place, text): the varbind there must have this
    text, else a row has moved and the reader has to search for it.
    """

    family: socket.AddressFamily
    address: Any
    wire: Wire
    template: PduTemplate
    places: tuple[int, ...]
    keys: tuple[tuple[int, str], ...]

    def octets_around_id(self) -> tuple[bytes, bytes] | None:
        """Return the octets of the datagram before and after the four of the request id.

        They hold the community. None for v3, where every datagram differs.
        """
        if self.wire.version == V3:
            return None
        # Two ids that differ in every octet show the place of the id, whatever the lengths are.
        ids = (0x4000_0000, 0x7F7F_7F7F)
        low, high = (self.wire.wrap(self.template.pdu(one), one, 0) for one in ids)
        at = next(i for i, (one, other) in enumerate(zip(low, high, strict=True)) if one != other)
        return low[:at], low[at + 4 :]

    def decode(self, pdu: bytes, request_id: int) -> tuple[Raw, ...] | None:
        """Return the raw value of each point of any response; the wire gets the remarks.

        None where the agent rejects the request, leaves varbinds out or moved a row: the reader
        handles these. Raises ResponseMismatchError, and ReadError where the response has an OID
        that was not requested.
        """
        response = parse_response(pdu, request_id)
        if response.error_status:
            return None
        oids = self.template.oids
        found, remarks = match(response, oids)
        if len(found) < len(oids):
            return None
        self.wire.remarks.extend((*response.remarks, *remarks))
        raws = [found[oid] for oid in oids]
        return tuple(raws[place] for place in self.places) if self.has_rows(raws) else None

    def has_rows(self, raws: Sequence[Raw]) -> bool:
        """Return whether every row still has its index; ``raws`` in the order of ``template``."""
        return all(is_row(raws[place], text) for place, text in self.keys)
