"""SNMPv3 against Debian's snmpd: every protocol it offers, wrong keys, and a restart it forgets."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitord.__main__ import main
from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpPoint, SnmpSource, User
from monitord.devices.snmp.security import open_wire
from monitord.devices.snmp.usm.client import UsmWire
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.wire import LOCALHOST, free_port
from tests.unit.config.samples import changed, write

pytestmark = pytest.mark.needs_snmpd

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
POINTS = (
    SnmpPoint("location", (*SYSTEM, 6, 0), Decoding("text")),
    SnmpPoint("services", (*SYSTEM, 7, 0), Decoding("number")),
    SnmpPoint("nothing", (*SYSTEM, 99, 0), Decoding("number")),
)
VALUES = ("大别山", 72, None)
AMPLE_S = 20
SILENT_S = 3
"""Before it the agent must have answered a discovery."""
ATTEMPTS = 100
AUTH_NAMES = {
    "md5": "MD5",
    "sha1": "SHA",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
PRIV_NAMES = {
    "des": "DES",
    "aes128": "AES",
    "aes192": "AES-192",
    "aes256": "AES-256",
    "aes192c": "AES-192-C",
    "aes256c": "AES-256-C",
}
AUTH, PRIV = "authpass123", "privpass123"
USERS = [
    User("plain"),
    *(User(auth, auth, "", AUTH) for auth in AUTH_NAMES),
    *(User(f"{a}_{p}", a, p, AUTH, PRIV) for a in AUTH_NAMES for p in PRIV_NAMES),
]
EACH_PROTOCOL = [user for user in USERS if not user.priv or user.auth == "sha1"]
MORE = "points: {location: {oid: 1.3.6.1.2.1.1.6.0, kind: text}}"
ENGINE_ID = "0x80001f8804646162696573"


def rule(user: User) -> str:
    """Return the lines that make a user known to snmpd, at no level below its own."""
    level = "priv" if user.priv else "auth" if user.auth else "noauth"
    keys = f'{AUTH_NAMES[user.auth]} "{AUTH}"' if user.auth else ""
    keys += f' {PRIV_NAMES[user.priv]} "{PRIV}"' if user.priv else ""
    return f"createUser {user.name} {keys}\nrouser {user.name} {level}\n"


@contextmanager
def snmpd(folder: Path, port: int, more: str = "") -> Iterator[None]:
    """Run the agent with all users; of its own it keeps nothing from one run to the next."""
    program = shutil.which("snmpd")
    assert program is not None
    configuration = folder / "snmpd.conf"
    lines = "sysLocation 大别山\nsysServices 72\n" + more + "".join(map(rule, USERS))
    configuration.write_text(lines, encoding="utf-8")
    state = folder / "state"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    agent = subprocess.Popen(
        [program, "-f", "-C", "-c", str(configuration), "-Lf", str(folder / "log"),
         "-p", str(folder / "pid"), f"udp:{LOCALHOST}:{port}"],
        env=os.environ | {"SNMP_PERSISTENT_DIR": str(state), "MIBS": ""},
    )  # fmt: skip
    try:
        assert is_answering(port), (folder / "log").read_text()
        yield
    finally:
        agent.terminate()
        agent.wait()


def is_answering(port: int) -> bool:
    """Wait until the agent answers a discovery."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.1)  # not connected, it gets no ICMP error and waits
        for _ in range(ATTEMPTS):
            opening = UsmWire(User("anybody")).opening(0x4000_0001)
            assert opening is not None
            try:
                sock.sendto(opening, (LOCALHOST, port))
                return bool(sock.recv(65_535))
            except TimeoutError:
                continue
    return False


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One agent for the tests that leave it as it is."""
    free = free_port(socket.SOCK_DGRAM)
    with snmpd(tmp_path_factory.mktemp("snmpd"), free):
        yield free


async def reads(user: User, port: int, deadline_s: float = AMPLE_S) -> tuple[object, ...]:
    """Return the values that a user reads."""
    reader = decoded_reader(SnmpReader, SnmpSource(LOCALHOST, port, user, POINTS))
    try:
        return await reader.read(deadline_s)
    finally:
        await reader.close()


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
async def test_every_level_and_protocol_of_snmpd_is_read(user: User, port: int) -> None:
    """Six digests with six ciphers, in both ways of making AES keys longer; twice in a row."""
    reader = decoded_reader(SnmpReader, SnmpSource(LOCALHOST, port, user, POINTS))
    for _ in range(2):
        assert await reader.read(AMPLE_S) == VALUES
    await reader.close()


@pytest.mark.parametrize(
    ("user", "named"),
    [
        (User("nobody", "sha1", "aes128", AUTH, PRIV), "agent does not know user 'nobody'"),
        (User("sha1", "sha1", "", "another-one"), "does not accept the digests of user 'sha1'"),
        (User("sha1", "sha256", "", AUTH), "check auth_file and auth (sha256)"),
        (User("sha1", "sha1", "des", AUTH, PRIV), "does not offer user 'sha1' the level authPriv"),
        (User("sha1_aes128", "sha1", "", AUTH), "authorizationError"),
        (User("sha1_aes128"), "authorizationError"),
    ],
    ids=["user", "key", "digest", "level_above", "level_below", "level_far_below"],
)
async def test_reports_of_snmpd_give_the_setting_to_check(
    user: User, named: str, port: int
) -> None:
    """At once, by kind and text, and without a passphrase."""
    with pytest.raises(ReadError) as caught:
        await reads(user, port)
    assert caught.value.kind == "error_status"
    assert named in caught.value.detail
    assert not [secret for secret in (AUTH, PRIV, "another-one") if secret in str(caught.value)]


async def test_a_wrong_privacy_key_is_a_silence_that_says_where_to_look(port: int) -> None:
    """snmpd drops what it cannot decrypt; its engine's id shows that it is there."""
    ciphers = ("aes128", "des", "aes256", "aes256c")
    users = [User(f"sha1_{priv}", "sha1", priv, AUTH, "another-one") for priv in ciphers]
    # The key is right and its extension is not: SHA-1 is shorter than it, so the forms differ.
    users.append(User("sha1_aes256", "sha1", "aes256c", AUTH, PRIV))
    # All at once: each waits for its deadline.
    ends = await asyncio.gather(*(reads(u, port, SILENT_S) for u in users), return_exceptions=True)
    for end in ends:
        assert isinstance(end, ReadError)
        assert end.kind == "timeout"
        assert "check priv_file and priv" in end.detail
        assert "another-one" not in str(end)


