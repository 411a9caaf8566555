"""Traps and informs of net-snmp's own programs, on real sockets: accepted, answered, or dropped."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from monitord.clock import SystemClock
from monitord.devices.snmp.model import User
from monitord.traps.filter import DEVICE_BURST
from monitord.traps.model import TrapSettings
from monitord.traps.receiver import TrapReceiver
from monitord.traps.usm import OwnEngine
from simulators.agents.traps import INFORM, TrapSender, packet
from tests.support.daemon import until
from tests.support.traps import (
    COMMUNITY,
    LINK_DOWN,
    LINK_DOWN_OID,
    OUR_ENGINE,
    as_user,
    listening,
    net_snmp,
    sender,
)
from tests.support.wire import LOCALHOST

with_net_snmp = pytest.mark.needs_snmp

ENGINE = "0x80001f8880a1b2c3d4e5"
AUTH_KEY, PRIV_KEY = "auth-of-the-hill", "priv-of-the-hill"
ONCE = ("-r", "0", "-t", "1")
"""Who is not answered gives up soon."""
PATIENTLY = ("-r", "0", "-t", "20")
V2C = ("-v2c", "-c", COMMUNITY)

NET_SNMP_NAMES = {
    "md5": "MD5",
    "sha1": "SHA",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "des": "DES",
    "aes128": "AES",
    "": "",
}
USERS = [
    ("sha1", "aes128"),
    ("sha256", "aes128"),
    ("sha512", "aes128"),
    ("md5", "des"),
    ("sha224", ""),
    ("sha384", ""),
    ("", ""),
]


def user(auth: str, priv: str, name: str = "watcher") -> User:
    return User(
        name=name,
        auth=auth,
        priv=priv,
        auth_passphrase=AUTH_KEY if auth else "",
        priv_passphrase=PRIV_KEY if priv else "",
    )


def options(of: User, auth_key: str = AUTH_KEY, priv_key: str = PRIV_KEY) -> tuple[str, ...]:
    """Return the user's options for net-snmp."""
    level = "authPriv" if of.priv else "authNoPriv" if of.auth else "noAuthNoPriv"
    keys = (NET_SNMP_NAMES[of.auth], auth_key) if of.auth else ()
    keys += (NET_SNMP_NAMES[of.priv], priv_key) if of.priv else ()
    return (*as_user(of.name, level, *keys),)


async def trap(to: str, *how: str, oid: str = LINK_DOWN) -> None:
    code, said = await net_snmp("snmptrap", *how, to, "", oid)
    assert code == 0, said


async def inform(to: str, *how: str) -> str:
    """Send an inform once, and wait until it is answered; return what was written of it."""
    code, said = await net_snmp("snmpinform", *how, *PATIENTLY, to, "", LINK_DOWN)
    return said if code else ""


async def inform_in_vain(to: str, *how: str) -> None:
    """Send an inform once that is not taken."""
    code, said = await net_snmp("snmpinform", *how, *ONCE, to, "", LINK_DOWN)
    assert code != 0, said


# Accepted.


@with_net_snmp
async def test_a_trap_of_each_version_polls_its_device_and_states_its_condition() -> None:
    """A generic trap of v1 is the same OID as the trap of v2 (RFC 3584)."""
    async with listening(sender(user=user("sha1", "aes128"))) as recorder:
        code, said = await net_snmp(
            "snmptrap", "-v1", "-c", COMMUNITY, recorder.to,
            "1.3.6.1.4.1.99999", "10.9.9.9", "2", "0", "",
        )  # fmt: skip
        assert code == 0, said
        await recorder.counted("taken", 1)
        await trap(recorder.to, *V2C)
        await recorder.counted("taken", 2)
        await trap(recorder.to, *options(user("sha1", "aes128")), "-e", ENGINE)
        await recorder.counted("taken", 3)
        await until(lambda: len(recorder.polled) == 3, "three polls")
    assert recorder.polled == ["fm1"] * 3
    assert [(said.device, said.condition, said.value) for said in recorder.seen] == [
        ("fm1", "fm1.link", False)
    ] * 3
    assert [said.device_time for said in recorder.seen if said.device_time is None] == []


