"""``monitord run``: the daemon in the foreground, until a signal ends it. Decides nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from monitord.app import App
from monitord.cli.invocation import ExitCode
from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.journal.errors import RecordError
from monitord.last_good import last_good, without_address, without_secret
from monitord.logs import set_up_daemon_logs
from monitord.reloading import ConfigFiles
from monitord.systemd.activation import inherited_sockets
from monitord.systemd.notify import Notifier
from monitord.texts.phrases import phrase, rendered
from monitord.web import WebError

log = structlog.get_logger(__name__)

STDERR = 2
RESTART = 1
"""Exit code after a defect of ours: the service manager restarts the daemon."""


def run(path: Path, *, json_logs: bool, level: str, language: str) -> int:
    """Run until SIGTERM or SIGINT and return the exit code.

    What the operator can fix is printed on standard error: mistakes of the configuration in
    ``language``, each in a line, or the one reason why the daemon cannot start.
    """
    set_up_daemon_logs(level, as_json=json_logs, descriptor=STDERR)
    # Until the daemon can reload: a signal that comes earlier ends no start.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    mistakes: dict[str, list[str]] = {}
    try:
        settings = load(path, wall=read_instant().wall)
    except ConfigErrors as errors:
        print("\n".join(errors.render(language)), file=sys.stderr)
        found = _last_good(path, language)
        if found is None:
            return ExitCode.MISTAKES
        settings, mistakes = found, _mistakes(errors, found)
        _log_refused(mistakes["en"], found)
    try:
        asyncio.run(serve(settings, path, mistakes))
    except RecordError as error:
        print(f"monitord: {error.render(language)}", file=sys.stderr)
        return ExitCode.UNAVAILABLE
    except WebError as error:
        print(f"monitord: {rendered(error.args[0], language)}", file=sys.stderr)
        return ExitCode.UNAVAILABLE
    except Exception:
        log.exception("monitord_failed")
        return RESTART
    return ExitCode.OK


def _mistakes(errors: ConfigErrors, running: Settings) -> dict[str, list[str]]:
    """Return by language why the files do not count, and what is missing therefore."""
    missing = [phrase("last_good.no_address", channel=id_) for id_ in without_address(running)]
    missing += [phrase("last_good.no_secret", device=id_) for id_ in without_secret(running)]
    return {
        language: [*errors.render(language), *(rendered(one, language) for one in missing)]
        for language in ("zh", "en")
    }


def _log_refused(lines: Sequence[str], running: Settings) -> None:
    for line in lines:
        log.error("config_refused_last_good_runs", detail=line, kept=running.config_hash)


def _last_good(path: Path, language: str) -> Settings | None:
    """Return the configuration that the record has; None, with the reason printed, where none."""
    try:
        return last_good(path, wall=read_instant().wall)
    except ConfigErrors as errors:
        text = phrase("last_good.unusable").render(language)
        print("\n".join([text, *errors.render(language)]), file=sys.stderr)
        return None


async def serve(
    settings: Settings, path: Path, mistakes: Mapping[str, list[str]] | None = None
) -> None:
    """Run the daemon until a signal. ``mistakes``: of the files, if ``settings`` are older."""
    app = App(
        settings,
        files=ConfigFiles(path, lambda: load(path, wall=read_instant().wall)),
        mistakes=mistakes,
        notifier=Notifier.from_environment(os.environ),
        inherited=inherited_sockets(os.environ),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    loop.add_signal_handler(signal.SIGHUP, app.reload)
    await app.run()
