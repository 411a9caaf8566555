"""``monitord run``: the daemon in the foreground, until a signal ends it. Decides nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog

from monitord.app import App
from monitord.cli.invocation import ExitCode
from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.engine import PendingOverflowed
from monitord.journal.errors import RecordError
from monitord.logs import set_up_logs
from monitord.systemd.activation import inherited_sockets
from monitord.systemd.notify import Notifier
from monitord.texts.phrases import phrase, rendered
from monitord.web import WebError

RESTART = 1
"""Exit code after a defect of ours or lost events: the service manager restarts the daemon."""


def run(path: Path, *, json_logs: bool, level: str, language: str) -> int:
    """Run until SIGTERM or SIGINT and return the exit code.

    What the operator can fix is printed on standard error: mistakes of the configuration in
    ``language``, each in a line, or the one reason why the daemon cannot start.
    """
    set_up_logs(level, as_json=json_logs)
    try:
        settings = load(path, wall=read_instant().wall)
    except ConfigErrors as errors:
        print("\n".join(errors.render(language)), file=sys.stderr)
        return ExitCode.MISTAKES
    try:
        asyncio.run(serve(settings))
    except RecordError as error:
        print(f"monitord: {error.render(language)}", file=sys.stderr)
        return ExitCode.UNAVAILABLE
    except WebError as error:
        print(f"monitord: {rendered(error.args[0], language)}", file=sys.stderr)
        return ExitCode.UNAVAILABLE
    except PendingOverflowed as error:
        text = phrase("events_lost", count=error).render(language)
        print(f"monitord: {text}", file=sys.stderr)
        return RESTART
    except Exception:  # noqa: BLE001 - the last place that can report it in one line
        structlog.get_logger(__name__).exception("monitord_failed")
        return RESTART
    return ExitCode.OK


async def serve(settings: Settings) -> None:
    """Run the daemon until a signal."""
    app = App(
        settings,
        notifier=Notifier.from_environment(os.environ),
        inherited=inherited_sockets(os.environ),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    await app.run()
