"""Agents: what the plant shows is what arrives at the other end of a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import closing

import aiohttp
import pytest
from pyasn1.codec.ber import decoder, encoder
from pymodbus.client import AsyncModbusTcpClient
from pysnmp.proto import rfc1905
from pysnmp.proto.api import v2c

from monitord.decoding.model import Decoding
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpPoint, SnmpSource, User
from simulators.agents.modbus import ModbusAgent, Tables, constant_table
from simulators.agents.sink import Behaviour, WebhookSink
from simulators.agents.snmp import HOST, AgentUser, Objects, Oid, SnmpAgent
from tests.support.decoding import decoded_reader

POWER: Oid = (1, 3, 6, 1, 4, 1, 6404, 1, 0)
NAME: Oid = (1, 3, 6, 1, 4, 1, 6404, 2, 0)
OBJECTS: Objects = {POWER: ("gauge32", 1000), NAME: ("octets", "发射机一")}
ANSWER_S = 10.0  # an answer that does come comes at once; a busy machine is no failure
PATIENCE_S = 0.3  # how long an answer that must not come is waited for

Varbinds = list[tuple[Oid, object]]


async def ask(
    agent: SnmpAgent, pdu_type: type, *oids: Oid, community: str = "public", repeat: int = 0
) -> tuple[int, Varbinds]:
    """Return error status and varbinds of one request; TimeoutError when nothing comes."""
    pdu = pdu_type()
    if pdu_type is v2c.GetBulkRequestPDU:
        v2c.apiBulkPDU.set_defaults(pdu)
        v2c.apiBulkPDU.set_max_repetitions(pdu, repeat)
    else:
        v2c.apiPDU.set_defaults(pdu)
    value = v2c.Integer32(0) if pdu_type is v2c.SetRequestPDU else v2c.null
    v2c.apiPDU.set_varbinds(pdu, [(oid, value) for oid in oids])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community.encode())
    v2c.apiMessage.set_pdu(message, pdu)
    answer = await exchange(agent.port, encoder.encode(message))
    response = v2c.apiMessage.get_pdu(decoder.decode(answer, asn1Spec=v2c.Message())[0])
    varbinds = [(tuple(oid), value) for oid, value in v2c.apiPDU.get_varbinds(response)]
    return int(v2c.apiPDU.get_error_status(response)), varbinds


async def exchange(port: int, request: bytes) -> bytes:
    """Return the first datagram that answers."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.setblocking(False)
        sock.connect((HOST, port))
        sock.send(request)
        async with asyncio.timeout(ANSWER_S):
            return await asyncio.get_running_loop().sock_recv(sock, 65_535)


