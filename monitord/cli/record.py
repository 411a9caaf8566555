"""``monitord record``: records all objects or registers of a device in a file for replay.

Talks to that device only, and only reads. Decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitord import __version__
from monitord.cli.configuration import device_of, settings_of
from monitord.cli.files import check_new_file, write_new
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.words import Words
from monitord.clock import SystemClock
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.recorder import Recorded, Span, record_registers, record_walk
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.sockets import read_error

PATIENCE_S = 3.0
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def run(
    invocation: Invocation,
    *,
    device: str,
    output: Path | None,
    spans: Sequence[Span],
    deadline_s: float | None,
) -> int:
    """Record ``device`` in ``output``, or print the recording on standard output.

    ``spans``: of registers beside those of its points. ``deadline_s``: of one request. Returns 1
    where the walk ended early: what was got is written all the same.
    """
    words = Words(invocation.language)
    check_new_file(output, words)
    found = device_of(invocation, settings_of(invocation), device)
    label = {"device": found.id, "name": found.name, "address": found.source.where}
    if invocation.err.isatty():
        write_lines([words("record.reading", **label)], invocation.err)
    try:
        recorded = asyncio.run(_record(found, spans, deadline_s or PATIENCE_S, words))
    except ReadError as error:
        reason = words.reason(error.kind)
        text = words("record.failed", **label, reason=reason, detail=error.phrase)
        raise CommandError(
            ExitCode.UNAVAILABLE, "unreadable", text, **label, kind=error.kind
        ) from error
    lines = [*_head(found, recorded), *recorded.lines]
    if output is not None:
        write_new(output, lines, words)
    if invocation.as_json:
        document = _document(found, output, recorded)
        write_json(document if output else document | {"lines": lines}, invocation.out)
    else:
        _print_result(invocation, found, output, recorded)
        if output is None:
            write_lines(lines, invocation.out)
    return ExitCode.NOT_OK if recorded.detail else ExitCode.OK


async def _record(
    device: DeviceSettings, spans: Sequence[Span], within_s: float, words: Words
) -> Recorded:
    source = device.source
    if isinstance(source, ModbusSource):
        return await record_registers(source, spans, within_s)
    if not isinstance(source, SnmpSource):
        text = words("record.protocol", device=device.id, protocol=source.protocol)
        raise CommandError(ExitCode.NOT_OK, "unreadable", text, device=device.id)
    reader = SnmpReader(source)
    try:
        return await record_walk(source, reader.link, within_s)
    except OSError as error:
        raise read_error(error, source.address, source.port) from error
    finally:
        await reader.close()


def _head(device: DeviceSettings, recorded: Recorded) -> list[str]:
    """Return the remarks at the top of a recording; nothing in them identifies the station."""
    wall = _BEGINNING + timedelta(microseconds=SystemClock(None).wall())
    at = wall.isoformat(timespec="seconds")
    head = [f"# recorded by monitord {__version__} over {device.source.protocol} at {at}"]
    if recorded.blanked or recorded.left_out:
        head.append(f"# blanked: {recorded.blanked}; left out: {recorded.left_out}")
    if recorded.detail:
        head.append(f"# ended early: {recorded.detail}")
    return head


def _document(device: DeviceSettings, output: Path | None, recorded: Recorded) -> Json:
    return {
        "device": device.id,
        "protocol": device.source.protocol,
        "file": None if output is None else str(output),
        "count": recorded.count,
        "blanked": recorded.blanked,
        "left_out": recorded.left_out,
        "unreadable": recorded.unreadable,
        "ended_early": recorded.detail and str(recorded.detail),
    }


def _print_result(
    invocation: Invocation, device: DeviceSettings, output: Path | None, recorded: Recorded
) -> None:
    """Print the result; on standard error if the recording is on standard output."""
    words = Words(invocation.language)
    is_walk = isinstance(device.source, SnmpSource)
    lines = [words("record.early", detail=recorded.detail)] if recorded.detail else []
    if is_walk:
        counts = {"blanked": recorded.blanked, "left_out": recorded.left_out}
        lines.append(words("record.blanked", **counts))
    if recorded.unreadable:
        lines.append(words("record.unreadable", count=recorded.unreadable))
    if output is None:
        write_lines(lines, invocation.err)
        return
    key = "record.done.objects" if is_walk else "record.done.registers"
    done = words(key, count=recorded.count, device=device.id, file=output)
    write_lines([done, *lines], invocation.out)
