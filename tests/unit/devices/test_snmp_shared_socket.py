"""The shared socket on real sockets of the loopback: answers, silences, and datagrams that lie."""

from __future__ import annotations

import socket

import pytest
from pysnmp.proto.api import v2c

from monitord.core.model import SECOND
from monitord.devices.model import ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.shared_socket import SLOW_MAX, SnmpSharedSocket
from tests.support.answers import answer
from tests.support.shared_socket_site import (
    DEADLINE,
    NOW,
    OIDS,
    Agent,
    Known,
    Site,
    device,
    reason,
    said,
)
from tests.support.wire import LOCALHOST


def test_answers_come_in_the_order_of_their_arrival(pair: Site) -> None:
    """Rule: each poll ends with its member's values and the time it was sent."""
    pair.ask(0, 1)
    pair.agents[1].answer(4, 5, 6)
    pair.agents[0].answer(1, 2, 3)
    assert pair.came(2) == [
        PollResult(1, NOW, [4, 5, 6], None),
        PollResult(0, NOW, [1, 2, 3], None),
    ]
    assert pair.shared_socket.counts.answers == 2


def test_unchanged_answer_gives_the_same_list_and_no_place(site: Site) -> None:
    """Rule: what did not change costs nothing behind the shared socket either."""
    site.ask()
    site.agents[0].answer(1, 2, 3)
    first = site.came(1)[0]
    site.ask()
    site.agents[0].answer(1, 2, 3)
    second = site.came(1)[0]
    assert second.raws is first.raws
    assert second.changed == ()
    site.ask()
    site.agents[0].answer(1, 9, 3)
    assert site.came(1) == [PollResult(0, NOW, [1, 9, 3], (1,))]


def test_lost_answer_is_a_timeout_at_the_deadline_and_not_before(site: Site) -> None:
    """Rule: a silence is told once, when the deadline has passed; afterwards all may differ."""
    site.ask()
    site.agents[0].answer(1, 2, 3)
    site.came(1)
    site.ask()
    site.agents[0].asked()
    assert site.shared_socket.sweep(site.now + DEADLINE - 1) == []
    error = reason(site.silent()[0])
    assert error.kind == "timeout"
    assert str(error).endswith("gave no answer within 0.8 s")
    assert site.shared_socket.sweep(site.now + SECOND) == []
    site.ask()
    site.agents[0].answer(1, 2, 3)
    assert site.came(1) == [PollResult(0, site.now, [1, 2, 3], None)]


def test_deadline_is_each_member_s_own(agent: Agent, other: Agent) -> None:
    """Rule: of members asked together, the one with the shorter deadline is given up first."""
    devices = [device("slow", agent.peer, 3 * SECOND), device("fast", other.peer, SECOND)]
    shared_socket = SnmpSharedSocket(devices, [Known(agent.peer), Known(other.peer)])
    assert shared_socket.learn(0)
    assert shared_socket.learn(1)
    shared_socket.send([0, 1], NOW)
    assert [came.member for came in shared_socket.sweep(NOW + SECOND)] == [1]
    assert [came.member for came in shared_socket.sweep(NOW + 3 * SECOND)] == [0]
    shared_socket.close()


def test_late_answer_is_counted_and_ends_no_poll(site: Site) -> None:
    """Rule: an answer to a poll that was given up is not the answer of the next."""
    site.ask()
    late = said(site.agents[0].asked(), 1, 2, 3)
    assert len(site.silent()) == 1
    site.agents[0].say(late)
    site.took(1)
    site.ask()
    site.agents[0].say(late)
    site.took(2)
    site.agents[0].answer(4, 5, 6)
    assert site.came(1)[0].raws == [4, 5, 6]
    assert site.shared_socket.counts.late == 2


def test_duplicate_is_counted_and_ends_no_poll(site: Site) -> None:
    """Rule: an answer that comes twice counts once, under the next request too."""
    site.ask()
    duplicate = site.agents[0].answer(1, 2, 3)
    site.agents[0].say(duplicate)
    assert len(site.came(1)) == 1
    site.took(1)
    site.ask()
    site.agents[0].say(duplicate)
    site.took(2)
    assert site.shared_socket.counts.duplicate == 2
    site.agents[0].answer(4, 5, 6)
    assert site.came(1)[0].raws == [4, 5, 6]


