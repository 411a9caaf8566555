"""A whole poll of one agent as one GET, for whoever polls many agents at once. Sends nothing."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

from monitord.devices.decode import Raw
from monitord.devices.model import ReadError
from monitord.devices.snmp.messages import PduTemplate, match, parse_response, refusal
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

    def read(self, datagram: bytes, request_id: int, now: int) -> tuple[Raw, ...] | None:
        """Return what an answer says of each point, read by pysnmp; None: the reader is to read.

        Raises UnbelievedError and AskAgainError as the wire does, and ReadError where the agent
        refuses or speaks of other objects.
        """
        response = parse_response(self.wire.unwrap(datagram, now), request_id)
        if response.error_status:
            raise refusal(response)
        oids = self.template.oids
        found = match(response, oids)
        if len(found) < len(oids):
            raise ReadError("bad_answer", f"agent answered {len(found)} of {len(oids)} objects")
        raws = [found[oid] for oid in oids]
        if not all(says(raws[place], text) for place, text in self.keys):
            return None
        return tuple(raws[place] for place in self.places)
