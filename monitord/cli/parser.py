"""argparse in Chinese and English: help and usage errors. Knows no command of monitord."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NoReturn

from monitord.cli.suggestions import quoted, suggestion
from monitord.cli.words import Words

# argparse has its messages in English only: these, in Python 3.11 to 3.14.
_ARGUMENT: Final = re.compile(r"argument (?P<argument>\S+): (?P<message>.*)", re.DOTALL)
_CHOICE: Final = re.compile(r"invalid choice: '(?P<value>.*)' \(.*\)", re.DOTALL)
_MESSAGES: Final = (
    ("usage.value_missing", re.compile(r"expected (?:one|at least one) argument")),
    ("usage.no_value", re.compile(r"ignored explicit argument '(?P<value>.*)'", re.DOTALL)),
    ("usage.missing", re.compile(r"the following arguments are required: (?P<arguments>.*)")),
    ("usage.ambiguous", re.compile(r"ambiguous option: (?P<value>.*) could match (?P<names>.*)")),
)


class UsageError(Exception):
    """A command line that cannot be parsed; its text is the usage and the mistake."""


class Parser(argparse.ArgumentParser):
    """Raises ``UsageError`` where argparse would print in English and exit.

    ``option_names``, ``commands``: what may be written, for suggestions.
    """

    def __init__(self, *, words: Words, **settings: Any) -> None:
        formatter = partial(_Formatter, words("usage.prefix"))
        super().__init__(**settings, add_help=False, formatter_class=formatter)
        self.option_names: list[str] = []
        self._required: list[str] = []
        self.commands: Mapping[str, Parser] = {}
        self._words = words
        self._positional_group = self.add_argument_group(words("help.arguments"))
        self._option_group = self.add_argument_group(words("help.options"))
        self.option("-h", "--help", action="help", text="help.help")

    def argument(self, name: str, *, text: str, **settings: Any) -> None:
        """Add a positional argument; ``text``: the key of its help."""
        self._positional_group.add_argument(name, help=self._words(text), **settings)

    def option(self, *names: str, text: str, **settings: Any) -> None:
        """Add an option; ``text``: the key of its help."""
        self.option_names += names
        self._option_group.add_argument(*names, help=self._words(text), **settings)

    def required_option(self, name: str, *, text: str, **settings: Any) -> None:
        """Add an option that must be given; a misspelt one is reported before a missing one."""
        self.option(name, text=text, **settings)
        self._required.append(name)

    def check_placed(self, arguments: Sequence[str]) -> None:
        """Raise ``UsageError`` for an option of a command that is written before the command."""
        rest = list(arguments)
        while rest and rest[0].startswith("-"):
            name, is_whole, _ = rest.pop(0).partition("=")
            own = [option for option in self.option_names if option.startswith(name)]
            if not own and any(name in one.option_names for one in self.commands.values()):
                self.fail(self._words("usage.before_command", option=name))
            if any(self._takes_value(option) for option in own) and not is_whole:
                del rest[:1]
        command = self.commands.get(rest[0]) if rest else None
        if command is not None and command.commands:
            command.check_placed(rest[1:])

    def _takes_value(self, option: str) -> bool:
        return any(option in one.option_strings and one.nargs != 0 for one in self._actions)

    def check_required(self, options: argparse.Namespace) -> None:
        """Raise ``UsageError`` for the required options that were not given."""
        missing = [n for n in self._required if getattr(options, n.strip("-")) is None]
        if missing:
            self.fail(self._words("usage.missing", arguments=", ".join(missing)))

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError`` for a message that argparse has formatted."""
        if match := _ARGUMENT.fullmatch(message):
            self.fail(self._argument_text(**match.groupdict()))
        self.fail(self._text(message))

    def fail(self, text: str) -> NoReturn:
        """Raise ``UsageError`` with the usage of this command and a text in its language."""
        lines = (
            self.format_usage().rstrip(),
            self._words("usage.line", program=self.prog, text=text),
            self._words("usage.more", program=self.prog),
        )
        raise UsageError("\n".join(lines))

    def fail_unknown(self, argument: str) -> NoReturn:
        """Raise ``UsageError`` for an argument that no definition takes."""
        if not argument.startswith("-"):
            self.fail(self._words("usage.too_many", argument=quoted(argument)))
        option = argument.partition("=")[0]
        hint = suggestion(option, self.option_names, self._words)
        self.fail(self._words("usage.unknown_option", option=quoted(option), hint=hint))

    def _argument_text(self, argument: str, message: str) -> str:
        if match := _CHOICE.fullmatch(message):
            value = match["value"]
            hint = suggestion(value, list(self.commands), self._words)
            return self._words("usage.unknown_command", command=quoted(value), hint=hint)
        return self._words("usage.argument", argument=argument, text=self._text(message))

    def _text(self, message: str) -> str:
        """Return the translation; a message of our own argument types is translated already."""
        for key, pattern in _MESSAGES:
            if match := pattern.fullmatch(message):
                shown = "usage.missing_command" if key == "usage.missing" and self.commands else key
                names = self._words.listed(self.commands)
                return self._words(shown, **{"commands": names} | match.groupdict())
        return message


class _Formatter(argparse.HelpFormatter):
    """Help whose word for *usage* is in the reader's language."""

    def __init__(self, usage_word: str, prog: str) -> None:
        super().__init__(prog)
        self._usage_word = usage_word

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Add the usage line. argparse gives "" as ``prefix`` for the name of a subcommand."""
        super().add_usage(usage, actions, groups, self._usage_word if prefix is None else prefix)
