"""A trap receiver on 127.0.0.1 that records what it accepts, and net-snmp's programs as senders.

Polls and conditions are recorded in order.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from monitord.clock import SystemClock
from monitord.core.model import TrapSeen
from monitord.devices.snmp.model import User
from monitord.devices.snmp.tlv import encoded
from monitord.devices.snmp.usm.engine import engine_keys, level_of
from monitord.devices.snmp.usm.messages import integer, octet_string, read_header
from monitord.traps.message import outline
from monitord.traps.model import Oid, TrapDevice, TrapRule, TrapSettings
from monitord.traps.receiver import TrapReceiver
from monitord.traps.usm import OwnEngine
from tests.support.daemon import until
from tests.support.wire import LOCALHOST

COMMUNITY = "c0mmunity-of-the-hill"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LINK_DOWN_OID: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
OUR_ENGINE = bytes.fromhex("80000000050102030405060708")
SEEN = TrapRule(LINK_DOWN_OID, "fm1.link", value=False)


def sender(id_: str = "fm1", **other: object) -> TrapDevice:
    """Return a device at 127.0.0.1 whose linkDown says that its link is not."""
    own = {"address": LOCALHOST, "community": COMMUNITY, "rules": (SEEN,)} | other
    return TrapDevice(id_, **own)  # type: ignore[arg-type]


@dataclass
class TrapRecorder:
    """A running receiver, whom it polled and what it said."""

    receiver: TrapReceiver
    polled: list[str] = field(default_factory=list)
    seen: list[TrapSeen] = field(default_factory=list)

    @property
    def to(self) -> str:
        """Where it listens, as net-snmp's programs want it."""
        return f"{LOCALHOST}:{self.receiver.port}"

    def count(self, result: str, device: str = "fm1") -> int:
        return self.receiver.filter.counts[device, result]

    async def counted(self, result: str, at_least: int = 1, device: str = "fm1") -> None:
        """Wait until so many datagrams have ended so."""

        def look() -> bool:
            return self.count(result, device) >= at_least

        await until(look, f"{at_least} {result}; counts are {self.receiver.filter.counts}")


@asynccontextmanager
async def listening(*devices: TrapDevice, address: str = LOCALHOST) -> AsyncIterator[TrapRecorder]:
    """Receive traps of these devices on a free port."""
    clock = SystemClock(None)
    polled: list[str] = []
    seen: list[TrapSeen] = []
    receiver = TrapReceiver(
        TrapSettings(address, 0, devices),
        OwnEngine(OUR_ENGINE, 5, clock.now()),
        clock=clock,
        poll_now=polled.append,
        seen=seen.append,
    )
    running = asyncio.create_task(receiver.run())
    try:
        await until(lambda: receiver.is_listening, "it listens")
        yield TrapRecorder(receiver, polled, seen)
        assert not running.done(), running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def v3_trap(user: User, engine: bytes, clock: tuple[int, int], trap: bytes) -> bytes:
    """Return a trap of a v3 user. ``clock``: boots, time; ``trap``: a v2c message with its PDU."""
    pdu = outline(trap).pdu
    plain = encoded(0x30, octet_string(engine) + octet_string(b"") + pdu)
    keys = engine_keys(user, engine)
    salt, data = b"", plain
    if keys.privacy is not None:
        salt, ciphertext = keys.privacy.encrypt(plain, clock, 99)
        data = octet_string(ciphertext)
    size = 0 if keys.digester is None else keys.digester.size
    boots, time = (integer(one) for one in clock)
    who = octet_string(engine) + boots + time + octet_string(user.name.encode())
    security = octet_string(encoded(0x30, who + octet_string(bytes(size)) + octet_string(salt)))
    flags = octet_string(bytes((level_of(user),)))
    head = encoded(0x30, integer(7) + integer(65_000) + flags + integer(3))
    whole = encoded(0x30, integer(3) + head + security + data)
    if keys.digester is None:
        return whole
    at = read_header(whole).places.digest[0]
    return keys.digester.signed(whole, at)


async def net_snmp(program: str, *arguments: str) -> tuple[int, str]:
    """Run snmptrap or snmpinform without the host's files; return its code and what it wrote.

    Each run keeps its own state: two that share it find each other's half-written engine ids.
    """
    with tempfile.TemporaryDirectory(prefix="net-snmp-") as folder:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
            env={"PATH": os.environ["PATH"], "MIBS": "", "SNMPCONFPATH": folder,
                 "SNMP_PERSISTENT_DIR": folder},
        )  # fmt: skip
        out, err = await process.communicate()
    return process.returncode or 0, (out + err).decode(errors="replace")


def as_user(name: str, level: str, *keys: str) -> Sequence[str]:
    """Return net-snmp's options of a v3 user; ``keys``: -a, -A, -x, -X in order, as many as fit."""
    options = zip(("-a", "-A", "-x", "-X"), keys, strict=False)
    return ("-v3", "-u", name, "-l", level, *(word for pair in options for word in pair))
