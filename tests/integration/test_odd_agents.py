"""The SNMP reader against agents as they are found in the field: old, narrow, moody, restarted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pysnmp.proto.api import v2c

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V1, V2C, Community, RowKey, SnmpPoint, SnmpSource
from monitord.devices.snmp.up_time import UP_TIME
from tests.support.agents import Oid, SnmpAgent, oids_of
from tests.support.decoding import DecodedReader
from tests.support.wire import LOCALHOST

BASE = (1, 3, 6, 1, 4, 1, 99999, 1)
NUMBER = Decoding("number")
AMPLE_S = 20.0
SOON_S = 0.4


class Hand:
    """Site time that a test moves."""

    def __init__(self) -> None:
        self.at = 1_000_000_000

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at

    async def sleep_until(self, at: int) -> None:
        self.at = max(self.at, at)


def scalars(count: int) -> tuple[SnmpPoint, ...]:
    return tuple(SnmpPoint(f"p{place}", (*BASE, place, 0), NUMBER) for place in range(count))


def with_scalars(count: int) -> SnmpAgent:
    """An agent with values 100, 101, ... and no sysUpTime."""
    return SnmpAgent({(*BASE, place, 0): 100 + place for place in range(count)})


@asynccontextmanager
async def reading(
    agent: SnmpAgent,
    points: tuple[SnmpPoint, ...],
    *,
    version: int = V2C,
    clock: Hand | None = None,
    objects_per_request: int | None = None,
) -> AsyncIterator[DecodedReader]:
    """Give a reader of a served agent."""
    async with agent:
        security = Community(version, "public")
        source = SnmpSource(LOCALHOST, agent.port, security, points, objects_per_request)
        reader = DecodedReader(SnmpReader(source, clock=clock), points)
        try:
            yield reader
        finally:
            await reader.close()


def hundreds(count: int) -> tuple[int, ...]:
    return tuple(range(100, 100 + count))


async def until_read(reader: DecodedReader, count: int, reads: int = 4) -> int:
    """Read until it is answered in full; return how many reads that took."""
    for number in range(1, reads + 1):
        try:
            values = await reader.read(4 * SOON_S)
        except ReadError:
            continue
        assert values == hundreds(count)
        return number
    raise AssertionError(f"no whole answer in {reads} reads")


async def test_points_are_asked_in_as_few_requests_as_fit_a_datagram() -> None:
    """150 points are three requests of at most 64 objects and 1,400 octets."""
    agent = with_scalars(150)
    async with reading(agent, scalars(150)) as reader:
        assert await reader.read(AMPLE_S) == hundreds(150)
    assert len(agent.requests) == 3
    assert max(map(len, agent.requests)) <= 1_400


async def test_sixty_four_objects_are_the_most_of_a_request() -> None:
    """However short their names are."""
    points = tuple(SnmpPoint(f"p{place}", (1, 3, place), NUMBER) for place in range(70))
    agent = SnmpAgent({(1, 3, place): place for place in range(70)})
    async with reading(agent, points) as reader:
        assert await reader.read(AMPLE_S) == tuple(range(70))
    assert [len(oids) for oids in agent.asked()] == [64, 6 + len([UP_TIME])]


@pytest.mark.parametrize("version", [V1, V2C])
async def test_both_versions_of_a_community_are_read(version: int) -> None:
    """v1 differs in its version and in how it says that there is no such object."""
    async with reading(with_scalars(3), scalars(3), version=version) as reader:
        assert await reader.read(AMPLE_S) == (100, 101, 102)


async def test_objects_that_an_old_agent_lacks_are_absent_and_left_out() -> None:
    """noSuchName spoils a whole v1 request: the object is not asked for again in the next one."""
    agent = with_scalars(6)
    del agent.values[*BASE, 1, 0], agent.values[*BASE, 4, 0]
    async with reading(agent, scalars(6), version=V1) as reader:
        assert await reader.read(AMPLE_S) == (100, None, 102, 103, None, 105)
        while any(len(oid) == len(BASE) + 1 for oid in agent.asked()[-1]):
            assert await reader.read(AMPLE_S) == (100, None, 102, 103, None, 105)
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == (100, None, 102, 103, None, 105)
        assert agent.asked() == [[(*BASE, place, 0) for place in (0, 2, 3, 5)]]
        assert reader.reader.noticed.refused == ("p1", "p4")


async def test_an_object_that_an_old_agent_gets_is_read_again() -> None:
    """What is left out is asked for at intervals, beside the poll."""
    agent = with_scalars(2)
    del agent.values[*BASE, 1, 0]
    async with reading(agent, scalars(2), version=V1) as reader:
        assert await reader.read(AMPLE_S) == (100, None)
        agent.values[*BASE, 1, 0] = 7
        seen = [(await reader.read(AMPLE_S))[1] for _ in range(40)]
        assert seen[0] is None
        assert seen[-1] == 7
        assert reader.reader.noticed.refused == ()


async def test_an_old_agent_without_any_of_the_objects_is_still_asked() -> None:
    """Every read is a question: an agent that is dead must not look like one that has nothing."""
    agent = SnmpAgent({})
    async with reading(agent, scalars(2), version=V1) as reader:
        for _ in range(3):
            assert await reader.read(AMPLE_S) == (None, None)
        agent.silent = True
        with pytest.raises(ReadError, match="timeout"):
            await reader.read(SOON_S)


@pytest.mark.parametrize("version", [V1, V2C])
async def test_an_object_that_breaks_the_request_is_isolated(version: int) -> None:
    """genErr names the place: the others are read."""
    agent = with_scalars(5)
    agent.refuses[*BASE, 3, 0] = 5
    async with reading(agent, scalars(5), version=version) as reader:
        for _ in range(2):
            assert await reader.read(AMPLE_S) == (100, 101, 102, None, 104)
        assert reader.reader.noticed.refused == ("p3",)


async def test_an_object_that_breaks_the_request_without_a_name_is_searched_for() -> None:
    """Some agents say genErr without a place: requests are halved until one object is left."""
    agent = with_scalars(9)

    def reply(ask: bytes) -> list[bytes]:
        is_spoilt = (*BASE, 6, 0) in agent.asked()[-1]
        agent.error_status = 5 if is_spoilt else 0
        return agent.answer(ask)

    agent.reply = reply
    async with reading(agent, scalars(9)) as reader:
        due = (*hundreds(6), None, 107, 108)
        assert await reader.read(AMPLE_S) == due
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == due
        assert len(agent.requests) == 1


async def test_answers_in_another_order_are_taken_by_their_names() -> None:
    """The place in the answer says nothing; the name does."""
    agent = with_scalars(5)
    agent.reverses = True
    async with reading(agent, scalars(5)) as reader:
        assert await reader.read(AMPLE_S) == hundreds(5)


async def test_names_without_the_final_zero_are_the_same_objects() -> None:
    """An agent may leave it out of what it answers."""
    agent = with_scalars(3)
    agent.strips = True
    async with reading(agent, scalars(3)) as reader:
        assert await reader.read(AMPLE_S) == hundreds(3)


@pytest.mark.parametrize("version", [V1, V2C])
async def test_an_agent_that_wants_names_without_the_final_zero_is_learned(version: int) -> None:
    """The first read finds out; then it is one request as with every other."""
    agent = with_scalars(3)
    agent.short = True
    async with reading(agent, scalars(3), version=version) as reader:
        for _ in range(5):
            await reader.read(AMPLE_S)
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == hundreds(3)
        assert agent.asked() == [[(*BASE, place) for place in range(3)]]


async def test_a_short_name_is_read_in_the_first_read_already() -> None:
    """A technician who reads once sees the values."""
    agent = with_scalars(3)
    agent.short = True
    async with reading(agent, scalars(3)) as reader:
        assert await reader.read(AMPLE_S) == hundreds(3)


@pytest.mark.parametrize("most", [1, 3])
async def test_an_agent_that_leaves_objects_out_is_asked_for_fewer(most: int) -> None:
    """What it left out comes in the next request, and the size is remembered."""
    agent = with_scalars(7)
    agent.answers_at_most = most
    async with reading(agent, scalars(7)) as reader:
        assert await reader.read(AMPLE_S) == hundreds(7)
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == hundreds(7)
        assert max(map(len, agent.asked())) == most
        assert reader.reader.noticed.objects_per_request == most


@pytest.mark.parametrize("most", [1, 5, 20])
async def test_an_agent_that_is_silent_to_large_requests_is_asked_for_fewer(most: int) -> None:
    """Silence to a large request and an answer to a small one: the size is at fault."""
    agent = with_scalars(30)
    agent.hangs_above = most
    async with reading(agent, scalars(30)) as reader:
        assert await until_read(reader, 30) <= 3
        assert await reader.read(AMPLE_S) == hundreds(30)
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == hundreds(30)
        assert max(map(len, agent.asked())) <= most


async def test_what_was_learned_is_tried_larger_now_and_then() -> None:
    """A firmware may take more than the one before it, and a poll is not lost over it."""
    agent = with_scalars(12)
    agent.varbinds_max = 3
    async with reading(agent, scalars(12)) as reader:
        await reader.read(AMPLE_S)
        agent.varbinds_max = 1000
        for _ in range(600):
            agent.requests.clear()
            assert await reader.read(AMPLE_S) == hundreds(12)
            if len(agent.asked()[-1]) == 12:
                break
        assert len(agent.asked()[-1]) == 12


async def test_an_agent_that_was_dead_for_long_is_read_whole_at_once() -> None:
    """It is asked for little at first, and its first answers bring all the rest."""
    agent = with_scalars(20)
    async with reading(agent, scalars(20)) as reader:
        assert await reader.read(AMPLE_S) == hundreds(20)
        agent.silent = True
        for _ in range(3):
            with pytest.raises(ReadError, match="timeout"):
                await reader.read(SOON_S)
        assert len(agent.asked()[-1]) == 1
        agent.silent = False
        assert await reader.read(AMPLE_S) == hundreds(20)
        assert await reader.read(AMPLE_S) == hundreds(20)
        assert len(agent.asked()[-1]) == 20


async def test_one_lost_datagram_changes_nothing() -> None:
    """The next poll asks for all in one request."""
    agent = with_scalars(20)
    async with reading(agent, scalars(20)) as reader:
        await reader.read(AMPLE_S)
        agent.silent = True
        with pytest.raises(ReadError, match="timeout"):
            await reader.read(SOON_S)
        agent.silent = False
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == hundreds(20)
        assert [len(oids) for oids in agent.asked()] == [21]


async def test_a_setting_limits_every_request() -> None:
    """An agent that is easily overloaded is never tried with more."""
    agent = with_scalars(4)
    async with reading(agent, scalars(4), objects_per_request=1) as reader:
        for _ in range(100):
            assert await reader.read(AMPLE_S) == hundreds(4)
        assert {len(oids) for oids in agent.asked()} == {1}
        assert reader.reader.noticed.objects_per_request is None


async def test_an_object_of_two_points_is_asked_for_once() -> None:
    """Two bit fields of one number, say."""
    agent = with_scalars(2)
    points = (*scalars(2), SnmpPoint("again", (*BASE, 0, 0), NUMBER))
    async with reading(agent, points) as reader:
        assert await reader.read(AMPLE_S) == (100, 101, 100)
        assert agent.asked() == [[(*BASE, 0, 0), (*BASE, 1, 0), UP_TIME]]
        get = reader.reader.single_get
        assert get is not None
        assert get.places == (0, 1, 0)
        assert get.template.oids == ((*BASE, 0, 0), (*BASE, 1, 0))
        assert get.address[1] == agent.port
        before, after = get.octets_around_id() or (b"", b"")
        datagram = before + (0x4000_0007).to_bytes(4, "big") + after
        assert oids_of(datagram) == list(get.template.oids)
        (answer,) = agent.answer(datagram)
        assert get.decode(get.wire.unwrap(answer, 0), 0x4000_0007) == (100, 101, 100)


async def test_a_poll_of_several_requests_is_no_single_get() -> None:
    """Nor is one before the first read, nor after one that failed."""
    agent = with_scalars(4)
    async with reading(agent, scalars(4)) as reader:
        assert reader.reader.single_get is None
        await reader.read(AMPLE_S)
        assert reader.reader.single_get is not None
        agent.varbinds_max = 2
        await reader.read(AMPLE_S)
        assert reader.reader.single_get is None
        agent.silent = True
        with pytest.raises(ReadError):
            await reader.read(SOON_S)
        assert reader.reader.single_get is None


async def test_an_agent_that_restarts_is_remarked() -> None:
    """sysUpTime starts from zero; its wrap after 497 days is no restart."""
    clock = Hand()
    agent = with_scalars(1)
    agent.values[UP_TIME] = v2c.TimeTicks(2**32 - 3_000)
    async with reading(agent, scalars(1), clock=clock) as reader:
        for ticks, restarts in ((0, 0), (600, 1)):
            await reader.read(AMPLE_S)
            await reader.close()  # As after a read that failed.
            clock.at += 30_000_000
            agent.values[UP_TIME] = v2c.TimeTicks(ticks)
            await reader.read(AMPLE_S)
            assert reader.reader.noticed.restarts == restarts
            assert DeviceRemarks("fm1").collect(reader.reader, 1) is bool(restarts)


@pytest.mark.parametrize(("passes_s", "ticks"), [(30, 0), (3600, 0), (3600, 356_600)])
async def test_an_up_time_that_does_not_move_or_is_slow_is_no_restart(
    passes_s: int, ticks: int
) -> None:
    """After one lost answer: a clock that never moves, and one that loses less than 1 %."""
    clock, agent = Hand(), with_scalars(1)
    agent.values[UP_TIME] = v2c.TimeTicks(700_000)
    async with reading(agent, scalars(1), clock=clock) as reader:
        await reader.read(AMPLE_S)
        await reader.close()
        clock.at += passes_s * 1_000_000
        agent.values[UP_TIME] = v2c.TimeTicks(700_000 + ticks)
        await reader.read(AMPLE_S)
        assert reader.reader.noticed.restarts == 0


TABLE = (1, 3, 6, 1, 2, 1, 2, 2, 1)
NAMES = (*TABLE, 2)


def row_of(name: str) -> RowKey:
    return RowKey("port", "name", NAMES, name)


def port_points(name: str, *columns: int) -> tuple[SnmpPoint, ...]:
    return tuple(
        SnmpPoint(f"{name}{column}", (*TABLE, column), NUMBER, row_of(name)) for column in columns
    )


def table(*names: str, first: int = 1) -> dict[Oid, object]:
    """Return a table of ports: names in column 2, 100 * index + column in 8 and 9."""
    rows = list(enumerate(names, first))
    cells: dict[Oid, object] = {(*NAMES, index): name for index, name in rows}
    return cells | {(*TABLE, c, index): 100 * index + c for c in (8, 9) for index, _ in rows}


@pytest.mark.parametrize("version", [V1, V2C])
async def test_a_row_is_found_by_its_key(version: int) -> None:
    """In the first read; then one request has its points and its key."""
    agent = SnmpAgent(table("lo", "eth0", "eth1"))
    async with reading(agent, port_points("eth1", 8, 9), version=version) as reader:
        assert await reader.read(AMPLE_S) == (308, 309)
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == (308, 309)
        assert agent.asked() == [[(*NAMES, 3), (*TABLE, 8, 3), (*TABLE, 9, 3)]]
        get = reader.reader.single_get
        assert get is not None
        assert (get.places, get.keys) == ((1, 2), ((0, "eth1"),))
        if version == V2C:
            request = get.wire.wrap(get.template.pdu(0x4000_0007), 0x4000_0007, 0)
            answer = get.wire.unwrap(agent.answer(request)[0], 0)
            assert get.decode(answer, 0x4000_0007) == (308, 309)
            agent.values = table("lo", "eth1", "eth0")
            moved = get.wire.unwrap(agent.answer(request)[0], 0)
            assert get.decode(moved, 0x4000_0007) is None


@pytest.mark.parametrize("version", [V1, V2C])
@pytest.mark.parametrize("most", [1, 2, 1000])
async def test_a_row_that_moved_is_absent_once_and_then_found(most: int, version: int) -> None:
    """After a restart another row has its index: its value is never used."""
    agent = SnmpAgent(table("lo", "eth0", "eth1"))
    points = port_points("eth0", 8, 9)
    async with reading(
        agent, points, version=version, objects_per_request=None if most == 1000 else most
    ) as reader:
        assert await reader.read(AMPLE_S) == (208, 209)
        agent.values = table("lo", "tun0", "eth0", "eth1")
        assert await reader.read(AMPLE_S) == (None, None)
        assert await reader.read(AMPLE_S) == (308, 309)
        agent.values = table("lo", "eth0")
        assert await reader.read(AMPLE_S) == (None, None)
        assert await reader.read(AMPLE_S) == (208, 209)


async def test_rows_that_move_leave_the_other_points_alone() -> None:
    """A scalar and a second row keep their values."""
    agent = SnmpAgent({(*BASE, 0, 0): 100, **table("lo", "eth0", "eth1")})
    points = (*scalars(1), *port_points("lo", 8), *port_points("eth1", 8))
    async with reading(agent, points) as reader:
        assert await reader.read(AMPLE_S) == (100, 108, 308)
        agent.values = {(*BASE, 0, 0): 100, **table("lo", "eth0", "tun0", "eth1")}
        assert await reader.read(AMPLE_S) == (100, 108, None)
        assert await reader.read(AMPLE_S) == (100, 108, 408)


async def test_a_row_that_is_not_there_is_remarked_and_sought_again() -> None:
    """Its points are absent; it is walked for again later, not in every poll."""
    agent = SnmpAgent({(*BASE, 0, 0): 100, **table("lo", "eth0")})
    points = (*scalars(1), *port_points("eth9", 8))
    async with reading(agent, points) as reader:
        assert await reader.read(AMPLE_S) == (100, None)
        assert reader.reader.noticed.rows == ("none of 2 rows has 'eth9' (port by name)",)
        assert reader.reader.single_get is None
        agent.requests.clear()
        assert await reader.read(AMPLE_S) == (100, None)
        assert len(agent.requests) == 1
        agent.values = {(*BASE, 0, 0): 100, **table("lo", "eth0", "eth9")}
        seen = [(await reader.read(AMPLE_S))[1] for _ in range(10)]
        assert seen[-1] == 308
        assert reader.reader.noticed.rows == ()


async def test_a_key_that_two_rows_have_is_no_row() -> None:
    """Which one is meant cannot be known."""
    agent = SnmpAgent(table("eth0", "eth0"))
    async with reading(agent, port_points("eth0", 8)) as reader:
        assert await reader.read(AMPLE_S) == (None,)
        assert reader.reader.noticed.rows == ("2 rows have 'eth0': port by name is not unique",)


async def test_an_agent_with_rows_alone_that_says_nothing_is_a_timeout() -> None:
    """Absent points would hide that it is dead."""
    agent = SnmpAgent(table("lo", "eth0"))
    async with reading(agent, port_points("eth0", 8)) as reader:
        agent.silent = True
        with pytest.raises(ReadError, match="timeout"):
            await reader.read(SOON_S)


async def test_a_table_that_leads_in_circles_ends() -> None:
    """The walk ends at what it has seen; what it found until then counts."""
    agent = SnmpAgent(table("lo", "eth0"))
    onward = agent.following
    agent.following = lambda after: onward(NAMES if after == (*NAMES, 2) else after)  # type: ignore[method-assign]
    points = (*port_points("eth0", 8), *port_points("eth9", 8))
    async with reading(agent, points) as reader:
        assert await reader.read(AMPLE_S) == (208, None)
        (remark,) = reader.reader.noticed.rows
        assert "the walk ended early: agent led from 1.3.6.1.2.1.2.2.1.2.2 back to" in remark


async def test_a_table_is_walked_over_several_reads_where_time_is_short() -> None:
    """An answer takes a second of site time: the walk takes at most half of each read."""
    clock = Hand()
    agent = SnmpAgent({(*BASE, 0, 0): 100, **table(*(f"port{n}" for n in range(400)))})

    def reply(ask: bytes) -> list[bytes]:
        clock.at += 1_000_000
        return agent.answer(ask)

    agent.reply = reply
    points = (*scalars(1), *port_points("port399", 8))
    async with reading(agent, points, clock=clock) as reader:
        seen = []
        for _ in range(60):
            agent.requests.clear()
            seen.append(await reader.read(AMPLE_S))
            assert len(agent.requests) <= 2 + AMPLE_S / 2
        assert {first for first, _ in seen} == {100}
        assert (seen[0], seen[-1]) == ((100, None), (100, 40_008))
