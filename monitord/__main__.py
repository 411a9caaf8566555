"""The command line: parses, calls one command, returns its exit code."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO, TypeAlias

from monitord.cli.arguments import language_of, parse
from monitord.cli.invocation import ExitCode, Invocation, run_command, write_lines
from monitord.cli.parser import UsageError

Command: TypeAlias = Callable[[Invocation], int]


def main(
    arguments: Sequence[str] | None = None, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Run one command and return its exit code, which ``docs/cli.md`` lists.

    ``out`` and ``err``: where it prints, by default the streams of the process.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    is_process = out is None
    out, err = out or sys.stdout, err or sys.stderr
    _escape_unknown_letters()
    try:
        code = _run(arguments, out, err, is_process)
        out.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader has closed its end, as head does
        _discard(out, err)
        return ExitCode.OK
    except OSError as error:  # commands report their own: this is the output, on a full disk
        _discard(out)
        return _report_output(error, arguments, err)
    return code


def _run(arguments: Sequence[str], out: TextIO, err: TextIO, is_process: bool) -> int:
    try:
        options = parse(arguments, os.environ)
    except UsageError as error:
        write_lines(str(error).splitlines(), err)
        return ExitCode.MISTAKES
    except SystemExit as ended:  # argparse has printed the help or the version
        return int(ended.code or 0)
    if options.command == "run":
        return _run_daemon(options)
    if is_process:
        _show_worst_logs_only()
    config = getattr(options, "config", Path())
    invocation = Invocation(config, options.language, options.json, out, err)
    command = _GROUPS.get(options.command, _command)(options)
    return run_command(invocation, command)


def _report_output(error: OSError, arguments: Sequence[str], err: TextIO) -> int:
    from monitord.cli.files import os_reason  # noqa: PLC0415 - see below
    from monitord.cli.words import Words  # noqa: PLC0415 - see below

    words = Words(language_of(arguments, os.environ))
    write_lines([words("output.failed", reason=os_reason(error, words))], err)
    return ExitCode.UNAVAILABLE


def _discard(*streams: TextIO) -> None:
    """Write what is left in the buffers to nowhere: at its end Python flushes them again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _escape_unknown_letters() -> None:
    """Print a letter that the terminal's encoding lacks as its code, such as \\u4e2d."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _show_worst_logs_only() -> None:
    """Log errors only: logs of a device reader do not belong to the result of a command."""
    from monitord.logs import set_up_logs  # noqa: PLC0415 - see below

    set_up_logs("error")


# Each command is imported when it is called: help, usage errors and a command that somebody types
# at night do not wait for the imports of the others.
def _run_daemon(options: argparse.Namespace) -> int:
    from monitord.cli.run import run  # noqa: PLC0415 - see above

    return run(
        options.config,
        json_logs=options.json_logs,
        level=options.log_level,
        language=options.language,
    )


def _command(options: argparse.Namespace) -> Command:
    from monitord.cli import (  # noqa: PLC0415 - as above
        ack,
        check,
        clock,
        false_alarm,
        incidents,
        poll,
        record,
        reload,
        settle,
        site_state,
        status,
    )

    match options.command:
        case "check":
            return partial(check.run, explained=options.explain)
        case "poll":
            return partial(poll.run, device=options.device, deadline_s=options.deadline)
        case "record":
            return partial(
                record.run,
                device=options.device,
                output=options.output,
                spans=options.registers,
                deadline_s=options.deadline,
            )
        case "status":
            return partial(status.run, strict=options.strict)
        case "reload":
            return partial(reload.run, dry_run=options.dry_run)
        case "incidents":
            return partial(incidents.run, limit=options.limit, open_only=options.open)
        case "false-alarm":
            return partial(
                false_alarm.run,
                incident=options.incident,
                person=getattr(options, "as"),
                saw=options.saw,
            )
        case "clock" if options.what == "status":
            return clock.run_status
        case "clock":
            found = {"person": getattr(options, "as"), "time": options.time}
            return partial(clock.run_adopt, **found, is_sure=options.sure)
        case "site-state" if options.what == "set":
            return partial(
                site_state.set_state,
                where=options.where,
                device=options.device or "",
                who=options.who,
                ticket=options.ticket or "",
                person=getattr(options, "as"),
            )
        case "site-state":
            return partial(
                site_state.clear_state, number=options.number, person=getattr(options, "as")
            )
        case "settle":
            return partial(
                settle.run,
                ids=options.spans,
                programme=options.programme or "",
                verdict=options.verdict,
                person=getattr(options, "as"),
                note=options.note or "",
            )
        case _:
            return partial(ack.run, incident=options.incident, person=options.person)


def _profile_command(options: argparse.Namespace) -> Command:
    from monitord.cli import profile, profile_new  # noqa: PLC0415 - see above

    match options.what:
        case "check":
            return partial(profile.run_check, files=options.file)
        case "test":
            return partial(
                profile.run_test,
                profile=str(options.profile),
                recording=options.recording,
                rows=options.row,
            )
        case _:
            return partial(profile_new.run, request=profile_new.DraftRequest.of(options))


def _report_command(options: argparse.Namespace) -> Command:
    from monitord.cli import report  # noqa: PLC0415 - see above

    begin, end = getattr(options, "from"), options.to
    return partial(report.run, begin=begin, end=end, as_csv=options.csv)


def _backup_command(options: argparse.Namespace) -> Command:
    from monitord.cli import backup  # noqa: PLC0415 - see above

    match options.command:
        case "backup":
            return partial(backup.run_backup, file=options.file)
        case "restore":
            return partial(backup.run_restore, file=options.file)
        case _:
            return partial(backup.run_verify, file=options.backup)


_GROUPS: dict[str, Callable[[argparse.Namespace], Command]] = {
    "profile": _profile_command,
    "report": _report_command,
    "backup": _backup_command,
    "restore": _backup_command,
    "verify": _backup_command,
}


if __name__ == "__main__":
    sys.exit(main())
