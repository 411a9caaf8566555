"""Answers of SNMP agents as octets, built by pysnmp, and what pysnmp reads in any octets."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto.api import v2c

from monitord.decoding.rules import Raw

Oid = tuple[int, ...]

ENTERPRISE = (1, 3, 6, 1, 4, 1, 53864)


def asked_oids(count: int) -> tuple[Oid, ...]:
    """Return so many object instances of the example enterprise."""
    return tuple((*ENTERPRISE, 1, place, 0) for place in range(1, count + 1))


def answer(
    oids: tuple[Oid, ...],
    values: list[Any],
    request_id: int,
    *,
    community: bytes = b"public",
    version: int = 1,
    error_status: int = 0,
    error_index: int = 0,
) -> bytes:
    """Return a whole message. ``values``: pysnmp's types."""
    pdu = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request_id)
    v2c.apiPDU.set_error_status(pdu, error_status)
    v2c.apiPDU.set_error_index(pdu, error_index)
    v2c.apiPDU.set_varbinds(pdu, list(zip(oids, values, strict=True)))
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    message["version"] = version
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def bare(message: bytes) -> bytes:
    """Return the PDU of a message."""
    decoded, _ = decoder.decode(message, asn1Spec=v2c.Message())
    return bytes(encoder.encode(v2c.apiMessage.get_pdu(decoded)))


def tlv(tag: int, content: bytes) -> bytes:
    """Return content with its tag and shortest length."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


_FLOATS = {b"\x9f\x78\x04": ">f", b"\x9f\x79\x08": ">d"}


def raw_from(value: Any) -> Raw:
    """Return a value of pysnmp as a raw value; NULL and the three exceptions are None."""
    if isinstance(value, univ.Null):
        return None
    if isinstance(value, v2c.IpAddress):
        return ".".join(map(str, bytes(value)))
    if isinstance(value, univ.OctetString):
        octets = bytes(value)
        layout = _FLOATS.get(octets[:3]) if isinstance(value, v2c.Opaque) else None
        if layout and len(octets) == 3 + struct.calcsize(layout):
            number: float = struct.unpack(layout, octets[3:])[0]
            return number
        return octets
    if isinstance(value, univ.ObjectIdentifier):
        return ".".join(map(str, tuple(value)))
    return int(value)


class Read(NamedTuple):
    """A response as pysnmp reads it."""

    version: int
    community: bytes
    request_id: int
    oids: tuple[Oid, ...]
    raws: tuple[Raw, ...]


def read_by_pysnmp(message: bytes) -> Read | None:
    """Return a response without an error, None for whatever else or what cannot be read."""
    try:
        decoded, rest = decoder.decode(message, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(decoded)
        varbinds = v2c.apiPDU.get_varbinds(pdu)
        read = Read(
            int(v2c.apiMessage.get_version(decoded)),
            bytes(v2c.apiMessage.get_community(decoded)),
            int(v2c.apiPDU.get_request_id(pdu)),
            tuple(tuple(oid) for oid, _ in varbinds),
            tuple(raw_from(value) for _, value in varbinds),
        )
        is_error = int(v2c.apiPDU.get_error_status(pdu)) != 0
    except Exception:  # noqa: BLE001 - pyasn1 raises many kinds on hostile bytes
        return None
    return None if rest or is_error or not isinstance(pdu, v2c.ResponsePDU) else read
