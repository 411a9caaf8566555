"""``monitord run``: the daemon in the foreground, until it is told to end. Decides nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog

from monitord.app import App
from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.engine import PendingOverflowed
from monitord.journal.errors import RecordError
from monitord.logs import set_up_logs
from monitord.systemd.activation import take_sockets
from monitord.systemd.notify import Notifier
from monitord.web import WebError

BAD_CONFIGURATION = 2
CANNOT_START = 3
START_AGAIN = 1


def run(path: Path, *, json_logs: bool, level: str) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. Whoever can mend it is told what."""
    set_up_logs(level, as_json=json_logs)
    try:
        settings = load(path, wall=read_instant().wall)
    except ConfigErrors as errors:
        for error in errors.errors:
            print(error, file=sys.stderr)
        return BAD_CONFIGURATION
    try:
        asyncio.run(serve(settings))
    except (RecordError, WebError) as error:
        print(f"monitord: {error}", file=sys.stderr)
        return CANNOT_START
    except PendingOverflowed as error:
        text = f"{error} events were lost while the disk was away; start again"
        print(f"monitord: {text}", file=sys.stderr)
        return START_AGAIN
    except Exception:  # noqa: BLE001 - the last one who can say it in one line
        # A mistake of ours: said in one line, and whoever manages us starts us again.
        structlog.get_logger(__name__).exception("monitord_failed")
        return START_AGAIN
    return 0


async def serve(settings: Settings) -> None:
    """Build the daemon, end it on a signal."""
    app = App(
        settings,
        notifier=Notifier.from_environment(os.environ),
        handed=take_sockets(os.environ),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    await app.run()
