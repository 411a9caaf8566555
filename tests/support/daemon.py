"""The daemon as a process on real sockets, and what a test needs to watch it from outside.

Owns children and their ends. Judges nothing but what must hold in every run: no secret and no
traceback in anything the daemon shows.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import yaml
from prometheus_client.parser import text_string_to_metric_families

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from simulators.agents.sink import WebhookSink
from tests.support.wire import LOCALHOST, free_port

T = TypeVar("T")

COMMUNITY = "c0mmunity-of-the-hill"
TOKEN = "t0ken-of-the-desk"
SECRETS = (COMMUNITY, TOKEN)
"""What no daemon may show, in whatever run."""

RUN = (sys.executable, "-m", "monitord", "run")
ENDS_WITHIN_S = 20.0
PATIENCE_S = 60.0
"""Only ends a test that hangs; no verdict depends on it."""
LOOK_EVERY_S = 0.05
MANY_LINES = 2_000

BRANCH = (1, 3, 6, 1, 4, 1, 99999, 1)
"""Below it the tests' own transmitter: .1.0 is its forward power in watts."""
POWER = (*BRANCH, 1, 0)

Section = dict[str, Any]

CONTINUITY: Section = {"continuity_bound": "3s"}
"""Equal answers so far apart are one piece: a slow machine makes no blind time between them."""
BLIND_LATE: Section = {"open_after": "5m", "clear_after": "1s", "severity": "major"}
"""A restart on a slow machine opens no incident of its own. Tests of blindness have it sooner."""


def dotted(oid: Iterable[int]) -> str:
    """Return an OID as text."""
    return ".".join(map(str, oid))


# What the YAML contains.


def transmitter(port: int, *, name: str = "发射机", secret: str = "fm1", **other: Any) -> Section:
    """Return a device whose forward power is polled over SNMP; 100 W is radiating.

    ``CONTINUITY``: unless ``other`` has its own pace, a busy machine blinds no device that answers.
    """
    return {
        "name": name,
        **({} if "poll_every" in other else CONTINUITY),
        "poll_every": "200ms",
        "snmp": {
            "address": LOCALHOST,
            "port": port,
            "version": "2c",
            "community_file": f"secrets/{secret}",
        },
        "points": {"forward_power_w": {"oid": dotted(POWER), "unit": "W"}},
        "conditions": {
            "radiating": {
                "layer": "emission",
                "reason": "no_carrier",
                "true_when": "forward_power_w >= 100",
            }
        },
    } | other


def profiled(port: int, profile: str, **other: Any) -> Section:
    """Return a device as ``transmitter`` does, whose points and conditions are a profile's."""
    device = transmitter(port, **other) | {"profile": profile}
    del device["points"], device["conditions"]
    return device


def silence_detector(port: int, *, hold: str = "1s", wire_address: int = 0) -> Section:
    """Return a device whose first discrete input is a silence detector's contact."""
    point = {"table": "discrete_input", "wire_address": wire_address, "true_delay_max": hold}
    sound = {"layer": "content", "reason": "silence", "true_when": "not audio_silent"}
    return {
        "name": "机房开关量",
        **CONTINUITY,
        "poll_every": "200ms",
        "modbus": {"address": LOCALHOST, "port": port, "unit_id": 1},
        "points": {"audio_silent": point},
        "conditions": {"sound_present": sound},
    }


def programme(*needs: str, name: str = "县广播 98.6 MHz", **other: Any) -> Section:
    """Return a programme that is always on; each expression is a stage, from the source onward."""
    chain = [
        {"stage": f"stage_{place}", "owner": "own", "needs": expression}
        for place, expression in enumerate(needs, start=1)
    ]
    return {
        "name": name,
        "chain": chain,
        "off_air": {"open_after": "0s", "clear_after": "1s", "severity": "critical"},
        "blind": BLIND_LATE,
    } | other


def hook(port: int, deadline: str = "2s") -> Section:
    """Return a webhook channel whose URL is secret in its path and in its query."""
    url = f"http://{LOCALHOST}:{port}/hook/{TOKEN}?key={TOKEN}"
    return {"kind": "webhook", "url": url, "deadline": deadline}


