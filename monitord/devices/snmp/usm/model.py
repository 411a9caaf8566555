"""Shapes that SNMPv3 privacy and its ciphers share. Imports neither."""

from __future__ import annotations

from typing import Protocol

SALT_SIZE = 8
"""Octets of msgPrivacyParameters (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1)."""

PADDING_SIZE_MAX = 16
"""Octets that may follow a decrypted scoped PDU: some agents add a whole block of padding."""

EngineClock = tuple[int, int]
"""snmpEngineBoots and snmpEngineTime (s) of the message that carries the ciphertext."""


class DecryptionError(Exception):
    """The size of a ciphertext or salt is not one that the protocol produces."""


class Privacy(Protocol):
    """Encryption with one user's localized key for one engine."""

    def encrypt(self, plain: bytes, clock: EngineClock, counter: int) -> tuple[bytes, bytes]:
        """Return (salt, ciphertext). Never use one ``counter`` twice with the same key."""

    def decrypt(self, ciphertext: bytes, clock: EngineClock, salt: bytes) -> bytes:
        """Return the plaintext with its padding; a wrong key gives random octets, not an error.

        Raises DecryptionError.
        """
