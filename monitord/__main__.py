"""The command line. Parses, hands over, returns the exit code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from monitord import __version__

DEFAULT_CONFIG = Path("/etc/monitord/monitord.yaml")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 for fine, 2 for configuration, 3 for cannot start."""
    options = _parser().parse_args(arguments)
    # Imported late: help and usage errors should not wait for what they do not need.
    if options.command == "check":
        from monitord.cli.check import run as check  # noqa: PLC0415

        return check(options.config, options.explain, sys.stdout, options.language)
    from monitord.cli.run import run  # noqa: PLC0415

    return run(options.config, json_logs=options.json_logs, level=options.log_level)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="monitord", description="Watches a broadcast transmitter site and its playout chain."
    )
    parser.add_argument("--version", action="version", version=f"monitord {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="watch the site until SIGTERM or Ctrl-C")
    run.add_argument("--json-logs", action="store_true", help="one JSON object a log line")
    run.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    check = commands.add_parser("check", help="say everything that is wrong with a configuration")
    check.add_argument(
        "--explain", action="store_true", help="what is watched, judged, told, and what is not"
    )
    check.add_argument("--language", default="en", choices=("zh", "en"))
    for command in (run, check):
        command.add_argument("config", type=Path, nargs="?", default=DEFAULT_CONFIG)
    return parser


if __name__ == "__main__":
    sys.exit(main())
