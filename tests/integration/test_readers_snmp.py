"""The SNMP reader against agents whose answers are wrong, late, repeated or too big."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import (
    build_get,
    request_id_from,
)
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from tests.support.agents import Oid, SnmpAgent
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.wire import LOCALHOST, DatagramServer, Reply

BASE = (1, 3, 6, 1, 4, 1, 99999, 1)
NUMBER = Decoding("number")
TEXT = Decoding("text")
AMPLE_S = 20.0
SOON_S = 0.5

WIRE = CommunityWire(Community(V2C, "public"))

Tamper = Callable[[bytes], bytes]


def source_at(port: int, size: int = 2, *, community: str = "public") -> SnmpSource:
    points = tuple(SnmpPoint(f"p{place}", (*BASE, place), NUMBER) for place in range(size))
    return SnmpSource(LOCALHOST, port, Community(V2C, community), points)


def honest(size: int = 2) -> SnmpAgent:
    """An agent that is asked by the test and not over a socket; values 100, 101, ..."""
    return SnmpAgent({(*BASE, place): 100 + place for place in range(size)})


@asynccontextmanager
async def reading(
    reply: Reply, size: int = 2
) -> AsyncIterator[tuple[DecodedReader, DatagramServer]]:
    """Give a reader whose agent replies so."""
    async with DatagramServer(reply) as server:
        reader = decoded_reader(SnmpReader, source_at(server.port, size))
        try:
            yield reader, server
        finally:
            await reader.close()


def changed(change: Callable[[Any, Any], None]) -> Tamper:
    """Return a tamper that changes the decoded message and its PDU."""

    def tamper(answer: bytes) -> bytes:
        message, _ = decoder.decode(answer, asn1Spec=v2c.Message())
        change(message, v2c.apiMessage.get_pdu(message))
        return bytes(encoder.encode(message))

    return tamper


def with_request_id(step: int) -> Tamper:
    return changed(
        lambda _, pdu: v2c.apiPDU.set_request_id(pdu, int(v2c.apiPDU.get_request_id(pdu)) + step)
    )


def quote_request_id(_: Any, pdu: Any) -> None:
    """Make it another request's answer whose value happens to hold our request id."""
    request_id = int(v2c.apiPDU.get_request_id(pdu))
    quoted = v2c.OctetString(request_id.to_bytes(4, "big"))
    oids = [oid for oid, _ in v2c.apiPDU.get_varbinds(pdu)]
    v2c.apiPDU.set_varbinds(pdu, [(oid, quoted) for oid in oids])
    v2c.apiPDU.set_request_id(pdu, request_id + 1)


def as_request(answer: bytes) -> bytes:
    """Return the answer under the tag of a GET."""
    return answer.replace(b"\xa2", b"\xa0", 1)


