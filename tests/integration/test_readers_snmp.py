"""The SNMP reader against agents that lie, stammer, come late or are simply old."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from monitord.core.model import Value
from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import (
    PduTemplate,
    Response,
    build_get,
    match,
    parse_response,
    request_id_from,
)
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.devices.snmp.wire import ResponseMismatchError
from tests.support.agents import Oid, SnmpAgent
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.packets import recorded_exchange, recorded_packets
from tests.support.wire import LOCALHOST, DatagramServer, Reply

BASE = (1, 3, 6, 1, 4, 1, 99999, 1)
NUMBER = Decoding("number")
TEXT = Decoding("text")
AMPLE_S = 20.0
SOON_S = 0.5

WIRE = CommunityWire(Community(V2C, "public"))

Tamper = Callable[[bytes], bytes]


def source_at(port: int, count: int = 2, *, community: str = "public") -> SnmpSource:
    points = tuple(SnmpPoint(f"p{place}", (*BASE, place), NUMBER) for place in range(count))
    return SnmpSource(LOCALHOST, port, Community(V2C, community), points)


def honest(count: int = 2) -> SnmpAgent:
    """An agent that is asked by the test and not over a socket; values 100, 101, ..."""
    return SnmpAgent({(*BASE, place): 100 + place for place in range(count)})


@asynccontextmanager
async def reading(
    reply: Reply, count: int = 2
) -> AsyncIterator[tuple[DecodedReader, DatagramServer]]:
    """Give a reader whose agent replies so."""
    async with DatagramServer(reply) as server:
        reader = decoded_reader(SnmpReader, source_at(server.port, count))
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
    "trailing octets": lambda answer: answer + b"\0",
    "oversized": lambda answer: answer + b"\0" * 60_000,
    "oversized string": lambda answer: b"\x30\x83\x00\xea\x60" + answer[2:] + b"\x04" * 59_000,
    "nested deep": lambda answer: b"\x30\x80" * 5_000 + answer,
    "wrong community": changed(lambda message, _: v2c.apiMessage.set_community(message, "other")),
    "version 1": changed(lambda message, _: v2c.apiMessage.set_version(message, 0)),
    "version 3": changed(lambda message, _: v2c.apiMessage.set_version(message, 3)),
    "a request": as_request,
}
FOREIGN: dict[str, Tamper] = {
    "later request id": with_request_id(1),
    "earlier request id": with_request_id(-1),
    "our id in a value": changed(quote_request_id),
    "id of another sign": with_request_id(-(2**31)),
}


async def kind_after(tamper: Tamper) -> str:
    """Return how a read ends whose every answer is tampered with."""
    agent = honest()
    async with reading(lambda ask: [tamper(agent.answer(ask)[0])]) as (reader, _):
        with pytest.raises(ReadError) as caught:
            await reader.read(4 * SOON_S)
    return caught.value.kind


async def test_a_packet_that_is_not_the_answer_is_no_answer() -> None:
    """It ends as a read error at the deadline; only packets that make no sense are blamed."""
    tampers = {**FAULTY, **FOREIGN}
    # All at once: each waits for its deadline.
    kinds = await asyncio.gather(*map(kind_after, tampers.values()))
    due = {name: "timeout" if name in FOREIGN else "bad_answer" for name in tampers}
    assert dict(zip(tampers, kinds, strict=True)) == due


@pytest.mark.parametrize("name", [*FAULTY, *FOREIGN])
async def test_the_true_answer_behind_a_false_one_is_still_taken(name: str) -> None:
    """A false packet must not silence a device that answers."""
    tamper = {**FAULTY, **FOREIGN}[name]
    agent = honest()

    def reply(ask: bytes) -> list[bytes]:
        (answer,) = agent.answer(ask)
        return [tamper(answer), answer]

    async with reading(reply) as (reader, _):
        assert await reader.read(AMPLE_S) == (100, 101)


async def test_no_part_of_an_answer_is_believed() -> None:
    """Every beginning of the answer comes first, and the whole last."""
    agent = honest()

    def reply(ask: bytes) -> list[bytes]:
        (answer,) = agent.answer(ask)
        return [answer[:end] for end in range(1, len(answer) + 1)]

    async with reading(reply) as (reader, _):
        assert await reader.read(AMPLE_S) == (100, 101)


def test_an_answer_without_one_of_its_octets_is_never_another_answer() -> None:
    """A lost octet leaves nothing that could be taken for the values."""
    request_id = request_id_from(1)
    (answer,) = honest().answer(ask_of(TWO, request_id))
    for at in range(len(answer)):
        with pytest.raises((ResponseMismatchError, ReadError)):
            believed(answer[:at] + answer[at + 1 :], TWO, request_id)


TWO = build_get(((*BASE, 0), (*BASE, 1)))


def ask_of(get: PduTemplate, request_id: int, wire: CommunityWire = WIRE) -> bytes:
    """Return the datagram that asks."""
    return wire.wrap(get.pdu(request_id), request_id, 0)


def believed(
    packet: bytes, get: PduTemplate, request_id: int, wire: CommunityWire = WIRE
) -> Response:
    """Return a response that is believed and speaks of what was asked for."""
    response = parse_response(wire.unwrap(packet, 0), request_id)
    if not response.error_status:
        assert set(match(response, get.oids)) <= set(get.oids)
    return response


def oids_instead(*oids: Oid) -> Tamper:
    def change(_: Any, pdu: Any) -> None:
        v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.Integer32(7)) for oid in oids])

    return changed(change)


@pytest.mark.parametrize(
    "oids",
    [
        [(*BASE, 0)],
        [(*BASE, 0), (*BASE, 1), (*BASE, 2)],
        [(*BASE, 0), (*BASE, 0)],
        [(*BASE, 0), (*BASE, 1, 0)],
        [],
    ],
    ids=["one missing", "one too many", "one twice", "another instance", "none"],
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


async def test_duplicates_of_an_answer_change_nothing() -> None:
    """Copies that lie in the socket belong to a request that is over."""
    agent = honest(1)

    def reply(ask: bytes) -> list[bytes]:
        agent.values[*BASE, 0] += 1
        return agent.answer(ask) * 3

    async with reading(reply, 1) as (reader, _):
        seen = [(await reader.read(AMPLE_S))[0] for _ in range(10)]
    assert seen == list(range(101, 111))


async def test_only_a_late_answer_is_a_timeout() -> None:
    """The read that the answer was meant for is over; this one had none."""
    agent, held = honest(), []

    def reply(ask: bytes) -> list[bytes]:
        held.append(agent.answer(ask)[0])
        return held[-2:-1]

    async with reading(reply) as (reader, _):
        for _ in range(3):
            with pytest.raises(ReadError) as caught:
                await reader.read(SOON_S)
            assert caught.value.kind == "timeout"


async def test_an_answer_from_another_port_is_not_believed() -> None:
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
        read = asyncio.create_task(reader.read(SOON_S))
        ask, addr = await asyncio.get_running_loop().sock_recvfrom(sock, 2000)
        sock.sendto(agent.answer(ask)[0], addr)
        threading.Event().wait(1.2 * SOON_S)  # The loop stands still past the deadline.
        assert await read == (100, 101)
    await reader.close()


def pdu_of(packet: bytes) -> Any:
    return v2c.apiMessage.get_pdu(decoder.decode(packet, asn1Spec=v2c.Message())[0])


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


async def test_every_type_of_smi_becomes_a_plain_value() -> None:
    """Counters, gauges, ticks, addresses, identifiers, floats in an Opaque."""
    cases: list[tuple[Any, Decoding, Value]] = [
        (v2c.Counter64(2**64 - 1), NUMBER, 2**64 - 1),
        (v2c.Counter32(2**32 - 1), NUMBER, 2**32 - 1),
        (v2c.Gauge32(7), NUMBER, 7),
        (v2c.TimeTicks(360_000), Decoding("number", scale=0.01), 3600.0),
        (v2c.Integer32(-5), NUMBER, -5),
        (v2c.OctetString(b"50.0"), NUMBER, 50.0),
        (v2c.OctetString("机房".encode() + b"\0"), TEXT, "机房"),
        (v2c.IpAddress("10.1.1.21"), TEXT, "10.1.1.21"),
        (v2c.ObjectIdentifier((1, 3, 6, 4294967295)), TEXT, "1.3.6.4294967295"),
        (v2c.Opaque(bytes.fromhex("9f780442280000")), NUMBER, 42.0),
        (v2c.Opaque(bytes.fromhex("9f78047fc00000")), NUMBER, None),
        (v2c.Opaque(bytes.fromhex("9f7908404500000000000000")[:11]), NUMBER, 42.0),
        (v2c.Opaque(b"\x9f\x78\x04"), NUMBER, None),
        (v2c.null, NUMBER, None),
        (v2c.NoSuchObject(), NUMBER, None),
        (v2c.NoSuchInstance(), TEXT, None),
        (v2c.EndOfMibView(), NUMBER, None),
    ]
    values = {(*BASE, place): case[0] for place, case in enumerate(cases)}
    points = tuple(SnmpPoint(str(n), (*BASE, n), case[1]) for n, case in enumerate(cases))
    async with SnmpAgent(values) as agent:
        reader = decoded_reader(
            SnmpReader, SnmpSource(LOCALHOST, agent.port, Community(V2C, "public"), points)
        )
        assert await reader.read(AMPLE_S) == tuple(case[2] for case in cases)
        await reader.close()


@settings(deadline=None, max_examples=300)
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4))
def test_no_changed_octet_breaks_the_decoder(changes: list[tuple[int, int]]) -> None:
    """Whatever comes is believed, unbelieved or a bad answer, and nothing else."""
    request_id = request_id_from(77)
    answer = bytearray(honest().answer(ask_of(TWO, request_id))[0])
    for at, octet in changes:
        answer[at % len(answer)] = octet
    try:
        response = believed(bytes(answer), TWO, request_id)
    except (ResponseMismatchError, ReadError):
        return
    assert isinstance(response, Response)
    assert len(response.varbinds) == (0 if response.error_status else 2)


@settings(deadline=None)
@given(community=st.text(max_size=300), count=st.integers(1, 64), first=st.integers(0, 2**31))
def test_a_request_carries_its_community_and_its_id(community: str, count: int, first: int) -> None:
    """The place of the request id is right whatever the lengths around it."""
    request_id, wire = request_id_from(first), CommunityWire(Community(V2C, community))
    packet = ask_of(build_get(tuple((*BASE, n) for n in range(count))), request_id, wire)
    message, rest = decoder.decode(packet, asn1Spec=v2c.Message())
    assert not rest
    assert bytes(v2c.apiMessage.get_community(message)) == community.encode()
    pdu = v2c.apiMessage.get_pdu(message)
    assert int(v2c.apiPDU.get_request_id(pdu)) == request_id
    assert len(v2c.apiPDU.get_varbinds(pdu)) == count


@pytest.mark.needs_shared
async def test_no_recorded_packet_is_taken_for_an_answer(shared: Path) -> None:
    """Other people's traffic, crashing packets among it: the true answer comes through, alone."""
    files = sorted((shared / "wire/snmp/hex").glob("*.tsv"))
    packets = [packet for file in files for packet in recorded_packets(file)]
    # No more at once than a socket's buffer surely holds.
    batches = [packets[at : at + 32] for at in range(0, len(packets), 32)]
    assert len(packets) > 500
    agent = honest()
    async with reading(lambda ask: batches.pop() + agent.answer(ask)) as (reader, _):
        while batches:
            assert await reader.read(AMPLE_S) == (100, 101)


