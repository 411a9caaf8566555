"""The inputs that wait for the engine: in order, bounded for each device, none lost."""

from __future__ import annotations

import asyncio

from monitord.core.model import SECOND, Answer, Attempted, Late, Silence
from monitord.inbox import ANSWERS_MAX, Inbox


def answer(device: str, at: int) -> Answer:
    return Answer(device, at, at, (1,))


def test_a_batch_keeps_its_order() -> None:
    """It comes after earlier and before later inputs."""
    inbox = Inbox()
    inbox.put(answer("a", 1))
    inbox.put_many([answer("b", 2), Silence("a", "timeout", 2, 3)])
    inbox.put(Attempted(4, "desk", "i", 1, delivered=True))
    assert [item.at for item in inbox.drain()] == [1, 2, 3, 4]
    assert inbox.drain() == []


def test_a_device_has_room_until_64_of_its_answers_wait() -> None:
    """The poller checks before it polls; an answer that it then gets is always added."""
    inbox = Inbox()
    inbox.put_many([answer("a", at) for at in range(ANSWERS_MAX - 1)])
    assert inbox.has_room("a")
    inbox.put_many([Silence("a", "timeout", 64, 64)])
    assert not inbox.has_room("a")
    assert inbox.has_room("b")
    inbox.put_many([answer("a", 65)])
    assert len(inbox.drain()) == ANSWERS_MAX + 1
    assert inbox.has_room("a")


def test_other_inputs_need_no_room() -> None:
    """Outcomes of deliveries are never refused."""
    inbox = Inbox()
    for at in range(200):
        inbox.put(Attempted(at, "desk", "i", 1, delivered=True))
    assert inbox.has_room("desk")


async def test_a_batch_wakes_the_engine_once() -> None:
    """After everything is taken it waits again."""
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


def test_what_waits_of_a_device_that_a_reload_changed_is_forgotten() -> None:
    """Its room is free again; other devices and other inputs keep their order."""
    inbox = Inbox()
    inbox.put_many([answer("a", at) for at in range(ANSWERS_MAX)])
    inbox.put_many([answer("b", 70), Silence("a", "timeout", 71, 71)])
    inbox.put(Attempted(72, "desk", "i", 1, delivered=True))
    assert not inbox.has_room("a")
    inbox.drop({"a"})
    assert inbox.has_room("a")
    assert [item.at for item in inbox.drain()] == [70, 72]


async def test_a_wake_without_an_input_ends_a_wait_once() -> None:
    """A reload has its tick although nothing came."""
    inbox = Inbox()
    inbox.wake()
    async with asyncio.timeout(20):
        await inbox.arrival()
    assert inbox.drain() == []


def test_a_sign_of_life_that_comes_too_late_is_an_input() -> None:
    """The loop did not run since the sign before; the engine is woken for it."""
    inbox = Inbox()
    inbox.runs(SECOND)
    inbox.runs(2 * SECOND)
    assert inbox.drain() == []
    inbox.runs(9 * SECOND)
    assert inbox.drain() == [Late(2 * SECOND, 9 * SECOND)]
    inbox.runs(10 * SECOND)
    assert inbox.drain() == []


def test_an_input_behind_a_stall_comes_behind_the_stall() -> None:
    """What wakes the loop first is an answer: the core must know before it that we were late."""
    inbox = Inbox()
    inbox.runs(SECOND)
    inbox.put(answer("a", 2 * SECOND))
    inbox.put(answer("a", 9 * SECOND))
    late = Late(2 * SECOND, 9 * SECOND)
    assert inbox.drain() == [answer("a", 2 * SECOND), late, answer("a", 9 * SECOND)]


def test_without_signs_of_life_nothing_is_late() -> None:
    """Who does not give them, such as a replay, has no loop that could stop."""
    inbox = Inbox()
    inbox.put(answer("a", SECOND))
    inbox.looked_at(99 * SECOND)
    assert inbox.drain() == [answer("a", SECOND)]