FAULTY: dict[str, Tamper] = {
    "garbage": lambda _: b"\xde\xad\xbe\xef" * 10,
    "text": lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "half": lambda answer: answer[: len(answer) // 2],
    "one octet short": lambda answer: answer[:-1],
    "oversized string": lambda answer: b"\x30\x83\x00\xea\x60" + answer[2:] + b"\x04" * 59_000,
    "nested deep": lambda answer: b"\x30\x80" * 5_000 + answer,
    "wrong community": changed(lambda message, _: v2c.apiMessage.set_community(message, "other")),
    "version 1": changed(lambda message, _: v2c.apiMessage.set_version(message, 0)),
    "version 3": changed(lambda message, _: v2c.apiMessage.set_version(message, 3)),
    "a request": as_request,
}
OF_OTHERS: dict[str, Tamper] = {
    "later request id": with_request_id(1),
    "earlier request id": with_request_id(-1),
    "our id in a value": changed(quote_request_id),
    "id of another sign": with_request_id(-(2**31)),
}


async def kind_after(tamper: Tamper) -> str:
    """Return how a read ends whose every answer is tampered with."""
    agent = honest()
    async with reading(lambda ask: [tamper(agent.answer(ask)[0])]) as (reader, server):
        for reads in count(1):
            with pytest.raises(ReadError) as caught:
                await reader.read(SOON_S)
            # On a busy machine the agent may answer after the deadline: then read once more.
            if len(server.requests) == reads:
                break
    return caught.value.kind


async def test_a_packet_that_is_not_the_answer_is_no_answer() -> None:
    """It ends as a read error at the deadline; only packets that make no sense are blamed."""
    tampers = {**FAULTY, **OF_OTHERS}
    # All at once: each waits for its deadline.
    kinds = await asyncio.gather(*map(kind_after, tampers.values()))
    due = {name: "timeout" if name in OF_OTHERS else "bad_answer" for name in tampers}
    assert dict(zip(tampers, kinds, strict=True)) == due


@pytest.mark.parametrize("name", [*FAULTY, *OF_OTHERS])
async def test_the_true_answer_behind_a_false_one_is_still_taken(name: str) -> None:
    """A false packet must not silence a device that answers."""
    tamper = {**FAULTY, **OF_OTHERS}[name]
    agent = honest()

    def reply(ask: bytes) -> list[bytes]:
        (answer,) = agent.answer(ask)
        return [tamper(answer), answer]

    async with reading(reply) as (reader, _):
        assert await reader.read(AMPLE_S) == (100, 101)


@pytest.mark.parametrize("octets", [1, 15, 60_000])
async def test_octets_behind_an_answer_are_left_with_a_remark(octets: int) -> None:
    """NULs, and 15 octets of a transmitter (sharpsnmplib#688): the message says where it ends."""
    agent = honest()
    async with reading(lambda ask: [agent.answer(ask)[0] + bytes(octets)]) as (reader, _):
        assert await reader.read(AMPLE_S) == (100, 101)
        (remark,) = set(reader.reader.take_remarks())
    assert remark.kind == "odd_frame"


@pytest.mark.parametrize("value", [b"\x02\x00", b"\x41\x00", b"\x06\x00", b"\x45\x01\x00"])
async def test_a_value_that_cannot_be_read_costs_itself_alone(value: bytes) -> None:
    """No octets are no number (snmp_exporter#541); the others have their values."""
    agent = honest()

    def reply(ask: bytes) -> list[bytes]:
        (answer,) = agent.answer(ask)
        return [respelt(answer, b"\x02\x01\x64", value)]

    async with reading(reply) as (reader, _):
        for _ in range(2):
            assert await reader.read(AMPLE_S) == (None, 101)
        remarks = reader.reader.take_remarks()
    assert {one.kind for one in remarks} == {"unreadable"}


async def test_an_unsigned_number_without_its_leading_zero_is_read() -> None:
    """troglobit/mini-snmpd#8: all points were blind while a counter was in that half."""
    agent = honest()

    def reply(ask: bytes) -> list[bytes]:
        (answer,) = agent.answer(ask)
        return [respelt(answer, b"\x02\x01\x64", b"\x41\x04\xb3\x99\x61\xed")]

    async with reading(reply) as (reader, _):
        assert await reader.read(AMPLE_S) == (3_013_173_741, 101)
        assert reader.reader.take_remarks() == ()


def respelt(answer: bytes, old: bytes, new: bytes) -> bytes:
    """Return an answer with a value spelt in another way, and every outer length true."""
    assert answer.count(old) == 1
    grown = len(new) - len(old)
    parts = bytearray(answer.replace(old, new))
    at = answer.index(old)
    # Message, PDU, varbind list and varbind: the sequences around the value, lengths of one octet.
    for place in (1, answer.index(b"\xa2") + 1, answer.index(b"\x02\x01\x00\x02\x01\x00\x30") + 7):
        parts[place] += grown
    parts[answer.rindex(b"\x30", 0, at) + 1] += grown
    return bytes(parts)


def oids_instead(*oids: Oid) -> Tamper:
    def change(_: Any, pdu: Any) -> None:
        v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.Integer32(7)) for oid in oids])

    return changed(change)


@pytest.mark.parametrize(
    "oids",
    [
        [(*BASE, 0)],
        [(*BASE, 0), (*BASE, 0)],
        [(*BASE, 0), (*BASE, 1, 0)],
        [],
    ],
    ids=["one missing", "one twice", "another instance", "none"],
)
async def test_values_of_other_objects_are_refused_at_once(oids: list[Oid]) -> None:
    """What the agent says under our request id is its answer: waiting on brings no better."""
    agent, tamper = honest(), oids_instead(*oids)
    async with reading(lambda ask: [tamper(agent.answer(ask)[0])]) as (reader, _):
        with pytest.raises(ReadError, match="bad_answer: agent answered"):
            await reader.read(AMPLE_S)


async def test_a_late_answer_is_not_taken_for_the_present_one() -> None:
    """Each answer comes once more, before the answer to the request that follows."""
    agent, earlier = honest(1), []

    def reply(ask: bytes) -> list[bytes]:
        agent.values[*BASE, 0] += 1
        earlier.append(agent.answer(ask)[0])
        return earlier[-2:]

    async with reading(reply, 1) as (reader, _):
        seen = [(await reader.read(AMPLE_S))[0] for _ in range(10)]
    assert seen == list(range(101, 111))


