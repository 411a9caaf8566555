"""The PDUs of SNMP v1 and v2c (RFC 1157 §4.1, RFC 3416 §4): encodes requests, decodes responses.

pysnmp's types encode requests. They decode nothing: they read an INTEGER of no octets as 0, and one
value that they reject costs them the whole response. Knows no security, no socket and no time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pyasn1.codec.ber import encoder
from pysnmp.proto.api import v2c

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError, Remark
from monitord.devices.snmp.ber import FastDecodeError, ResponseParser, pdu_parser
from monitord.devices.snmp.pdus import Pdu, Varbind, split_pdu
from monitord.devices.snmp.tlv import BerError
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
_STATUSES = (
    *("noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess"),
    *("wrongType", "wrongLength", "wrongEncoding", "wrongValue", "noCreation"),
    *("inconsistentValue", "resourceUnavailable", "commitFailed", "undoFailed"),
    *("authorizationError", "notWritable", "inconsistentName"),
)
"""Error statuses by number (RFC 3416 §3)."""


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
    """A response with our request id. ``varbinds``: empty with an error status.

    ``raws``: from the fast decoder instead: the value of each requested OID, in order.
    ``remarks``: on the response as a whole; ``match`` has those on its values.
    """

    error_status: int
    error_name: str
    error_index: int
    varbinds: tuple[Varbind, ...]
    raws: tuple[Raw, ...] | None = None
    remarks: tuple[Remark, ...] = ()


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
    raws, remarks = tuple(parsed.values), value_remarks(asked.oids, parsed.problems)
    return Response(0, _STATUSES[0], 0, (), raws, remarks)


def value_remarks(oids: tuple[Oid, ...], problems: dict[int, str]) -> tuple[Remark, ...]:
    """Return a remark for each requested OID whose value cannot be read, by place."""
    return tuple(_unreadable(oids[place], problem) for place, problem in problems.items())


def _unreadable(oid: Oid, problem: str) -> Remark:
    return Remark("unreadable", f"{dotted(oid)}: {problem}")


def parse_response(pdu: bytes, request_id: int) -> Response:
    """Return the response to this request id. Raises ResponseMismatchError for all else."""
    if pdu[:1] != bytes([_RESPONSE]):
        raise ResponseMismatchError("message is no response", faulty=True)
    # A search rejects most late responses without a decoding.
    if request_id.to_bytes(4, "big") not in pdu:
        raise ResponseMismatchError("request id is not ours", faulty=False)
    try:
        found = split_pdu(pdu)
    except BerError as error:
        raise ResponseMismatchError(f"response cannot be split: {error}", faulty=True) from None
    if found.numbers[0] != request_id:
        raise ResponseMismatchError("request id is not ours", faulty=found.numbers[0] is None)
    return _response(found)


def _response(pdu: Pdu) -> Response:
    _, status, index = pdu.numbers
    remarks = tuple(Remark("odd_frame", oddity) for oddity in pdu.oddities)
    if None in (status, index):
        remarks = (*remarks, Remark("odd_frame", "error status or index says no number"))
    # A status that says no number says no error; of an error the agent sends no values.
    name = _STATUSES[status or 0] if 0 <= (status or 0) < len(_STATUSES) else "unknown"
    varbinds = () if status else tuple(pdu.varbinds)
    return Response(status or 0, name, index or 0, varbinds, None, remarks)


def error_status(response: Response) -> ReadError:
    """Return the error of a response with an error status."""
    name = f"{response.error_name} ({response.error_status})"
    key = "snmp.refused.object" if response.error_index else "snmp.refused"
    return ReadError("error_status", phrase(key, status=name, index=response.error_index))


def match(response: Response, asked: tuple[Oid, ...]) -> tuple[dict[Oid, Raw], list[Remark]]:
    """Return the value of each requested OID that the response has, in any order, and remarks.

    An agent may leave the last ``.0`` of an OID out. A value that cannot be read, that has the name
    of another object or that comes twice and differs is None, with a remark. Raises
    ReadError("bad_answer") where no object of the response was requested.
    """
    if response.raws is not None:
        return dict(zip(asked, response.raws, strict=True)), []
    found: dict[Oid, Raw] = {}
    odd: dict[Oid, str] = {}
    nameless: list[tuple[int, str]] = []
    for place, one in enumerate(response.varbinds):
        requested = None if one.oid is None else _requested_oid(one.oid, asked)
        if requested is None:
            nameless.append((place, one.problem or f"the agent answered {dotted(one.oid or ())}"))
        elif requested not in found:
            found[requested] = one.raw
            if one.problem:
                odd[requested] = one.problem
        elif (found[requested], odd.get(requested, "")) != (one.raw, one.problem):
            found[requested], odd[requested] = None, "the agent answered it twice, differently"
    if not found and (not nameless or any(one.oid for one in response.varbinds)):
        raise ReadError("bad_answer", _difference(response, asked))
    for place, problem in nameless:
        # What is not answered by its name, but something else is in its place, has no value.
        if place < len(asked) and asked[place] not in found:
            found[asked[place]], odd[asked[place]] = None, problem
    return found, [_unreadable(oid, problem) for oid, problem in odd.items()]


def _requested_oid(oid: Oid, asked: tuple[Oid, ...]) -> Oid | None:
    """Return the requested OID that an OID of the response matches, None for an unknown one."""
    if oid in asked:
        return oid
    whole = (*oid, 0)
    return whole if whole in asked else None


def _difference(response: Response, asked: tuple[Oid, ...]) -> Phrase:
    """Return the first difference between the response and the request."""
    answered = [one.oid for one in response.varbinds]
    if not answered or len(answered) > len(asked):
        return phrase("snmp.other_count", found=len(answered), expected=len(asked))
    got, due = next(pair for pair in zip(answered, asked, strict=False) if pair[0] != pair[1])
    return phrase("snmp.other_object", found=dotted(got or ()), expected=dotted(due))


def dotted(oid: Oid) -> str:
    """Return an OID in dotted form."""
    return ".".join(map(str, oid))
