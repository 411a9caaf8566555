"""The SNMP reader by v3 over real sockets, against agents that lie on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpPoint, SnmpSource
from monitord.devices.snmp.usm.messages import read_header
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.usm_agent import (
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    WRONG_DIGEST,
    UsmAgent,
    other_engine_id,
)
from tests.support.usm_poll import UP_TIME, agent, user
from tests.support.wire import LOCALHOST, DatagramServer

AMPLE_S = 20.0
SOON_S = 0.4
POINT = SnmpPoint("up_time_s", UP_TIME, Decoding("number", scale=0.01))

Lies = Callable[[UsmAgent, bytes, list[bytes]], list[bytes]]


@asynccontextmanager
async def lying(lies: Lies) -> AsyncIterator[tuple[DecodedReader, DatagramServer, UsmAgent]]:
    """Give a reader of an agent whose datagrams pass through ``lies``."""
    asked = agent()
    async with DatagramServer(
        lambda request: lies(asked, request, asked.answer(request))
    ) as server:
        reader = decoded_reader(SnmpReader, SnmpSource(LOCALHOST, server.port, user(), (POINT,)))
        yield reader, server, asked
        await reader.close()


def forged(asked: UsmAgent, request: bytes, answers: list[bytes]) -> list[bytes]:
    """Put reports with a wrong message id, and a broken copy, before the answer."""
    message_id = read_header(request).message_id
    reports = (UNKNOWN_ENGINE, UNKNOWN_USER, WRONG_DIGEST, NOT_IN_TIME_WINDOW)
    before = [asked.report(report, message_id - 1, "ops") for report in reports]
    broken = [answer[:-1] + bytes((answer[-1] ^ 1,)) for answer in answers]
    return [*before, *[one[:40] for one in answers], *broken, *answers, *answers]


async def test_forged_broken_and_doubled_datagrams_change_no_reading() -> None:
    """Transport lies cost nothing but a look at them."""
    async with lying(forged) as (reader, server, _):
        for _ in range(5):
            assert await reader.read(AMPLE_S) == (42.42,)
        assert len(server.requests) == 1 + 5
        assert not reader.reader.remarks


async def test_an_agent_that_always_wants_to_be_asked_again_is_not_asked_for_ever() -> None:
    """Discovery and twice more, then the deadline."""

    def never_in_time(asked: UsmAgent, _: bytes, answers: list[bytes]) -> list[bytes]:
        asked.time += 1000
        return answers

    async with lying(never_in_time) as (reader, server, _):
        with pytest.raises(ReadError):
            await reader.read(SOON_S)
        assert len(server.requests) <= 4


@pytest.mark.parametrize("report", [UNKNOWN_ENGINE, UNKNOWN_USER, NOT_IN_TIME_WINDOW])
async def test_a_forger_who_is_faster_than_the_agent_silences_nothing(
    report: tuple[int, ...],
) -> None:
    """Who sees every request and answers it first costs requests, and no answer."""
    other = agent(engine_id=other_engine_id()) if report == UNKNOWN_ENGINE else agent(boots=9)
    is_forging = False

    def faster(_: UsmAgent, request: bytes, answers: list[bytes]) -> list[bytes]:
        first = other.report(report, read_header(request).message_id, "ops")
        return [first, *answers] if is_forging else answers

    async with lying(faster) as (reader, _, __):
        assert await reader.read(AMPLE_S) == (42.42,)
        is_forging = True
        for _ in range(5):
            assert await reader.read(AMPLE_S) == (42.42,)
        assert not reader.reader.remarks


async def test_a_restart_that_an_engine_forgets_is_among_the_remarks_of_its_device() -> None:
    """The reader hands on what its wire noticed, once."""
    async with lying(lambda _, __, answers: answers) as (reader, _, asked):
        assert await reader.read(AMPLE_S) == (42.42,)
        asked.boots, asked.time = 0, 5
        assert await reader.read(AMPLE_S) == (42.42,)
        remarks = DeviceRemarks("fm1")
        assert remarks.collect(reader.reader, 1)
        assert {kind: found.count for kind, found in remarks.found.items()} == {
            "restarts": 1,
            "forgets_boots": 1,
        }
        assert await reader.read(AMPLE_S) == (42.42,)
        assert not reader.reader.remarks
