"""What waits for the engine: in order, bounded for each device, and nothing of it lost."""

from __future__ import annotations

import asyncio

from monitord.core.model import Answer, Attempted, Silence
from monitord.inbox import ANSWERS_MAX, Inbox


def answer(device: str, at: int) -> Answer:
    return Answer(device, at, at, (1,))


def test_a_batch_comes_out_in_the_order_it_was_put_in() -> None:
    """Between what was there and what comes after."""
    inbox = Inbox()
    inbox.put(answer("a", 1))
    inbox.put_many([answer("b", 2), Silence("a", "timeout", 2, 3)])
    inbox.put_outcome(Attempted(4, "desk", "i", 1, delivered=True))
    assert [item.at for item in inbox.drain()] == [1, 2, 3, 4]
    assert inbox.drain() == []


def test_a_device_has_room_until_64_of_its_answers_wait() -> None:
    """The poller asks before it polls; what it asked for is taken whatever waits."""
    inbox = Inbox()
    inbox.put_many([answer("a", at) for at in range(ANSWERS_MAX - 1)])
    assert inbox.has_room("a")
    inbox.put_many([Silence("a", "timeout", 64, 64)])
    assert not inbox.has_room("a")
    assert inbox.has_room("b")
    inbox.put_many([answer("a", 65)])
    assert len(inbox.drain()) == ANSWERS_MAX + 1
    assert inbox.has_room("a")


def test_other_inputs_take_no_room() -> None:
    """Outcomes of deliveries are never refused."""
    inbox = Inbox()
    for at in range(200):
        inbox.put_outcome(Attempted(at, "desk", "i", 1, delivered=True))
    assert inbox.has_room("desk")


async def test_whoever_waits_is_woken_by_one_batch() -> None:
    """And waits anew once all was taken."""
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.arrival())
    await asyncio.sleep(0)
    assert not waiting.done()
    inbox.put_many([answer("a", 1)])
    await waiting
    inbox.drain()
    waiting = asyncio.create_task(inbox.arrival())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
