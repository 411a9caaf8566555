"""The SNMP shared socket on the loopback: responses, timeouts, and datagrams that are neither."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from pysnmp.proto.api import v2c

from monitord.core.model import SECOND
from monitord.devices.model import ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.rejected_datagrams import SLOW_MAX
from tests.support.answers import answer
from tests.support.shared_socket_site import (
    DEADLINE,
    NOW,
    OIDS,
    Agent,
    NewSite,
    Site,
    error_of,
    response,
)
from tests.support.wire import LOCALHOST

Agents = Callable[[int], list[Agent]]


def test_polls_end_in_the_order_of_their_responses(pair: Site) -> None:
    """Each poll ends with its member's values and the time of its request."""
    pair.send(0, 1)
    pair.agents[1].answer(4, 5, 6)
    pair.agents[0].answer(1, 2, 3)
    assert pair.results(2) == [
        PollResult(1, NOW, [4, 5, 6], None),
        PollResult(0, NOW, [1, 2, 3], None),
    ]
    assert pair.shared_socket.counts.answers == 2


def test_an_equal_response_gives_the_same_list_without_a_changed_place(site: Site) -> None:
    """The list of a member is overwritten; ``changed`` names the places that differ."""
    site.send()
    site.agents[0].answer(1, 2, 3)
    first = site.results(1)[0].raws
    assert site.poll(1, 2, 3) == ((1, 2, 3), ())
    assert site.poll(1, 9, 3) == ((1, 9, 3), (1,))
    assert first == [1, 9, 3]


def test_a_poll_without_a_response_times_out_once_and_not_before_its_deadline(site: Site) -> None:
    """After a timeout all values may differ."""
    site.poll(1, 2, 3)
    site.send()
    site.agents[0].request()
    assert site.shared_socket.sweep(site.now + DEADLINE - 1) == []
    error = error_of(site.timeout()[0])
    assert error.kind == "timeout"
    assert str(error).endswith("gave no answer within 0.8 s")
    assert site.shared_socket.sweep(site.now + SECOND) == []
    assert site.poll(1, 2, 3) == ((1, 2, 3), None)


def test_each_member_has_its_own_deadline(agents: Agents, new_site: NewSite) -> None:
    """Of members polled together, the one with the shorter deadline times out first."""
    site = new_site(*agents(2), deadlines=(3 * SECOND, SECOND))
    site.send()
    sweep = site.shared_socket.sweep
    assert [result.member for result in sweep(NOW + SECOND)] == [1]
    assert [result.member for result in sweep(NOW + 3 * SECOND)] == [0]


def test_a_response_after_the_timeout_is_counted_as_late(site: Site) -> None:
    """It is not the response to the next poll either."""
    site.send()
    late = response(site.agents[0].request(), 1, 2, 3)
    assert len(site.timeout()) == 1
    site.agents[0].send(late)
    site.rejected(1)
    site.send()
    site.agents[0].send(late)
    site.rejected(2)
    site.agents[0].answer(4, 5, 6)
    assert site.results(1)[0].raws == [4, 5, 6]
    assert site.shared_socket.counts.late == 2


def test_a_response_that_arrives_twice_counts_once(site: Site) -> None:
    """The copy is a duplicate, also while the next request is under way."""
    site.send()
    duplicate = site.agents[0].answer(1, 2, 3)
    site.agents[0].send(duplicate)
    assert len(site.results(1)) == 1
    site.rejected(1)
    site.send()
    site.agents[0].send(duplicate)
    site.rejected(2)
    assert site.shared_socket.counts.duplicate == 2
    site.agents[0].answer(4, 5, 6)
    assert site.results(1)[0].raws == [4, 5, 6]


def test_a_datagram_from_another_port_is_no_response(site: Site) -> None:
    """The right octets from an unknown source end no poll."""
    site.send()
    right = response(site.agents[0].request(), 1, 2, 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOCALHOST, 0))
        other.sendto(right, site.agents[0].client)
        site.rejected(1)
    assert site.shared_socket.counts.unknown_source == 1
    assert error_of(site.timeout()[0]).kind == "timeout"