async def no_answer(agent: SnmpAgent, community: str = "public") -> bool:
    """Return whether a GET stays without an answer."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await ask(agent, v2c.GetRequestPDU, POWER, community=community)
    except TimeoutError:
        return True
    return False


@pytest.fixture
async def snmp() -> AsyncIterator[SnmpAgent]:
    agent = SnmpAgent(OBJECTS)
    await agent.start()
    yield agent
    await agent.stop()


async def test_get_returns_the_values_in_their_syntax(snmp: SnmpAgent) -> None:
    """A value arrives as the syntax it was given with, in the order asked."""
    status, varbinds = await ask(snmp, v2c.GetRequestPDU, NAME, POWER)
    assert status == 0
    assert [(oid, type(value)) for oid, value in varbinds] == [
        (NAME, v2c.OctetString),
        (POWER, v2c.Gauge32),
    ]
    assert bytes(varbinds[0][1]).decode() == "发射机一"
    assert int(varbinds[1][1]) == 1000


async def test_a_v3_user_is_answered_and_boots_may_be_forgotten() -> None:
    """One lie of devices: started again under the same engine id, with boots as before or fewer."""
    user = AgentUser("monitor", "authpass123", "privpass123")
    agent = SnmpAgent(OBJECTS, user=user)
    agent.boots = 7
    security = User("monitor", "sha256", "aes128", "authpass123", "privpass123")
    await agent.start()
    point = SnmpPoint("power_w", POWER, Decoding("number"))
    reader = decoded_reader(SnmpReader, SnmpSource(HOST, agent.port, security, (point,)))
    assert await reader.read(ANSWER_S) == (1000,)
    await agent.stop()
    agent.boots = 1
    await agent.start(agent.port)
    assert await reader.read(ANSWER_S) == (1000,)
    assert [kind for kind, _ in reader.reader.remarks] == ["restarts", "forgets_boots"]
    await reader.close()
    await agent.stop()


async def test_objects_may_be_set_while_the_agent_runs(snmp: SnmpAgent) -> None:
    """Each answer is of the moment it is asked for."""
    powers = iter([{POWER: ("gauge32", 7)}, {POWER: ("gauge32", 0)}])
    snmp.objects = lambda: next(powers)
    answers = [await ask(snmp, v2c.GetRequestPDU, POWER) for _ in range(2)]
    assert [int(varbinds[0][1]) for _, varbinds in answers] == [7, 0]


async def test_a_missing_object_and_a_missing_instance_are_told_apart(snmp: SnmpAgent) -> None:
    """RFC 3416: an exception in place of the value, and the rest of the answer stands."""
    _, varbinds = await ask(snmp, v2c.GetRequestPDU, (*POWER[:-1], 5), (1, 3, 9, 0), POWER)
    assert varbinds[0][1].isSameTypeWith(rfc1905.noSuchInstance)
    assert varbinds[1][1].isSameTypeWith(rfc1905.noSuchObject)
    assert int(varbinds[2][1]) == 1000


async def test_a_walk_visits_every_object_and_ends(snmp: SnmpAgent) -> None:
    """GETNEXT goes up in order of OID and says where the view ends."""
    _, first = await ask(snmp, v2c.GetNextRequestPDU, (1, 3))
    _, second = await ask(snmp, v2c.GetNextRequestPDU, first[0][0])
    _, third = await ask(snmp, v2c.GetNextRequestPDU, second[0][0])
    assert [first[0][0], second[0][0]] == [POWER, NAME]
    assert third[0][1].isSameTypeWith(rfc1905.endOfMibView)


async def test_getbulk_returns_several_at_once(snmp: SnmpAgent) -> None:
    """One GETBULK carries as many steps of a walk as asked for."""
    _, varbinds = await ask(snmp, v2c.GetBulkRequestPDU, (1, 3), repeat=3)
    assert [oid for oid, _ in varbinds] == [POWER, NAME, NAME]


async def test_a_set_is_refused(snmp: SnmpAgent) -> None:
    """Nobody switches a simulated transmitter either."""
    status, _ = await ask(snmp, v2c.SetRequestPDU, POWER)
    assert rfc1905.errorStatus.clone(status).prettyPrint() == "notWritable"


async def test_a_wrong_community_gets_no_answer(snmp: SnmpAgent) -> None:
    """Like real agents: not even a refusal."""
    assert await no_answer(snmp, community="wrong")
    assert not await no_answer(snmp)


async def test_the_community_is_the_one_given() -> None:
    """A customer's agent has his own community, and no other."""
    agent = SnmpAgent(OBJECTS, "密码 x")
    await agent.start()
    assert await no_answer(agent)
    assert not await no_answer(agent, community="密码 x")
    await agent.stop()


async def test_a_silent_agent_answers_again_later(snmp: SnmpAgent) -> None:
    """Silence ends when the plant says so, and leaves nothing behind."""
    snmp.objects = lambda: None
    assert await no_answer(snmp)
    snmp.objects, snmp.is_silent = OBJECTS, True
    assert await no_answer(snmp)
    snmp.is_silent = False
    assert not await no_answer(snmp)


async def test_a_stopped_agent_leaves_its_port_free() -> None:
    """Stopping twice is safe, and another may have the port."""
    first, second = SnmpAgent(OBJECTS), SnmpAgent(OBJECTS)
    await first.start()
    with pytest.raises(OSError, match="in use"):
        await second.start(first.port)
    await first.stop()
    await first.stop()
    await second.start(first.port)
    assert not await no_answer(second)
    await second.stop()


@pytest.fixture
async def modbus() -> AsyncIterator[ModbusAgent]:
    tables = Tables(
        coils=lambda: [True, False] * 10,
        discrete_inputs=lambda: [number == 11 for number in range(12)],
        holding_registers=constant_table({3: 65535}, 10),
    )
    agent = ModbusAgent(tables)
    await agent.start()
    yield agent
    await agent.stop()


@pytest.fixture
async def client(modbus: ModbusAgent) -> AsyncIterator[AsyncModbusTcpClient]:
    client = AsyncModbusTcpClient(HOST, port=modbus.port, timeout=ANSWER_S, retries=0)
    assert await client.connect()
    yield client
    client.close()


async def test_every_table_shows_its_own_values(client: AsyncModbusTcpClient) -> None:
    """Bits stand at their wire address, also behind the sixteenth; registers too."""
    coils = await client.read_coils(0, count=20)
    inputs = await client.read_discrete_inputs(10, count=2)
    registers = await client.read_holding_registers(2, count=3)
    assert coils.bits[:20] == [True, False] * 10
    assert inputs.bits[:2] == [False, True]
    assert registers.registers == [0, 65535, 0]


async def test_values_are_of_the_moment(modbus: ModbusAgent, client: AsyncModbusTcpClient) -> None:
    """A contact that closes is seen by the next request."""
    contact = [False] * 12
    modbus.tables = Tables(discrete_inputs=lambda: contact)
    before = (await client.read_discrete_inputs(0, count=1)).bits[0]
    contact[0] = True
    assert (before, (await client.read_discrete_inputs(0, count=1)).bits[0]) == (False, True)


