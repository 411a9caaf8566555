"""The local pages show metrics and health, and no client can keep others out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from monitord.web import CONNECTIONS_MAX, Web, WebError

LOCALHOST = "127.0.0.1"
AMPLE_S = 3600.0
READY = b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Health:
    """The daemon's answers about its health."""

    def __init__(self) -> None:
        self.ready = (True, "")
        self.healthy = (True, "")


@pytest.fixture
def health() -> Health:
    return Health()


def make(
    health: Health, port: int = 0, host: str = LOCALHOST, lasts_s: float = AMPLE_S, devices: int = 1
) -> Web:
    registry = CollectorRegistry()
    gauge = Gauge("monitord_device_up", "x", ["device"], registry=registry)
    for number in range(1, devices + 1):
        gauge.labels(f"fm{number}").set(1)
    return Web(
        host,
        port,
        registry,
        lambda: health.ready,
        lambda: health.healthy,
        connection_s_max=lasts_s,
    )


@pytest.fixture
async def web(health: Health) -> AsyncIterator[Web]:
    page = make(health)
    await page.start()
    yield page
    await page.close()


async def exchange(web: Web, text: bytes) -> bytes:
    """Return all that comes back on a connection of its own."""
    reader, writer = await asyncio.open_connection(LOCALHOST, web.port)
    try:
        writer.write(text)
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def get(web: Web, path: str, method: str = "GET") -> tuple[int, str, str]:
    """Return status, head and body."""
    answer = (
        await exchange(web, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    ).decode()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), head, body


async def test_metrics_are_prometheus_text(web: Web) -> None:
    """The page can be parsed; its connection ends, and leaves its place to a new one."""
    status, head, body = await get(web, "/metrics")
    assert status == 200
    assert "Content-Type: text/plain; version=" in head
    assert "Connection: close" in head
    (family,) = text_string_to_metric_families(body)
    assert [(s.name, s.labels, s.value) for s in family.samples] == [
        ("monitord_device_up", {"device": "fm1"}, 1.0)
    ]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9750", 200),
        ("[::1]:9750", 200),
        ("LOCALHOST:9750", 200),
        (f"{socket.gethostname()}:9750", 200),
        (f"{socket.gethostname().partition('.')[0]}.station.example:9750", 200),
        ("evil.example:9750", 421),
        ("127.0.0.1.evil.example", 421),
        ("[evil.example]", 421),
    ],
)
async def test_a_request_for_another_machine_is_refused(web: Web, host: str, status: int) -> None:
    """A page in a browser cannot read ours by a name that it lets point here."""
    for path in ("/metrics", "/-/ready"):
        text = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        assert (await exchange(web, text)).startswith(f"HTTP/1.1 {status}".encode())


@pytest.mark.parametrize(("path", "name"), [("/-/ready", "ready"), ("/-/healthy", "healthy")])
async def test_health_is_evaluated_at_each_request(
    web: Web, health: Health, path: str, name: str
) -> None:
    """200 while it is good, otherwise 503 and the reason in one line."""
    assert (await get(web, path))[::2] == (200, "ok\n")
    setattr(health, name, (False, "the record\ncannot be written"))
    assert (await get(web, path))[::2] == (503, "the record cannot be written\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/metrics/x", 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/-/ready", 405),
    ],
)
async def test_nothing_else_is_served(web: Web, method: str, path: str, status: int) -> None:
    """The pages are read only."""
    assert (await get(web, path, method))[0] == status


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\xff\x13" * 100,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 9000,
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n" + b"z" * 100_000,
    ],
    ids=["binary", "no_path", "version", "newlines", "long_path", "long_header", "long_body"],
)
async def test_garbage_does_no_harm(health: Health, text: bytes) -> None:
    """After any request the next one is served."""
    page = make(health, lasts_s=0.2)
    await page.start()
    answer = await exchange(page, text)
    assert not answer.startswith(b"HTTP/1.1 200")
    assert b"Traceback" not in answer
    async with asyncio.timeout(60):
        # On a slow machine a connection may end before its answer.
        while not (await exchange(page, READY)).startswith(b"HTTP/1.1 200"):
            pass
    await page.close()


async def test_a_slow_request_is_cut_off(health: Health) -> None:
    """A connection lives a bounded time, however it is kept busy."""
    page = make(health, lasts_s=0.1)
    await page.start()
    assert await exchange(page, b"GET /metrics HTTP/1.1\r\nHost:") == b""
    await page.close()


async def test_slow_requests_keep_no_others_out(web: Web) -> None:
    """When every place is taken the oldest connection goes, so a new one is always served."""
    slow = [await asyncio.open_connection(LOCALHOST, web.port) for _ in range(CONNECTIONS_MAX + 10)]
    for _, writer in slow:
        writer.write(b"GET /metrics HTTP/1.1\r\nHost:")
    assert (await get(web, "/metrics"))[0] == 200
    assert await slow[0][0].read() == b""
    for _, writer in slow:
        writer.close()


async def test_the_error_of_an_address_names_the_setting_to_change(
    web: Web, health: Health
) -> None:
    """A port in use, and an address that belongs to no machine: no traceback."""
    with pytest.raises(WebError, match=rf"{LOCALHOST}:{web.port}\b.*listen\.port"):
        await make(health, web.port).start()
    with pytest.raises(WebError, match=r"192\.0\.2\.1:0: .*listen\.address"):
        await make(health, host="192.0.2.1").start()


async def test_closing_frees_the_port_and_cuts_connections(health: Health) -> None:
    """A restart can use the port; no client delays the end of the daemon."""
    page = make(health, devices=20_000)
    await page.start()
    port = page.port
    with socket.create_connection((LOCALHOST, port)) as never_read:
        never_read.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await get(page, "/-/ready")
        await page.close()
        await page.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((LOCALHOST, port))
