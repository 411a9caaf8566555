"""The command line: commands, their arguments and their help. Runs nothing."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from monitord import __version__
from monitord.cli.argument_types import ArgumentTypes
from monitord.cli.command_parts import DEFAULT_CONFIG, LANGUAGE_OPTION, CommandParts, Commands
from monitord.cli.parser import Parser
from monitord.cli.words import LANGUAGES, Words
from monitord.core.decision_bodies import Verdict
from monitord.core.site_state import Where

LOG_LEVELS: Final = ("debug", "info", "warning", "error")
SNMP_VERSIONS: Final = ("1", "2c", "3")


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> argparse.Namespace:
    """Return the parsed arguments; the configuration may come before or after the options.

    Raises ``UsageError``; ``--help`` and ``--version`` print on standard output and exit with 0.
    """
    language = language_of(arguments, environment)
    whole = CommandLine(language).whole
    whole.check_placed(arguments)
    options, rest = whole.parse_known_args(arguments)
    # argparse ends the positional arguments at an option, so a file after it is in the rest.
    if rest and not rest[0].startswith("-") and getattr(options, "config", None) == DEFAULT_CONFIG:
        options.config = _config_path(rest.pop(0), options)
    if rest:
        options.parser.fail_unknown(rest[0])
    options.parser.check_required(options)
    return options


def _config_path(text: str, options: argparse.Namespace) -> Path:
    try:
        return ArgumentTypes(Words(options.language)).path(text)
    except argparse.ArgumentTypeError as error:
        parser: Parser = options.parser
        parser.error(f"argument CONFIG: {error}")


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return zh or en: as ``--language`` says, else by LC_ALL, LC_MESSAGES, LANG, else en.

    Read before the command line is parsed, so that its errors are in the same language.
    """
    for argument, following in pairwise((*arguments, "")):
        name, _, value = argument.partition("=")
        is_option = len(name) > len("--l") and LANGUAGE_OPTION.startswith(name)
        if is_option and (value or following) in LANGUAGES:
            return value or following
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