@with_net_snmp
async def test_an_enterprise_trap_of_v1_is_named_by_its_specific_number() -> None:
    """Enterprise, 0, specific number (RFC 3584 §3.1)."""
    async with listening(sender()) as recorder:
        with capture_logs() as logs:
            await net_snmp(
                "snmptrap", "-v1", "-c", COMMUNITY, recorder.to, "1.3.6.1.4.1.35833.6.254", "",
                "6", "5", "", "1.3.6.1.4.1.35833.6.3.1.0", "i", "1",
            )  # fmt: skip
            await recorder.counted("taken")
    (came,) = (log for log in logs if log["event"] == "trap_came")
    assert came["trap"] == "1.3.6.1.4.1.35833.6.254.0.5"


@with_net_snmp
@pytest.mark.parametrize(("auth", "priv"), USERS)
async def test_v3_traps_are_accepted_and_v3_informs_answered(auth: str, priv: str) -> None:
    """A trap with the sender's engine as the authority, an inform with ours, for each protocol."""
    async with listening(sender(community=None, user=user(auth, priv))) as recorder:
        await trap(recorder.to, *options(user(auth, priv)), "-e", ENGINE)
        await recorder.counted("taken", 1)
        assert await inform(recorder.to, *options(user(auth, priv))) == ""
        await recorder.counted("taken", 2)


@with_net_snmp
async def test_an_inform_of_v2c_is_answered() -> None:
    """Who is not answered sends again and again."""
    async with listening(sender()) as recorder:
        assert await inform(recorder.to, *V2C) == ""
        assert recorder.count("taken") == 1


@with_net_snmp
async def test_users_and_communities_distinguish_devices_of_one_address() -> None:
    """A trap belongs to the devices that have its credentials; others are not woken."""
    devices = (
        sender("fm1"),
        sender("fm2", community="an0ther"),
        sender("dtmb1", community=None, user=user("sha1", "aes128", "first")),
        sender("dtmb2", community=None, user=user("sha256", "", "second")),
    )
    async with listening(*devices) as recorder:
        await trap(recorder.to, "-v2c", "-c", "an0ther")
        await recorder.counted("taken", device="fm2")
        await trap(recorder.to, *options(user("sha256", "", "second")), "-e", ENGINE)
        await recorder.counted("taken", device="dtmb2")
        assert await inform(recorder.to, *options(user("sha1", "aes128", "first"))) == ""
        await until(lambda: len(recorder.polled) == 3, "three polls")
    assert recorder.polled == ["fm2", "dtmb2", "dtmb1"]


@with_net_snmp
async def test_a_privacy_key_distinguishes_devices_of_one_address() -> None:
    """Whose key does not decrypt a trap did not send it, though user and digest are the same."""
    other = replace(user("sha1", "aes128"), priv_passphrase="other-priv-of-the-hill")
    first = sender("fm1", community=None, user=other)
    second = sender("fm2", community=None, user=user("sha1", "aes128"))
    async with listening(first, second) as recorder:
        await trap(recorder.to, *options(user("sha1", "aes128")), "-e", ENGINE)
        await recorder.counted("taken", device="fm2")
        assert await inform(recorder.to, *options(user("sha1", "aes128"))) == ""
        await recorder.counted("taken", 2, device="fm2")
    assert recorder.polled == ["fm2", "fm2"]
    assert {said.device for said in recorder.seen} == {"fm2"}


@with_net_snmp
async def test_what_may_be_of_two_devices_polls_both_and_says_nothing() -> None:
    """Nobody can know which of them it was."""
    async with listening(sender("fm1"), sender("fm2")) as recorder:
        await trap(recorder.to, *V2C)
        await until(lambda: len(recorder.polled) == 2, "both polled")
    assert sorted(recorder.polled) == ["fm1", "fm2"]
    assert recorder.seen == []


@with_net_snmp
async def test_one_socket_receives_ipv4_and_ipv6() -> None:
    """An IPv4 sender is the same address on a socket of both."""
    devices = (sender("fm1"), sender("fm2", address="::1"))
    async with listening(*devices, address="::") as recorder:
        await trap(f"udp6:[::1]:{recorder.receiver.port}", *V2C)
        await recorder.counted("taken", device="fm2")
        assert await inform(recorder.to, *V2C) == ""
        await recorder.counted("taken", device="fm1")


async def test_a_device_may_be_named_by_a_name() -> None:
    """The site's name service says where it is."""
    async with listening(sender(address="localhost")) as recorder:
        with TrapSender(COMMUNITY, (LOCALHOST, recorder.receiver.port)) as device:
            device.send(LINK_DOWN_OID)
            await recorder.counted("taken")


