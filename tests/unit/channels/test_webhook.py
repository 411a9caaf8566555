"""The webhook confirms only what was confirmed, whatever the other side does."""

from __future__ import annotations

import asyncio
import json
import socket
import traceback
from dataclasses import fields

import pytest

from monitord.channels import DeliveryError, Message
from monitord.channels.webhook import BODY_BYTES_MAX, WebhookChannel
from tests.support.posts import Desk, answer, drip, flood, message, never_read, reset
from tests.support.wire import LOCALHOST, Serve, StreamServer, free_port

AMPLE_S = 20.0
SOON_S = 0.3


async def failure(serve: Serve, deadline_s: float = AMPLE_S, path: str = "/") -> DeliveryError:
    """Return the error of one post to such a server."""
    async with StreamServer(serve) as server:
        channel = WebhookChannel(f"http://{LOCALHOST}:{server.port}{path}", deadline_s)
        with pytest.raises(DeliveryError) as caught:
            await channel.send(message())
    assert server.connections == 1, "a channel does not retry"
    assert f"{LOCALHOST}:{server.port}" in caught.value.detail
    return caught.value


async def delivered(reply: bytes) -> Desk:
    """Return the desk after one post it answered so."""
    desk = Desk(reply)
    async with StreamServer(desk.serve) as server:
        await WebhookChannel(f"http://{LOCALHOST}:{server.port}/", AMPLE_S).send(message())
    return desk


async def test_the_post_holds_exactly_the_fields_of_a_message() -> None:
    """Other programs read this JSON; docs/webhook.md lists the same fields."""
    desk = await delivered(answer(200))
    assert list(desk.posts[0]) == [field.name for field in fields(Message)]
    assert desk.posts[0] == message().fields()


async def test_the_body_is_utf_8_and_labelled_so() -> None:
    """Old receivers print JSON escapes as they are."""
    got: list[bytes] = []

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        got.append(await reader.readuntil(b"}"))
        writer.write(answer(200))

    async with StreamServer(keep) as server:
        await WebhookChannel(f"http://{LOCALHOST}:{server.port}/", AMPLE_S).send(message())
    assert b"application/json; charset=utf-8" in got[0]
    assert "停播".encode() in got[1]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"{}",
        b'{"errcode": 0, "errmsg": "ok"}',
        b'{"code": "0"}',
        b'{"code": null}',
        b"[1]",
        b"\xff\xfe",
        b"[" * 50_000,
        b"<html>" + b"x" * 2 * BODY_BYTES_MAX,
    ],
    ids=["empty", "text", "object", "robot", "quoted", "null", "list", "binary", "deep", "page"],
)
async def test_a_2xx_answer_without_an_error_code_is_delivered(body: bytes) -> None:
    """2xx confirms, unless the JSON body has an error code."""
    desk = await delivered(answer(200, body))
    assert len(desk.posts) == 1
    assert b"Connection: close" in desk.heads[0], "a kept connection goes stale overnight"


@pytest.mark.parametrize("key", ["errcode", "code"])
async def test_an_error_code_in_a_200_answer_is_not_delivered(key: str) -> None:
    """Chat robots answer 200 and put their error into the body."""
    body = json.dumps({key: 310000, "errmsg": "关键词不匹配", "msg": "x"}).encode()
    error = await failure(Desk(answer(200, body)).serve)
    assert not error.permanent
    assert "310000" in error.detail
    assert "关键词不匹配" in error.detail


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, True),
        (404, True),
        (413, True),
        (408, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
async def test_a_client_error_is_permanent_unless_a_retry_can_succeed(
    status: int, permanent: bool
) -> None:
    """408, 429 and errors of the server are temporary."""
    error = await failure(Desk(answer(status, b'{"message": "so it is"}')).serve)
    assert error.permanent is permanent
    assert str(status) in error.detail
    assert "so it is" in error.detail


async def test_a_redirect_is_not_followed() -> None:
    """The message goes to the configured address only."""
    other = Desk()
    async with StreamServer(other.serve) as elsewhere:
        location = f"Location: http://{LOCALHOST}:{elsewhere.port}/\r\n"
        error = await failure(Desk(answer(307, more=location)).serve)
    assert "redirect" in error.detail
    assert other.posts == []
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "text",
    [b"", b"HTTP/1.1 200 OK\r\nX-Y: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"],
    ids=["status_line", "headers", "body"],
)
async def test_a_slow_answer_ends_at_the_deadline(text: bytes) -> None:
    """One deadline is for the whole exchange; a byte does not extend it."""
    error = await failure(drip(text), SOON_S)
    assert not error.permanent


