"""The receiver's edge: what a mistake of ours costs, what it shows, and what it writes."""

from __future__ import annotations

import asyncio
import socket

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from structlog.testing import capture_logs

from monitord.clock import SystemClock
from monitord.core.model import TrapSeen
from monitord.metrics.traps import TrapExposition
from monitord.traps.filter import RESULTS
from monitord.traps.model import TrapSettings
from monitord.traps.receiver import TrapReceiver
from monitord.traps.usm import OwnEngine
from simulators.agents.traps import TrapSender
from tests.support.daemon import Metrics, parse, until
from tests.support.traps import COMMUNITY, LINK_DOWN_OID, OUR_ENGINE, listening, sender
from tests.support.wire import LOCALHOST

NO_NAME = "x" * 64
"""A label may have 63 letters: this is refused without asking anybody."""


def shown(receiver: TrapReceiver, settings: TrapSettings) -> Metrics:
    registry = CollectorRegistry()
    registry.register(TrapExposition(receiver, settings))
    return parse(generate_latest(registry).decode())


async def test_what_came_is_shown_by_device_and_result() -> None:
    """Labels are the configuration's; a stranger has none, whatever it sends."""
    devices = (sender("fm1"), sender("fm2", address="127.0.0.9"))
    async with listening(*devices) as recorder:
        to = (LOCALHOST, recorder.receiver.port)
        with (
            TrapSender(COMMUNITY, to) as good,
            TrapSender("gue55ed", to) as bad,
            TrapSender(COMMUNITY, to, "127.0.0.2") as stranger,
        ):
            good.send(LINK_DOWN_OID)
            bad.send(LINK_DOWN_OID)
            stranger.send(LINK_DOWN_OID)
            await recorder.counted("wrong_community")
            await until(lambda: recorder.receiver.filter.unknown_source, "a stranger")
            seen = shown(recorder.receiver, TrapSettings(LOCALHOST, 0, devices))
    assert seen.value("traps_total", device="fm1", result="taken") == 1
    assert seen.value("traps_total", device="fm1", result="wrong_community") == 1
    assert seen.value("traps_unknown_source_total") == 1
    assert seen.value("traps_lost_total", device="fm2") == 0
    assert seen.value("traps_listening") == 1
    assert seen.value("traps_kernel_dropped_total") == 0
    labels = [dict(labels) for name, labels in seen.samples if name == "monitord_traps_total"]
    assert {one["result"] for one in labels} <= set(RESULTS)
    assert "127.0.0.2" not in seen.text
    assert COMMUNITY not in seen.text


class Broken:
    """A callback that fails at its first call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: str | TrapSeen) -> None:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError(f"a mistake that quotes {COMMUNITY}")


async def test_a_mistake_of_ours_on_one_trap_does_not_silence_the_next() -> None:
    """A callback may fail; the receiver goes on, and its log quotes nothing."""
    clock = SystemClock(None)
    poll_now, seen = Broken(), Broken()
    receiver = TrapReceiver(
        TrapSettings(LOCALHOST, 0, (sender(),)),
        OwnEngine(OUR_ENGINE, 1, clock.now()),
        clock=clock,
        poll_now=poll_now,
        seen=seen,
    )
    with capture_logs() as logs:
        running = asyncio.create_task(receiver.run())
        await until(lambda: receiver.is_listening, "it listens")
        with TrapSender(COMMUNITY, (LOCALHOST, receiver.port)) as device:
            for number in (1, 2, 3):
                device.send(LINK_DOWN_OID, ticks=number)
            await until(lambda: seen.calls == 3 and poll_now.calls >= 1, "all conditions")
            device.send(LINK_DOWN_OID, ticks=4)
            await until(lambda: poll_now.calls >= 2, "a poll after the failed one")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert receiver.filter.counts["fm1", "failed"] == 1
    assert COMMUNITY not in str(logs)
    assert {"trap_not_taken", "trap_polls_nothing"} <= {log["event"] for log in logs}


async def test_the_kernel_s_drops_are_counted() -> None:
    """A socket without room says so with the next datagram (SO_RXQ_OVFL)."""
    clock = SystemClock(None)
    handed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    handed.bind((LOCALHOST, 0))
    receiver = TrapReceiver(
        TrapSettings(LOCALHOST, 0, (sender(),)),
        OwnEngine(OUR_ENGINE, 1, clock.now()),
        clock=clock,
        poll_now=lambda _: None,
        seen=lambda _: None,
        handed=(handed,),
    )
    running = asyncio.create_task(receiver.run())
    await until(lambda: receiver.is_listening, "it listens")
    handed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with TrapSender(COMMUNITY, handed.getsockname()) as device:
        for number in range(200):  # nobody reads meanwhile: the loop is ours
            device.send(LINK_DOWN_OID, ticks=number)
        await until(lambda: receiver.filter.counts.total() > 0, "what had room")
        device.send(LINK_DOWN_OID, ticks=1000)
        await until(lambda: receiver.kernel_dropped > 0, "what had none")
    assert receiver.kernel_dropped <= 200
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_name_that_nobody_knows_hinders_no_other_device() -> None:
    """It is logged; a device with an address in digits is received."""
    with capture_logs() as logs:
        devices = (sender("fm1"), sender("fm2", address=NO_NAME))
        async with listening(*devices) as recorder:
            with TrapSender(COMMUNITY, (LOCALHOST, recorder.receiver.port)) as device:
                device.send(LINK_DOWN_OID)
                await recorder.counted("taken")
    assert [log["address"] for log in logs if log["event"] == "trap_sender_not_resolved"] == [
        NO_NAME
    ]
