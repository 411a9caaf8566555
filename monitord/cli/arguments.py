"""What may be written after ``monitord``: commands, their arguments, their help. Runs nothing."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from monitord import __version__
from monitord.cli.arguments_of_tools import Commands, profile_commands, span

DEFAULT_CONFIG: Final = Path("/etc/monitord/monitord.yaml")
DEADLINE_S_MAX: Final = 600.0
LIMIT_MAX: Final = 100_000


def parse(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> argparse.Namespace:
    """Return what was asked for; the configuration may stand before or after the options.

    Exits with 2 and the usage where it makes no sense.
    """
    whole = parser(environment)
    options, rest = whole.parse_known_args(arguments)
    # argparse gives an optional argument up as soon as an option follows the one before it.
    if (
        len(rest) == 1
        and "config" in options
        and not rest[0].startswith("-")
        and options.config == DEFAULT_CONFIG
    ):
        options.config = Path(rest[0])
    elif rest:
        whole.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """Return the whole command line; ``environment`` says which language is the default."""
    whole = argparse.ArgumentParser(
        prog="monitord", description="Watches a broadcast transmitter site and its playout chain."
    )
    whole.add_argument("--version", action="version", version=f"monitord {__version__}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="watch the site until SIGTERM or Ctrl-C")
    run.add_argument("--json-logs", action="store_true", help="one JSON object a log line")
    run.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    check = commands.add_parser("check", help="say everything that is wrong with a configuration")
    check.add_argument(
        "--explain", action="store_true", help="what is watched, judged, told, and what is not"
    )
    asking = [check, _poll(commands), _status(commands), _incidents(commands), _ack(commands)]
    asking.append(_record(commands))
    for command in (*asking, *profile_commands(commands)):
        command.add_argument("--json", action="store_true", help="for scripts; see docs/cli.md")
        command.add_argument(
            "--language",
            default=language_of(environment),
            choices=("zh", "en"),
            help="default: by LC_ALL, LC_MESSAGES or LANG",
        )
    for command in (run, *asking):
        command.add_argument(
            "config",
            type=Path,
            nargs="?",
            default=DEFAULT_CONFIG,
            help=f"configuration file (default: {DEFAULT_CONFIG})",
        )
    return whole


def _poll(commands: Commands[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    poll = commands.add_parser("poll", help="read one device once and show all that came")
    poll.add_argument("device", help="its id in the configuration")
    poll.add_argument(
        "--deadline",
        type=_seconds,
        metavar="SECONDS",
        help="wait so long for the answer (default: the device's own deadline)",
    )
    return poll


def _status(commands: Commands[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    status = commands.add_parser("status", help="how programmes, devices and messages stand")
    status.add_argument(
        "--strict", action="store_true", help="exit code 1 unless all is well and being watched"
    )
    return status


def _incidents(commands: Commands[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    incidents = commands.add_parser("incidents", help="what happened, newest first")
    incidents.add_argument(
        "--limit", type=_count, default=20, metavar="N", help="at most so many (default: 20)"
    )
    incidents.add_argument("--open", action="store_true", help="only those that are still open")
    return incidents


def _ack(commands: Commands[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    ack = commands.add_parser("ack", help="say that somebody has seen an incident")
    ack.add_argument("incident", help="its id, as in messages and in status")
    ack.add_argument("--person", required=True, help="who: an id of people in the configuration")
    return ack


def _record(commands: Commands[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    record = commands.add_parser("record", help="keep all that one device says in a file")
    record.add_argument("device", help="its id in the configuration")
    record.add_argument(
        "--output", type=Path, metavar="FILE", help="a new file (default: standard output)"
    )
    record.add_argument(
        "--registers",
        type=span,
        action="append",
        default=[],
        metavar="TABLE:FIRST-LAST",
        help="Modbus: wire addresses beside those of its points, such as input_register:0-99",
    )
    record.add_argument(
        "--deadline", type=_seconds, metavar="SECONDS", help="of one request (default: 3)"
    )
    return record


def language_of(environment: Mapping[str, str]) -> str:
    """Return zh where the environment asks for Chinese, else en; the first that is set decides."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environment[name] for name in names if environment.get(name)), "")
    return "zh" if chosen.lower().startswith("zh") else "en"


def _seconds(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= DEADLINE_S_MAX:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds above 0, up to {DEADLINE_S_MAX:g}"
        )
    return seconds


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= LIMIT_MAX):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number 1..{LIMIT_MAX}")
    return int(text)