async def test_an_address_out_of_range_is_illegal(client: AsyncModbusTcpClient) -> None:
    """Exception 2, as a real unit; and a table that is not there is exception 1."""
    assert (await client.read_holding_registers(8, count=3)).exception_code == 2
    assert (await client.read_input_registers(0, count=1)).exception_code == 1


async def test_a_write_is_refused_and_counted(
    modbus: ModbusAgent, client: AsyncModbusTcpClient
) -> None:
    """Whoever writes to equipment is found out."""
    assert (await client.write_register(3, 1)).exception_code == 1
    assert (await client.write_coil(0, value=False)).exception_code == 1
    assert modbus.writes == 2
    assert (await client.read_holding_registers(3)).registers == [65535]


async def test_a_unit_can_be_told_to_answer_with_an_exception(
    modbus: ModbusAgent, client: AsyncModbusTcpClient
) -> None:
    """Exception 6 is a device that is busy."""
    modbus.exception_code = 6
    assert (await client.read_holding_registers(0)).exception_code == 6


async def frame(agent: ModbusAgent, request: bytes, patience_s: float = ANSWER_S) -> bytes:
    """Return what comes back on a connection of its own; empty when it is closed."""
    reader, writer = await asyncio.open_connection(HOST, agent.port)
    try:
        writer.write(request)
        async with asyncio.timeout(patience_s):
            return await reader.read(260)
    finally:
        writer.close()
        await writer.wait_closed()


READ_REGISTER_3 = bytes.fromhex("0007 0000 0006 01 03 0003 0001")


async def test_a_silent_unit_takes_the_connection_and_says_nothing(modbus: ModbusAgent) -> None:
    """A hung unit still accepts connections."""
    modbus.is_silent = True
    with pytest.raises(TimeoutError):
        await frame(modbus, READ_REGISTER_3, PATIENCE_S)


async def test_an_answer_can_be_spoilt_on_its_way(modbus: ModbusAgent) -> None:
    """Another transaction id is every Modbus stack's classic fault."""
    modbus.mangle = lambda answer: b"\xab\xcd" + answer[2:]
    assert await frame(modbus, READ_REGISTER_3) == bytes.fromhex("abcd 0000 0005 01 03 02 ffff")


async def test_a_stopped_unit_closes_its_connections() -> None:
    """A client sees the end, and the port is free again."""
    agent = ModbusAgent(Tables(holding_registers=constant_table({}, 1)))
    await agent.start()
    port = agent.port
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(READ_REGISTER_3)
    await reader.read(9)
    await agent.stop()
    await agent.stop()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    await agent.start(port)
    assert agent.port == port
    await agent.stop()


@pytest.fixture
async def sink() -> AsyncIterator[WebhookSink]:
    sink = WebhookSink()
    await sink.start()
    yield sink
    await sink.stop()


async def post(sink: WebhookSink, body: str, timeout_s: float = ANSWER_S) -> int:
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    async with (
        aiohttp.ClientSession() as session,
        session.post(sink.url, data=body, timeout=timeout) as answer,
    ):
        return answer.status


async def test_the_sink_keeps_what_is_posted_in_order(sink: WebhookSink) -> None:
    """Every accepted message is there, as the JSON it was."""
    waiting = asyncio.create_task(sink.wait_for(2))
    assert await post(sink, '{"event": "opened"}') == 200
    assert await post(sink, '{"event": "recovered"}') == 200
    assert [message["event"] for message in await waiting] == ["opened", "recovered"]


@pytest.mark.parametrize("body", ["not json", "[1]", ""])
async def test_the_sink_refuses_what_is_no_message(sink: WebhookSink, body: str) -> None:
    """A sender's mistake is told to the sender."""
    assert await post(sink, body) == 400
    assert sink.messages == []


async def test_the_sink_fails_when_told_and_recovers(sink: WebhookSink) -> None:
    """An error is no delivery: the message is not kept."""
    sink.behaviour = Behaviour.ERROR
    assert await post(sink, "{}") == 500
    sink.behaviour = Behaviour.ANSWER
    assert await post(sink, "{}") == 200
    assert (len(sink.messages), sink.refused) == (1, 1)


async def test_the_sink_breaks_the_connection_off_when_told(sink: WebhookSink) -> None:
    """The peer sees a connection that failed, not an answer."""
    sink.behaviour = Behaviour.RESET
    with pytest.raises(aiohttp.ClientOSError):
        await post(sink, "{}")
    assert sink.messages == []


async def test_the_sink_hangs_when_told_and_still_stops() -> None:
    """A request that is never answered does not keep the sink from ending."""
    sink = WebhookSink()
    await sink.start()
    sink.behaviour = Behaviour.HANG
    hanging = asyncio.create_task(post(sink, "{}"))
    await sink.wait_refused(1)
    assert not hanging.done()
    await sink.stop()
    await asyncio.wait([hanging])
    assert sink.messages == []
    assert hanging.exception() is not None or hanging.result() == 500
