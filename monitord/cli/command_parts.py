"""What the commands of the command line have in common: how one is added, and shared options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final, TypeAlias

from monitord.cli.argument_types import ArgumentTypes
from monitord.cli.parser import Parser
from monitord.cli.words import LANGUAGES, Words

DEFAULT_CONFIG: Final = Path("/etc/monitord/monitord.yaml")
LANGUAGE_OPTION: Final = "--language"

# argparse gives the type no other name.
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001


class CommandParts:
    """Adds commands and the options that several of them have, in one language."""

    def __init__(self, language: str) -> None:
        self._words = Words(language)
        self._types = ArgumentTypes(self._words)

    def _commands(self, parser: Parser, dest: str, metavar: str) -> Commands:
        title = self._words("help.commands")
        commands = parser.add_subparsers(dest=dest, required=True, metavar=metavar, title=title)
        parser.commands = commands.choices
        return commands

    def _command(self, commands: Commands, name: str, text: str) -> Parser:
        """Add a command; ``text``: the key of its help."""
        summary = self._words(text)
        parser: Parser = commands.add_parser(
            name, words=self._words, help=summary, description=summary
        )
        parser.set_defaults(parser=parser)
        self._language_option(parser)
        return parser

    def _language_option(self, parser: Parser) -> None:
        parser.option(
            LANGUAGE_OPTION,
            type=self._types.one_of(*LANGUAGES),
            metavar="{zh,en}",
            default=argparse.SUPPRESS,
            text="help.language",
        )

    def _json(self, parser: Parser) -> None:
        parser.option("--json", action="store_true", text="help.json")

    def _config(self, parser: Parser) -> None:
        parser.argument(
            "config",
            metavar="CONFIG",
            type=self._types.path,
            nargs="?",
            default=DEFAULT_CONFIG,
            text="help.config",
        )

    def _deadline(self, parser: Parser, text: str) -> None:
        parser.option("--deadline", type=self._types.seconds, metavar="SECONDS", text=text)

    def _file(self, parser: Parser, name: str, text: str, **settings: Any) -> None:
        parser.option(name, type=self._types.path, metavar="FILE", text=text, **settings)

    def _text(self, parser: Parser, name: str, metavar: str, text: str) -> None:
        parser.option(name, type=self._types.name, metavar=metavar, text=text)
