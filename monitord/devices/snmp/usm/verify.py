"""Checks and decrypts received v3 messages with the keys of one engine (RFC 3414 §3.2)."""

from __future__ import annotations

import hmac

from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.keys import Digester
from monitord.devices.snmp.usm.messages import (
    PRIV_FLAG,
    Header,
    ScopedPdu,
    read_decrypted,
    read_scoped_pdu,
)
from monitord.devices.snmp.usm.model import DecryptionError, Privacy


def has_valid_digest(datagram: bytes, header: Header, digester: Digester) -> bool:
    """Return whether the digest of a message is made with this key (RFC 3414 §6.3.2)."""
    start, end = header.places.digest
    if end - start != digester.size:
        return False
    blank = datagram[:start] + bytes(digester.size) + datagram[end:]
    return hmac.compare_digest(digester.digest(blank), datagram[start:end])


def scoped_pdu(datagram: bytes, header: Header, privacy: Privacy | None) -> ScopedPdu:
    """Return the scoped PDU of a message, decrypted if needed.

    Raises BerError; DecryptionError where ``privacy`` does not decrypt it.
    """
    data = datagram[slice(*header.places.data)]
    if not header.flags & PRIV_FLAG:
        return read_scoped_pdu(data)
    if privacy is None:
        raise DecryptionError("it is encrypted, which was not requested")
    try:
        return read_decrypted(privacy.decrypt(data, (header.boots, header.time), header.salt))
    except BerError as error:
        raise DecryptionError(str(error)) from error
