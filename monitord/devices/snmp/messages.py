"""The bytes of a v2c GET and what may be believed of an answer. Knows no socket and no time.

Messages are built and read by pysnmp's own types; its sessions and its engine stay out of the
steady poll, where they cost more than the rest of the daemon and hide whose answer came when.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto.api import v2c

from monitord.devices.decode import Raw
from monitord.devices.model import ReadError

Oid = tuple[int, ...]

TOO_BIG = 1
_VERSION_2C = 1
# Four octets whatever the counter says, so that the request is encoded once and only patched.
_REQUEST_ID_BASE = 0x4000_0000
_REQUEST_ID_MASK = 0x3FFF_FFFF
# The largest answer of 24 objects that an agent in the field gives fits many times into this.
_PACKET_SIZE_MAX = 16_384
_SEQUENCE = b"\x30"
_OPAQUE_FLOATS = {b"\x9f\x78\x04": ">f", b"\x9f\x79\x08": ">d"}


class UnbelievedError(Exception):
    """A datagram that is not the answer to this request; the true one may still come.

    ``faulty``: it cannot be understood, rather than being an answer to something else.
    """

    def __init__(self, reason: str, *, faulty: bool) -> None:
        super().__init__(reason)
        self.faulty = faulty


@dataclass(frozen=True, slots=True)
class GetTemplate:
    """A GET of these objects, encoded but for its request id. Its bytes hold the community."""

    oids: tuple[Oid, ...]
    community: bytes = field(repr=False)
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)

    def packet(self, request_id: int) -> bytes:
        """Return the datagram to send."""
        return self.before + request_id.to_bytes(4, "big") + self.after


@dataclass(frozen=True, slots=True)
class Response:
    """A believed answer. ``raws`` in the order asked, empty unless ``error_status`` is 0."""

    error_status: int
    error_name: str
    error_index: int
    raws: tuple[Raw, ...]


class _Message(NamedTuple):
    """What a decoded message says, in plain values."""

    version: int
    community: bytes
    is_response: bool
    request_id: int
    oids: tuple[Oid, ...]
    response: Response


def request_id_from(counter: int) -> int:
    """Return a request id of four octets that differs for each of 2^30 successive counters."""
    return _REQUEST_ID_BASE | (counter & _REQUEST_ID_MASK)


def build_get(community: bytes, oids: tuple[Oid, ...]) -> GetTemplate:
    """Encode a GET of whole object instances."""
    # Two ids that differ in every octet show where the id stands, wherever the community puts it.
    low, high = (_encoded_get(community, oids, one) for one in (0x4000_0000, 0x7F7F_7F7F))
    at = next(i for i, (one, other) in enumerate(zip(low, high, strict=True)) if one != other)
    return GetTemplate(oids, community, low[:at], low[at + 4 :])


def _encoded_get(community: bytes, oids: tuple[Oid, ...], request_id: int) -> bytes:
    """Build one GET with pysnmp."""
    pdu = v2c.GetRequestPDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request_id)
    v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.null) for oid in oids])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def parse_response(packet: bytes, get: GetTemplate, request_id: int) -> Response:
    """Return the answer to ``get``, sent under ``request_id``.

    Raises UnbelievedError for whatever is not that answer, and ReadError("bad_answer") for one
    that is, by version, community and request id, and speaks of other objects.
    """
    _check_envelope(packet, request_id)
    message = _decoded(packet)
    if message.version != _VERSION_2C:
        raise UnbelievedError("SNMP version is not 2c", faulty=True)
    if message.community != get.community:
        raise UnbelievedError("community is not ours", faulty=True)
    if not message.is_response:
        raise UnbelievedError("message is no response", faulty=True)
    if message.request_id != request_id:
        raise UnbelievedError("request id is not ours", faulty=False)
    if message.response.error_status == 0 and message.oids != get.oids:
        raise ReadError("bad_answer", f"agent answered {_difference(message.oids, get.oids)}")
    return message.response


def _check_envelope(packet: bytes, request_id: int) -> None:
    """Refuse at the cost of a search what would cost a millisecond to decode."""
    if len(packet) > _PACKET_SIZE_MAX:
        raise UnbelievedError(f"datagram of {len(packet)} octets is too long", faulty=True)
    if packet[:1] != _SEQUENCE:
        raise UnbelievedError("datagram is no SNMP message", faulty=True)
    if request_id.to_bytes(4, "big") not in packet:
        raise UnbelievedError("request id is not ours", faulty=False)


def _decoded(packet: bytes) -> _Message:
    """Decode one whole message, values included."""
    try:
        message, rest = decoder.decode(packet, asn1Spec=v2c.Message())
        plain = _plain(message)
    except Exception as error:
        # On hostile bytes pyasn1 raises more kinds than it names; none of them is an answer.
        reason = f"datagram cannot be decoded ({type(error).__name__})"
        raise UnbelievedError(reason, faulty=True) from error
    if rest:
        raise UnbelievedError(f"{len(rest)} octets follow the message", faulty=True)
    return plain


def _plain(message: Any) -> _Message:
    """Take out of pysnmp's message what is needed, as plain values."""
    pdu = v2c.apiMessage.get_pdu(message)
    status = v2c.apiPDU.get_error_status(pdu)
    varbinds = v2c.apiPDU.get_varbinds(pdu)
    raws = tuple(raw_from(value) for _, value in varbinds)
    return _Message(
        version=int(v2c.apiMessage.get_version(message)),
        community=bytes(v2c.apiMessage.get_community(message)),
        is_response=isinstance(pdu, v2c.ResponsePDU),
        request_id=int(v2c.apiPDU.get_request_id(pdu)),
        oids=tuple(tuple(oid) for oid, _ in varbinds),
        response=Response(
            error_status=int(status),
            error_name=str(status.prettyPrint()),
            error_index=int(v2c.apiPDU.get_error_index(pdu, muteErrors=True)),
            raws=raws if int(status) == 0 else (),
        ),
    )


def _difference(answered: tuple[Oid, ...], asked: tuple[Oid, ...]) -> str:
    """Say where an answer leaves the question."""
    if len(answered) != len(asked):
        return f"{len(answered)} objects where {len(asked)} were asked"
    got, due = next(pair for pair in zip(answered, asked, strict=True) if pair[0] != pair[1])
    return f"{dotted(got)} where {dotted(due)} was asked"


def dotted(oid: Oid) -> str:
    """Return an OID as people write it."""
    return ".".join(map(str, oid))


def raw_from(value: Any) -> Raw:
    """Return a varbind's value as a plain one; NULL and the three exceptions are None."""
    if isinstance(value, univ.Null):
        return None
    if isinstance(value, v2c.IpAddress):
        return ".".join(map(str, bytes(value)))
    if isinstance(value, v2c.Opaque):
        return _opaque(bytes(value))
    if isinstance(value, univ.OctetString):
        return bytes(value)
    if isinstance(value, univ.ObjectIdentifier):
        return dotted(tuple(value))
    return int(value)


def _opaque(content: bytes) -> Raw:
    """Return the float that net-snmp wraps in an Opaque, or the octets as they are."""
    layout = _OPAQUE_FLOATS.get(content[:3])
    if layout is None or len(content) != 3 + content[2]:
        return content
    number: float = struct.unpack(layout, content[3:])[0]
    return number
