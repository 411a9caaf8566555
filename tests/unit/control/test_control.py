"""The local socket: one line asked, one answered, and nobody can hold or hurt the daemon by it."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from monitord.control.transport import (
    CONNECTIONS_MAX,
    NAME,
    REQUEST_BYTES_MAX,
    Control,
    ControlError,
    NoDaemonError,
    ask,
)


async def echo(request: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "echo": request.get("word")}


async def fail(request: dict[str, Any]) -> dict[str, Any]:
    raise ZeroDivisionError


@asynccontextmanager
async def listening(folder: Path, lasts_s: float = 10) -> AsyncIterator[Control]:
    control = Control(folder, {"echo": echo, "fail": fail}, connection_s_max=lasts_s)
    await control.start()
    try:
        yield control
    finally:
        await control.close()


async def asked(folder: Path, **request: object) -> dict[str, Any]:
    return await asyncio.to_thread(ask, folder, request)


async def closed(*writers: asyncio.StreamWriter) -> None:
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def sent(folder: Path, line: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(folder / NAME)
    writer.write(line)
    answer = json.loads(await reader.readline())
    await closed(writer)
    assert isinstance(answer, dict)
    return answer


async def test_a_question_is_answered(tmp_path: Path) -> None:
    """One JSON line there, one back, whatever the letters."""
    async with listening(tmp_path):
        assert await asked(tmp_path, command="echo", word="停播") == {"ok": True, "echo": "停播"}


async def test_only_the_owner_may_ask(tmp_path: Path) -> None:
    """An acknowledgement carries a name; strangers on the machine must not give one."""
    async with listening(tmp_path):
        mode = (tmp_path / NAME).stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600


async def test_the_socket_is_gone_at_the_end(tmp_path: Path) -> None:
    """Whoever asks then is told that nobody listens."""
    async with listening(tmp_path) as control:
        pass
    await control.close()
    assert not (tmp_path / NAME).exists()
    with pytest.raises(NoDaemonError):
        ask(tmp_path, {"command": "echo"})


async def test_a_dead_daemons_socket_is_replaced(tmp_path: Path) -> None:
    """A killed daemon leaves its socket behind: nobody listens on it, and the next one takes it."""
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(tmp_path / NAME))
    with pytest.raises(NoDaemonError):
        ask(tmp_path, {"command": "echo"})
    async with listening(tmp_path):
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    """What is not ours is not deleted; its owner is told."""
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(ControlError, match="move it elsewhere"):
        async with listening(tmp_path):
            pass
    assert (tmp_path / NAME).read_text() == "mine"


async def test_a_successors_socket_is_not_removed(tmp_path: Path) -> None:
    """The name may be another daemon's by the time the first one ends."""
    async with listening(tmp_path) as first, listening(tmp_path):
        await first.close()
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_a_folder_with_a_long_name_works(tmp_path: Path) -> None:
    """A socket's own path has room for 107 bytes only."""
    folder = tmp_path / ("f" * 100) / ("g" * 100)
    folder.mkdir(parents=True)
    async with listening(folder):
        assert (await asked(folder, command="echo"))["ok"]


async def test_a_folder_that_is_not_there_means_no_daemon(tmp_path: Path) -> None:
    """Nothing has ever run there."""
    with pytest.raises(NoDaemonError):
        ask(tmp_path / "none", {})
    with pytest.raises(ControlError):
        await Control(tmp_path / "none", {}).start()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{}\n", "unknown_command"),
        (b'{"command": "dance"}\n', "unknown_command"),
        (b'{"command": ["echo"]}\n', "unknown_command"),
        (b"[1]\n", "unknown_command"),
        (b"hello\n", "no_json"),
        (b"\xff\xfe\n", "no_json"),
        (b"[" * 4000 + b"\n", "no_json"),
        (b"x" * (REQUEST_BYTES_MAX + 1), "too_long"),
    ],
)
async def test_nonsense_is_refused_by_a_code(tmp_path: Path, line: bytes, code: str) -> None:
    """And the next question is answered."""
    async with listening(tmp_path):
        answer = await sent(tmp_path, line)
        assert (answer["ok"], answer["error"]["code"]) == (False, code)
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_a_mistake_in_an_answer_is_only_that(tmp_path: Path) -> None:
    """The daemon goes on, and says no more than that it failed."""
    async with listening(tmp_path):
        answer = await asked(tmp_path, command="fail")
        assert answer == {"ok": False, "error": {"code": "failed"}}
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_whoever_hangs_is_cut_and_others_are_answered(tmp_path: Path) -> None:
    """A connection lives only so long, whether it asks nothing or half a question."""
    async with listening(tmp_path, lasts_s=0.2):
        mute, _mute = await asyncio.open_unix_connection(tmp_path / NAME)
        half, half_writer = await asyncio.open_unix_connection(tmp_path / NAME)
        half_writer.write(b'{"command"')
        assert (await asked(tmp_path, command="echo"))["ok"]
        async with asyncio.timeout(10):
            assert await mute.read() == b""
            assert await half.read() == b""
        await closed(_mute, half_writer)


async def test_when_all_places_are_taken_the_oldest_goes(tmp_path: Path) -> None:
    """Nobody can hold the door by opening connections and asking nothing."""
    async with listening(tmp_path):
        holding = [
            await asyncio.open_unix_connection(tmp_path / NAME) for _ in range(CONNECTIONS_MAX)
        ]
        assert (await asked(tmp_path, command="echo"))["ok"]
        async with asyncio.timeout(10):
            assert await holding[0][0].read() == b""
        await closed(*(writer for _, writer in holding))


async def test_an_end_does_not_wait_for_whoever_hangs(tmp_path: Path) -> None:
    """A daemon told to end ends, with a mute client still connected."""
    async with listening(tmp_path) as control:
        reader, writer = await asyncio.open_unix_connection(tmp_path / NAME)
        assert (await asked(tmp_path, command="echo"))["ok"]  # the mute one was let in before
        async with asyncio.timeout(10):
            await control.close()
            assert await reader.read() == b""
        await closed(writer)


@pytest.mark.parametrize("answer", [b"", b"{", b"[]\n", b"\xff\n"])
async def test_what_is_no_answer_is_said_to_be_none(tmp_path: Path, answer: bytes) -> None:
    """The asker gets words, never a traceback."""

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        await closed(writer)

    async with await asyncio.start_unix_server(nonsense, tmp_path / NAME):
        with pytest.raises(ControlError, match=NAME):
            await asked(tmp_path, command="echo")


async def test_a_daemon_that_never_answers_is_given_up(tmp_path: Path) -> None:
    """A command must end, also where the daemon hangs."""
    with closing(socket.socket(socket.AF_UNIX)) as deaf:
        deaf.bind(str(tmp_path / NAME))
        deaf.listen()
        with pytest.raises(ControlError, match=r"no answer within 0\.05 s"):
            await asyncio.to_thread(ask, tmp_path, {}, within_s=0.05)
