"""``python -m simulators.demo``: the real daemon on a simulated station and one scripted story.

Owns the terminal's output, and the end of everything that it starts.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from simulators.agents.sink import WebhookSink
from simulators.child import Child, start_child
from simulators.clock import PlantClock
from simulators.configuration import TIME_ZONE, free_port
from simulators.plant.faults import SECOND
from simulators.plays import CountyPlay, EveningPlay, Play, Write
from simulators.site_file import COUNTY_SITE, FileError, read_site
from simulators.story import ONE_EVENING, Story
from simulators.story_file import FULL_STORY, read_story
from simulators.terminal import typed_lines

MONITORD = (sys.executable, "-m", "monitord", "run")
_POLLS_WITHIN_S = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

MakePlay = Callable[[PlantClock], Play]


class DaemonError(Exception):
    """The daemon failed in a way that ends the demonstration."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the story; the exit code is 0 when all was reported or Ctrl-C came, else 1."""
    options = parser().parse_args(arguments)
    try:
        story = ONE_EVENING if options.small else county_play(options.site, options.story)
        return asyncio.run(play(story, options.seconds))
    except (FileError, OSError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def county_play(site: Path, story: Path) -> MakePlay:
    """Return a factory of the play. Raises FileError for a mistake in either file."""
    layout = read_site(site)
    read = read_story(story, layout)
    return lambda clock: CountyPlay(layout, read, clock)


def parser() -> argparse.ArgumentParser:
    """Return the command line of the demonstration."""
    result = argparse.ArgumentParser(
        prog="python -m simulators.demo",
        description="Runs monitord on a simulated county station of fifty-two devices and plays a "
        "story of faults. It stays up until Ctrl-C, which ends everything; until then faults can "
        "be typed (help says how).",
    )
    result.add_argument("--story", type=Path, default=FULL_STORY, help="default: %(default)s")
    result.add_argument("--site", type=Path, default=COUNTY_SITE, help="default: %(default)s")
    result.add_argument(
        "--small", action="store_true", help="two devices and one evening of faults instead"
    )
    result.add_argument(
        "--seconds",
        type=_seconds,
        metavar="N",
        help="end after N seconds of the story: exit code 0 when every outage due until then "
        "was reported as opened and as recovered, else 1",
    )
    return result


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


async def play(
    story: Story | MakePlay,
    seconds: float | None,
    *,
    command: Sequence[str] = MONITORD,
    write: Write | None = None,
) -> int:
    """Run ``command`` with a configuration file against the story's plant; return the exit code.

    ``seconds``: how long the story lasts, None until a signal. Every process, socket and file made
    here is gone at the return.
    """
    write = write or _write_to_terminal
    async with AsyncExitStack() as stack:
        stopping = stack.enter_context(_Signals()).received
        stage = await stack.enter_async_context(_stage(story, command, write))
        try:
            ended_by_signal = await _run(seconds, stage, stopping)
        except DaemonError as error:
            write(_failure(str(error), stage.daemon))
            return 1
        if await stage.daemon.stop() != 0:
            write(_failure("the daemon did not end in order", stage.daemon))
            return 1
        if ended_by_signal or seconds is None:
            return 0
        return _exit_code(seconds, stage)


class _Signals:
    """While entered, signals that would end this process set ``received`` instead."""

    def __init__(self) -> None:
        self.received = asyncio.Event()

    def __enter__(self) -> _Signals:
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.received.set)
        return self

    def __exit__(self, *_: object) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)


class _Stage:
    """The running parts of a demonstration."""

    def __init__(
        self, clock: PlantClock, plant: Play, sink: WebhookSink, daemon: Child, say: Write
    ) -> None:
        self.clock = clock
        self.plant = plant
        self.sink = sink
        self.daemon = daemon
        self.say = say