# Dropped, by reason.


@with_net_snmp
@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_a_wrong_community_is_rejected_without_an_answer(version: str) -> None:
    """The first is logged as a warning, without the community; the next is only counted."""
    async with listening(sender()) as recorder:
        with capture_logs() as logs:
            if version == "-v2c":
                await inform_in_vain(recorder.to, version, "-c", "gue55ed")
                await inform_in_vain(recorder.to, version, "-c", "gue55ed")
            else:
                for _ in range(2):
                    await net_snmp(
                        "snmptrap", version, "-c", "gue55ed", recorder.to, "1.3.6", "", "2", "0", ""
                    )
            await recorder.counted("wrong_community", 2)
    assert [log["log_level"] for log in logs if log["event"] != "traps_listening"] == [
        "warning",
        "debug",
    ]
    assert "gue55ed" not in str(logs)
    assert (recorder.polled, recorder.seen) == ([], [])


WRONG = [
    ("wrong_user", options(user("sha1", "aes128", "somebody"))),
    ("wrong_level", options(user("sha1", ""))),
    ("wrong_level", options(user("", ""))),
    ("wrong_digest", options(user("sha1", "aes128"), auth_key="another-auth-key")),
    ("wrong_digest", options(user("sha256", "aes128"))),
    ("undecryptable", options(user("sha1", "aes128"), priv_key="another-priv-key")),
]


@with_net_snmp
@pytest.mark.parametrize(("reason", "how"), WRONG)
async def test_a_v3_message_with_other_credentials_is_rejected(
    reason: str, how: tuple[str, ...]
) -> None:
    """Another user, level, key or cipher: a trap is dropped, an inform has a report."""
    async with listening(sender(community=None, user=user("sha1", "aes128"))) as recorder:
        await trap(recorder.to, *how, "-e", ENGINE)
        await recorder.counted(reason, 1)
        await inform_in_vain(recorder.to, *how)
        await recorder.counted(reason, 2)
    assert (recorder.polled, recorder.seen) == ([], [])


@with_net_snmp
async def test_the_engine_of_a_trap_can_be_given() -> None:
    """Who has the keys but is another engine than the device's is not the device."""
    own = bytes.fromhex(ENGINE.removeprefix("0x"))
    device = sender(community=None, user=user("sha1", "aes128"), engine_id=own)
    async with listening(device) as recorder:
        await trap(recorder.to, *options(user("sha1", "aes128")), "-e", "0x80001f8880ffffffff")
        await recorder.counted("wrong_digest")
        await trap(recorder.to, *options(user("sha1", "aes128")), "-e", ENGINE)
        await recorder.counted("taken")


@with_net_snmp
async def test_an_old_v3_trap_is_no_news() -> None:
    """A recording of an earlier start polls the device, and what it says does not count."""
    async with listening(sender(community=None, user=user("sha1", "aes128"))) as recorder:
        how = (*options(user("sha1", "aes128")), "-e", ENGINE)
        await trap(recorder.to, *how, "-Z", "9,5000")
        await recorder.counted("taken")
        await trap(recorder.to, *how, "-Z", "8,9000", oid="1.3.6.1.6.3.1.1.5.3")
        await recorder.counted("not_in_window", 1)
        await trap(recorder.to, *how, "-Z", "9,4800")
        await recorder.counted("not_in_window", 2)
        await trap(recorder.to, *how, "-Z", "9,4900", oid="1.3.6.1.6.3.1.1.5.4")
        await recorder.counted("taken", 2)
        await until(lambda: len(recorder.polled) == 4, "every one polled")
    assert len(recorder.seen) == 1


@with_net_snmp
async def test_a_user_of_v3_alone_is_not_reached_by_a_community() -> None:
    """A device that is polled with keys does not send in the clear unless it is said."""
    async with listening(sender(community=None, user=user("sha1", "aes128"))) as recorder:
        await trap(recorder.to, *V2C)
        await recorder.counted("wrong_community")


@with_net_snmp
async def test_a_request_is_no_trap() -> None:
    """The receiver is no agent: a request has no answer."""
    async with listening(sender(user=user("sha1", "aes128"))) as recorder:
        code, _ = await net_snmp("snmpget", *V2C, *ONCE, recorder.to, "1.3.6.1.2.1.1.3.0")
        assert code != 0
        await recorder.counted("not_a_trap", 1)
        how = options(user("sha1", "aes128"))
        code, _ = await net_snmp("snmpget", *how, *ONCE, recorder.to, "1.3.6.1.2.1.1.3.0")
        assert code != 0
        await recorder.counted("not_a_trap", 2)
    assert recorder.polled == []


