"""Messages of SNMP v1 and v2c: a version, a community, and the PDU. Knows no socket and no time."""

from __future__ import annotations

from collections import deque

from monitord.devices.snmp.model import VERSION_NAMES, Community
from monitord.devices.snmp.wire import REMARKS_MAX, Remark, ResponseMismatchError

_SEQUENCE, _INTEGER, _OCTETS = 0x30, 0x02, 0x04
_LONG = 0x80
# Longer lengths than these have no place in a datagram.
_LENGTH_OCTETS_MAX = 3


class CommunityWire:
    """Wraps PDUs for one agent. Its bytes hold the community: they are never shown."""

    def __init__(self, security: Community) -> None:
        self._version = security.version
        self._remarks: deque[Remark] = deque(maxlen=REMARKS_MAX)
        self._community = security.community.encode()
        self._head = _tlv(_INTEGER, bytes([self._version])) + _tlv(_OCTETS, self._community)

    def __repr__(self) -> str:
        return f"CommunityWire({VERSION_NAMES[self._version]})"

    @property
    def version(self) -> int:
        """The version as the message carries it."""
        return self._version

    @property
    def remarks(self) -> deque[Remark]:
        """Nothing: a community proves nothing that could change."""
        return self._remarks

    @property
    def silence(self) -> str:
        """Nothing: an agent drops what it does not know without a word."""
        return ""

    def opening(self, request_id: int) -> bytes | None:
        """Nothing must be asked first."""
        del request_id
        return None

    def wrap(self, pdu: bytes, request_id: int, now: int) -> bytes:
        """Return the datagram."""
        del request_id, now
        return _tlv(_SEQUENCE, self._head + pdu)

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        """Return the PDU of a message of our version with our community.

        Raises ResponseMismatchError for every other.
        """
        del now
        at, end = _inside(datagram, 0, _SEQUENCE, "no SNMP message")
        if end != len(datagram):
            raise ResponseMismatchError(
                f"{len(datagram) - end} octets follow the message", faulty=True
            )
        at, after = _inside(datagram, at, _INTEGER, "without a version")
        if int.from_bytes(datagram[at:after], "big") != self._version:
            version = VERSION_NAMES[self._version]
            raise ResponseMismatchError(f"SNMP version is not {version}", faulty=True)
        at, after = _inside(datagram, after, _OCTETS, "without a community")
        if datagram[at:after] != self._community:
            raise ResponseMismatchError("community is not ours", faulty=True)
        return datagram[after:]


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + content


def _inside(data: bytes, at: int, tag: int, otherwise: str) -> tuple[int, int]:
    """Return where the content of the value at ``at`` begins and ends."""
    if data[at : at + 1] != bytes([tag]):
        raise ResponseMismatchError(f"datagram is {otherwise}", faulty=True)
    size, start = data[at + 1] if at + 1 < len(data) else _LONG, at + 2
    if size >= _LONG:
        octets = size & 0x7F
        if not 1 <= octets <= _LENGTH_OCTETS_MAX:
            raise ResponseMismatchError("datagram has a length that cannot be read", faulty=True)
        start += octets
        size = int.from_bytes(data[at + 2 : start], "big")
    if start + size > len(data):
        raise ResponseMismatchError("datagram is cut off", faulty=True)
    return start, start + size
