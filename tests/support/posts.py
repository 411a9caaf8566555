"""An HTTP desk on 127.0.0.1 that takes posts and answers as a test asks, byte by byte."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from monitord.channels import Message
from tests.support.wire import Serve


def answer(status: int, body: bytes = b"", kind: str = "application/json", more: str = "") -> bytes:
    """Return a whole HTTP answer."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}"
    return head.encode() + b"\r\n" + body


class Desk:
    """Reads one post a connection, keeps head and JSON, then answers with ``reply``."""

    def __init__(self, reply: bytes = answer(200, b'{"errcode": 0}')) -> None:
        self.reply = reply
        self.heads: list[bytes] = []
        self.posts: list[dict[str, Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, body = await read_post(reader)
        self.heads.append(head)
        self.posts.append(json.loads(body))
        writer.write(self.reply)
        await writer.drain()


async def read_post(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return head and body of a post with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = [line.partition(b":") for line in head.split(b"\r\n")]
    length = next(int(value) for name, _, value in fields if name.lower() == b"content-length")
    return head, await reader.readexactly(length)


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take the post and never answer."""
    await read_post(reader)
    await asyncio.Event().wait()


async def never_read(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accept and do nothing."""
    await asyncio.Event().wait()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the post and drop the connection."""
    await read_post(reader)
    writer.transport.abort()


def drip(text: bytes) -> Serve:
    """Return a server that gives ``text`` byte by byte, for ever."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_post(reader)
        writer.write(text)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    return serve


def flood(head: bytes) -> Serve:
    """Return a server whose body never ends, as fast as it is taken."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_post(reader)
        writer.write(head)
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    return serve


TITLE = "【紧急】大别山发射台 县广播停播，3月1日03:00:01起，无载波。"


def message(**other: Any) -> Message:
    """Return a message as the composer would make it."""
    fields: dict[str, Any] = {
        "alert_id": "1-12-duty_desk-1-opened",
        "incident_id": "1-12",
        "event": "opened",
        "person": "duty_desk",
        "site": "dabie_hill",
        "programme": "county_fm",
        "observed": "bad:no_carrier",
        "column": "off_air",
        "reason": "no_carrier",
        "severity": "critical",
        "cause": "原因：发射机。",
        "title": TITLE,
        "action": "①看市电、空开。",
        "began_not_before": "2026-03-01T03:00:00+08:00",
        "began_not_after": "2026-03-01T03:00:01+08:00",
        "ended_not_before": None,
        "ended_not_after": None,
        "least_s": 1.5,
        "most_seen_s": 2.5,
        "most_s": 2.5,
        "drill": False,
        "unrecorded": False,
        "number": "512",
        "text": f"{TITLE}\n原因：发射机。\n单号512",
        "sms": "【大别山发射台】县广播停播，1日03:00:01起，无载波。到值机台确认",
        "spoken": "大别山发射台，县广播停播，1日3点0分1秒起，无载波。到值机台确认。",
        "members": [{"programme": "county_fm", "fault": "off_air"}],
        "devices_now": [{"device": "fm1", "name": "主发射机", "does": "no_output"}],
    }
    return Message(**(fields | other))
