"""Host names keep their last addresses, every address is tried, and look-ups hold up nothing."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from monitord.channels.webhook import WebhookChannel
from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.devices.sockets import connect_socket
from monitord.names import Address, Names
from tests.support.agents import SnmpAgent
from tests.support.posts import Desk, answer, message
from tests.support.wire import LOCALHOST, StreamServer

OTHER = "127.0.0.9"
HOST = "transmitter.example"
OID = (1, 3, 6, 1, 4, 1, 99999, 1, 0)
POINT = SnmpPoint("p", OID, Decoding("number"))


def at(*ips: str) -> list[Address]:
    """Return these addresses."""
    return [Address(socket.AF_INET, ip, ()) for ip in ips]


class Resolver:
    """Answers what the test says, or hangs until it is released."""

    def __init__(self, *ips: str) -> None:
        self.found: list[Address] | None = at(*ips)
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, host: str) -> list[Address]:
        self.asked.append(host)
        self.go_on.wait()
        if self.found is None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self.found


async def test_a_name_that_cannot_be_resolved_any_more_keeps_its_last_addresses() -> None:
    """The resolver is often on the far side of the very link that has failed."""
    resolver = Resolver(LOCALHOST)
    names = Names(resolver)
    assert await names.addresses(HOST) == at(LOCALHOST)
    resolver.found = None
    for _ in range(3):
        assert await names.addresses(HOST) == at(LOCALHOST)
    with pytest.raises(socket.gaierror):
        await names.fresh(HOST)
    assert await names.addresses(HOST) == at(LOCALHOST)


async def test_a_known_name_is_looked_up_again_without_a_wait() -> None:
    """A look-up that hangs must not take the deadline of a poll; its answer counts later."""
    resolver = Resolver(OTHER)
    names = Names(resolver)
    await names.addresses(HOST)
    resolver.go_on.clear()
    resolver.found = at(LOCALHOST)
    for _ in range(5):
        assert await names.addresses(HOST) == at(OTHER)
    assert len(resolver.asked) <= 2, "one look-up of a name at a time"
    resolver.go_on.set()
    assert await names.fresh(HOST) == at(LOCALHOST)
    assert await names.addresses(HOST) == at(LOCALHOST)


async def test_a_name_that_was_never_known_is_an_error_until_it_is() -> None:
    """The text for the operator says that the name is not known, not that the device is silent."""
    resolver = Resolver()
    resolver.found = None
    names = Names(resolver)
    with pytest.raises(socket.gaierror):
        await names.addresses(HOST)
    resolver.found = at(LOCALHOST)
    assert await names.addresses(HOST) == at(LOCALHOST)


async def test_names_that_hang_do_not_stop_those_that_do_not() -> None:
    """Look-ups are bounded; fifteen that hang leave room for the others."""
    release = threading.Event()

    def look_up(host: str) -> list[Address]:
        if host.startswith("hangs"):
            release.wait()
        return at(LOCALHOST)

    names = Names(look_up, at_once=16)
    hanging = [asyncio.create_task(names.addresses(f"hangs{n}")) for n in range(15)]
    try:
        for n in range(50):
            assert await names.addresses(f"quick{n}") == at(LOCALHOST)
        assert not any(task.done() for task in hanging)
    finally:
        release.set()
        await asyncio.gather(*hanging)


async def test_a_caller_that_waits_no_longer_ends_no_look_up_of_another() -> None:
    """Twenty devices behind one name share its look-up; one deadline must not end it for all."""
    resolver = Resolver(LOCALHOST)
    resolver.go_on.clear()
    names = Names(resolver)
    first, second = (asyncio.create_task(names.addresses(HOST)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    resolver.go_on.set()
    assert await second == at(LOCALHOST)
    assert resolver.asked == [HOST]


@pytest.mark.parametrize("order", [(OTHER, LOCALHOST), (LOCALHOST, OTHER)])
async def test_every_address_of_a_name_is_tried(order: tuple[str, str]) -> None:
    """A host with an address that leads nowhere is reached by its other one."""
    with socket.create_server((LOCALHOST, 0)) as listener:
        port = listener.getsockname()[1]
        names = Names(Resolver(*order))
        for _ in range(3):
            sock = await connect_socket(HOST, port, socket.SOCK_STREAM, names)
            assert sock.getpeername() == (LOCALHOST, port)
            sock.close()
        assert (await names.addresses(HOST))[0].ip == LOCALHOST, "the one that works is first"


async def test_the_error_is_that_of_the_first_address_where_none_works() -> None:
    """The other addresses are a second choice: what is wrong with the first one is reported."""
    with socket.create_server((LOCALHOST, 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await connect_socket(HOST, port, socket.SOCK_STREAM, Names(Resolver(OTHER, LOCALHOST)))


async def test_an_agent_is_asked_at_its_other_address_where_one_is_silent() -> None:
    """Over UDP nobody refuses a connection: the next poll goes to the next address, and stays."""
    async with SnmpAgent({OID: 7}) as agent:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind((OTHER, agent.port))
            source = SnmpSource(HOST, agent.port, Community(V2C, "public"), (POINT,))
            reader = SnmpReader(source, names=Names(Resolver(OTHER, LOCALHOST)))
            with pytest.raises(ReadError):
                await reader.read_raw(0.2)
            assert await reader.read_raw(20.0) == (7,)
            await reader.close()
            assert await reader.read_raw(20.0) == (7,)
            await reader.close()


async def test_an_agent_that_got_another_address_is_found_again() -> None:
    """A name whose address changes while monitord runs: a lease, a replaced transmitter."""
    async with SnmpAgent({OID: 7}) as agent:
        resolver = Resolver(OTHER)
        source = SnmpSource(HOST, agent.port, Community(V2C, "public"), (POINT,))
        names = Names(resolver)
        reader = SnmpReader(source, names=names)
        await names.addresses(HOST)
        resolver.found = at(LOCALHOST)
        resolver.go_on.clear()
        with pytest.raises(ReadError):  # the read that begins the look-up does not wait for it
            await reader.read_raw(20.0)
        resolver.go_on.set()
        await names.fresh(HOST)
        assert await reader.read_raw(20.0) == (7,)
        await reader.close()


async def test_a_device_whose_name_is_not_known_is_reported_as_that() -> None:
    """The duty operator looks for the name server then, and not for the transmitter's cable."""
    resolver = Resolver()
    resolver.found = None
    source = SnmpSource(HOST, 161, Community(V2C, "public"), (POINT,))
    with pytest.raises(ReadError) as caught:
        await SnmpReader(source, names=Names(resolver)).read_raw(20.0)
    assert str(caught.value.detail) == f"no way to {HOST}:161: its name is not known"


async def test_a_message_goes_to_the_last_address_of_a_service_while_no_name_is_resolved() -> None:
    """An alert must not wait for a name server that is down with everything else."""
    desk = Desk(answer(200))
    async with StreamServer(desk.serve) as server:
        resolver = Resolver(LOCALHOST)
        channel = WebhookChannel(f"http://{HOST}:{server.port}/", 20.0, Names(resolver))
        await channel.send(message())
        resolver.found = None
        await channel.send(message())
    assert len(desk.posts) == 2
