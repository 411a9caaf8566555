"""Keys of SNMPv3 users: the RFC's own examples, and pysnmp's answer to everything else."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.devices.snmp.usm.keys import AUTH_PROTOCOLS, auth_key, digester, master_key
from monitord.devices.snmp.usm.model import DecryptionError
from monitord.devices.snmp.usm.privacy import PRIV_PROTOCOLS, privacy
from tests.support.usm_agent import AUTH_SERVICES, PRIV_SERVICES, UserKeys

ENGINE_ID = bytes.fromhex("000000000000000000000002")
AUTH_AND_PRIV = [(auth, priv) for auth in AUTH_PROTOCOLS for priv in PRIV_PROTOCOLS]

passphrases = st.binary(min_size=8, max_size=80)
engine_ids = st.binary(min_size=5, max_size=32)


@pytest.mark.parametrize(
    ("auth", "master", "own"),
    [
        (
            "md5",
            "9faf3283884e92834ebc9847d8edd963",
            "526f5eed9fcce26f8964c2930787d82b",
        ),
        (
            "sha1",
            "9fb5cc0381497b3793528939ff788d5d79145211",
            "6695febc9288e36282235fc7151f128497b38f3f",
        ),
    ],
)
def test_the_keys_of_the_rfcs_example_come_out(auth: str, master: str, own: str) -> None:
    """RFC 3414 §A.3.1 and §A.3.2: the passphrase maplesyrup at engine 2."""
    assert master_key(auth, b"maplesyrup").hex() == master
    assert auth_key(auth, b"maplesyrup", ENGINE_ID).hex() == own


@pytest.mark.parametrize("auth", AUTH_PROTOCOLS)
def test_an_authentication_key_is_what_pysnmp_makes(auth: str) -> None:
    """Six protocols, passphrases that divide a megabyte and ones that do not."""
    for passphrase in ("authpass", "authpass123", "大别山发射台的口令", "x" * 100):
        expected = UserKeys(auth, auth_passphrase=passphrase).auth_key(ENGINE_ID)
        assert auth_key(auth, passphrase.encode(), ENGINE_ID) == bytes(expected)


@pytest.mark.parametrize(("auth", "priv"), AUTH_AND_PRIV)
def test_a_privacy_key_is_what_pysnmp_makes(auth: str, priv: str) -> None:
    """DES and all of AES, in both ways of making a key longer."""
    protocol = PRIV_PROTOCOLS[priv]
    for passphrase in ("privpass", "privpass123"):
        expected = UserKeys(auth, priv, priv_passphrase=passphrase).priv_key(ENGINE_ID)
        made = protocol.make_key(auth, passphrase.encode(), ENGINE_ID, protocol.key_size)
        assert made == bytes(expected)


@pytest.mark.parametrize("auth", AUTH_PROTOCOLS)
@given(message=st.binary(max_size=300), passphrase=passphrases, engine_id=engine_ids)
@settings(max_examples=15, deadline=None)
def test_a_digest_is_the_first_octets_of_the_hmac(
    auth: str, message: bytes, passphrase: bytes, engine_id: bytes
) -> None:
    """The pads that are hashed beforehand give what the standard library gives."""
    key = auth_key(auth, passphrase, engine_id)
    whole = hmac.digest(key, message, AUTH_PROTOCOLS[auth].hash_name)
    size = AUTH_SERVICES[auth].digest_length
    assert digester(auth, passphrase, engine_id).digest(message) == whole[:size]


@pytest.mark.parametrize(("auth", "priv"), AUTH_AND_PRIV)
def test_pysnmp_decrypts_what_we_encrypt_and_the_other_way(auth: str, priv: str) -> None:
    """Both directions, at a length that is no whole number of blocks."""
    plain, clock = bytes(range(101)), (7, 123_456)
    keys = UserKeys(auth, priv)
    ours = privacy(priv, auth, keys.priv_passphrase.encode(), ENGINE_ID)
    service, key = PRIV_SERVICES[priv], keys.priv_key(ENGINE_ID)

    salt, hidden = ours.encrypt(plain, clock, counter=2**64 - 1)
    as_pysnmp = type(key)
    decrypted = service.decrypt_data(key, (*clock, as_pysnmp(salt)), as_pysnmp(hidden))
    assert bytes(decrypted)[: len(plain)] == plain

    hidden, salt = service.encrypt_data(key, (*clock, None), plain)
    assert ours.decrypt(bytes(hidden), clock, bytes(salt))[: len(plain)] == plain


@pytest.mark.parametrize("priv", PRIV_PROTOCOLS)
def test_each_counter_gives_its_own_salt(priv: str) -> None:
    """AES: the 64-bit counter (RFC 3826 §3.1.2.1). DES: boots, then 32 bits (RFC 3414 §8.1.1.1)."""
    ours = privacy(priv, "sha1", b"privpass123", ENGINE_ID)
    made = [ours.encrypt(b"the same", (1, 2), counter) for counter in (5, 6, 2**64 - 1)]
    des = ["0000000100000005", "0000000100000006", "00000001ffffffff"]
    aes = ["0000000000000005", "0000000000000006", "ffffffffffffffff"]
    assert [salt.hex() for salt, _ in made] == (des if priv == "des" else aes)
    assert len({ciphertext for _, ciphertext in made}) == 3


@pytest.mark.parametrize("priv", PRIV_PROTOCOLS)
def test_a_salt_of_another_size_is_no_salt(priv: str) -> None:
    """RFC 3414 §8.3.2, RFC 3826 §3.1.4."""
    ours = privacy(priv, "sha1", b"privpass123", ENGINE_ID)
    for salt in (b"", b"1234567", b"123456789"):
        with pytest.raises(DecryptionError):
            ours.decrypt(bytes(16), (1, 2), salt)


def test_des_takes_whole_blocks_only() -> None:
    """RFC 3414 §8.3.2 step 2."""
    ours = privacy("des", "md5", b"privpass123", ENGINE_ID)
    with pytest.raises(DecryptionError):
        ours.decrypt(bytes(15), (1, 2), bytes(8))


def test_no_text_of_a_key_shows_it() -> None:
    """Keys and passphrases stay out of reprs: they may end in a log."""
    ours = privacy("aes128", "sha1", b"privpass123", ENGINE_ID)
    texts = repr(ours) + repr(digester("sha1", b"authpass123", ENGINE_ID)) + repr(UserKeys)
    assert "pass123" not in texts
    assert auth_key("sha1", b"privpass123", ENGINE_ID).hex()[:8] not in texts
    assert hashlib.sha1(b"privpass123").hexdigest()[:8] not in texts


def test_a_site_without_v3_does_not_hold_the_cryptography() -> None:
    """Eleven megabytes count on a small box; they are loaded by the first user with privacy."""
    look = "print([name for name in sys.modules if name.startswith('cryptography')])"
    user = "User('ops', 'sha1', 'aes128', 'authpass123', 'privpass123')"
    steps = [
        f"import sys, monitord.app; {look}",
        "from monitord.devices.snmp.usm.client import UsmWire",
        "from monitord.devices.snmp.model import User",
        f"UsmWire({user}); {look}",
    ]
    ended = subprocess.run(
        [sys.executable, "-c", "\n".join(steps)], capture_output=True, text=True, check=True
    )
    before, after = ended.stdout.splitlines()
    assert before == "[]"
    assert "cryptography" in after
