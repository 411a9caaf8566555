"""``monitord profile new``: finds the profile of a device, or drafts one. Only reads the device."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitord.cli.files import check_new_file, read_bytes, recording_in, write_new
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.mib import BYTES_MAX as MIB_BYTES_MAX
from monitord.cli.mib import MibError, MibObject, is_available, read_mibs
from monitord.cli.profile_draft import STANDARD, Draft, draft, object_id_of, recognised
from monitord.cli.suggestions import quoted
from monitord.cli.words import Words
from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.loader.errors import ConfigError, Scope
from monitord.config.profiles.profiles import NAME, SUFFIX, Profiles
from monitord.config.schemas import ProfileSchema
from monitord.devices.model import ReadError
from monitord.devices.recorder import EVERYTHING
from monitord.devices.recordings import Recording, cell_of
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.snmp.walk import walk
from monitord.devices.sockets import read_error

PATIENCE_S = 3.0
_AGENT_KEYS = ("address", "port", "community_file", "user", "auth", "auth_file")


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """The arguments. ``agent``: the keys of a device's section ``snmp``, empty for a walk."""

    name: str
    walk: Path | None
    agent: dict[str, Any]
    mibs: tuple[Path, ...]
    output: Path
    is_draft: bool

    @classmethod
    def of(cls, options: argparse.Namespace) -> DraftRequest:
        """Return the request on the command line."""
        keys = (*_AGENT_KEYS, "priv", "priv_file")
        found = {key: getattr(options, key) for key in keys}
        agent = {key: _plain(value) for key, value in found.items() if value is not None}
        agent["version"] = options.snmp_version
        return cls(
            name=options.name,
            walk=options.walk,
            agent=agent if options.address else {},
            mibs=tuple(options.mib),
            output=options.output or Path(f"{options.name}{SUFFIX}"),
            is_draft=options.draft,
        )


def _plain(value: object) -> object:
    return str(value.resolve()) if isinstance(value, Path) else value


def run(invocation: Invocation, *, request: DraftRequest) -> int:
    """Print the profile that fits the device, or write a draft; return 1 for neither."""
    words = Words(invocation.language)
    _check(request, words)
    recording = _recording(request, words)
    profiles = _shipped()
    object_id = object_id_of(recording.objects())
    known = recognised(profiles, recording.objects())
    document: Json = {"object_id": object_id or None, "known": known, "file": None, "points": 0}
    key = "new.known" if object_id else "new.known_by_objects"
    lines = [
        words(key, object_id=object_id, profile=name, title=profiles[name].title) for name in known
    ]
    if known and not request.is_draft:
        lines.append(words("new.use", profile=known[0]))
        return _print_result(invocation, document, lines, ExitCode.OK)
    if not known:
        key = "new.unknown" if object_id else "new.no_object_id"
        lines.append(words(key, object_id=object_id))
    standard = {name: profiles[name] for name in STANDARD}
    made = draft(request.name, recording, standard, _mib(request, words))
    if not made.points:
        return _print_result(invocation, document, [*lines, words("new.nothing")], ExitCode.NOT_OK)
    write_new(request.output, made.lines(), words)
    document |= {"file": str(request.output), "points": len(made.points)}
    lines += _drafted(made, request, words)
    return _print_result(invocation, document, lines, ExitCode.OK)


def _check(request: DraftRequest, words: Words) -> None:
    """Raise ``CommandError`` for arguments that cannot work, before any device is read."""
    if request.walk is None and not request.agent:
        raise CommandError(ExitCode.NOT_OK, "no_source", words("new.no_source"))
    if not NAME.fullmatch(request.name) or request.name in Profiles().names():
        text = words("new.bad_name", name=quoted(request.name))
        raise CommandError(ExitCode.NOT_OK, "bad_name", text, name=request.name)
    check_new_file(request.output, words)
    if request.mibs and not is_available():
        raise CommandError(ExitCode.UNAVAILABLE, "no_mib", words("new.no_mib"))


def _recording(request: DraftRequest, words: Words) -> Recording:
    if request.walk is not None:
        return recording_in(request.walk, words)
    scope = Scope("--community-file")
    source = PROTOCOLS["snmp"].read_source(request.agent, Path(), scope)
    if not isinstance(source, SnmpSource):
        text = "\n".join(_option_error(error, words) for error in scope.errors)
        raise CommandError(ExitCode.NOT_OK, "bad_agent", text)
    try:
        return asyncio.run(_walked(source))
    except ReadError as error:
        text = words(
            "new.unreachable",
            address=source.where,
            reason=words.reason(error.kind),
            detail=error.phrase,
        )
        raise CommandError(ExitCode.UNAVAILABLE, "unreadable", text, kind=error.kind) from error


def _option_error(error: ConfigError, words: Words) -> str:
    """Return an error of a device's key as one of the option that sets it."""
    option = f"--{error.key_path.replace('_', '-')}"
    return replace(error, file=option, key_path="").render(words.language)


async def _walked(source: SnmpSource) -> Recording:
    reader = SnmpReader(source)
    try:
        got = await walk(reader.link, EVERYTHING, timeout_s=PATIENCE_S)
    except OSError as error:
        raise read_error(error, source.address, source.port) from error
    finally:
        await reader.close()
    return Recording(cells=[cell_of(one) for one in got.cells if not one.problem])


def _shipped() -> dict[str, ProfileSchema]:
    profiles = Profiles()
    found = {name: profiles.find(name, Scope(""))[0] for name in profiles.names()}
    return {name: profile for name, profile in found.items() if profile is not None}


def _mib(request: DraftRequest, words: Words) -> list[MibObject]:
    if not request.mibs:
        return []
    try:
        return read_mibs((path, read_bytes(path, MIB_BYTES_MAX, words)) for path in request.mibs)
    except MibError as error:
        text = words("new.bad_mib", file=error.file, detail=error)
        raise CommandError(ExitCode.UNAVAILABLE, "bad_mib", text) from error


def _drafted(made: Draft, request: DraftRequest, words: Words) -> list[str]:
    return [
        words("new.drafted", file=request.output, points=len(made.points)),
        words("new.next", file=request.output),
    ]


def _print_result(invocation: Invocation, document: Json, lines: list[str], code: int) -> int:
    if invocation.as_json:
        write_json(document, invocation.out)
    else:
        write_lines(lines, invocation.out)
    return code