def test_a_datagram_with_another_request_id_is_no_response(site: Site) -> None:
    """The timeout names the mismatch."""
    site.send()
    site.agents[0].send(response(site.agents[0].request() ^ 0x0100, 1, 2, 3))
    site.rejected(1)
    error = error_of(site.timeout()[0])
    assert error.kind == "timeout"
    assert str(error).endswith("request id is not ours")


def test_agents_that_answer_each_other_s_requests_end_no_poll(pair: Site) -> None:
    """A response counts only from the member whose request it answers."""
    pair.send()
    first, second = (agent.request() for agent in pair.agents)
    pair.agents[0].send(response(second, 4, 5, 6))
    pair.agents[1].send(response(first, 1, 2, 3))
    pair.rejected(2)
    assert [error_of(one).kind for one in pair.timeout()] == ["timeout", "timeout"]


def test_a_response_with_another_community_is_a_bad_answer_at_the_deadline(site: Site) -> None:
    """pysnmp rejects it after the fast decoder; the error does not show the community."""
    site.send()
    site.agents[0].answer(1, 2, 3, community=b"private")
    site.rejected(1)
    error = error_of(site.timeout()[0])
    assert error.kind == "bad_answer"
    assert "private" not in str(error)
    assert site.shared_socket.counts.slow == site.shared_socket.counts.mismatched == 1


def test_an_overlong_message_is_a_bad_answer_at_the_deadline(site: Site) -> None:
    """A message longer than any response is cut short here; octets behind a message are left."""
    site.send()
    request_id = site.agents[0].request()
    site.agents[0].send(answer(OIDS, [v2c.OctetString(bytes(20_000))] * 3, request_id))
    site.rejected(1)
    assert error_of(site.timeout()[0]).kind == "bad_answer"
    site.send()
    site.agents[0].send(response(site.agents[0].request(), 1, 2, 3) + bytes(20_000))
    assert site.results(1)[0].raws == [1, 2, 3]
    assert site.shared_socket.take_remarked() == [0]


def test_the_response_after_a_malformed_datagram_is_accepted(site: Site) -> None:
    """The malformed datagram does not appear in the error of the next poll."""
    site.send()
    request_id = site.agents[0].request()
    site.agents[0].send(response(request_id, 1, 2, 3)[:-1])
    site.rejected(1)
    site.agents[0].send(response(request_id, 1, 2, 3))
    assert site.results(1)[0].raws == [1, 2, 3]
    site.send()
    assert error_of(site.timeout()[0]).kind == "timeout"


def test_the_response_behind_datagrams_for_pysnmp_is_accepted(site: Site) -> None:
    """Datagrams that wait for pysnmp hide nothing that arrived after them."""
    site.send()
    request_id = site.agents[0].request()
    site.agents[0].send(
        response(request_id, 7, 7, 7, community=b"private"),
        response(request_id, 8, 8, 8)[:-1],
        response(request_id, 1, 2, 3),
        response(request_id, 9, 9, 9),
    )
    ended = [one for _ in range(3) for one in site.shared_socket.drain(site.now)]
    assert ended == [PollResult(0, NOW, [1, 2, 3], None)]
    assert site.shared_socket.counts.mismatched == 2
    assert site.shared_socket.counts.duplicate == 1
    assert site.poll(1, 2, 4) == ((1, 2, 4), (2,))


def test_a_varbind_with_another_oid_costs_itself_alone(site: Site) -> None:
    """What was requested in its place is absent, with a remark; the others have their values."""
    site.send()
    request_id = site.agents[0].request()
    site.agents[0].send(answer((*OIDS[:2], (*OIDS[2], 9)), [v2c.Integer32(1)] * 3, request_id))
    assert site.results(1)[0].raws == (1, 1, None)
    assert site.shared_socket.take_remarked() == [0]
    assert site.shared_socket.take_remarked() == []


