"""The receiver of traps, its accepted senders and their credentials in a configuration."""

from __future__ import annotations

from pathlib import Path

from monitord.devices.snmp.model import User
from monitord.traps.model import TrapDevice
from tests.unit.config.samples import loaded

LISTEN = ("record:", "traps: {address: '::', port: 10162}\nrecord:")
OWN = "traps: {community_file: secrets/fm1_traps, engine_id: '0x80001f8880a1b2c3d4'}"


def with_traps_of_fm1(text: str) -> tuple[str, str]:
    """Return the change that gives fm1 these keys."""
    return "poll_every: 1s, nominal", f"poll_every: 1s, {text}, nominal"


def only(folder: Path, *changes: tuple[str, str]) -> TrapDevice:
    traps = loaded(folder, LISTEN, *changes).traps
    assert traps is not None
    (sender,) = traps.devices
    return sender


def test_no_trap_is_received_unless_it_is_asked_for(tmp_path: Path) -> None:
    """A port is opened because somebody wanted it."""
    assert loaded(tmp_path).traps is None


def test_the_port_is_that_of_snmp_unless_it_is_said(tmp_path: Path) -> None:
    """162, on every address."""
    traps = loaded(tmp_path, ("record:", "traps: {}\nrecord:")).traps
    assert traps is not None
    assert (traps.address, traps.port) == ("0.0.0.0", 162)


def test_traps_of_a_device_are_accepted_with_its_polling_secrets(tmp_path: Path) -> None:
    """From its address and with its community; what speaks no SNMP sends no traps."""
    sender = only(tmp_path)
    assert (sender.id, sender.address, sender.community) == ("fm1", "10.1.1.21", "public")
    assert (sender.user, sender.engine_id) == (None, b"")


def test_a_device_may_have_a_trap_community_and_an_engine_id(tmp_path: Path) -> None:
    """Many devices send with another community than the one that reads them."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "fm1_traps").write_text("tr4p\n", encoding="utf-8")
    sender = only(tmp_path, with_traps_of_fm1(OWN))
    assert sender.community == "tr4p"
    assert sender.engine_id == bytes.fromhex("80001f8880a1b2c3d4")
    assert "tr4p" not in repr(sender)


V3 = (
    "version: 2c, community_file: secrets/fm1",
    (
        "version: 3, user: watcher, auth: sha256, auth_file: secrets/auth, priv: aes128, "
        "priv_file: secrets/priv"
    ),
)


def test_traps_of_a_device_polled_by_a_user_need_that_user(tmp_path: Path) -> None:
    """And by no community, unless it has one for its traps."""
    (tmp_path / "secrets").mkdir()
    for name, word in (
        ("auth", "auth-k3y-of-it"),
        ("priv", "priv-k3y-of-it"),
        ("fm1_traps", "tr4p"),
    ):
        (tmp_path / "secrets" / name).write_text(f"{word}\n", encoding="utf-8")
    sender = only(tmp_path, V3)
    assert sender.community is None
    assert sender.user == User("watcher", "sha256", "aes128", "auth-k3y-of-it", "priv-k3y-of-it")
    assert "k3y" not in repr(sender)
    own = only(tmp_path, V3, with_traps_of_fm1("traps: {community_file: secrets/fm1_traps}"))
    assert (own.community, own.user) == ("tr4p", sender.user)


def test_a_device_can_be_left_out(tmp_path: Path) -> None:
    """One that floods, or is not to be trusted."""
    traps = loaded(tmp_path, LISTEN, with_traps_of_fm1("traps: false")).traps
    assert traps is not None
    assert traps.devices == ()


def test_traps_belong_to_what_decides_a_record(tmp_path: Path) -> None:
    """They may date an outage; the community is in no hash, and neither is where is listened."""
    plain = loaded(tmp_path).config_hash
    listening = loaded(tmp_path, LISTEN).config_hash
    other_port = ("record:", "traps: {}\nrecord:")
    assert plain != listening
    assert loaded(tmp_path, other_port).config_hash == listening
    (tmp_path / "secrets" / "fm1_traps").write_text("tr4p\n", encoding="utf-8")
    own = OWN.replace(", engine_id: '0x80001f8880a1b2c3d4'", "")
    assert loaded(tmp_path, LISTEN, with_traps_of_fm1(own)).config_hash == listening
