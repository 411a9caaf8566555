"""The privacy of SNMPv3: DES in CBC and AES in CFB, with their salts. Knows no message.

The ciphers are the library ``cryptography``'s. Salts count up from where the caller begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from monitord.devices.snmp.usm_keys import blumenthal_key, reeder_key

SALT_SIZE = 8
PADDING_SIZE_MAX = 16
"""Octets that may follow what was encrypted: up to a block, as some agents pad without need."""

_DES_BLOCK_SIZE = 8


Clock = tuple[int, int]
"""An engine's boots and time (s), as the message that carries the ciphertext has them."""


class DecryptionError(Exception):
    """Ciphertext or salt of a size that the protocol does not make."""


class Privacy(Protocol):
    """Encryption under one user's key for one engine."""

    def encrypt(self, plain: bytes, clock: Clock, counter: int) -> tuple[bytes, bytes]:
        """Return (salt, ciphertext). The same ``counter`` must not be used twice under one key."""

    def decrypt(self, ciphertext: bytes, clock: Clock, salt: bytes) -> bytes:
        """Return the plaintext and its padding; a wrong key gives nonsense, not an error."""


@dataclass(frozen=True, slots=True)
class Aes:
    """AES in 128-bit CFB (RFC 3826), with a key of 16, 24 or 32 octets."""

    _algorithm: CipherAlgorithm = field(repr=False)

    def encrypt(self, plain: bytes, clock: Clock, counter: int) -> tuple[bytes, bytes]:
        """Encrypt without padding (§3.1.3)."""
        salt = (counter & 0xFFFF_FFFF_FFFF_FFFF).to_bytes(8, "big")
        encryptor = Cipher(self._algorithm, CFB(_aes_start(clock, salt))).encryptor()
        return salt, encryptor.update(plain) + encryptor.finalize()

    def decrypt(self, ciphertext: bytes, clock: Clock, salt: bytes) -> bytes:
        """Decrypt with the boots and time of the message that carries the ciphertext (§3.1.4)."""
        if len(salt) != SALT_SIZE:
            raise DecryptionError(f"salt of {len(salt)} octets")
        decryptor = Cipher(self._algorithm, CFB(_aes_start(clock, salt))).decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize()


def _aes_start(clock: Clock, salt: bytes) -> bytes:
    return clock[0].to_bytes(4, "big") + clock[1].to_bytes(4, "big") + salt


@dataclass(frozen=True, slots=True)
class Des:
    """DES in CBC (RFC 3414 §8). DES is three equal rounds of triple DES."""

    _algorithm: CipherAlgorithm = field(repr=False)
    _mask: int = field(repr=False)

    def encrypt(self, plain: bytes, clock: Clock, counter: int) -> tuple[bytes, bytes]:
        """Encrypt with zeros up to a whole block (§8.1.1.2)."""
        salt = clock[0].to_bytes(4, "big") + (counter & 0xFFFF_FFFF).to_bytes(4, "big")
        encryptor = Cipher(self._algorithm, self._mode(salt)).encryptor()
        padded = plain + bytes(-len(plain) % _DES_BLOCK_SIZE)
        return salt, encryptor.update(padded) + encryptor.finalize()

    def decrypt(self, ciphertext: bytes, clock: Clock, salt: bytes) -> bytes:
        """Decrypt whole blocks (§8.3.2); the clock has no part in it."""
        del clock
        if len(salt) != SALT_SIZE or len(ciphertext) % _DES_BLOCK_SIZE:
            raise DecryptionError(f"salt of {len(salt)} and text of {len(ciphertext)} octets")
        decryptor = Cipher(self._algorithm, self._mode(salt)).decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize()

    def _mode(self, salt: bytes) -> modes.CBC:
        return modes.CBC((self._mask ^ int.from_bytes(salt, "big")).to_bytes(8, "big"))


MakesKey = Callable[[str, bytes, bytes, int], bytes]


@dataclass(frozen=True, slots=True)
class PrivProtocol:
    """A cipher and how its key is made. ``key_size`` in octets."""

    key_size: int
    make_key: MakesKey
    make: Callable[[bytes], Privacy]


def _des(key: bytes) -> Privacy:
    return Des(TripleDES(key[:8] * 3), int.from_bytes(key[8:16], "big"))


def _aes(key: bytes) -> Privacy:
    return Aes(AES(key))


PRIV_PROTOCOLS = {
    "des": PrivProtocol(16, blumenthal_key, _des),
    "aes128": PrivProtocol(16, blumenthal_key, _aes),
    "aes192": PrivProtocol(24, blumenthal_key, _aes),
    "aes256": PrivProtocol(32, blumenthal_key, _aes),
    "aes192c": PrivProtocol(24, reeder_key, _aes),
    "aes256c": PrivProtocol(32, reeder_key, _aes),
}
"""By their names in a configuration; ``c``: the key made longer as Cisco does it."""


def privacy(priv: str, auth: str, passphrase: bytes, engine_id: bytes) -> Privacy:
    """Return the privacy of a user's messages to and from an engine."""
    protocol = PRIV_PROTOCOLS[priv]
    return protocol.make(protocol.make_key(auth, passphrase, engine_id, protocol.key_size))
