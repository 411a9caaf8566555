"""The control socket: one object asked, one answered; no client can block or harm the daemon."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitord.control.client import ask
from monitord.control.model import ControlError, NoDaemonError
from monitord.control.server import CONNECTIONS_MAX, REQUEST_BYTES_MAX, Control, open_control
from monitord.control.socket_file import NAME

LOOK_EVERY_S = 0.01
PATIENCE_S = 60.0
"""Ends only a test that hangs."""


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


async def exchange(folder: Path, text: bytes) -> bytes:
    """Return all that comes back on a connection of its own."""
    reader, writer = await asyncio.open_unix_connection(folder / NAME)
    try:
        writer.write(text)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        await closed(writer)


def post(body: bytes) -> bytes:
    """Return a request as an HTTP client of any kind sends it."""
    return f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def posted(folder: Path, body: bytes) -> dict[str, Any]:
    """Return the answer to a body."""
    answer = json.loads((await exchange(folder, post(body))).partition(b"\r\n\r\n")[2])
    assert isinstance(answer, dict)
    return answer


async def test_a_question_of_the_owner_is_answered(tmp_path: Path) -> None:
    """One JSON object there, one back; other accounts on the machine must not acknowledge."""
    async with listening(tmp_path):
        assert await asked(tmp_path, command="echo", word="停播") == {"ok": True, "echo": "停播"}
        mode = (tmp_path / NAME).stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600


async def test_the_socket_is_gone_at_the_end(tmp_path: Path) -> None:
    """A client then gets the error that no daemon listens."""
    async with listening(tmp_path) as control:
        pass
    await control.close()
    assert not (tmp_path / NAME).exists()
    with pytest.raises(NoDaemonError):
        await asked(tmp_path, command="echo")


async def test_a_dead_daemons_socket_is_replaced(tmp_path: Path) -> None:
    """A killed daemon leaves its socket file; the next daemon replaces it."""
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(tmp_path / NAME))
    with pytest.raises(NoDaemonError):
        await asked(tmp_path, command="echo")
    async with listening(tmp_path):
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    """A file that is not ours is not deleted; the error names the way out."""
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


def no_folder(folder: Path) -> None:
    folder.rmdir()


def in_the_way(folder: Path) -> None:
    (folder / NAME).write_text("a note", encoding="utf-8")


def no_file(folder: Path) -> None:
    (folder / NAME).unlink()


def folder_and_all(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize("before", [no_folder, in_the_way])
async def test_a_socket_that_cannot_be_made_is_made_when_it_can(
    tmp_path: Path, before: Callable[[Path], None]
) -> None:
    """Nothing of the record changes meanwhile; one error is logged, and the end of it."""
    folder = tmp_path / "record"
    folder.mkdir()
    before(folder)
    with capture_logs() as logged:
        async with kept_open(folder):
            await asyncio.sleep(10 * LOOK_EVERY_S)
            with suppress(FileNotFoundError):
                (folder / NAME).unlink()
            folder.mkdir(exist_ok=True)
            await until_asked(folder)
    assert [one["event"] for one in logged] == ["control_not_available", "control_available_again"]


@pytest.mark.parametrize("away", [no_file, folder_and_all])
async def test_a_socket_whose_file_is_removed_is_made_again(
    tmp_path: Path, away: Callable[[Path], None]
) -> None:
    """Nobody says that the record was replaced: it may be whole, and its folder another one."""
    folder = tmp_path / "record"
    folder.mkdir()
    async with kept_open(folder):
        await until_asked(folder)
        away(folder)
        folder.mkdir(exist_ok=True)
        await until_asked(folder)


@asynccontextmanager
async def kept_open(folder: Path) -> AsyncIterator[None]:
    control = await open_control(folder, {"echo": echo}, look_every_s=LOOK_EVERY_S)
    keeping = asyncio.create_task(control.reopen_after(asyncio.Event()))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        await control.close()


async def until_asked(folder: Path) -> None:
    """Ask until there is an answer."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(ControlError):
                assert await asked(folder, command="echo", word="again")
                return
            await asyncio.sleep(LOOK_EVERY_S)


async def test_a_folder_with_a_long_name_works(tmp_path: Path) -> None:
    """A socket's own path has room for 107 bytes only."""
    folder = tmp_path / ("f" * 100) / ("g" * 100)
    folder.mkdir(parents=True)
    async with listening(folder):
        assert (await asked(folder, command="echo"))["ok"]