@pytest.mark.needs_shared
def test_recorded_answers_are_believed_for_their_own_question_alone(shared: Path) -> None:
    """Real agents' v2c answers are read; the same bytes under another id or OID are refused."""
    count = 0
    for file in sorted((shared / "wire/snmp/hex").glob("zeek_snmp*.tsv")):
        asked: dict[int, Question] = {}
        for direction, packet in recorded_exchange(file):
            if direction == "C>S" and (question := get_of(packet)):
                asked[question[0]] = question[1]
            elif direction == "S>C":
                count += believed_alone(packet, asked)
    assert count > 0


Question = tuple[PduTemplate, CommunityWire]


def get_of(packet: bytes) -> tuple[int, Question] | None:
    """Return id, template and wire of a v2c GET."""
    if packet[:1] != b"\x30" or b"\x02\x01\x01\x04" not in packet[:8]:
        return None
    message, _ = decoder.decode(packet, asn1Spec=v2c.Message())
    pdu = v2c.apiMessage.get_pdu(message)
    if not isinstance(pdu, v2c.GetRequestPDU):
        return None
    oids = tuple(tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu))
    community = bytes(v2c.apiMessage.get_community(message)).decode()
    wire = CommunityWire(Community(V2C, community))
    return int(v2c.apiPDU.get_request_id(pdu)), (build_get(oids), wire)


def believed_alone(packet: bytes, asked: dict[int, Question]) -> int:
    """Count 1 when an answer fits one question, and see that it fits no other."""
    for request_id, (get, wire) in asked.items():
        try:
            response = believed(packet, get, request_id, wire)
        except ResponseMismatchError:
            continue
        assert len(response.varbinds) == len(get.oids)
        for wrong in (request_id ^ 1, request_id + 256):
            with pytest.raises(ResponseMismatchError):
                believed(packet, get, wrong, wire)
        other = (*get.oids[:-1], (*get.oids[-1], 1))
        with pytest.raises(ReadError, match="bad_answer"):
            match(response, other)
        return 1
    return 0