async def test_an_answer_that_never_comes_ends_at_the_deadline() -> None:
    """The error names the deadline."""
    error = await failure(never_read, SOON_S)
    assert "within 0.3 s" in error.detail


async def test_an_endless_body_is_read_up_to_the_limit() -> None:
    """Reading stops at the limit, and a longer JSON body confirms nothing."""
    head = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"a": "'
    error = await failure(flood(head))
    assert "not confirmed" in error.detail


@pytest.mark.parametrize(
    "serve",
    [
        Desk(b"SSH-2.0-OpenSSH_9.2\r\n").serve,
        Desk(b"\x00\xff" * 40).serve,
        Desk(b"HTTP/1.1 abc\r\n\r\n").serve,
        Desk(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n").serve,
        Desk(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{").serve,
        Desk(b"").serve,
        reset,
    ],
    ids=["ssh", "binary", "status", "endless_header", "cut_short", "nothing", "reset"],
)
async def test_an_incomplete_http_answer_is_a_temporary_failure(serve: Serve) -> None:
    """Only a complete answer confirms; after a dropped connection the message may have arrived."""
    assert not (await failure(serve)).permanent


async def test_a_refused_connection_is_reported_with_host_and_port() -> None:
    """The operator reads which server refused."""
    port = free_port(socket.SOCK_STREAM)
    with pytest.raises(DeliveryError, match=f"{port}: connection refused") as caught:
        await WebhookChannel(f"http://{LOCALHOST}:{port}/", AMPLE_S).send(message())
    assert not caught.value.permanent


@pytest.mark.parametrize("url", ["", "no address", "ftp://127.0.0.1/x", "http://", "http://[::1"])
async def test_an_invalid_url_is_a_permanent_failure(url: str) -> None:
    """A retry does not fix a wrong address."""
    with pytest.raises(DeliveryError) as caught:
        await WebhookChannel(url, AMPLE_S).send(message())
    assert caught.value.permanent


SECRET_PATH = "/hook/f00dcafe%20token?access_token=s3cr3t%2Bkey+plus&sign=abcd1234"
SECRETS = ("f00dcafe", "s3cr3t", "abcd1234", "access_token", "hunter2")


def robot(serve_body: dict[str, object], status: int = 200) -> Serve:
    return Desk(answer(status, json.dumps(serve_body).encode())).serve


@pytest.mark.parametrize(
    ("serve", "deadline_s"),
    [
        (reset, AMPLE_S),
        (never_read, SOON_S),
        (Desk(b"not http\r\n\r\n").serve, AMPLE_S),
        (Desk(answer(500)).serve, AMPLE_S),
        (robot({"errcode": 1, "errmsg": f"no robot at {SECRET_PATH}"}), AMPLE_S),
        (
            robot(
                {"errcode": "s3cr3t+key plus", "msg": "s3cr3t%2Bkey+plus s3cr3t+key plus abcd1234"}
            ),
            AMPLE_S,
        ),
        (robot({"message": "f00dcafe token unknown"}, 404), AMPLE_S),
    ],
    ids=["reset", "hang", "garbage", "500", "echoed_path", "echoed_values", "404"],
)
async def test_no_error_contains_a_secret_of_the_url(serve: Serve, deadline_s: float) -> None:
    """A chat robot's URL is its password: neither the provider's errors nor ours contain it."""
    error = await failure(serve, deadline_s, SECRET_PATH)
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.detail
    assert [secret for secret in SECRETS if secret in shown] == []


async def test_a_password_in_the_url_is_used_and_not_shown() -> None:
    """Basic authentication works and stays out of texts."""
    desk = Desk(answer(401, b'{"message": "hunter2 is wrong"}'))
    async with StreamServer(desk.serve) as server:
        channel = WebhookChannel(f"http://desk:hunter2@{LOCALHOST}:{server.port}/", AMPLE_S)
        with pytest.raises(DeliveryError) as caught:
            await channel.send(message())
    assert b"Basic " in desk.heads[0]
    assert "hunter2" not in f"{caught.value}"


async def test_a_providers_text_is_one_bounded_line() -> None:
    """A detail goes into log and record: one line, bounded."""
    error = await failure(robot({"errcode": 9, "errmsg": "a\nlevel=error\x1b[2J" + "y" * 5000}))
    assert error.detail.isprintable()
    assert len(error.detail) < 300