def test_answer_of_another_source_is_not_taken(site: Site) -> None:
    """Rule: who sends the right octets from another port is nobody."""
    site.ask()
    right = said(site.agents[0].asked(), 1, 2, 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((LOCALHOST, 0))
        stranger.sendto(right, site.agents[0].client)
        site.took(1)
    assert site.shared_socket.counts.unknown_source == 1
    assert reason(site.silent()[0]).kind == "timeout"


def test_answer_with_another_id_is_not_taken(site: Site) -> None:
    """Rule: the right source with an id that was never asked ends no poll; silence is told."""
    site.ask()
    site.agents[0].say(said(site.agents[0].asked() ^ 0x0100, 1, 2, 3))
    site.took(1)
    error = reason(site.silent()[0])
    assert error.kind == "timeout"
    assert str(error).endswith("request id is not ours")


def test_agents_that_answer_for_each_other_are_not_believed(pair: Site) -> None:
    """Rule: an answer counts for the member it was asked of, or for none."""
    pair.ask()
    first, second = (agent.asked() for agent in pair.agents)
    pair.agents[0].say(said(second, 4, 5, 6))
    pair.agents[1].say(said(first, 1, 2, 3))
    pair.took(2)
    assert [reason(came).kind for came in pair.silent()] == ["timeout", "timeout"]


def test_answer_with_another_community_is_not_believed(site: Site) -> None:
    """Rule: what pysnmp's reading refuses is told at the deadline as a bad answer."""
    site.ask()
    site.agents[0].answer(1, 2, 3, community=b"private")
    site.took(1)
    error = reason(site.silent()[0])
    assert error.kind == "bad_answer"
    assert "private" not in str(error)
    assert site.shared_socket.counts.slow == site.shared_socket.counts.mismatched == 1


def test_true_answer_is_taken_behind_one_that_cannot_be_believed(site: Site) -> None:
    """Rule: garbage from the agent's address does not end the poll, and is forgotten after."""
    site.ask()
    request_id = site.agents[0].asked()
    site.agents[0].say(said(request_id, 1, 2, 3)[:-1])
    site.took(1)
    site.agents[0].say(said(request_id, 1, 2, 3))
    assert site.came(1)[0].raws == [1, 2, 3]
    site.ask()
    assert reason(site.silent()[0]).kind == "timeout"


def test_true_answer_is_taken_that_came_with_the_lies_before_it(site: Site) -> None:
    """Rule: what waits to be read slowly hides nothing that came behind it."""
    site.ask()
    request_id = site.agents[0].asked()
    site.agents[0].say(said(request_id, 7, 7, 7, community=b"private"))
    site.agents[0].say(said(request_id, 8, 8, 8)[:-1])
    site.agents[0].say(said(request_id, 1, 2, 3))
    site.agents[0].say(said(request_id, 9, 9, 9))
    site.wait()
    came = [one for _ in range(3) for one in site.shared_socket.drain(site.now)]
    assert [one.raws for one in came] == [[1, 2, 3]]
    assert came[0].changed is None
    assert site.shared_socket.counts.mismatched == 2
    assert site.shared_socket.counts.duplicate == 1
    site.ask()
    site.agents[0].answer(1, 2, 4)
    assert site.came(1)[0].changed == (2,)


def test_answer_with_another_object_is_a_bad_answer(site: Site) -> None:
    """Rule: an answer that speaks of what was not asked ends the poll without a value."""
    site.ask()
    request_id = site.agents[0].asked()
    site.agents[0].say(answer((*OIDS[:2], (*OIDS[2], 9)), [v2c.Integer32(1)] * 3, request_id))
    error = reason(site.came(1)[0])
    assert error.kind == "bad_answer"
    assert "was asked" in str(error)


def test_agent_that_answers_half_is_read_by_its_reader(site: Site) -> None:
    """Rule: an answer that leaves objects out is not taken; the reader learns to ask for fewer."""
    site.ask()
    site.agents[0].answer(1, 2)
    assert site.came(1) == [PollResult(0, NOW, None, None)]
    assert site.shared_socket.counts.handed_back == 1


def test_agent_that_refuses_is_read_by_its_reader(site: Site) -> None:
    """Rule: one object that the agent refuses must not cost the others: the reader divides."""
    site.ask()
    site.agents[0].answer(error_status=5, error_index=2)
    assert site.came(1) == [PollResult(0, NOW, None, None)]


def test_answer_that_is_too_big_goes_to_the_reader_until_it_is_learned(site: Site) -> None:
    """Rule: tooBig is no failure; the member is not polled again before ``learn``."""
    site.ask()
    site.agents[0].answer(error_status=1)
    assert site.came(1) == [PollResult(0, NOW, None, None)]
    with pytest.raises(AssertionError):
        site.ask()
    assert site.shared_socket.learn(0)
    site.ask()
    site.agents[0].answer(1, 2, 3)
    assert site.came(1)[0].raws == [1, 2, 3]


def test_closed_port_is_told_at_once(pair: Site) -> None:
    """Rule: where nobody listens the poll ends as refused; the neighbour's goes on."""
    pair.agents[0].sock.close()
    pair.ask()
    pair.agents[1].answer(4, 5, 6)
    refused, answered = sorted(pair.came(2))
    error = reason(refused)
    assert error.kind == "refused"
    assert str(error).endswith("answers that nobody listens there")
    assert answered.raws == [4, 5, 6]


def test_closed_ports_before_and_behind_a_neighbour_do_not_hurt_it(agent: Agent) -> None:
    """Rule: what the socket tells of one device's request never ends another's."""
    closed = [Agent(f"127.0.0.{number}") for number in range(3, 9)]
    site = Site(*closed[:3], agent, *closed[3:])
    for one in closed:
        one.sock.close()
    for turn in range(20):
        site.ask()
        agent.answer(turn, 2, 3)
        ended = sorted(site.came(7))
        assert [isinstance(came.raws, ReadError) for came in ended] == [n != 3 for n in range(7)]
        assert ended[3].raws == [turn, 2, 3]
    assert site.shared_socket.counts.failures == 120
    site.shared_socket.close()


def test_more_than_one_drain_takes_is_there_at_the_next(agent: Agent) -> None:
    """Rule: a drain is bounded; nothing that came is lost or told silent meanwhile."""
    agents = [Agent(f"127.0.1.{number}") for number in range(1, 31)]
    site = Site(*agents, drain_max=8)
    site.ask()
    for one in agents:
        one.answer(1, 2, 3)
    site.now += DEADLINE
    ended = []
    while len(ended) < 30:
        site.wait()
        came = site.shared_socket.drain(site.now)
        assert 0 < len(came) <= 8
        ended += came
        assert site.shared_socket.sweep(site.now) == []
    assert sorted(came.member for came in ended) == list(range(30))
    site.shared_socket.close()
    for one in agents:
        one.sock.close()


def test_flood_hides_no_silence_for_good(agent: Agent, other: Agent) -> None:
    """Rule: while a drain leaves something behind, a silence waits one more deadline, not two."""
    site = Site(agent, other, drain_max=2)
    site.ask()
    request_id = agent.asked()
    for _ in range(40):
        agent.say(said(request_id ^ 1, 1, 2, 3))
    site.wait()
    assert site.shared_socket.drain(site.now + DEADLINE) == []
    assert site.shared_socket.sweep(site.now + DEADLINE) == []
    assert len(site.shared_socket.sweep(site.now + 2 * DEADLINE)) == 2
    site.shared_socket.close()


def test_answer_that_the_fast_decoder_does_not_take_is_read_by_pysnmp(site: Site) -> None:
    """Rule: an answer in an unusual form is read slowly, with the same values, and counted."""
    for turn in range(2):
        site.ask()
        normal = said(site.agents[0].asked(), turn, 2, 3)
        # The error index in two octets, and every length around it longer by one.
        at = normal.index(b"\x02\x01\x00\x02\x01\x00")
        odd = bytearray(normal[:at] + b"\x02\x01\x00\x02\x02\x00\x00" + normal[at + 6 :])
        odd[1] += 1
        odd[normal.index(b"\xa2") + 1] += 1
        site.agents[0].say(bytes(odd))
        assert site.came(1) == [PollResult(0, NOW, (turn, 2, 3), None)]
    assert site.shared_socket.counts.slow == 2


def test_slow_answers_are_read_a_few_in_each_drain() -> None:
    """Rule: agents that need pysnmp do not hold the loop; their polls are late and not silent."""
    agents = [Agent(f"127.0.1.{number}") for number in range(1, 2 * SLOW_MAX + 1)]
    site = Site(*agents)
    site.ask()
    for one in agents:
        one.answer(error_status=5)
    ended: list[PollResult] = []
    while len(site.shared_socket._slow) + len(ended) < len(agents):
        site.wait()
        ended += site.shared_socket.drain(site.now)
    site.now += 2 * DEADLINE
    assert site.shared_socket.sweep(site.now) == []
    drains = 0
    while len(ended) < len(agents):
        came = site.shared_socket.drain(site.now)
        assert 0 < len(came) <= SLOW_MAX
        ended += came
        drains += 1
    assert drains >= 1
    assert {came.raws for came in ended} == {None}
    site.shared_socket.close()
    for one in agents:
        one.sock.close()


def test_mistake_of_our_own_ends_that_poll_alone(pair: Site) -> None:
    """Rule: an exception in decoding one answer does not stop the drain and settles its poll."""

    class Broken:
        """A decoder with a mistake in it."""

        values: list[int] = []  # noqa: RUF012

        def take(self, *_: object) -> None:
            raise ZeroDivisionError("secret")

        def forget(self) -> None:
            """Nothing to forget."""

    pair.shared_socket._members[0].decoder = Broken()  # type: ignore[assignment]
    pair.ask()
    pair.agents[0].answer(1, 2, 3)
    pair.agents[1].answer(4, 5, 6)
    broken, answered = sorted(pair.came(2))
    assert reason(broken).kind == "bad_answer"
    assert "ZeroDivisionError" in str(broken.raws)
    assert "secret" not in str(broken.raws)
    assert answered.raws == [4, 5, 6]
    assert pair.shared_socket.counts.broken == 1
