"""``python -m simulators.demo``: the real daemon on two simulated devices and one scripted story.

Owns what the terminal shows and that everything started here ends here. Judges nothing itself.
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
from simulators.configuration import TIME_ZONE, Ports, free_port, write_configuration
from simulators.equipment import Equipment
from simulators.plant.faults import SECOND
from simulators.plant.site import Site
from simulators.story import ONE_EVENING, Story, untold

MONITORD = (sys.executable, "-m", "monitord", "run")
COMMUNITY = "demonstration"
_POLLS_WITHIN_S = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class DaemonError(Exception):
    """The daemon did not do what the demonstration needs of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the story; the exit code is 0 for told, or ended by Ctrl-C, and 1 otherwise."""
    options = parser().parse_args(arguments)
    return asyncio.run(play(ONE_EVENING, options.seconds))


def parser() -> argparse.ArgumentParser:
    """Return the command line of the demonstration."""
    result = argparse.ArgumentParser(
        prog="python -m simulators.demo",
        description="Runs monitord on two simulated devices and plays one evening of faults. "
        "It stays up until Ctrl-C, which ends everything.",
    )
    result.add_argument(
        "--seconds",
        type=_seconds,
        metavar="N",
        help="end after N seconds of the story: exit code 0 when every outage due until then "
        "was told as opened and as recovered, else 1",
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
    story: Story,
    seconds: float | None,
    *,
    command: Sequence[str] = MONITORD,
    write: Say | None = None,
) -> int:
    """Run ``command`` with a configuration file against the story's plant; return the exit code.

    ``seconds``: how long the story goes, None until a signal. Every process, socket and file made
    here is gone at the return.
    """
    write = write or _write_to_terminal
    async with AsyncExitStack() as stack:
        stopping = stack.enter_context(_Signals()).received
        stage = await stack.enter_async_context(_stage(story, command, write))
        try:
            ended_by_signal = await _run(story, seconds, stage, stopping)
        except DaemonError as error:
            write(_failure(str(error), stage.daemon))
            return 1
        if await stage.daemon.stop() != 0:
            write(_failure("the daemon did not end in order", stage.daemon))
            return 1
        if ended_by_signal or seconds is None:
            return 0
        return _judge(story, seconds, stage)


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
    """What the story is played on."""

    def __init__(
        self, clock: PlantClock, equipment: Equipment, sink: WebhookSink, daemon: Child, say: Say
    ) -> None:
        self.clock = clock
        self.equipment = equipment
        self.sink = sink
        self.daemon = daemon
        self.say = say


@asynccontextmanager
async def _stage(story: Story, command: Sequence[str], write: Say) -> AsyncIterator[_Stage]:
    """Start devices, webhook and daemon; end them in the reverse order whatever happens."""
    clock = PlantClock(TIME_ZONE)

    def say(text: str) -> None:
        write(f"{clock.label()}  {text}")

    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="monitord-demo-")))
        equipment = Equipment(Site(story.faults), clock, COMMUNITY)
        stack.push_async_callback(equipment.stop)
        await equipment.start()
        sink = WebhookSink(on_message=lambda message: say(f"webhook  {_message_line(message)}"))
        stack.push_async_callback(sink.stop)
        await sink.start()
        ports = Ports(equipment.snmp.port, equipment.modbus.port, free_port())
        path = write_configuration(folder, ports, COMMUNITY, sink.url)
        say(f"demo     fm1: SNMP 127.0.0.1:{ports.snmp}  room_io: Modbus 127.0.0.1:{ports.modbus}")
        say(f"demo     http://127.0.0.1:{ports.listen}/metrics  {path}")
        daemon = await start_child((*command, str(path)), lambda line: say(f"monitord {line}"))
        stack.push_async_callback(daemon.stop)
        yield _Stage(clock, equipment, sink, daemon, say)


async def _run(story: Story, seconds: float | None, stage: _Stage, stopping: asyncio.Event) -> bool:
    """Play until the time is over or a signal comes; return whether a signal did.

    Raises DaemonError when the daemon ends or does not begin.
    """
    telling = asyncio.create_task(_tell(story, seconds, stage))
    stopped = asyncio.create_task(stopping.wait())
    ended = asyncio.create_task(stage.daemon.wait())
    tasks = (telling, stopped, ended)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            return True
        if ended.done():
            raise DaemonError(f"the daemon ended by itself with exit code {ended.result()}")
        await telling
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _tell(story: Story, seconds: float | None, stage: _Stage) -> None:
    """Begin the story at the daemon's first question and say each scene at its time."""
    try:
        async with asyncio.timeout(_POLLS_WITHIN_S):
            await stage.equipment.polled.wait()
    except TimeoutError:
        message = f"the daemon asked no device within {_POLLS_WITHIN_S:g} s"
        raise DaemonError(message) from None
    stage.clock.begin()
    for scene in story.scenes:
        if seconds is not None and scene.at > seconds * SECOND:
            break
        await stage.clock.sleep_until(scene.at)
        stage.say(f"plant    {scene.zh} / {scene.en}")
    if seconds is None:
        await asyncio.Event().wait()
    else:
        await stage.clock.sleep_until(round(seconds * SECOND))


def _judge(story: Story, seconds: float, stage: _Stage) -> int:
    """Say whether everything due was told; return the exit code."""
    missing = untold(story, stage.sink.messages, round(seconds * SECOND))
    for line in missing:
        stage.say(f"demo     {line}")
    if not missing:
        stage.say("demo     every outage was told as opened and as recovered")
    return 1 if missing else 0


def _message_line(message: dict[str, Any]) -> str:
    """Return a message as one line: what it says, and when the outage began and ended."""
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
