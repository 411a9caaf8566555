"""The keys of an SNMPv3 user, from a passphrase to one engine's keys, and digests with them.

RFC 3414 §2.6 and §6, RFC 7860, and both key extensions in use. Knows no message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

PASSPHRASE_SIZE_MIN = 8
"""RFC 3414 §11.2: a shorter one is rejected, as net-snmp and pysnmp do."""

_STRETCHED_SIZE = 1_048_576


@dataclass(frozen=True, slots=True)
class AuthProtocol:
    """A keyed digest. ``digest_size``: octets of it that a message carries."""

    hash_name: str
    block_size: int
    digest_size: int


AUTH_PROTOCOLS = {
    "md5": AuthProtocol("md5", 64, 12),
    "sha1": AuthProtocol("sha1", 64, 12),
    "sha224": AuthProtocol("sha224", 64, 16),
    "sha256": AuthProtocol("sha256", 64, 24),
    "sha384": AuthProtocol("sha384", 128, 32),
    "sha512": AuthProtocol("sha512", 128, 48),
}
"""By their names in a configuration: RFC 3414 §6 and §7, RFC 7860 §4."""


@lru_cache(maxsize=256)
def master_key(auth: str, passphrase: bytes) -> bytes:
    """Return the key of a passphrase for any engine: the hash of a megabyte of it (RFC 3414 §A.2).

    Cached, because it takes a millisecond and many devices share a user.
    """
    repeated = passphrase * (_STRETCHED_SIZE // len(passphrase) + 1)
    return _hashed(auth, repeated[:_STRETCHED_SIZE])


def localized(auth: str, key: bytes, engine_id: bytes) -> bytes:
    """Return a user's key for one engine (RFC 3414 §2.6)."""
    return _hashed(auth, key + engine_id + key)


def auth_key(auth: str, passphrase: bytes, engine_id: bytes) -> bytes:
    """Return the key of the digests of a user's messages to and from an engine."""
    return localized(auth, master_key(auth, passphrase), engine_id)


def blumenthal_key(auth: str, passphrase: bytes, engine_id: bytes, size: int) -> bytes:
    """Return a privacy key of ``size`` octets; a short key is extended by its own hash.

    draft-blumenthal-aes-usm-04 §3.1.2.1; equals RFC 3826 §1.2.1 where the key is long enough.
    """
    key = auth_key(auth, passphrase, engine_id)
    while len(key) < size:
        key += _hashed(auth, key)
    return key[:size]


def reeder_key(auth: str, passphrase: bytes, engine_id: bytes, size: int) -> bytes:
    """Return a privacy key of ``size`` octets; a short key is used as a passphrase to extend it.

    draft-reeder-snmpv3-usm-3desede-00 §2.1, used by Cisco and others for AES-192 and AES-256.
    """
    key = auth_key(auth, passphrase, engine_id)
    while len(key) < size:
        key += auth_key(auth, key, engine_id)
    return key[:size]


def _hashed(auth: str, octets: bytes) -> bytes:
    # The protocol requires MD5 and SHA-1; a collision gives no attack here.
    name = AUTH_PROTOCOLS[auth].hash_name
    return hashlib.new(name, octets, usedforsecurity=False).digest()


@dataclass(slots=True)
class Digester:
    """HMAC with one key, whose two pads are hashed once: half the cost of ``hmac.digest``."""

    size: int
    _inner: Any = field(repr=False)
    _outer: Any = field(repr=False)

    def digest(self, message: bytes) -> bytes:
        """Return the first ``size`` octets of the message's HMAC."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        found: bytes = outer.digest()
        return found[: self.size]

    def signed(self, message: bytes, at: int) -> bytes:
        """Return a message with its digest at ``at``, where it has zeros (RFC 3414 §6.3.1)."""
        return message[:at] + self.digest(message) + message[at + self.size :]


def digester(auth: str, passphrase: bytes, engine_id: bytes) -> Digester:
    """Return the digests of a user's messages to and from an engine."""
    protocol = AUTH_PROTOCOLS[auth]
    # A localized key is one digest long, never longer than a block.
    key = auth_key(auth, passphrase, engine_id).ljust(protocol.block_size, b"\0")
    inner, outer = (
        hashlib.new(protocol.hash_name, bytes(octet ^ pad for octet in key), usedforsecurity=False)
        for pad in (0x36, 0x5C)
    )
    return Digester(protocol.digest_size, inner, outer)