def site(
    devices: Section,
    programmes: Section,
    *,
    channels: Section | None = None,
    people: Section | None = None,
    record: str = "record",
) -> Section:
    """Return a whole configuration; by default the console reports to the duty desk."""
    desk = {"name": "值机台", "language": "en", "tell": ["console"]}
    return {
        "site": {
            "id": "dabie_hill",
            "name": "大别山发射台",
            "time_zone": "Asia/Shanghai",
            "clock": "host",
        },
        "devices": devices,
        "programmes": programmes,
        "people": people or {"duty_desk": desk},
        "channels": {"console": {"kind": "console"}} | (channels or {}),
        "record": {"folder": record},
        "listen": {"address": LOCALHOST, "port": free_port(socket.SOCK_STREAM)},
    }


class _Plain(yaml.SafeDumper):
    """Writes out every value: anchors are refused, and rightly."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def write_site(
    folder: Path, configuration: Section | str, communities: dict[str, str] | None = None
) -> Path:
    """Write configuration and community files; return the configuration's path."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for name, community in ({"fm1": COMMUNITY} | (communities or {})).items():
        file = secrets / name
        file.touch(mode=0o600)
        file.write_text(f"{community}\n", encoding="utf-8")
    path = folder / "monitord.yaml"
    if not isinstance(configuration, str):
        configuration = yaml.dump(configuration, Dumper=_Plain, allow_unicode=True, sort_keys=False)
    path.write_text(configuration, encoding="utf-8")
    return path


# Waiting.


async def until(look: Callable[[], Awaitable[T] | T], what: str, within_s: float = PATIENCE_S) -> T:
    """Look again and again until what is seen is true; return it. Fails with what was seen last."""
    seen: T | None = None
    try:
        async with asyncio.timeout(within_s):
            while True:
                found = look()
                seen = await found if isawaitable(found) else found
                if seen:
                    return seen
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:g} s: {what}; last seen: {seen!r}") from None


# What the daemon shows.


@dataclass(frozen=True, slots=True)
class Metrics:
    """One scrape. ``text``: as it came; ``samples``: (name, labels) to value."""

    text: str
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]

    def value(self, name: str, **labels: str) -> float | None:
        """Return one sample, None where there is none."""
        return self.samples.get((f"monitord_{name}", frozenset(labels.items())))

    def states(self, programme: str) -> list[str]:
        """Return every state whose gauge is not 0."""
        found = [
            dict(labels)["state"]
            for (name, labels), value in self.samples.items()
            if name == "monitord_programme_state"
            and ("programme", programme) in labels
            and value != 0
        ]
        return sorted(found)


def parse(text: str) -> Metrics:
    """Return a scrape's samples."""
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return Metrics(text, samples)


