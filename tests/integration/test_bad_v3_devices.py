"""SNMPv3 devices that lie or forget: an authentic answer alone moves the daemon's verdict."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pysnmp.proto.api import v2c

from monitord.devices.snmp.usm.messages import read_header
from monitord.history import History
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    Daemon,
    programme,
    site,
    transmitter,
    until,
    write_site,
)
from tests.support.usm_agent import (
    AUTH,
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    UserKeys,
    UsmAgent,
    other_engine_id,
)
from tests.support.wire import LOCALHOST, DatagramServer

ON, OFF = 100, 0
POLLS, COPIES = 4, 3
"""In how many polls each device lies, and how many times it sends a lie in each."""
BLIND_SOON = {"open_after": "1s", "clear_after": "1s", "severity": "major"}


def agent(power: int, passphrase: str = COMMUNITY, **more: Any) -> UsmAgent:
    """Return a transmitter whose user has these keys."""
    keys = UserKeys("sha1", "aes128", passphrase, passphrase)
    return UsmAgent({"ops": keys}, {POWER: v2c.Integer32(power)}, **more)


def sealed_transmitter(port: int, name: str) -> dict[str, Any]:
    """Return its section; the passphrases are a secret that no daemon may show.

    It is polled every second. These agents are pure Python: at a shorter interval a busy machine
    makes their answers late, and the daemon leaves a device without answers alone for longer and
    longer, so that the answers under test no longer come.
    """
    snmp = {"address": LOCALHOST, "port": port, "version": 3, "user": "ops"}
    for kind, protocol in (("auth", "sha1"), ("priv", "aes128")):
        snmp |= {kind: protocol, f"{kind}_file": "secrets/fm1"}
    return transmitter(port, name=name, snmp=snmp, poll_every="1s")


Lie = Callable[[UsmAgent, bytes], list[bytes]]


def flipped(off: UsmAgent, request: bytes) -> list[bytes]:
    """A bit of the digest, or of what it covers, is another."""
    answers = off.answer(request)
    return [one[:-9] + bytes((one[-9] ^ 4,)) + one[-8:] for one in answers]


def half(off: UsmAgent, request: bytes) -> list[bytes]:
    """The datagram is cut off."""
    return [one[: len(one) // 2] for one in off.answer(request)]


def lower(off: UsmAgent, request: bytes) -> list[bytes]:
    """The answer is authentic and not encrypted."""
    off.answer_level = AUTH
    return off.answer(request)


def plain(off: UsmAgent, request: bytes) -> list[bytes]:
    """Anybody wrote the answer."""
    off.answer_level = 0
    return off.answer(request)


def other_key(off: UsmAgent, request: bytes) -> list[bytes]:
    """Somebody wrote it who has another key."""
    response = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(response)
    v2c.apiPDU.set_varbinds(response, [(POWER, v2c.Integer32(OFF))])
    message_id = read_header(request).message_id
    return [agent(OFF, "another-passphrase").build(response, message_id, "ops", 3)]


def reports(off: UsmAgent, request: bytes) -> list[bytes]:
    """Everything that can be reported, before any answer, under the right message id."""
    message_id = read_header(request).message_id
    off.boots = 2_000_000_000
    forged = [
        off.report(report, message_id, "ops") for report in (UNKNOWN_USER, NOT_IN_TIME_WINDOW)
    ]
    other = agent(OFF, engine_id=other_engine_id())
    return [other.report(UNKNOWN_ENGINE, message_id, "ops"), *forged]


LIES: dict[str, Lie] = {
    lie.__name__: lie for lie in (flipped, half, lower, plain, other_key, reports)
}


class Liar(DatagramServer):
    """Answers a discovery correctly, then sends lies before the true answer, or lies alone."""

    def __init__(self, lie: Lie, *, is_truthful: bool) -> None:
        super().__init__(self.answer)
        self._lie = lie
        self._truth = agent(ON)
        self._is_truthful = is_truthful
        self.lied = 0

    def answer(self, request: bytes) -> list[bytes]:
        """Return the datagrams for one request."""
        header = read_header(request)
        if not header.engine_id or (self.lied == 0 and self._is_truthful):
            self.lied += bool(header.engine_id)
            return self._truth.answer(request)
        self.lied += 1
        lies = COPIES * self._lie(agent(OFF), request)
        return lies + (self._truth.answer(request) if self._is_truthful else [])


async def lied_to(stack: AsyncExitStack, folder: Path, *, is_truthful: bool) -> Daemon:
    """Return a daemon that every liar has lied to in more polls than `POLLS`."""
    for keys in agent(ON).users.values():  # a key takes a hash of 1 MB: not in the first answer
        keys.priv_key(agent(ON).engine_id)
        keys.auth_key(agent(ON).engine_id)
    liars = {
        name: await stack.enter_async_context(Liar(lie, is_truthful=is_truthful))
        for name, lie in LIES.items()
    }
    devices = {name: sealed_transmitter(liar.port, name) for name, liar in liars.items()}
    programmes = {
        f"over_{name}": programme(f"{name}.radiating", name=name, blind=BLIND_SOON)
        for name in liars
    }
    path = write_site(folder, site(devices, programmes))
    daemon = await stack.enter_async_context(Daemon(path))
    await until(lambda: all(liar.lied > POLLS for liar in liars.values()), f"{POLLS} lies of each")
    return daemon


def check_no_outage(record: Path) -> None:
    """Nothing was ever held to be off the air."""
    with History(record) as history:
        assert [i for i in history.incidents() if i.fault == "off_air"] == []
        assert history.verify() == []


async def test_lies_about_a_sealed_device_never_make_a_verdict(tmp_path: Path) -> None:
    """Six ways to say 0 W without the key, or below its level, leave the programme blind."""
    async with AsyncExitStack() as stack:
        daemon = await lied_to(stack, tmp_path, is_truthful=False)
        for name in LIES:
            await daemon.state(f"over_{name}", "blind")
        shown = {
            state for seen in daemon.scrapes for n in LIES for state in seen.states(f"over_{n}")
        }
        assert shown.isdisjoint({"on_air", "off_air"})
        assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


async def test_lies_before_a_sealed_truth_do_not_hide_it(tmp_path: Path) -> None:
    """Forged answers and reports that are faster than the agent leave it on the air."""
    async with AsyncExitStack() as stack:
        daemon = await lied_to(stack, tmp_path, is_truthful=True)
        for name in LIES:
            await daemon.state(f"over_{name}", "on_air")
        assert not [line for line in daemon.err if "device_read_failed" in line]
        assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


async def test_an_engine_that_forgets_its_boots_stays_on_the_air(tmp_path: Path) -> None:
    """Boots from 7 to 1, again and again, while the programme is judged: no silence, no outage."""
    sealed = agent(ON, boots=7, time=100_000)
    async with DatagramServer(sealed.answer) as server:
        devices = {"fm1": sealed_transmitter(server.port, "first")}
        path = write_site(tmp_path, site(devices, {"over_fm1": programme("fm1.radiating")}))
        async with Daemon(path) as daemon:
            await daemon.state("over_fm1", "on_air")
            for boots in (1, 0, 5, 1):
                sealed.boots, sealed.time = boots, 3
                asked = len(server.requests)
                await until(lambda asked=asked: len(server.requests) > asked + 2, "it is asked")
                assert (await daemon.metrics()).states("over_fm1") == ["on_air"]
            assert not [line for line in daemon.err if "device_read_failed" in line]
            assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


async def test_a_wrong_key_is_logged_with_the_setting_to_check(tmp_path: Path) -> None:
    """The log names the device, the user and the configuration's key, and no passphrase."""
    async with DatagramServer(agent(OFF, "another-passphrase").answer) as server:
        devices = {"fm1": sealed_transmitter(server.port, "first")}
        path = write_site(tmp_path, site(devices, {"over_fm1": programme("fm1.radiating")}))
        async with Daemon(path) as daemon:
            line = await daemon.logged("device_read_failed", "device=fm1", "kind=error_status")
            assert "check auth_file" in line
            await daemon.state("over_fm1", "blind")
            assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")
