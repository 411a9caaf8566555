"""The command line. Parses, hands over, returns the exit code."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from monitord.cli.arguments import parse

INTERRUPTED = 130
"""What a shell reports of a program that Ctrl-C ended."""


def main(
    arguments: Sequence[str] | None = None, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Run one command and return its exit code, which ``docs/cli.md`` lists.

    ``out`` and ``err``: where it says so, by default the process's own streams.
    """
    _show_any_letter()
    options = parse(arguments, os.environ)
    if out is None and options.command not in ("run", "check"):
        _keep_logs_apart()
    try:
        return _run(options, out or sys.stdout, err or sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED


def _show_any_letter() -> None:
    """Let a terminal without Chinese letters show their codes rather than end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _keep_logs_apart() -> None:
    """Send what a reader logs to standard error, and only the worst of it."""
    from monitord.logs import set_up_logs  # noqa: PLC0415 - see below

    set_up_logs("error")


# Each command is imported when it is wanted: help and usage errors, and the command that somebody
# types at 03:00, should not wait for what they do not need.
def _run(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    if options.command == "run":
        from monitord.cli.run import run  # noqa: PLC0415 - see above

        return run(options.config, json_logs=options.json_logs, level=options.log_level)
    if options.command == "check":
        from monitord.cli.check import run as check  # noqa: PLC0415 - see above

        return check(
            options.config,
            options.explain,
            out,
            options.language,
            as_json=options.json,
        )
    if options.command == "profile":
        return _profile(options, out, err)
    return _ask(options, out, err)


def _profile(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    from monitord.cli import profile, profile_new  # noqa: PLC0415 - see above
    from monitord.cli.common import Invocation, run_command  # noqa: PLC0415 - see above

    invocation = Invocation(Path(), options.language, options.json, out, err)
    match options.what:
        case "check":
            command = partial(profile.run_check, files=options.file)
        case "test":
            command = partial(
                profile.run_test,
                profile=options.profile,
                recording=options.recording,
                rows=options.row,
            )
        case _:
            command = partial(profile_new.run, wanted=profile_new.Wanted.of(options))
    return run_command(invocation, command)


def _ask(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    from monitord.cli import ack, incidents, poll, record, status  # noqa: PLC0415 - see above
    from monitord.cli.common import Invocation, run_command  # noqa: PLC0415 - see above

    invocation = Invocation(options.config, options.language, options.json, out, err)
    match options.command:
        case "poll":
            command = partial(poll.run, device=options.device, deadline_s=options.deadline)
        case "record":
            command = partial(
                record.run,
                device=options.device,
                output=options.output,
                spans=options.registers,
                deadline_s=options.deadline,
            )
        case "status":
            command = partial(status.run, strict=options.strict)
        case "incidents":
            command = partial(incidents.run, limit=options.limit, open_only=options.open)
        case _:
            command = partial(ack.run, incident=options.incident, person=options.person)
    return run_command(invocation, command)


if __name__ == "__main__":
    sys.exit(main())