# Again, and never.


async def test_an_inform_sent_again_is_answered_and_counts_once() -> None:
    """Its answer was lost; what it announced happened once."""
    again = packet(COMMUNITY, LINK_DOWN_OID, [], ticks=500, number=77, kind=INFORM)
    later = packet(COMMUNITY, LINK_DOWN_OID, [], ticks=600, number=77, kind=INFORM)
    async with listening(sender()) as recorder:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.bind((LOCALHOST, 0))
            for datagram in (again, again, later):
                await loop.sock_sendto(sock, datagram, (LOCALHOST, recorder.receiver.port))
                answer = await asyncio.wait_for(loop.sock_recv(sock, 9000), 10)
                at = datagram.index(INFORM)
                assert answer == datagram[:at] + b"\xa2" + datagram[at + 1 :]
    assert (recorder.count("taken"), recorder.count("duplicate")) == (1, 2)
    assert (recorder.polled, len(recorder.seen)) == (["fm1"], 1)


COUNTER = (1, 3, 6, 1, 4, 1, 19831, 1, 1, 7, 1, 4, 0)


async def test_a_gap_in_the_event_counter_is_logged_and_polls() -> None:
    """Each number that is left out is a trap that never came; a number twice is the same trap."""
    async with listening(sender()) as recorder:
        with (
            capture_logs() as logs,
            TrapSender(COMMUNITY, (LOCALHOST, recorder.receiver.port)) as device,
        ):
            for number in (7, 8, 12, 12, 13):
                device.send(LINK_DOWN_OID, (COUNTER, ("counter32", number)), ticks=number)
            await recorder.counted("taken", 4)
            await recorder.counted("duplicate", 1)
    assert recorder.receiver.filter.lost["fm1"] == 3
    (lost,) = (log for log in logs if log["event"] == "traps_lost")
    assert (lost["device"], lost["count"], lost["log_level"]) == ("fm1", 3, "warning")


async def test_a_storm_is_limited_and_another_device_is_received() -> None:
    """Thousands from one device: a few are taken, the rest is counted, nothing is kept."""
    thousands = 3000
    async with listening(sender("fm1"), sender("fm2", address="127.0.0.3")) as recorder:
        to = (LOCALHOST, recorder.receiver.port)
        with TrapSender(COMMUNITY, to) as noisy, TrapSender(COMMUNITY, to, "127.0.0.3") as calm:
            for number in range(thousands):
                noisy.send(LINK_DOWN_OID, ticks=number)
                if number % 100 == 0:
                    await asyncio.sleep(0)
            calm.send(LINK_DOWN_OID)
            await recorder.counted("storm", 100)
            for number in range(1000):
                calm.send(LINK_DOWN_OID, ticks=10_000 + number)
                if recorder.count("taken", "fm2"):
                    break
                await asyncio.sleep(0.01)
            await recorder.counted("taken", 1, "fm2")
    kept = recorder.count("taken") + recorder.count("storm") + recorder.receiver.kernel_dropped
    assert recorder.count("taken") >= DEVICE_BURST
    assert recorder.count("taken") < thousands / 4
    assert kept <= thousands + 1000


async def test_what_lay_in_the_socket_before_the_start_is_not_news() -> None:
    """Nobody knows how old it is."""
    clock = SystemClock(None)
    polled: list[str] = []
    handed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    handed.bind((LOCALHOST, 0))
    receiver = TrapReceiver(
        TrapSettings("192.0.2.1", 1, (sender(),)),
        OwnEngine(OUR_ENGINE, 5, clock.now()),
        clock=clock,
        poll_now=polled.append,
        seen=lambda _: None,
        handed=(handed,),
    )
    with TrapSender(COMMUNITY, handed.getsockname()) as device:
        device.send(LINK_DOWN_OID)
        running = asyncio.create_task(receiver.run())
        await until(lambda: receiver.is_listening, "it listens")
        device.send(LINK_DOWN_OID, ticks=7)
        await until(lambda: polled, "a poll")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert polled == ["fm1"]
    assert handed.fileno() == -1
