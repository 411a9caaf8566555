"""The ciphers of SNMPv3 by the library ``cryptography``: DES in CBC, AES in CFB. No messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from monitord.devices.snmp.usm.model import SALT_SIZE, DecryptionError, EngineClock

_DES_BLOCK_SIZE = 8


@dataclass(frozen=True, slots=True)
class Aes:
    """AES in 128-bit CFB (RFC 3826), with a key of 16, 24 or 32 octets."""

    _algorithm: CipherAlgorithm = field(repr=False)

    def encrypt(self, plain: bytes, clock: EngineClock, counter: int) -> tuple[bytes, bytes]:
        """Encrypt without padding (RFC 3826 §3.1.3); the salt is the counter, 64 bits."""
        salt = (counter & 0xFFFF_FFFF_FFFF_FFFF).to_bytes(8, "big")
        encryptor = Cipher(self._algorithm, CFB(_aes_iv(clock, salt))).encryptor()
        return salt, encryptor.update(plain) + encryptor.finalize()

    def decrypt(self, ciphertext: bytes, clock: EngineClock, salt: bytes) -> bytes:
        """Decrypt with the boots and time of the same message (RFC 3826 §3.1.4)."""
        if len(salt) != SALT_SIZE:
            raise DecryptionError(f"salt of {len(salt)} octets")
        decryptor = Cipher(self._algorithm, CFB(_aes_iv(clock, salt))).decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize()


def _aes_iv(clock: EngineClock, salt: bytes) -> bytes:
    return clock[0].to_bytes(4, "big") + clock[1].to_bytes(4, "big") + salt


@dataclass(frozen=True, slots=True)
class Des:
    """DES in CBC (RFC 3414 §8). The library has triple DES; with three equal keys it is DES."""

    _algorithm: CipherAlgorithm = field(repr=False)
    _mask: int = field(repr=False)

    def encrypt(self, plain: bytes, clock: EngineClock, counter: int) -> tuple[bytes, bytes]:
        """Encrypt, padded with zeros to a whole block (RFC 3414 §8.1.1.2).

        The salt is the engine's boots and the low 32 bits of the counter (§8.1.1.1).
        """
        salt = clock[0].to_bytes(4, "big") + (counter & 0xFFFF_FFFF).to_bytes(4, "big")
        encryptor = Cipher(self._algorithm, self._mode(salt)).encryptor()
        padded = plain + bytes(-len(plain) % _DES_BLOCK_SIZE)
        return salt, encryptor.update(padded) + encryptor.finalize()

    def decrypt(self, ciphertext: bytes, clock: EngineClock, salt: bytes) -> bytes:
        """Decrypt whole blocks (RFC 3414 §8.3.2); the clock is not used."""
        del clock
        if len(salt) != SALT_SIZE or len(ciphertext) % _DES_BLOCK_SIZE:
            raise DecryptionError(f"salt of {len(salt)} and text of {len(ciphertext)} octets")
        decryptor = Cipher(self._algorithm, self._mode(salt)).decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize()

    def _mode(self, salt: bytes) -> modes.CBC:
        return modes.CBC((self._mask ^ int.from_bytes(salt, "big")).to_bytes(8, "big"))


def des(key: bytes) -> Des:
    """Return DES: the first 8 octets of the key encrypt, the others mask the salts (§8.1.1.1)."""
    return Des(TripleDES(key[:8] * 3), int.from_bytes(key[8:16], "big"))


def aes(key: bytes) -> Aes:
    """Return AES with a key of 16, 24 or 32 octets."""
    return Aes(AES(key))
