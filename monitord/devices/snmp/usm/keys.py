"""The keys of an SNMPv3 user: from a passphrase to an engine's own, and digests made with them.

Owns RFC 3414 §2.6 and §6, RFC 7860, and both ways of making a key longer. Knows no message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

PASSPHRASE_SIZE_MIN = 8
"""RFC 3414 §11.2: a shorter one is refused, as net-snmp's agents and pysnmp do."""

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
    """Return the key of a passphrase for any engine, by hashing a megabyte of it (RFC 3414 §A.2).

    Remembered, because it takes a millisecond and many devices share a user.
    """
    repeated = passphrase * (_STRETCHED_SIZE // len(passphrase) + 1)
    return _hashed(auth, repeated[:_STRETCHED_SIZE])


def localized(auth: str, key: bytes, engine_id: bytes) -> bytes:
    """Return a user's key for one engine (RFC 3414 §2.6)."""
    return _hashed(auth, key + engine_id + key)


def auth_key(auth: str, passphrase: bytes, engine_id: bytes) -> bytes:
    """Return the key that a user's messages to and from an engine are digested with."""
    return localized(auth, master_key(auth, passphrase), engine_id)


def blumenthal_key(auth: str, passphrase: bytes, engine_id: bytes, size: int) -> bytes:
    """Return a privacy key of ``size`` octets, made longer by hashing what there is of it.

    draft-blumenthal-aes-usm-04 §3.1.2.1; the same as RFC 3826 §1.2.1 where nothing is missing.
    """
    key = auth_key(auth, passphrase, engine_id)
    while len(key) < size:
        key += _hashed(auth, key)
    return key[:size]


def reeder_key(auth: str, passphrase: bytes, engine_id: bytes, size: int) -> bytes:
    """Return a privacy key of ``size`` octets, made longer by taking it for a passphrase.

    draft-reeder-snmpv3-usm-3desede-00 §2.1, as Cisco and others use it for AES-192 and AES-256.
    """
    key = auth_key(auth, passphrase, engine_id)
    while len(key) < size:
        key += auth_key(auth, key, engine_id)
    return key[:size]


def _hashed(auth: str, octets: bytes) -> bytes:
    # MD5 and SHA-1 are what the protocol says; nothing here depends on collisions.
    name = AUTH_PROTOCOLS[auth].hash_name
    return hashlib.new(name, octets, usedforsecurity=False).digest()


@dataclass(slots=True)
class Digester:
    """HMAC under one key, its two pads hashed once: half the cost of ``hmac.digest``."""

    size: int
    _inner: Any = field(repr=False)
    _outer: Any = field(repr=False)

    def digest(self, message: bytes) -> bytes:
        """Return what a message carries: the first ``size`` octets of its HMAC."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        found: bytes = outer.digest()
        return found[: self.size]


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
