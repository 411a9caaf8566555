"""The console shows a message as lines a person can read, on any terminal."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest

from monitord.channels import DeliveryError
from monitord.channels.console import ConsoleChannel
from tests.support.posts import message


async def shown(**other: str | None) -> str:
    stream = io.StringIO()
    await ConsoleChannel(stream, 20).send(message(**other))
    return stream.getvalue()


async def test_a_message_is_a_block_with_the_severity_and_the_title_first() -> None:
    """At 03:00 the severity is read first."""
    assert (await shown()).splitlines() == [
        "[critical] 大别山发射台：县广播停播（无载波），始于03:00:01。",
        "    原因：发射机。",
        "    立即到发射机前看面板。",
        "    1-12-duty_desk-1-opened",
    ]


async def test_empty_parts_leave_no_empty_lines() -> None:
    """A message without an action or an id is a shorter block."""
    assert len((await shown(action="", cause=" ")).splitlines()) == 2
    assert len((await shown(action="", cause=" ", alert_id=None)).splitlines()) == 1


async def test_a_name_cannot_control_the_terminal() -> None:
    """Control characters are printed as spaces."""
    text = await shown(title="a\x1b[2Jb\nc\rd")
    assert text.splitlines()[0] == "[critical] a [2Jb c d"


async def test_a_terminal_without_chinese_still_gets_the_message() -> None:
    """A letter that it cannot print becomes an escape code."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    await ConsoleChannel(stream, 20).send(message(title="停播 98.6"))
    assert raw.getvalue().startswith(b"[critical] \\u505c\\u64ad 98.6\n")


async def test_messages_are_written_to_a_regular_file(tmp_path: Path) -> None:
    """Standard output may be redirected into a file."""
    path = tmp_path / "console.txt"
    with path.open("w", encoding="utf-8") as stream:
        await ConsoleChannel(stream, 20).send(message())
        assert path.read_text(encoding="utf-8").startswith("[critical] 大别山发射台")


async def test_long_messages_pass_a_pipe_complete_and_one_after_the_other() -> None:
    """Each piece fits into a writable pipe without blocking; two messages do not mix."""
    read, written = os.pipe()
    with os.fdopen(read, encoding="utf-8") as reader:
        reading = asyncio.create_task(asyncio.to_thread(reader.read))
        with os.fdopen(written, "w", encoding="utf-8") as stream:
            channel = ConsoleChannel(stream, 60)
            await asyncio.gather(
                channel.send(message(action="看" * 60_000)),
                channel.send(message(action="听" * 60_000)),
            )
        text = await reading
    assert "看" * 60_000 in text
    assert "听" * 60_000 in text


async def test_a_closed_stream_is_a_delivery_error() -> None:
    """The daemon goes on after its standard output is closed."""
    stream = io.StringIO()
    stream.close()
    with pytest.raises(DeliveryError, match="closed"):
        await ConsoleChannel(stream, 20).send(message())
