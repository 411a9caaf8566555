"""SNMP's versions in a configuration: what of a good file becomes the security of an agent."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from monitord.__main__ import main
from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.devices.snmp.model import V1, V2C, Community, SnmpSource, User
from tests.unit.config.samples import changed, write

GIVEN = "version: 2c, community_file: secrets/fm1"
PASSPHRASES = {"auth": "authpass123", "priv": "口令口令口令口令"}
ALL = "user: monitor, auth: sha256, auth_file: secrets/auth, priv: aes128, priv_file: secrets/priv"


def with_version(folder: Path, keys: str) -> Path:
    """Write the sample with other keys of SNMP, and passphrases to name."""
    path = write(folder, changed((GIVEN, keys)))
    for name, passphrase in PASSPHRASES.items():
        (folder / "secrets" / name).write_text(f"{passphrase}\n", encoding="utf-8")
    return path


def security(settings: Settings) -> Community | User:
    source = settings.devices[0].source
    assert isinstance(source, SnmpSource)
    return source.security


@pytest.mark.parametrize(
    ("written", "version"), [("1", V1), ('"1"', V1), ("2c", V2C), ('"2c"', V2C)]
)
def test_a_community_is_of_the_version_that_is_written(
    tmp_path: Path, written: str, version: int
) -> None:
    """1 is a number to YAML, 2c a text."""
    keys = f"version: {written}, community_file: secrets/fm1"
    assert security(load(with_version(tmp_path, keys))) == Community(version, "public")


@pytest.mark.parametrize(
    ("keys", "user", "level"),
    [
        ("user: monitor", User("monitor"), "noAuthNoPriv"),
        (
            "user: monitor, auth: md5, auth_file: secrets/auth, context: exciter_b",
            User("monitor", "md5", "", "authpass123", "", "exciter_b"),
            "authNoPriv (md5)",
        ),
        (
            ALL,
            User("monitor", "sha256", "aes128", "authpass123", "口令口令口令口令"),
            "authPriv (sha256, aes128)",
        ),
    ],
)
def test_a_users_level_follows_from_its_keys(
    tmp_path: Path, keys: str, user: User, level: str
) -> None:
    """No level is written: what there is a passphrase for is used."""
    found = security(load(with_version(tmp_path, f"version: 3, {keys}")))
    assert found == user
    assert found.level == level


def test_check_explains_the_level_and_shows_no_passphrase(tmp_path: Path) -> None:
    """Who reviews a configuration sees how an agent is spoken to, in either language."""
    path = with_version(tmp_path, f"version: 3, {ALL}")
    for language in ("en", "zh"):
        out = io.StringIO()
        assert main(["check", "--explain", str(path), "--language", language], out) == 0
        assert "SNMPv3 authPriv (sha256, aes128) 10.1.1.21:161" in out.getvalue()
        assert not [secret for secret in PASSPHRASES.values() if secret in out.getvalue()]
    assert not [secret for secret in PASSPHRASES.values() if secret in repr(load(path))]


def test_a_passphrase_changes_no_hash_and_a_level_does(tmp_path: Path) -> None:
    """A changed secret judges nothing otherwise, and a record must not help to guess one."""
    path = with_version(tmp_path, f"version: 3, {ALL}")
    before = load(path).config_hash
    (tmp_path / "secrets" / "auth").write_text("another-passphrase\n", encoding="utf-8")
    assert load(path).config_hash == before
    weaker = with_version(tmp_path, f"version: 3, {ALL.replace('aes128', 'des')}")
    assert load(weaker).config_hash != before


COMMUNITY = "version: 2c, community_file: secrets/fm1, answers_from: "


def test_other_addresses_of_an_agent_are_taken_in_their_usual_form(tmp_path: Path) -> None:
    """An address may be written in several ways."""
    path = with_version(tmp_path, COMMUNITY + '[10.1.2.21, "2001:DB8:0::1"]')
    (device,) = [one for one in load(path).devices if isinstance(one.source, SnmpSource)][:1]
    assert isinstance(device.source, SnmpSource)
    assert device.source.answers_from == ("10.1.2.21", "2001:db8::1")


@pytest.mark.parametrize("wrong", ["[]", "10.1.2.21", "[fm1.example]", "[10.1.2.21, 10.1.2.21]"])
def test_addresses_that_are_none_or_twice_are_refused(tmp_path: Path, wrong: str) -> None:
    """A name would be trusted by who answers for it."""
    with pytest.raises(ConfigErrors) as caught:
        load(with_version(tmp_path, COMMUNITY + wrong))
    (error,) = caught.value.errors
    assert "answers_from" in str(error)
    assert "a list of IP addresses, each once" in str(error)
