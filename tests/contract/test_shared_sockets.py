"""One suite for every shared socket: what the poller may rely on."""

from __future__ import annotations

from monitord.core.model import SECOND
from monitord.devices.model import ReadError
from monitord.devices.shared_socket import SharedSocket
from tests.support.shared_sockets import FakeSharedSocket, Member

T0 = 50 * SECOND


def shared_socket(*members: Member) -> SharedSocket:
    return FakeSharedSocket(members)


def test_an_answer_is_given_once_with_the_time_its_request_left() -> None:
    """``sent_at`` is the time given to ``send``; one drain returns an answer, the next does not."""
    one = shared_socket(Member((5,), latency=100))
    one.send([0], T0)
    assert one.drain(T0) == []
    (came,) = one.drain(T0 + 200)
    assert (came.member, came.sent_at, came.raws) == (0, T0, (5,))
    assert one.drain(T0 + 300) == []
    assert one.sweep(T0 + 9 * SECOND) == []


def test_the_first_answer_may_differ_anywhere_and_an_equal_one_nowhere() -> None:
    """``changed`` lets a decoder skip the places that are equal."""
    member = Member((5, 6), latency=0)
    one = shared_socket(member)
    one.send([0], T0)
    assert one.drain(T0)[0].changed is None
    one.send([0], T0 + 1)
    assert one.drain(T0 + 1)[0].changed == ()
    member.raws = (5, 7)
    one.send([0], T0 + 2)
    assert one.drain(T0 + 2)[0].changed == (1,)


def test_a_poll_is_given_up_after_its_deadline_and_not_before() -> None:
    """A swept member has a timeout and may be polled again; then all places may differ."""
    member = Member(latency=None, deadline=1000)
    one = shared_socket(member)
    one.send([0], T0)
    assert one.sweep(T0 + 999) == []
    (came,) = one.sweep(T0 + 1000)
    assert isinstance(came.raws, ReadError)
    assert (came.raws.kind, came.sent_at, came.changed) == ("timeout", T0, None)
    member.latency = 0
    one.send([0], T0 + 2000)
    assert one.drain(T0 + 2000)[0].changed is None


def test_what_a_drain_leaves_is_there_at_the_next() -> None:
    """A drain is bounded, and loses nothing."""
    one = shared_socket(*(Member(latency=0) for _ in range(100)))
    one.send(range(100), T0)
    members = [came.member for _ in range(3) for came in one.drain(T0)]
    assert sorted(members) == list(range(100))


def test_nobody_is_given_up_whose_answer_may_still_lie_there() -> None:
    """A timeout is reported only after the socket was read."""
    one = shared_socket(*(Member(latency=0, deadline=1000) for _ in range(100)))
    one.send(range(100), T0)
    assert one.drain(T0 + 2000)
    assert one.sweep(T0 + 2000) == []


def test_a_shared_socket_may_be_closed_twice() -> None:
    """A second close does nothing."""
    one = shared_socket(Member())
    one.close()
    one.close()
