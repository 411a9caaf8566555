"""Modbus serial frames put together a second time, from the specification, for tests."""

from __future__ import annotations


def crc(octets: bytes) -> bytes:
    """Return the check sum of Modbus over Serial Line V1.02, 6.2.2, low octet first."""
    register = 0xFFFF
    for octet in octets:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register.to_bytes(2, "little")


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    """Return a frame for or from ``unit``."""
    body = bytes((unit,)) + pdu
    return body + crc(body)


def ascii_frame(unit: int, pdu: bytes) -> bytes:
    """Return a frame for or from ``unit``: digits, and the sum that makes all octets zero."""
    body = bytes((unit,)) + pdu
    body += bytes((-sum(body) & 0xFF,))
    return b":" + body.hex().upper().encode() + b"\r\n"
