"""An event loop whose time jumps to the next timer, and a line in memory that runs on it.

A test in virtual time takes no wall time for its waits, and its verdict does not depend on the load
of the machine.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

from monitord.core.model import SECOND
from monitord.devices.bus.settings import Line, TcpLine

START = 1_000 * SECOND


class _JumpingSelector(selectors.SelectSelector):
    """Waits for nothing: time jumps by the timeout instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("every task waits, and no timer is set")
        self.now_s += max(timeout, 1e-6)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time. It has no real sockets."""

    def __init__(self) -> None:
        self._selector_of_time = _JumpingSelector()
        super().__init__(self._selector_of_time)

    def time(self) -> float:
        return self._selector_of_time.now_s


def in_virtual_time(
    test: Callable[..., Coroutine[Any, Any, None]],
) -> Callable[..., None]:
    """Run an async test on a loop of its own, in virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


class LoopClock:
    """The clock of the running loop, site time in microseconds."""

    def now(self) -> int:
        return START + round(asyncio.get_running_loop().time() * SECOND)

    def wall(self) -> int:
        return self.now()

    async def sleep_until(self, at: int) -> None:
        await asyncio.sleep((at - self.now()) / SECOND)


class BufferedLine:
    """A transport in memory; a subclass says in ``send`` what comes back, and when.

    ``opened``: how often it was opened.
    """

    is_reopened_on_silence = True

    def __init__(self, line: Line) -> None:
        self.line = line
        self.opened = 0
        self._received = b""
        self._is_open = False
        self._waiter = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self._is_open

    async def open(self) -> None:
        self.opened += 1
        self._is_open, self._received = True, b""
        self._waiter.clear()

    def take(self, octets: bytes) -> None:
        """Let octets arrive, if the line is open."""
        if octets and self._is_open:
            self._received += octets
            self._waiter.set()

    def receive(self) -> bytes | None:
        received, self._received = self._received, b""
        self._waiter.clear()
        return received

    async def wait(self) -> None:
        await self._waiter.wait()

    def close(self) -> None:
        self._is_open = False


class MemoryLine(BufferedLine):
    """A line on which each ``question;`` is answered with what ``say`` returns, at once.

    ``heard``: the questions; ``sent_at``: when each question came, microseconds.
    """

    def __init__(self, say: Callable[[str], str]) -> None:
        super().__init__(TcpLine("127.0.0.1", 502))
        self.heard: list[str] = []
        self.sent_at: list[int] = []
        self._say = say

    async def send(self, octets: bytes) -> None:
        question = octets.decode().removesuffix(";")
        self.heard.append(question)
        self.sent_at.append(LoopClock().now())
        self.come(self._say(question))

    def come(self, text: str, after_s: float = 0) -> None:
        """Let octets come, now or later, if the line is still open then."""
        if after_s:
            asyncio.get_running_loop().call_later(after_s, self.come, text)
        else:
            self.take(text.encode())