@asynccontextmanager
async def _stage(
    story: Story | MakePlay, command: Sequence[str], write: Write
) -> AsyncIterator[_Stage]:
    """Start devices, webhook and daemon; end them in the reverse order whatever happens."""
    clock = PlantClock(TIME_ZONE)

    def say(text: str) -> None:
        write(f"{clock.label()}  {text}")

    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="monitord-demo-")))
        plant = EveningPlay(story, clock) if isinstance(story, Story) else story(clock)
        stack.push_async_callback(plant.stop)
        await plant.start()
        sink = WebhookSink(on_message=lambda message: say(f"webhook  {_message_line(message)}"))
        stack.push_async_callback(sink.stop)
        await sink.start()
        listen = free_port()
        path = plant.write_configuration(folder, sink.url, listen)
        for line in plant.describe():
            say(f"demo     {line}")
        say(f"demo     http://127.0.0.1:{listen}/metrics  {path}")
        daemon = await start_child((*command, str(path)), lambda line: say(f"monitord {line}"))
        stack.push_async_callback(daemon.stop)
        if sys.stdin is not None and sys.stdin.isatty():
            await stack.enter_async_context(typed_lines(lambda line: _carry_out(plant, line, say)))
        yield _Stage(clock, plant, sink, daemon, say)


def _carry_out(plant: Play, line: str, say: Write) -> None:
    if answer := plant.carry_out(line):
        say(f"demo     {answer}")


async def _run(seconds: float | None, stage: _Stage, stopping: asyncio.Event) -> bool:
    """Play until the time is over or a signal comes; return whether a signal did.

    Raises DaemonError when the daemon ends or does not begin.
    """
    playing = asyncio.create_task(_play_story(seconds, stage))
    stopped = asyncio.create_task(stopping.wait())
    ended = asyncio.create_task(stage.daemon.wait())
    tasks = (playing, stopped, ended)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            return True
        if ended.done():
            raise DaemonError(f"the daemon ended by itself with exit code {ended.result()}")
        await playing
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _play_story(seconds: float | None, stage: _Stage) -> None:
    """Begin the story at the daemon's first request and write its events at their times."""
    try:
        async with asyncio.timeout(_POLLS_WITHIN_S):
            await stage.plant.polled.wait()
    except TimeoutError:
        message = f"the daemon polled no device within {_POLLS_WITHIN_S:g} s"
        raise DaemonError(message) from None
    stage.clock.begin()
    until = None if seconds is None else round(seconds * SECOND)
    await stage.plant.print_log(until, stage.say)


def _exit_code(seconds: float, stage: _Stage) -> int:
    """Write the missing reports, if any; return the exit code."""
    missing = stage.plant.missing_reports(stage.sink.messages, round(seconds * SECOND))
    for line in missing:
        stage.say(f"demo     {line}")
    if not missing:
        stage.say("demo     every outage was reported as opened and as recovered")
    return 1 if missing else 0


def _message_line(message: dict[str, Any]) -> str:
    """Return a message as one line, with when the outage began and ended."""
    began = _bounds(message, "began")
    ended = _bounds(message, "ended")
    times = f"began {began}" + (f", ended {ended}" if ended else "")
    return f"{message.get('event')} -> {message.get('person')}: {message.get('title')} [{times}]"


def _bounds(message: dict[str, Any], which: str) -> str:
    """Return both bounds as times of day; one where they are equal, nothing where unknown."""
    bounds = [message.get(f"{which}_{bound}") for bound in ("not_before", "not_after")]
    times = dict.fromkeys(str(bound)[11:19] for bound in bounds if bound)
    return "..".join(times)


def _failure(what: str, daemon: Child) -> str:
    """Return what went wrong with the end of what the daemon wrote."""
    lines = [f"demo: {what}. Its last lines:", *(f"    {line}" for line in daemon.last_lines)]
    return "\n".join(lines if daemon.last_lines else [f"demo: {what}, and wrote nothing."])


def _write_to_terminal(text: str) -> None:
    # A terminal without Chinese letters shows their codes rather than ending the demonstration.
    known = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(known, errors="backslashreplace").decode(known) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
