"""The SNMP reader by v3 over real sockets, against agents that lie on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pysnmp.proto.api import v2c

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpPoint, SnmpSource
from monitord.devices.snmp.usm.messages import read_header
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.usm_agent import (
    AUTH,
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    WRONG_DIGEST,
    UserKeys,
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


def off() -> UsmAgent:
    """Return the same engine with another value."""
    found = agent()
    found.values[UP_TIME] = v2c.TimeTicks(0)
    return found


def flipped(request: bytes) -> list[bytes]:
    """Return an answer with a changed bit in what its digest covers."""
    return [one[:-9] + bytes((one[-9] ^ 4,)) + one[-8:] for one in off().answer(request)]


def half(request: bytes) -> list[bytes]:
    """Return the first half of an answer."""
    return [one[: len(one) // 2] for one in off().answer(request)]


def lower(request: bytes) -> list[bytes]:
    """Return an authentic answer that is not encrypted."""
    asked = off()
    asked.answer_level = AUTH
    return asked.answer(request)


def plain(request: bytes) -> list[bytes]:
    """Return an answer without a digest."""
    asked = off()
    asked.answer_level = 0
    return asked.answer(request)


def other_key(request: bytes) -> list[bytes]:
    """Return an answer under another key."""
    response = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(response)
    v2c.apiPDU.set_varbinds(response, [(UP_TIME, v2c.TimeTicks(0))])
    forger = UsmAgent({"ops": UserKeys("sha1", "aes128", "another-one", "another-one")})
    return [forger.build(response, read_header(request).message_id, "ops", 3)]


def reports(request: bytes) -> list[bytes]:
    """Return every report under the right message id."""
    message_id, asked = read_header(request).message_id, off()
    asked.boots = 2_000_000_000
    other = agent(engine_id=other_engine_id()).report(UNKNOWN_ENGINE, message_id, "ops")
    rest = (UNKNOWN_USER, NOT_IN_TIME_WINDOW)
    return [other, *(asked.report(report, message_id, "ops") for report in rest)]


every_lie = pytest.mark.parametrize("lie", [flipped, half, lower, plain, other_key, reports])


@every_lie
async def test_a_lie_alone_is_never_a_value(lie: Callable[[bytes], list[bytes]]) -> None:
    """The agent answers a discovery correctly, and nobody who has the keys answers a request."""
    lied = 0

    def alone(_: UsmAgent, request: bytes, answers: list[bytes]) -> list[bytes]:
        nonlocal lied
        if not read_header(request).engine_id:
            return answers
        lied += 1
        return 3 * lie(request)

    async with lying(alone) as (reader, _, __):
        while lied < 4:
            with pytest.raises(ReadError):
                await reader.read(SOON_S)


@every_lie
async def test_a_lie_before_the_true_answer_does_not_hide_it(
    lie: Callable[[bytes], list[bytes]],
) -> None:
    """Forged answers and reports that are faster than the agent cost no read."""
    is_lying = False

    def before(_: UsmAgent, request: bytes, answers: list[bytes]) -> list[bytes]:
        return 3 * lie(request) + answers if is_lying else answers

    async with lying(before) as (reader, _, __):
        assert await reader.read(AMPLE_S) == (42.42,)
        is_lying = True
        for _ in range(5):
            assert await reader.read(AMPLE_S) == (42.42,)


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


async def test_an_engine_that_forgets_its_boots_again_and_again_is_read_on() -> None:
    """Boots go down and up, and the engine's time starts again: no read fails."""
    async with lying(lambda _, __, answers: answers) as (reader, _, asked):
        asked.time = 100_000
        for boots in (7, 1, 0, 5, 1):
            asked.boots = boots
            for _ in range(3):
                assert await reader.read(AMPLE_S) == (42.42,)
            asked.time = 3


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