async def test_a_folder_that_is_not_there_means_no_daemon(tmp_path: Path) -> None:
    """No daemon has ever run there."""
    with pytest.raises(NoDaemonError):
        await asked(tmp_path / "none")
    with pytest.raises(ControlError):
        await Control(tmp_path / "none", {}).start()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", "unknown_command"),
        (b'{"command": "dance"}', "unknown_command"),
        (b'{"command": ["echo"]}', "unknown_command"),
        (b"[1]", "unknown_command"),
        (b"hello", "no_json"),
        (b"\xff\xfe", "no_json"),
        (b"[" * 4000, "no_json"),
        (b'{"command": "echo", "incident": "\\ud800"}', "no_json"),
        (b"x" * (REQUEST_BYTES_MAX + 1), "too_long"),
    ],
)
async def test_a_bad_request_is_rejected_with_a_code(
    tmp_path: Path, body: bytes, code: str
) -> None:
    """The next request is answered."""
    async with listening(tmp_path):
        answer = await posted(tmp_path, body)
        assert (answer["ok"], answer["error"]["code"]) == (False, code)
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_a_defect_in_a_command_is_answered_as_failed(tmp_path: Path) -> None:
    """The daemon goes on; the answer says only that the command failed."""
    async with listening(tmp_path):
        answer = await asked(tmp_path, command="fail")
        assert answer == {"ok": False, "error": {"code": "failed"}}
        assert (await asked(tmp_path, command="echo"))["ok"]


@pytest.mark.parametrize(
    "text",
    [
        b'{"command": "status"}\n',
        b"\x00\xff\x13" * 100,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["no_http", "binary", "get", "long_path", "long_header"],
)
async def test_what_is_not_a_post_of_ours_gets_no_answer_of_a_command(
    tmp_path: Path, text: bytes
) -> None:
    """It loses its own connection; the next request is answered."""
    async with listening(tmp_path):
        answer = await exchange(tmp_path, text)
        assert not answer.startswith(b"HTTP/1.1 200")
        assert b"Traceback" not in answer
        assert (await asked(tmp_path, command="echo"))["ok"]


async def test_a_client_that_hangs_is_disconnected(tmp_path: Path) -> None:
    """A connection lives a bounded time, whether it sends nothing or half a request."""
    async with listening(tmp_path, lasts_s=0.2), asyncio.timeout(60):
        assert await exchange(tmp_path, b"") == b""
        assert await exchange(tmp_path, b"POST / HTTP/1.1\r\nHost:") == b""
        body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{"
        assert await exchange(tmp_path, body) == b""


async def test_a_command_ends_when_its_client_is_gone(tmp_path: Path) -> None:
    """Clients that give up and ask again do not fill the daemon with commands that wait."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait(_: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return {}

    control = Control(tmp_path, {"wait": wait})
    await control.start()
    _, writer = await asyncio.open_unix_connection(tmp_path / NAME)
    writer.write(post(b'{"command": "wait"}'))
    async with asyncio.timeout(60):
        await begun.wait()
        await closed(writer)
        await ended.wait()
    await control.close()


async def test_when_all_places_are_taken_the_oldest_goes(tmp_path: Path) -> None:
    """A client that opens connections and sends nothing keeps no other out."""
    async with listening(tmp_path):
        holding = [
            await asyncio.open_unix_connection(tmp_path / NAME) for _ in range(CONNECTIONS_MAX)
        ]
        assert (await asked(tmp_path, command="echo"))["ok"]
        async with asyncio.timeout(10):
            assert await holding[0][0].read() == b""
        await closed(*(writer for _, writer in holding))


async def test_closing_does_not_wait_for_a_client_that_hangs(tmp_path: Path) -> None:
    """The daemon ends although a silent client is connected."""
    async with listening(tmp_path) as control:
        reader, writer = await asyncio.open_unix_connection(tmp_path / NAME)
        assert (await asked(tmp_path, command="echo"))["ok"]  # the mute one was let in before
        async with asyncio.timeout(10):
            await control.close()
            assert await reader.read() == b""
        await closed(writer)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{\n",
        b"\xff\n",
        HEAD,
        HEAD + b"[]",
        HEAD + b"\xff\xff",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["nothing", "old_daemon", "binary", "cut_off", "no_object", "no_text", "another_server"],
)
async def test_a_bad_answer_is_reported_in_words(tmp_path: Path, answer: bytes) -> None:
    """The operator reads what to do, never a traceback."""

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
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