@pytest.mark.parametrize("user", EACH_PROTOCOL, ids=lambda user: user.name)
def test_each_user_is_written_in_a_configuration_and_read_by_one_command(
    user: User, port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From YAML and secret files to values that a person reads."""
    keys = f"address: {LOCALHOST}, port: {port}, version: 3, user: {user.name}"
    for kind, protocol, passphrase in (("auth", user.auth, AUTH), ("priv", user.priv, PRIV)):
        if protocol:
            (tmp_path / kind).write_text(f"{passphrase}\n")
            keys += f", {kind}: {protocol}, {kind}_file: {kind}"
    given = "address: 10.1.1.21, version: 2c, community_file: secrets/fm1"
    nominal = "nominal: {forward_power_w: 1000}"
    path = write(tmp_path, changed((given, keys), (nominal, f"{nominal}, {MORE}")))
    assert main(["poll", "--deadline", str(AMPLE_S), "--language", "en", "fm1", str(path)]) == 0
    shown = capsys.readouterr().out
    assert f"location = {VALUES[0]}" in shown
    assert not [secret for secret in (AUTH, PRIV) if secret in shown]


@pytest.mark.parametrize("name", ["sha256_aes128", "sha1", "plain"])
@pytest.mark.parametrize(("before", "after"), [(7, 0), (7, 9)])
async def test_snmpd_is_read_on_after_a_restart_whatever_became_of_its_boots(
    tmp_path: Path, name: str, before: int, after: int
) -> None:
    """Without its state the engine starts at boots 1. Two polls at most, and a remark."""
    user = next(user for user in USERS if user.name == name)
    free = free_port(socket.SOCK_DGRAM)
    # Only an engine with an old id goes on counting from what its file says.
    engine = f"exactEngineID {ENGINE_ID}\noldEngineID {ENGINE_ID}\n"
    wire = open_wire(user)
    assert isinstance(wire, UsmWire)
    reader = DecodedReader(SnmpReader(SnmpSource(LOCALHOST, free, user, POINTS), wire=wire), POINTS)
    with snmpd(tmp_path, free, f"{engine}engineBoots {before}\n"):
        assert await reader.read(AMPLE_S) == VALUES
        assert not wire.remarks
        assert wire.engine is not None
        assert wire.engine.id == bytes.fromhex(ENGINE_ID[2:])
    with snmpd(tmp_path, free, f"{engine}engineBoots {after}\n"):
        assert await second_at_latest(reader) == VALUES
    await reader.close()
    remarks = [kind for kind, _ in wire.remarks]
    if not user.auth:
        assert remarks == []
    elif after < before:
        assert remarks == ["restarts", "forgets_boots"]
        assert f"boots {before + 1} -> {after + 1}" in wire.remarks[0].detail
    else:
        assert remarks == ["restarts"]


async def second_at_latest(reader: DecodedReader) -> tuple[object, ...]:
    """Read once more where the first read fails."""
    try:
        return await reader.read(AMPLE_S)
    except ReadError:
        return await reader.read(AMPLE_S)


async def test_snmpd_with_another_engine_id_is_read_with_a_remark(tmp_path: Path) -> None:
    """A replaced card at the same address."""
    user = next(user for user in USERS if user.name == "sha256_aes128")
    free = free_port(socket.SOCK_DGRAM)
    wire = UsmWire(user)
    reader = DecodedReader(SnmpReader(SnmpSource(LOCALHOST, free, user, POINTS), wire=wire), POINTS)
    for last in ("01", "02"):
        with snmpd(tmp_path, free, f"exactEngineID {ENGINE_ID}{last}\n"):
            assert await second_at_latest(reader) == VALUES
    await reader.close()
    assert [kind for kind, _ in wire.remarks] == ["engine_changed"]
