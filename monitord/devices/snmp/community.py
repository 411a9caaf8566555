"""Messages of SNMP v1 (RFC 1157 §4) and v2c (RFC 1901 §3): version, community, PDU. Sans-IO."""

from __future__ import annotations

from monitord.devices.snmp.model import VERSION_NAMES, Community
from monitord.devices.snmp.tlv import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    encoded,
    tagged_span,
)
from monitord.devices.snmp.wire import LatestRemarks, ResponseMismatchError, surplus_remark


class CommunityWire:
    """Wraps PDUs for one agent. The datagrams hold the community: they are never shown."""

    __slots__ = ("_community", "_head", "_remarks", "_version")

    def __init__(self, security: Community) -> None:
        self._version = security.version
        self._remarks = LatestRemarks()
        self._community = security.community.encode()
        version = encoded(INTEGER, bytes([self._version]))
        self._head = version + encoded(OCTET_STRING, self._community)

    def __repr__(self) -> str:
        return f"CommunityWire({VERSION_NAMES[self._version]})"

    @property
    def version(self) -> int:
        """The version number in the message."""
        return self._version

    @property
    def remarks(self) -> LatestRemarks:
        """The latest remarks; the caller that reads them clears them."""
        return self._remarks

    @property
    def silence(self) -> str:
        """Always "": an agent drops an unknown community without a report."""
        return ""

    def opening(self, request_id: int) -> bytes | None:
        """Return None: v1 and v2c have no discovery."""
        del request_id
        return None

    def wrap(self, pdu: bytes, request_id: int, now: int) -> bytes:
        """Return the datagram."""
        del request_id, now
        return encoded(SEQUENCE, self._head + pdu)

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        """Return the PDU of a message with our version and community.

        Raises ResponseMismatchError for every other datagram.
        """
        del now
        try:
            return self._pdu(datagram)
        except BerError as error:
            raise ResponseMismatchError(f"no SNMP message: {error}", faulty=True) from None

    def _pdu(self, datagram: bytes) -> bytes:
        at, end = tagged_span(datagram, 0, SEQUENCE, len(datagram))
        at, after = tagged_span(datagram, at, INTEGER, end)
        if at == after or int.from_bytes(datagram[at:after], "big") != self._version:
            version = VERSION_NAMES[self._version]
            raise ResponseMismatchError(f"SNMP version is not {version}", faulty=True)
        at, after = tagged_span(datagram, after, OCTET_STRING, end)
        if datagram[at:after] != self._community:
            raise ResponseMismatchError("community is not ours", faulty=True)
        if end < len(datagram):
            self._remarks.append(surplus_remark(len(datagram) - end))
        return datagram[after:end]
