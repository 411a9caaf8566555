"""What runs beside a measured scrape, in processes of its own: units to poll, and scrapers."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from threading import Thread

from tests.support.wire import LOCALHOST, free_port

RECEIVE = 1 << 16
HOSTS = [f"127.0.0.{number}" for number in range(1, 41)]
REQUEST = 12
READ_HOLDING = 3
ENDS_WITHIN_S = 60.0


class _Unit(asyncio.Protocol):
    """A Modbus TCP unit with twenty registers; it costs next to nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), REQUEST):
            number, unit, count = data[start : start + 2], data[start + 6], data[start + 11]
            body = bytes((unit, READ_HOLDING, 2 * count)) + bytes(range(2 * count))
            self._transport.write(number + b"\0\0" + len(body).to_bytes(2) + body)


def _serve(pipe: Connection) -> None:
    asyncio.run(_units(pipe))


async def _units(pipe: Connection) -> None:
    port = free_port(socket.SOCK_STREAM)
    server = await asyncio.get_running_loop().create_server(_Unit, HOSTS, port)
    pipe.send(port)
    await server.serve_forever()


def _scrape(pipe: Connection, port: int, count: int, seconds: float) -> None:
    """Scrape so long with so many at once, each again at once; send how many whole pages came."""
    pages: list[int] = []
    threads = [Thread(target=_scraper, args=(port, seconds, pages)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(pages)


def _scraper(port: int, seconds: float, pages: list[int]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.create_connection((LOCALHOST, port)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            octets = 0
            while found := connection.recv(RECEIVE):
                octets += len(found)
        pages.append(octets)


@contextmanager
def _process(target: Callable[..., None], *args: object) -> Iterator[Connection]:
    """Run a function in a process of its own; its first argument is a pipe to here."""
    made = multiprocessing.get_context("spawn")
    here, there = made.Pipe()
    process = made.Process(target=target, args=(there, *args), daemon=True)
    process.start()
    try:
        yield here
    finally:
        process.terminate()
        process.join(ENDS_WITHIN_S)


@contextmanager
def units() -> Iterator[int]:
    """Run Modbus TCP units, one at each of ``HOSTS``; give their port."""
    with _process(_serve) as pipe:
        yield int(pipe.recv())


async def scraped(port: int, count: int, seconds: float) -> Sequence[int]:
    """Let so many scrape for so long; return the octets of every page."""
    with _process(_scrape, port, count, seconds) as pipe:
        return list(await asyncio.to_thread(pipe.recv))
