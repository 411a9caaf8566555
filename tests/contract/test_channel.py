"""One suite for every channel: what the dispatcher may rely on whatever the way to a person."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import TextIO

import pytest

from monitord.channels import CHANNELS, Channel, DeliveryError, open_channel
from monitord.channels.console import ConsoleChannel
from monitord.channels.webhook import WebhookChannel
from monitord.config.settings import ChannelSettings
from tests.support.posts import Desk, hang, message
from tests.support.wire import LOCALHOST, StreamServer, free_port

SOON_S = 0.2
AMPLE_S = 20.0


class ConsoleSide:
    """A pipe: read by the test, full, or with nobody at the other end."""

    def __init__(self) -> None:
        self._open: list[TextIO] = []
        self._read = -1

    async def working(self) -> Channel:
        return ConsoleChannel(self._pipe(), AMPLE_S)

    async def silent(self) -> Channel:
        stream = self._pipe()
        os.set_blocking(stream.fileno(), False)
        try:
            while True:
                os.write(stream.fileno(), b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(stream.fileno(), True)
        return ConsoleChannel(stream, SOON_S)

    async def broken(self) -> Channel:
        stream = self._pipe()
        os.close(self._read)
        self._read = -1
        return ConsoleChannel(stream, AMPLE_S)

    async def received(self) -> str:
        return os.read(self._read, 65_536).decode()

    async def stop(self) -> None:
        if self._read >= 0:
            os.close(self._read)
        for stream in self._open:
            with suppress(BrokenPipeError):  # what could not be written cannot be flushed now
                stream.close()

    def _pipe(self) -> TextIO:
        self._read, written = os.pipe()
        stream = os.fdopen(written, "w", encoding="utf-8")
        self._open.append(stream)
        return stream


class WebhookSide:
    """A desk that answers, hangs, or is not there."""

    def __init__(self) -> None:
        self._desk = Desk()
        self._servers = AsyncExitStack()

    async def working(self) -> Channel:
        server = await self._servers.enter_async_context(StreamServer(self._desk.serve))
        return WebhookChannel(f"http://{LOCALHOST}:{server.port}/alerts", AMPLE_S)

    async def silent(self) -> Channel:
        server = await self._servers.enter_async_context(StreamServer(hang))
        return WebhookChannel(f"http://{LOCALHOST}:{server.port}/alerts", SOON_S)

    async def broken(self) -> Channel:
        return WebhookChannel(f"http://{LOCALHOST}:{free_port(socket.SOCK_STREAM)}/", AMPLE_S)

    async def received(self) -> str:
        return "".join(str(post) for post in self._desk.posts)

    async def stop(self) -> None:
        await self._servers.aclose()


SIDES = {"console": ConsoleSide, "webhook": WebhookSide}


@pytest.fixture(params=sorted(CHANNELS))
async def side(request: pytest.FixtureRequest) -> AsyncIterator[ConsoleSide | WebhookSide]:
    one = SIDES[request.param]()
    yield one
    await one.stop()


async def test_a_message_arrives_with_its_sentence_and_its_number(
    side: ConsoleSide | WebhookSide,
) -> None:
    """The receiver sees what happened, why, and which incident it is (WORDING B, Full)."""
    channel = await side.working()
    await channel.send(message())
    received = await side.received()
    for text in (message().title, message().cause, message().number):
        assert text in received
    await channel.close()


async def test_messages_arrive_whole_and_in_turn(side: ConsoleSide | WebhookSide) -> None:
    """Each send is one message; sends at the same moment do not mingle."""
    channel = await side.working()
    ids = [f"alert-{number}" for number in range(5)]
    await asyncio.gather(*(channel.send(message(text=f"停播\n{one}", title="")) for one in ids))
    received = await side.received()
    assert [received.count(one) for one in ids] == [1] * 5
    assert received.count("停播\\n") + received.count("停播\n") == 5
    await channel.close()


async def test_nobody_at_the_other_end_is_a_delivery_error_that_may_pass(
    side: ConsoleSide | WebhookSide,
) -> None:
    """What is unreachable now may be there later, so the same may be tried again."""
    channel = await side.broken()
    with pytest.raises(DeliveryError) as caught:
        await channel.send(message())
    assert not caught.value.permanent
    assert caught.value.detail
    assert "\n" not in caught.value.detail
    await channel.close()


async def test_a_silent_other_end_is_a_delivery_error_after_the_deadline(
    side: ConsoleSide | WebhookSide,
) -> None:
    """A channel keeps its own deadline and never holds the one who sends."""
    channel = await side.silent()
    with pytest.raises(DeliveryError, match=f"{SOON_S:g} s") as caught:
        await channel.send(message())
    assert not caught.value.permanent
    await channel.close()


async def test_closing_twice_is_harmless(side: ConsoleSide | WebhookSide) -> None:
    """An orderly end may pass the same channel twice."""
    channel = await side.working()
    await channel.send(message())
    await channel.close()
    await channel.close()


def test_every_kind_is_in_this_suite_and_opens_from_settings() -> None:
    """A new channel is one file and one registry line, and is held to this contract."""
    assert set(SIDES) == set(CHANNELS)
    for kind in CHANNELS:
        settings = ChannelSettings("c", kind, 5_000_000, url="http://127.0.0.1:1/")
        assert hasattr(open_channel(settings), "send")
