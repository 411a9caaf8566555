"""A whole poll of one agent as one GET, for whoever polls many agents at once. Sends nothing."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import PduTemplate, match, parse_response
from monitord.devices.snmp.model import V3
from monitord.devices.snmp.rows import says
from monitord.devices.snmp.wire import Wire


@dataclass(frozen=True, slots=True)
class SingleGet:
    """What the steady poll of an agent asks, as its reader learned it.

    ``family``, ``address``: the agent as a socket takes it, resolved. ``places``: for each point,
    where its object stands in ``template``. ``keys``: (place, text): unless ``rows.says`` so of
    the raw value there, a row has moved, and the reader has to look for it.
    """

    family: socket.AddressFamily
    address: Any
    wire: Wire
    template: PduTemplate
    places: tuple[int, ...]
    keys: tuple[tuple[int, str], ...]

    def around(self) -> tuple[bytes, bytes] | None:
        """Return the octets of the datagram before and behind the four of the request id.

        They hold the community. None where every datagram is another (v3).
        """
        if self.wire.version == V3:
            return None
        # Two ids that differ in every octet show where the id stands, whatever else is there.
        ids = (0x4000_0000, 0x7F7F_7F7F)
        low, high = (self.wire.wrap(self.template.pdu(one), one, 0) for one in ids)
        at = next(i for i, (one, other) in enumerate(zip(low, high, strict=True)) if one != other)
        return low[:at], low[at + 4 :]

    def read(self, pdu: bytes, request_id: int) -> tuple[Raw, ...] | None:
        """Return what an answer says of each point, read by pysnmp; None: the reader is to read.

        The reader also knows what to do where the agent refuses, or leaves objects out. Raises
        ResponseMismatchError, and ReadError where the agent speaks of other objects.
        """
        response = parse_response(pdu, request_id)
        if response.error_status:
            return None
        oids = self.template.oids
        found = match(response, oids)
        if len(found) < len(oids):
            return None
        raws = [found[oid] for oid in oids]
        return tuple(raws[place] for place in self.places) if self.has_rows(raws) else None

    def has_rows(self, raws: Sequence[Raw]) -> bool:
        """Return whether the rows are where they were; ``raws`` in the order of ``template``."""
        return all(says(raws[place], text) for place, text in self.keys)
