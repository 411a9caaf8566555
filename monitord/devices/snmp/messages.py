"""The PDUs of SNMP v1 and v2c (RFC 1157 §4.1, RFC 3416 §4): encodes requests, decodes responses.

pysnmp's types encode and decode. Its sessions and its engine are not used: they cost more than the
rest of the daemon and hide which response arrived when. Knows no security, no socket and no time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto.api import v2c

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.snmp.ber import FastDecodeError, ResponseParser, opaque_from, pdu_parser
from monitord.devices.snmp.wire import ResponseMismatchError
from monitord.texts.phrases import Phrase, phrase

Oid = tuple[int, ...]

TOO_BIG, NO_SUCH_NAME, GEN_ERR = 1, 2, 5
# Request ids always have four octets: a request is encoded once, and only its id is replaced.
_REQUEST_ID_BASE = 0x4000_0000
_REQUEST_ID_MASK = 0x3FFF_FFFF
_RESPONSE = 0xA2
_LONG_LENGTH = 0x80
_TEMPLATES_MAX = 4096


@dataclass(frozen=True, slots=True)
class PduTemplate:
    """An encoded request for these OIDs, without its request id.

    ``parser``: of the responses to a GET, None for other requests.
    """

    oids: tuple[Oid, ...]
    before: bytes
    after: bytes
    parser: ResponseParser | None = None

    def pdu(self, request_id: int) -> bytes:
        """Return the encoded PDU."""
        return self.before + request_id.to_bytes(4, "big") + self.after


@dataclass(frozen=True, slots=True)
class Response:
    """A response with our request id. ``varbinds``: pysnmp's values, empty with an error status.

    ``raws``: from the fast decoder instead: the value of each requested OID, in order.
    """

    error_status: int
    error_name: str
    error_index: int
    varbinds: tuple[tuple[Oid, Any], ...]
    raws: tuple[Raw, ...] | None = None


def request_id_from(counter: int) -> int:
    """Return a request id of four octets, different for 2^30 successive counters."""
    return _REQUEST_ID_BASE | (counter & _REQUEST_ID_MASK)


# A PDU holds nothing of the device: devices of one profile share it.
@lru_cache(maxsize=_TEMPLATES_MAX)
def build_get(oids: tuple[Oid, ...]) -> PduTemplate:
    """Encode a GET of whole object instances."""
    return replace(_template(v2c.GetRequestPDU(), oids), parser=pdu_parser(oids))


@lru_cache(maxsize=64)
def build_get_next(oid: Oid) -> PduTemplate:
    """Encode a GETNEXT after ``oid``."""
    return _template(v2c.GetNextRequestPDU(), (oid,))


@lru_cache(maxsize=64)
def build_get_bulk(oid: Oid, repetitions: int) -> PduTemplate:
    """Encode a GETBULK of up to ``repetitions`` objects after ``oid``."""
    return _template(v2c.GetBulkRequestPDU(), (oid,), repetitions)


def _template(pdu: Any, oids: tuple[Oid, ...], repetitions: int | None = None) -> PduTemplate:
    api = v2c.apiPDU if repetitions is None else v2c.apiBulkPDU
    api.set_defaults(pdu)
    api.set_request_id(pdu, _REQUEST_ID_BASE)
    if repetitions is not None:
        api.set_non_repeaters(pdu, 0)
        api.set_max_repetitions(pdu, repetitions)
    api.set_varbinds(pdu, [(oid, v2c.null) for oid in oids])
    encoded = bytes(encoder.encode(pdu))
    # Tag and length of the PDU, then tag and length of the request id, its first field.
    length = encoded[1]
    at = 4 + (length & 0x7F if length & _LONG_LENGTH else 0)
    return PduTemplate(oids, encoded[:at], encoded[at + 4 :])


def read_response(pdu: bytes, request_id: int, asked: PduTemplate) -> Response:
    """Return what ``parse_response`` returns, forty times as fast for the usual forms."""
    if asked.parser is None:
        return parse_response(pdu, request_id)
    try:
        parsed = asked.parser.parse(pdu, request_id.to_bytes(4, "big"))
    except FastDecodeError:
        return parse_response(pdu, request_id)
    return Response(0, "noError", 0, (), tuple(parsed.values))


def parse_response(pdu: bytes, request_id: int) -> Response:
    """Return the response to this request id. Raises ResponseMismatchError for all else."""
    if pdu[:1] != bytes([_RESPONSE]):
        raise ResponseMismatchError("message is no response", faulty=True)
    # A search rejects what pysnmp would decode in a millisecond.
    if request_id.to_bytes(4, "big") not in pdu:
        raise ResponseMismatchError("request id is not ours", faulty=False)
    try:
        decoded, rest = decoder.decode(pdu, asn1Spec=v2c.ResponsePDU())
        found, response = _plain(decoded)
    except Exception as error:
        # On hostile bytes pyasn1 raises more types of error than it documents.
        reason = f"datagram cannot be decoded ({type(error).__name__})"
        raise ResponseMismatchError(reason, faulty=True) from error
    if rest:
        raise ResponseMismatchError(f"{len(rest)} octets follow the response", faulty=True)
    if found != request_id:
        raise ResponseMismatchError("request id is not ours", faulty=False)
    return response


def _plain(pdu: Any) -> tuple[int, Response]:
    """Return the request id and the response."""
    status = v2c.apiPDU.get_error_status(pdu)
    varbinds = tuple((tuple(oid), value) for oid, value in v2c.apiPDU.get_varbinds(pdu))
    for _, value in varbinds:
        raw_from(value)  # one value that cannot be converted makes the whole response faulty
    response = Response(
        error_status=int(status),
        error_name=str(status.prettyPrint()),
        error_index=int(v2c.apiPDU.get_error_index(pdu, muteErrors=True)),
        varbinds=varbinds if int(status) == 0 else (),
    )
    return int(v2c.apiPDU.get_request_id(pdu)), response


def error_status(response: Response) -> ReadError:
    """Return the error of a response with an error status."""
    name = f"{response.error_name} ({response.error_status})"
    key = "snmp.refused.object" if response.error_index else "snmp.refused"
    return ReadError("error_status", phrase(key, status=name, index=response.error_index))


def match(response: Response, asked: tuple[Oid, ...]) -> dict[Oid, Raw]:
    """Return the value of each requested OID that the response has, in any order.

    An agent may leave the last ``.0`` of an OID out. Raises ReadError("bad_answer") where the
    response has an OID that was not requested, one twice, or none.
    """
    if response.raws is not None:
        return dict(zip(asked, response.raws, strict=True))
    found: dict[Oid, Raw] = {}
    for place, (oid, value) in enumerate(response.varbinds):
        requested = _requested_oid(oid, asked)
        if requested is None or requested in found or place >= len(asked):
            raise ReadError("bad_answer", _difference(response, asked))
        found[requested] = raw_from(value)
    if not found:
        raise ReadError("bad_answer", phrase("snmp.other_count", found=0, expected=len(asked)))
    return found


def _requested_oid(oid: Oid, asked: tuple[Oid, ...]) -> Oid | None:
    """Return the requested OID that an OID of the response matches, None for an unknown one."""
    if oid in asked:
        return oid
    whole = (*oid, 0)
    return whole if whole in asked else None


def _difference(response: Response, asked: tuple[Oid, ...]) -> Phrase:
    """Return the first difference between the response and the request."""
    answered = [oid for oid, _ in response.varbinds]
    if len(answered) > len(asked):
        return phrase("snmp.other_count", found=len(answered), expected=len(asked))
    got, due = next(pair for pair in zip(answered, asked, strict=False) if pair[0] != pair[1])
    return phrase("snmp.other_object", found=dotted(got), expected=dotted(due))


def dotted(oid: Oid) -> str:
    """Return an OID in dotted form."""
    return ".".join(map(str, oid))


def raw_from(value: Any) -> Raw:
    """Return a varbind's value as a raw value; NULL and the three exceptions are None."""
    if isinstance(value, univ.Null):
        return None
    if isinstance(value, v2c.IpAddress):
        return ".".join(map(str, bytes(value)))
    if isinstance(value, v2c.Opaque):
        return opaque_from(bytes(value))
    if isinstance(value, univ.OctetString):
        return bytes(value)
    if isinstance(value, univ.ObjectIdentifier):
        return dotted(tuple(value))
    return int(value)