async def test_an_answer_from_another_port_is_rejected() -> None:
    """Only the agent that was asked may answer."""
    agent = honest()
    async with DatagramServer(lambda _: []) as asked:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            received = asked.datagram_received

            def answer_as_stranger(data: bytes, addr: tuple[str, int]) -> None:
                received(data, addr)
                stranger.sendto(agent.answer(data)[0], addr)

            asked.datagram_received = answer_as_stranger  # type: ignore[method-assign]
            reader = decoded_reader(SnmpReader, source_at(asked.port))
            with pytest.raises(ReadError) as caught:
                await reader.read(SOON_S)
    assert asked.requests
    assert caught.value.kind == "timeout"


async def test_a_flood_of_garbage_does_not_hide_the_answer() -> None:
    """Garbage is refused cheaply enough to be looked through."""
    agent = honest()
    noise = [b"\x30" + bytes([n]) * 20 for n in range(150)]
    async with reading(lambda ask: noise + agent.answer(ask)) as (reader, _):
        assert await reader.read(AMPLE_S) == (100, 101)


async def test_an_answer_that_came_while_we_were_busy_is_not_called_silence() -> None:
    """Our own lateness is not the device's: what lies in the socket at the deadline counts."""
    agent = honest()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOCALHOST, 0))
        sock.setblocking(False)
        reader = decoded_reader(SnmpReader, source_at(sock.getsockname()[1]))
        read = asyncio.create_task(reader.read(4 * SOON_S))
        ask, addr = await asyncio.get_running_loop().sock_recvfrom(sock, 2000)
        sock.sendto(agent.answer(ask)[0], addr)
        threading.Event().wait(4.4 * SOON_S)  # The loop is blocked past the deadline.
        assert await read == (100, 101)
    await reader.close()


async def test_an_agent_without_answer_is_asked_once_a_read() -> None:
    """No retry inside a read, and no second batch behind an unanswered first."""
    async with reading(lambda _: [], 60) as (reader, server):
        with pytest.raises(ReadError, match="timeout"):
            await reader.read(SOON_S)
        assert len(server.requests) == 1


@pytest.mark.parametrize("fits", [1, 2, 5, 23])
async def test_a_batch_that_is_too_big_is_halved_for_good(fits: int) -> None:
    """The agent's size is learnt in the first read."""
    agent = honest(30)
    agent.varbinds_max = fits
    async with agent:
        reader = decoded_reader(SnmpReader, source_at(agent.port, 30))
        assert await reader.read(AMPLE_S) == tuple(range(100, 130))
        first = len(agent.requests)
        assert await reader.read(AMPLE_S) == tuple(range(100, 130))
        assert len(agent.requests) - first < first
        await reader.close()


@pytest.mark.parametrize(("status", "name"), [(5, "genErr"), (2, "noSuchName"), (16, "16")])
async def test_an_error_status_fails_the_read_by_its_name(status: int, name: str) -> None:
    """The agent answered, and refused."""
    agent = honest()
    agent.error_status = status
    async with agent:
        reader = decoded_reader(SnmpReader, source_at(agent.port))
        with pytest.raises(ReadError, match=name) as caught:
            await reader.read(AMPLE_S)
    assert caught.value.kind == "error_status"


async def test_one_object_too_big_for_the_agent_is_an_error_status() -> None:
    """Halving ends at one."""
    agent = honest(1)
    agent.varbinds_max = 0
    async with agent:
        reader = decoded_reader(SnmpReader, source_at(agent.port, 1))
        with pytest.raises(ReadError, match="error_status: agent refused with tooBig"):
            await reader.read(AMPLE_S)


async def test_a_wrong_community_is_a_timeout_that_does_not_show_it() -> None:
    """Agents do not answer strangers."""
    async with honest() as agent:
        reader = decoded_reader(SnmpReader, source_at(agent.port, community="s3cret"))
        with pytest.raises(ReadError) as caught:
            await reader.read(SOON_S)
    assert caught.value.kind == "timeout"
    assert "s3cret" not in str(caught.value)


@settings(deadline=None)
@given(community=st.text(max_size=300), size=st.integers(1, 64), first=st.integers(0, 2**31))
def test_a_request_carries_its_community_and_its_id(community: str, size: int, first: int) -> None:
    """The place of the request id is right whatever the lengths around it."""
    request_id, wire = request_id_from(first), CommunityWire(Community(V2C, community))
    get = build_get(tuple((*BASE, n) for n in range(size)))
    packet = wire.wrap(get.pdu(request_id), request_id, 0)
    message, rest = decoder.decode(packet, asn1Spec=v2c.Message())
    assert not rest
    assert bytes(v2c.apiMessage.get_community(message)) == community.encode()
    pdu = v2c.apiMessage.get_pdu(message)
    assert int(v2c.apiPDU.get_request_id(pdu)) == request_id
    assert len(v2c.apiPDU.get_varbinds(pdu)) == size