@dataclass(slots=True)
class Daemon:
    """``async with Daemon(path)``: ``monitord run path``, ready; it is ended whatever happens.

    ``out`` and ``err``: the lines of its two streams so far; ``scrapes``: every scrape made.
    """

    path: Path
    secrets: Sequence[str] = SECRETS
    prefix: Sequence[str] = ()
    """A program that runs it, such as one that sets a limit."""
    command: Sequence[str] = ()
    """In the place of ``monitord run path``."""
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    scrapes: list[Metrics] = field(default_factory=list)
    _process: Process | None = None
    _readers: list[asyncio.Task[None]] = field(default_factory=list)
    _command_line: str = ""

    async def __aenter__(self) -> Self:
        await self.start()
        try:
            await self.ready()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.kill()
        if error is None:
            self.shows_no_secret()
        else:
            error.add_note("\n".join(["the daemon wrote:", *self.out, *self.err]))

    async def start(self) -> None:
        """Start it, and read what it writes."""
        process = await asyncio.create_subprocess_exec(
            *self.prefix, *(self.command or (*RUN, str(self.path))),
            stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True,
            env=os.environ | {"PYTHONUTF8": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._readers = [
            asyncio.create_task(_collect(process.stdout, self.out)),
            asyncio.create_task(_collect(process.stderr, self.err)),
        ]
        self._command_line = _command_line(process.pid)

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        """Where it serves, by its configuration."""
        return int(yaml.safe_load(self.path.read_text("utf-8"))["listen"]["port"])

    async def get(self, path: str) -> tuple[int, str]:
        """Return status and text of one of its pages; status 0 where nobody listens."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://{LOCALHOST}:{self.port}{path}") as answer,
            ):
                return answer.status, await answer.text()
        except aiohttp.ClientConnectionError:
            return 0, ""

    async def ready(self) -> None:
        """Wait until it says that it is ready. Fails at once where it ends instead."""

        async def look() -> bool:
            assert self._process is not None
            assert self._process.returncode is None, f"it ended: {self.shown()}"
            return (await self.get("/-/ready"))[0] == 200

        await until(look, "the daemon is ready")

    async def metrics(self) -> Metrics:
        """Scrape it once."""
        status, text = await self.get("/metrics")
        assert status == 200, f"/metrics: {status}; {self.shown()}"
        self.scrapes.append(parse(text))
        return self.scrapes[-1]

    async def state(self, programme: str, state: str) -> Metrics:
        """Wait until a programme is in a state; return the scrape that says so."""

        async def look() -> Metrics | None:
            found = await self.metrics()
            return found if found.states(programme) == [state] else None

        return await until(look, f"{programme} is {state}")

    async def shows(self, name: str, value: float, **labels: str) -> None:
        """Wait until a metric has a value: the page of metrics is up to a second old."""

        async def look() -> bool:
            return (await self.metrics()).value(name, **labels) == value

        await until(look, f"{name} is {value}")

    async def logged(self, *words: str) -> str:
        """Wait for a log line that holds all these words; return it."""
        return await until(
            lambda: next((line for line in self.err if all(w in line for w in words)), ""),
            f"a log line with {words} in {self.err[-20:]}",
        )

    async def end(self, number: signal.Signals | None = signal.SIGTERM) -> int:
        """Send a signal (None: it ends by itself) and return the exit code."""
        assert self._process is not None
        if number is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                code = await self._process.wait()
                await asyncio.gather(*self._readers)
        except TimeoutError:
            raise AssertionError(f"it does not end: {self.shown()}") from None
        return code

    async def stop(self) -> int:
        """End it by SIGTERM; return the exit code."""
        return await self.end()

    async def kill(self) -> None:
        """End it at once, if it has not ended; safe to call twice."""
        if self._process is None:
            return
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await asyncio.gather(*self._readers)

    def shown(self) -> str:
        """Return everything it has shown so far, its command line and last scrape included."""
        scrapes = [scrape.text for scrape in self.scrapes]
        return "\n".join([self._command_line, *self.out, *self.err, *scrapes[:1], *scrapes[-1:]])

    def shows_no_secret(self) -> None:
        """Hold what must hold in every run."""
        shown = self.shown()
        assert [secret for secret in self.secrets if secret in shown] == []
        assert "Traceback" not in shown, shown


def _command_line(pid: int) -> str:
    """Return what ``ps`` shows to everybody on the machine."""
    return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")


async def _collect(stream: asyncio.StreamReader, lines: list[str]) -> None:
    async for raw in stream:
        lines.append(raw.decode("utf-8", errors="replace").rstrip("\n"))
        assert len(lines) < MANY_LINES, "it writes without end"


async def run_to_end(path: Path, prefix: Sequence[str] = ()) -> tuple[int, Daemon]:
    """Run a daemon that cannot start; return its exit code and what it showed."""
    daemon = Daemon(path, prefix=prefix)
    await daemon.start()
    try:
        code = await daemon.end(None)
    finally:
        await daemon.kill()
    daemon.shows_no_secret()
    return code, daemon


# The desk, and other people's agents.


@asynccontextmanager
async def webhook_sink() -> AsyncIterator[WebhookSink]:
    """Run a webhook that keeps what it gets."""
    sink = WebhookSink()
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


@asynccontextmanager
async def child(*command: str, log: Path, **environment: str) -> AsyncIterator[Process]:
    """Run another program; what it writes goes to ``log``."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=file, stderr=file, env=os.environ | environment,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def answering(
    port: int, community: str, oid: tuple[int, ...], within_s: float = PATIENCE_S
) -> None:
    """Wait until an agent answers."""
    point = SnmpPoint("any", oid, Decoding("number"))
    reader = SnmpReader(SnmpSource(LOCALHOST, port, Community(V2C, community), (point,)))

    async def look() -> bool:
        try:
            await reader.read_raw(0.5)
        except ReadError:
            return False
        return True

    try:
        await until(look, f"the agent at {port} answers", within_s)
    finally:
        await reader.close()