def test_a_response_of_other_oids_is_a_bad_answer_at_once(site: Site) -> None:
    """A response without any OID that was requested ends the poll without values."""
    site.send()
    request_id = site.agents[0].request()
    others = tuple((*oid, 9) for oid in OIDS)
    site.agents[0].send(answer(others, [v2c.Integer32(1)] * 3, request_id))
    error = error_of(site.results(1)[0])
    assert error.kind == "bad_answer"
    assert "was asked" in str(error)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        pytest.param((1, 2), {}, id="varbinds-left-out"),
        pytest.param((), {"error_status": 5, "error_index": 2}, id="genErr"),
        pytest.param((), {"error_status": 1}, id="tooBig"),
    ],
)
def test_an_incomplete_response_goes_to_the_reader(
    site: Site, values: tuple[int, ...], options: dict[str, int]
) -> None:
    """The poll is handed back, no failure; the member is polled again after ``learn`` only."""
    site.send()
    site.agents[0].answer(*values, **options)
    assert site.results(1) == [PollResult(0, NOW, None, None)]
    assert site.shared_socket.counts.handed_back == 1
    assert site.shared_socket.counts.failures == 0
    with pytest.raises(AssertionError):
        site.send()
    assert site.shared_socket.learn(0)
    assert site.poll(1, 2, 3) == ((1, 2, 3), None)


def test_a_closed_port_ends_its_poll_at_once_and_no_other(
    agents: Agents, agent: Agent, new_site: NewSite
) -> None:
    """The error queue of the socket names the member; neighbours go on, poll after poll."""
    closed = agents(6)
    site = new_site(*closed[:3], agent, *closed[3:])
    for one in closed:
        one.sock.close()
    for turn in range(20):
        site.send()
        agent.answer(turn, 2, 3)
        ended = sorted(site.results(7), key=lambda result: result.member)
        assert [isinstance(one.raws, ReadError) for one in ended] == [n != 3 for n in range(7)]
        assert ended[3].raws == [turn, 2, 3]
    error = error_of(ended[0])
    assert error.kind == "refused"
    assert str(error).endswith("answers that nobody listens there")
    assert site.shared_socket.counts.failures == 120


def test_datagrams_beyond_one_drain_are_read_by_the_next(agents: Agents, new_site: NewSite) -> None:
    """A drain is bounded; no response is lost and no poll times out meanwhile."""
    site = new_site(*agents(30), drain_max=8)
    site.send()
    for one in site.agents:
        one.answer(1, 2, 3)
    site.now += DEADLINE
    ended: list[PollResult] = []
    while len(ended) < 30:
        site.wait()
        results = site.shared_socket.drain(site.now)
        assert 0 < len(results) <= 8
        ended += results
        assert site.shared_socket.sweep(site.now) == []
    assert sorted(one.member for one in ended) == list(range(30))


def test_a_flood_delays_a_timeout_by_one_deadline(agents: Agents, new_site: NewSite) -> None:
    """While the socket is not empty a poll waits one more deadline, not two."""
    site = new_site(*agents(2), drain_max=2)
    site.send()
    request_id = site.agents[0].request()
    site.agents[0].send(*[response(request_id ^ 1, 1, 2, 3)] * 40)
    site.wait()
    assert site.shared_socket.drain(site.now + DEADLINE) == []
    assert site.shared_socket.sweep(site.now + DEADLINE) == []
    assert len(site.shared_socket.sweep(site.now + 2 * DEADLINE)) == 2


def test_pysnmp_decodes_a_response_in_an_unusual_form(site: Site) -> None:
    """The values are the same and it is counted as slow."""
    for turn in range(2):
        site.send()
        normal = response(site.agents[0].request(), turn, 2, 3)
        # The error index in two octets, and every length around it longer by one.
        at = normal.index(b"\x02\x01\x00\x02\x01\x00")
        odd = bytearray(normal[:at] + b"\x02\x01\x00\x02\x02\x00\x00" + normal[at + 6 :])
        odd[1] += 1
        odd[normal.index(b"\xa2") + 1] += 1
        site.agents[0].send(bytes(odd))
        assert site.results(1) == [PollResult(0, NOW, (turn, 2, 3), None)]
    assert site.shared_socket.counts.slow == 2


def test_pysnmp_decodes_a_bounded_number_in_each_drain(agents: Agents, new_site: NewSite) -> None:
    """The other agents' polls end later and do not time out."""
    site = new_site(*agents(2 * SLOW_MAX + 1))
    site.send()
    for one in site.agents:
        one.answer(error_status=5)
    site.now += 2 * DEADLINE
    drains = []
    while sum(drains) < len(site.agents):
        results = site.shared_socket.drain(site.now)
        assert {one.raws for one in results} == {None}
        assert site.shared_socket.sweep(site.now) == []
        drains.append(len(results))
    assert drains == [SLOW_MAX, SLOW_MAX, 1]
