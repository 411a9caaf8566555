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


async def test_a_message_is_a_block_of_its_lines_with_the_severity_and_the_core_first() -> None:
    """At 03:00 the severity is read first (WORDING B, Full: the number, and no id of a message)."""
    assert (await shown()).splitlines() == [
        "【紧急】大别山发射台 县广播停播，3月1日03:00:01起，无载波。",
        "    原因：发射机。",
        "    单号512",
    ]


async def test_empty_lines_are_left_out() -> None:
    """A message without a cause or a number is a shorter block."""
    assert (await shown(text="a\n \n\nb")).splitlines() == ["a", "    b"]
    assert (await shown(text="a")).splitlines() == ["a"]


async def test_a_name_cannot_control_the_terminal() -> None:
    """Control characters are printed as spaces; only the composer begins a line."""
    text = await shown(text="a\x1b[2Jb\x85c\rd\ne\u2028f")
    assert text.splitlines() == ["a [2Jb c d", "    e f"]


async def test_a_terminal_without_chinese_still_gets_the_message() -> None:
    """A letter that it cannot print becomes an escape code."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    await ConsoleChannel(stream, 20).send(message(text="停播 98.6"))
    assert raw.getvalue().startswith(b"\\u505c\\u64ad 98.6\n")


async def test_messages_are_written_to_a_regular_file(tmp_path: Path) -> None:
    """Standard output may be redirected into a file."""
    path = tmp_path / "console.txt"
    with path.open("w", encoding="utf-8") as stream:
        await ConsoleChannel(stream, 20).send(message())
        assert path.read_text(encoding="utf-8").startswith("【紧急】大别山发射台")


async def test_long_messages_pass_a_pipe_complete_and_one_after_the_other() -> None:
    """Each piece fits into a writable pipe without blocking; two messages do not mix."""
    read, written = os.pipe()
    with os.fdopen(read, encoding="utf-8") as reader:
        reading = asyncio.create_task(asyncio.to_thread(reader.read))
        with os.fdopen(written, "w", encoding="utf-8") as stream:
            channel = ConsoleChannel(stream, 60)
            await asyncio.gather(
                channel.send(message(text="看" * 60_000)),
                channel.send(message(text="听" * 60_000)),
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