class CommandLine(CommandParts):
    """Builds the parser of the whole command line in one language."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.whole = Parser(
            prog="monitord", words=self._words, description=self._words("help.monitord")
        )
        version = f"monitord {__version__}"
        self.whole.option("--version", action="version", version=version, text="help.version")
        self.whole.set_defaults(language=language)
        self._language_option(self.whole)
        commands = self._commands(self.whole, "command", "COMMAND")
        self._run(commands)
        self._check(commands)
        self._poll(commands)
        self._status(commands)
        self._incidents(commands)
        self._ack(commands)
        self._settle(commands)
        self._false_alarm(commands)
        self._site_state(commands)
        self._report(commands)
        self._reload(commands)
        self._clock(commands)
        self._record(commands)
        self._backups(commands)
        self._profile(commands)

    def _run(self, commands: Commands) -> None:
        run = self._command(commands, "run", "help.run")
        run.option("--json-logs", action="store_true", text="help.json_logs")
        run.option(
            "--log-level",
            type=self._types.one_of(*LOG_LEVELS),
            default="info",
            metavar=f"{{{','.join(LOG_LEVELS)}}}",
            text="help.log_level",
        )
        self._config(run)

    def _check(self, commands: Commands) -> None:
        check = self._command(commands, "check", "help.check")
        check.option("--explain", action="store_true", text="help.explain")
        self._json(check)
        self._config(check)

    def _poll(self, commands: Commands) -> None:
        poll = self._command(commands, "poll", "help.poll")
        poll.argument("device", metavar="DEVICE", type=self._types.id, text="help.device")
        self._deadline(poll, "help.poll.deadline")
        self._json(poll)
        self._config(poll)

    def _status(self, commands: Commands) -> None:
        status = self._command(commands, "status", "help.status")
        status.option("--strict", action="store_true", text="help.strict")
        self._json(status)
        self._config(status)

    def _incidents(self, commands: Commands) -> None:
        incidents = self._command(commands, "incidents", "help.incidents")
        incidents.option(
            "--limit", type=self._types.count, default=20, metavar="N", text="help.limit"
        )
        incidents.option("--open", action="store_true", text="help.open")
        self._json(incidents)
        self._config(incidents)

    def _report(self, commands: Commands) -> None:
        report = self._command(commands, "report", "help.report")
        for name in ("from", "to"):
            report.required_option(
                f"--{name}", type=self._types.moment, metavar="TIME", text=f"help.report.{name}"
            )
        report.option("--csv", action="store_true", text="help.report.csv")
        self._json(report)
        self._config(report)

    def _reload(self, commands: Commands) -> None:
        reload = self._command(commands, "reload", "help.reload")
        reload.option("--dry-run", action="store_true", text="help.dry_run")
        self._json(reload)
        self._config(reload)

    def _backups(self, commands: Commands) -> None:
        for name in ("backup", "restore", "verify"):
            command = self._command(commands, name, f"help.{name}")
            if name == "verify":
                self._file(command, "--backup", "help.verify.file")
            else:
                command.argument(
                    "file", metavar="FILE", type=self._types.path, text="help.backup.file"
                )
            self._json(command)
            self._config(command)

    def _ack(self, commands: Commands) -> None:
        ack = self._command(commands, "ack", "help.ack")
        ack.argument("incident", metavar="INCIDENT", type=self._types.id, text="help.incident")
        ack.required_option("--person", metavar="ID", type=self._types.name, text="help.person")
        self._json(ack)
        self._config(ack)

    def _settle(self, commands: Commands) -> None:
        types = self._types
        settle = self._command(commands, "settle", "help.settle")
        settle.argument("spans", metavar="SPANS", type=types.spans, text="help.spans")
        settle.required_option(
            "--verdict",
            metavar="{off_air,on_air}",
            type=types.one_of(*Verdict),
            text="help.verdict",
        )
        settle.required_option("--as", metavar="ID", type=types.name, text="help.settled_by")
        settle.option("--programme", metavar="ID", type=types.name, text="help.settle.programme")
        settle.option("--note", metavar="TEXT", type=types.name, text="help.note")
        self._json(settle)
        self._config(settle)

    def _false_alarm(self, commands: Commands) -> None:
        types = self._types
        alarm = self._command(commands, "false-alarm", "help.false_alarm")
        alarm.argument("incident", metavar="INCIDENT", type=types.id, text="help.incident")
        alarm.required_option("--as", metavar="ID", type=types.name, text="help.marked_by")
        alarm.required_option("--saw", metavar="TEXT", type=types.name, text="help.saw")
        self._json(alarm)
        self._config(alarm)

    def _clock(self, commands: Commands) -> None:
        clock = self._command(commands, "clock", "help.clock")
        whats = self._commands(clock, "what", "COMMAND")
        status = self._command(whats, "status", "help.clock.status")
        self._json(status)
        self._config(status)
        adopt = self._command(whats, "adopt", "help.clock.adopt")
        adopt.required_option("--as", metavar="ID", type=self._types.name, text="help.adopted_by")
        adopt.option("--time", metavar="TIME", type=self._types.time, text="help.clock.time")
        adopt.option("--sure", action="store_true", text="help.clock.sure")
        self._json(adopt)
        self._config(adopt)

    def _site_state(self, commands: Commands) -> None:
        types = self._types
        state = self._command(commands, "site-state", "help.site_state")
        actions = self._commands(state, "what", "COMMAND")
        begun = self._command(actions, "set", "help.site_state.set")
        begun.required_option(
            "--where", metavar="PLACE", type=types.one_of(*Where), text="help.where"
        )
        begun.required_option("--who", metavar="NAME", type=types.name, text="help.who")
        begun.option("--device", metavar="ID", type=types.name, text="help.where.device")
        begun.option("--ticket", metavar="TEXT", type=types.name, text="help.ticket")
        ended = self._command(actions, "clear", "help.site_state.clear")
        ended.argument("number", metavar="NUMBER", type=types.count, text="help.site_state.number")
        for each in (begun, ended):
            each.required_option("--as", metavar="ID", type=types.name, text="help.said_by")
            self._json(each)
            self._config(each)

    def _record(self, commands: Commands) -> None:
        record = self._command(commands, "record", "help.record")
        record.argument("device", metavar="DEVICE", type=self._types.id, text="help.device")
        self._file(record, "--output", "help.record.output")
        record.option(
            "--registers",
            type=self._types.span,
            action="append",
            default=[],
            metavar="TABLE:FIRST-LAST",
            text="help.registers",
        )
        self._deadline(record, "help.record.deadline")
        self._json(record)
        self._config(record)

    def _profile(self, commands: Commands) -> None:
        profile = self._command(commands, "profile", "help.profile")
        commands = self._commands(profile, "what", "COMMAND")
        self._profile_check(commands)
        self._profile_test(commands)
        self._profile_new(commands)

    def _profile_check(self, commands: Commands) -> None:
        check = self._command(commands, "check", "help.profile.check")
        check.argument(
            "file", metavar="FILE", type=self._types.path, nargs="+", text="help.profile.files"
        )
        self._json(check)

    def _profile_test(self, commands: Commands) -> None:
        test = self._command(commands, "test", "help.profile.test")
        test.argument(
            "profile", metavar="PROFILE", type=self._types.path, text="help.profile.profile"
        )
        test.argument("recording", metavar="WALK", type=self._types.path, text="help.profile.walk")
        test.option(
            "--row",
            type=self._types.row,
            action="append",
            default=[],
            metavar="NAME=INDEX",
            text="help.row",
        )
        self._json(test)

    def _profile_new(self, commands: Commands) -> None:
        new = self._command(commands, "new", "help.profile.new")
        new.argument("name", metavar="NAME", type=self._types.name, text="help.profile.name")
        self._file(new, "--walk", "help.new.walk")
        self._text(new, "--address", "HOST", "help.new.address")
        new.option("--port", type=self._types.port, default=161, metavar="N", text="help.new.port")
        new.option(
            "--version",
            type=self._types.one_of(*SNMP_VERSIONS),
            default="2c",
            dest="snmp_version",
            metavar="{1,2c,3}",
            text="help.new.version",
        )
        self._file(new, "--community-file", "help.new.community_file")
        self._text(new, "--user", "NAME", "help.new.user")
        self._text(new, "--auth", "PROTOCOL", "help.new.auth")
        self._file(new, "--auth-file", "help.new.auth_file")
        self._text(new, "--priv", "PROTOCOL", "help.new.priv")
        self._file(new, "--priv-file", "help.new.priv_file")
        self._file(new, "--mib", "help.new.mib", action="append", default=[])
        self._file(new, "--output", "help.new.output")
        new.option("--draft", action="store_true", text="help.new.draft")
        self._json(new)
