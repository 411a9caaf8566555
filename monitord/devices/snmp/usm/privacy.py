"""The privacy protocols of SNMPv3 and their keys. Loads the ciphers at first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from monitord.devices.snmp.usm.keys import blumenthal_key, reeder_key
from monitord.devices.snmp.usm.model import Privacy

MakesKey = Callable[[str, bytes, bytes, int], bytes]


@dataclass(frozen=True, slots=True)
class PrivProtocol:
    """A cipher and how its key is extended. ``key_size`` in octets."""

    key_size: int
    make_key: MakesKey
    make: Callable[[bytes], Privacy]


def load_ciphers() -> None:
    """Load the library now: it takes a tenth of a second, which would delay a poll."""
    import_module("monitord.devices.snmp.usm.ciphers")


def _des(key: bytes) -> Privacy:
    # A site without v3 saves the 11 MB of cryptography.
    from monitord.devices.snmp.usm.ciphers import des  # noqa: PLC0415

    return des(key)


def _aes(key: bytes) -> Privacy:
    from monitord.devices.snmp.usm.ciphers import aes  # noqa: PLC0415

    return aes(key)


PRIV_PROTOCOLS = {
    "des": PrivProtocol(16, blumenthal_key, _des),
    "aes128": PrivProtocol(16, blumenthal_key, _aes),
    "aes192": PrivProtocol(24, blumenthal_key, _aes),
    "aes256": PrivProtocol(32, blumenthal_key, _aes),
    "aes192c": PrivProtocol(24, reeder_key, _aes),
    "aes256c": PrivProtocol(32, reeder_key, _aes),
}
"""By their names in a configuration; ``c``: with Cisco's key extension (``reeder_key``)."""


def privacy(priv: str, auth: str, passphrase: bytes, engine_id: bytes) -> Privacy:
    """Return the encryption of a user's messages to and from an engine."""
    protocol = PRIV_PROTOCOLS[priv]
    return protocol.make(protocol.make_key(auth, passphrase, engine_id, protocol.key_size))
