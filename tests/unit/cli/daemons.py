"""A daemon that gives one answer, and commands run beside it. Owns no test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from monitord.control.server import Control
from tests.unit.cli.commands import Printed, monitord

Answers = Callable[[dict[str, Any]], dict[str, Any]]


@asynccontextmanager
async def daemon(station: Path, answer: Answers) -> AsyncIterator[None]:
    """Serve the control socket of a daemon that gives one answer to every command."""

    async def command(request: dict[str, Any]) -> dict[str, Any]:
        return answer(request)

    served: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]]
    names = ("status", "ack", "settle", "false_alarm", "site_state_set", "site_state_clear")
    names += ("clock", "clock_adopt")
    served = dict.fromkeys(names, command)
    control = Control(station.parent / "record", served)
    await control.start()
    try:
        yield
    finally:
        await control.close()


async def asked(
    station: Path, answer: Answers, *arguments: object, language: str = "en"
) -> Printed:
    """Run a command beside that daemon."""
    async with daemon(station, answer):
        return await asyncio.to_thread(monitord, *arguments, station, language=language)


async def status_of(
    station: Path, status: dict[str, Any], *options: str, language: str = "en"
) -> Printed:
    """Run ``status`` beside a daemon that answers with ``status``."""
    answer = {"ok": True, "status": status}
    return await asked(station, lambda _: answer, "status", *options, language=language)
