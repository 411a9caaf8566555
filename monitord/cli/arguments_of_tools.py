"""What may be written after ``monitord profile``, and kinds of arguments of tools. Runs nothing."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from monitord.cli.profile_rows import RowGiven

TABLES = ("coil", "discrete_input", "input_register", "holding_register")
_SPAN = re.compile(r"([a-z_]+):([0-9]{1,5})(?:-([0-9]{1,5}))?")
_ROW = re.compile(r"([a-z][a-z0-9_]*)=(?:([0-9]+(?:\.[0-9]+)*)|([a-z][a-z0-9_]*):(.+))")

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse gives its type no other name


def profile_commands(
    commands: Commands[argparse.ArgumentParser],
) -> list[argparse.ArgumentParser]:
    """Add ``profile`` and return its commands."""
    profile = commands.add_parser("profile", help="check, test or draft a device profile")
    kinds = profile.add_subparsers(dest="what", required=True, metavar="WHAT")
    check = kinds.add_parser("check", help="say everything that is wrong with profile files")
    check.add_argument("file", type=Path, nargs="+", metavar="FILE")
    test = kinds.add_parser("test", help="show what a profile makes of a recording")
    test.add_argument("profile", metavar="PROFILE", help="a file, or the name of a shipped one")
    test.add_argument("recording", type=Path, metavar="WALK", help="a walk or dump of registers")
    test.add_argument(
        "--row",
        type=row,
        action="append",
        default=[],
        metavar="NAME=INDEX",
        help="a row of the profile, such as interface=17 or interface=name:Gi0/17",
    )
    return [check, test, _new(kinds)]


def _new(kinds: Commands[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    new = kinds.add_parser("new", help="draft a profile from a device or a walk of one")
    new.add_argument("name", metavar="NAME", help="of the profile, such as my-transmitter")
    new.add_argument("--walk", type=Path, metavar="FILE", help="a walk, as record writes it")
    new.add_argument("--address", metavar="HOST", help="a live SNMP agent; it is only read")
    new.add_argument("--port", type=_port, default=161)
    new.add_argument("--version", choices=("1", "2c", "3"), default="2c", dest="snmp_version")
    new.add_argument("--community-file", type=Path, metavar="FILE", help="versions 1 and 2c")
    new.add_argument("--user", help="version 3")
    new.add_argument("--auth", help="version 3, such as sha256")
    new.add_argument("--auth-file", type=Path, metavar="FILE")
    new.add_argument("--priv", help="version 3, such as aes128")
    new.add_argument("--priv-file", type=Path, metavar="FILE")
    new.add_argument(
        "--mib", type=Path, action="append", default=[], metavar="FILE", help="its vendor's MIB"
    )
    new.add_argument("--output", type=Path, metavar="FILE", help="a new file (default: NAME.yaml)")
    new.add_argument(
        "--draft", action="store_true", help="draft one even where a profile knows the device"
    )
    return new


def span(text: str) -> tuple[str, int, int]:
    """Return (table, first, last) of registers."""
    match = _SPAN.fullmatch(text)
    if match and match[1] in TABLES:
        first = int(match[2])
        last = int(match[3] or first)
        if first <= last <= 0xFFFF:
            return match[1], first, last
    raise argparse.ArgumentTypeError(
        f"{text!r} is not such as input_register:0-99; tables are {', '.join(TABLES)}"
    )


def row(text: str) -> RowGiven:
    """Return a row of a profile and where it is."""
    match = _ROW.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not such as port=17 or port=name:Gi0/17")
    if match[2]:
        return RowGiven(match[1], tuple(map(int, match[2].split("."))))
    return RowGiven(match[1], (), match[3], match[4])


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= 0xFFFF):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port 1..65535")
    return int(text)
