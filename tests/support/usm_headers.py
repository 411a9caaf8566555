"""Headers of SNMPv3 messages as pysnmp's own types read them. Owns no test."""

from __future__ import annotations

from pyasn1.codec.ber import decoder
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from monitord.devices.snmp.usm.messages import Header, Places
from tests.support.usm_agent import UNKNOWN_USER, UserKeys, UsmAgent

NOWHERE = Places(*[(0, 0)] * 5)


def by_pysnmp(datagram: bytes) -> Header:
    """Return the header as pysnmp's types decode it; raises whatever they raise."""
    whole, rest = decoder.decode(datagram, asn1Spec=SNMPv3Message())
    security, more = decoder.decode(
        whole["msgSecurityParameters"], asn1Spec=UsmSecurityParameters()
    )
    assert not rest
    assert not more
    found = datagram.index(bytes(security["msgAuthenticationParameters"]))
    size = len(security["msgAuthenticationParameters"])
    return Header(
        int(whole["msgGlobalData"]["msgID"]),
        bytes(whole["msgGlobalData"]["msgFlags"])[0],
        bytes(security["msgAuthoritativeEngineId"]),
        int(security["msgAuthoritativeEngineBoots"]),
        int(security["msgAuthoritativeEngineTime"]),
        bytes(security["msgUserName"]),
        bytes(security["msgPrivacyParameters"]),
        NOWHERE._replace(digest=(found, found + size)),
    )


def same(ours: Header, theirs: Header, datagram: bytes) -> bool:
    """Compare all but the places; of those, the octets of the digest."""
    cut = [datagram[slice(*header.places.digest)] for header in (ours, theirs)]
    return cut[0] == cut[1] and ours[:-1] == theirs[:-1]


def sample(level: int = 3, auth: str = "sha1", priv: str = "aes128") -> bytes:
    """Return a report of pysnmp's, at a level."""
    agent = UsmAgent({"ops": UserKeys(auth, priv)})
    return agent.report(UNKNOWN_USER, 77, "ops", level)


def without_data(datagram: bytes, header: Header) -> bytes:
    """Return a plain message with an empty ciphertext: its PDU is no matter of the header."""
    if header.flags & 2:
        return datagram
    start = 2 if datagram[1] < 0x80 else 2 + (datagram[1] & 0x7F)
    content = datagram[start : header.places.data[0]] + b"\x04\x00"
    return b"\x30\x84" + len(content).to_bytes(4, "big") + content


SAMPLES = {level: sample(level) for level in (0, 1, 3)}
